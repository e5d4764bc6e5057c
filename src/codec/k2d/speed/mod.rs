//! Profile S: little processor time.
//!
//! A valid pixel is taken as its difference d from the value above it, and that as its difference from the d of the valid pixel before
//! it, over the ends of rows: together the prediction left + above - above left. In a plane it is exact, at the edge of an object it is
//! as wrong as any, and decoding it is a running sum. The value above is the newest valid one of the column; in columns without one, the
//! first row that has a valid pixel leaves that of its nearest valid pixel to the left, or of its first one.
//!
//! The second difference, modulo 65536, is folded to 2r or -2r - 1. Eight of these numbers are a block, which has a width: bits that are
//! written of each. Numbers with more than eight bits are exceptions, mostly at depth edges, and do not make their block wide: what is
//! above the width is written for them alone. Eight blocks are a group, the last one filled up with 0.
//!
//! ```text
//! for each group   u32: code of block k in bits 4k to 4k + 3: 0 to 8: its width, without exceptions; 9 to 15: width 2 to 8, with some
//! for each group   for each block: the lowest bits of its numbers: as many bytes as its width
//!                  for each block with exceptions: a byte, with bit k set if number k is one
//!                  for each exception: a byte, number >> width
//! ```
//!
//! Number k of a block with b bits has bits k * b to k * b + b - 1 of its bytes, little-endian. The width of a block with exceptions is the
//! least from 2 on that holds all other numbers and leaves a byte at most of the exceptions.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;

use super::level::Level;
use super::mask::Mask;
use crate::codec::{Image, ImageMut};

/// Numbers to a group.
const GROUP: usize = 64;
/// Bytes of a group's header.
const HEADER: usize = 4;
/// Most bytes of a group behind its header: all numbers in full, and where exceptions are.
const MOST: usize = 2 * GROUP + 8;
/// What may be read or written behind a group: a word.
const SLACK: usize = 8;

/// Scratch memory; grows once.
#[derive(Default)]
pub struct Workspace {
    /// The newest valid value of each column.
    above: Vec<u16>,
    /// The difference before, and those that wait for their group to be full or their row to be decoded.
    differences: Vec<u16>,
}

impl Workspace {
    /// Sizes it for an image and forgets the one before.
    fn reset(&mut self, width: usize) {
        self.above.clear();
        self.above.resize(width, 0);
        self.differences.clear();
        self.differences.resize(1 + width + 2 * GROUP, 0);
    }
}

/// Appends the differences of a row's valid pixels to the values above, which the row then replaces; how many there are. Writes up to a
/// group more than that.
type Squeeze = fn(row: &[u16], mask: &[u64], above: &mut [u16], differences: &mut [u16]) -> usize;

/// Writes whole groups of differences, behind the one before them, and their headers; the size of their payload, or nothing where there
/// is no room.
type Pack = fn(differences: &[u16], headers: &mut [[u8; HEADER]], payload: &mut [u8]) -> Option<usize>;

/// [`Pack`] undone, behind the difference before; how many bytes were read. What the payload lacks is taken as 0.
type Unpack = fn(headers: &[[u8; HEADER]], payload: &[u8], differences: &mut [u16]) -> usize;

/// [`Squeeze`] undone; how many differences were taken. Reads up to a group more than that.
type Place = fn(row: &mut [u16], mask: &[u64], above: &mut [u16], differences: &[u16]) -> usize;

/// Number of valid pixels in a row.
type Count = fn(mask: &[u64]) -> usize;

