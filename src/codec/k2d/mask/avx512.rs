//! The mask's loops with AVX-512; each is described in [`Loops`].
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::{Loops, WORD, portable};
use crate::codec::k2d::level::Level;

/// Those loops, if this processor has the instructions.
pub fn loops() -> Option<Loops> {
    // SAFETY: of each closure: it is handed out only where the processor has what its function needs.
    Level::Avx512.is_available().then_some(Loops {
        read: |pixels, width, words| unsafe { read(pixels, width, words) },
        summarise: |words, summary| unsafe { summarise(words, summary) },
        gather: |words, summary, out| unsafe { gather(words, summary, out) },
        scatter: |data, summary, words| unsafe { scatter(data, summary, words) },
    })
}

#[target_feature(enable = "avx512f,avx512bw")]
fn read(pixels: &[u16], width: usize, words: &mut [u64]) {
    for (row, words) in pixels.chunks_exact(width).zip(words.chunks_exact_mut(width.div_ceil(WORD))) {
        let (whole, rest) = row.as_chunks::<WORD>();
        for (pixels, word) in whole.iter().zip(&mut *words) {
            // SAFETY: both halves lie in the 64 pixels.
            let (low, high) = unsafe { (_mm512_loadu_epi16(pixels.as_ptr().cast()), _mm512_loadu_epi16(pixels.as_ptr().add(32).cast())) };
            *word = u64::from(_mm512_test_epi16_mask(low, low)) | u64::from(_mm512_test_epi16_mask(high, high)) << 32;
        }
        if let Some(word) = words.get_mut(whole.len()) {
            *word = portable::bits(rest);
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn summarise(words: &[u64], summary: &mut [u8]) {
    let (eights, rest) = words.as_chunks::<8>();
    let (masks, rest_masks) = summary.as_chunks_mut::<8>();
    for (words, mask) in eights.iter().zip(masks) {
        // SAFETY: eight words are 64 bytes.
        let bytes = unsafe { _mm512_loadu_epi64(words.as_ptr().cast()) };
        *mask = _mm512_test_epi8_mask(bytes, bytes).to_le_bytes();
    }
    portable::summarise(rest, rest_masks);
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt,bmi2")]
fn gather(words: &[u64], summary: &[u8], out: &mut [u8]) -> Option<usize> {
    let (eights, rest) = words.as_chunks::<8>();
    let (masks, rest_masks) = summary.as_chunks::<8>();
    let mut size = 0;
    for (words, mask) in eights.iter().zip(masks) {
        let mask = u64::from_le_bytes(*mask);
        let count = mask.count_ones();
        let room = out.get_mut(size..size + count as usize)?;
        // SAFETY: eight words are 64 bytes, and `room` has the `count` bytes that are written.
        unsafe {
            let bytes = _mm512_maskz_compress_epi8(mask, _mm512_loadu_epi64(words.as_ptr().cast()));
            _mm512_mask_storeu_epi8(room.as_mut_ptr().cast(), lowest(count), bytes);
        }
        size += count as usize;
    }
    Some(size + portable::gather(rest, rest_masks, &mut out[size..])?)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt,bmi2")]
fn scatter(data: &[u8], summary: &[u8], words: &mut [u64]) -> Option<usize> {
    let (eights, rest) = words.as_chunks_mut::<8>();
    let (masks, rest_masks) = summary.as_chunks::<8>();
    let mut size = 0;
    for (words, mask) in eights.iter_mut().zip(masks) {
        let mask = u64::from_le_bytes(*mask);
        let count = mask.count_ones();
        let data = data.get(size..size + count as usize)?;
        // SAFETY: only the `count` bytes of `data` are read, and eight words are 64 bytes.
        unsafe {
            let bytes = _mm512_maskz_loadu_epi8(lowest(count), data.as_ptr().cast());
            _mm512_storeu_epi64(words.as_mut_ptr().cast(), _mm512_maskz_expand_epi8(mask, bytes));
        }
        size += count as usize;
    }
    Some(size + portable::scatter(&data[size..], rest_masks, rest)?)
}

/// A mask of the lowest `count` of 64.
#[target_feature(enable = "bmi2")]
fn lowest(count: u32) -> u64 {
    _bzhi_u64(u64::MAX, count)
}
