//! The mask's loops in safe Rust; each is described in [`Loops`].

use super::{Loops, WORD};

/// For every processor.
pub const LOOPS: Loops = Loops { read, summarise, gather, scatter };

fn read(pixels: &[u16], width: usize, words: &mut [u64]) {
    for (row, words) in pixels.chunks_exact(width).zip(words.chunks_exact_mut(width.div_ceil(WORD))) {
        for (pixels, word) in row.chunks(WORD).zip(words) {
            *word = bits(pixels);
        }
    }
}

/// The bits of at most 64 pixels.
pub fn bits(pixels: &[u16]) -> u64 {
    let (eights, rest) = pixels.as_chunks::<8>();
    let byte = |eight: &[u16]| eight.iter().enumerate().fold(0, |byte, (bit, pixel)| byte | u64::from(*pixel != 0) << bit);
    let whole = eights.iter().enumerate().fold(0, |word, (at, eight)| word | byte(eight) << (8 * at));
    if rest.is_empty() { whole } else { whole | byte(rest) << (8 * eights.len()) }
}

pub fn summarise(words: &[u64], summary: &mut [u8]) {
    for (byte, &word) in summary.iter_mut().zip(words) {
        let low = 0x7f7f_7f7f_7f7f_7f7f;
        let tops = (((word & low) + low) | word) & !low;
        *byte = ((tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8;
    }
}

pub fn gather(words: &[u64], summary: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut size = 0;
    for (word, &summary) in words.iter().zip(summary) {
        let mut rest = summary;
        while rest != 0 {
            *out.get_mut(size)? = (word >> (8 * rest.trailing_zeros())) as u8;
            rest &= rest - 1;
            size += 1;
        }
    }
    Some(size)
}

pub fn scatter(data: &[u8], summary: &[u8], words: &mut [u64]) -> Option<usize> {
    let mut size = 0;
    for (word, &summary) in words.iter_mut().zip(summary) {
        *word = 0;
        let mut rest = summary;
        while rest != 0 {
            *word |= u64::from(*data.get(size)?) << (8 * rest.trailing_zeros());
            rest &= rest - 1;
            size += 1;
        }
    }
    Some(size)
}
