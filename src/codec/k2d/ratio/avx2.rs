//! Profile R with AVX2: a step is two registers of 16 values, and four of 8 rANS states.
//!
//! Every function does what that of the same name in [`portable`](super::portable) or [`strips`](super::strips) does.

#![allow(unsafe_code)] // vector loads and stores, gathering, and what only some processors can execute

use std::arch::x86_64::*;

use super::BANDS;
use super::choice::{DecodeTables, EncodeTables, SCALE_BITS};
use super::model::{CONTEXTS, DIRECT, ESCAPE, LONG_ESCAPE, MOST, Row, SMOOTH, Token};
use super::rans::{Input, LOWEST, Output, SHARE, STREAMS, Stream};
use super::strips::{LANES, Lanes};
use crate::codec::k2d::level::Level;

/// Steps of rows that [`split`] and [`join`] are for: those of 512 columns.
const STEPS: usize = 16;

/// Says that the processor has these instructions.
#[derive(Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    /// Where it has them.
    pub(super) fn new() -> Option<Self> {
        (Level::best() >= Level::Avx2).then_some(Self(()))
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

/// Registers of a step, and of a stream's states.
const HALVES: usize = 2;
/// Values in one of them.
const HALF: usize = LANES / HALVES;

/// For each set of eight lanes, and each lane: how many lanes of the set are below it.
static EXPAND: [[u8; 8]; 256] = {
    let mut places = [[0; 8]; 256];
    let mut set = 0;
    while set < 256 {
        let mut lane = 0;
        while lane < 8 {
            places[set][lane] = (set & ((1 << lane) - 1)).count_ones() as u8;
            lane += 1;
        }
        set += 1;
    }
    places
};

/// For each set of eight lanes: its lanes, at the end.
static COMPRESS: [[u8; 8]; 256] = {
    let mut places = [[0; 8]; 256];
    let mut set: usize = 0;
    while set < 256 {
        let mut place = 8 - set.count_ones() as usize;
        let mut lane = 0;
        while lane < 8 {
            if set >> lane & 1 == 1 {
                places[set][place] = lane;
                place += 1;
            }
            lane += 1;
        }
        set += 1;
    }
    places
};

#[inline]
#[target_feature(enable = "avx2")]
fn words(words: &[u16; HALF]) -> __m256i {
    // SAFETY: 32 bytes, and any alignment is allowed.
    unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn vector(lanes: &Lanes, half: usize) -> __m256i {
    let values: &[i16] = &lanes.0[HALF * half..][..HALF];
    // SAFETY: 32 bytes, and any alignment is allowed.
    unsafe { _mm256_loadu_si256(values.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(lanes: &mut Lanes, half: usize, vector: __m256i) {
    let values: &mut [i16] = &mut lanes.0[HALF * half..][..HALF];
    // SAFETY: 32 bytes, and any alignment is allowed.
    unsafe { _mm256_storeu_si256(values.as_mut_ptr().cast(), vector) };
}

/// One of both, lane by lane.
#[inline]
#[target_feature(enable = "avx2")]
fn select(mask: __m256i, set: __m256i, clear: __m256i) -> __m256i {
    _mm256_blendv_epi8(clear, set, mask)
}

/// Lanes that are set, of two times 16.
#[inline]
#[target_feature(enable = "avx2")]
fn bits(masks: [__m256i; HALVES]) -> u32 {
    _mm256_movemask_epi8(_mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi16(masks[0], masks[1]))).cast_unsigned()
}

/// Moves the top bit of every value's place to the end: five times from rows to steps, four times back.
#[inline]
#[target_feature(enable = "avx2")]
fn riffle(rows: &[__m256i; 32]) -> [__m256i; 32] {
    let mut result = [_mm256_setzero_si256(); 32];
    for row in 0..16 {
        let low = _mm256_unpacklo_epi16(rows[row], rows[row + 16]);
        let high = _mm256_unpackhi_epi16(rows[row], rows[row + 16]);
        result[2 * row] = _mm256_permute2x128_si256::<0x20>(low, high);
        result[2 * row + 1] = _mm256_permute2x128_si256::<0x31>(low, high);
    }
    result
}

#[target_feature(enable = "avx2")]
fn split(line: &[u16; 512], steps: &mut [Lanes; STEPS]) {
    let mut rows = [_mm256_setzero_si256(); 32];
    for (row, pixels) in rows.iter_mut().zip(line.as_chunks().0) {
        *row = words(pixels);
    }
    for _ in 0..5 {
        rows = riffle(&rows);
    }
    for (step, row) in steps.iter_mut().zip(rows.as_chunks::<HALVES>().0) {
        store(step, 0, row[0]);
        store(step, 1, row[1]);
    }
}

#[target_feature(enable = "avx2")]
fn join(steps: &[Lanes; STEPS], mask: &[u64; 8], line: &mut [u16; 512]) {
    let mut rows = [_mm256_setzero_si256(); 32];
    for (row, step) in rows.as_chunks_mut::<HALVES>().0.iter_mut().zip(steps) {
        *row = [vector(step, 0), vector(step, 1)];
    }
    for _ in 0..4 {
        rows = riffle(&rows);
    }
    let masks = mask.iter().flat_map(|&bits| [0, 16, 32, 48].map(|shift| (bits >> shift) as u16));
    for ((pixels, row), valid) in line.as_chunks_mut::<HALF>().0.iter_mut().zip(rows).zip(masks) {
        let row = _mm256_and_si256(_mm256_xor_si256(row, _mm256_set1_epi16(i16::MIN)), lanes16(valid));
        // SAFETY: 32 bytes, and any alignment is allowed.
        unsafe { _mm256_storeu_si256(pixels.as_mut_ptr().cast(), row) };
    }
}

#[target_feature(enable = "avx2")]
fn split_mask(mask: &[u64; 8], steps: &mut [u32; STEPS]) {
    // SAFETY: 32 bytes each, and any alignment is allowed.
    let strips = [0, 4].map(|word: usize| unsafe { _mm256_loadu_si256(mask[word..][..4].as_ptr().cast()) });
    for (column, step) in (0..).zip(steps) {
        let up = _mm_cvtsi32_si128(15 - column);
        *step = bits(strips.map(|strips| _mm256_srai_epi16::<15>(_mm256_sll_epi16(strips, up))));
    }
}

/// All bits of those of 16 lanes whose bit is set.
#[inline]
#[target_feature(enable = "avx2")]
fn lanes16(bits: u16) -> __m256i {
    let one = _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, i16::MIN);
    _mm256_cmpeq_epi16(_mm256_and_si256(_mm256_set1_epi16(bits.cast_signed()), one), one)
}

/// Of two times eight lanes, the even and the odd ones of 16.
#[inline]
#[target_feature(enable = "avx2")]
fn shares(values: __m256i) -> [__m256i; STREAMS] {
    [_mm256_and_si256(values, _mm256_set1_epi32(0xffff)), _mm256_srli_epi32::<16>(values)]
}

/// Twice the logarithm of activities to base 2, plus 254: what is at the top of the same numbers as floating point.
#[inline]
#[target_feature(enable = "avx2")]
fn context(activity: __m256i) -> __m256i {
    _mm256_srli_epi32::<22>(_mm256_castps_si256(_mm256_cvtepi32_ps(activity)))
}
const CONTEXT_BIAS: i32 = 254;

/// Constants and what is left of half a step.
struct Model<const SHIFTED: bool> {
    w: __m256i,
    nw: __m256i,
    error_w: __m256i,
    error_nw: __m256i,
    shift: __m128i,
    smooth: __m256i,
}

impl<const SHIFTED: bool> Model<SHIFTED> {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new(row: &Row, half: usize) -> Self {
        let (value, error) = (vector(&row.values[0], half), vector(&row.errors[0], half));
        Self {
            w: value,
            nw: value,
            error_w: error,
            error_nw: error,
            shift: _mm_cvtsi32_si128(row.shift.cast_signed()),
            smooth: _mm256_set1_epi16((SMOOTH << row.shift).cast_signed()),
        }
    }

    /// See [`model::magnitude`](super::model::magnitude).
    #[inline]
    #[target_feature(enable = "avx2")]
    fn magnitude(&self, residual: __m256i) -> __m256i {
        let mut size = _mm256_abs_epi16(residual);
        if SHIFTED {
            size = _mm256_srl_epi16(size, self.shift);
        }
        _mm256_min_epu16(size, _mm256_set1_epi16(MOST.cast_signed()))
    }

    /// See [`model::predict`](super::model::predict).
    #[inline]
    #[target_feature(enable = "avx2")]
    fn predict(&self, n: __m256i, ne: __m256i) -> __m256i {
        let (w, nw) = (self.w, self.nw);
        let lowest = _mm256_min_epi16(_mm256_min_epi16(nw, ne), n);
        let highest = _mm256_max_epi16(_mm256_max_epi16(nw, ne), n);
        let slope = _mm256_subs_epi16(n, nw);
        let seven_n = _mm256_sub_epi16(_mm256_slli_epi16::<3>(n), n);
        let four_ne = _mm256_add_epi16(_mm256_slli_epi16::<2>(ne), _mm256_set1_epi16(8));
        let above = _mm256_add_epi16(_mm256_sub_epi16(seven_n, _mm256_slli_epi16::<3>(nw)), four_ne);

        let range = _mm256_sub_epi16(_mm256_max_epi16(highest, w), _mm256_min_epi16(lowest, w));
        let smooth = _mm256_cmpeq_epi16(_mm256_min_epu16(range, self.smooth), range);
        let gradient = _mm256_adds_epi16(w, slope);
        let edge = _mm256_max_epi16(_mm256_min_epi16(gradient, _mm256_max_epi16(w, n)), _mm256_min_epi16(w, n));
        let three_w = _mm256_add_epi16(_mm256_slli_epi16::<1>(w), w);
        let sum = _mm256_srai_epi16::<4>(_mm256_sub_epi16(above, three_w));
        select(smooth, _mm256_add_epi16(w, sum), edge)
    }

    /// See [`model::activity`](super::model::activity).
    #[inline]
    #[target_feature(enable = "avx2")]
    fn activity(&self, n: __m256i, ne: __m256i, error_n: __m256i, error_ne: __m256i) -> __m256i {
        let slope = self.magnitude(_mm256_sub_epi16(n, self.nw));
        let gradient = _mm256_add_epi16(slope, self.magnitude(_mm256_sub_epi16(n, ne)));
        let around = _mm256_add_epi16(self.error_nw, error_ne);
        let errors = _mm256_add_epi16(_mm256_add_epi16(_mm256_slli_epi16::<1>(error_n), around), _mm256_set1_epi16(1));
        let twice = _mm256_add_epi16(_mm256_slli_epi16::<1>(errors), gradient);

        let twice = _mm256_add_epi16(twice, _mm256_slli_epi16::<2>(self.error_w));
        let twice = _mm256_add_epi16(twice, self.magnitude(_mm256_sub_epi16(self.nw, self.w)));
        _mm256_srli_epi16::<1>(twice)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn go_on(&mut self, n: __m256i, error_n: __m256i, value: __m256i, error: __m256i) {
        (self.nw, self.error_nw) = (n, error_n);
        (self.w, self.error_w) = (value, error);
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn folded(residual: __m256i) -> __m256i {
    _mm256_xor_si256(_mm256_slli_epi16::<1>(residual), _mm256_srai_epi16::<15>(residual))
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn model(row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
    if row.shift == 0 { model_shifted::<false>(row, pixels, tokens, extra) } else { model_shifted::<true>(row, pixels, tokens, extra) }
}

#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn model_shifted<const SHIFTED: bool>(row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
    let mut position = 0;
    let mut models = [Model::<SHIFTED>::new(row, 0), Model::<SHIFTED>::new(row, 1)];
    let shift = row.shift;
    let steps = pixels.len();
    let (values, errors) = (&mut row.values[..=steps], &mut row.errors[..=steps]);
    for (step, (pixels, tokens)) in pixels.iter().zip(tokens).enumerate() {
        let mut numbers = [_mm256_setzero_si256(); HALVES];
        let mut contexts = numbers;
        let mut invalid = numbers;
        for (half, model) in models.iter_mut().enumerate() {
            let (n, ne) = (vector(&values[step], half), vector(&values[step + 1], half));
            let (error_n, error_ne) = (vector(&errors[step], half), vector(&errors[step + 1], half));
            let pixels = vector(pixels, half);
            invalid[half] = _mm256_cmpeq_epi16(pixels, _mm256_setzero_si256());
            let predicted = model.predict(n, ne);
            let [even, odd] = shares(model.activity(n, ne, error_n, error_ne));
            let context = _mm256_or_si256(context(even), _mm256_slli_epi32::<16>(context(odd)));
            contexts[half] = _mm256_sub_epi16(context, _mm256_set1_epi16(CONTEXT_BIAS as i16));

            let value = select(invalid[half], n, _mm256_xor_si256(pixels, _mm256_set1_epi16(i16::MIN)));
            let residual = _mm256_sub_epi16(value, predicted);
            let error = select(invalid[half], error_n, model.magnitude(residual));
            store(&mut values[step], half, value);
            store(&mut errors[step], half, error);
            model.go_on(n, error_n, value, error);
            numbers[half] = _mm256_andnot_si256(invalid[half], folded(residual));
        }
        if SHIFTED && bits(invalid) != u32::MAX {
            for plane in 0..shift {
                let up = _mm_cvtsi32_si128(15 - plane.cast_signed());
                let planes = numbers.map(|number| _mm256_srai_epi16::<15>(_mm256_sll_epi16(number, up)));
                extra[position..][..4].copy_from_slice(&bits(planes).to_le_bytes());
                position += 4;
            }
            numbers = numbers.map(|number| _mm256_srl_epi16(number, models[0].shift));
        }
        let mut escapes = [_mm256_setzero_si256(); HALVES];
        for half in 0..HALVES {
            let number = numbers[half];
            let escape = _mm256_set1_epi16(ESCAPE.cast_signed());
            let symbol = _mm256_min_epu16(number, escape);
            escapes[half] = _mm256_cmpeq_epi16(symbol, escape);
            let least_long = _mm256_set1_epi16(DIRECT.cast_signed() + 256);
            let long = _mm256_cmpeq_epi16(_mm256_max_epu16(number, least_long), number);
            // A long escape is the symbol after it.
            let symbol = _mm256_sub_epi16(symbol, long);
            let token = _mm256_or_si256(_mm256_slli_epi16::<{ Token::CONTEXT_SHIFT as i32 }>(contexts[half]), symbol);
            store(tokens, half, _mm256_or_si256(token, invalid[half]));
        }
        let escapes = bits(escapes);
        if escapes != 0 {
            store_escapes(extra, &mut position, escapes, numbers);
        }
    }
    position
}

/// A step's escapes: a byte for each, then one more for each long one.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn store_escapes(extra: &mut [u8], position: &mut usize, escapes: u32, numbers: [__m256i; HALVES]) {
    let mut step = Lanes::ZERO;
    store(&mut step, 0, numbers[0]);
    store(&mut step, 1, numbers[1]);
    let mut long = 0;
    for lane in Ones(escapes) {
        let rest = step.0[lane].cast_unsigned() - DIRECT;
        extra[*position] = rest as u8;
        *position += 1;
        long |= u32::from(rest > 255) << lane;
    }
    for lane in Ones(long) {
        extra[*position] = ((step.0[lane].cast_unsigned() - DIRECT) >> 8) as u8;
        *position += 1;
    }
}

/// Places of a number's bits, the lowest first.
struct Ones(u32);

impl Iterator for Ones {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let place = self.0.trailing_zeros() as usize;
        self.0 &= self.0.wrapping_sub(1);
        (place < LANES).then_some(place)
    }
}

/// States of a band in registers: for each stream, lanes 0 to 7 and 8 to 15.
type States = [[__m256i; HALVES]; STREAMS];

#[inline]
#[target_feature(enable = "avx2")]
fn load_states(states: &[[u32; SHARE]; STREAMS]) -> States {
    [0, 1].map(|stream: usize| {
        [0, 1].map(|half: usize| {
            let states: &[u32] = &states[stream][8 * half..][..8];
            // SAFETY: 32 bytes, and any alignment is allowed.
            unsafe { _mm256_loadu_si256(states.as_ptr().cast()) }
        })
    })
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_states(states: &mut [[u32; SHARE]; STREAMS], vectors: States) {
    for (states, vector) in states.as_flattened_mut().as_chunks_mut::<8>().0.iter_mut().zip(vectors.as_flattened()) {
        // SAFETY: 32 bytes, and any alignment is allowed.
        unsafe { _mm256_storeu_si256(states.as_mut_ptr().cast(), *vector) };
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn places(table: &[[u8; 8]; 256], set: i32) -> __m256i {
    let places = &table[usize::from(set as u8)];
    // SAFETY: 8 bytes, and any alignment is allowed.
    _mm256_cvtepu8_epi32(unsafe { _mm_loadl_epi64(places.as_ptr().cast()) })
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn encode(tokens: [&[Lanes]; BANDS], tables: &EncodeTables, outputs: &mut [Output; BANDS]) {
    for (tokens, output) in tokens.into_iter().zip(outputs) {
        let mut states = load_states(&output.states);
        let Output { words, starts, .. } = output;
        for tokens in tokens.iter().rev() {
            for half in (0..HALVES).rev() {
                let shares = shares(vector(tokens, half));
                for stream in 0..STREAMS {
                    let state = &mut states[stream][half];
                    *state = encode_half(shares[stream], tables, *state, &mut words[stream], &mut starts[stream]);
                }
            }
        }
        store_states(&mut output.states, states);
    }
}

#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn encode_half(tokens: __m256i, tables: &EncodeTables, state: __m256i, words: &mut [u16], start: &mut usize) -> __m256i {
    let valid = _mm256_cmpgt_epi32(_mm256_set1_epi32(tables.0.len() as i32), tokens);
    // SAFETY: only entries are read whose index is less than their number; no index is negative.
    let entry = unsafe { _mm256_mask_i32gather_epi32::<4>(_mm256_set1_epi32(1), tables.0.as_ptr().cast(), tokens, valid) };
    let frequency = _mm256_and_si256(entry, _mm256_set1_epi32(0xffff));
    let begin = _mm256_srli_epi32::<16>(entry);

    let limit = _mm256_slli_epi32::<{ 31 - SCALE_BITS as i32 }>(frequency);
    let full = _mm256_andnot_si256(_mm256_cmpgt_epi32(limit, state), valid);
    let set = _mm256_movemask_ps(_mm256_castsi256_ps(full));
    let low = _mm256_and_si256(state, _mm256_set1_epi32(0xffff));
    let low = _mm256_permutevar8x32_epi32(low, places(&COMPRESS, set));
    let low = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packus_epi32(low, low));
    let room = &mut words[*start - 8..*start];
    // SAFETY: 16 bytes, and any alignment is allowed. The words are at their end; what is below them is written later.
    unsafe { _mm_storeu_si128(room.as_mut_ptr().cast(), _mm256_castsi256_si128(low)) };
    *start -= set.count_ones() as usize;
    let reduced = select(full, _mm256_srli_epi32::<16>(state), state);

    // The quotient is below 2^21, so rounding of its two operands' conversion and of the division moves it by at most a quarter, and
    // rounding to the nearest gives it or the next number, which makes the remainder negative.
    let quotient = _mm256_cvtps_epi32(_mm256_div_ps(_mm256_cvtepi32_ps(reduced), _mm256_cvtepi32_ps(frequency)));
    let remainder = _mm256_sub_epi32(reduced, _mm256_mullo_epi32(quotient, frequency));
    let correction = _mm256_sub_epi32(frequency, _mm256_set1_epi32(1 << SCALE_BITS));
    let correction = _mm256_and_si256(_mm256_srai_epi32::<31>(remainder), correction);
    let next = _mm256_add_epi32(_mm256_slli_epi32::<{ SCALE_BITS as i32 }>(quotient), _mm256_add_epi32(remainder, begin));
    select(valid, _mm256_add_epi32(next, correction), state)
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn decode(rows: &mut [Row; BANDS], valid: &[Vec<u32>; BANDS], tables: &DecodeTables, inputs: &mut [Input<'_>; BANDS]) {
    if rows[0].shift == 0 {
        decode_shifted::<false>(rows, valid, tables, inputs)
    } else {
        decode_shifted::<true>(rows, valid, tables, inputs)
    }
}

#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
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
        store_states(&mut decoder.input.states, decoder.states);
    }
}

/// What a band's row is decoded from and to.
struct Decoder<'a, 'b, const SHIFTED: bool> {
    values: &'a mut [Lanes],
    errors: &'a mut [Lanes],
    input: &'a mut Input<'b>,
    states: States,
    models: [Model<SHIFTED>; HALVES],
    shift: u32,
}

impl<'a, 'b, const SHIFTED: bool> Decoder<'a, 'b, SHIFTED> {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new(row: &'a mut Row, steps: usize, input: &'a mut Input<'b>) -> Self {
        let models = [Model::new(row, 0), Model::new(row, 1)];
        let states = load_states(&input.states);
        let shift = row.shift;
        Self { values: &mut row.values[..=steps], errors: &mut row.errors[..=steps], input, states, models, shift }
    }

    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn step(&mut self, step: usize, set: u32, tables: &DecodeTables) {
        let mut meanings = [_mm256_setzero_si256(); HALVES];
        let mut valid = meanings;
        let mut escapes = meanings;
        let zero = _mm256_set1_epi16(i16::from(DecodeTables::ZERO));
        for (half, model) in self.models.iter().enumerate() {
            let (n, ne) = (vector(&self.values[step], half), vector(&self.values[step + 1], half));
            let (error_n, error_ne) = (vector(&self.errors[step], half), vector(&self.errors[step + 1], half));
            valid[half] = lanes16((set >> (HALF * half)) as u16);
            let activities = shares(model.activity(n, ne, error_n, error_ne));
            let [even, odd] = shares(valid[half]);
            let valid_shares =
                [_mm256_srai_epi32::<16>(_mm256_slli_epi32::<16>(even)), _mm256_srai_epi32::<16>(_mm256_slli_epi32::<16>(odd))];
            let mut entries = [_mm256_setzero_si256(); STREAMS];
            for stream in 0..STREAMS {
                let state = &mut self.states[stream][half];
                let context = _mm256_sub_epi32(context(activities[stream]), _mm256_set1_epi32(CONTEXT_BIAS));
                // Cut to what there is; none is beyond.
                let context = _mm256_min_epu32(context, _mm256_set1_epi32(CONTEXTS as i32 - 1));
                let slot = _mm256_and_si256(*state, _mm256_set1_epi32((1 << SCALE_BITS) - 1));
                let index = _mm256_or_si256(_mm256_slli_epi32::<{ SCALE_BITS as i32 }>(context), slot);
                // SAFETY: contexts and slots were cut to what the table has.
                let entry = unsafe { _mm256_i32gather_epi32::<4>(tables.entries.as_ptr().cast(), index) };
                *state = decode_half(entry, *state, valid_shares[stream], &mut self.input.words[stream]);
                entries[stream] = entry;
            }
            let odd = _mm256_slli_epi32::<16>(_mm256_srli_epi32::<24>(entries[1]));
            let meaning = _mm256_or_si256(_mm256_srli_epi32::<24>(entries[0]), odd);
            meanings[half] = select(valid[half], meaning, zero);
            escapes[half] = _mm256_cmpgt_epi16(meanings[half], _mm256_set1_epi16(ESCAPE.cast_signed() - 1));
        }
        let mut residuals = meanings.map(|meaning| _mm256_sub_epi16(meaning, zero));
        let escapes = bits(escapes);
        if SHIFTED && set != 0 || escapes != 0 {
            residuals = load_extra::<SHIFTED>(meanings, escapes, self.shift, &mut self.input.extra);
        }
        for (half, model) in self.models.iter_mut().enumerate() {
            let (n, ne) = (vector(&self.values[step], half), vector(&self.values[step + 1], half));
            let error_n = vector(&self.errors[step], half);
            let predicted = model.predict(n, ne);
            let value = select(valid[half], _mm256_add_epi16(predicted, residuals[half]), n);
            let error = select(valid[half], model.magnitude(residuals[half]), error_n);
            store(&mut self.values[step], half, value);
            store(&mut self.errors[step], half, error);
            model.go_on(n, error_n, value, error);
        }
    }
}

/// A step's residuals where extra bytes take part.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn load_extra<const SHIFTED: bool>(meanings: [__m256i; HALVES], escapes: u32, shift: u32, extra: &mut Stream<'_>) -> [__m256i; HALVES] {
    let mut low_bits = [_mm256_setzero_si256(); HALVES];
    if SHIFTED {
        for plane in 0..shift {
            let set = u32::from_le_bytes(extra.take());
            for (half, low_bits) in low_bits.iter_mut().enumerate() {
                let bit = _mm256_and_si256(lanes16((set >> (HALF * half)) as u16), _mm256_set1_epi16(1 << plane));
                *low_bits = _mm256_or_si256(*low_bits, bit);
            }
        }
    }
    let long = bits(meanings.map(|meaning| _mm256_cmpeq_epi16(meaning, _mm256_set1_epi16(LONG_ESCAPE.cast_signed()))));
    let mut numbers = Lanes::ZERO;
    for (half, meaning) in meanings.into_iter().enumerate() {
        let residual = _mm256_sub_epi16(meaning, _mm256_set1_epi16(i16::from(DecodeTables::ZERO)));
        store(&mut numbers, half, folded(residual));
    }
    for lane in Ones(escapes) {
        let [byte] = extra.take();
        numbers.0[lane] = DIRECT.cast_signed() + i16::from(byte);
    }
    for lane in Ones(long) {
        let [byte] = extra.take();
        numbers.0[lane] = numbers.0[lane].wrapping_add(i16::from(byte) << 8);
    }
    [0, 1].map(|half: usize| {
        let mut number = vector(&numbers, half);
        if SHIFTED {
            number = _mm256_or_si256(_mm256_sll_epi16(number, _mm_cvtsi32_si128(shift.cast_signed())), low_bits[half]);
        }
        unfolded(number)
    })
}

#[inline]
#[target_feature(enable = "avx2")]
fn unfolded(number: __m256i) -> __m256i {
    let sign = _mm256_sub_epi16(_mm256_setzero_si256(), _mm256_and_si256(number, _mm256_set1_epi16(1)));
    _mm256_xor_si256(_mm256_srli_epi16::<1>(number), sign)
}

/// The states after their symbols were taken off.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn decode_half(entry: __m256i, state: __m256i, valid: __m256i, words: &mut Stream<'_>) -> __m256i {
    let ten_bits = _mm256_set1_epi32((1 << SCALE_BITS) - 1);
    let frequency = _mm256_and_si256(entry, ten_bits);
    let offset = _mm256_and_si256(_mm256_srli_epi32::<{ SCALE_BITS as i32 }>(entry), ten_bits);
    let above = _mm256_srli_epi32::<{ SCALE_BITS as i32 }>(state);
    let next = _mm256_add_epi32(_mm256_mullo_epi32(frequency, above), offset);
    let low = _mm256_and_si256(valid, _mm256_cmpgt_epi32(_mm256_set1_epi32(LOWEST.cast_signed()), next));
    let set = _mm256_movemask_ps(_mm256_castsi256_ps(low));
    // SAFETY: 16 bytes, and any alignment is allowed.
    let following = _mm256_cvtepu16_epi32(unsafe { _mm_loadu_si128(words.peek::<16>().as_ptr().cast()) });
    words.skip(2 * set.count_ones() as usize);
    let refill = _mm256_permutevar8x32_epi32(following, places(&EXPAND, set));
    let refilled = _mm256_or_si256(_mm256_slli_epi32::<16>(next), refill);
    select(valid, select(low, refilled, next), state)
}
