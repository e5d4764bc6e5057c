//! Rows through the entropy decoder and the model.

use std::arch::x86_64::*;

use super::model::{CONTEXT_BIAS, Model, context, folded, unfolded};
use super::places::{EXPAND, places, row};
use super::{HALF, HALVES, States, bits, lanes16, load_states, select, shares, store, store_states, vector};
use crate::codec::k2d::ratio::BANDS;
use crate::codec::k2d::ratio::choice::{DecodeTables, SCALE_BITS};
use crate::codec::k2d::ratio::model::{CONTEXTS, DIRECT, ESCAPE, LONG_ESCAPE, Row};
use crate::codec::k2d::ratio::rans::{Input, LOWEST, STREAMS, Stream};
use crate::codec::k2d::ratio::strips::Lanes;

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn decode(rows: &mut [Row; BANDS], valid: &[Vec<u32>; BANDS], tables: &DecodeTables, inputs: &mut [Input<'_>; BANDS]) {
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
                *state = advanced(entry, *state, valid_shares[stream], &mut self.input.words[stream]);
                entries[stream] = entry;
            }
            let odd = _mm256_slli_epi32::<16>(_mm256_srli_epi32::<24>(entries[1]));
            let meaning = _mm256_or_si256(_mm256_srli_epi32::<24>(entries[0]), odd);
            meanings[half] = select(valid[half], meaning, zero);
        }
        let residuals = residuals::<SHIFTED>(meanings, set, self.shift, &mut self.input.extra);
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

/// What a step's symbols and its extra bytes mean.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn residuals<const SHIFTED: bool>(meanings: [__m256i; HALVES], set: u32, shift: u32, extra: &mut Stream<'_>) -> [__m256i; HALVES] {
    let mut low_bits = [_mm256_setzero_si256(); HALVES];
    if SHIFTED && set != 0 {
        for plane in 0..shift {
            let set = u32::from_le_bytes(extra.take());
            for (half, low_bits) in low_bits.iter_mut().enumerate() {
                let bit = _mm256_and_si256(lanes16((set >> (HALF * half)) as u16), _mm256_set1_epi16(1 << plane));
                *low_bits = _mm256_or_si256(*low_bits, bit);
            }
        }
    }
    let (least_escape, long_escape) = (_mm256_set1_epi16(ESCAPE.cast_signed() - 1), _mm256_set1_epi16(LONG_ESCAPE.cast_signed()));
    let escapes = [_mm256_cmpgt_epi16(meanings[0], least_escape), _mm256_cmpgt_epi16(meanings[1], least_escape)];
    let longs = [_mm256_cmpeq_epi16(meanings[0], long_escape), _mm256_cmpeq_epi16(meanings[1], long_escape)];
    let low = load_bytes(extra, bits(escapes));
    let high = load_bytes(extra, bits(longs));
    let mut residuals = meanings;
    for half in 0..HALVES {
        let residual = _mm256_sub_epi16(meanings[half], _mm256_set1_epi16(i16::from(DecodeTables::ZERO)));
        let high = _mm256_slli_epi16::<8>(_mm256_and_si256(high[half], longs[half]));
        let number = _mm256_add_epi16(_mm256_add_epi16(low[half], _mm256_set1_epi16(DIRECT.cast_signed())), high);
        residuals[half] = if SHIFTED {
            let number = _mm256_sll_epi16(select(escapes[half], number, folded(residual)), _mm_cvtsi32_si128(shift.cast_signed()));
            unfolded(_mm256_or_si256(number, low_bits[half]))
        } else {
            select(escapes[half], unfolded(number), residual)
        };
    }
    residuals
}

/// The next bytes, one for each value that the mask names; others are anything.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn load_bytes(extra: &mut Stream<'_>, mask: u32) -> [__m256i; HALVES] {
    let next = extra.peek::<32>();
    let mut taken = 0;
    let mut eights = [_mm_setzero_si128(); 4];
    for (bytes, mask) in eights.iter_mut().zip(mask.to_le_bytes()) {
        let next: &[u8] = &next[taken..][..8];
        // SAFETY: 8 bytes, and any alignment is allowed.
        *bytes = _mm_shuffle_epi8(unsafe { _mm_loadl_epi64(next.as_ptr().cast()) }, row(&EXPAND, mask));
        taken += mask.count_ones() as usize;
    }
    extra.skip(taken);
    [_mm256_cvtepu8_epi16(_mm_unpacklo_epi64(eights[0], eights[1])), _mm256_cvtepu8_epi16(_mm_unpacklo_epi64(eights[2], eights[3]))]
}

/// The states after their symbols were taken off.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn advanced(entry: __m256i, state: __m256i, valid: __m256i, words: &mut Stream<'_>) -> __m256i {
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
