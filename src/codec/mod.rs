//! Compression of 16-bit images, pure: one file per codec, one table of codecs.
//!
//! Every frame decodes on its own; no codec keeps anything between calls. A further codec is one more file and one more row in
//! [`CODECS`].

pub mod k2d;
mod lz4_packed;
pub mod options;
mod raw;
mod rvl;

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Codec, Stream, tight_stride16};
use options::EncodeOptions;

/// A way to write a 16-bit image as bytes and to read it back. Stateless: any thread, also several at once.
pub trait ImageCodec: Sync {
    /// Its number and name.
    fn codec(&self) -> Codec;

    /// Most bytes that an image of this size can take; `None` where the codec does not accept the size (no pixels, over 64 MiB, or
    /// a rule of its own).
    fn bound(&self, width: u32, height: u32) -> Option<usize>;

    /// Writes `image` to the start of `out`, with the profile and the error bound of `options` if it has such.
    ///
    /// # Errors
    /// [`ErrorKind::BufferTooSmall`] where `out` cannot hold it (it always can with [`bound`](Self::bound) bytes);
    /// [`ErrorKind::InvalidArgument`] where the codec does not accept the image's size. `out` may then hold anything.
    fn encode(&self, image: Image<'_>, options: &EncodeOptions, out: &mut [u8]) -> Result<Encoded>;

    /// Reads `data` into `image`, whose size the caller knows from elsewhere.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] for whatever is not exactly one image of that size: `data` may come from anyone. `image` may then
    /// hold anything.
    fn decode(&self, data: &[u8], image: ImageMut<'_>) -> Result<()>;
}

/// What [`ImageCodec::encode`] made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded {
    /// Bytes written to the start of the output.
    pub size: usize,
    /// Whether decoding gives other pixels than these.
    pub lossy: bool,
}

/// A 16-bit image to read: tight rows, the top one first, at least one pixel and at most 64 MiB.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    pixels: &'a [u16],
    width: u32,
    height: u32,
}

/// A 16-bit image to fill, as [`Image`].
#[derive(Debug)]
pub struct ImageMut<'a> {
    pixels: &'a mut [u16],
    width: u32,
    height: u32,
}

impl<'a> Image<'a> {
    /// `pixels` as an image.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] unless there are exactly `width` x `height` pixels, at least one;
    /// [`ErrorKind::Limit`] over 64 MiB.
    pub fn new(pixels: &'a [u16], width: u32, height: u32) -> Result<Self> {
        check_length(pixels.len(), width, height)?;
        Ok(Self { pixels, width, height })
    }

    /// The values, row by row.
    pub fn pixels(&self) -> &'a [u16] {
        self.pixels
    }

    /// Pixels in a row.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }
}

impl<'a> ImageMut<'a> {
    /// `pixels` as an image to fill; errors as [`Image::new`].
    pub fn new(pixels: &'a mut [u16], width: u32, height: u32) -> Result<Self> {
        check_length(pixels.len(), width, height)?;
        Ok(Self { pixels, width, height })
    }

    /// The values, row by row.
    pub fn pixels(&mut self) -> &mut [u16] {
        self.pixels
    }

    /// Pixels in a row.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }
}

/// A codec and what it is used for.
pub struct Row {
    /// The codec.
    pub codec: &'static dyn ImageCodec,
    /// Streams that it may carry in frame messages. (By itself, any codec takes any 16-bit image.)
    pub streams: &'static [Stream],
}

/// Encodes into memory that is used again: it grows to what the image may need.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] where the codec does not accept the image's size.
pub fn encode_growing(codec: &dyn ImageCodec, image: Image<'_>, options: &EncodeOptions, out: &mut Vec<u8>) -> Result<Encoded> {
    let (width, height) = (image.width, image.height);
    let refused = || Error::invalid(format!("codec {} does not take {width}x{height} pixels", codec.codec()));
    let bound = codec.bound(width, height).ok_or_else(refused)?;
    if out.len() < bound {
        out.resize(bound, 0);
    }
    codec.encode(image, options, out)
}

/// All codecs of 16-bit images, in the order of preference: the first row that has a stream is the default for it.
///
/// LZ4_PACKED carries depth only: its 12 bits are a fair loss for distances (what lies beyond 4095 mm is invalid) and none for
/// infrared, which uses all 16.
pub static CODECS: &[Row] = &[
    Row { codec: &k2d::K2d, streams: &[Stream::Depth, Stream::Infrared] },
    Row { codec: &rvl::Rvl, streams: &[Stream::Depth, Stream::Infrared] },
    Row { codec: &raw::Raw, streams: &[Stream::Depth, Stream::Infrared] },
    Row { codec: &lz4_packed::Lz4Packed, streams: &[Stream::Depth] },
];

/// The codec with this number, for any 16-bit image.
///
/// # Errors
/// [`ErrorKind::Unsupported`] where there is none: AUTO is a wish and not a codec, JPEG is for colour.
pub fn find(codec: Codec) -> Result<&'static dyn ImageCodec> {
    row(codec).map(|row| row.codec)
}

