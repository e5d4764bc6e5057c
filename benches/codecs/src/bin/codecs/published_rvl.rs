//! RVL as its paper describes it (Wilson, "Fast lossless depth image compression", 2017): number by number, three bits of it at a time.
//! It gives the same bytes as the library's, which is much faster.

use streamkinect2::codec::{Image, ImageMut};
use streamkinect2_bench_codecs::Outcome;
use streamkinect2_bench_codecs::contender::Contender;

pub struct PublishedRvl;

/// Numbers in groups of three bits, each with a fourth that says whether more follow, eight groups in a word.
struct Writer<'a> {
    out: &'a mut [u8],
    position: usize,
    word: u32,
    nibbles: u32,
}

impl Writer<'_> {
    fn number(&mut self, mut value: u32) {
        loop {
            let group = value & 7;
            value >>= 3;
            self.word = self.word << 4 | if value > 0 { group | 8 } else { group };
            self.nibbles += 1;
            if self.nibbles == 8 {
                self.flush();
            }
            if value == 0 {
                return;
            }
        }
    }

    fn flush(&mut self) {
        self.out[self.position..self.position + 4].copy_from_slice(&self.word.to_le_bytes());
        self.position += 4;
        (self.word, self.nibbles) = (0, 0);
    }

    fn finish(mut self) -> usize {
        if self.nibbles > 0 {
            self.word <<= 4 * (8 - self.nibbles);
            self.flush();
        }
        self.position
    }
}

struct Reader<'a> {
    words: std::slice::Iter<'a, [u8; 4]>,
    word: u32,
    nibbles: u32,
}

impl Reader<'_> {
    fn number(&mut self) -> Option<u32> {
        let (mut value, mut shift) = (0u32, 0);
        loop {
            if self.nibbles == 0 {
                self.word = u32::from_le_bytes(*self.words.next()?);
                self.nibbles = 8;
            }
            let group = self.word >> 28;
            value |= (group & 7).checked_shl(shift)?;
            self.word <<= 4;
            self.nibbles -= 1;
            shift += 3;
            if group & 8 == 0 {
                return Some(value);
            }
        }
    }

    fn image(&mut self, pixels: &mut [u16]) -> Option<()> {
        let (mut at, mut previous) = (0, 0i32);
        while at < pixels.len() {
            let zeros = self.number()? as usize;
            pixels.get_mut(at..at + zeros)?.fill(0);
            at += zeros;
            let values = self.number()? as usize;
            for pixel in pixels.get_mut(at..at + values)? {
                let folded = self.number()?;
                previous += (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
                *pixel = previous as u16;
            }
            at += values;
        }
        Some(())
    }
}

impl Contender for PublishedRvl {
    /// Six groups for each pixel, and two lengths of runs.
    fn room(&self, width: u32, height: u32) -> Outcome<usize> {
        Ok(4 * width as usize * height as usize + 64)
    }

    fn encode(&mut self, image: Image<'_>, out: &mut [u8]) -> Outcome<usize> {
        let (mut pixels, mut previous) = (image.pixels(), 0i32);
        let mut writer = Writer { out, position: 0, word: 0, nibbles: 0 };
        while !pixels.is_empty() {
            let zeros = pixels.iter().take_while(|pixel| **pixel == 0).count();
            let values = pixels[zeros..].iter().take_while(|pixel| **pixel != 0).count();
            writer.number(u32::try_from(zeros)?);
            writer.number(u32::try_from(values)?);
            for pixel in &pixels[zeros..zeros + values] {
                let difference = i32::from(*pixel) - previous;
                writer.number(((difference << 1) ^ (difference >> 31)).cast_unsigned());
                previous = i32::from(*pixel);
            }
            pixels = &pixels[zeros + values..];
        }
        Ok(writer.finish())
    }

    fn decode(&mut self, data: &[u8], mut image: ImageMut<'_>) -> Outcome<()> {
        let mut reader = Reader { words: data.as_chunks().0.iter(), word: 0, nibbles: 0 };
        reader.image(image.pixels()).ok_or_else(|| "these are not RVL's bytes".into())
    }
}
