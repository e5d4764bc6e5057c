//! Profile R with AVX-512: a step is one register of 32 values, and two of 16 rANS states.
//!
//! Every function does what that of the same name in [`portable`](super::portable) or [`strips`](super::strips) does.

#![allow(unsafe_code)] // vector loads and stores, gathering, and what only some processors can execute

use std::arch::x86_64::*;

use super::BANDS;
use super::choice::{DecodeTables, EncodeTables, SCALE_BITS};
use super::model::{self, DIRECT, ESCAPE, LONG_ESCAPE, MOST, MOST_ACTIVITY, Row, SMOOTH, Token};
use super::rans::{Input, LOWEST, Output, SHARE, STREAMS, Stream};
use super::strips::{LANES, Lanes};
use crate::codec::k2d::level::Level;

/// Steps of rows that [`split`], [`split_mask`] and [`join`] are for: those of 512 columns.
const STEPS: usize = 16;

/// Says that the processor has these instructions.
#[derive(Clone, Copy)]
pub(super) struct Avx512(());

impl Avx512 {
    /// Where it has them.
    pub(super) fn new() -> Option<Self> {
        (Level::best() >= Level::Avx512).then_some(Self(()))
    }

    pub(super) fn split(self, line: &[u16; 512], steps: &mut [Lanes; STEPS]) {
        // SAFETY: the processor has these instructions.
        unsafe { split(line, steps) }
    }

    pub(super) fn split_mask(self, mask: &[u64; 8], steps: &mut [u32; STEPS]) {
        // SAFETY: the processor has these instructions.
        unsafe { split_mask(mask, steps) }
    }

    pub(super) fn join(self, steps: &[Lanes; STEPS], mask: &[u64; 8], line: &mut [u16; 512]) {
        // SAFETY: the processor has these instructions.
        unsafe { join(steps, mask, line) }
    }

    pub(super) fn model(self, row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
        // SAFETY: the processor has these instructions.
        unsafe { model(row, pixels, tokens, extra) }
    }

    pub(super) fn encode(self, tokens: [&[Lanes]; BANDS], tables: &EncodeTables, outputs: &mut [Output; BANDS]) {
        // SAFETY: the processor has these instructions.
        unsafe { encode(tokens, tables, outputs) }
    }

