//! The section's layout, and where entropy coders read and write.
//!
//! Symbols are coded with a rANS state of 31 bits per strip. Whenever a state would leave its range, 16 bits go to a stream of words:
//! strips with even numbers share one, those with odd numbers the other.

use super::BANDS;
use super::choice::{Chosen, MOST_SHIFT, exist};
use super::strips::LANES;

/// Streams of words.
pub(super) const STREAMS: usize = 2;
/// Strips that share a stream.
pub(super) const SHARE: usize = LANES / STREAMS;
/// States are at least this, and below this times 65536.
pub(super) const LOWEST: u32 = 1 << 15;

/// Of a band: numbers of words, number of extra bytes, states.
const BAND_HEADER: usize = 4 * STREAMS + 4 + 4 * LANES;

/// What the encoder makes of a band.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// Since the last token is coded first, words fill these from their ends.
    pub(super) words: [Vec<u16>; STREAMS],
    /// Where the words begin that were written.
    pub(super) starts: [usize; STREAMS],
    pub(super) states: [[u32; SHARE]; STREAMS],
    extra: Vec<u8>,
    /// Bytes of `extra` that were written.
    pub(super) extra_length: usize,
}

impl Output {
    /// Begins anew, for so many steps, each of which writes a word per strip at most.
    pub(super) fn reset(&mut self, steps: usize) {
        // In front is what vectors write too much.
        let room = SHARE * (steps + 1);
        for (words, start) in self.words.iter_mut().zip(&mut self.starts) {
            if words.len() < room {
                words.resize(room, 0);
            }
            *start = words.len();
        }
        self.states = [[LOWEST; SHARE]; STREAMS];
        self.extra_length = 0;
    }

    /// Where the extra bytes of a row can go: two for each pixel and the lowest bits, and what vectors write too much.
    pub(super) fn room_for_extra(&mut self, steps: usize, shift: u32) -> &mut [u8] {
        let end = self.extra_length + (2 * LANES + 4 * shift as usize) * steps + LANES;
        if self.extra.len() < end {
            self.extra.resize(end, 0);
        }
        &mut self.extra[self.extra_length..end]
    }
}

/// Writes the section and tells its length.
pub(super) fn write(shift: u32, chosen: &Chosen, outputs: &[Output; BANDS], out: &mut [u8]) -> Option<usize> {
    let mut writer = Writer { out, position: 0 };
    writer.put(&[u8::try_from(shift).ok()?])?;
    writer.put(chosen)?;
    for output in outputs {
        let words = [0, 1].map(|stream| &output.words[stream][output.starts[stream]..]);
        let extra = &output.extra[..output.extra_length];
        for length in [words[0].len(), words[1].len(), extra.len()] {
            writer.put(&u32::try_from(length).ok()?.to_le_bytes())?;
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
    }
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
    pub(super) inputs: [Input<'a>; BANDS],
}

/// What the decoder reads a band from.
pub(super) struct Input<'a> {
    pub(super) words: [Stream<'a>; STREAMS],
    pub(super) states: [[u32; SHARE]; STREAMS],
    /// Bits and bytes that are not entropy coded.
    pub(super) extra: Stream<'a>,
}

/// Bytes that are taken one after the other. Past their end there are zeros, without an end: whether more was taken than there is, is
/// asked once, at the end ([`Input::is_at_end`]).
pub(super) struct Stream<'a> {
    data: &'a [u8],
    /// The last bytes and as many zeros, so that vectors can be read beyond the end.
    end: [u8; 2 * MOST_LOADED],
    pub(super) position: usize,
}

/// Most bytes that are read at once.
const MOST_LOADED: usize = 32;

impl<'a> Stream<'a> {
    fn new(data: &'a [u8]) -> Self {
        let mut end = [0; 2 * MOST_LOADED];
        let length = data.len().min(MOST_LOADED);
        end[MOST_LOADED - length..MOST_LOADED].copy_from_slice(&data[data.len() - length..]);
        Self { data, end, position: 0 }
    }

    /// The next bytes, which stay the next ones.
    #[inline(always)]
    pub(super) fn peek<const N: usize>(&self) -> &[u8; N] {
        self.peek_at(self.position)
    }

    /// The bytes from there on.
    #[inline(always)]
    pub(super) fn peek_at<const N: usize>(&self, position: usize) -> &[u8; N] {
        const { assert!(N <= MOST_LOADED) }
        match self.data.get(position..position.wrapping_add(N)).and_then(|next| next.first_chunk()) {
            Some(next) => next,
            None => self.peek_near_end(position),
        }
    }

    #[cold]
    #[inline(never)]
    fn peek_near_end<const N: usize>(&self, position: usize) -> &[u8; N] {
        let place = position + MOST_LOADED - self.data.len();
        self.end[place.min(MOST_LOADED)..].first_chunk().unwrap_or(&[0; N])
    }

    /// Goes on by so many bytes.
    #[inline(always)]
    pub(super) fn skip(&mut self, bytes: usize) {
        self.position += bytes;
    }

    #[inline(always)]
    pub(super) fn take<const N: usize>(&mut self) -> [u8; N] {
        let bytes = *self.peek();
        self.skip(N);
        bytes
    }

    fn is_at_end(&self) -> bool {
        self.position == self.data.len()
    }
}

/// Takes a section to pieces; `None` where no encoder can have made it.
pub(super) fn read(data: &[u8]) -> Option<Section<'_>> {
    let (&[shift], data) = data.split_first_chunk()?;
    let shift = u32::from(shift);
    let (&chosen, data) = data.split_first_chunk()?;
    let (upper, data) = read_band(data)?;
    let (lower, data) = read_band(data)?;
    let possible = shift <= MOST_SHIFT && exist(&chosen) && data.is_empty();
    possible.then_some(Section { shift, chosen, inputs: [upper, lower] })
}

/// A band, and the data that follows it.
fn read_band(data: &[u8]) -> Option<(Input<'_>, &[u8])> {
    let (header, mut data) = data.split_first_chunk::<BAND_HEADER>()?;
    let mut numbers = header.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes));
    let mut length = |unit: usize| usize::try_from(numbers.next()?).ok()?.checked_mul(unit);
    let lengths = [length(2)?, length(2)?, length(1)?];
    let mut states = [[0; SHARE]; STREAMS];
    for (state, number) in states.as_flattened_mut().iter_mut().zip(numbers) {
        *state = number;
    }
    if !states.as_flattened().iter().all(|state| (LOWEST..LOWEST << 16).contains(state)) {
        return None;
    }
    let mut take = |length| {
        let (taken, rest) = data.split_at_checked(length)?;
        data = rest;
        Some(taken)
    };
    let words = [Stream::new(take(lengths[0])?), Stream::new(take(lengths[1])?)];
    let extra = Stream::new(take(lengths[2])?);
    Some((Input { words, states, extra }, data))
}

impl Input<'_> {
    /// Whether everything was read and nothing beyond, and the states are those that the encoder began with.
    pub(super) fn is_at_end(&self) -> bool {
        let states = self.states.as_flattened().iter().all(|&state| state == LOWEST);
        states && self.words.iter().all(Stream::is_at_end) && self.extra.is_at_end()
    }
}
