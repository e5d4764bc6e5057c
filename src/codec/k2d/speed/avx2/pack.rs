//! Groups of differences as bits.

use std::arch::x86_64::*;

use super::{LANES, Room, lowest, positions, shifts};
use crate::codec::k2d::mask::avx2::to_front;
use crate::codec::k2d::speed::{GROUP, HEADER, portable};

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn pack(differences: &[u16], headers: &mut [[u8; HEADER]], payload: &mut [u8]) -> Option<usize> {
    let mut size = 0;
    for (group, header) in headers.iter_mut().enumerate() {
        let differences = differences[group * GROUP..].first_chunk()?;
        size += match payload[size..].first_chunk_mut() {
            Some(room) => pack_group(differences, header, room),
            None => {
                let mut room = [0; size_of::<Room>()];
                let written = pack_group(differences, header, &mut room);
                payload.get_mut(size..size + written)?.copy_from_slice(&room[..written]);
                written
            }
        };
    }
    Some(size)
}

#[target_feature(enable = "avx2,popcnt")]
fn pack_group(differences: &[u16; 1 + GROUP], header: &mut [u8; HEADER], room: &mut Room) -> usize {
    let ((low_a, high_a), (low_b, high_b)) = (planes(differences, 0), planes(differences, 32));
    let high = _mm256_or_si256(high_a, high_b);
    if _mm256_testz_si256(high, high) == 1 {
        let width = bits(low_a, low_b);
        *header = nibbles(width).to_le_bytes();
        return put(room, low_a, low_b, width);
    }

    let (width, code) = with_exceptions((low_a, high_a), (low_b, high_b));
    let (width_a, width_b) = apart(width);
    let codes = nibbles(code);
    *header = codes.to_le_bytes();
    let mut size = put(room, _mm256_and_si256(low_a, lowest(width_a)), _mm256_and_si256(low_b, lowest(width_b)), width);

    let exceptions = u64::from(exceptions(high_a)) | u64::from(exceptions(high_b)) << 32;
    let blocks = portable::blocks_with_exceptions(codes);
    room[size..][..8].copy_from_slice(&to_front(exceptions, blocks).to_le_bytes());
    size += blocks.count_ones() as usize;
    let mut excess = [0; GROUP];
    store_bytes(&mut excess, excess_bytes(low_a, high_a, width_a), excess_bytes(low_b, high_b, width_b));
    // Four at a time, since there are rarely more: the next ones, or the next group, overwrite what is too much.
    let mut rest = exceptions;
    for chunk in room[size..].as_chunks_mut::<4>().0 {
        for byte in chunk {
            *byte = excess[rest.trailing_zeros() as usize % GROUP];
            rest &= rest.wrapping_sub(1);
        }
        if rest == 0 {
            break;
        }
    }
    size += exceptions.count_ones() as usize;
    size
}

/// Widths and codes of blocks that may have exceptions.
#[target_feature(enable = "avx2")]
fn with_exceptions((low_a, high_a): (__m256i, __m256i), (low_b, high_b): (__m256i, __m256i)) -> (__m256i, __m256i) {
    let zero = _mm256_setzero_si256();
    let without = |low, high| _mm256_and_si256(low, _mm256_cmpeq_epi8(high, zero));
    let small = bits(without(low_a, high_a), without(low_b, high_b));
    let large = bits(high_a, high_b);
    let least = _mm256_max_epi32(large, _mm256_set1_epi32(2));
    let has = _mm256_cmpgt_epi32(large, zero);
    let width = _mm256_max_epi32(small, _mm256_and_si256(least, has));
    (width, _mm256_add_epi32(width, _mm256_and_si256(_mm256_set1_epi32(7), has)))
}

/// The low bytes and the high bytes of the 32 numbers from `at` on.
#[target_feature(enable = "avx2")]
fn planes(differences: &[u16; 1 + GROUP], at: usize) -> (__m256i, __m256i) {
    let folded = |at: usize| {
        let (before, behind) = (&differences[at..at + LANES], &differences[at + 1..at + 1 + LANES]);
        // SAFETY: both slices have 32 bytes.
        let (before, behind) = unsafe { (_mm256_loadu_si256(before.as_ptr().cast()), _mm256_loadu_si256(behind.as_ptr().cast())) };
        let second = _mm256_sub_epi16(behind, before);
        _mm256_xor_si256(_mm256_slli_epi16::<1>(second), _mm256_srai_epi16::<15>(second))
    };
    let (first, second) = (folded(at), folded(at + LANES));
    let byte = _mm256_set1_epi16(0xff);
    (
        _mm256_packus_epi16(_mm256_and_si256(first, byte), _mm256_and_si256(second, byte)),
        _mm256_packus_epi16(_mm256_srli_epi16::<8>(first), _mm256_srli_epi16::<8>(second)),
    )
}

/// How many bits the largest byte of each block of two registers needs, the first one's in the lower halves of the lanes: it is in the
/// exponent of the number as a float.
#[target_feature(enable = "avx2")]
fn bits(a: __m256i, b: __m256i) -> __m256i {
    let (a, b) = (_mm256_or_si256(a, _mm256_srli_epi64::<32>(a)), _mm256_or_si256(b, _mm256_slli_epi64::<32>(b)));
    let bytes = _mm256_blend_epi32::<0b1010_1010>(a, b);
    let bytes = _mm256_or_si256(bytes, _mm256_srli_epi32::<16>(bytes));
    let byte = _mm256_and_si256(_mm256_or_si256(bytes, _mm256_srli_epi32::<8>(bytes)), _mm256_set1_epi32(0xff));
    let exponent = _mm256_srli_epi32::<23>(_mm256_castps_si256(_mm256_cvtepi32_ps(byte)));
    _mm256_max_epi32(_mm256_sub_epi32(exponent, _mm256_set1_epi32(126)), _mm256_setzero_si256())
}

