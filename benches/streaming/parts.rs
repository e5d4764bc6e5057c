//! The parts of a frame's way that bare libzmq does not have: copying what is pushed, encoding, both sides' checksums, decoding.
//!
//! They are measured between the frames of a stream, with its pauses: in a loop they would be faster than a stream ever has them.

use std::time::Instant;

use streamkinect2::codec::{Image, ImageMut};
use streamkinect2::frame::{Codec, FrameFlags, PixelFormat, Stream};
use streamkinect2::protocol::header::FrameHeader;

use crate::Outcome;
use crate::coding::Encoder;
use crate::pictures::Pictures;
use crate::words::{Opened, Prepared};

pub struct Parts {
    encoder: Encoder,
    width: u32,
    height: u32,
    pixels: Vec<u16>,
    payload: Vec<u8>,
}

impl Parts {
    pub fn new(encoder: Encoder, width: u32, height: u32) -> Outcome<Self> {
        let payload = vec![0; encoder.bound(width, height)?];
        Ok(Self { encoder, width, height, pixels: vec![0; width as usize * height as usize], payload })
    }

    /// A sender's, of frame `number`.
    pub fn prepare(&mut self, pictures: &Pictures, number: u64) -> Outcome<Prepared> {
        let Self { encoder, width, height, pixels, payload } = self;
        let (_, copy_ns) = timed(|| pixels.copy_from_slice(pictures.of(number)));
        let (encoded, encode_ns) = timed(|| encoder.encode(Image::new(pixels, *width, *height)?, payload));
        let payload = &payload[..encoded?.size];
        let (_, checksum_ns) = timed(|| header(encoder.codec.codec(), *width, *height).with_payload(payload));
        Ok(Prepared { picture: number % pictures.count() as u64, copy_ns, encode_ns, checksum_ns })
    }

    /// A receiver's, of a payload.
    pub fn open(&mut self, payload: &[u8]) -> Outcome<Opened> {
        let Self { encoder, width, height, pixels, .. } = self;
        let header = header(encoder.codec.codec(), *width, *height).with_payload(payload);
        let (checked, checksum_ns) = timed(|| header.check_payload(payload));
        let (decoded, decode_ns) = timed(|| encoder.codec.decode(payload, ImageMut::new(pixels, *width, *height)?));
        checked?;
        decoded?;
        Ok(Opened { checksum_ns, decode_ns })
    }

    /// The same of what these pixels become.
    pub fn open_encoded(&mut self, pixels: &[u16]) -> Outcome<Opened> {
        let mut payload = std::mem::take(&mut self.payload);
        let encoded = self.encoder.encode(Image::new(pixels, self.width, self.height)?, &mut payload)?;
        let opened = self.open(&payload[..encoded.size]);
        self.payload = payload;
        opened
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let began = Instant::now();
    let result = work();
    (result, began.elapsed().as_nanos() as u64)
}

/// As of a frame of depth; only its checksum of the payload matters.
fn header(codec: Codec, width: u32, height: u32) -> FrameHeader {
    FrameHeader {
        stream: Stream::Depth,
        format: PixelFormat::DepthMm16,
        codec,
        width,
        height,
        uncompressed_size: width * height * 2,
        sequence: 0,
        capture_ns: 0,
        capture_unix_ns: 0,
        device_time_ns: 0,
        payload_size: 0,
        payload_crc: 0,
        session: 0,
        flags: FrameFlags::empty(),
    }
}
