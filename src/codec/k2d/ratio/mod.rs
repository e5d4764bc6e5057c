//! Profile R: the residuals of valid pixels, as small as they get while vector instructions still pay.
//!
//! A row is cut into 32 strips of equal width, and the strips are coded side by side: one step takes the same column of every strip,
//! which makes it one vector of 32 pixels with left, upper and both upper diagonal neighbours known to coder and decoder. Each valid
//! pixel is predicted from them; the size of its neighbours' errors and the gradient around it choose one of a few contexts; a symbol
//! that stands for the residual is coded by range asymmetric numeral systems (rANS, J. Duda, <https://arxiv.org/abs/1311.2540>) with
//! one state per strip, and rare large residuals have bytes of their own. A context's symbol frequencies are one of some fixed tables,
//! which the encoder chooses anew for every image. `docs/k2d.md` specifies every byte.
//!
//! Rows of pixels are laid out by steps ([`strips`]), go through the model ([`model`]) to tokens, and these through the entropy coder
//! ([`rans`]). What depends on the processor is row by row, or less: [`portable`], [`avx2`], [`avx512`].

mod choice;
mod kernel;
mod model;
mod portable;
mod rans;
mod strips;
mod tables;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(test)]
mod tests;

use super::level::Level;
use super::mask::Mask;
use crate::codec::{Image, ImageMut};
use choice::{Counts, DecodeTables, EncodeTables, MOST_SHIFT};
use kernel::Kernel;
use model::{Row, Token};
use rans::{Output, Section};
use strips::{LANES, Lanes};

/// Memory between calls, so that they need not ask for any once it has grown to the size of the images.
#[derive(Debug, Default)]
pub struct Workspace {
    row: Row,
    /// One row of the image as it is, by steps.
    pixels: Vec<Lanes>,
    /// One row of the mask: a bit per strip.
    valid: Vec<u32>,
    /// What is to be coded, by steps, for all rows.
    tokens: Vec<Lanes>,
    extra: Vec<u8>,
    words: [Vec<u16>; 2],
    counts: Counts,
    encode_tables: EncodeTables,
    decode_tables: DecodeTables,
}

/// Rows of which the encoder counts symbols to choose tables: one in so many.
const COUNTED_ROWS: usize = 8;

/// Most bytes that an image of this size takes: a word of rANS and two bytes of escape for each pixel, and the lowest bits.
pub fn bound(width: u32, height: u32) -> usize {
    let (width, height) = (width as usize, height as usize);
    rans::HEADER + (4 * width + strips::width(width) * 4 * MOST_SHIFT as usize) * height
}

/// Writes the valid pixels of `image` to the start of `out` and tells how many bytes they took; `None` where there is no room. `mask`
/// must be that of the image.
pub fn encode(level: Level, workspace: &mut Workspace, image: Image<'_>, mask: &Mask, out: &mut [u8]) -> Option<usize> {
    let kernel = Kernel::new(level);
    let width = image.width() as usize;
    let steps = strips::width(width);
    let rows = image.height() as usize;
    let Workspace { row, pixels, tokens, extra, words, counts, encode_tables, .. } = workspace;
    let shift = choice::choose_shift(image.pixels(), width);
    row.reset(steps, shift);
    strips::grow(pixels, steps);
    strips::grow(tokens, steps * rows);
    // Two bytes for every pixel and the lowest bits, and room for whole vectors.
    let needed = (2 * LANES + 4 * shift as usize) * steps * rows + 2 * LANES;
    if extra.len() < needed {
        extra.resize(needed, 0);
    }

    counts.clear();
    let mut extra_length = 0;
    let images = image.pixels().chunks_exact(width);
    for ((y, line), tokens) in images.enumerate().zip(tokens.chunks_exact_mut(steps)) {
        if row.is_blank() && mask.row(y).iter().all(|&bits| bits == 0) {
            tokens.fill(Lanes([Token::INVALID; LANES]));
            continue;
        }
        kernel.split(line, &mut pixels[..steps]);
        row.set_edge();
        extra_length += kernel.model(row, &pixels[..steps], tokens, &mut extra[extra_length..]);
        if row.is_blank() {
            row.fill(mask.row(y));
        }
        if y % COUNTED_ROWS == 0 {
            counts.add(tokens);
        }
    }

    let chosen = counts.choose();
    encode_tables.choose(&chosen);
    let mut output = Output::new(words, steps * rows);
    kernel.encode(&tokens[..steps * rows], encode_tables, &mut output);
    rans::write(shift, &chosen, &output, &extra[..extra_length], out)
}

/// Fills all of `image` from what [`encode`] wrote with this mask: `None` where `data` is nothing that it can have written. The image
/// may then hold anything.
pub fn decode(level: Level, workspace: &mut Workspace, data: &[u8], mask: &Mask, mut image: ImageMut<'_>) -> Option<()> {
    let kernel = Kernel::new(level);
    let width = image.width() as usize;
    let steps = strips::width(width);
    let Workspace { row, valid, decode_tables, .. } = workspace;
    let Section { shift, chosen, mut input } = rans::read(data)?;
    decode_tables.choose(&chosen);
    row.reset(steps, shift);
    if valid.len() < steps {
        valid.resize(steps, 0);
    }
    let valid = &mut valid[..steps];

    for (y, line) in image.pixels().chunks_exact_mut(width).enumerate() {
        let bits = mask.row(y);
        if row.is_blank() && bits.iter().all(|&bits| bits == 0) {
            line.fill(0);
            continue;
        }
        kernel.split_mask(bits, valid);
        row.set_edge();
        kernel.decode(row, valid, decode_tables, &mut input);
        kernel.join(row.values(), valid, line);
        if row.is_blank() {
            row.fill(bits);
        }
    }
    input.is_at_end().then_some(())
}
