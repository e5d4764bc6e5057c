//! RVL: run lengths and variable-length differences, lossless for every 16-bit image.
//!
//! A. D. Wilson, "Fast Lossless Depth Image Compression", ISS 2017, <https://doi.org/10.1145/3132272.3134144>. It is what ROS calls
//! `compressedDepth` RVL (there behind a header of its own). The image, taken row by row, is a sequence of
//!
//! ```text
//! number of zeros, number of non-zeros, that many differences
//! ```
//!
//! until it is full. A difference is taken from the non-zero value before (0 before the first) and folded to d >= 0 ? 2d : -2d - 1.
//! Every number is cut into groups of three bits, the lowest first, each in a nibble whose top bit says that more follow; nibbles fill
//! 32-bit words from the top, words are little-endian, and what is left of the last word is zero.
//!
//! Differences are taken in 32 bits, as in ROS: for values under 32768 these are the bytes of the paper's code, whose values are
//! signed. The decoder adds modulo 65536 and so reads both. "Exactly width x height values" means here that no run is longer than what
//! is left of the image, that no word follows the one where it ends, and that the rest of that word is zero.

use super::options::EncodeOptions;
use super::{Encoded, Image, ImageCodec, ImageMut, pixel_count, too_small};
use crate::error::{Error, Result};
use crate::frame::Codec;

/// Wilson's codec.
pub(super) struct Rvl;

impl ImageCodec for Rvl {
    fn codec(&self) -> Codec {
        Codec::Rvl
    }

    /// A difference has at most 17 bits, so 6 nibbles. A run of m non-zeros has a length of at most 5 + m / 8192 nibbles (more than
    /// 5 only from 32768 on); one of z zeros of at most z, so with the zeros' own share of 6 each they pay for both lengths, but for
    /// the first run, which may have none.
    fn bound(&self, width: u32, height: u32) -> Option<usize> {
        let pixels = pixel_count(width, height)?;
        let nibbles = 6 * pixels + pixels / 8192 + 6;
        Some(nibbles.div_ceil(8) * 4)
    }

    fn encode(&self, image: Image<'_>, _: &EncodeOptions, out: &mut [u8]) -> Result<Encoded> {
        let capacity = out.len();
        let size = write_image(image.pixels(), out).ok_or_else(|| too_small(Codec::Rvl, capacity))?;
        Ok(Encoded { size, lossy: false })
    }

    fn decode(&self, data: &[u8], mut image: ImageMut<'_>) -> Result<()> {
        let (width, height) = (image.width(), image.height());
        read_image(data, image.pixels())
            .ok_or_else(|| Error::corrupt(format!("{} bytes of RVL data are not one image of {width}x{height}", data.len())))
    }
}

/// The image as words; their bytes, or nothing where there is no room.
fn write_image(mut pixels: &[u16], out: &mut [u8]) -> Option<usize> {
    let mut writer = Writer { out, position: 0, window: 0, bits: 0 };
    let mut previous = 0;
    while !pixels.is_empty() {
        let (zeros, rest) = pixels.split_at(count(pixels, |value| value == 0));
        let (values, rest) = rest.split_at(count(rest, |value| value != 0));
        writer.number(zeros.len() as u32)?;
        writer.number(values.len() as u32)?;

        // Two at a time: short codes of both fit one flush.
        let (pairs, last) = values.as_chunks();
        for &[first, second] in pairs {
            let (a, b) = (folded(first, previous), folded(second, first));
            previous = second;
            writer.two_numbers(a, b)?;
        }
        if let &[value] = last {
            writer.number(folded(value, previous))?;
            previous = value;
        }
        pixels = rest;
    }
    writer.finish()
}

/// How many values at the start of `pixels` are alike. In blocks, which the compiler makes wide comparisons of.
fn count(pixels: &[u16], alike: impl Fn(u16) -> bool) -> usize {
    let blocks = pixels.as_chunks::<32>().0;
    let whole = blocks.iter().take_while(|block| block.iter().fold(true, |all, &value| all & alike(value))).count() * 32;
    whole + pixels[whole..].iter().take_while(|value| alike(**value)).count()
}

/// The difference with its sign in the lowest bit.
fn folded(value: u16, previous: u16) -> u32 {
    let difference = i32::from(value) - i32::from(previous);
    ((difference << 1) ^ (difference >> 31)) as u32
}

