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
        self.check_lossless()?;
        if self.codec == Codec::Auto {
            return default_for(stream); // a profile is a wish that the default may take or leave
        }
        self.check_profile()?;
        find_for(self.codec, stream)
    }

    /// The codec for compressing a single image under these options; auto is K2D, which this build does not have yet.
    ///
    /// # Errors
    /// As [`EncodeOptions::codec_for`].
    pub fn codec_for_image(&self) -> Result<&'static dyn ImageCodec> {
        self.check_lossless()?;
        if self.codec == Codec::Auto {
            return find(Codec::K2d);
        }
        self.check_profile()?;
        find(self.codec)
    }

    fn check_profile(&self) -> Result<()> {
        if self.profile != Profile::Auto {
            return Err(Error::unsupported(format!("codec {} has no profiles: leave the profile at auto", self.codec)));
        }
        Ok(())
    }

    /// Refuses an error bound, which no codec of this build keeps.
    fn check_lossless(&self) -> Result<()> {
        if self.max_error_mm != 0 || self.max_error_ppm != 0 {
            return Err(Error::unsupported("no codec of this version encodes within an error bound: leave both bounds at 0 (lossless)"));
        }
        Ok(())
    }
}
