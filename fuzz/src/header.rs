//! Headers of frame messages.

use streamkinect2::codec;
use streamkinect2::error::ErrorKind;
use streamkinect2::frame::{Codec, MAX_IMAGE_BYTES, PixelFormat, Stream, tight_stride16};
use streamkinect2::protocol::header::{FrameHeader, HEADER_SIZE, HeaderError};

use super::assert_for_people;

/// Any bytes as the first frame of a message; then the same with what chance does not find: magic, version, size and checksum.
pub fn frame(data: &[u8]) {
    check(data);
    if data.len() >= HEADER_SIZE {
        let mut repaired = data.to_vec();
        repaired[..4].copy_from_slice(b"SK2F");
        repaired[4..6].copy_from_slice(&1u16.to_le_bytes());
        repaired[6..8].copy_from_slice(&(data.len() as u16).to_le_bytes());
        let checksum = crc32c::crc32c(&repaired[..92]);
        repaired[92..96].copy_from_slice(&checksum.to_le_bytes());
        check(&repaired);
    }
}

fn check(message: &[u8]) {
    match FrameHeader::decode(message) {
        Ok(header) => check_accepted(message, header),
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Limit | ErrorKind::Corrupt));
            assert_eq!(error.kind() == ErrorKind::Limit, matches!(error, HeaderError::TooLarge(_)));
            assert_for_people(&error.to_string());
        }
    }
}

fn check_accepted(message: &[u8], header: FrameHeader) {
    // Written again it is the same, but for unknown flags, unused bytes and what a longer header has.
    let written = header.encode();
    assert_eq!(FrameHeader::decode(&written), Ok(header));
    assert_eq!((&written[..6], &written[8..80]), (&message[..6], &message[8..80]));

    // Who allocates and indexes by these numbers does neither beyond the limit.
    let size = header.uncompressed_size as usize;
    assert!(header.width > 0 && header.height > 0 && size <= MAX_IMAGE_BYTES);
    assert_ne!(header.codec, Codec::Auto);
    if let Some(format) = header.stream.format16() {
        assert_eq!(format, header.format);
        let stride = tight_stride16(header.width, header.height).unwrap() as usize;
        assert_eq!(stride * header.height as usize, size);
        if let Ok(codec) = codec::find_for(header.codec, header.stream) {
            assert!(codec.bound(header.width, header.height).is_none_or(|bound| (1..=2 * MAX_IMAGE_BYTES).contains(&bound)));
        }
    } else {
        assert_eq!(header.stream, Stream::Color);
        assert!(!matches!(header.format, PixelFormat::DepthMm16 | PixelFormat::Infrared16));
    }
    check_payload(message, header);
}

/// The payload is the one that the header was made for, and no other.
fn check_payload(payload: &[u8], header: FrameHeader) {
    let header = header.with_payload(payload);
    assert_eq!(header.check_payload(payload), Ok(()));
    let shorter = &payload[1..];
    assert_eq!(header.check_payload(shorter), Err(HeaderError::PayloadSize { said: payload.len() as u32, had: shorter.len() }));
    let mut damaged = payload.to_vec();
    damaged[payload.len() / 2] ^= 0x10;
    assert_eq!(header.check_payload(&damaged), Err(HeaderError::PayloadChecksum));
}
