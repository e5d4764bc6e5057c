//! Codecs of 16-bit images: any data at any size, any image there and back.

use streamkinect2::codec::options::EncodeOptions;
use streamkinect2::codec::{self, CODECS, Image, ImageCodec, ImageMut};
use streamkinect2::error::ErrorKind;
use streamkinect2::frame::Codec;

/// Before and behind what may be written.
const GUARD: usize = 64;
const UNTOUCHED: u16 = 0xa5c3;
/// A little more than a frame of a Kinect v2 has: what needs more is slow and shows nothing new.
const MOST_PIXELS: u64 = 1 << 18;

/// Width - 1 and height - 1, two bytes each, and RAW data.
pub fn raw(data: &[u8]) {
    decode(Codec::Raw, data);
}

/// Width - 1 and height - 1, two bytes each, and a version 1 depth message.
pub fn lz4_packed(data: &[u8]) {
    decode(Codec::Lz4Packed, data);
}

/// Width - 1 and height - 1, two bytes each, and RVL data.
pub fn rvl(data: &[u8]) {
    decode(Codec::Rvl, data);
}

fn decode(number: Codec, data: &[u8]) {
    let Some((&[w0, w1, h0, h1], data)) = data.split_first_chunk() else { return };
    let (width, height) = (u32::from(u16::from_le_bytes([w0, w1])) + 1, u32::from(u16::from_le_bytes([h0, h1])) + 1);
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return;
    }
    let codec = codec::find(number).unwrap();
    let Some(pixels) = decoded(codec, data, width, height) else { return };

    // What is accepted is an image that can be said, and comes back.
    let bound = codec.bound(width, height).expect("no data decodes at a size that the codec does not take");
    let (again, lossy) = encoded(codec, &pixels, width, height, bound);
    assert!(!lossy, "decoded values fit the codec");
    // The others can say an image in several ways.
    if number == Codec::Raw {
        assert_eq!(again, data);
    }
    assert_eq!(decoded(codec, &again, width, height), Some(pixels));
}

/// The image, if the data is one. Nothing around it may have been written.
fn decoded(codec: &dyn ImageCodec, data: &[u8], width: u32, height: u32) -> Option<Vec<u16>> {
    let count = (width * height) as usize;
    let mut memory = vec![UNTOUCHED; GUARD + count + GUARD];
    let image = ImageMut::new(&mut memory[GUARD..][..count], width, height).unwrap();
    let result = codec.decode(data, image);
    assert!([&memory[..GUARD], &memory[GUARD + count..]].concat().iter().all(|value| *value == UNTOUCHED));
    match result {
        Ok(()) => Some(memory[GUARD..][..count].to_vec()),
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::Corrupt, "{error}");
            None
        }
    }
}

/// The image in at most `room` bytes, behind which nothing may be written, and whether something got lost.
fn encoded(codec: &dyn ImageCodec, pixels: &[u16], width: u32, height: u32, room: usize) -> (Vec<u8>, bool) {
    let untouched = UNTOUCHED as u8;
    let mut memory = vec![untouched; room + GUARD];
    let encoded = codec
        .encode(Image::new(pixels, width, height).unwrap(), &EncodeOptions::default(), &mut memory[..room])
        .expect("the bound suffices");
    assert!(encoded.size <= room);
    assert!(memory[room..].iter().all(|byte| *byte == untouched));
    memory.truncate(encoded.size);
    (memory, encoded.lossy)
}

/// Width - 1, one byte, and an image as little-endian values, through every codec.
pub fn round_trip(data: &[u8]) {
    let [width, values @ ..] = data else { return };
    let width = u32::from(*width) + 1;
    let pixels: Vec<u16> = values.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
    let height = pixels.len() as u32 / width;
    if height > 0 {
        for row in CODECS {
            there_and_back(row.codec, &pixels[..(width * height) as usize], width, height);
        }
    }
}

fn there_and_back(codec: &dyn ImageCodec, pixels: &[u16], width: u32, height: u32) {
    let Some(bound) = codec.bound(width, height) else {
        assert!(codec.codec() == Codec::Lz4Packed && pixels.len() % 2 == 1, "only pairs can be packed");
        return;
    };
    let (data, lossy) = encoded(codec, pixels, width, height, bound);
    let expected: Vec<u16> = match codec.codec() {
        // 12 bits: what they cannot say becomes invalid, never another distance.
        Codec::Lz4Packed => pixels.iter().map(|value| if *value > 4095 { 0 } else { *value }).collect(),
        _ => pixels.to_vec(),
    };
    assert_eq!(lossy, expected != pixels);
    assert_eq!(decoded(codec, &data, width, height).as_ref(), Some(&expected));

    // The exact room is enough, less is refused.
    assert_eq!(encoded(codec, pixels, width, height, data.len()), (data.clone(), lossy));
    let error =
        codec.encode(Image::new(pixels, width, height).unwrap(), &EncodeOptions::default(), &mut vec![0; data.len() - 1]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::BufferTooSmall);

    // A part of it, or more than it, is no image of this size.
    assert_eq!(decoded(codec, &data[..data.len() - 1], width, height), None);
    for more in [&[0][..], &[0; 4]] {
        assert_eq!(decoded(codec, &[&data[..], more].concat(), width, height), None);
    }
}