    pub(super) fn decode(self, rows: &mut [Row; BANDS], valid: &[Vec<u32>; BANDS], tables: &DecodeTables, inputs: &mut [Input<'_>; BANDS]) {
        // SAFETY: the processor has these instructions.
        unsafe { decode(rows, valid, tables, inputs) }
    }
}

/// Bytes that look contexts up. An activity below 72 is its own place, and from there on eight share one.
static CONTEXTS: [[u8; 64]; 2] = {
    let mut contexts = [[0; 64]; 2];
    let mut place = 1;
    while place < 128 {
        let activity = if place < 72 { place } else { (place - 64) * 8 };
        if activity <= MOST_ACTIVITY as usize {
            contexts[place / 64][place % 64] = model::context(activity as u16) as u8;
        }
        place += 1;
    }
    contexts
};

/// Order of the 32 values that a stage of a transposition takes from two registers.
type Order = [[u16; 32]; 2];

/// For each of both results of a stage, and each place in it, where the value comes from.
const fn order(stage: Stage) -> Order {
    let mut order = [[0; 32]; 2];
    let mut result = 0;
    while result < 2 {
        let mut place = 0;
        while place < 32 {
            order[result as usize][place as usize] = match stage {
                Stage::First => (place >> 1 & 1) << 5 | (place & 1) << 4 | result << 3 | place >> 2,
                Stage::Riffle => (place & 1) << 5 | result << 4 | place >> 1,
                Stage::Last => {
                    (place >> 1 & 1) << 5 | result << 4 | (place >> 4 & 1) << 3 | (place & 1) << 2 | (place >> 3 & 1) << 1 | place >> 2 & 1
                }
            };
            place += 1;
        }
        result += 1;
    }
    order
}

/// Stages of transpositions. Each exchanges a bit of a register's number with one of the place in it.
enum Stage {
    First,
    Riffle,
    Last,
}

static FIRST: Order = order(Stage::First);
static RIFFLE: Order = order(Stage::Riffle);
static LAST: Order = order(Stage::Last);

#[inline]
#[target_feature(enable = "avx512f")]
fn vector(lanes: &Lanes) -> __m512i {
    // SAFETY: 64 bytes, and any alignment is allowed.
    unsafe { _mm512_loadu_si512((&raw const lanes.0).cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(lanes: &mut Lanes, vector: __m512i) {
    // SAFETY: 64 bytes, and any alignment is allowed.
    unsafe { _mm512_storeu_si512((&raw mut lanes.0).cast(), vector) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn words(words: &[u16; 32]) -> __m512i {
    // SAFETY: 64 bytes, and any alignment is allowed.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn stage(rows: &[__m512i; STEPS], order: &Order) -> [__m512i; STEPS] {
    let (even, odd) = (words(&order[0]), words(&order[1]));
    let mut result = [_mm512_setzero_si512(); STEPS];
    for row in 0..STEPS / 2 {
        let (low, high) = (rows[row], rows[row + STEPS / 2]);
        result[2 * row] = _mm512_permutex2var_epi16(low, even, high);
        result[2 * row + 1] = _mm512_permutex2var_epi16(low, odd, high);
    }
    result
}

#[target_feature(enable = "avx512f,avx512bw")]
fn split(line: &[u16; 512], steps: &mut [Lanes; STEPS]) {
    let mut rows = [_mm512_setzero_si512(); STEPS];
    for (row, pixels) in rows.iter_mut().zip(line.as_chunks().0) {
        *row = words(pixels);
    }
    for order in [&FIRST, &RIFFLE, &RIFFLE, &LAST] {
        rows = stage(&rows, order);
    }
    for (step, row) in steps.iter_mut().zip(rows) {
        store(step, row);
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn join(steps: &[Lanes; STEPS], mask: &[u64; 8], line: &mut [u16; 512]) {
    let mut rows = [_mm512_setzero_si512(); STEPS];
    for (row, step) in rows.iter_mut().zip(steps) {
        *row = vector(step);
    }
    for _ in 0..4 {
        rows = stage(&rows, &RIFFLE);
    }
    let masks = mask.iter().flat_map(|&bits| [bits as u32, (bits >> 32) as u32]);
    for ((pixels, row), valid) in line.as_chunks_mut::<32>().0.iter_mut().zip(rows).zip(masks) {
        let row = _mm512_maskz_mov_epi16(valid, _mm512_xor_si512(row, _mm512_set1_epi16(i16::MIN)));
        // SAFETY: 64 bytes, and any alignment is allowed.
        unsafe { _mm512_storeu_si512(pixels.as_mut_ptr().cast(), row) };
    }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn split_mask(mask: &[u64; 8], steps: &mut [u32; STEPS]) {
    // SAFETY: 64 bytes, and any alignment is allowed.
    let strips = unsafe { _mm512_loadu_si512(mask.as_ptr().cast()) };
    for (column, step) in steps.iter_mut().enumerate() {
        *step = _mm512_test_epi16_mask(strips, _mm512_set1_epi16(1 << column));
    }
}

/// Constants and what is left of a step.
struct Model<const SHIFTED: bool> {
    w: __m512i,
    nw: __m512i,
    error_w: __m512i,
    error_nw: __m512i,
    contexts: [__m512i; 2],
    shift: __m128i,
    smooth: __m512i,
}

impl<const SHIFTED: bool> Model<SHIFTED> {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn new(row: &Row) -> Self {
        let (value, error) = (vector(&row.values[0]), vector(&row.errors[0]));
        let contexts = [0, 1].map(|half: usize| {
            // SAFETY: 64 bytes, and any alignment is allowed.
            unsafe { _mm512_loadu_si512(CONTEXTS[half].as_ptr().cast()) }
        });
        Self {
            w: value,
            nw: value,
            error_w: error,
            error_nw: error,
            contexts,
            shift: _mm_cvtsi32_si128(row.shift.cast_signed()),
            smooth: _mm512_set1_epi16((SMOOTH << row.shift).cast_signed()),
        }
    }

    /// See [`model::magnitude`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn magnitude(&self, residual: __m512i) -> __m512i {
        let mut size = _mm512_abs_epi16(residual);
        if SHIFTED {
            size = _mm512_srl_epi16(size, self.shift);
        }
        _mm512_min_epu16(size, _mm512_set1_epi16(MOST.cast_signed()))
    }

    /// See [`model::predict`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn predict(&self, n: __m512i, ne: __m512i) -> __m512i {
        let (w, nw) = (self.w, self.nw);
        // What does not depend on the step before comes first.
        let lowest = _mm512_min_epi16(_mm512_min_epi16(nw, ne), n);
        let highest = _mm512_max_epi16(_mm512_max_epi16(nw, ne), n);
        let slope = _mm512_subs_epi16(n, nw);
        let seven_n = _mm512_sub_epi16(_mm512_slli_epi16(n, 3), n);
        let eight_nw = _mm512_slli_epi16(nw, 3);
        let four_ne = _mm512_add_epi16(_mm512_slli_epi16(ne, 2), _mm512_set1_epi16(8));
        let above = _mm512_add_epi16(_mm512_sub_epi16(seven_n, eight_nw), four_ne);

        let range = _mm512_sub_epi16(_mm512_max_epi16(highest, w), _mm512_min_epi16(lowest, w));
        let smooth = _mm512_cmple_epu16_mask(range, self.smooth);
        let gradient = _mm512_adds_epi16(w, slope);
        let edge = _mm512_max_epi16(_mm512_min_epi16(gradient, _mm512_max_epi16(w, n)), _mm512_min_epi16(w, n));
        let three_w = _mm512_add_epi16(_mm512_slli_epi16(w, 1), w);
        let sum = _mm512_srai_epi16(_mm512_sub_epi16(above, three_w), 4);
        _mm512_mask_add_epi16(edge, smooth, w, sum)
    }

    /// See [`model::activity`]; as a place in [`CONTEXTS`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn place(&self, n: __m512i, ne: __m512i, error_n: __m512i, error_ne: __m512i) -> __m512i {
        let slope = self.magnitude(_mm512_sub_epi16(n, self.nw));
        let gradient = _mm512_add_epi16(slope, self.magnitude(_mm512_sub_epi16(n, ne)));
        let around = _mm512_add_epi16(self.error_nw, error_ne);
        let errors = _mm512_add_epi16(_mm512_add_epi16(_mm512_slli_epi16(error_n, 1), around), _mm512_set1_epi16(1));
        let twice = _mm512_add_epi16(_mm512_slli_epi16(errors, 1), gradient);

        let twice = _mm512_add_epi16(twice, _mm512_slli_epi16(self.error_w, 2));
        let twice = _mm512_add_epi16(twice, self.magnitude(_mm512_sub_epi16(self.nw, self.w)));
        let activity = _mm512_srli_epi16(twice, 1);
        _mm512_min_epu16(activity, _mm512_add_epi16(_mm512_srli_epi16(activity, 3), _mm512_set1_epi16(64)))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn go_on(&mut self, n: __m512i, error_n: __m512i, value: __m512i, error: __m512i) {
        (self.nw, self.error_nw) = (n, error_n);
        (self.w, self.error_w) = (value, error);
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn folded(residual: __m512i) -> __m512i {
    _mm512_xor_si512(_mm512_slli_epi16(residual, 1), _mm512_srai_epi16(residual, 15))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn unfolded(number: __m512i) -> __m512i {
    let sign = _mm512_sub_epi16(_mm512_setzero_si512(), _mm512_and_si512(number, _mm512_set1_epi16(1)));
    _mm512_xor_si512(_mm512_srli_epi16(number, 1), sign)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,popcnt")]
fn model(row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
    if row.shift == 0 { model_shifted::<false>(row, pixels, tokens, extra) } else { model_shifted::<true>(row, pixels, tokens, extra) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,popcnt")]
fn model_shifted<const SHIFTED: bool>(row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
    let mut position = 0;
    let mut model = Model::<SHIFTED>::new(row);
    let direct = _mm512_set1_epi16(DIRECT.cast_signed());
    let shift = row.shift;
    let steps = pixels.len();
    let (values, errors) = (&mut row.values[..=steps], &mut row.errors[..=steps]);
    for (step, (pixels, tokens)) in pixels.iter().zip(tokens).enumerate() {
        let (n, ne) = (vector(&values[step]), vector(&values[step + 1]));
        let (error_n, error_ne) = (vector(&errors[step]), vector(&errors[step + 1]));
        let pixels = vector(pixels);
        let valid = _mm512_test_epi16_mask(pixels, pixels);
        let predicted = model.predict(n, ne);
        let place = model.place(n, ne, error_n, error_ne);
        let context = _mm512_maskz_permutex2var_epi8(0x5555_5555_5555_5555, model.contexts[0], place, model.contexts[1]);

        let value = _mm512_mask_mov_epi16(n, valid, _mm512_xor_si512(pixels, _mm512_set1_epi16(i16::MIN)));
        let residual = _mm512_sub_epi16(value, predicted);
        let error = _mm512_mask_mov_epi16(error_n, valid, model.magnitude(residual));
        store(&mut values[step], value);
        store(&mut errors[step], error);
        model.go_on(n, error_n, value, error);

        let mut number = _mm512_maskz_mov_epi16(valid, folded(residual));
        if SHIFTED && valid != 0 {
            for plane in 0..shift {
                let bits = _mm512_test_epi16_mask(number, _mm512_set1_epi16(1 << plane));
                extra[position..][..4].copy_from_slice(&bits.to_le_bytes());
                position += 4;
            }
            number = _mm512_srl_epi16(number, model.shift);
        }
        let escapes = _mm512_cmpge_epu16_mask(number, direct);
        let long = _mm512_cmpge_epu16_mask(number, _mm512_set1_epi16(DIRECT.cast_signed() + 256));
        let symbol = _mm512_min_epu16(number, _mm512_set1_epi16(ESCAPE.cast_signed()));
        let symbol = _mm512_mask_mov_epi16(symbol, long, _mm512_set1_epi16(LONG_ESCAPE.cast_signed()));
        let token = _mm512_or_si512(_mm512_slli_epi16(context, Token::CONTEXT_SHIFT), symbol);
        store(tokens, _mm512_mask_mov_epi16(_mm512_set1_epi16(Token::INVALID), valid, token));

        let rest = _mm512_sub_epi16(number, direct);
        store_bytes(extra, &mut position, escapes, rest);
        if long != 0 {
            store_bytes(extra, &mut position, long, _mm512_srli_epi16(rest, 8));
        }
    }
    position
}

/// Appends the low bytes of those values that the mask names.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,popcnt")]
fn store_bytes(extra: &mut [u8], position: &mut usize, mask: u32, values: __m512i) {
    let bytes = _mm256_maskz_compress_epi8(mask, _mm512_cvtepi16_epi8(values));
    let room = &mut extra[*position..][..32];
    // SAFETY: 32 bytes, and any alignment is allowed.
    unsafe { _mm256_storeu_si256(room.as_mut_ptr().cast(), bytes) };
    *position += mask.count_ones() as usize;
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_states(states: &[[u32; SHARE]; STREAMS]) -> [__m512i; STREAMS] {
    // SAFETY: 64 bytes each, and any alignment is allowed.
    [0, 1].map(|stream: usize| unsafe { _mm512_loadu_si512(states[stream].as_ptr().cast()) })
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store_states(states: &mut [[u32; SHARE]; STREAMS], vectors: [__m512i; STREAMS]) {
    for (states, vector) in states.iter_mut().zip(vectors) {
        // SAFETY: 64 bytes, and any alignment is allowed.
        unsafe { _mm512_storeu_si512(states.as_mut_ptr().cast(), vector) };
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
fn encode(tokens: [&[Lanes]; BANDS], tables: &EncodeTables, outputs: &mut [Output; BANDS]) {
    let [upper, lower] = tokens;
    let mut encoders = outputs.each_mut().map(|output| Encoder::new(output));
    // The upper band may have a row more.
    let nothing = Lanes([Token::INVALID; LANES]);
    for (step, upper) in upper.iter().enumerate().rev() {
        let tokens = [upper, lower.get(step).unwrap_or(&nothing)];
        for (encoder, tokens) in encoders.iter_mut().zip(tokens) {
            encoder.step(tokens, tables);
        }
    }
    for encoder in encoders {
        encoder.finish();
    }
}

/// States of a band in registers.
struct Encoder<'a> {
    output: &'a mut Output,
    states: [__m512i; STREAMS],
}

impl<'a> Encoder<'a> {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new(output: &'a mut Output) -> Self {
        let states = load_states(&output.states);
        Self { output, states }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
    fn step(&mut self, tokens: &Lanes, tables: &EncodeTables) {
        let tokens = vector(tokens);
        let shares = [_mm512_and_si512(tokens, _mm512_set1_epi32(0xffff)), _mm512_srli_epi32(tokens, 16)];
        let Output { words, starts, .. } = &mut *self.output;
        for stream in 0..STREAMS {
            let state = &mut self.states[stream];
            *state = encode_share(shares[stream], tables, *state, &mut words[stream], &mut starts[stream]);
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn finish(self) {
        store_states(&mut self.output.states, self.states);
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
fn encode_share(tokens: __m512i, tables: &EncodeTables, state: __m512i, words: &mut [u16], start: &mut usize) -> __m512i {
    let valid = _mm512_cmplt_epu32_mask(tokens, _mm512_set1_epi32(tables.0.len() as i32));
    // SAFETY: only entries are read whose index is less than their number.
    let entry = unsafe { _mm512_mask_i32gather_epi32::<4>(_mm512_set1_epi32(1), valid, tokens, tables.0.as_ptr().cast()) };
    let frequency = _mm512_and_si512(entry, _mm512_set1_epi32(0xffff));
    let begin = _mm512_srli_epi32(entry, 16);

    let limit = _mm512_slli_epi32(frequency, 31 - SCALE_BITS);
    let full = _mm512_mask_cmpge_epi32_mask(valid, state, limit);
    let written = full.count_ones();
    let room = &mut words[*start - SHARE..*start];
    // The words, turned round to the end of the vector.
    let places = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let places = _mm512_add_epi32(places, _mm512_set1_epi32(written.cast_signed()));
    let low = _mm512_permutexvar_epi32(places, _mm512_maskz_compress_epi32(full, state));
    // SAFETY: 32 bytes, and any alignment is allowed. What is below the words is written later.
    unsafe { _mm256_storeu_si256(room.as_mut_ptr().cast(), _mm512_cvtepi32_epi16(low)) };
    *start -= written as usize;
    let reduced = _mm512_mask_srli_epi32(state, full, state, 16);

    // The quotient is below 2^21, so rounding of its two operands' conversion and of the division moves it by at most a quarter, and
    // rounding to the nearest gives it or the next number, which makes the remainder negative.
    let quotient = _mm512_cvtps_epi32(_mm512_div_ps(_mm512_cvtepi32_ps(reduced), _mm512_cvtepi32_ps(frequency)));
    let remainder = _mm512_sub_epi32(reduced, _mm512_mullo_epi32(quotient, frequency));
    let negative = _mm512_movepi32_mask(remainder);
    let next = _mm512_add_epi32(_mm512_slli_epi32(quotient, SCALE_BITS), _mm512_add_epi32(remainder, begin));
    let correction = _mm512_sub_epi32(frequency, _mm512_set1_epi32(1 << SCALE_BITS));
    let next = _mm512_mask_add_epi32(next, negative, next, correction);
    _mm512_mask_mov_epi32(state, valid, next)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
fn decode(rows: &mut [Row; BANDS], valid: &[Vec<u32>; BANDS], tables: &DecodeTables, inputs: &mut [Input<'_>; BANDS]) {
    if rows[0].shift == 0 {
        decode_shifted::<false>(rows, valid, tables, inputs)
    } else {
        decode_shifted::<true>(rows, valid, tables, inputs)
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
fn decode_shifted<const SHIFTED: bool>(
    rows: &mut [Row; BANDS],
    valid: &[Vec<u32>; BANDS],
    tables: &DecodeTables,
    inputs: &mut [Input<'_>; BANDS],
) {
    let ([upper, lower], [above, below]) = (rows, inputs);
    let steps = valid[0].len();
    let mut decoders = [Decoder::<SHIFTED>::new(upper, steps, above), Decoder::<SHIFTED>::new(lower, steps, below)];
    for (step, (&upper, &lower)) in valid[0].iter().zip(&valid[1]).enumerate() {
        for (decoder, valid) in decoders.iter_mut().zip([upper, lower]) {
            decoder.step(step, valid, tables);
        }
    }
    for decoder in decoders {
        decoder.finish();
    }
}

/// What a band's row is decoded from and to.
struct Decoder<'a, 'b, const SHIFTED: bool> {
    values: &'a mut [Lanes],
    errors: &'a mut [Lanes],
    input: &'a mut Input<'b>,
    states: [__m512i; STREAMS],
    model: Model<SHIFTED>,
    /// Looks up where the slots of a context start.
    contexts: [__m512i; 2],
    shift: u32,
}

impl<'a, 'b, const SHIFTED: bool> Decoder<'a, 'b, SHIFTED> {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn new(row: &'a mut Row, steps: usize, input: &'a mut Input<'b>) -> Self {
        let model = Model::new(row);
        let contexts = model.contexts.map(|contexts| _mm512_slli_epi16(contexts, SCALE_BITS - 8));
        let states = load_states(&input.states);
        let shift = row.shift;
        Self { values: &mut row.values[..=steps], errors: &mut row.errors[..=steps], input, states, model, contexts, shift }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
    fn step(&mut self, step: usize, valid: u32, tables: &DecodeTables) {
        let (n, ne) = (vector(&self.values[step]), vector(&self.values[step + 1]));
        let (error_n, error_ne) = (vector(&self.errors[step]), vector(&self.errors[step + 1]));
        let predicted = self.model.predict(n, ne);
        let place = self.model.place(n, ne, error_n, error_ne);
        let place = _mm512_slli_epi16(place, 8);
        let context = _mm512_maskz_permutex2var_epi8(0xaaaa_aaaa_aaaa_aaaa, self.contexts[0], place, self.contexts[1]);

        let even = _mm512_and_si512(context, _mm512_set1_epi32(0xffff));
        let odd = _mm512_srli_epi32(context, 16);
        let slots = _mm512_set1_epi32((1 << SCALE_BITS) - 1);
        let even = _mm512_or_si512(even, _mm512_and_si512(self.states[0], slots));
        let odd = _mm512_or_si512(odd, _mm512_and_si512(self.states[1], slots));
        // SAFETY: contexts are looked up, and states cut, to what the table has.
        let entries = unsafe {
            let table = tables.entries.as_ptr().cast();
            [_mm512_i32gather_epi32::<4>(even, table), _mm512_i32gather_epi32::<4>(odd, table)]
        };
        let shares = [_pext_u32(valid, 0x5555_5555) as u16, _pext_u32(valid, 0xaaaa_aaaa) as u16];
        for stream in 0..STREAMS {
            let state = self.states[stream];
            self.states[stream] = decode_share(entries[stream], state, shares[stream], &mut self.input.words[stream]);
        }

        let even = _mm512_srli_epi32(entries[0], 24);
        let meaning = _mm512_mask_blend_epi16(0xaaaa_aaaa, even, _mm512_srli_epi32(entries[1], 8));
        let mut residual = _mm512_sub_epi16(meaning, _mm512_set1_epi16(i16::from(DecodeTables::ZERO)));
        let mut low_bits = _mm512_setzero_si512();
        if SHIFTED && valid != 0 {
            for plane in 0..self.shift {
                let bits = u32::from_le_bytes(self.input.extra.take());
                low_bits = _mm512_mask_add_epi16(low_bits, bits, low_bits, _mm512_set1_epi16(1 << plane));
            }
        }
        let escapes = _mm512_mask_cmpge_epu16_mask(valid, meaning, _mm512_set1_epi16(ESCAPE.cast_signed()));
        // Some steps have escapes, so a branch would often be foretold wrongly; long ones are rare.
        let number = _mm512_add_epi16(load_bytes(&mut self.input.extra, escapes), _mm512_set1_epi16(DIRECT.cast_signed()));
        let long = _mm512_mask_cmpeq_epi16_mask(escapes, meaning, _mm512_set1_epi16(LONG_ESCAPE.cast_signed()));
        if SHIFTED {
            let mut number = _mm512_mask_mov_epi16(folded(residual), escapes, number);
            if long != 0 {
                number = _mm512_add_epi16(number, _mm512_slli_epi16(load_bytes(&mut self.input.extra, long), 8));
            }
            residual = unfolded(_mm512_or_si512(_mm512_sll_epi16(number, self.model.shift), low_bits));
        } else {
            residual = _mm512_mask_mov_epi16(residual, escapes, unfolded(number));
            if long != 0 {
                let number = _mm512_add_epi16(number, _mm512_slli_epi16(load_bytes(&mut self.input.extra, long), 8));
                residual = _mm512_mask_mov_epi16(residual, long, unfolded(number));
            }
        }
        let value = _mm512_mask_add_epi16(n, valid, predicted, residual);
        let error = _mm512_mask_mov_epi16(error_n, valid, self.model.magnitude(residual));
        store(&mut self.values[step], value);
        store(&mut self.errors[step], error);
        self.model.go_on(n, error_n, value, error);
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn finish(self) {
        store_states(&mut self.input.states, self.states);
    }
}

/// The states after their symbols were taken off.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
fn decode_share(entry: __m512i, state: __m512i, valid: u16, words: &mut Stream<'_>) -> __m512i {
    let ten_bits = _mm512_set1_epi32((1 << SCALE_BITS) - 1);
    let frequency = _mm512_and_si512(entry, ten_bits);
    let offset = _mm512_and_si512(_mm512_srli_epi32(entry, SCALE_BITS), ten_bits);
    let next = _mm512_add_epi32(_mm512_mullo_epi32(frequency, _mm512_srli_epi32(state, SCALE_BITS)), offset);
    let low = _mm512_mask_cmplt_epi32_mask(valid, next, _mm512_set1_epi32(LOWEST.cast_signed()));
    // SAFETY: 32 bytes, and any alignment is allowed.
    let following = _mm512_cvtepu16_epi32(unsafe { _mm256_loadu_si256(words.peek::<32>().as_ptr().cast()) });
    words.skip(2 * low.count_ones() as usize);
    let refill = _mm512_maskz_expand_epi32(low, following);
    let next = _mm512_mask_or_epi32(next, low, _mm512_slli_epi32(next, 16), refill);
    _mm512_mask_mov_epi32(state, valid, next)
}

/// The next bytes, one for each value that the mask names; 0 for others.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,popcnt")]
fn load_bytes(extra: &mut Stream<'_>, mask: u32) -> __m512i {
    // SAFETY: 32 bytes, and any alignment is allowed.
    let bytes = unsafe { _mm256_loadu_si256(extra.peek::<32>().as_ptr().cast()) };
    extra.skip(mask.count_ones() as usize);
    _mm512_maskz_expand_epi16(mask, _mm512_cvtepu8_epi16(bytes))
}
