//! RAW: the values as they are, 16 bits little-endian.

use super::options::EncodeOptions;
use super::{Encoded, Image, ImageCodec, ImageMut, pixel_count, too_small};
use crate::error::{Error, Result};
use crate::frame::Codec;

/// Little-endian values, row by row.
pub(super) struct Raw;

impl ImageCodec for Raw {
    fn codec(&self) -> Codec {
        Codec::Raw
    }

    fn bound(&self, width: u32, height: u32) -> Option<usize> {
        pixel_count(width, height).map(|pixels| 2 * pixels)
    }

    fn encode(&self, image: Image<'_>, _: &EncodeOptions, out: &mut [u8]) -> Result<Encoded> {
        let capacity = out.len();
        let size = write(image.pixels(), out).ok_or_else(|| too_small(Codec::Raw, capacity))?;
        Ok(Encoded { size, lossy: false })
    }

    fn decode(&self, data: &[u8], mut image: ImageMut<'_>) -> Result<()> {
        let size = 2 * image.pixels().len();
        read(data, image.pixels()).ok_or_else(|| Error::corrupt(format!("{} bytes of raw data where the image has {size}", data.len())))
    }
}

/// Writes the values to the start of `out`; how many bytes they took, or nothing where there is no room.
pub(super) fn write(pixels: &[u16], out: &mut [u8]) -> Option<usize> {
    let out = out.get_mut(..2 * pixels.len())?;
    for (bytes, pixel) in out.as_chunks_mut().0.iter_mut().zip(pixels) {
        *bytes = pixel.to_le_bytes();
    }
    Some(out.len())
}

/// Reads the values; nothing where there are more or fewer.
pub(super) fn read(data: &[u8], pixels: &mut [u16]) -> Option<()> {
    if data.len() != 2 * pixels.len() {
        return None;
    }
    for (pixel, bytes) in pixels.iter_mut().zip(data.as_chunks().0) {
        *pixel = u16::from_le_bytes(*bytes);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn values_are_little_endian_and_come_back() {
        let pixels = [0x0102, 0xfffe, 0];
        let mut out = [0xaa; 8];
        let encoded = Raw.encode(Image::new(&pixels, 3, 1).unwrap(), &EncodeOptions::default(), &mut out).unwrap();
        assert_eq!(encoded, Encoded { size: 6, lossy: false });
        assert_eq!(out, [2, 1, 0xfe, 0xff, 0, 0, 0xaa, 0xaa]);

        let mut back = [1; 3];
        Raw.decode(&out[..6], ImageMut::new(&mut back, 3, 1).unwrap()).unwrap();
        assert_eq!(back, pixels);
    }

    #[test]
    fn a_wrong_size_is_refused_on_both_sides() {
        let error = Raw.encode(Image::new(&[1, 2], 2, 1).unwrap(), &EncodeOptions::default(), &mut [0; 3]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::BufferTooSmall);
        for data in [&[0; 3][..], &[0; 5], &[]] {
            let error = Raw.decode(data, ImageMut::new(&mut [0; 2], 2, 1).unwrap()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Corrupt);
        }
    }
}
