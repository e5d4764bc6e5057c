//! The header of frame messages: 96 bytes, little-endian, the first ZeroMQ frame; the second is the payload.
//!
//! ```text
//!  0  magic "SK2F"             4  u16 version 1          6  u16 header size (96)     8  u32 stream
//! 12  u32 pixel format        16  u32 codec             20  u32 width               24  u32 height
//! 28  u32 uncompressed size   32  u64 sequence          40  u64 capture, monotonic ns of the server
//! 48  u64 capture, Unix ns    56  u64 device time, ns   64  u32 payload size        68  u32 CRC-32C of the payload
//! 72  u64 session id          80  u32 flags             84  eight zero bytes        92  u32 CRC-32C of bytes 0..91
//! ```

use crate::error::{Error, ErrorKind};
use crate::frame::{Codec, FrameFlags, MAX_IMAGE_BYTES, PixelFormat, Stream};

/// Bytes of a header as it is written here.
pub const HEADER_SIZE: usize = 96;

const MAGIC: [u8; 4] = *b"SK2F";
const VERSION: u16 = 1;
/// What the header's checksum covers, and where it stands.
const CHECKED: usize = 92;

/// All that travels with a frame's payload. Times are in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// Which stream.
    pub stream: Stream,
    /// What the decoded bytes mean; one of the stream's own.
    pub format: PixelFormat,
    /// How the payload is compressed; never [`Codec::Auto`].
    pub codec: Codec,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes of the decoded pixels, at most 64 MiB.
    pub uncompressed_size: u32,
    /// The device's number of the frame.
    pub sequence: u64,
    /// When it was captured, on the server's monotonic clock.
    pub capture_ns: u64,
    /// The same instant on the server's wall clock, since 1970.
    pub capture_unix_ns: u64,
    /// The same instant on the device's own clock; 0: none.
    pub device_time_ns: u64,
    /// Bytes of the payload.
    pub payload_size: u32,
    /// CRC-32C of the payload.
    pub payload_crc: u32,
    /// The server's random number, new at every start.
    pub session: u64,
    /// Remarks; unknown ones are dropped.
    pub flags: FrameFlags,
}

/// Why a frame message is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Fewer bytes than any header has.
    #[error("the frame header has {0} bytes instead of at least 96")]
    Short(usize),
    /// Something else than a frame header.
    #[error("the frame header does not begin with \"SK2F\"")]
    Magic,
    /// A header of another version, which may mean anything.
    #[error("frame header version {0} is unknown: this library reads version 1")]
    Version(u16),
    /// The header has another size than it says, or says less than 96.
    #[error("the frame header says it has {said} bytes, and has {had}")]
    Size {
        /// According to the header.
        said: u16,
        /// According to the message.
        had: usize,
    },
    /// The header's checksum does not match.
    #[error("the frame header's checksum is wrong")]
    Checksum,
    /// A stream that this library does not know.
    #[error("stream {0} is unknown to this library")]
    Stream(u32),
    /// A pixel format that this library does not know.
    #[error("pixel format {0} is unknown to this library")]
    Format(u32),
    /// A codec that this library does not know.
    #[error("codec {0} is unknown to this library")]
    Codec(u32),
    /// More pixels than are accepted; nothing has been allocated for them.
    #[error("the frame claims {0} bytes of pixels: over the limit of 64 MiB")]
    TooLarge(u32),
    /// Members that contradict each other.
    #[error("the frame header contradicts itself: {0}")]
    Inconsistent(String),
    /// A payload of another size than the header says.
    #[error("the payload has {had} bytes where the header says {said}")]
    PayloadSize {
        /// According to the header.
        said: u32,
        /// According to the message.
        had: usize,
    },
    /// The payload's checksum does not match.
    #[error("the payload's checksum is wrong")]
    PayloadChecksum,
}

impl HeaderError {
    /// `Unsupported` for what a newer peer may rightly send, `Limit` for what is too large, else `Corrupt`.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Version(_) | Self::Stream(_) | Self::Format(_) | Self::Codec(_) => ErrorKind::Unsupported,
            Self::TooLarge(_) => ErrorKind::Limit,
            _ => ErrorKind::Corrupt,
        }
    }
}

impl From<HeaderError> for Error {
    fn from(error: HeaderError) -> Self {
        Error::new(error.kind(), error.to_string())
    }
}

