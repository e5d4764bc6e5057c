//! The parts of profile R that each instruction set does in its own way, and which way is taken.

use super::BANDS;
#[cfg(target_arch = "x86_64")]
use super::avx2::Avx2;
#[cfg(target_arch = "x86_64")]
use super::avx512::Avx512;
use super::choice::{DecodeTables, EncodeTables};
use super::model::Row;
use super::portable;
use super::rans::{Input, Output};
use super::strips::{self, Lanes};
use crate::codec::k2d::level::Level;

/// Rows and their coders as one [`Level`] does them. All levels do the same.
#[derive(Clone, Copy)]
pub(super) enum Kernel {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

/// Has each level do a thing, which those beside the portable one have as a method.
macro_rules! by_level {
    ($kernel:expr, $portable:expr, $method:ident($($argument:expr),*)) => {
        match $kernel {
            Kernel::Portable => $portable($($argument),*),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2(avx2) => avx2.$method($($argument),*),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512(avx512) => avx512.$method($($argument),*),
        }
    };
}

impl Kernel {
    /// `level`, or what this processor has of it.
    #[cfg_attr(not(target_arch = "x86_64"), expect(unused_variables))]
    pub(super) fn new(level: Level) -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if level >= Level::Avx512
                && let Some(avx512) = Avx512::new()
            {
                return Self::Avx512(avx512);
            }
            if level >= Level::Avx2
                && let Some(avx2) = Avx2::new()
            {
                return Self::Avx2(avx2);
            }
        }
        Self::Portable
    }

    /// See [`strips::split`].
    pub(super) fn split(self, line: &[u16], steps: &mut [Lanes]) {
        match (line.try_into(), steps.try_into()) {
            (Ok(line), Ok(steps)) => {
                by_level!(self, |line: &[u16; 512], steps: &mut [Lanes; 16]| strips::split(line, steps), split(line, steps))
            }
            _ => strips::split(line, steps),
        }
    }

    /// See [`strips::split_mask`].
    pub(super) fn split_mask(self, mask: &[u64], steps: &mut [u32]) {
        match (mask.try_into(), steps.try_into()) {
            (Ok(mask), Ok(steps)) => {
                by_level!(self, |mask: &[u64; 8], steps: &mut [u32; 16]| strips::split_mask(mask, steps), split_mask(mask, steps));
            }
            _ => strips::split_mask(mask, steps),
        }
    }

    /// See [`strips::join`].
    pub(super) fn join(self, steps: &[Lanes], mask: &[u64], line: &mut [u16]) {
        match (steps.try_into(), mask.try_into(), line.try_into()) {
            (Ok(steps), Ok(mask), Ok(line)) => {
                by_level!(
                    self,
                    |steps: &[Lanes; 16], mask: &[u64; 8], line: &mut [u16; 512]| strips::join(steps, mask, line),
                    join(steps, mask, line)
                );
            }
            _ => strips::join(steps, mask, line),
        }
    }

    /// See [`portable::model`].
    pub(super) fn model(self, row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
        by_level!(self, portable::model, model(row, pixels, tokens, extra))
    }

    /// See [`portable::encode`].
    pub(super) fn encode(self, tokens: [&[Lanes]; BANDS], tables: &EncodeTables, outputs: &mut [Output; BANDS]) {
        by_level!(self, portable::encode, encode(tokens, tables, outputs));
    }

    /// See [`portable::decode`].
    pub(super) fn decode(self, rows: &mut [Row; BANDS], valid: &[Vec<u32>; BANDS], tables: &DecodeTables, inputs: &mut [Input<'_>; BANDS]) {
        by_level!(self, portable::decode, decode(rows, valid, tables, inputs));
    }
}
