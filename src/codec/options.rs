//! How a stream is to be encoded: the choice of whoever sends.

use super::{ImageCodec, default_for, find, find_for};
use crate::error::{Error, Result};
use crate::frame::{Codec, Stream};

/// What a codec with profiles favours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u32)]
pub enum Profile {
    /// The library's choice.
    #[default]
    Auto = 0,
    /// Little processor time.
    Speed = 1,
    /// Few bytes.
    Ratio = 2,
}

impl Profile {
    /// The one with this number of the C header.
    pub fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Auto),
            1 => Some(Self::Speed),
            2 => Some(Self::Ratio),
            _ => None,
        }
    }
}

/// See the module. The default is lossless, codec and profile as the library likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodeOptions {
    /// The codec; auto: the best for the stream.
    pub codec: Codec,
    /// The profile, for codecs that have some.
    pub profile: Profile,
    /// Largest error allowed, in millimetres; this and the next 0: lossless.
    pub max_error_mm: u32,
    /// Largest error allowed, in millionths of the distance; the larger of both counts.
    pub max_error_ppm: u32,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self { codec: Codec::Auto, profile: Profile::Auto, max_error_mm: 0, max_error_ppm: 0 }
    }
}

impl EncodeOptions {
    /// The codec for frame messages of `stream` under these options.
    ///
    /// # Errors
    /// [`crate::error::ErrorKind::Unsupported`] where no codec of this build does what is asked.
    pub fn codec_for(&self, stream: Stream) -> Result<&'static dyn ImageCodec> {
        let codec = if self.codec == Codec::Auto { default_for(stream) } else { find_for(self.codec, stream) }?;
        self.checked(codec)
    }

    /// The codec for compressing a single image under these options; auto is K2D.
    ///
    /// # Errors
    /// As [`EncodeOptions::codec_for`].
    pub fn codec_for_image(&self) -> Result<&'static dyn ImageCodec> {
        self.checked(find(if self.codec == Codec::Auto { Codec::K2d } else { self.codec })?)
    }

    /// Refuses what only K2D has: profiles, and an error bound.
    fn checked(&self, codec: &'static dyn ImageCodec) -> Result<&'static dyn ImageCodec> {
        let name = codec.codec();
        if name == Codec::K2d {
            return Ok(codec);
        }
        if self.profile != Profile::Auto {
            return Err(Error::unsupported(format!("codec {name} has no profiles: leave the profile at auto, or choose k2d")));
        }
        if self.max_error_mm != 0 || self.max_error_ppm != 0 {
            return Err(Error::unsupported(format!("codec {name} keeps no error bound: leave both at 0 (lossless), or choose k2d")));
        }
        Ok(codec)
    }
}
