//! Profile S in safe Rust; each loop is described in [`Loops`].

use super::{GROUP, HEADER, Loops, MOST, SLACK};
use crate::codec::k2d::mask::portable::{gather, scatter};

/// For every processor.
pub const LOOPS: Loops = Loops { squeeze, pack, unpack, place, count };

/// Room for any group, and for writing whole words.
type Room = [u8; MOST + SLACK];

fn count(mask: &[u64]) -> usize {
    mask.iter().map(|word| word.count_ones() as usize).sum()
}

/// Where the next run of valid pixels begins and ends, at or behind `from`.
fn run(mask: u64, from: usize) -> Option<(usize, usize)> {
    let rest = mask & u64::MAX.checked_shl(from as u32)?;
    (rest != 0).then(|| {
        let start = rest.trailing_zeros();
        let length = (!(rest >> start)).trailing_zeros();
        (start as usize, (start + length) as usize)
    })
}

pub fn squeeze(row: &[u16], mask: &[u64], above: &mut [u16], differences: &mut [u16]) -> usize {
    let mut taken = 0;
    for ((row, above), &mask) in row.chunks(GROUP).zip(above.chunks_mut(GROUP)).zip(mask) {
        let mut end = 0;
        while let Some((start, next)) = run(mask, end) {
            end = next;
            let (row, above) = (&row[start..end], &mut above[start..end]);
            for ((difference, above), &value) in differences[taken..][..row.len()].iter_mut().zip(&mut *above).zip(row) {
                *difference = value.wrapping_sub(*above);
                *above = value;
            }
            taken += row.len();
        }
    }
    taken
}

pub fn place(row: &mut [u16], mask: &[u64], above: &mut [u16], differences: &[u16]) -> usize {
    let mut taken = 0;
    for ((row, above), &mask) in row.chunks_mut(GROUP).zip(above.chunks_mut(GROUP)).zip(mask) {
        let mut end = 0;
        while let Some((start, next)) = run(mask, end) {
            row[end..start].fill(0);
            end = next;
            let (row, above) = (&mut row[start..end], &mut above[start..end]);
            for ((value, above), &difference) in row.iter_mut().zip(&mut *above).zip(&differences[taken..]) {
                *above = above.wrapping_add(difference);
                *value = *above;
            }
            taken += row.len();
        }
        row[end..].fill(0);
    }
    taken
}

pub fn pack(differences: &[u16], headers: &mut [[u8; HEADER]], payload: &mut [u8]) -> Option<usize> {
    let mut size = 0;
    for (group, header) in headers.iter_mut().enumerate() {
        let numbers = folded(differences[group * GROUP..].first_chunk()?);
        size += match payload[size..].first_chunk_mut() {
            Some(room) => pack_group(&numbers, header, room),
            None => {
                let mut room = [0; MOST + SLACK];
                let written = pack_group(&numbers, header, &mut room);
                payload.get_mut(size..size + written)?.copy_from_slice(&room[..written]);
                written
            }
        };
    }
    Some(size)
}

/// Second differences, with the sign in the lowest bit.
fn folded(differences: &[u16; 1 + GROUP]) -> [u16; GROUP] {
    let mut numbers = [0; GROUP];
    for (number, pair) in numbers.iter_mut().zip(differences.windows(2)) {
        let second = pair[1].wrapping_sub(pair[0]);
        *number = second << 1 ^ (second >> 15).wrapping_neg();
    }
    numbers
}

fn pack_group(numbers: &[u16; GROUP], header: &mut [u8; HEADER], room: &mut Room) -> usize {
    let (mut codes, mut size) = (0, 0);
    let (mut exceptions, mut excess) = ([0; 8], [0; 8]);
    for (at, block) in numbers.as_chunks().0.iter().enumerate() {
        let code = code(block);
        let width = width(code);
        codes |= code << (4 * at);
        put(room, size, squeezed(bytes(block, 0) & lowest(width), width));
        size += width as usize;
        if code > 8 {
            exceptions[at] = block.iter().enumerate().fold(0, |bits, (bit, number)| bits | u8::from(*number > 0xff) << bit);
            excess[at] = bytes(block, width);
        }
    }
    *header = codes.to_le_bytes();
    if has_exceptions(codes) {
        let blocks = blocks_with_exceptions(codes);
        size += gather(&[u64::from_le_bytes(exceptions)], &[blocks], &mut room[size..]).unwrap_or_default();
        size += gather(&excess, &exceptions, &mut room[size..]).unwrap_or_default();
    }
    size
}

pub fn unpack(headers: &[[u8; HEADER]], payload: &[u8], differences: &mut [u16]) -> usize {
    let (mut size, mut sum) = (0, differences[0]);
    let differences = &mut differences[1..];
    for (header, differences) in headers.iter().zip(differences.as_chunks_mut::<GROUP>().0) {
        let rest = payload.get(size..).unwrap_or_default();
        size += match rest.first_chunk() {
            Some(room) => unpack_group(header, room, differences),
            None => {
                let mut room = [0; MOST + SLACK];
                room[..rest.len()].copy_from_slice(rest);
                unpack_group(header, &room, differences)
            }
        };
        for difference in differences {
            sum = sum.wrapping_add(*difference >> 1 ^ (*difference & 1).wrapping_neg());
            *difference = sum;
        }
    }
    size
}

