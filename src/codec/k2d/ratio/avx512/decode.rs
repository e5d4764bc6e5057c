//! Rows through the entropy decoder and the model.

use std::arch::x86_64::*;

use super::model::{Model, folded, unfolded};
use super::{load_states, store, store_states, vector};
use crate::codec::k2d::ratio::BANDS;
use crate::codec::k2d::ratio::choice::{DecodeTables, SCALE_BITS};
use crate::codec::k2d::ratio::model::{DIRECT, ESCAPE, LONG_ESCAPE, Row};
use crate::codec::k2d::ratio::rans::{Input, LOWEST, STREAMS, Stream};
use crate::codec::k2d::ratio::strips::Lanes;

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
pub(super) fn decode(rows: &mut [Row; BANDS], valid: &[Vec<u32>; BANDS], tables: &DecodeTables, inputs: &mut [Input<'_>; BANDS]) {
    if rows[0].shift == 0 {
        decode_shifted::<false>(rows, valid, tables, inputs)
    } else {
        decode_shifted::<true>(rows, valid, tables, inputs)
    }
}

/// A step waits for what it looks up and for the step before, so both bands go on together.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
fn decode_shifted<const SHIFTED: bool>(
    rows: &mut [Row; BANDS],
    valid: &[Vec<u32>; BANDS],
    tables: &DecodeTables,
    inputs: &mut [Input<'_>; BANDS],
) {
    let ([upper_row, lower_row], [upper_input, lower_input]) = (rows, inputs);
    let steps = valid[0].len();
    let mut upper = Decoder::<SHIFTED>::new(upper_row, steps, upper_input);
    let mut lower = Decoder::<SHIFTED>::new(lower_row, steps, lower_input);
    for (step, (&upper_valid, &lower_valid)) in valid[0].iter().zip(&valid[1]).enumerate() {
        // Written out, since a function of all would be too large to become part of this one, and the decoders would live in memory.
        let entries = upper.look_up(step, tables);
        let meaning = upper.advance(entries, upper_valid);
        let residual = upper.residual(meaning, upper_valid);
        upper.put(step, residual, upper_valid);

        let entries = lower.look_up(step, tables);
        let meaning = lower.advance(entries, lower_valid);
        let residual = lower.residual(meaning, lower_valid);
        lower.put(step, residual, lower_valid);
    }
    upper.finish();
    lower.finish();
}

/// What a band's row is decoded from and to.
struct Decoder<'a, 'b, const SHIFTED: bool> {
    values: &'a mut [Lanes],
    errors: &'a mut [Lanes],
    input: &'a mut Input<'b>,
    /// Positions in the input's streams.
    words: [usize; STREAMS],
    extra: usize,
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
        let words = [input.words[0].position, input.words[1].position];
        let extra = input.extra.position;
        let shift = row.shift;
        Self { values: &mut row.values[..=steps], errors: &mut row.errors[..=steps], input, words, extra, states, model, contexts, shift }
    }

    /// The entries of the states' symbols, for each stream.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
    fn look_up(&self, step: usize, tables: &DecodeTables) -> [__m512i; STREAMS] {
        let (n, ne) = (vector(&self.values[step]), vector(&self.values[step + 1]));
        let (error_n, error_ne) = (vector(&self.errors[step]), vector(&self.errors[step + 1]));
        let place = self.model.place(n, ne, error_n, error_ne);
        let place = _mm512_slli_epi16(place, 8);
        let context = _mm512_maskz_permutex2var_epi8(0xaaaa_aaaa_aaaa_aaaa, self.contexts[0], place, self.contexts[1]);

        let even = _mm512_and_si512(context, _mm512_set1_epi32(0xffff));
        let odd = _mm512_srli_epi32(context, 16);
        let slots = _mm512_set1_epi32((1 << SCALE_BITS) - 1);
        let even = _mm512_or_si512(even, _mm512_and_si512(self.states[0], slots));
        let odd = _mm512_or_si512(odd, _mm512_and_si512(self.states[1], slots));
        // SAFETY: contexts are looked up, and states cut, to what the table has.
        unsafe {
            let table = tables.entries.as_ptr().cast();
            [_mm512_i32gather_epi32::<4>(even, table), _mm512_i32gather_epi32::<4>(odd, table)]
        }
    }

    /// Takes the symbols off the states, and tells their meanings.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
    fn advance(&mut self, entries: [__m512i; STREAMS], valid: u32) -> __m512i {
        let shares = [_pext_u32(valid, 0x5555_5555) as u16, _pext_u32(valid, 0xaaaa_aaaa) as u16];
        let [even, odd] = &self.input.words;
        self.states = [
            advanced(self.states[0], entries[0], shares[0], even, &mut self.words[0]),
            advanced(self.states[1], entries[1], shares[1], odd, &mut self.words[1]),
        ];
        let even = _mm512_srli_epi32(entries[0], 24);
        _mm512_mask_blend_epi16(0xaaaa_aaaa, even, _mm512_srli_epi32(entries[1], 8))
    }

    /// What symbols and extra bytes mean.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
    fn residual(&mut self, meaning: __m512i, valid: u32) -> __m512i {
        let residual = _mm512_sub_epi16(meaning, _mm512_set1_epi16(i16::from(DecodeTables::ZERO)));
        let mut low_bits = _mm512_setzero_si512();
        if SHIFTED && valid != 0 {
            for plane in 0..self.shift {
                let bits = u32::from_le_bytes(*self.input.extra.peek_at(self.extra));
                self.extra += 4;
                low_bits = _mm512_mask_add_epi16(low_bits, bits, low_bits, _mm512_set1_epi16(1 << plane));
            }
        }
        let escapes = _mm512_mask_cmpge_epu16_mask(valid, meaning, _mm512_set1_epi16(ESCAPE.cast_signed()));
        let long = _mm512_mask_cmpeq_epi16_mask(escapes, meaning, _mm512_set1_epi16(LONG_ESCAPE.cast_signed()));
        // Some steps have escapes, so branches would often be foretold wrongly.
        let low = _mm512_add_epi16(self.load_bytes(escapes), _mm512_set1_epi16(DIRECT.cast_signed()));
        let number = _mm512_add_epi16(low, _mm512_slli_epi16(self.load_bytes(long), 8));
        if SHIFTED {
            let number = _mm512_mask_mov_epi16(folded(residual), escapes, number);
            unfolded(_mm512_or_si512(_mm512_sll_epi16(number, self.model.shift), low_bits))
        } else {
            _mm512_mask_mov_epi16(residual, escapes, unfolded(number))
        }
    }

    /// The next extra bytes, one for each value that the mask names; 0 for others.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
    fn load_bytes(&mut self, mask: u32) -> __m512i {
        let next = self.input.extra.peek_at::<32>(self.extra);
        // SAFETY: 32 bytes, and any alignment is allowed.
        let bytes = unsafe { _mm256_loadu_si256(next.as_ptr().cast()) };
        self.extra += mask.count_ones() as usize;
        _mm512_maskz_expand_epi16(mask, _mm512_cvtepu8_epi16(bytes))
    }

    /// Writes the step to the row.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
    fn put(&mut self, step: usize, residual: __m512i, valid: u32) {
        let (n, ne, error_n) = (vector(&self.values[step]), vector(&self.values[step + 1]), vector(&self.errors[step]));
        let value = _mm512_mask_add_epi16(n, valid, self.model.predict(n, ne), residual);
        let error = _mm512_mask_mov_epi16(error_n, valid, self.model.magnitude(residual));
        store(&mut self.values[step], value);
        store(&mut self.errors[step], error);
        self.model.go_on(n, error_n, value, error);
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn finish(self) {
        store_states(&mut self.input.states, self.states);
        for (words, position) in self.input.words.iter_mut().zip(self.words) {
            words.position = position;
        }
        self.input.extra.position = self.extra;
    }
}

/// The states after their symbols were taken off, and refilled where they are too low.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi2,popcnt")]
fn advanced(state: __m512i, entry: __m512i, valid: u16, words: &Stream<'_>, position: &mut usize) -> __m512i {
    let ten_bits = _mm512_set1_epi32((1 << SCALE_BITS) - 1);
    let frequency = _mm512_and_si512(entry, ten_bits);
    let offset = _mm512_and_si512(_mm512_srli_epi32(entry, SCALE_BITS), ten_bits);
    let next = _mm512_add_epi32(_mm512_mullo_epi32(frequency, _mm512_srli_epi32(state, SCALE_BITS)), offset);
    let low = _mm512_mask_cmplt_epi32_mask(valid, next, _mm512_set1_epi32(LOWEST.cast_signed()));
    let following = words.peek_at::<32>(*position);
    // SAFETY: 32 bytes, and any alignment is allowed.
    let following = _mm512_cvtepu16_epi32(unsafe { _mm256_loadu_si256(following.as_ptr().cast()) });
    *position += 2 * low.count_ones() as usize;
    let refill = _mm512_maskz_expand_epi32(low, following);
    let next = _mm512_mask_or_epi32(next, low, _mm512_slli_epi32(next, 16), refill);
    _mm512_mask_mov_epi32(state, valid, next)
}
