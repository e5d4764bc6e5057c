//! Profile R: the residuals of valid pixels, as small as they get while vector instructions still pay.
//!
//! The upper and the lower half of an image are coded apart, so that a processor has something to do while it waits for the other one.
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
use choice::{Counts, DecodeTables, EncodeTables};
use kernel::Kernel;
use model::Row;
use rans::{Input, Output, Section};
use strips::{LANES, Lanes};

/// Parts of the image, one below the other, that know nothing of each other.
const BANDS: usize = 2;

/// Memory between calls, so that they need not ask for any once it has grown to the size of the images.
#[derive(Debug, Default)]
pub struct Workspace {
    rows: [Row; BANDS],
    /// One row of the image as it is, by steps.
    pixels: Vec<Lanes>,
    /// One row of the mask for each band: a bit per strip.
    valid: [Vec<u32>; BANDS],
    /// What is to be coded, by steps, for all rows.
    tokens: Vec<Lanes>,
    outputs: [Output; BANDS],
    counts: Counts,
    encode_tables: EncodeTables,
    decode_tables: DecodeTables,
}

/// Rows of which the encoder counts symbols to choose tables: one in so many.
const COUNTED_ROWS: usize = 16;

/// Most pixels that strips can have, with the columns outside of the image: twice as many as the largest image, which every image of at
/// least 32 columns keeps to.
const MOST_PIXELS: usize = 1 << 26;

/// Writes the valid pixels of `image` to the start of `out` and tells how many bytes they took; `None` where there is no room, and for
/// narrow images so tall that their strips would be nearly all padding, and huge. `mask` must be that of the image.
pub fn encode(level: Level, workspace: &mut Workspace, image: Image<'_>, mask: &Mask, out: &mut [u8]) -> Option<usize> {
    let kernel = Kernel::new(level);
    let width = image.width() as usize;
    let steps = strips::width(width);
    let height = image.height() as usize;
    let middle = height.div_ceil(BANDS);
    if LANES * steps * height > MOST_PIXELS {
        return None;
    }
    let shift = choice::choose_shift(image.pixels(), width);
    let Workspace { rows, pixels, tokens, outputs, counts, encode_tables, .. } = workspace;
    strips::grow(pixels, steps);
    strips::grow(tokens, steps * height);
    let pixels = &mut pixels[..steps];
    let tokens = &mut tokens[..steps * height];

    counts.clear();
    for (row, output) in rows.iter_mut().zip(outputs.iter_mut()) {
        row.reset(steps, shift);
        output.reset(steps * middle);
    }
    let lines = image.pixels().chunks_exact(width).zip(tokens.chunks_exact_mut(steps));
    for (y, (line, tokens)) in lines.enumerate() {
        let (row, output) = (&mut rows[y / middle], &mut outputs[y / middle]);
        kernel.split(line, pixels);
        row.set_edge();
        let room = output.room_for_extra(steps, shift);
        let written = kernel.model(row, pixels, tokens, room);
        output.extra_length += written;
        if row.is_blank() {
            row.fill(mask.row(y));
        }
        if y % COUNTED_ROWS == 0 {
            counts.add(tokens);
        }
    }

    let chosen = counts.choose();
    encode_tables.choose(&chosen);
    kernel.encode(tokens.split_at(steps * middle).into(), encode_tables, outputs);
    rans::write(shift, &chosen, outputs, out)
}

/// Fills all of `image` from what [`encode`] wrote with this mask: `None` where `data` is nothing that it can have written. The image
/// may then hold anything.
pub fn decode(level: Level, workspace: &mut Workspace, data: &[u8], mask: &Mask, mut image: ImageMut<'_>) -> Option<()> {
    let kernel = Kernel::new(level);
    let width = image.width() as usize;
    let steps = strips::width(width);
    let height = image.height() as usize;
    let middle = height.div_ceil(BANDS);
    let Workspace { rows, valid, decode_tables, .. } = workspace;
    let Section { shift, chosen, mut inputs } = rans::read(data)?;
    decode_tables.choose(&chosen);
    for (row, valid) in rows.iter_mut().zip(valid.iter_mut()) {
        row.reset(steps, shift);
        valid.clear();
        valid.resize(steps, 0);
    }

    for y in 0..middle {
        for (band, (row, valid)) in rows.iter_mut().zip(valid.iter_mut()).enumerate() {
            row.set_edge();
            match band * middle + y {
                // The lower half has one row less where their number is odd.
                below if below >= height => valid.fill(0),
                y => kernel.split_mask(mask.row(y), valid),
            }
        }
        kernel.decode(rows, valid, decode_tables, &mut inputs);
        for (band, row) in rows.iter_mut().enumerate() {
            let y = band * middle + y;
            let Some(line) = image.pixels().chunks_exact_mut(width).nth(y) else { continue };
            kernel.join(row.values(), mask.row(y), line);
            if row.is_blank() {
                row.fill(mask.row(y));
            }
        }
    }
    inputs.iter().all(Input::is_at_end).then_some(())
}