/// The loops of one instruction set.
struct Loops {
    squeeze: Squeeze,
    pack: Pack,
    unpack: Unpack,
    place: Place,
    count: Count,
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

/// Writes the valid pixels of `image` to the start of `out`; how many bytes they took, or nothing where there is no room.
pub fn encode(level: Level, workspace: &mut Workspace, image: Image<'_>, mask: &Mask, out: &mut [u8]) -> Option<usize> {
    let loops = Loops::of(level);
    let (headers, payload) = out.split_at_mut_checked(mask.valid().div_ceil(GROUP) * HEADER)?;
    let mut headers = headers.as_chunks_mut().0;
    let width = image.width() as usize;
    workspace.reset(width);
    let Workspace { above, differences } = workspace;

    let mut size = headers.len() * HEADER;
    let (mut payload, mut waiting, mut filled) = (payload, 0, false);
    for (row, mask) in image.pixels().chunks_exact(width).zip(mask.rows()) {
        waiting += (loops.squeeze)(row, mask, above, &mut differences[1 + waiting..]);
        if !filled && waiting > 0 {
            fill(above, mask);
            filled = true;
        }
        let groups = waiting / GROUP;
        let (now, later) = headers.split_at_mut_checked(groups)?;
        let written = (loops.pack)(&differences[..1 + groups * GROUP], now, payload)?;
        (headers, payload) = (later, &mut payload[written..]);
        size += written;
        differences.copy_within(groups * GROUP..=waiting, 0);
        waiting -= groups * GROUP;
    }
    if waiting > 0 {
        let last = differences[waiting];
        differences[waiting..=GROUP].fill(last);
        size += (loops.pack)(&differences[..=GROUP], headers, payload)?;
    }
    Some(size)
}

/// Reads `data` into `image`; nothing where it is not exactly the valid pixels of `mask`. Invalid ones become 0.
pub fn decode(level: Level, workspace: &mut Workspace, data: &[u8], mask: &Mask, mut image: ImageMut<'_>) -> Option<()> {
    let loops = Loops::of(level);
    let (headers, mut payload) = data.split_at_checked(mask.valid().div_ceil(GROUP) * HEADER)?;
    let mut headers = headers.as_chunks().0;
    let width = image.width() as usize;
    workspace.reset(width);
    let Workspace { above, differences } = workspace;

    let (mut waiting, mut filled) = (0, false);
    for (row, mask) in image.pixels().chunks_exact_mut(width).zip(mask.rows()) {
        let groups = (loops.count)(mask).saturating_sub(waiting).div_ceil(GROUP);
        let (now, later) = headers.split_at_checked(groups)?;
        let read = (loops.unpack)(now, payload, &mut differences[waiting..][..1 + groups * GROUP]);
        (headers, payload) = (later, payload.get(read..)?);
        waiting += groups * GROUP;
        let taken = (loops.place)(row, mask, above, &differences[1..]);
        if !filled && taken > 0 {
            fill(above, mask);
            filled = true;
        }
        differences.copy_within(taken..=waiting, 0);
        waiting -= taken;
    }
    // What fills up the last group says nothing new, and nothing follows.
    let is_full = differences[1..=waiting].iter().all(|difference| *difference == differences[0]);
    (is_full && payload.is_empty()).then_some(())
}

/// After the first row with a valid pixel: its other columns get a value too.
fn fill(above: &mut [u16], mask: &[u64]) {
    let is_valid = |x: usize| mask[x / 64] >> (x % 64) & 1 == 1;
    let Some(first) = (0..above.len()).find(|x| is_valid(*x)) else { return };
    let mut value = above[first];
    for (x, above) in above.iter_mut().enumerate() {
        if is_valid(x) {
            value = *above;
        } else {
            *above = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_is_as_documented() {
        let pixels = [1000, 1003, 1006, 1009, 1012, 1015, 1018, 1021, 1024];
        let image = Image::new(&pixels, 9, 1).unwrap();
        for level in Level::available() {
            let (mut mask, mut out) = (Mask::default(), [0; 32]);
            mask.set(level, image);
            let size = encode(level, &mut Workspace::default(), image, &mask, &mut out).unwrap();
            let expected = [0x3a, 0, 0, 0, 0xb0, 0x6d, 0xdb, 6, 0, 0, 1, 0xfa];
            assert_eq!(out[..size], expected);
        }
    }

    #[test]
    fn columns_without_a_valid_pixel_take_the_value_to_their_left() {
        let mut above = [0, 0, 5, 0, 7, 0];
        fill(&mut above, &[0b01_0100]);
        assert_eq!(above, [5, 5, 5, 5, 7, 7]);
    }
}
