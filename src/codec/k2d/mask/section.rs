//! The mask as bytes.
//!
//! Each row's words are XORed with those of the row above (the first row with "all valid"), so that nearly all bytes are 0. These are
//! left out: a summary has a bit for each byte that is there, and as it is mostly 0 too, it has a summary itself, and that a last one.
//!
//! ```text
//! words 0   XORed words, row by row                 sent: bytes that are not 0
//! words 1   a byte for each of words 0              sent: bytes that are not 0
//! words 2   a byte for each of words 1              sent: bytes that are not 0
//! last      a byte for each of words 2              sent: all
//! ```
//!
//! In this order from the bottom to the top: last, of words 2, of words 1, of words 0. A word holds eight bytes, the first one lowest;
//! what is left of a last word of 1 and 2 is 0.

use super::{Loops, Mask, WORD};
use crate::codec::k2d::level::Level;

/// Scratch memory; grows once.
#[derive(Default)]
pub struct Workspace {
    /// The words that are sent, the XORed ones first; those are read into the mask itself.
    words: [Vec<u64>; LEVELS],
    /// A byte for each of them.
    summaries: [Vec<u8>; LEVELS],
}

/// Levels of words of which only some bytes are sent.
const LEVELS: usize = 3;

/// How many words each level has above `count` XORed ones.
fn counts(count: usize) -> [usize; LEVELS] {
    [count, count.div_ceil(8), count.div_ceil(64)]
}

impl Workspace {
    /// Sizes all levels, but for the words of the lowest one.
    fn resize(&mut self, counts: [usize; LEVELS]) {
        self.summaries.iter_mut().zip(counts).for_each(|(summary, count)| summary.resize(count, 0));
        self.words.iter_mut().zip(counts).skip(1).for_each(|(words, count)| words.resize(count, 0));
    }
}

/// Writes `mask` to the start of `out`; how many bytes it took, or nothing where there is no room.
pub fn encode(level: Level, workspace: &mut Workspace, mask: &Mask, out: &mut [u8]) -> Option<usize> {
    let loops = Loops::of(level);
    workspace.resize(counts(mask.words.len()));
    let Workspace { words, summaries } = workspace;
    words[0].resize(mask.words.len(), 0);

    let (first, others) = mask.words.split_at(mask.stride);
    let (first_changes, changes) = words[0].split_at_mut(mask.stride);
    first_changes.iter_mut().zip(first).for_each(|(change, word)| *change = !word);
    if let Some(last) = first_changes.last_mut() {
        *last &= mask.last_word();
    }
    changes.iter_mut().zip(others).zip(&mask.words).for_each(|((change, word), above)| *change = word ^ above);

    (loops.summarise)(&words[0], &mut summaries[0]);
    for above in 1..LEVELS {
        to_words(&summaries[above - 1], &mut words[above]);
        (loops.summarise)(&words[above], &mut summaries[above]);
    }
    let last = &summaries[LEVELS - 1];
    out.get_mut(..last.len())?.copy_from_slice(last);
    let mut size = last.len();
    for (words, summary) in words.iter().zip(&*summaries).rev() {
        size += (loops.gather)(words, summary, &mut out[size..])?;
    }
    Some(size)
}

/// Reads a mask for an image of this size from the start of `data`; how many bytes it took, or nothing where the data is none.
pub fn decode(level: Level, workspace: &mut Workspace, data: &[u8], width: usize, height: usize, mask: &mut Mask) -> Option<usize> {
    let loops = Loops::of(level);
    let counts = counts(width.div_ceil(WORD) * height);
    let last = data.get(..counts[LEVELS - 1])?; // before there is memory for more
    mask.resize(width, height);
    workspace.resize(counts);
    let Workspace { words, summaries } = workspace;

    summaries[LEVELS - 1].copy_from_slice(last);
    let mut size = last.len();
    for at in (1..LEVELS).rev() {
        size += (loops.scatter)(&data[size..], &summaries[at], &mut words[at])?;
        from_words(&words[at], &mut summaries[at - 1])?;
    }
    size += (loops.scatter)(&data[size..], &summaries[0], &mut mask.words)?;

    let last_word = mask.last_word();
    let mut rows = mask.words.chunks_exact_mut(mask.stride);
    let mut above = rows.next()?;
    above.iter_mut().for_each(|word| *word = !*word);
    let mut padding = !above[above.len() - 1] & !last_word;
    if let Some(last) = above.last_mut() {
        *last &= last_word;
    }
    for row in rows {
        row.iter_mut().zip(&*above).for_each(|(word, above)| *word ^= above);
        padding |= row[row.len() - 1] & !last_word;
        above = row;
    }
    mask.count();
    (padding == 0).then_some(size)
}

/// Bytes as words, filled up with 0.
fn to_words(bytes: &[u8], words: &mut [u64]) {
    for (word, bytes) in words.iter_mut().zip(bytes.chunks(8)) {
        let mut eight = [0; 8];
        eight[..bytes.len()].copy_from_slice(bytes);
        *word = u64::from_le_bytes(eight);
    }
}

/// [`to_words`] undone; nothing where what is left of the last word is not 0.
fn from_words(words: &[u64], bytes: &mut [u8]) -> Option<()> {
    for (word, bytes) in words.iter().zip(bytes.chunks_mut(8)) {
        let eight = word.to_le_bytes();
        let (taken, left) = eight.split_at(bytes.len());
        bytes.copy_from_slice(taken);
        if left.iter().any(|byte| *byte != 0) {
            return None;
        }
    }
    Some(())
}