impl FrameHeader {
    /// The same for this payload: with its size and checksum. Payloads are at most a codec's bound, far below 4 GiB.
    pub fn with_payload(self, payload: &[u8]) -> Self {
        Self { payload_size: payload.len() as u32, payload_crc: crc32c::crc32c(payload), ..self }
    }

    /// The header as bytes.
    pub fn encode(&self) -> [u8; HEADER_SIZE] {
        let mut bytes = [0; HEADER_SIZE];
        let mut put = |offset: usize, value: &[u8]| bytes[offset..offset + value.len()].copy_from_slice(value);
        put(0, &MAGIC);
        put(4, &VERSION.to_le_bytes());
        put(6, &(HEADER_SIZE as u16).to_le_bytes());
        put(8, &self.stream.number().to_le_bytes());
        put(12, &self.format.number().to_le_bytes());
        put(16, &self.codec.number().to_le_bytes());
        put(20, &self.width.to_le_bytes());
        put(24, &self.height.to_le_bytes());
        put(28, &self.uncompressed_size.to_le_bytes());
        put(32, &self.sequence.to_le_bytes());
        put(40, &self.capture_ns.to_le_bytes());
        put(48, &self.capture_unix_ns.to_le_bytes());
        put(56, &self.device_time_ns.to_le_bytes());
        put(64, &self.payload_size.to_le_bytes());
        put(68, &self.payload_crc.to_le_bytes());
        put(72, &self.session.to_le_bytes());
        put(80, &self.flags.bits().to_le_bytes());
        let checksum = crc32c::crc32c(&bytes[..CHECKED]);
        bytes[CHECKED..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads a header, the whole first frame of a message. A longer one of the same version is read as far as it is known.
    ///
    /// # Errors
    /// What is wrong. Unknown numbers are told only after the checksum has proved that they were meant.
    pub fn decode(message: &[u8]) -> Result<Self, HeaderError> {
        let bytes: &[u8; HEADER_SIZE] = message.first_chunk().ok_or(HeaderError::Short(message.len()))?;
        let u32_at = |offset| u32::from_le_bytes(array_at(bytes, offset));
        let u64_at = |offset| u64::from_le_bytes(array_at(bytes, offset));
        check_frame(message, bytes)?;

        let (stream, format, codec) = (u32_at(8), u32_at(12), u32_at(16));
        let header = Self {
            stream: Stream::from_number(stream).ok_or(HeaderError::Stream(stream))?,
            format: PixelFormat::from_number(format).ok_or(HeaderError::Format(format))?,
            // "Choose for me" is no way to compress.
            codec: Codec::from_number(codec).filter(|codec| *codec != Codec::Auto).ok_or(HeaderError::Codec(codec))?,
            width: u32_at(20),
            height: u32_at(24),
            uncompressed_size: u32_at(28),
            sequence: u64_at(32),
            capture_ns: u64_at(40),
            capture_unix_ns: u64_at(48),
            device_time_ns: u64_at(56),
            payload_size: u32_at(64),
            payload_crc: u32_at(68),
            session: u64_at(72),
            flags: FrameFlags::from_bits_truncate(u32_at(80)),
        };
        header.check_image()?;
        Ok(header)
    }

    /// Whether this is the payload that the header describes.
    ///
    /// # Errors
    /// [`HeaderError::PayloadSize`] or [`HeaderError::PayloadChecksum`].
    pub fn check_payload(&self, payload: &[u8]) -> Result<(), HeaderError> {
        if payload.len() != self.payload_size as usize {
            return Err(HeaderError::PayloadSize { said: self.payload_size, had: payload.len() });
        }
        if crc32c::crc32c(payload) != self.payload_crc {
            return Err(HeaderError::PayloadChecksum);
        }
        Ok(())
    }

    /// Nobody shall allocate or index by numbers that do not fit each other.
    fn check_image(&self) -> Result<(), HeaderError> {
        if self.uncompressed_size as usize > MAX_IMAGE_BYTES {
            return Err(HeaderError::TooLarge(self.uncompressed_size));
        }
        if self.stream != stream_of(self.format) {
            return Err(HeaderError::Inconsistent(format!("{} pixels in a frame of {}", self.format, self.stream)));
        }
        let (width, height, size) = (self.width, self.height, self.uncompressed_size);
        let fits = match bytes_per_pixel(self.format) {
            // Two factors of 32 bits and a small one can exceed 64 bits.
            Some(bytes) => u128::from(width) * u128::from(height) * bytes == u128::from(size),
            None => true,
        };
        if width == 0 || height == 0 || !fits {
            let format = self.format;
            return Err(HeaderError::Inconsistent(format!("{size} bytes of pixels for {width}x{height} of format {format}")));
        }
        Ok(())
    }
}

/// Whether the bytes are a whole header of this version, before any of its members is believed.
fn check_frame(message: &[u8], bytes: &[u8; HEADER_SIZE]) -> Result<(), HeaderError> {
    if array_at(bytes, 0) != MAGIC {
        return Err(HeaderError::Magic);
    }
    let version = u16::from_le_bytes(array_at(bytes, 4));
    if version != VERSION {
        return Err(HeaderError::Version(version));
    }
    let said = u16::from_le_bytes(array_at(bytes, 6));
    if usize::from(said) != message.len() {
        return Err(HeaderError::Size { said, had: message.len() });
    }
    if crc32c::crc32c(&bytes[..CHECKED]) != u32::from_le_bytes(array_at(bytes, CHECKED)) {
        return Err(HeaderError::Checksum);
    }
    Ok(())
}

fn array_at<const N: usize>(bytes: &[u8; HEADER_SIZE], offset: usize) -> [u8; N] {
    std::array::from_fn(|i| bytes[offset + i])
}

/// `None`: as many as there are.
fn bytes_per_pixel(format: PixelFormat) -> Option<u128> {
    match format {
        PixelFormat::DepthMm16 | PixelFormat::Infrared16 | PixelFormat::Yuy2 => Some(2),
        PixelFormat::Rgba8 | PixelFormat::Bgra8 => Some(4),
        PixelFormat::Jpeg => None,
    }
}

fn stream_of(format: PixelFormat) -> Stream {
    match format {
        PixelFormat::DepthMm16 => Stream::Depth,
        PixelFormat::Infrared16 => Stream::Infrared,
        PixelFormat::Jpeg | PixelFormat::Rgba8 | PixelFormat::Bgra8 | PixelFormat::Yuy2 => Stream::Color,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> FrameHeader {
        FrameHeader {
            stream: Stream::Depth,
            format: PixelFormat::DepthMm16,
            codec: Codec::Rvl,
            width: 512,
            height: 424,
            uncompressed_size: 434_176,
            sequence: 0x0102_0304_0506_0708,
            capture_ns: 0x1112_1314_1516_1718,
            capture_unix_ns: 0x2122_2324_2526_2728,
            device_time_ns: 0x3132_3334_3536_3738,
            payload_size: 0,
            payload_crc: 0,
            session: 0x4142_4344_4546_4748,
            flags: FrameFlags::LOSSY | FrameFlags::RESTARTED,
        }
        .with_payload(b"123456789")
    }

    /// The bytes with this change and a checksum to match.
    fn altered(offset: usize, value: &[u8]) -> Vec<u8> {
        let mut bytes = header().encode().to_vec();
        bytes[offset..offset + value.len()].copy_from_slice(value);
        let checksum = crc32c::crc32c(&bytes[..CHECKED]);
        bytes[CHECKED..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    fn altered_u32(offset: usize, value: u32) -> Result<FrameHeader, HeaderError> {
        FrameHeader::decode(&altered(offset, &value.to_le_bytes()))
    }

    #[test]
    fn the_layout_is_byte_exact() {
        #[rustfmt::skip]
        let expected: [u8; 92] = [
            b'S', b'K', b'2', b'F', 1, 0, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0,
            3, 0, 0, 0, 0, 2, 0, 0, 0xa8, 1, 0, 0, 0, 0xa0, 6, 0,
            8, 7, 6, 5, 4, 3, 2, 1, 0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11,
            0x28, 0x27, 0x26, 0x25, 0x24, 0x23, 0x22, 0x21, 0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32, 0x31,
            // CRC-32C of "123456789" is the published check value.
            9, 0, 0, 0, 0x83, 0x92, 0x06, 0xe3, 0x48, 0x47, 0x46, 0x45, 0x44, 0x43, 0x42, 0x41,
            3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        let bytes = header().encode();
        assert_eq!(bytes[..92], expected);
        assert_eq!(bytes[92..], crc32c::crc32c(&expected).to_le_bytes());
        assert_eq!(FrameHeader::decode(&bytes), Ok(header()));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        for bit in 0..8 * HEADER_SIZE {
            let mut bytes = header().encode();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(FrameHeader::decode(&bytes).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn every_flipped_bit_of_a_payload_is_noticed() {
        let mut payload: Vec<u8> = (0..700u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let header = header().with_payload(&payload);
        assert_eq!(header.check_payload(&payload), Ok(()));
        for bit in 0..8 * payload.len() {
            payload[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(header.check_payload(&payload), Err(HeaderError::PayloadChecksum), "bit {bit}");
            payload[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn a_longer_header_of_this_version_is_read_as_far_as_it_is_known() {
        let mut bytes = altered(6, &104u16.to_le_bytes());
        bytes.extend([0xff; 8]);
        assert_eq!(FrameHeader::decode(&bytes), Ok(header()));
        assert_eq!(FrameHeader::decode(&bytes[..100]), Err(HeaderError::Size { said: 104, had: 100 }));
    }

    #[test]
    fn what_is_no_header_of_this_version_is_refused() {
        let bytes = header().encode();
        assert_eq!(FrameHeader::decode(&[]), Err(HeaderError::Short(0)));
        assert_eq!(FrameHeader::decode(&bytes[..95]), Err(HeaderError::Short(95)));
        assert_eq!(FrameHeader::decode(&[&bytes[..], &[0]].concat()), Err(HeaderError::Size { said: 96, had: 97 }));
        assert_eq!(FrameHeader::decode(&altered(6, &[95, 0])), Err(HeaderError::Size { said: 95, had: 96 }));
        assert_eq!(FrameHeader::decode(&altered(0, b"SK2f")), Err(HeaderError::Magic));
        assert_eq!(FrameHeader::decode(&altered(4, &[2, 0])), Err(HeaderError::Version(2)));
        let mut torn = bytes;
        torn[33] ^= 1;
        assert_eq!(FrameHeader::decode(&torn), Err(HeaderError::Checksum));
    }

    #[test]
    fn unknown_numbers_are_named_and_unsupported() {
        for (offset, number, error) in [
            (8, 3, HeaderError::Stream(3)),
            (12, 0, HeaderError::Format(0)),
            (12, 77, HeaderError::Format(77)),
            (16, 0, HeaderError::Codec(0)),
            (16, 1 << 31, HeaderError::Codec(1 << 31)),
        ] {
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(Error::from(error.clone()).message.contains(&number.to_string()));
            assert_eq!(altered_u32(offset, number), Err(error));
        }
        assert_eq!(HeaderError::Version(2).kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn unknown_flags_are_dropped() {
        assert_eq!(altered_u32(80, 0xffff_ffff).unwrap().flags, FrameFlags::LOSSY | FrameFlags::RESTARTED);
    }

    #[test]
    fn sizes_must_agree_and_stay_below_the_limit() {
        let inconsistent =
            |offset, value| assert!(matches!(altered_u32(offset, value), Err(HeaderError::Inconsistent(_))), "{offset} {value}");
        inconsistent(28, 434_175);
        inconsistent(20, 0);
        inconsistent(24, 0);
        inconsistent(24, u32::MAX);
        inconsistent(8, Stream::Infrared.number());
        inconsistent(12, PixelFormat::Jpeg.number());
        assert_eq!(altered_u32(28, (64 << 20) + 1), Err(HeaderError::TooLarge((64 << 20) + 1)));
        assert_eq!(HeaderError::TooLarge(u32::MAX).kind(), ErrorKind::Limit);

        let largest = FrameHeader { width: 1 << 13, height: 1 << 12, uncompressed_size: 64 << 20, ..header() };
        assert_eq!(FrameHeader::decode(&largest.encode()), Ok(largest));
        let color = FrameHeader { stream: Stream::Color, format: PixelFormat::Bgra8, uncompressed_size: 512 * 424 * 4, ..header() };
        assert_eq!(FrameHeader::decode(&color.encode()), Ok(color));
        let jpeg = FrameHeader { format: PixelFormat::Jpeg, codec: Codec::Jpeg, uncompressed_size: 5, ..color };
        assert_eq!(FrameHeader::decode(&jpeg.encode()), Ok(jpeg));
    }

    #[test]
    fn the_payload_must_be_the_one_described() {
        assert_eq!(header().check_payload(b"123456789"), Ok(()));
        assert_eq!(header().check_payload(b"123456780"), Err(HeaderError::PayloadChecksum));
        assert_eq!(header().check_payload(b"12345678"), Err(HeaderError::PayloadSize { said: 9, had: 8 }));
    }
}