/// `folded` undone, modulo 65536.
fn unfolded(number: u32, previous: u16) -> u16 {
    let difference = (number >> 1) ^ (number & 1).wrapping_neg();
    previous.wrapping_add(difference as u16)
}

/// Nibbles of a number that is not in the table, as code and length in bits.
fn long_code(mut number: u32) -> (u64, u32) {
    let (mut code, mut length) = (u64::from(number & 7), 4);
    while number > 7 {
        number >>= 3;
        code = (code | 8) << 4 | u64::from(number & 7);
        length += 4;
    }
    (code, length)
}

/// Numbers below this have a code of at most 16 bits and a place in the table: nearly all differences.
const SHORT: u32 = 1 << 12;

/// Code << 8 | length in bits.
static SHORT_CODES: [u32; SHORT as usize] = {
    let mut codes = [0; SHORT as usize];
    let mut number = 0;
    while number < SHORT {
        let (mut rest, mut code, mut length) = (number >> 3, number & 7, 4);
        while rest > 0 {
            code = (code | 8) << 4 | rest & 7;
            rest >>= 3;
            length += 4;
        }
        codes[number as usize] = code << 8 | length;
        number += 1;
    }
    codes
};

/// Fills words from the top.
struct Writer<'a> {
    out: &'a mut [u8],
    position: usize,
    /// The newest `bits` bits are not written yet; what is above them was.
    window: u64,
    /// Below 32 between calls.
    bits: u32,
}

impl Writer<'_> {
    #[inline]
    fn two_numbers(&mut self, first: u32, second: u32) -> Option<()> {
        if first | second >= SHORT {
            self.number(first)?;
            return self.number(second);
        }
        let (first, second) = (SHORT_CODES[first as usize], SHORT_CODES[second as usize]);
        let length = second & 0xff;
        let both = u64::from(first >> 8) << length | u64::from(second >> 8);
        self.put(both, (first & 0xff) + length)
    }

    fn number(&mut self, number: u32) -> Option<()> {
        let (code, length) = long_code(number);
        // At most 11 nibbles: in two parts, since one flush takes 32 bits.
        if length > 32 {
            self.put(code >> 32, length - 32)?;
            return self.put(code & 0xffff_ffff, 32);
        }
        self.put(code, length)
    }

    /// Appends at most 32 bits. Whether a word is full cannot be foretold, so one is stored in any case and the next one over it.
    #[inline]
    fn put(&mut self, code: u64, length: u32) -> Option<()> {
        self.window = self.window << length | code;
        self.bits += length;
        let full = self.bits / 32;
        let word = (self.window >> (self.bits.wrapping_sub(32) & 63)) as u32;
        match self.out.get_mut(self.position..self.position + 4) {
            Some(bytes) => bytes.copy_from_slice(&word.to_le_bytes()),
            None if full == 1 => return None,
            None => {}
        }
        self.position += 4 * full as usize;
        self.bits %= 32;
        Some(())
    }

    /// Writes what is left and tells how many bytes there are.
    fn finish(mut self) -> Option<usize> {
        if self.bits > 0 {
            self.put(0, 32 - self.bits)?;
        }
        Some(self.position)
    }
}

/// Fills the image; nothing where the data is not exactly one of its size.
fn read_image(data: &[u8], mut pixels: &mut [u16]) -> Option<()> {
    let (words, rest) = data.as_chunks();
    if !rest.is_empty() {
        return None;
    }
    let mut reader = Reader { words: words.iter(), window: 0, bits: 0 };
    let mut previous = 0;
    while !pixels.is_empty() {
        let (zeros, rest) = pixels.split_at_mut_checked(reader.number()? as usize)?;
        let (values, rest) = rest.split_at_mut_checked(reader.number()? as usize)?;
        zeros.fill(0);
        let (pairs, last) = values.as_chunks_mut();
        for [first, second] in pairs {
            let (a, b) = reader.two_numbers()?;
            *first = unfolded(a, previous);
            *second = unfolded(b, *first);
            previous = *second;
        }
        for value in last {
            previous = unfolded(reader.number()?, previous);
            *value = previous;
        }
        pixels = rest;
    }
    reader.is_at_end().then_some(())
}

/// Takes numbers out of words.
struct Reader<'a> {
    words: std::slice::Iter<'a, [u8; 4]>,
    /// The next nibble is the lowest; zero above `bits`.
    window: u64,
    bits: u32,
}

