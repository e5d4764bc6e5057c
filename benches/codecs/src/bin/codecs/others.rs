//! The codecs that the library's are compared with. Each uses again what memory its interface lets it.

use std::io::Cursor;

use charls::{CharLS, FrameInfo};
use jxl_oxide::{JxlImage, JxlThreadPool};
use streamkinect2::codec::{Image, ImageMut};
use streamkinect2_bench_codecs::Outcome;
use streamkinect2_bench_codecs::contender::{Contender, is_within};
use zune_core::bit_depth::BitDepth;
use zune_core::colorspace::ColorSpace;
use zune_core::options::EncoderOptions;
use zune_jpegxl::JxlSimpleEncoder;

/// Enough for each of them on noise, with headers.
fn twice_raw(width: u32, height: u32) -> usize {
    4 * width as usize * height as usize + 4096
}

/// No codec: what memory can do.
pub struct Memcpy;

impl Contender for Memcpy {
    fn room(&self, width: u32, height: u32) -> Outcome<usize> {
        Ok(2 * width as usize * height as usize)
    }

    fn encode(&mut self, image: Image<'_>, out: &mut [u8]) -> Outcome<usize> {
        out.copy_from_slice(bytemuck::cast_slice(image.pixels()));
        Ok(out.len())
    }

    fn decode(&mut self, data: &[u8], mut image: ImageMut<'_>) -> Outcome<()> {
        bytemuck::cast_slice_mut(image.pixels()).copy_from_slice(data);
        Ok(())
    }
}

/// LZ4 on the pixels as they are.
pub struct Lz4;

impl Contender for Lz4 {
    fn room(&self, width: u32, height: u32) -> Outcome<usize> {
        Ok(lz4::block::compress_bound(2 * width as usize * height as usize)?)
    }

    fn encode(&mut self, image: Image<'_>, out: &mut [u8]) -> Outcome<usize> {
        Ok(lz4::block::compress_to_buffer(bytemuck::cast_slice(image.pixels()), None, false, out)?)
    }

    fn decode(&mut self, data: &[u8], mut image: ImageMut<'_>) -> Outcome<()> {
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(image.pixels());
        lz4::block::decompress_to_buffer(data, Some(i32::try_from(bytes.len())?), bytes)?;
        Ok(())
    }
}

/// zstd, level 1, on folded differences of neighbours, all low bytes before all high ones.
pub struct Zstd {
    compressor: zstd::bulk::Compressor<'static>,
    decompressor: zstd::bulk::Decompressor<'static>,
    planes: Vec<u8>,
}

impl Zstd {
    pub fn new() -> Outcome<Self> {
        Ok(Self { compressor: zstd::bulk::Compressor::new(1)?, decompressor: zstd::bulk::Decompressor::new()?, planes: vec![] })
    }
}

impl Contender for Zstd {
    fn room(&self, width: u32, height: u32) -> Outcome<usize> {
        Ok(twice_raw(width, height))
    }

    fn encode(&mut self, image: Image<'_>, out: &mut [u8]) -> Outcome<usize> {
        let pixels = image.pixels();
        self.planes.resize(2 * pixels.len(), 0);
        let (low, high) = self.planes.split_at_mut(pixels.len());
        let mut previous = 0;
        for ((low, high), pixel) in low.iter_mut().zip(high).zip(pixels) {
            let difference = pixel.wrapping_sub(previous).cast_signed();
            [*low, *high] = ((difference << 1) ^ (difference >> 15)).to_le_bytes();
            previous = *pixel;
        }
        Ok(self.compressor.compress_to_buffer(&self.planes, out)?)
    }

    fn decode(&mut self, data: &[u8], mut image: ImageMut<'_>) -> Outcome<()> {
        let pixels = image.pixels();
        self.planes.resize(2 * pixels.len(), 0);
        self.decompressor.decompress_to_buffer(data, &mut self.planes[..])?;
        let (low, high) = self.planes.split_at(pixels.len());
        let mut previous = 0u16;
        for ((low, high), pixel) in low.iter().zip(high).zip(pixels) {
            let folded = u16::from_le_bytes([*low, *high]);
            previous = previous.wrapping_add((folded >> 1) ^ (folded & 1).wrapping_neg());
            *pixel = previous;
        }
        Ok(())
    }
}

