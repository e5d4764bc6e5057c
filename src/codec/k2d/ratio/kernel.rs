//! The parts of profile R that each instruction set does in its own way, and which way is taken.

use super::choice::{DecodeTables, EncodeTables};
use super::model::Row;
use super::rans::{Input, Output};
use super::strips::{self, Lanes};
use super::portable;
use crate::codec::k2d::level::Level;

/// Rows and their coders as one [`Level`] does them. All levels do the same.
#[derive(Clone, Copy)]
pub(super) struct Kernel {
    level: Level,
}

impl Kernel {
    /// `level`, or what this processor has of it.
    pub(super) fn new(level: Level) -> Self {
        Self { level: level.min(Level::best()) }
    }

    /// See [`strips::split`].
    pub(super) fn split(self, line: &[u16], steps: &mut [Lanes]) {
        match self.level {
            _ => strips::split(line, steps),
        }
    }

    /// See [`strips::split_mask`].
    pub(super) fn split_mask(self, bits: &[u64], steps: &mut [u32]) {
        match self.level {
            _ => strips::split_mask(bits, steps),
        }
    }

    /// See [`strips::join`].
    pub(super) fn join(self, steps: &[Lanes], valid: &[u32], line: &mut [u16]) {
        match self.level {
            _ => strips::join(steps, valid, line),
        }
    }

    /// See [`portable::model`].
    pub(super) fn model(self, row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
        match self.level {
            _ => portable::model(row, pixels, tokens, extra),
        }
    }

    /// See [`portable::encode`].
    pub(super) fn encode(self, tokens: &[Lanes], tables: &EncodeTables, output: &mut Output<'_>) {
        match self.level {
            _ => portable::encode(tokens, tables, output),
        }
    }

    /// See [`portable::decode`].
    pub(super) fn decode(self, row: &mut Row, valid: &[u32], tables: &DecodeTables, input: &mut Input<'_>) {
        match self.level {
            _ => portable::decode(row, valid, tables, input),
        }
    }
}