/// Most bits of a number: 9 nibbles hold 27, when the largest image has 2^25 pixels. They are there whenever words are left, since a
/// refill leaves 36 bits at least.
const LONGEST: u32 = 36;

impl Reader<'_> {
    /// The next number; nothing where the data ends, or at one that no image can need.
    #[inline]
    fn number(&mut self) -> Option<u32> {
        self.refill();
        let length = self.ends().trailing_zeros() + 1;
        (length <= self.bits.min(LONGEST)).then(|| without_marks(self.take(length)))
    }

    /// The next two: with one refill, if they are as short as usual.
    #[inline]
    fn two_numbers(&mut self) -> Option<(u32, u32)> {
        self.refill();
        let ends = self.ends();
        let first = ends.trailing_zeros() + 1;
        let both = (ends & ends.wrapping_sub(1)).trailing_zeros() + 1;
        if both > self.bits.min(LONGEST) {
            return Some((self.number()?, self.number()?));
        }
        let codes = self.take(both);
        Some((without_marks(codes & lowest(first)), without_marks(codes >> first)))
    }

    #[inline]
    fn refill(&mut self) {
        if self.bits <= 32
            && let Some(&word) = self.words.next()
        {
            self.window |= u64::from(first_nibble_lowest(word)) << self.bits;
            self.bits += 32;
        }
    }

    /// The top bits of those nibbles with which a number ends.
    #[inline]
    fn ends(&self) -> u64 {
        !self.window & 0x8888_8888_8888_8888
    }

    /// The next bits, 1 to 63.
    #[inline]
    fn take(&mut self, length: u32) -> u64 {
        let taken = self.window & lowest(length);
        self.window >>= length;
        self.bits -= length;
        taken
    }

    fn is_at_end(&self) -> bool {
        self.words.len() == 0 && self.bits < 32 && self.window == 0
    }
}

/// A mask of the lowest 1 to 64 bits.
fn lowest(bits: u32) -> u64 {
    u64::MAX >> (64 - bits)
}

/// A word turned round: its nibbles begin at the top, shifting is simpler from the bottom.
fn first_nibble_lowest(word: [u8; 4]) -> u32 {
    let word = u32::from_be_bytes(word);
    (word & 0x0f0f_0f0f) << 4 | (word >> 4) & 0x0f0f_0f0f
}

