//! Prediction and contexts, and the encoder's way from pixels to tokens.

use std::arch::x86_64::*;

use super::places::{FRONT, row};
use super::{HALVES, bits, select, shares, store, vector};
use crate::codec::k2d::ratio::model::{DIRECT, ESCAPE, MOST, Row, SMOOTH, Token};
use crate::codec::k2d::ratio::strips::{LANES, Lanes};

/// Twice the logarithm of activities to base 2, plus 254: what is at the top of the same numbers as floating point.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn context(activity: __m256i) -> __m256i {
    _mm256_srli_epi32::<22>(_mm256_castps_si256(_mm256_cvtepi32_ps(activity)))
}
pub(super) const CONTEXT_BIAS: i32 = 254;

/// Constants and what is left of half a step.
pub(super) struct Model<const SHIFTED: bool> {
    w: __m256i,
    nw: __m256i,
    error_w: __m256i,
    error_nw: __m256i,
    pub(super) shift: __m128i,
    smooth: __m256i,
}

impl<const SHIFTED: bool> Model<SHIFTED> {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn new(row: &Row, half: usize) -> Self {
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
    pub(super) fn magnitude(&self, residual: __m256i) -> __m256i {
        let mut size = _mm256_abs_epi16(residual);
        if SHIFTED {
            size = _mm256_srl_epi16(size, self.shift);
        }
        _mm256_min_epu16(size, _mm256_set1_epi16(MOST.cast_signed()))
    }

    /// See [`model::predict`](super::model::predict).
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn predict(&self, n: __m256i, ne: __m256i) -> __m256i {
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
    pub(super) fn activity(&self, n: __m256i, ne: __m256i, error_n: __m256i, error_ne: __m256i) -> __m256i {
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
    pub(super) fn go_on(&mut self, n: __m256i, error_n: __m256i, value: __m256i, error: __m256i) {
        (self.nw, self.error_nw) = (n, error_n);
        (self.w, self.error_w) = (value, error);
    }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn folded(residual: __m256i) -> __m256i {
    _mm256_xor_si256(_mm256_slli_epi16::<1>(residual), _mm256_srai_epi16::<15>(residual))
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn unfolded(number: __m256i) -> __m256i {
    let sign = _mm256_sub_epi16(_mm256_setzero_si256(), _mm256_and_si256(number, _mm256_set1_epi16(1)));
    _mm256_xor_si256(_mm256_srli_epi16::<1>(number), sign)
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn model(row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
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
        let mut longs = escapes;
        for half in 0..HALVES {
            let number = numbers[half];
            let escape = _mm256_set1_epi16(ESCAPE.cast_signed());
            let symbol = _mm256_min_epu16(number, escape);
            escapes[half] = _mm256_cmpeq_epi16(symbol, escape);
            let least_long = _mm256_set1_epi16(DIRECT.cast_signed() + 256);
            longs[half] = _mm256_cmpeq_epi16(_mm256_max_epu16(number, least_long), number);
            // A long escape is the symbol after it.
            let symbol = _mm256_sub_epi16(symbol, longs[half]);
            let token = _mm256_or_si256(_mm256_slli_epi16::<{ Token::CONTEXT_SHIFT as i32 }>(contexts[half]), symbol);
            store(tokens, half, select(invalid[half], _mm256_set1_epi16(Token::INVALID), token));
        }
        let direct = _mm256_set1_epi16(DIRECT.cast_signed());
        let rest = [_mm256_sub_epi16(numbers[0], direct), _mm256_sub_epi16(numbers[1], direct)];
        store_bytes(extra, &mut position, bits(escapes), rest);
        store_bytes(extra, &mut position, bits(longs), [_mm256_srli_epi16::<8>(rest[0]), _mm256_srli_epi16::<8>(rest[1])]);
    }
    position
}

/// Appends the low bytes of those values that the mask names. Some steps have such, so a branch would often be foretold wrongly.
#[inline]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn store_bytes(extra: &mut [u8], position: &mut usize, mask: u32, values: [__m256i; HALVES]) {
    let low = _mm256_set1_epi16(0xff);
    let bytes = _mm256_packus_epi16(_mm256_and_si256(values[0], low), _mm256_and_si256(values[1], low));
    // Lanes 0 to 7 and 16 to 23, 8 to 15 and 24 to 31.
    let bytes = [_mm256_castsi256_si128(bytes), _mm256_extracti128_si256::<1>(bytes)];
    let room = &mut extra[*position..][..LANES];
    let mut written = 0;
    for (eight, mask) in mask.to_le_bytes().into_iter().enumerate() {
        let bytes = bytes[eight % 2];
        let bytes = if eight < 2 { bytes } else { _mm_unpackhi_epi64(bytes, bytes) };
        let bytes = _mm_shuffle_epi8(bytes, row(&FRONT, mask));
        let room: &mut [u8] = &mut room[written..][..8];
        // SAFETY: 8 bytes, and any alignment is allowed. What is behind the bytes is written later.
        unsafe { _mm_storel_epi64(room.as_mut_ptr().cast(), bytes) };
        written += mask.count_ones() as usize;
    }
    *position += written;
}
