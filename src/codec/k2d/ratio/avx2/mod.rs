//! Profile R with AVX2: a step is two registers of 16 values, and four of 8 rANS states.
//!
//! Every method does what the function of the same name in [`portable`](super::portable) or [`strips`](super::strips) does.

#![allow(unsafe_code)] // vector loads and stores, gathering, and what only some processors can execute

mod decode;
mod encode;
mod model;
mod places;
mod strips;

use std::arch::x86_64::*;

use super::BANDS;
use super::choice::{DecodeTables, EncodeTables};
use super::model::Row;
use super::rans::{Input, Output, SHARE, STREAMS};
use super::strips::{LANES, Lanes};
use crate::codec::k2d::level::Level;
use strips::STEPS;

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
        unsafe { strips::split(line, steps) }
    }

    pub(super) fn split_mask(self, mask: &[u64; 8], steps: &mut [u32; STEPS]) {
        // SAFETY: the processor has these instructions.
        unsafe { strips::split_mask(mask, steps) }
    }

    pub(super) fn join(self, steps: &[Lanes; STEPS], mask: &[u64; 8], line: &mut [u16; 512]) {
        // SAFETY: the processor has these instructions.
        unsafe { strips::join(steps, mask, line) }
    }

    pub(super) fn model(self, row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
        // SAFETY: the processor has these instructions.
        unsafe { model::model(row, pixels, tokens, extra) }
    }

    pub(super) fn encode(self, tokens: [&[Lanes]; BANDS], tables: &EncodeTables, outputs: &mut [Output; BANDS]) {
        // SAFETY: the processor has these instructions.
        unsafe { encode::encode(tokens, tables, outputs) }
    }

    pub(super) fn decode(self, rows: &mut [Row; BANDS], valid: &[Vec<u32>; BANDS], tables: &DecodeTables, inputs: &mut [Input<'_>; BANDS]) {
        // SAFETY: the processor has these instructions.
        unsafe { decode::decode(rows, valid, tables, inputs) }
    }
}

/// Registers of a step, and of a stream's states.
const HALVES: usize = 2;
/// Values in one of them.
const HALF: usize = LANES / HALVES;

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

/// States of a band in registers: for each stream, lanes 0 to 7 and 8 to 15.
type States = [[__m256i; HALVES]; STREAMS];

#[inline]
#[target_feature(enable = "avx2")]
fn load_states(states: &[[u32; SHARE]; STREAMS]) -> States {
    let mut vectors = [[_mm256_setzero_si256(); HALVES]; STREAMS];
    for (vector, states) in vectors.as_flattened_mut().iter_mut().zip(states.as_flattened().as_chunks::<8>().0) {
        // SAFETY: 32 bytes, and any alignment is allowed.
        *vector = unsafe { _mm256_loadu_si256(states.as_ptr().cast()) };
    }
    vectors
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_states(states: &mut [[u32; SHARE]; STREAMS], vectors: States) {
    for (states, vector) in states.as_flattened_mut().as_chunks_mut::<8>().0.iter_mut().zip(vectors.as_flattened()) {
        // SAFETY: 32 bytes, and any alignment is allowed.
        unsafe { _mm256_storeu_si256(states.as_mut_ptr().cast(), *vector) };
    }
}
