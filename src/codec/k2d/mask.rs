//! Which pixels are valid.

use crate::codec::Image;

/// A bit per pixel.
#[derive(Debug, Clone)]
pub struct Mask {
    words: Vec<u64>,
    stride: usize,
}

impl Mask {
    /// The mask of an image: set where it is not 0.
    pub fn of(image: Image<'_>) -> Self {
        let width = image.width() as usize;
        let stride = width.div_ceil(64);
        let mut words = vec![0; stride * image.height() as usize];
        for (row, bits) in image.pixels().chunks_exact(width).zip(words.chunks_exact_mut(stride)) {
            for (x, _) in row.iter().enumerate().filter(|(_, value)| **value != 0) {
                bits[x / 64] |= 1 << (x % 64);
            }
        }
        Self { words, stride }
    }

    /// Bits of row `y`, the leftmost pixel's the lowest of the first word; those past the width are 0.
    pub fn row(&self, y: usize) -> &[u64] {
        &self.words[y * self.stride..][..self.stride]
    }
}