/// PNG of 16 bits, compressed as programs do that have no wishes.
#[derive(Default)]
pub struct Png {
    bytes: Vec<u8>,
}

impl Contender for Png {
    fn room(&self, width: u32, height: u32) -> Outcome<usize> {
        Ok(twice_raw(width, height))
    }

    fn encode(&mut self, image: Image<'_>, out: &mut [u8]) -> Outcome<usize> {
        self.bytes.clear();
        self.bytes.extend(image.pixels().iter().flat_map(|pixel| pixel.to_be_bytes()));
        let mut out = Cursor::new(out);
        let mut encoder = png::Encoder::new(&mut out, image.width(), image.height());
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Sixteen);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.bytes)?;
        writer.finish()?;
        Ok(usize::try_from(out.position())?)
    }

    fn decode(&mut self, data: &[u8], mut image: ImageMut<'_>) -> Outcome<()> {
        let pixels = image.pixels();
        self.bytes.resize(2 * pixels.len(), 0);
        png::Decoder::new(Cursor::new(data)).read_info()?.next_frame(&mut self.bytes)?;
        for (pixel, pair) in pixels.iter_mut().zip(self.bytes.as_chunks().0) {
            *pixel = u16::from_be_bytes(*pair);
        }
        Ok(())
    }
}

/// JPEG-LS by CharLS: no pixel may differ by more than `near`.
pub struct JpegLs {
    pub near: u32,
}

impl Contender for JpegLs {
    fn room(&self, width: u32, height: u32) -> Outcome<usize> {
        Ok(twice_raw(width, height))
    }

    fn encode(&mut self, image: Image<'_>, out: &mut [u8]) -> Outcome<usize> {
        let info = FrameInfo { width: image.width(), height: image.height(), bits_per_sample: 16, component_count: 1 };
        // An encoder of CharLS is good for one image.
        let coded = CharLS::default().encode(info, i32::try_from(self.near)?, bytemuck::cast_slice(image.pixels()))?;
        out.get_mut(..coded.len()).ok_or("JPEG-LS took more than twice the raw bytes")?.copy_from_slice(&coded);
        Ok(coded.len())
    }

    fn decode(&mut self, data: &[u8], mut image: ImageMut<'_>) -> Outcome<()> {
        let decoded = CharLS::default().decode(data)?;
        bytemuck::cast_slice_mut(image.pixels()).copy_from_slice(&decoded);
        Ok(())
    }

    fn keeps_its_word(&self, before: &[u16], after: &[u16]) -> bool {
        is_within(self.near, before, after)
    }
}

/// JPEG XL, lossless, as fast as it can be encoded.
pub struct JpegXl;

impl Contender for JpegXl {
    fn room(&self, width: u32, height: u32) -> Outcome<usize> {
        Ok(twice_raw(width, height))
    }

    fn encode(&mut self, image: Image<'_>, out: &mut [u8]) -> Outcome<usize> {
        let options = EncoderOptions::new(image.width() as usize, image.height() as usize, ColorSpace::Luma, BitDepth::Sixteen);
        let encoder = JxlSimpleEncoder::new(bytemuck::cast_slice(image.pixels()), options.set_num_threads(1));
        encoder.encode(Cursor::new(out)).map_err(|error| format!("{error:?}").into())
    }

    fn decode(&mut self, data: &[u8], mut image: ImageMut<'_>) -> Outcome<()> {
        let decoder = JxlImage::builder().pool(JxlThreadPool::none()).read(data).map_err(|error| error.to_string())?;
        let rendered = decoder.render_frame(0).map_err(|error| error.to_string())?;
        rendered.stream().write_to_buffer(image.pixels());
        Ok(())
    }
}
