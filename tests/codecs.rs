//! The codecs against recordings of the 2014 implementation, against RVL as published, and on arbitrary input.

use std::fs;
use std::path::PathBuf;

use proptest::collection::vec;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use streamkinect2::codec::options::EncodeOptions;
use streamkinect2::codec::{CODECS, Image, ImageCodec, ImageMut, find};
use streamkinect2::error::{ErrorKind, Result};
use streamkinect2::frame::Codec;

fn encode(codec: &dyn ImageCodec, pixels: &[u16], width: u32, height: u32) -> (Vec<u8>, bool) {
    let mut out = vec![0xaa; codec.bound(width, height).unwrap()];
    let encoded = codec.encode(Image::new(pixels, width, height).unwrap(), &EncodeOptions::default(), &mut out).unwrap();
    out.truncate(encoded.size);
    (out, encoded.lossy)
}

fn decode(codec: &dyn ImageCodec, data: &[u8], width: u32, height: u32) -> Result<Vec<u16>> {
    let mut pixels = vec![0xeeee; width as usize * height as usize];
    codec.decode(data, ImageMut::new(&mut pixels, width, height)?)?;
    Ok(pixels)
}

fn sha256(pixels: &[u16]) -> String {
    let bytes: Vec<u8> = pixels.iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

// ---- recordings ----

struct Recording {
    name: String,
    width: u32,
    height: u32,
    message: Vec<u8>,
    raw_sha256: String,
    decoded_sha256: String,
}

fn recordings() -> Vec<Recording> {
    let list: serde_json::Value = serde_json::from_str(include_str!("golden/depth.json")).unwrap();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/depth");
    let recording = |entry: &serde_json::Value| {
        let text = |member: &str| entry[member].as_str().unwrap().to_owned();
        let number = |member: &str| entry[member].as_u64().unwrap() as u32;
        Recording {
            message: fs::read(folder.join(text("name") + ".msg")).unwrap(),
            name: text("name"),
            width: number("width"),
            height: number("height"),
            raw_sha256: text("raw_sha256"),
            decoded_sha256: text("decoded_sha256"),
        }
    };
    list.as_array().unwrap().iter().map(recording).collect()
}

/// The recorded mock's frame at offset `dx`: a slanted wall, and before it a cone that moves sideways.
fn mock_scene(dx: i32) -> Vec<u16> {
    let at = |x: i32, y: i32| {
        let column = (x - dx).rem_euclid(512);
        let cone = f64::from((column - 256).pow(2) + (y - 212).pow(2)).sqrt() as u16 + 500;
        cone.min(1000 + (y as u16 >> 1))
    };
    (0..424).flat_map(|y| (0..512).map(move |x| at(x, y))).collect()
}

#[test]
fn every_recorded_depth_message_decodes() {
    let codec = find(Codec::Lz4Packed).unwrap();
    let recordings = recordings();
    assert_eq!(recordings.len(), 10);
    for recording in recordings {
        // These came from an encoder that cut values off at 12 bits; decoding gives what is left of them.
        let pixels = decode(codec, &recording.message, recording.width, recording.height).unwrap();
        assert_eq!(sha256(&pixels), recording.decoded_sha256, "{}", recording.name);
    }
}

#[test]
fn recorded_messages_decode_at_their_own_size_only_and_whole_only() {
    let codec = find(Codec::Lz4Packed).unwrap();
    for recording in recordings() {
        let (message, width, height) = (&recording.message, recording.width, recording.height);
        for (data, width, height) in [
            (&message[..], width + 2, height),
            (&message[..], width, height + 1),
            (&message[..message.len() - 1], width, height),
            (&[&message[..], &[0]].concat()[..], width, height),
        ] {
            assert_eq!(decode(codec, data, width, height).unwrap_err().kind, ErrorKind::Corrupt, "{}", recording.name);
        }
    }
}

#[test]
fn what_was_recorded_as_exact_is_encoded_to_the_same_image() {
    let codec = find(Codec::Lz4Packed).unwrap();
    let mut exact = 0;
    for recording in recordings().iter().filter(|recording| recording.raw_sha256 == recording.decoded_sha256) {
        let (width, height) = (recording.width, recording.height);
        let pixels = decode(codec, &recording.message, width, height).unwrap();
        let (data, lossy) = encode(codec, &pixels, width, height);
        assert!(!lossy);
        assert_eq!(data[..4], recording.message[..4], "the length word of {}", recording.name);
        assert_eq!(decode(codec, &data, width, height).unwrap(), pixels, "{}", recording.name);
        exact += 1;
    }
    assert_eq!(exact, 7);
}

#[test]
fn the_mock_scene_is_the_recorded_one_and_passes_every_codec() {
    for (dx, name) in [(0, "mock_dx0"), (37, "mock_dx37"), (-100, "mock_dx-100")] {
        let scene = mock_scene(dx);
        let recording = recordings().into_iter().find(|recording| recording.name == name).unwrap();
        assert_eq!(sha256(&scene), recording.raw_sha256, "{name}");
        for row in CODECS {
            let (data, lossy) = encode(row.codec, &scene, 512, 424);
            assert!(!lossy);
            assert_eq!(decode(row.codec, &data, 512, 424).unwrap(), scene);
        }
    }
}

#[test]
fn far_values_arrive_as_invalid_on_the_old_endpoint() {
    // The recorded implementation made 404 of 4500.
    let ramp: Vec<u16> = (0..=u16::MAX).collect();
    let codec = find(Codec::Lz4Packed).unwrap();
    let (data, lossy) = encode(codec, &ramp, 256, 256);
    assert!(lossy);
    let expected: Vec<u16> = ramp.iter().map(|value| if *value > 4095 { 0 } else { *value }).collect();
    assert_eq!(decode(codec, &data, 256, 256).unwrap(), expected);
}

// ---- arbitrary images ----

/// Images as sensors make them and as nobody does: runs, slopes, holes, noise, extremes.
fn image() -> impl Strategy<Value = (Vec<u16>, u32, u32)> {
    (1u32..48, 1u32..48, any::<u64>(), 0u32..5).prop_flat_map(|(width, height, seed, kind)| {
        let pixels = (width * height) as usize;
        let value = match kind {
            0 => any::<u16>().boxed(),
            1 => prop_oneof![3 => Just(0), 1 => 1u16..5000].boxed(),
            2 => prop_oneof![20 => 1990u16..2010, 1 => Just(0), 1 => any::<u16>()].boxed(),
            3 => prop_oneof![Just(0), Just(1), Just(u16::MAX), Just(0x7fff), Just(0x8000)].boxed(),
            _ => Just((seed & 0xffff) as u16).boxed(),
        };
        (vec(value, pixels), Just(width), Just(height))
    })
}

fn codec() -> impl Strategy<Value = Codec> {
    let codecs: Vec<Codec> = CODECS.iter().map(|row| row.codec.codec()).collect();
    prop::sample::select(codecs)
}

/// RVL as its paper describes it, nibble by nibble; differences in 32 bits.
fn published_rvl(pixels: &[u16]) -> Vec<u8> {
    fn number(nibbles: &mut Vec<u32>, mut value: u32) {
        loop {
            let group = value & 7;
            value >>= 3;
            nibbles.push(if value > 0 { group | 8 } else { group });
            if value == 0 {
                return;
            }
        }
    }
    let (mut nibbles, mut at, mut previous) = (vec![], 0, 0i32);
    while at < pixels.len() {
        let zeros = pixels[at..].iter().take_while(|value| **value == 0).count();
        let values = pixels[at + zeros..].iter().take_while(|value| **value != 0).count();
        number(&mut nibbles, zeros as u32);
        number(&mut nibbles, values as u32);
        for value in &pixels[at + zeros..at + zeros + values] {
            let difference = i32::from(*value) - previous;
            number(&mut nibbles, if difference < 0 { (-2 * difference - 1) as u32 } else { 2 * difference as u32 });
            previous = i32::from(*value);
        }
        at += zeros + values;
    }
    let word = |eight: &[u32]| (0..8).fold(0, |word, i| word << 4 | eight.get(i).unwrap_or(&0));
    nibbles.chunks(8).flat_map(|eight| word(eight).to_le_bytes()).collect()
}

proptest! {
    #[test]
    fn every_codec_gives_back_every_image_or_says_that_it_does_not(codec in codec(), (pixels, width, height) in image()) {
        let twelve_bits = codec == Codec::Lz4Packed;
        let codec = find(codec).unwrap();
        if codec.bound(width, height).is_none() {
            prop_assert!(twelve_bits && pixels.len() % 2 == 1);
            return Ok(());
        }
        let (data, lossy) = encode(codec, &pixels, width, height);
        let decoded = decode(codec, &data, width, height).unwrap();
        if twelve_bits {
            prop_assert_eq!(lossy, pixels.iter().any(|value| *value > 4095));
            let expected: Vec<u16> = pixels.iter().map(|value| if *value > 4095 { 0 } else { *value }).collect();
            prop_assert_eq!(decoded, expected);
        } else {
            prop_assert!(!lossy);
            prop_assert_eq!(decoded, pixels);
        }
    }

    #[test]
    fn rvl_has_the_published_bytes((pixels, width, height) in image()) {
        prop_assert_eq!(encode(find(Codec::Rvl).unwrap(), &pixels, width, height).0, published_rvl(&pixels));
    }

    #[test]
    fn any_room_is_enough_or_refused(codec in codec(), (pixels, width, height) in image(), room in 0usize..3000) {
        let codec = find(codec).unwrap();
        prop_assume!(codec.bound(width, height).is_some());
        let (data, _) = encode(codec, &pixels, width, height);
        match codec.encode(Image::new(&pixels, width, height).unwrap(), &EncodeOptions::default(), &mut vec![0; room]) {
            Ok(encoded) => prop_assert!(encoded.size <= room),
            Err(error) => {
                prop_assert_eq!(error.kind, ErrorKind::BufferTooSmall);
                prop_assert!(room < data.len());
            }
        }
    }

    #[test]
    fn part_of_an_image_and_more_than_one_are_corrupt(
        codec in codec(),
        (pixels, width, height) in image(),
        cut in any::<prop::sample::Index>(),
        more in vec(any::<u8>(), 1..9),
    ) {
        let codec = find(codec).unwrap();
        prop_assume!(codec.bound(width, height).is_some());
        let (data, _) = encode(codec, &pixels, width, height);
        for wrong in [&data[..cut.index(data.len())], &[&data[..], &more].concat()] {
            prop_assert_eq!(decode(codec, wrong, width, height).unwrap_err().kind, ErrorKind::Corrupt);
        }
    }

    #[test]
    fn damaged_data_is_corrupt_or_an_image(
        codec in codec(),
        (pixels, width, height) in image(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let codec = find(codec).unwrap();
        prop_assume!(codec.bound(width, height).is_some());
        let (mut data, _) = encode(codec, &pixels, width, height);
        for (index, value) in damage {
            let index = index.index(data.len());
            data[index] = value;
        }
        if let Err(error) = decode(codec, &data, width, height) {
            prop_assert_eq!(error.kind, ErrorKind::Corrupt);
        }
    }

    #[test]
    fn garbage_is_corrupt_or_an_image(codec in codec(), mut data in vec(any::<u8>(), 0..600), width in 1u32..40, height in 1u32..40, claim in any::<bool>()) {
        let codec = find(codec).unwrap();
        if claim && data.len() >= 4 {
            // Past the length word of the version 1 message.
            data[..4].copy_from_slice(&(width * height + width * height / 2).to_le_bytes());
        }
        if let Err(error) = decode(codec, &data, width, height) {
            prop_assert_eq!(error.kind, ErrorKind::Corrupt);
        }
    }
}
