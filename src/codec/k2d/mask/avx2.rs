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
        gather: portable::gather,
        scatter: portable::scatter,
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
