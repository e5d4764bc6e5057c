//! The mask's loops with AVX2; each is described in [`Loops`].
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::{Loops, WORD, portable};
use crate::codec::k2d::level::Level;

/// Those loops, if this processor has the instructions.
pub fn loops() -> Option<Loops> {
    // SAFETY: of each closure: it is handed out only where the processor has what its function needs.
    Level::Avx2.is_available().then_some(Loops {
        read: |pixels, width, words| unsafe { read(pixels, width, words) },
        summarise: |words, summary| unsafe { summarise(words, summary) },
        gather: |words, summary, out| unsafe { gather(words, summary, out) },
        scatter: |data, summary, words| unsafe { scatter(data, summary, words) },
    })
}

#[target_feature(enable = "avx2")]
fn read(pixels: &[u16], width: usize, words: &mut [u64]) {
    for (row, words) in pixels.chunks_exact(width).zip(words.chunks_exact_mut(width.div_ceil(WORD))) {
        let (whole, rest) = row.as_chunks::<WORD>();
        for (pixels, word) in whole.iter().zip(&mut *words) {
            let (halves, _) = pixels.as_chunks::<32>();
            *word = u64::from(bits(&halves[0])) | u64::from(bits(&halves[1])) << 32;
        }
        if let Some(word) = words.get_mut(whole.len()) {
            *word = portable::bits(rest);
        }
    }
}

/// The bits of 32 pixels.
#[target_feature(enable = "avx2")]
fn bits(pixels: &[u16; 32]) -> u32 {
    // SAFETY: both halves lie in the 32 pixels.
    let (low, high) = unsafe { (_mm256_loadu_si256(pixels.as_ptr().cast()), _mm256_loadu_si256(pixels.as_ptr().add(16).cast())) };
    let zero = _mm256_setzero_si256();
    let invalid = _mm256_packs_epi16(_mm256_cmpeq_epi16(low, zero), _mm256_cmpeq_epi16(high, zero));
    !_mm256_movemask_epi8(_mm256_permute4x64_epi64::<0b11_01_10_00>(invalid)) as u32
}

#[target_feature(enable = "avx2")]
fn summarise(words: &[u64], summary: &mut [u8]) {
    let (fours, rest) = words.as_chunks::<4>();
    let (masks, rest_masks) = summary.as_chunks_mut::<4>();
    for (words, mask) in fours.iter().zip(masks) {
        // SAFETY: four words are 32 bytes.
        let bytes = unsafe { _mm256_loadu_si256(words.as_ptr().cast()) };
        let zeros = _mm256_cmpeq_epi8(bytes, _mm256_setzero_si256());
        *mask = (!_mm256_movemask_epi8(zeros) as u32).to_le_bytes();
    }
    portable::summarise(rest, rest_masks);
}

/// By the summary of a word: the shuffle that brings its bytes to the front, and the one that brings them back.
static TO_FRONT: [[u8; 8]; 256] = shuffles().0;
static TO_PLACE: [[u8; 8]; 256] = shuffles().1;

const fn shuffles() -> ([[u8; 8]; 256], [[u8; 8]; 256]) {
    let nothing = [[0x80; 8]; 256];
    let (mut to_front, mut to_place, mut summary) = (nothing, nothing, 0);
    while summary < 256 {
        let (mut front, mut place) = (0, 0);
        while place < 8 {
            if summary >> place & 1 == 1 {
                to_front[summary][front] = place as u8;
                to_place[summary][place] = front as u8;
                front += 1;
            }
            place += 1;
        }
        summary += 1;
    }
    (to_front, to_place)
}

#[target_feature(enable = "avx2")]
fn shuffle(word: u64, order: [u8; 8]) -> u64 {
    let order = _mm_cvtsi64_si128(i64::from_le_bytes(order));
    _mm_cvtsi128_si64(_mm_shuffle_epi8(_mm_cvtsi64_si128(word as i64), order)) as u64
}

/// The bytes of `word` that `mask` names, in its lowest ones.
#[target_feature(enable = "avx2")]
pub fn to_front(word: u64, mask: u8) -> u64 {
    shuffle(word, TO_FRONT[usize::from(mask)])
}

#[target_feature(enable = "avx2,popcnt")]
fn gather(words: &[u64], summary: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut size = 0;
    for (at, (word, &mask)) in words.iter().zip(summary).enumerate() {
        let Some(room) = out[size..].first_chunk_mut() else {
            // The last bytes of the room are for less than a word.
            return Some(size + portable::gather(&words[at..], &summary[at..], &mut out[size..])?);
        };
        *room = to_front(*word, mask).to_le_bytes();
        size += mask.count_ones() as usize;
    }
    Some(size)
}

#[target_feature(enable = "avx2,popcnt")]
pub fn scatter(data: &[u8], summary: &[u8], words: &mut [u64]) -> Option<usize> {
    let mut size = 0;
    for (at, &mask) in summary.iter().enumerate() {
        let Some(bytes) = data[size..].first_chunk() else {
            // The last bytes of the data are less than a word.
            return Some(size + portable::scatter(&data[size..], &summary[at..], &mut words[at..])?);
        };
        words[at] = shuffle(u64::from_le_bytes(*bytes), TO_PLACE[usize::from(mask)]);
        size += mask.count_ones() as usize;
    }
    Some(size)
}
