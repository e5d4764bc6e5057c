//! Rows of 512 pixels by steps and back: transpositions of 32 x 16 values.

use std::arch::x86_64::*;

use super::{HALF, HALVES, bits, lanes16, store, vector};
use crate::codec::k2d::ratio::strips::Lanes;

/// Steps of rows of 512 columns.
pub(super) const STEPS: usize = 16;

#[inline]
#[target_feature(enable = "avx2")]
fn words(words: &[u16; HALF]) -> __m256i {
    // SAFETY: 32 bytes, and any alignment is allowed.
    unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

/// Moves the top bit of every value's place to the end: five times from rows to steps, four times back.
#[inline]
#[target_feature(enable = "avx2")]
fn riffle(rows: &[__m256i; 32]) -> [__m256i; 32] {
    let mut result = [_mm256_setzero_si256(); 32];
    for row in 0..16 {
        let low = _mm256_unpacklo_epi16(rows[row], rows[row + 16]);
        let high = _mm256_unpackhi_epi16(rows[row], rows[row + 16]);
        result[2 * row] = _mm256_permute2x128_si256::<0x20>(low, high);
        result[2 * row + 1] = _mm256_permute2x128_si256::<0x31>(low, high);
    }
    result
}

#[target_feature(enable = "avx2")]
pub(super) fn split(line: &[u16; 512], steps: &mut [Lanes; STEPS]) {
    let mut rows = [_mm256_setzero_si256(); 32];
    for (row, pixels) in rows.iter_mut().zip(line.as_chunks().0) {
        *row = words(pixels);
    }
    for _ in 0..5 {
        rows = riffle(&rows);
    }
    for (step, row) in steps.iter_mut().zip(rows.as_chunks::<HALVES>().0) {
        store(step, 0, row[0]);
        store(step, 1, row[1]);
    }
}

#[target_feature(enable = "avx2")]
pub(super) fn join(steps: &[Lanes; STEPS], mask: &[u64; 8], line: &mut [u16; 512]) {
    let mut rows = [_mm256_setzero_si256(); 32];
    for (row, step) in rows.as_chunks_mut::<HALVES>().0.iter_mut().zip(steps) {
        *row = [vector(step, 0), vector(step, 1)];
    }
    for _ in 0..4 {
        rows = riffle(&rows);
    }
    let masks = mask.iter().flat_map(|&bits| [0, 16, 32, 48].map(|shift| (bits >> shift) as u16));
    for ((pixels, row), valid) in line.as_chunks_mut::<HALF>().0.iter_mut().zip(rows).zip(masks) {
        let row = _mm256_and_si256(_mm256_xor_si256(row, _mm256_set1_epi16(i16::MIN)), lanes16(valid));
        // SAFETY: 32 bytes, and any alignment is allowed.
        unsafe { _mm256_storeu_si256(pixels.as_mut_ptr().cast(), row) };
    }
}

#[target_feature(enable = "avx2")]
pub(super) fn split_mask(mask: &[u64; 8], steps: &mut [u32; STEPS]) {
    // SAFETY: 32 bytes each, and any alignment is allowed.
    let strips = [0, 4].map(|word: usize| unsafe { _mm256_loadu_si256(mask[word..][..4].as_ptr().cast()) });
    for (column, step) in (0..).zip(steps) {
        let up = _mm_cvtsi32_si128(15 - column);
        *step = bits(strips.map(|strips| _mm256_srai_epi16::<15>(_mm256_sll_epi16(strips, up))));
    }
}
