//! Tokens through the entropy coder.

use std::arch::x86_64::*;

use super::{load_states, store_states, vector};
use crate::codec::k2d::ratio::BANDS;
use crate::codec::k2d::ratio::choice::{EncodeTables, SCALE_BITS};
use crate::codec::k2d::ratio::rans::{Output, SHARE, STREAMS};
use crate::codec::k2d::ratio::strips::Lanes;

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
pub(super) fn encode(tokens: [&[Lanes]; BANDS], tables: &EncodeTables, outputs: &mut [Output; BANDS]) {
    let [upper_output, lower_output] = outputs;
    let (mut upper, mut lower) = (Encoder::new(upper_output), Encoder::new(lower_output));
    // The upper band may have a row more.
    let (common, rest) = tokens[0].split_at(tokens[1].len());
    for tokens in rest.iter().rev() {
        upper.step(look_up(tokens, tables));
    }
    for tokens in common.iter().zip(tokens[1]).rev() {
        upper.step(look_up(tokens.0, tables));
        lower.step(look_up(tokens.1, tables));
    }
    upper.finish();
    lower.finish();
}

/// A step's entries, for each stream.
#[inline]
#[target_feature(enable = "avx512f")]
fn look_up(tokens: &Lanes, tables: &EncodeTables) -> [__m512i; STREAMS] {
    let tokens = vector(tokens);
    // Cut to what there is; none is beyond.
    let last = _mm512_set1_epi32(tables.0.len() as i32 - 1);
    let even = _mm512_min_epu32(_mm512_and_si512(tokens, _mm512_set1_epi32(0xffff)), last);
    let odd = _mm512_min_epu32(_mm512_srli_epi32(tokens, 16), last);
    // SAFETY: places were cut to what the table has.
    unsafe {
        let table = tables.0.as_ptr().cast();
        [_mm512_i32gather_epi32::<4>(even, table), _mm512_i32gather_epi32::<4>(odd, table)]
    }
}

/// States of a band in registers, and where its words begin that were written.
struct Encoder<'a> {
    output: &'a mut Output,
    starts: [usize; STREAMS],
    states: [__m512i; STREAMS],
}

impl<'a> Encoder<'a> {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new(output: &'a mut Output) -> Self {
        let (starts, states) = (output.starts, load_states(&output.states));
        Self { output, starts, states }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
    fn step(&mut self, entries: [__m512i; STREAMS]) {
        let [even, odd] = &mut self.output.words;
        self.states = [
            advanced(self.states[0], entries[0], even, &mut self.starts[0]),
            advanced(self.states[1], entries[1], odd, &mut self.starts[1]),
        ];
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn finish(self) {
        store_states(&mut self.output.states, self.states);
        self.output.starts = self.starts;
    }
}

/// The states after their symbols were put on; first, those that are too high for them give a word away.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,popcnt")]
fn advanced(state: __m512i, entry: __m512i, words: &mut [u16], start: &mut usize) -> __m512i {
    let frequency = _mm512_and_si512(entry, _mm512_set1_epi32(0xffff));
    let begin = _mm512_srli_epi32(entry, 16);

    let limit = _mm512_slli_epi32(frequency, 31 - SCALE_BITS);
    let full = _mm512_cmpge_epu32_mask(state, limit);
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

    // The reciprocal is wrong by 2^-14 at most, of itself, and by little more than rounding after Newton's step. So is the state as
    // floating point, and their product. As the quotient is below 2^21, that moves it by less than a half, and rounding to the nearest
    // gives it or the next number, which makes the remainder negative.
    let divisor = _mm512_cvtepi32_ps(frequency);
    let reciprocal = _mm512_rcp14_ps(divisor);
    let error = _mm512_fnmadd_ps(divisor, reciprocal, _mm512_set1_ps(1.0));
    let reciprocal = _mm512_fmadd_ps(reciprocal, error, reciprocal);
    let quotient = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(reduced), reciprocal));
    let remainder = _mm512_sub_epi32(reduced, _mm512_mullo_epi32(quotient, frequency));
    let negative = _mm512_movepi32_mask(remainder);
    let next = _mm512_add_epi32(_mm512_slli_epi32(quotient, SCALE_BITS), _mm512_add_epi32(remainder, begin));
    let correction = _mm512_sub_epi32(frequency, _mm512_set1_epi32(1 << SCALE_BITS));
    _mm512_mask_add_epi32(next, negative, next, correction)
}