/// What [`bits`] has joined.
#[target_feature(enable = "avx2")]
fn apart(widths: __m256i) -> (__m256i, __m256i) {
    (_mm256_and_si256(widths, _mm256_set1_epi64x(0xff)), _mm256_srli_epi64::<32>(widths))
}

/// Codes of eight blocks, joined as by [`bits`], in the order of a header.
#[target_feature(enable = "avx2")]
fn nibbles(code: __m256i) -> u32 {
    let (even, odd) = (_mm256_castsi256_si128(code), _mm256_extracti128_si256::<1>(code));
    let pairs = _mm_or_si128(even, _mm_slli_epi32::<4>(odd));
    _mm_cvtsi128_si32(_mm_shuffle_epi8(pairs, _mm_setr_epi8(0, 8, 4, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1))) as u32
}

/// Widths of eight blocks, joined as by [`bits`], as bytes in their order.
#[target_feature(enable = "avx2")]
fn in_order(width: __m256i) -> u64 {
    let (even, odd) = (_mm256_castsi256_si128(width), _mm256_extracti128_si256::<1>(width));
    let pairs = _mm_or_si128(even, _mm_slli_epi32::<8>(odd));
    _mm_cvtsi128_si64(_mm_shuffle_epi8(pairs, _mm_setr_epi8(0, 1, 8, 9, 4, 5, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1))) as u64
}

/// Bytes of as few bits as their lane says, pushed together by pairs.
#[target_feature(enable = "avx2")]
fn squeezed(bytes: __m256i, width: __m256i) -> __m256i {
    let ([once, twice, four_times], zero) = (shifts(width), _mm256_setzero_si256());
    // There is no shift by words, but what one leaves below does not reach the next one.
    let odd = _mm256_sllv_epi32(_mm256_srli_epi16::<8>(bytes), once);
    let pairs = _mm256_or_si256(_mm256_and_si256(bytes, _mm256_set1_epi16(0xff)), odd);
    let odd = _mm256_sllv_epi32(_mm256_srli_epi32::<16>(pairs), twice);
    let fours = _mm256_or_si256(_mm256_blend_epi16::<0b1010_1010>(pairs, zero), odd);
    let odd = _mm256_sllv_epi64(_mm256_srli_epi64::<32>(fours), four_times);
    _mm256_or_si256(_mm256_blend_epi32::<0b1010_1010>(fours, zero), odd)
}

/// Writes the blocks of two registers, each with a word's bytes: in order, since the next one overwrites what is too much.
#[target_feature(enable = "avx2")]
fn put(room: &mut Room, a: __m256i, b: __m256i, width: __m256i) -> usize {
    let (at, size) = positions(in_order(width));
    let (width_a, width_b) = apart(width);
    let (first, second) = at.split_at(4);
    for (at, blocks) in [(first, squeezed(a, width_a)), (second, squeezed(b, width_b))] {
        let (even, odd) = (_mm256_castsi256_si128(blocks), _mm256_extracti128_si256::<1>(blocks));
        let (even_high, odd_high) = (_mm_unpackhi_epi64(even, even), _mm_unpackhi_epi64(odd, odd));
        for (&at, bits) in at.iter().zip([even, odd, even_high, odd_high]) {
            let room = &mut room[usize::from(at)..][..8];
            // SAFETY: 8 bytes are written.
            unsafe { _mm_storel_epi64(room.as_mut_ptr().cast(), bits) };
        }
    }
    size
}

/// A bit for each number that has a high byte, block by block.
#[target_feature(enable = "avx2")]
fn exceptions(high: __m256i) -> u32 {
    let ordered = _mm256_permute4x64_epi64::<0b11_01_10_00>(high);
    !_mm256_movemask_epi8(_mm256_cmpeq_epi8(ordered, _mm256_setzero_si256())) as u32
}

/// number >> width, in bytes: the rest of the low one and as much of the high one.
#[target_feature(enable = "avx2")]
fn excess_bytes(low: __m256i, high: __m256i, width: __m256i) -> __m256i {
    let rest = _mm256_sub_epi64(_mm256_set1_epi64x(8), width);
    let (low, high) = (_mm256_srlv_epi64(low, width), _mm256_sllv_epi64(high, rest));
    let of_low = lowest(rest);
    _mm256_or_si256(_mm256_and_si256(of_low, low), _mm256_andnot_si256(of_low, high))
}

/// Two registers of blocks as bytes, block by block.
#[target_feature(enable = "avx2")]
fn store_bytes(bytes: &mut [u8; GROUP], a: __m256i, b: __m256i) {
    let (halves, _) = bytes.as_chunks_mut::<32>();
    for (bytes, register) in halves.iter_mut().zip([a, b]) {
        let ordered = _mm256_permute4x64_epi64::<0b11_01_10_00>(register);
        // SAFETY: 32 bytes are written.
        unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast(), ordered) };
    }
}
