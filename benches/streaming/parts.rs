//! The parts of a frame's way that bare libzmq does not have: copying what is pushed, encoding, both sides' checksums, decoding.
//!
//! They are measured between the frames of a stream, with its pauses: in a loop they would be faster than a stream ever has them.

use std::time::Instant;

use streamkinect2::codec::{Image, ImageCodec, ImageMut};
use streamkinect2::frame::{Codec, FrameFlags, PixelFormat, Stream};
use streamkinect2::protocol::header::FrameHeader;

use crate::Outcome;
use crate::pictures::Pictures;
use crate::words::PartTimes;

pub struct Parts {
    codec: &'static dyn ImageCodec,
    copy: Vec<u16>,
    encoded: Vec<u8>,
    decoded: Vec<u16>,
}

impl Parts {
    pub fn new(codec: &'static dyn ImageCodec, pictures: &Pictures) -> Outcome<Self> {
        let bound = codec.bound(pictures.width, pictures.height).ok_or("the codec does not take frames of this size")?;
        let pixels = pictures.of(0).len();
        Ok(Self { codec, copy: vec![0; pixels], encoded: vec![0; bound], decoded: vec![0; pixels] })
    }

    /// Measures those of frame `number`.
    pub fn measure(&mut self, pictures: &Pictures, number: u64) -> Outcome<PartTimes> {
        let (width, height) = (pictures.width, pictures.height);
        let (_, copy_ns) = timed(|| self.copy.copy_from_slice(pictures.of(number)));
        let (size, encode_ns) = timed(|| self.codec.encode(Image::new(&self.copy, width, height)?, &mut self.encoded));
        let payload = &self.encoded[..size?.size];
        let (header, send_ns) = timed(|| header(self.codec.codec(), width, height).with_payload(payload));
        let (checked, receive_ns) = timed(|| header.check_payload(payload));
        let (decoded, decode_ns) = timed(|| self.codec.decode(payload, ImageMut::new(&mut self.decoded, width, height)?));
        checked?;
        decoded?;
        if self.decoded != self.copy && self.codec.codec() != Codec::Lz4Packed {
            return Err("a frame does not decode to what it was".into());
        }
        let picture = number % pictures.count() as u64;
        Ok(PartTimes { picture, copy_ns, encode_ns, checksum_ns: send_ns + receive_ns, decode_ns })
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
