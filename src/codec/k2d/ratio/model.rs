//! Prediction, contexts and tokens of one row, and what is kept of the row above.

use super::strips::{self, LANES, Lanes, biased};

/// Residuals below this are symbols of their own, when folded.
pub(super) const DIRECT: u16 = 40;
/// Stands for larger ones that a byte can give.
pub(super) const ESCAPE: u16 = DIRECT;
/// Stands for those that need two.
pub(super) const LONG_ESCAPE: u16 = DIRECT + 1;
/// How many symbols there are.
pub(super) const SYMBOLS: usize = 42;

/// Errors and gradients count up to this.
pub(super) const MOST: u16 = 63;
/// Neighbours no farther apart than this are predicted from as a smooth surface with noise, others as an edge.
pub(super) const SMOOTH: u16 = 48;

/// What is to be coded for a pixel.
pub(super) struct Token;

impl Token {
    /// Nothing: what follows the last context.
    pub(super) const INVALID: i16 = (CONTEXTS << Self::CONTEXT_SHIFT) as i16;
    /// A token is a symbol and, above it, a context.
    pub(super) const CONTEXT_SHIFT: u32 = 6;
}

/// The row above the one that is being coded, turning into it step by step.
///
/// Values are [`biased`]. Both lists have a step more than a strip has columns: what is right of the strips.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The last valid value of each column.
    pub(super) values: Vec<Lanes>,
    /// Its distance from what was predicted, up to [`MOST`].
    pub(super) errors: Vec<Lanes>,
    steps: usize,
    blank: bool,
    /// See [`choose_shift`](super::choice::choose_shift).
    pub(super) shift: u32,
}

impl Row {
    /// Before the first row: all 0.
    pub(super) fn reset(&mut self, steps: usize, shift: u32) {
        strips::grow(&mut self.values, steps + 1);
        strips::grow(&mut self.errors, steps + 1);
        self.values[..=steps].fill(Lanes([biased(0); LANES]));
        self.errors[..=steps].fill(Lanes::ZERO);
        self.steps = steps;
        self.blank = true;
        self.shift = shift;
    }

    /// Whether no row was filled yet, since none had a valid pixel.
    pub(super) fn is_blank(&self) -> bool {
        self.blank
    }

    pub(super) fn values(&self) -> &[Lanes] {
        &self.values[..self.steps]
    }

    /// Right of a strip is the first column of the next one; right of the last one, its own last column again.
    pub(super) fn set_edge(&mut self) {
        for steps in [&mut self.values, &mut self.errors] {
            let (first, last) = (&steps[0].0, &steps[self.steps - 1].0);
            let edge = Lanes(std::array::from_fn(|lane| if lane + 1 < LANES { first[lane + 1] } else { last[lane] }));
            steps[self.steps] = edge;
        }
    }

    /// After the first row with valid pixels: columns without one take the value to their left, or else the first one.
    pub(super) fn fill(&mut self, mask: &[u64]) {
        let valid = |column: usize| mask.get(column / 64).is_some_and(|word| word >> (column % 64) & 1 == 1);
        let place = |column: usize| (column % self.steps, column / self.steps);
        let columns = LANES * self.steps;
        let Some(first) = (0..columns).find(|&column| valid(column)) else { return };
        let (step, lane) = place(first);
        let mut last = self.values[step].0[lane];
        for column in 0..columns {
            let (step, lane) = place(column);
            if valid(column) {
                last = self.values[step].0[lane];
            } else {
                self.values[step].0[lane] = last;
            }
        }
        self.blank = false;
    }
}

/// Values or errors around a pixel.
#[derive(Clone, Copy)]
pub(super) struct Neighbours {
    pub(super) w: i16,
    pub(super) nw: i16,
    pub(super) n: i16,
    pub(super) ne: i16,
}

/// The value that neighbours let expect.
#[inline(always)]
pub(super) fn predict(Neighbours { w, nw, n, ne }: Neighbours, shift: u32) -> i16 {
    let (low, high) = (w.min(n), w.max(n));
    let range = high.max(nw).max(ne).wrapping_sub(low.min(nw).min(ne)).cast_unsigned();
    let gradient = w.saturating_add(n.saturating_sub(nw));
    let edge = gradient.min(high).max(low);
    let (n, nw, ne) = (n.wrapping_sub(w), nw.wrapping_sub(w), ne.wrapping_sub(w));
    let sum = n.wrapping_mul(7).wrapping_sub(nw.wrapping_mul(8)).wrapping_add(ne.wrapping_mul(4)).wrapping_add(8);
    let surface = w.wrapping_add(sum >> 4);
    if range <= SMOOTH << shift { surface } else { edge }
}

/// Largest [`activity`].
pub(super) const MOST_ACTIVITY: u16 = 1 + 6 * MOST + 3 * MOST / 2;
/// How many contexts there are. Context 1 is never met.
pub(super) const CONTEXTS: usize = context(MOST_ACTIVITY) as usize + 1;

/// How much is going on around a pixel, at least 1.
#[inline(always)]
pub(super) fn activity(values: Neighbours, errors: Neighbours, shift: u32) -> u16 {
    let Neighbours { w, nw, n, ne } = values;
    let gradient = distance(nw, w, shift) + distance(n, nw, shift) + distance(n, ne, shift);
    let error = 2 * (errors.w + errors.n) + errors.nw + errors.ne;
    1 + error.cast_unsigned() + (gradient >> 1)
}

/// Of two values, without the lowest bits and up to [`MOST`].
#[inline(always)]
fn distance(a: i16, b: i16, shift: u32) -> u16 {
    magnitude(a.wrapping_sub(b), shift).cast_unsigned()
}

/// Of a residual, without the lowest bits and up to [`MOST`].
#[inline(always)]
pub(super) fn magnitude(residual: i16, shift: u32) -> i16 {
    (residual.unsigned_abs() >> shift).min(MOST).cast_signed()
}

/// Twice the logarithm of the activity to base 2, rounded down.
pub(super) const fn context(activity: u16) -> u16 {
    let octave = activity.ilog2() as u16;
    // The bit below the highest; 0 where there is none.
    let half = if octave == 0 { 0 } else { activity >> (octave - 1) & 1 };
    2 * octave + half
}

/// The residual with its sign in the lowest bit.
#[inline(always)]
pub(super) fn folded(residual: i16) -> u16 {
    ((residual << 1) ^ (residual >> 15)).cast_unsigned()
}

/// `folded` undone.
#[inline(always)]
pub(super) fn unfolded(number: u16) -> i16 {
    ((number >> 1) ^ (number & 1).wrapping_neg()).cast_signed()
}
