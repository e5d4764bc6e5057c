//! The valid pixels of a row as differences to the values above, and back.

use std::arch::x86_64::*;

use super::{LANES, load, load_bytes, store};
use crate::codec::k2d::speed::{GROUP, portable};

#[target_feature(enable = "sse2")]
fn load_half(values: &[u16; 8]) -> __m128i {
    // SAFETY: 16 bytes are read.
    unsafe { _mm_loadu_si128(values.as_ptr().cast()) }
}

#[target_feature(enable = "sse2")]
fn store_half(values: &mut [u16; 8], register: __m128i) {
    // SAFETY: 16 bytes are written.
    unsafe { _mm_storeu_si128(values.as_mut_ptr().cast(), register) }
}

/// By the mask of eight values: the shuffle that brings the valid ones to the front, and the one that brings them back.
static TO_FRONT: [[u8; 16]; 256] = shuffles().0;
static TO_PLACE: [[u8; 16]; 256] = shuffles().1;

const fn shuffles() -> ([[u8; 16]; 256], [[u8; 16]; 256]) {
    let nothing = [[0x80; 16]; 256];
    let (mut to_front, mut to_place, mut mask) = (nothing, nothing, 0);
    while mask < 256 {
        let (mut front, mut place) = (0, 0);
        while place < 8 {
            if mask >> place & 1 == 1 {
                (to_front[mask][2 * front], to_front[mask][2 * front + 1]) = (2 * place as u8, 2 * place as u8 + 1);
                (to_place[mask][2 * place], to_place[mask][2 * place + 1]) = (2 * front as u8, 2 * front as u8 + 1);
                front += 1;
            }
            place += 1;
        }
        mask += 1;
    }
    (to_front, to_place)
}

#[target_feature(enable = "popcnt")]
pub(super) fn count(mask: &[u64]) -> usize {
    mask.iter().map(|word| word.count_ones() as usize).sum()
}

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn squeeze(row: &[u16], mask: &[u64], above: &mut [u16], differences: &mut [u16]) -> usize {
    let mut taken = 0;
    let (rows, rest) = row.as_chunks::<GROUP>();
    let (aboves, rest_above) = above.as_chunks_mut::<GROUP>();
    for ((row, above), &mask) in rows.iter().zip(aboves).zip(mask) {
        let Some(room) = differences[taken..].first_chunk_mut::<GROUP>() else { break };
        let quarters = row.as_chunks().0.iter().zip(above.as_chunks_mut().0);
        if mask == u64::MAX {
            for ((row, above), room) in quarters.zip(room.as_chunks_mut().0) {
                let value = load(row);
                store(room, _mm256_sub_epi16(value, load(above)));
                store(above, value);
            }
        } else if mask != 0 {
            let mut at = taken;
            for ((row, above), mask) in quarters.zip([mask, mask >> 16, mask >> 32, mask >> 48]) {
                at += squeeze_some(row, mask as u16, above, &mut differences[at..]);
            }
        }
        taken += mask.count_ones() as usize;
    }
    if let (Some(&mask), false) = (mask.get(rows.len()), rest.is_empty()) {
        taken += portable::squeeze(rest, &[mask], rest_above, &mut differences[taken..]);
    }
    taken
}

/// The differences of those pixels of a register that are valid.
#[target_feature(enable = "avx2,popcnt")]
fn squeeze_some(row: &[u16; LANES], mask: u16, above: &mut [u16; LANES], differences: &mut [u16]) -> usize {
    let Some(room) = differences.first_chunk_mut::<LANES>() else { return 0 };
    let (value, before) = (load(row), load(above));
    let difference = _mm256_sub_epi16(value, before);
    let invalid = _mm256_cmpeq_epi16(value, _mm256_setzero_si256());
    store(above, _mm256_blendv_epi8(value, before, invalid));
    let [low, high] = mask.to_le_bytes().map(usize::from);
    let (first, second) = (_mm256_castsi256_si128(difference), _mm256_extracti128_si256::<1>(difference));
    store_half(&mut room.as_chunks_mut().0[0], _mm_shuffle_epi8(first, load_bytes(&TO_FRONT[low])));
    if let Some(room) = room[low.count_ones() as usize..].first_chunk_mut() {
        store_half(room, _mm_shuffle_epi8(second, load_bytes(&TO_FRONT[high])));
    }
    mask.count_ones() as usize
}

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn place(row: &mut [u16], mask: &[u64], above: &mut [u16], differences: &[u16]) -> usize {
    let mut taken = 0;
    let (rows, rest) = row.as_chunks_mut::<GROUP>();
    let (aboves, rest_above) = above.as_chunks_mut::<GROUP>();
    let whole = rows.len();
    for ((row, above), &mask) in rows.iter_mut().zip(aboves).zip(mask) {
        let Some(next) = differences[taken..].first_chunk::<GROUP>() else { break };
        let quarters = row.as_chunks_mut().0.iter_mut().zip(above.as_chunks_mut().0);
        if mask == u64::MAX {
            for ((row, above), next) in quarters.zip(next.as_chunks().0) {
                let value = _mm256_add_epi16(load(above), load(next));
                store(row, value);
                store(above, value);
            }
        } else if mask == 0 {
            row.fill(0);
        } else {
            let mut at = taken;
            for ((row, above), mask) in quarters.zip([mask, mask >> 16, mask >> 32, mask >> 48]) {
                at += place_some(row, mask as u16, above, &differences[at..]);
            }
        }
        taken += mask.count_ones() as usize;
    }
    if let (Some(&mask), false) = (mask.get(whole), rest.is_empty()) {
        taken += portable::place(rest, &[mask], rest_above, &differences[taken..]);
    }
    taken
}

/// Those pixels of a register that are valid.
#[target_feature(enable = "avx2,popcnt")]
fn place_some(row: &mut [u16; LANES], mask: u16, above: &mut [u16; LANES], differences: &[u16]) -> usize {
    let Some(next) = differences.first_chunk::<LANES>() else { return 0 };
    let [low, high] = mask.to_le_bytes().map(usize::from);
    let first = _mm_shuffle_epi8(load_half(&next.as_chunks().0[0]), load_bytes(&TO_PLACE[low]));
    let second = next[low.count_ones() as usize..].first_chunk().map_or(_mm_setzero_si128(), |next| load_half(next));
    let difference = _mm256_set_m128i(_mm_shuffle_epi8(second, load_bytes(&TO_PLACE[high])), first);
    let value = _mm256_add_epi16(load(above), difference);
    let bit = _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, -32768);
    let valid = _mm256_cmpeq_epi16(_mm256_and_si256(_mm256_set1_epi16(mask as i16), bit), bit);
    store(row, _mm256_and_si256(value, valid));
    store(above, value);
    mask.count_ones() as usize
}
