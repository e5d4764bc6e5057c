//! Rows of 512 pixels by steps and back: transpositions of 32 x 16 values, in four stages.

use std::arch::x86_64::*;

use super::{store, vector, words};
use crate::codec::k2d::ratio::strips::Lanes;

/// Steps of rows of 512 columns.
pub(super) const STEPS: usize = 16;

/// Order of the 32 values that a stage of a transposition takes from two registers.
type Order = [[u16; 32]; 2];

/// For each of both results of a stage, and each place in it, where the value comes from.
const fn order(stage: Stage) -> Order {
    let mut order = [[0; 32]; 2];
    let mut result = 0;
    while result < 2 {
        let mut place = 0;
        while place < 32 {
            order[result as usize][place as usize] = match stage {
                Stage::First => (place >> 1 & 1) << 5 | (place & 1) << 4 | result << 3 | place >> 2,
                Stage::Riffle => (place & 1) << 5 | result << 4 | place >> 1,
                Stage::Last => {
                    (place >> 1 & 1) << 5 | result << 4 | (place >> 4 & 1) << 3 | (place & 1) << 2 | (place >> 3 & 1) << 1 | place >> 2 & 1
                }
            };
            place += 1;
        }
        result += 1;
    }
    order
}

/// Stages of transpositions. Each exchanges a bit of a register's number with one of the place in it.
enum Stage {
    First,
    Riffle,
    Last,
}

static FIRST: Order = order(Stage::First);
static RIFFLE: Order = order(Stage::Riffle);
static LAST: Order = order(Stage::Last);

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn stage(rows: &[__m512i; STEPS], order: &Order) -> [__m512i; STEPS] {
    let (even, odd) = (words(&order[0]), words(&order[1]));
    let mut result = [_mm512_setzero_si512(); STEPS];
    for row in 0..STEPS / 2 {
        let (low, high) = (rows[row], rows[row + STEPS / 2]);
        result[2 * row] = _mm512_permutex2var_epi16(low, even, high);
        result[2 * row + 1] = _mm512_permutex2var_epi16(low, odd, high);
    }
    result
}

#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn split(line: &[u16; 512], steps: &mut [Lanes; STEPS]) {
    let mut rows = [_mm512_setzero_si512(); STEPS];
    for (row, pixels) in rows.iter_mut().zip(line.as_chunks().0) {
        *row = words(pixels);
    }
    for order in [&FIRST, &RIFFLE, &RIFFLE, &LAST] {
        rows = stage(&rows, order);
    }
    for (step, row) in steps.iter_mut().zip(rows) {
        store(step, row);
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn join(steps: &[Lanes; STEPS], mask: &[u64; 8], line: &mut [u16; 512]) {
    let mut rows = [_mm512_setzero_si512(); STEPS];
    for (row, step) in rows.iter_mut().zip(steps) {
        *row = vector(step);
    }
    for _ in 0..4 {
        rows = stage(&rows, &RIFFLE);
    }
    let masks = mask.iter().flat_map(|&bits| [bits as u32, (bits >> 32) as u32]);
    for ((pixels, row), valid) in line.as_chunks_mut::<32>().0.iter_mut().zip(rows).zip(masks) {
        let row = _mm512_maskz_mov_epi16(valid, _mm512_xor_si512(row, _mm512_set1_epi16(i16::MIN)));
        // SAFETY: 64 bytes, and any alignment is allowed.
        unsafe { _mm512_storeu_si512(pixels.as_mut_ptr().cast(), row) };
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn split_mask(mask: &[u64; 8], steps: &mut [u32; STEPS]) {
    // SAFETY: 64 bytes, and any alignment is allowed.
    let strips = unsafe { _mm512_loadu_si512(mask.as_ptr().cast()) };
    for (column, step) in steps.iter_mut().enumerate() {
        *step = _mm512_test_epi16_mask(strips, _mm512_set1_epi16(1 << column));
    }
}
