//! Prediction and contexts, and the encoder's way from pixels to tokens.

use std::arch::x86_64::*;

use super::{store, vector};
use crate::codec::k2d::ratio::model::{self, DIRECT, ESCAPE, LONG_ESCAPE, MOST, MOST_ACTIVITY, Row, SMOOTH, Token};
use crate::codec::k2d::ratio::strips::Lanes;

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

/// Constants and what is left of a step.
pub(super) struct Model<const SHIFTED: bool> {
    w: __m512i,
    nw: __m512i,
    error_w: __m512i,
    error_nw: __m512i,
    pub(super) contexts: [__m512i; 2],
    pub(super) shift: __m128i,
    smooth: __m512i,
}

impl<const SHIFTED: bool> Model<SHIFTED> {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn new(row: &Row) -> Self {
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
    pub(super) fn magnitude(&self, residual: __m512i) -> __m512i {
        let mut size = _mm512_abs_epi16(residual);
        if SHIFTED {
            size = _mm512_srl_epi16(size, self.shift);
        }
        _mm512_min_epu16(size, _mm512_set1_epi16(MOST.cast_signed()))
    }

    /// See [`model::predict`].
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn predict(&self, n: __m512i, ne: __m512i) -> __m512i {
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
    pub(super) fn place(&self, n: __m512i, ne: __m512i, error_n: __m512i, error_ne: __m512i) -> __m512i {
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
    pub(super) fn go_on(&mut self, n: __m512i, error_n: __m512i, value: __m512i, error: __m512i) {
        (self.nw, self.error_nw) = (n, error_n);
        (self.w, self.error_w) = (value, error);
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn folded(residual: __m512i) -> __m512i {
    _mm512_xor_si512(_mm512_slli_epi16(residual, 1), _mm512_srai_epi16(residual, 15))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn unfolded(number: __m512i) -> __m512i {
    let sign = _mm512_sub_epi16(_mm512_setzero_si512(), _mm512_and_si512(number, _mm512_set1_epi16(1)));
    _mm512_xor_si512(_mm512_srli_epi16(number, 1), sign)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,popcnt")]
pub(super) fn model(row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
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
        store_bytes(extra, &mut position, long, _mm512_srli_epi16(rest, 8));
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
