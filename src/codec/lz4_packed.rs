//! LZ4_PACKED: one depth message of protocol version 1, as the 2014 implementation sends it.
//!
//! ```text
//! u32 LE   N = W*H + W*H/2
//! ...      one raw LZ4 block that decodes to N bytes:
//!          W*H bytes     bits 4..11 of each value, row by row
//!          W*H/2 bytes   for each pair of values: bits 0..3 of the first in the upper half, of the second in the lower
//! ```
//!
//! Twelve bits, so the number of values must be even and those above 4095 cannot be said. They become 0, which means invalid: cutting
//! off their upper bits, as the 2014 implementation did, makes a wall at 4.5 m one at 40 cm. LZ4 block format:
//! <https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md>. Its output is not canonical: other encoders give other bytes.

use std::cell::RefCell;

use lz4::block::{compress_bound, compress_to_buffer, decompress_to_buffer};

use super::options::EncodeOptions;
use super::{Encoded, Image, ImageCodec, ImageMut, pixel_count, too_small};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Codec;

/// The version 1 depth message.
pub(super) struct Lz4Packed;

const LENGTH_WORD: usize = 4;
const LARGEST: u16 = 0x0fff;

impl ImageCodec for Lz4Packed {
    fn codec(&self) -> Codec {
        Codec::Lz4Packed
    }

    fn bound(&self, width: u32, height: u32) -> Option<usize> {
        let packed = packed_size(pixel_count(width, height)?)?;
        compress_bound(packed).ok().map(|block| LENGTH_WORD + block)
    }

    fn encode(&self, image: Image<'_>, _: &EncodeOptions, out: &mut [u8]) -> Result<Encoded> {
        let pixels = image.pixels();
        let packed_size = packed_size(pixels.len()).ok_or_else(|| odd(image.width(), image.height()))?;
        let capacity = out.len();
        // LZ4 counts the room in 32 bits, and needs no more than its bound.
        let useful = self.bound(image.width(), image.height()).unwrap_or(0).min(capacity);
        let (length, block) = out[..useful].split_first_chunk_mut().ok_or_else(|| too_small(Codec::Lz4Packed, capacity))?;
        with_scratch(packed_size, |packed| {
            let lossy = pack(pixels, packed);
            *length = (packed_size as u32).to_le_bytes();
            // The only thing that can go wrong here is the room.
            let size = compress_to_buffer(packed, None, false, block).map_err(|_| too_small(Codec::Lz4Packed, capacity))?;
            Ok(Encoded { size: LENGTH_WORD + size, lossy })
        })
    }

    fn decode(&self, data: &[u8], mut image: ImageMut<'_>) -> Result<()> {
        let (width, height) = (image.width(), image.height());
        let pixels = image.pixels();
        let corrupt = |what: &str| Error::corrupt(format!("LZ4-packed data of a {width}x{height} image: {what}"));
        let expected = packed_size(pixels.len()).ok_or_else(|| corrupt("an odd number of pixels cannot be packed"))?;
        let (length, block) = data.split_first_chunk().ok_or_else(|| corrupt("shorter than its length word"))?;
        let length = u32::from_le_bytes(*length);
        if length as usize != expected {
            return Err(corrupt(&format!("claims {length} bytes where there must be {expected}")));
        }
        // Past this a block only repeats itself; and LZ4 counts in 32 bits.
        if self.bound(width, height).is_none_or(|bound| data.len() > bound) {
            return Err(corrupt("longer than any such image"));
        }
        with_scratch(expected, |packed| {
            match decompress_to_buffer(block, Some(expected as i32), packed) {
                Ok(size) if size == expected => unpack(packed, pixels),
                Ok(size) => return Err(corrupt(&format!("the LZ4 block ends after {size} of {expected} bytes"))),
                Err(_) => return Err(corrupt(&format!("not an LZ4 block of {expected} bytes"))),
            }
            Ok(())
        })
    }
}

/// Bytes of `pixels` values of 12 bits, if the number is even. At most 48 MiB, so it fits LZ4's `int`.
fn packed_size(pixels: usize) -> Option<usize> {
    pixels.is_multiple_of(2).then_some(pixels + pixels / 2)
}

fn odd(width: u32, height: u32) -> Error {
    Error::invalid(format!("LZ4-packed needs an even number of pixels, {width}x{height} is odd: use another codec"))
}

/// Packs pairs of 12-bit values: upper eight bits in one plane, nibbles in the next. Whether a value was too large.
fn pack(pixels: &[u16], packed: &mut [u8]) -> bool {
    let (upper, nibbles) = packed.split_at_mut(pixels.len());
    let fitting = |value: u16| if value > LARGEST { 0 } else { value };
    let mut all_bits = 0;
    for (byte, &value) in upper.iter_mut().zip(pixels) {
        all_bits |= value;
        *byte = (fitting(value) >> 4) as u8;
    }
    for (byte, &[even, odd]) in nibbles.iter_mut().zip(pixels.as_chunks().0) {
        *byte = ((fitting(even) & 15) << 4 | fitting(odd) & 15) as u8;
    }
    all_bits > LARGEST
}

fn unpack(packed: &[u8], pixels: &mut [u16]) {
    let (upper, nibbles) = packed.split_at(pixels.len());
    let pairs = pixels.as_chunks_mut().0.iter_mut().zip(upper.as_chunks().0);
    for (([even, odd], &[upper_even, upper_odd]), &low) in pairs.zip(nibbles) {
        *even = u16::from(upper_even) << 4 | u16::from(low >> 4);
        *odd = u16::from(upper_odd) << 4 | u16::from(low & 15);
    }
}