/// Nine nibbles pushed together to 27 bits, without their upper bits: by twos, then by fours, then all.
#[inline]
fn without_marks(code: u64) -> u32 {
    let six = code & 0x7_0707_0707 | (code & 0x7070_7070) >> 1;
    let twelve = six & 0x7_003f_003f | (six & 0x3f00_3f00) >> 2;
    (twelve & 0xfff | (twelve & 0x0fff_0000) >> 4 | (twelve & 0x7_0000_0000) >> 8) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn encode(pixels: &[u16]) -> Vec<u8> {
        let mut out = vec![0; Rvl.bound(pixels.len() as u32, 1).unwrap()];
        let encoded = Rvl.encode(Image::new(pixels, pixels.len() as u32, 1).unwrap(), &EncodeOptions::default(), &mut out).unwrap();
        assert!(!encoded.lossy);
        out.truncate(encoded.size);
        out
    }

    fn decode(data: &[u8], pixels: u32) -> Result<Vec<u16>> {
        let mut image = vec![0xeeee; pixels as usize];
        Rvl.decode(data, ImageMut::new(&mut image, pixels, 1).unwrap())?;
        Ok(image)
    }

    /// The words of these nibbles.
    fn words(nibbles: &str) -> Vec<u8> {
        let padded = format!("{nibbles:0<width$}", width = nibbles.len().next_multiple_of(8));
        padded
            .as_bytes()
            .as_chunks::<8>()
            .0
            .iter()
            .flat_map(|word| u32::from_str_radix(std::str::from_utf8(word).unwrap(), 16).unwrap().to_le_bytes())
            .collect()
    }

    #[test]
    fn the_layout_is_that_of_the_paper() {
        // Two zeros, three values: +5 is 10, in octal 12, lowest first; -2 is 3; 0.
        assert_eq!(encode(&[0, 0, 5, 3, 3]), words("23a130"));
        // An image that ends in zeros says so: "and no values".
        assert_eq!(encode(&[1, 0]), words("01210"));
        // Differences reach over zeros. The first nibble is at the top of its word, which is the last of its bytes.
        assert_eq!(encode(&[500, 0, 501]), words("018df1112"));
        assert_eq!(encode(&[500, 0, 501]), [0x11, 0xf1, 0x8d, 0x01, 0, 0, 0, 0x20]);
        // The largest differences have 17 bits.
        assert_eq!(encode(&[65535, 1]), words("02effff3bffff3"));
        for (nibbles, image) in [("23a130", &[0, 0, 5, 3, 3][..]), ("01210", &[1, 0]), ("02effff3bffff3", &[65535, 1])] {
            assert_eq!(decode(&words(nibbles), image.len() as u32).unwrap(), image);
        }
    }

    #[test]
    fn differences_that_another_encoder_took_as_signed_are_read_as_well() {
        // From 32767 to -32768, which has the bits of 32768: -65535, folded.
        assert_eq!(unfolded(131_069, 32767), 32768);
    }

    #[test]
    fn every_code_of_the_table_is_the_long_one() {
        for number in 0..SHORT {
            let entry = SHORT_CODES[number as usize];
            assert_eq!((u64::from(entry >> 8), entry & 0xff), long_code(number));
        }
    }

    #[test]
    fn every_number_of_27_bits_is_written_and_read() {
        for number in (0..27).flat_map(|bits| [(1 << bits) - 1, 1 << bits, (1 << bits) + 1]).chain([(1 << 27) - 1]) {
            let mut out = [0; 12];
            let mut writer = Writer { out: &mut out, position: 0, window: 0, bits: 0 };
            writer.number(5).and_then(|()| writer.number(number)).and_then(|()| writer.two_numbers(number, 6)).unwrap();
            let size = writer.finish().unwrap();
            let mut reader = Reader { words: out[..size].as_chunks().0.iter(), window: 0, bits: 0 };
            assert_eq!(reader.number(), Some(5));
            assert_eq!(reader.two_numbers(), Some((number, number)));
            assert_eq!(reader.number(), Some(6));
            assert!(reader.is_at_end());
        }
    }

    #[test]
    fn every_room_too_small_is_said_and_the_exact_one_is_enough() {
        let image: Vec<u16> = (0..300u16).map(|i| if i % 7 == 0 { 0 } else { i.wrapping_mul(2477) }).collect();
        let data = encode(&image);
        for room in 0..data.len() {
            let error = Rvl.encode(Image::new(&image, 300, 1).unwrap(), &EncodeOptions::default(), &mut vec![0; room]).unwrap_err();
            assert_eq!(error.kind, ErrorKind::BufferTooSmall, "{room}");
        }
        assert!(Rvl.encode(Image::new(&image, 300, 1).unwrap(), &EncodeOptions::default(), &mut vec![0; data.len()]).is_ok());
    }

    #[test]
    fn only_exactly_one_image_decodes() {
        let image = [7, 0, 9, 9, 0, 0, 4000, 1, 65535];
        let data = encode(&image);
        let refused = |data: &[u8], pixels| assert_eq!(decode(data, pixels).unwrap_err().kind, ErrorKind::Corrupt);
        for cut in 0..data.len() {
            refused(&data[..cut], 9);
        }
        refused(&[&data[..], &[0; 4]].concat(), 9);
        refused(&[&data[..], &[0]].concat(), 9);
        for pixels in [1, 8, 10, 1000] {
            refused(&data, pixels);
        }
        refused(&words("013"), 2); // ends before the image
        refused(&words("0122"), 1); // more than padding after it
        refused(&words("2"), 1); // a run longer than the image
        refused(&words("0fffffffff1"), 1); // a number longer than any
        refused(&words("ffffffffffffffff"), 1); // a number without end
    }

    /// What must be paid for beside the values: run lengths, in the proportions that cost most.
    #[test]
    fn nothing_takes_more_than_the_bound() {
        let extremes = |i: usize| if i.is_multiple_of(2) { 65535 } else { 1 };
        for period in [1, 2, 3, 9, 10, 65, 513, 4097, 32769, 32770, 262145, usize::MAX] {
            for pixels in [1, 2, 3, 7, 8, 9, 64, 1000, 32768, 65537, 600_000] {
                let image: Vec<u16> = (0..pixels).map(|i| if i % period == period - 1 { 0 } else { extremes(i) }).collect();
                assert_eq!(decode(&encode(&image), pixels as u32).unwrap(), image, "{pixels} pixels, every {period}th a zero");
            }
        }
    }
}