/// The codec with this number, for frame messages of `stream`.
///
/// # Errors
/// [`ErrorKind::Unsupported`] as [`find`], and where the codec does not suit the stream.
pub fn find_for(codec: Codec, stream: Stream) -> Result<&'static dyn ImageCodec> {
    let row = row(codec)?;
    if !row.streams.contains(&stream) {
        return Err(Error::unsupported(format!("codec {codec} does not carry {stream} frames: choose another or auto")));
    }
    Ok(row.codec)
}

/// What [`Codec::Auto`] means for frame messages of `stream`.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for a stream that is not of 16-bit images.
pub fn default_for(stream: Stream) -> Result<&'static dyn ImageCodec> {
    let row = CODECS.iter().find(|row| row.streams.contains(&stream));
    row.map(|row| row.codec).ok_or_else(|| Error::unsupported(format!("no codec of this build carries {stream} frames")))
}

fn row(codec: Codec) -> Result<&'static Row> {
    CODECS.iter().find(|row| row.codec.codec() == codec).ok_or_else(|| {
        let why = match codec {
            Codec::Auto => "codec auto leaves the choice to the sender and has no format of its own: name one",
            Codec::Jpeg => "codec jpeg is for colour, not for 16-bit images",
            _ => return Error::unsupported(format!("codec {codec} is not in this build")),
        };
        Error::unsupported(why)
    })
}

/// Number of pixels of an image of this size, if it is one that can be: at least one, at most 64 MiB.
fn pixel_count(width: u32, height: u32) -> Option<usize> {
    tight_stride16(width, height).ok().map(|stride| stride as usize / 2 * height as usize)
}

fn check_length(length: usize, width: u32, height: u32) -> Result<()> {
    let expected = tight_stride16(width, height)? as usize / 2 * height as usize;
    if length != expected {
        return Err(Error::invalid(format!("{length} pixels given for an image of {width}x{height}, which has {expected}")));
    }
    Ok(())
}

/// The error of every codec for an output without room.
fn too_small(codec: Codec, capacity: usize) -> Error {
    Error::new(ErrorKind::BufferTooSmall, format!("{capacity} bytes cannot hold the {codec} data: provide as many as its bound says"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_own_number_and_only_once() {
        for row in CODECS {
            let codec = row.codec.codec();
            assert_eq!(find(codec).unwrap().codec(), codec);
            assert_eq!(CODECS.iter().filter(|other| other.codec.codec() == codec).count(), 1);
        }
    }

    #[test]
    fn what_is_not_a_codec_of_16_bit_images_is_unsupported_with_a_reason() {
        for (codec, word) in [(Codec::Auto, "auto"), (Codec::Jpeg, "colour")] {
            let error = find(codec).err().unwrap();
            assert_eq!(error.kind, ErrorKind::Unsupported);
            assert!(error.message.contains(word), "{error}");
        }
    }

    #[test]
    fn lz4_packed_carries_depth_only_and_k2d_is_the_default() {
        assert!(find_for(Codec::Lz4Packed, Stream::Depth).is_ok());
        assert_eq!(find_for(Codec::Lz4Packed, Stream::Infrared).err().unwrap().kind, ErrorKind::Unsupported);
        assert_eq!(default_for(Stream::Depth).unwrap().codec(), Codec::K2d);
        assert_eq!(default_for(Stream::Infrared).unwrap().codec(), Codec::K2d);
        assert_eq!(default_for(Stream::Color).err().unwrap().kind, ErrorKind::Unsupported);
    }

    #[test]
    fn images_must_have_exactly_their_pixels() {
        let mut pixels = [0u16; 6];
        assert!(Image::new(&pixels, 3, 2).is_ok());
        assert!(ImageMut::new(&mut pixels, 2, 3).is_ok());
        assert_eq!(Image::new(&pixels, 3, 3).unwrap_err().kind, ErrorKind::InvalidArgument);
        assert_eq!(Image::new(&[], 0, 7).unwrap_err().kind, ErrorKind::InvalidArgument);
        assert_eq!(Image::new(&pixels, u32::MAX, u32::MAX).unwrap_err().kind, ErrorKind::Limit);
        assert_eq!(Image::new(&pixels, 1 << 25, 2).unwrap_err().kind, ErrorKind::Limit);
    }

    #[test]
    fn no_codec_accepts_an_image_without_pixels_or_over_the_limit() {
        for row in CODECS {
            assert!(row.codec.bound(512, 424).is_some());
            for (width, height) in [(0, 0), (0, 5), (5, 0), (1 << 25, 2), (u32::MAX, u32::MAX), (4_294_902_273, 2_147_516_160)] {
                assert_eq!(row.codec.bound(width, height), None, "{}", row.codec.codec());
            }
            assert!(row.codec.bound(1 << 24, 2).is_some(), "64 MiB are accepted");
        }
    }
}