fn unpack_group(header: &[u8; HEADER], room: &Room, numbers: &mut [u16; GROUP]) -> usize {
    let codes = u32::from_le_bytes(*header);
    let widths: [u32; 8] = std::array::from_fn(|at| width(codes >> (4 * at) & 15));
    let mut size = 0;
    let blocks = numbers.as_chunks_mut::<8>().0;
    for (block, width) in blocks.iter_mut().zip(widths) {
        *block = spread(get(room, size), width).to_le_bytes().map(u16::from);
        size += width as usize;
    }
    if has_exceptions(codes) {
        let (mut exceptions, mut excess) = ([0], [0; 8]);
        size += scatter(&room[size..], &[blocks_with_exceptions(codes)], &mut exceptions).unwrap_or_default();
        size += scatter(&room[size..], &exceptions[0].to_le_bytes(), &mut excess).unwrap_or_default();
        for ((block, width), excess) in blocks.iter_mut().zip(widths).zip(excess) {
            block.iter_mut().zip(excess.to_le_bytes()).for_each(|(number, excess)| *number |= u16::from(excess) << width);
        }
    }
    size
}

/// How a header names the width of a block.
fn code(block: &[u16; 8]) -> u32 {
    let bits = |numbers: u16| 16 - numbers.leading_zeros();
    let all = block.iter().fold(0, |all, number| all | number);
    if all <= 0xff {
        return bits(all);
    }
    let small = block.iter().fold(0, |small, number| small | if *number > 0xff { 0 } else { *number });
    bits(small).max(bits(all) - 8).max(2) + 7
}

/// The width of a block with this code.
fn width(code: u32) -> u32 {
    if code > 8 { code - 7 } else { code }
}

/// Whether a block of the group has exceptions.
pub fn has_exceptions(codes: u32) -> bool {
    blocks_above_8(codes) != 0
}

/// The top bits of the codes above 8.
fn blocks_above_8(codes: u32) -> u32 {
    let low = 0x7777_7777;
    codes & !low & ((codes & low) + low)
}

/// A bit for each block with exceptions.
pub fn blocks_with_exceptions(codes: u32) -> u8 {
    // Every fourth bit, brought together by twos, fours and eights.
    let ones = blocks_above_8(codes) >> 3;
    let twos = (ones | ones >> 3) & 0x0303_0303;
    let fours = (twos | twos >> 6) & 0x000f_000f;
    (fours | fours >> 12) as u8
}

/// Eight bytes out of the numbers, the first one lowest.
fn bytes(block: &[u16; 8], shift: u32) -> u64 {
    u64::from_le_bytes(block.map(|number| (number >> shift) as u8))
}

/// Bytes of at most `width` bits, at most 8, pushed together by pairs.
fn squeezed(bytes: u64, width: u32) -> u64 {
    let pairs = bytes & 0x00ff_00ff_00ff_00ff | (bytes & 0xff00_ff00_ff00_ff00) >> (8 - width);
    let fours = pairs & 0x0000_ffff_0000_ffff | (pairs & 0xffff_0000_ffff_0000) >> (16 - 2 * width);
    fours & 0xffff_ffff | fours >> 32 << (4 * width)
}

/// The lowest `width` bits, at most 8, of each byte.
fn lowest(width: u32) -> u64 {
    0x0101_0101_0101_0101 * ((1 << width) - 1)
}

/// [`squeezed`] undone, whatever is behind.
fn spread(bits: u64, width: u32) -> u64 {
    let fours = bits & 0xffff_ffff | bits >> (4 * width) << 32;
    let pairs = fours & 0x0000_ffff_0000_ffff | (fours >> (2 * width) & 0x0000_ffff_0000_ffff) << 16;
    let bytes = pairs & 0x00ff_00ff_00ff_00ff | (pairs >> width & 0x00ff_00ff_00ff_00ff) << 8;
    bytes & lowest(width)
}

fn put(room: &mut Room, at: usize, word: u64) {
    room[at..at + 8].copy_from_slice(&word.to_le_bytes());
}

fn get(room: &Room, at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&room[at..at + 8]);
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_numbers_lie_behind_one_another_from_the_lowest_bit() {
        for width in 0..=8 {
            let numbers: [u8; 8] = std::array::from_fn(|at| ((0x9d * (at + 3)) as u16 & ((1 << width) - 1)) as u8);
            let expected = numbers.iter().enumerate().fold(0, |bits, (at, number)| bits | u128::from(*number) << (at as u32 * width));
            let bits = squeezed(u64::from_le_bytes(numbers), width);
            assert_eq!(u128::from(bits), expected);
            let behind = if width == 8 { 0 } else { u64::MAX << (8 * width) };
            assert_eq!(spread(bits | behind, width), u64::from_le_bytes(numbers));
        }
    }

    #[test]
    fn blocks_with_exceptions_are_those_with_codes_above_8() {
        assert!(!has_exceptions(0x8888_8888) && !has_exceptions(0x0123_4567));
        for at in 0..8 {
            for code in 0..16 {
                let codes = 0x8080_0808 & !(15 << (4 * at)) | code << (4 * at);
                assert_eq!(blocks_with_exceptions(codes), u8::from(code > 8) << at);
                assert_eq!(has_exceptions(codes), code > 8);
            }
        }
    }
}
