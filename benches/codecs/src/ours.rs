//! The library's codecs.

use streamkinect2::codec::k2d::{self, Level, Settings, Workspace};
use streamkinect2::codec::options::{EncodeOptions, Profile};
use streamkinect2::codec::{Image, ImageCodec, ImageMut, find};
use streamkinect2::frame::Codec;

use crate::Outcome;
use crate::contender::{Contender, is_within};

/// K2D by one instruction set. Encoder and decoder have memory of their own, as on two machines.
pub struct K2d {
    level: Level,
    settings: Settings,
    encoder: Workspace,
    decoder: Workspace,
}

impl K2d {
    pub fn new(profile: Profile, level: Level, max_error_mm: u32) -> Self {
        let settings = Settings { profile, max_error_mm, max_error_ppm: 0 };
        Self { level, settings, encoder: Workspace::default(), decoder: Workspace::default() }
    }
}

impl Contender for K2d {
    fn room(&self, width: u32, height: u32) -> Outcome<usize> {
        k2d::bound(width, height).ok_or_else(|| refused(width, height))
    }

    fn encode(&mut self, image: Image<'_>, out: &mut [u8]) -> Outcome<usize> {
        Ok(k2d::encode(self.level, &mut self.encoder, image, &self.settings, out)?.size)
    }

    fn decode(&mut self, data: &[u8], image: ImageMut<'_>) -> Outcome<()> {
        Ok(k2d::decode(self.level, &mut self.decoder, data, image)?)
    }

    /// Invalid pixels stay what they are, whatever the bound, and no others become invalid.
    fn keeps_its_word(&self, before: &[u16], after: &[u16]) -> bool {
        let same_mask = before.iter().zip(after).all(|(before, after)| (*before == 0) == (*after == 0));
        same_mask && is_within(self.settings.max_error_mm, before, after)
    }
}

/// One of the codecs that keep nothing between calls.
pub struct Stateless(&'static dyn ImageCodec);

impl Stateless {
    pub fn new(codec: Codec) -> Outcome<Self> {
        Ok(Self(find(codec)?))
    }
}

impl Contender for Stateless {
    fn room(&self, width: u32, height: u32) -> Outcome<usize> {
        self.0.bound(width, height).ok_or_else(|| refused(width, height))
    }

    fn encode(&mut self, image: Image<'_>, out: &mut [u8]) -> Outcome<usize> {
        Ok(self.0.encode(image, &EncodeOptions::default(), out)?.size)
    }

    fn decode(&mut self, data: &[u8], image: ImageMut<'_>) -> Outcome<()> {
        Ok(self.0.decode(data, image)?)
    }

    /// LZ4_PACKED has 12 bits: what is farther becomes invalid.
    fn keeps_its_word(&self, before: &[u16], after: &[u16]) -> bool {
        let most = if self.0.codec() == Codec::Lz4Packed { 0xfff } else { u16::MAX };
        before.iter().zip(after).all(|(before, after)| *after == if *before > most { 0 } else { *before })
    }
}

fn refused(width: u32, height: u32) -> Box<dyn std::error::Error> {
    format!("the codec does not take images of {width}x{height}").into()
}

/// How results call an instruction set.
pub fn level_name(level: Level) -> &'static str {
    match level {
        Level::Portable => "portable",
        Level::Avx2 => "AVX2",
        Level::Avx512 => "AVX-512",
    }
}
