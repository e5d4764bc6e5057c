//! Profile S with AVX2; each loop is described in [`Loops`].
//!
//! Four blocks are the 64-bit lanes of one register of low bytes and one of high bytes, in the order 0, 2, 1, 3, in which packing and
//! unpacking instructions leave them. Bits are moved by shifts and not by `pext` and `pdep`, which are slow on many processors.
#![allow(unsafe_code)] // vector loads and stores, and what only some processors can execute

mod pack;
mod rows;
mod unpack;

use std::arch::x86_64::*;

use super::Loops;
use crate::codec::k2d::level::Level;

/// Those loops, if this processor has the instructions.
pub fn loops() -> Option<Loops> {
    // SAFETY: of each closure: it is handed out only where the processor has what its function needs.
    Level::Avx2.is_available().then_some(Loops {
        squeeze: |row, mask, above, differences| unsafe { rows::squeeze(row, mask, above, differences) },
        pack: |differences, headers, payload| unsafe { pack::pack(differences, headers, payload) },
        unpack: |headers, payload, differences| unsafe { unpack::unpack(headers, payload, differences) },
        place: |row, mask, above, differences| unsafe { rows::place(row, mask, above, differences) },
        count: |mask| unsafe { rows::count(mask) },
    })
}

/// Pixels to a register.
const LANES: usize = 16;

#[target_feature(enable = "avx2")]
fn load(values: &[u16; LANES]) -> __m256i {
    // SAFETY: 32 bytes are read.
    unsafe { _mm256_loadu_si256(values.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
fn store(values: &mut [u16; LANES], register: __m256i) {
    // SAFETY: 32 bytes are written.
    unsafe { _mm256_storeu_si256(values.as_mut_ptr().cast(), register) }
}

#[target_feature(enable = "sse2")]
fn load_bytes(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: 16 bytes are read.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

/// Room for any group, and for a word wherever a byte can point to.
type Room = [u8; 256 + 8];

/// Where each block of a group begins, and where the last one ends.
fn positions(widths: u64) -> ([u8; 8], usize) {
    // The product has in each byte the sum of the bytes up to there, at most 64.
    let ends = widths.wrapping_mul(0x0101_0101_0101_0101);
    ((ends - widths).to_le_bytes(), (ends >> 56) as usize)
}

/// The lowest bits of each byte, in each block as many as its lane says.
#[target_feature(enable = "avx2")]
fn lowest(width: __m256i) -> __m256i {
    let one = _mm256_set1_epi8(1);
    _mm256_sub_epi64(_mm256_sllv_epi64(one, width), one)
}

/// For each block: its width and twice that in both halves, four times that in all.
#[target_feature(enable = "avx2")]
fn shifts(width: __m256i) -> [__m256i; 3] {
    let once = _mm256_shuffle_epi32::<0b10_10_00_00>(width);
    [once, _mm256_slli_epi32::<1>(once), _mm256_slli_epi64::<2>(width)]
}
