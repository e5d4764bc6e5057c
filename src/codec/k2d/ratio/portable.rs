//! Profile R on any processor: what the others must do alike.
//!
//! Everything about a step's pixels is a loop over lanes without branches, which compilers make vectors of; entropy coding takes one
//! lane after the other.

use super::BANDS;
use super::choice::{DecodeTables, EncodeTables, Entries, SCALE_BITS};
use super::model::{
    self, DIRECT, ESCAPE, LONG_ESCAPE, MOST_ACTIVITY, Neighbours, Row, Token, activity, folded, magnitude, predict, unfolded,
};
use super::rans::{Input, LOWEST, Output, STREAMS};
use super::strips::{LANES, Lanes, biased};

/// The context of every activity; a power of two, so that no index is beyond it.
static CONTEXTS: [u8; 512] = {
    let mut contexts = [0; 512];
    let mut activity = 1;
    while activity <= MOST_ACTIVITY {
        contexts[activity as usize] = model::context(activity) as u8;
        activity += 1;
    }
    contexts
};

#[inline(always)]
fn context(activity: u16) -> u16 {
    u16::from(CONTEXTS[usize::from(activity) % CONTEXTS.len()])
}

/// All bits of those lanes whose bit is set.
#[inline(always)]
fn masks(bits: u32) -> [i16; LANES] {
    let halves = [bits as u16, (bits >> 16) as u16];
    let mut masks = [0; LANES];
    for (half, masks) in halves.into_iter().zip(masks.as_chunks_mut::<16>().0) {
        for (lane, mask) in masks.iter_mut().enumerate() {
            *mask = if half & 1 << lane == 0 { 0 } else { -1 };
        }
    }
    masks
}

/// One of both, bit by bit.
#[inline(always)]
fn select(mask: i16, set: i16, clear: i16) -> i16 {
    set & mask | clear & !mask
}

/// Turns a row of pixels into tokens and extra bytes, and tells how many of these there are.
pub(super) fn model(row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
    let shift = row.shift;
    let mut position = 0;
    let mut left = Left::new(row);
    for ((step, pixels), tokens) in (0..).zip(pixels).zip(tokens) {
        let (predicted, activities) = left.look_at(row, step);
        let (mut value, mut error) = (row.values[step].0, row.errors[step].0);
        let mut numbers = [0; LANES];
        for lane in 0..LANES {
            let pixel = pixels.0[lane];
            let valid: i16 = if pixel == 0 { 0 } else { -1 };
            let residual = biased(pixel).wrapping_sub(predicted[lane]);
            numbers[lane] = folded(residual) & valid.cast_unsigned();
            value[lane] = select(valid, biased(pixel), value[lane]);
            error[lane] = select(valid, magnitude(residual, shift), error[lane]);
        }
        (row.values[step], row.errors[step]) = (Lanes(value), Lanes(error));
        left.go_on(row, step);
        let planes = if pixels.0 == [0; LANES] { 0 } else { shift };
        for plane in 0..planes {
            let bits = (0..).zip(numbers).fold(0, |bits, (lane, number)| bits | u32::from(number >> plane & 1) << lane);
            extra[position..][..4].copy_from_slice(&bits.to_le_bytes());
            position += 4;
        }
        let numbers = numbers.map(|number| number >> shift);
        let contexts = activities.map(context);
        for lane in 0..LANES {
            let number = numbers[lane];
            let symbol = number.min(ESCAPE) + u16::from(number >= DIRECT + 256);
            let token = (contexts[lane] << Token::CONTEXT_SHIFT | symbol).cast_signed();
            tokens.0[lane] = if pixels.0[lane] == 0 { Token::INVALID } else { token };
        }
        if numbers.iter().fold(0, |most, &number| number.max(most)) >= DIRECT {
            position += write_escapes(&numbers, &mut extra[position..]);
        }
    }
    position
}

/// Writes a step's escapes: a byte for each, then one more for each long one. Tells how many bytes these are.
fn write_escapes(numbers: &[u16; LANES], extra: &mut [u8]) -> usize {
    let mut long = [0; LANES];
    let (mut bytes, mut long_bytes) = (0, 0);
    // A byte that is none is written over.
    for number in numbers {
        let rest = number.wrapping_sub(DIRECT);
        let escapes = usize::from(*number >= DIRECT);
        extra[bytes] = rest as u8;
        bytes += escapes;
        long[long_bytes] = (rest >> 8) as u8;
        long_bytes += escapes & usize::from(rest > 255);
    }
    extra[bytes..][..long_bytes].copy_from_slice(&long[..long_bytes]);
    bytes + long_bytes
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
    let mut entries = Entries::NOTHING;
    for (tokens, output) in tokens.into_iter().zip(outputs) {
        for tokens in tokens.iter().rev() {
            tables.look_up(tokens, &mut entries);
            encode_step(&entries, output);
        }
    }
}

fn encode_step(entries: &Entries, output: &mut Output) {
    for (stream, entries) in entries.0.iter().enumerate() {
        let words = &mut output.words[stream];
        let start = &mut output.starts[stream];
        for (state, entry) in output.states[stream].iter_mut().zip(entries).rev() {
            let (frequency, begin) = (entry & 0xffff, entry >> 16);
            // Whether there is a word to write is hard to foretell, so there is no branch; one that is none is written over.
            let full = *state >= frequency << (31 - SCALE_BITS);
            words[*start - 1] = *state as u16;
            *start -= usize::from(full);
            *state >>= 16 * u32::from(full);
            let quotient = quotient(*state, frequency);
            *state += quotient * ((1 << SCALE_BITS) - frequency) + begin;
        }
    }
}

/// `state / frequency`, for states below 2^21 times the frequency.
#[inline(always)]
fn quotient(state: u32, frequency: u32) -> u32 {
    let reciprocal = RECIPROCALS[frequency as usize % RECIPROCALS.len()];
    ((u64::from(state) * reciprocal) >> 42) as u32
}

/// 2^42 divided by every frequency, rounded up: by less than one, so that quotients of states, which have 31 bits, become too large by
/// less than 1 / 2^11, and frequencies have 10 bits, so no quotient reaches the next number.
static RECIPROCALS: [u64; 1 << SCALE_BITS] = {
    let mut reciprocals = [0; 1 << SCALE_BITS];
    let mut frequency = 1;
    while frequency < reciprocals.len() {
        reciprocals[frequency] = (1u64 << 42).div_ceil(frequency as u64);
        frequency += 1;
    }
    reciprocals
};

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
                // As hard to foretell as for the encoder.
                let low = *state < LOWEST;
                let refilled = *state << 16 | u32::from(u16::from_le_bytes(*words.peek()));
                *state = if low { refilled } else { *state };
                words.skip(2 * usize::from(low));
                meanings[lane] = (entry >> 24) as u8;
            }
        }
        let residuals = if valid == 0 { [0; LANES] } else { residuals(&meanings, row.shift, input) };
        let valid = masks(valid);
        let (mut value, mut error) = (row.values[step].0, row.errors[step].0);
        for lane in 0..LANES {
            value[lane] = select(valid[lane], predicted[lane].wrapping_add(residuals[lane]), value[lane]);
            error[lane] = select(valid[lane], magnitude(residuals[lane], row.shift), error[lane]);
        }
        (row.values[step], row.errors[step]) = (Lanes(value), Lanes(error));
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
