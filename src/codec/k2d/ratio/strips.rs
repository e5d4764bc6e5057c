//! A row of pixels as 32 strips side by side: step `j` is column `j` of every strip.

/// Strips in a row, and pixels in a step.
pub(super) const LANES: usize = 32;

/// The same column of every strip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(64))]
pub(super) struct Lanes(pub(super) [i16; LANES]);

impl Lanes {
    pub(super) const ZERO: Self = Self([0; LANES]);
}

/// Columns of a strip in images of this width: the last strips may be cut off, or be outside altogether.
pub(super) fn width(image_width: usize) -> usize {
    image_width.div_ceil(LANES)
}

/// Makes room for so many steps.
pub(super) fn grow(lanes: &mut Vec<Lanes>, steps: usize) {
    if lanes.len() < steps {
        lanes.resize(steps, Lanes::ZERO);
    }
}

/// A row of the image by steps; 0 where a strip reaches over its end.
pub(super) fn split(line: &[u16], steps: &mut [Lanes]) {
    let width = steps.len();
    let mut strips = line.chunks(width);
    for lane in 0..LANES {
        let strip = strips.next().unwrap_or_default();
        for (step, &value) in steps.iter_mut().zip(strip) {
            step.0[lane] = value.cast_signed();
        }
        for step in &mut steps[strip.len()..] {
            step.0[lane] = 0;
        }
    }
}

/// A row of the mask by steps: bit `l` is that of strip `l`.
pub(super) fn split_mask(bits: &[u64], steps: &mut [u32]) {
    steps.fill(0);
    let width = steps.len();
    for lane in 0..LANES {
        for (step, column) in steps.iter_mut().zip(lane * width..) {
            *step |= bit(bits, column) << lane;
        }
    }
}

/// The bit of this column, 0 past the end.
fn bit(bits: &[u64], column: usize) -> u32 {
    bits.get(column / 64).map_or(0, |word| (word >> (column % 64) & 1) as u32)
}

/// Values of the model as a row of the image: 0 where they are not valid.
pub(super) fn join(steps: &[Lanes], mask: &[u64], line: &mut [u16]) {
    for (lane, strip) in line.chunks_mut(steps.len()).enumerate() {
        for (pixel, step) in strip.iter_mut().zip(steps) {
            *pixel = unbiased(step.0[lane]);
        }
    }
    for (pixels, bits) in line.chunks_mut(64).zip(mask) {
        for (number, pixel) in pixels.iter_mut().enumerate() {
            *pixel &= ((bits >> number & 1) as u16).wrapping_neg();
        }
    }
}

/// A pixel as the model takes it: signed comparison orders these as unsigned comparison orders pixels.
#[inline(always)]
pub(super) fn biased(pixel: i16) -> i16 {
    pixel ^ i16::MIN
}

/// `biased` undone.
#[inline(always)]
pub(super) fn unbiased(value: i16) -> u16 {
    (value ^ i16::MIN).cast_unsigned()
}
