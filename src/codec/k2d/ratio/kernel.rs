//! The parts of profile R that each instruction set does in its own way, and which way is taken.

use super::BANDS;
use super::choice::{DecodeTables, EncodeTables};
use super::model::Row;
use super::portable;
use super::rans::{Input, Output};
use super::strips::{self, Lanes};
#[cfg(target_arch = "x86_64")]
use super::{avx2, avx512};
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
        #[cfg(target_arch = "x86_64")]
        if let (Ok(line), Ok(steps)) = (line.try_into(), steps.try_into()) {
            match self.level {
                // SAFETY: `new` saw that the processor has this level.
                Level::Avx512 => return unsafe { avx512::split(line, steps) },
                // SAFETY: as above.
                Level::Avx2 => return unsafe { avx2::split(line, steps) },
                Level::Portable => {}
            }
        }
        strips::split(line, steps);
    }

    /// See [`strips::split_mask`].
    pub(super) fn split_mask(self, mask: &[u64], steps: &mut [u32]) {
        #[cfg(target_arch = "x86_64")]
        if let (Ok(mask), Ok(steps)) = (mask.try_into(), steps.try_into()) {
            match self.level {
                // SAFETY: `new` saw that the processor has this level.
                Level::Avx512 => return unsafe { avx512::split_mask(mask, steps) },
                // SAFETY: as above.
                Level::Avx2 => return unsafe { avx2::split_mask(mask, steps) },
                Level::Portable => {}
            }
        }
        strips::split_mask(mask, steps);
    }

    /// See [`strips::join`].
    pub(super) fn join(self, steps: &[Lanes], mask: &[u64], line: &mut [u16]) {
        #[cfg(target_arch = "x86_64")]
        if let (Ok(steps), Ok(mask), Ok(line)) = (steps.try_into(), mask.try_into(), line.try_into()) {
            match self.level {
                // SAFETY: `new` saw that the processor has this level.
                Level::Avx512 => return unsafe { avx512::join(steps, mask, line) },
                // SAFETY: as above.
                Level::Avx2 => return unsafe { avx2::join(steps, mask, line) },
                Level::Portable => {}
            }
        }
        strips::join(steps, mask, line);
    }

    /// See [`portable::model`].
    pub(super) fn model(self, row: &mut Row, pixels: &[Lanes], tokens: &mut [Lanes], extra: &mut [u8]) -> usize {
        match self.level {
            // SAFETY: `new` saw that the processor has this level.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512::model(row, pixels, tokens, extra) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::model(row, pixels, tokens, extra) },
            _ => portable::model(row, pixels, tokens, extra),
        }
    }

    /// See [`portable::encode`].
    pub(super) fn encode(self, tokens: [&[Lanes]; BANDS], tables: &EncodeTables, outputs: &mut [Output; BANDS]) {
        match self.level {
            // SAFETY: `new` saw that the processor has this level.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512::encode(tokens, tables, outputs) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::encode(tokens, tables, outputs) },
            _ => portable::encode(tokens, tables, outputs),
        }
    }

    /// See [`portable::decode`].
    pub(super) fn decode(self, rows: &mut [Row; BANDS], valid: &[Vec<u32>; BANDS], tables: &DecodeTables, inputs: &mut [Input<'_>; BANDS]) {
        match self.level {
            // SAFETY: `new` saw that the processor has this level.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512::decode(rows, valid, tables, inputs) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2::decode(rows, valid, tables, inputs) },
            _ => portable::decode(rows, valid, tables, inputs),
        }
    }
}
