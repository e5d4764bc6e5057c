//! Which pixels are valid (not 0): a bit for each.

#[cfg(target_arch = "x86_64")]
pub mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub mod portable;
mod section;

use super::level::Level;
use crate::codec::Image;

pub use section::{Workspace, decode, encode};

/// Pixels to a word.
const WORD: usize = 64;

/// Bit x % 64 of word x / 64 of a row is set where pixel x is valid. Bits past the width are 0.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Mask {
    words: Vec<u64>,
    /// Words to a row.
    stride: usize,
    width: usize,
    height: usize,
    /// Number of set bits.
    valid: usize,
}

impl Mask {
    /// The words of row `y`, which must be one of the image's.
    pub fn row(&self, y: usize) -> &[u64] {
        &self.words[y * self.stride..][..self.stride]
    }

    /// The mask of `image`.
    #[cfg(test)]
    pub fn of(image: Image<'_>) -> Self {
        let mut mask = Self::default();
        mask.set(Level::Portable, image);
        mask
    }

    /// All rows, the top one first.
    pub fn rows(&self) -> impl Iterator<Item = &[u64]> {
        self.words.chunks_exact(self.stride)
    }

    /// Number of valid pixels.
    pub fn valid(&self) -> usize {
        self.valid
    }

    /// Becomes the mask of `image`.
    pub fn set(&mut self, level: Level, image: Image<'_>) {
        self.resize(image.width() as usize, image.height() as usize);
        (Loops::of(level).read)(image.pixels(), self.width, &mut self.words);
        self.count();
    }

    fn resize(&mut self, width: usize, height: usize) {
        (self.width, self.height, self.stride) = (width, height, width.div_ceil(WORD));
        self.words.resize(self.stride * height, 0);
    }

    fn count(&mut self) {
        self.valid = self.words.iter().map(|word| word.count_ones() as usize).sum();
    }

    /// The bits of a row's last word that are pixels.
    fn last_word(&self) -> u64 {
        u64::MAX >> (self.stride * WORD - self.width)
    }
}

/// Writes the bits of an image with rows of `width` pixels.
type Read = fn(pixels: &[u16], width: usize, words: &mut [u64]);

/// Writes for each word a bit for each of its bytes that is not 0.
type Summarise = fn(words: &[u64], summary: &mut [u8]);

/// Writes the bytes that are not 0; how many there are, or nothing where there is no room.
type Gather = fn(words: &[u64], summary: &[u8], out: &mut [u8]) -> Option<usize>;

/// [`Gather`] undone; how many bytes were read, or nothing where there are too few.
type Scatter = fn(data: &[u8], summary: &[u8], words: &mut [u64]) -> Option<usize>;

/// The loops of one instruction set.
pub struct Loops {
    read: Read,
    summarise: Summarise,
    gather: Gather,
    scatter: Scatter,
}

impl Loops {
    fn of(level: Level) -> Self {
        let loops = match level {
            Level::Portable => None,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => avx2::loops(),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => avx512::loops(),
            #[cfg(not(target_arch = "x86_64"))]
            _ => None,
        };
        loops.unwrap_or(portable::LOOPS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_set_where_pixels_are_not_0_and_nowhere_else() {
        for width in [1, 2, 15, 16, 17, 63, 64, 65, 130, 512] {
            let pixels: Vec<u16> = (0..width * 3).map(|i| if i % 7 < 3 { 0 } else { 0xff00 + i as u16 % 256 }).collect();
            for level in Level::available() {
                let mut mask = Mask::default();
                mask.set(level, Image::new(&pixels, width, 3).unwrap());
                for (y, row) in pixels.chunks(width as usize).enumerate() {
                    let bits = mask.row(y).iter().flat_map(|word| (0..64).map(move |bit| word >> bit & 1 == 1));
                    let expected = row.iter().map(|pixel| *pixel != 0).chain(std::iter::repeat(false));
                    assert!(bits.zip(expected).all(|(bit, expected)| bit == expected), "{level:?}, width {width}");
                }
                assert_eq!(mask.valid(), pixels.iter().filter(|pixel| **pixel != 0).count());
            }
        }
    }
}
