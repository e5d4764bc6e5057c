//! How frames are encoded: a codec, and a profile where it has some.

use serde::{Deserialize, Serialize};
use streamkinect2::codec::options::{EncodeOptions, Profile};
use streamkinect2::codec::{Encoded, Image, ImageCodec};
use streamkinect2::frame::{Codec, Stream};

use crate::Outcome;

/// As numbers, to be told to another process.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Coding {
    codec: u32,
    profile: u32,
}

impl Coding {
    /// Auto: what the library chooses for depth.
    pub fn new(codec: Codec, profile: Profile) -> Self {
        Self { codec: codec.number(), profile: profile as u32 }
    }

    /// What the library's server is told.
    pub fn options(self) -> Outcome<EncodeOptions> {
        let codec = Codec::from_number(self.codec).ok_or("an unknown codec")?;
        let profile = Profile::from_number(self.profile).ok_or("an unknown profile")?;
        Ok(EncodeOptions { codec, profile, ..Default::default() })
    }

    /// What the server then encodes with.
    pub fn encoder(self) -> Outcome<Encoder> {
        let options = self.options()?;
        Ok(Encoder { codec: options.codec_for(Stream::Depth)?, options })
    }
}

/// A codec under options.
#[derive(Clone, Copy)]
pub struct Encoder {
    pub codec: &'static dyn ImageCodec,
    options: EncodeOptions,
}

impl Encoder {
    /// Room for a frame of this size, however it is encoded.
    pub fn bound(&self, width: u32, height: u32) -> Outcome<usize> {
        Ok(self.codec.bound(width, height).ok_or("the codec does not take frames of this size")?)
    }

    pub fn encode(&self, image: Image<'_>, out: &mut [u8]) -> streamkinect2::error::Result<Encoded> {
        self.codec.encode(image, &self.options, out)
    }

    /// Codec and profile, for people.
    pub fn name(&self) -> String {
        let codec = self.codec.codec().name();
        match self.options.profile {
            Profile::Auto => codec.to_owned(),
            Profile::Speed => format!("{codec}, profile speed"),
            Profile::Ratio => format!("{codec}, profile ratio"),
        }
    }
}