/// Most that a thread keeps for the next image: six times what a Kinect v2 frame needs.
const KEPT_SCRATCH: usize = 2 << 20;

thread_local!(static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) });

/// Lends `size` bytes that a thread uses again and again: a fresh buffer of this size costs 80 page faults a frame.
fn with_scratch<T>(size: usize, work: impl FnOnce(&mut [u8]) -> Result<T>) -> Result<T> {
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.len() < size {
            scratch.try_reserve_exact(size - scratch.len()).map_err(|_| out_of_memory(size))?;
            scratch.resize(size, 0);
        }
        let result = work(&mut scratch[..size]);
        if scratch.len() > KEPT_SCRATCH {
            *scratch = Vec::new();
        }
        result
    })
}

fn out_of_memory(size: usize) -> Error {
    Error::new(ErrorKind::OutOfMemory, format!("no memory for the {size} bytes of a packed image"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(pixels: &[u16], width: u32, height: u32) -> (Vec<u8>, bool) {
        let mut out = vec![0; Lz4Packed.bound(width, height).unwrap()];
        let encoded = Lz4Packed.encode(Image::new(pixels, width, height).unwrap(), &EncodeOptions::default(), &mut out).unwrap();
        out.truncate(encoded.size);
        (out, encoded.lossy)
    }

    fn decode(data: &[u8], width: u32, height: u32) -> Result<Vec<u16>> {
        let mut pixels = vec![0xeeee; (width * height) as usize];
        Lz4Packed.decode(data, ImageMut::new(&mut pixels, width, height).unwrap())?;
        Ok(pixels)
    }

    #[test]
    fn planes_are_laid_out_as_documented() {
        let mut packed = [0; 6];
        assert!(!pack(&[0xabc, 0x123, 0x001, 0xfff], &mut packed));
        assert_eq!(packed, [0xab, 0x12, 0x00, 0xff, 0xc3, 0x1f]);
        let mut back = [0; 4];
        unpack(&packed, &mut back);
        assert_eq!(back, [0xabc, 0x123, 0x001, 0xfff]);
    }

    #[test]
    fn a_message_of_one_pair_is_byte_exact() {
        // Too short for LZ4 to find anything in it: one token of 3 literals, then the literals.
        assert_eq!(encode(&[0xabc, 0x123], 2, 1).0, [3, 0, 0, 0, 0x30, 0xab, 0x12, 0xc3]);
    }

    #[test]
    fn values_over_4095_become_invalid_never_a_wrong_distance() {
        let (data, lossy) = encode(&[4095, 4096, 4500, 65535], 4, 1);
        assert!(lossy);
        assert_eq!(decode(&data, 4, 1).unwrap(), [4095, 0, 0, 0]);
        assert!(!encode(&[4095, 0], 2, 1).1);
    }

    #[test]
    fn an_odd_number_of_pixels_is_refused() {
        assert_eq!(Lz4Packed.bound(3, 3), None);
        let error = Lz4Packed.encode(Image::new(&[0; 9], 3, 3).unwrap(), &EncodeOptions::default(), &mut [0; 100]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
        assert_eq!(decode(&[13, 0, 0, 0, 0xd0, 0, 0], 3, 3).unwrap_err().kind, ErrorKind::Corrupt);
    }

    #[test]
    fn every_room_too_small_is_said_and_the_exact_one_is_enough() {
        let pixels: Vec<u16> = (0..64).map(|i| i * 61).collect();
        let (data, _) = encode(&pixels, 8, 8);
        for room in 0..data.len() {
            let error = Lz4Packed.encode(Image::new(&pixels, 8, 8).unwrap(), &EncodeOptions::default(), &mut vec![0; room]).unwrap_err();
            assert_eq!(error.kind, ErrorKind::BufferTooSmall, "{room}");
        }
        assert!(Lz4Packed.encode(Image::new(&pixels, 8, 8).unwrap(), &EncodeOptions::default(), &mut vec![0; data.len()]).is_ok());
    }

    #[test]
    fn only_exactly_one_image_decodes() {
        let pixels: Vec<u16> = (0..512).map(|i| i * 7).collect();
        let (data, _) = encode(&pixels, 32, 16);
        assert_eq!(decode(&data, 32, 16).unwrap(), pixels);
        for cut in 0..data.len() {
            assert_eq!(decode(&data[..cut], 32, 16).unwrap_err().kind, ErrorKind::Corrupt, "cut at {cut}");
        }
        for extra in [&[0][..], &[0, 0, 0, 0], &[0x10, 0x55]] {
            assert_eq!(decode(&[&data, extra].concat(), 32, 16).unwrap_err().kind, ErrorKind::Corrupt);
        }
        assert_eq!(decode(&data, 32, 17).unwrap_err().kind, ErrorKind::Corrupt);

        // A block that ends early, under the right length word.
        let (short, _) = encode(&pixels[..256], 16, 16);
        let lying = [&data[..4], &short[4..]].concat();
        assert_eq!(decode(&lying, 32, 16).unwrap_err().kind, ErrorKind::Corrupt);
    }

    #[test]
    fn the_scratch_of_a_large_image_is_given_back() {
        let large = vec![7; 2048 * 1024];
        let (data, _) = encode(&large, 2048, 1024);
        assert_eq!(decode(&data, 2048, 1024).unwrap(), large);
        assert_eq!(SCRATCH.with_borrow(Vec::capacity), 0);
        encode(&large[..512 * 424], 512, 424);
        assert_ne!(SCRATCH.with_borrow(Vec::capacity), 0, "that of a usual one is kept");
    }
}
