//! What all codecs look like from here.

use streamkinect2::codec::{Image, ImageMut};

use crate::Outcome;

/// A codec with the memory that it uses again.
pub trait Contender {
    /// Most bytes that an image of this size can take.
    fn room(&self, width: u32, height: u32) -> Outcome<usize>;

    /// Writes `image` to the start of `out`, which has that room, and says how long it got.
    fn encode(&mut self, image: Image<'_>, out: &mut [u8]) -> Outcome<usize>;

    /// Reads what `encode` has written.
    fn decode(&mut self, data: &[u8], image: ImageMut<'_>) -> Outcome<()>;

    /// Whether the pixels that came back are what this codec promises.
    fn keeps_its_word(&self, before: &[u16], after: &[u16]) -> bool {
        before == after
    }
}

/// Whether no pixel differs by more than `max_error`.
pub fn is_within(max_error: u32, before: &[u16], after: &[u16]) -> bool {
    before.iter().zip(after).all(|(before, after)| u32::from(before.abs_diff(*after)) <= max_error)
}
