//! K2D: the project's own codec for depth. Every image by itself, lossless or within an error bound.
//!
//! ```text
//! header | mask of the valid pixels | their values, in profile S or R
//! header | pixels as they are                                          where that is not larger
//! ```
//!
//! `docs/k2d.md` has every byte. The bytes depend on the image and on the settings, not on the processor, which only chooses the
//! profile where none is asked for.

mod container;
mod level;
mod mask;
mod quantise;
mod ratio;
mod row;
mod speed;

pub use level::Level;
pub(super) use row::K2d;

use super::options::Profile;
use super::{Encoded, Image, ImageMut, pixel_count, raw, too_small};
use crate::error::{Error, Result};
use crate::frame::Codec;
use container::{Coding, ErrorBound, Header};
use mask::Mask;
use quantise::Quantiser;

/// Narrower images are always raw: a row of the mask is at least a word, which would take more memory than the pixels.
const NARROWEST: u32 = 8;

/// What a sender wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Auto: ratio where the processor makes it cheap ([`Level::Avx512`]), else speed.
    pub profile: Profile,
    /// Largest error allowed, in units of the image; this and the next 0: lossless.
    pub max_error_mm: u32,
    /// Largest error allowed, in millionths of the pixel's value; the larger of both counts.
    pub max_error_ppm: u32,
}

/// Memory that an encoder or a decoder uses again; it grows with the largest image.
#[derive(Default)]
pub struct Workspace {
    mask: Mask,
    section: mask::Workspace,
    speed: speed::Workspace,
    ratio: ratio::Workspace,
    /// Tables of the last error bound, and indices in place of pixels.
    quantiser: Option<Quantiser>,
    indices: Vec<u16>,
}

impl Workspace {
    /// What its tables are for.
    fn bound(&self) -> Option<ErrorBound> {
        self.quantiser.as_ref().map(Quantiser::bound)
    }

    /// Makes `self.quantiser` the one for `bound`.
    fn prepare_quantiser(&mut self, bound: Option<ErrorBound>) {
        if let Some(bound) = bound
            && self.bound() != Some(bound)
        {
            self.quantiser = Some(Quantiser::new(bound));
        }
    }
}

/// Most bytes that an image of this size can take: raw pixels behind a header. `None` without pixels and over 64 MiB.
pub fn bound(width: u32, height: u32) -> Option<usize> {
    pixel_count(width, height).map(|pixels| Header::RAW.size() + 2 * pixels)
}

/// Writes `image` to the start of `out`. Every room of [`bound`] bytes is enough.
///
/// It is called lossy where a pixel differs after decoding; within an error bound that may be none.
///
/// # Errors
/// [`crate::error::ErrorKind::BufferTooSmall`] where `out` cannot hold it; `out` may then hold anything.
pub fn encode(level: Level, workspace: &mut Workspace, image: Image<'_>, settings: &Settings, out: &mut [u8]) -> Result<Encoded> {
    let capacity = out.len();
    let most = Header::RAW.size() + 2 * image.pixels().len();
    let room = capacity.min(most);
    if let Some(encoded) = encode_in_profile(level, workspace, image, settings, &mut out[..room]) {
        return Ok(encoded);
    }
    // Where there was less room than for raw pixels, it cannot be told whether they would have been smaller; but they do not fit.
    let rest = Header::RAW.write(out).ok_or_else(|| too_small(Codec::K2d, capacity))?;
    let size = raw::write(image.pixels(), rest).ok_or_else(|| too_small(Codec::K2d, capacity))?;
    Ok(Encoded { size: Header::RAW.size() + size, lossy: false })
}

/// Header, mask and values; nothing where there is no room, and for images that are always raw.
fn encode_in_profile(level: Level, workspace: &mut Workspace, image: Image<'_>, settings: &Settings, out: &mut [u8]) -> Option<Encoded> {
    if image.width() < NARROWEST {
        return None;
    }
    let bound = ErrorBound::new(settings.max_error_mm, settings.max_error_ppm);
    workspace.prepare_quantiser(bound);
    let Workspace { mask, section, speed, ratio, quantiser, indices } = workspace;

    let (image, lossy) = match (bound, quantiser) {
        (Some(_), Some(quantiser)) => {
            indices.resize(image.pixels().len(), 0);
            let lossy = quantiser.quantise(image.pixels(), indices);
            (Image { pixels: indices, ..image }, lossy)
        }
        _ => (image, false),
    };
    let coding = match settings.profile {
        Profile::Speed => Coding::Speed,
        Profile::Ratio => Coding::Ratio,
        Profile::Auto if Level::best() == Level::Avx512 => Coding::Ratio,
        Profile::Auto => Coding::Speed,
    };
    let header = Header { coding, bound };
    let rest = header.write(out)?;
    mask.set(level, image);
    let mask_size = mask::encode(level, section, mask, rest)?;
    let rest = &mut rest[mask_size..];
    let size = match coding {
        Coding::Ratio => ratio::encode(level, ratio, image, mask, rest),
        _ => speed::encode(level, speed, image, mask, rest),
    }?;
    Some(Encoded { size: header.size() + mask_size + size, lossy })
}

/// Reads `data` into `image`, whose size the caller knows from elsewhere.
///
/// # Errors
/// [`crate::error::ErrorKind::Corrupt`] for whatever is not exactly one image of that size. `image` may then hold anything.
pub fn decode(level: Level, workspace: &mut Workspace, data: &[u8], mut image: ImageMut<'_>) -> Result<()> {
    let (width, height) = (image.width(), image.height());
    decode_any(level, workspace, data, &mut image)
        .ok_or_else(|| Error::corrupt(format!("{} bytes of K2D data are not one image of {width}x{height}", data.len())))
}

/// [`decode`] without words.
fn decode_any(level: Level, workspace: &mut Workspace, data: &[u8], image: &mut ImageMut<'_>) -> Option<()> {
    let (width, height) = (image.width(), image.height());
    let (header, data) = Header::read(data)?;
    if header.coding == Coding::Raw {
        return raw::read(data, image.pixels());
    }
    if width < NARROWEST {
        return None;
    }
    let Workspace { mask, section, speed, ratio, .. } = workspace;
    let mask_size = mask::decode(level, section, data, width as usize, height as usize, mask)?;
    let (data, pixels) = (&data[mask_size..], ImageMut { pixels: image.pixels(), width, height });
    match header.coding {
        Coding::Raw => None,
        Coding::Ratio => ratio::decode(level, ratio, data, mask, pixels),
        Coding::Speed => speed::decode(level, speed, data, mask, pixels),
    }?;
    workspace.prepare_quantiser(header.bound);
    match (header.bound, &workspace.quantiser) {
        (Some(_), Some(quantiser)) => quantiser.restore(image.pixels()),
        _ => Some(()),
    }
}
