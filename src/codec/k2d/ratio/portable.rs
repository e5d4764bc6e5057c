//! Profile R on any processor: what the others must do alike.
//!
//! Everything about a step's pixels is a loop over lanes without branches, which compilers make vectors of; entropy coding takes one
//! lane after the other.

use super::BANDS;
use super::choice::{DecodeTables, EncodeTables, SCALE_BITS};
use super::model::{
    self, DIRECT, ESCAPE, LONG_ESCAPE, MOST_ACTIVITY, Neighbours, Row, Token, activity, folded, magnitude, predict, unfolded,
};
use super::rans::{Input, LOWEST, Output, STREAMS};
use super::strips::{LANES, Lanes, biased};

/// The context of every activity.
static CONTEXTS: [u8; MOST_ACTIVITY as usize + 1] = {
    let mut contexts = [0; MOST_ACTIVITY as usize + 1];
    let mut activity = 1;
    while activity <= MOST_ACTIVITY {
        contexts[activity as usize] = model::context(activity) as u8;
        activity += 1;
    }
    contexts
};

fn context(activity: u16) -> u16 {
    u16::from(CONTEXTS[usize::from(activity)])
}

/// Turns a row of pixels into tokens and extra bytes, and tells how many of these there are.
pub(super) fn model(row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
    let shift = row.shift;
    let mut position = 0;
    let mut left = Left::new(row);
    for ((step, pixels), tokens) in (0..).zip(pixels).zip(tokens) {
        let (predicted, activities) = left.look_at(row, step);
        let mut numbers = [0; LANES];
        let (values, errors) = (&mut row.values[step].0, &mut row.errors[step].0);
        for lane in 0..LANES {
            let pixel = pixels.0[lane];
            let value = biased(pixel);
            let residual = value.wrapping_sub(predicted[lane]);
            numbers[lane] = if pixel == 0 { 0 } else { folded(residual) };
            values[lane] = if pixel == 0 { values[lane] } else { value };
            errors[lane] = if pixel == 0 { errors[lane] } else { magnitude(residual, shift) };
        }
        left.go_on(row, step);
        let planes = if pixels.0 == [0; LANES] { 0 } else { shift };
        for plane in 0..planes {
            let bits = (0..).zip(numbers).fold(0, |bits, (lane, number)| bits | u32::from(number >> plane & 1) << lane);
            extra[position..][..4].copy_from_slice(&bits.to_le_bytes());
            position += 4;
        }
        let numbers = numbers.map(|number| number >> shift);
        for lane in 0..LANES {
            let number = numbers[lane];
            let symbol = number.min(if number < DIRECT + 256 { ESCAPE } else { LONG_ESCAPE });
            let token = (context(activities[lane]) << Token::CONTEXT_SHIFT | symbol).cast_signed();
            tokens.0[lane] = if pixels.0[lane] == 0 { Token::INVALID } else { token };
        }
        if numbers.iter().fold(0, |most, &number| number.max(most)) >= DIRECT {
            let rests = || numbers.iter().filter_map(|number| number.checked_sub(DIRECT));
            let low = rests().map(|rest| rest as u8);
            let high = rests().filter(|rest| *rest > 255).map(|rest| (rest >> 8) as u8);
            for byte in low.chain(high) {
                extra[position] = byte;
                position += 1;
            }
        }
    }
    position
}

/// What is left of a step, and left above it.
struct Left {
    w: Lanes,
    nw: Lanes,
    error_w: Lanes,
    error_nw: Lanes,
}

impl Left {
    /// Left of a strip there is nothing that a decoder knew: as above its first column.
    fn new(row: &Row) -> Self {
        Self { w: row.values[0], nw: row.values[0], error_w: row.errors[0], error_nw: row.errors[0] }
    }

    /// What the neighbours of a step's pixels let expect, and how much is going on around them.
    #[inline(always)]
    fn look_at(&mut self, row: &Row, step: usize) -> ([i16; LANES], [u16; LANES]) {
        let (n, ne) = (&row.values[step].0, &row.values[step + 1].0);
        let (error_n, error_ne) = (&row.errors[step].0, &row.errors[step + 1].0);
        let mut predicted = [0; LANES];
        let mut activities = [0; LANES];
        for lane in 0..LANES {
            let values = Neighbours { w: self.w.0[lane], nw: self.nw.0[lane], n: n[lane], ne: ne[lane] };
            let errors = Neighbours { w: self.error_w.0[lane], nw: self.error_nw.0[lane], n: error_n[lane], ne: error_ne[lane] };
            predicted[lane] = predict(values, row.shift);
            activities[lane] = activity(values, errors, row.shift);
        }
        self.nw = row.values[step];
        self.error_nw = row.errors[step];
        (predicted, activities)
    }

    fn go_on(&mut self, row: &Row, step: usize) {
        self.w = row.values[step];
        self.error_w = row.errors[step];
    }
}

