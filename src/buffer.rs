//! Memory for pixels: begins at a multiple of 64 bytes, and goes back to a small pool when its frame has gone.
//!
//! Thirty times a second and stream half a megabyte is needed and given back, by different threads. The allocator would keep some of it
//! for each of them and ask the system for fresh, zeroed pages; the pool hands the same few pieces round.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use aligned_vec::{AVec, ConstAlign};
use once_cell::sync::Lazy;
use parking_lot::Mutex;
use smallvec::SmallVec;

type Aligned = AVec<u8, ConstAlign<64>>;

/// What the pool keeps at most, in bytes.
const MAX_POOLED: usize = 8 << 20;

static POOL: Lazy<Mutex<Vec<Arc<Aligned>>>> = Lazy::new(Mutex::default);
static EMPTY: Lazy<Arc<Aligned>> = Lazy::new(|| Arc::new(AVec::new(64)));

/// Bytes of pixels, shared by cloning. They are written while there is one clone: writing with more makes a copy first. What they are
/// before they are written is anybody's guess.
#[derive(Clone)]
pub struct PixelBuffer(Arc<Aligned>);

impl PixelBuffer {
    /// No bytes, and no memory.
    pub fn empty() -> Self {
        Self(Arc::clone(&EMPTY))
    }

    /// `size` bytes.
    pub fn new(size: usize) -> Self {
        let pooled = {
            let mut pool = POOL.lock();
            pool.iter().position(|bytes| bytes.len() == size).map(|at| pool.swap_remove(at))
        };
        Self(pooled.unwrap_or_else(|| {
            let mut bytes = AVec::with_capacity(64, size);
            bytes.resize(size, 0);
            Arc::new(bytes)
        }))
    }
}

impl Drop for PixelBuffer {
    fn drop(&mut self) {
        if Arc::get_mut(&mut self.0).is_none_or(|bytes| bytes.is_empty() || bytes.len() > MAX_POOLED) {
            return; // others have it, or it is not worth keeping
        }
        let bytes = std::mem::replace(&mut self.0, Arc::clone(&EMPTY));
        let mut pool = POOL.lock();
        let mut evicted = SmallVec::<[_; 8]>::new();
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
        Arc::<Aligned>::make_mut(&mut self.0)
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
