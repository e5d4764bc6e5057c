//! The section's layout, and where entropy coders read and write.
//!
//! Symbols are coded with a rANS state of 31 bits per strip. Whenever a state would leave its range, 16 bits go to a stream of words:
//! strips with even numbers share one, those with odd numbers the other.

use super::choice::{Chosen, MOST_SHIFT, exist};
use super::model::CONTEXTS;
use super::strips::LANES;

/// Streams of words.
pub(super) const STREAMS: usize = 2;
/// Strips that share a stream.
pub(super) const SHARE: usize = LANES / STREAMS;
/// States are at least this, and below this times 65536.
pub(super) const LOWEST: u32 = 1 << 15;

/// Shift, tables, numbers of words, states.
pub(super) const HEADER: usize = 1 + CONTEXTS + 4 * STREAMS + 4 * LANES;

/// What the encoder makes of tokens, from the last to the first. Words fill buffers from their ends.
pub(super) struct Output<'a> {
    pub(super) words: [&'a mut [u16]; STREAMS],
    /// Where the words begin that were written.
    pub(super) starts: [usize; STREAMS],
    pub(super) states: [[u32; SHARE]; STREAMS],
}

impl<'a> Output<'a> {
    /// For so many steps, each of which writes a word per strip at most.
    pub(super) fn new(words: &'a mut [Vec<u16>; STREAMS], steps: usize) -> Self {
        let room = SHARE * (steps + 1);
        for words in words.iter_mut().filter(|words| words.len() < room) {
            words.resize(room, 0);
        }
        let words = words.each_mut().map(|words| &mut words[..room]);
        Self { words, starts: [room; STREAMS], states: [[LOWEST; SHARE]; STREAMS] }
    }
}

/// Writes the section and tells its length.
pub(super) fn write(shift: u32, chosen: &Chosen, output: &Output<'_>, extra: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut writer = Writer { out, position: 0 };
    let words = [0, 1].map(|stream| &output.words[stream][output.starts[stream]..]);
    writer.put(&[u8::try_from(shift).ok()?])?;
    writer.put(chosen)?;
    for words in words {
        writer.put(&u32::try_from(words.len()).ok()?.to_le_bytes())?;
    }
    for state in output.states.as_flattened() {
        writer.put(&state.to_le_bytes())?;
    }
    for words in words {
        let room = writer.take(2 * words.len())?;
        for (bytes, word) in room.as_chunks_mut().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
    }
    writer.put(extra)?;
    Some(writer.position)
}

struct Writer<'a> {
    out: &'a mut [u8],
    position: usize,
}

impl Writer<'_> {
    fn take(&mut self, length: usize) -> Option<&mut [u8]> {
        let room = self.out.get_mut(self.position..)?.get_mut(..length)?;
        self.position += length;
        Some(room)
    }

    fn put(&mut self, bytes: &[u8]) -> Option<()> {
        self.take(bytes.len())?.copy_from_slice(bytes);
        Some(())
    }
}

/// A section as read.
pub(super) struct Section<'a> {
    pub(super) shift: u32,
    pub(super) chosen: Chosen,
    pub(super) input: Input<'a>,
}

/// What the decoder reads from. Past the end of `data` there are zeros, without an end: whether more was read than there is, is
/// asked once, at the end ([`Input::is_at_end`]).
pub(super) struct Input<'a> {
    /// Words, two bytes each.
    pub(super) words: [&'a [u8]; STREAMS],
    /// Next byte of these.
    pub(super) positions: [usize; STREAMS],
    pub(super) states: [[u32; SHARE]; STREAMS],
    /// Bits and bytes that are not entropy coded.
    pub(super) extra: &'a [u8],
    /// Next byte of this.
    pub(super) extra_position: usize,
}

/// Takes a section to pieces; `None` where no encoder can have made it.
pub(super) fn read(data: &[u8]) -> Option<Section<'_>> {
    let (&[shift], data) = data.split_first_chunk()?;
    let (chosen, data) = data.split_first_chunk()?;
    let (first, data) = data.split_first_chunk()?;
    let (second, data) = data.split_first_chunk()?;
    let (states, data) = data.split_at_checked(4 * LANES)?;
    let length = |number: &[u8; 4]| usize::try_from(u32::from_le_bytes(*number)).ok()?.checked_mul(2);
    let (first, data) = data.split_at_checked(length(first)?)?;
    let (second, extra) = data.split_at_checked(length(second)?)?;
    let mut input =
        Input { words: [first, second], positions: [0; STREAMS], states: [[0; SHARE]; STREAMS], extra, extra_position: 0 };
    for (state, bytes) in input.states.as_flattened_mut().iter_mut().zip(states.as_chunks().0) {
        *state = u32::from_le_bytes(*bytes);
    }
    let possible = input.states.as_flattened().iter().all(|state| (LOWEST..LOWEST << 16).contains(state));
    let shift = u32::from(shift);
    (possible && exist(chosen) && shift <= MOST_SHIFT).then_some(Section { shift, chosen: *chosen, input })
}

impl Input<'_> {
    /// Whether everything was read and nothing beyond, and the states are those that the encoder began with.
    pub(super) fn is_at_end(&self) -> bool {
        self.states.as_flattened().iter().all(|&state| state == LOWEST)
            && self.words.iter().zip(self.positions).all(|(words, position)| words.len() == position)
            && self.extra.len() == self.extra_position
    }

    /// The next extra bytes.
    #[inline(always)]
    pub(super) fn extra<const N: usize>(&mut self) -> [u8; N] {
        let bytes = load(self.extra, self.extra_position);
        self.extra_position += N;
        bytes
    }
}

/// The bytes at `position`, continued with zeros.
#[inline(always)]
pub(super) fn load<const N: usize>(data: &[u8], position: usize) -> [u8; N] {
    match data.get(position..).and_then(|rest| rest.first_chunk()) {
        Some(bytes) => *bytes,
        None => load_last(data, position),
    }
}

#[cold]
fn load_last<const N: usize>(data: &[u8], position: usize) -> [u8; N] {
    let mut bytes = [0; N];
    let rest = data.get(position..).unwrap_or_default();
    let length = rest.len().min(N);
    bytes[..length].copy_from_slice(&rest[..length]);
    bytes
}
