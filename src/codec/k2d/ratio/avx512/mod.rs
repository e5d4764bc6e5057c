//! Profile R with AVX-512: a step is one register of 32 values, and two of 16 rANS states.
//!
//! Every method does what the function of the same name in [`portable`](super::portable) or [`strips`](super::strips) does.

#![allow(unsafe_code)] // vector loads and stores, gathering, and what only some processors can execute

mod decode;
mod encode;
mod model;
mod strips;

use std::arch::x86_64::*;

use super::BANDS;
use super::choice::{DecodeTables, EncodeTables};
use super::model::Row;
use super::rans::{Input, Output, SHARE, STREAMS};
use super::strips::Lanes;
use crate::codec::k2d::level::Level;
use strips::STEPS;

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
