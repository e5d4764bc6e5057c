//! Tokens through the entropy coder.

use std::arch::x86_64::*;

use super::places::{COMPRESS, places};
use super::{HALVES, load_states, select, shares, store_states, vector};
use crate::codec::k2d::ratio::BANDS;
use crate::codec::k2d::ratio::choice::{EncodeTables, SCALE_BITS};
use crate::codec::k2d::ratio::rans::{Output, STREAMS};
use crate::codec::k2d::ratio::strips::Lanes;

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn encode(tokens: [&[Lanes]; BANDS], tables: &EncodeTables, outputs: &mut [Output; BANDS]) {
    for (tokens, output) in tokens.into_iter().zip(outputs) {
        let mut states = load_states(&output.states);
        let mut starts = output.starts;
        let [even_words, odd_words] = &mut output.words;
        for tokens in tokens.iter().rev() {
            for half in (0..HALVES).rev() {
                let [even, odd] = look_up(vector(tokens, half), tables);
                states[0][half] = advanced(states[0][half], even, even_words, &mut starts[0]);
                states[1][half] = advanced(states[1][half], odd, odd_words, &mut starts[1]);
            }
        }
        store_states(&mut output.states, states);
        output.starts = starts;
    }
}

/// The entries of half a step, for each stream.
#[inline]
#[target_feature(enable = "avx2")]
fn look_up(tokens: __m256i, tables: &EncodeTables) -> [__m256i; STREAMS] {
    let [even, odd] = shares(tokens);
    // Cut to what there is; none is beyond.
    let last = _mm256_set1_epi32(tables.0.len() as i32 - 1);
    let (even, odd) = (_mm256_min_epu32(even, last), _mm256_min_epu32(odd, last));
    // SAFETY: places were cut to what the table has.
    unsafe {
        let table = tables.0.as_ptr().cast();
        [_mm256_i32gather_epi32::<4>(table, even), _mm256_i32gather_epi32::<4>(table, odd)]
    }
}

/// The states after their symbols were put on; first, those that are too high for them give a word away.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn advanced(state: __m256i, entry: __m256i, words: &mut [u16], start: &mut usize) -> __m256i {
    let frequency = _mm256_and_si256(entry, _mm256_set1_epi32(0xffff));
    let begin = _mm256_srli_epi32::<16>(entry);

    // The highest state that stays; a state has 31 bits, and so has this.
    let most = _mm256_sub_epi32(_mm256_slli_epi32::<{ 31 - SCALE_BITS as i32 }>(frequency), _mm256_set1_epi32(1));
    let full = _mm256_cmpgt_epi32(state, most);
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
    _mm256_add_epi32(next, correction)
}