/// Codes the tokens of both bands, the last ones first.
pub(super) fn encode(tokens: [&[Lanes]; BANDS], tables: &EncodeTables, outputs: &mut [Output; BANDS]) {
    for (tokens, output) in tokens.into_iter().zip(outputs) {
        for tokens in tokens.iter().rev() {
            encode_step(tokens, tables, output);
        }
    }
}

fn encode_step(tokens: &Lanes, tables: &EncodeTables, output: &mut Output) {
    for stream in 0..STREAMS {
        let words = &mut output.words[stream];
        let start = &mut output.starts[stream];
        for (state, lane) in output.states[stream].iter_mut().zip((stream..LANES).step_by(STREAMS)).rev() {
            let Some(&entry) = tables.0.get(usize::from(tokens.0[lane].cast_unsigned())) else { continue };
            let (frequency, begin) = (entry & 0xffff, entry >> 16);
            if *state >= frequency << (31 - SCALE_BITS) {
                *start -= 1;
                words[*start] = *state as u16;
                *state >>= 16;
            }
            *state = ((*state / frequency) << SCALE_BITS) + *state % frequency + begin;
        }
    }
}

/// Decodes a row of each band: `rows` were those above and become these.
pub(super) fn decode(rows: &mut [Row; BANDS], valid: &[Vec<u32>; BANDS], tables: &DecodeTables, inputs: &mut [Input<'_>; BANDS]) {
    for ((row, valid), input) in rows.iter_mut().zip(valid).zip(inputs) {
        decode_row(row, valid, tables, input);
    }
}

fn decode_row(row: &mut Row, valid: &[u32], tables: &DecodeTables, input: &mut Input<'_>) {
    let mut left = Left::new(row);
    for (step, &valid) in valid.iter().enumerate() {
        let (predicted, activities) = left.look_at(row, step);
        let mut meanings = [DecodeTables::ZERO; LANES];
        for stream in 0..STREAMS {
            let words = &mut input.words[stream];
            for (state, lane) in input.states[stream].iter_mut().zip((stream..LANES).step_by(STREAMS)) {
                if valid >> lane & 1 == 0 {
                    continue;
                }
                let slot = *state & ((1 << SCALE_BITS) - 1);
                let entry = tables.entries[usize::from(context(activities[lane])) << SCALE_BITS | slot as usize];
                *state = (entry & 0x3ff) * (*state >> SCALE_BITS) + (entry >> SCALE_BITS & 0x3ff);
                if *state < LOWEST {
                    *state = *state << 16 | u32::from(u16::from_le_bytes(words.take()));
                }
                meanings[lane] = (entry >> 24) as u8;
            }
        }
        let residuals = if valid == 0 { [0; LANES] } else { residuals(&meanings, row.shift, input) };
        let (values, errors) = (&mut row.values[step].0, &mut row.errors[step].0);
        for lane in 0..LANES {
            let kept = valid >> lane & 1 == 0;
            values[lane] = if kept { values[lane] } else { predicted[lane].wrapping_add(residuals[lane]) };
            errors[lane] = if kept { errors[lane] } else { magnitude(residuals[lane], row.shift) };
        }
        left.go_on(row, step);
    }
}

/// What a step's symbols and its extra bytes mean.
pub(super) fn residuals(meanings: &[u8; LANES], shift: u32, input: &mut Input<'_>) -> [i16; LANES] {
    let escapes = meanings.iter().fold(0, |most, &meaning| meaning.max(most)) >= DIRECT as u8;
    let residuals = meanings.map(|meaning| i16::from(meaning) - i16::from(DecodeTables::ZERO));
    if shift == 0 && !escapes {
        return residuals;
    }
    let mut low_bits = [0; LANES];
    for plane in 0..shift {
        let bits = u32::from_le_bytes(input.extra.take());
        for (lane, low_bits) in low_bits.iter_mut().enumerate() {
            *low_bits |= (bits >> lane & 1) << plane;
        }
    }
    let mut numbers = residuals.map(folded);
    if escapes {
        read_escapes(meanings, input, &mut numbers);
    }
    std::array::from_fn(|lane| unfolded(numbers[lane] << shift | low_bits[lane] as u16))
}

/// A step's escapes: a byte for each, then one more for each long one.
fn read_escapes(meanings: &[u8; LANES], input: &mut Input<'_>, numbers: &mut [u16; LANES]) {
    let escapes = |least: u16| (0..LANES).filter(move |&lane| u16::from(meanings[lane]) >= least);
    for lane in escapes(ESCAPE) {
        let [byte] = input.extra.take();
        numbers[lane] = DIRECT + u16::from(byte);
    }
    for lane in escapes(LONG_ESCAPE) {
        let [byte] = input.extra.take();
        numbers[lane] = numbers[lane].wrapping_add(u16::from(byte) << 8);
    }
}
