//! Memory for pixels: begins at a multiple of 64 bytes, and goes back to a small pool when its frame has gone.
//!
//! Thirty times a second and stream half a megabyte is needed and given back, by different threads. The allocator would keep some of it
//! for each of them and ask the system for fresh, zeroed pages; the pool hands the same few pieces round.

use std::ops::{Deref, DerefMut};

use aligned_vec::{AVec, ConstAlign};
use once_cell::sync::Lazy;
use parking_lot::Mutex;

type Aligned = AVec<u8, ConstAlign<64>>;

/// What the pool keeps at most, in bytes.
const MAX_POOLED: usize = 8 << 20;

static POOL: Lazy<Mutex<Vec<Aligned>>> = Lazy::new(Mutex::default);

/// Bytes of pixels. What they are before they are written is anybody's guess.
pub struct PixelBuffer(Aligned);

impl PixelBuffer {
    /// `size` bytes.
    pub fn new(size: usize) -> Self {
        let pooled = {
            let mut pool = POOL.lock();
            pool.iter().position(|bytes| bytes.len() == size).map(|at| pool.swap_remove(at))
        };
        Self(pooled.unwrap_or_else(|| {
            let mut bytes = AVec::with_capacity(64, size);
            bytes.resize(size, 0);
            bytes
        }))
    }
}

impl Drop for PixelBuffer {
    fn drop(&mut self) {
        let bytes = std::mem::replace(&mut self.0, AVec::new(64));
        if bytes.is_empty() || bytes.len() > MAX_POOLED {
            return;
        }
        let mut pool = POOL.lock();
        let mut evicted = Vec::new();
        // The oldest make room, so that sizes that are no longer used do not stay.
        while pool.iter().map(|pooled| pooled.len()).sum::<usize>() + bytes.len() > MAX_POOLED {
            evicted.push(pool.remove(0));
        }
        pool.push(bytes);
        drop(pool);
        drop(evicted);
    }
}

impl Deref for PixelBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for PixelBuffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_aligned_of_their_size_and_used_again() {
        const SIZE: usize = 123_457; // no other test's
        let first = PixelBuffer::new(SIZE);
        let address = first.as_ptr().addr();
        assert_eq!((address % 64, first.len()), (0, SIZE));
        drop(first);
        let again = PixelBuffer::new(SIZE);
        assert_eq!(again.as_ptr().addr(), address);
        assert_ne!(PixelBuffer::new(SIZE).as_ptr().addr(), address);
    }

    #[test]
    fn the_pool_is_bounded() {
        drop((0..100).map(|i| PixelBuffer::new(1_000_000 + i)).collect::<Vec<_>>());
        drop(PixelBuffer::new(MAX_POOLED + 1));
        assert!(POOL.lock().iter().map(|bytes| bytes.len()).sum::<usize>() <= MAX_POOLED);
    }
}
