//! Groups of differences from their bits.

use std::arch::x86_64::*;

use super::{LANES, Room, load_bytes, lowest, positions, shifts, store};
use crate::codec::k2d::mask::avx2::scatter;
use crate::codec::k2d::speed::{GROUP, HEADER, portable};

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn unpack(headers: &[[u8; HEADER]], payload: &[u8], differences: &mut [u16]) -> usize {
    let (mut size, mut sum) = (0, _mm256_set1_epi16(differences[0] as i16));
    for (header, differences) in headers.iter().zip(differences[1..].as_chunks_mut::<GROUP>().0) {
        let rest = payload.get(size..).unwrap_or_default();
        size += match rest.first_chunk() {
            Some(room) => unpack_group(header, room, &mut sum, differences),
            None => {
                let mut room = [0; size_of::<Room>()];
                room[..rest.len()].copy_from_slice(rest);
                unpack_group(header, &room, &mut sum, differences)
            }
        };
    }
    size
}

#[target_feature(enable = "avx2,popcnt")]
fn unpack_group(header: &[u8; HEADER], room: &Room, sum: &mut __m256i, differences: &mut [u16; GROUP]) -> usize {
    let codes = u32::from_le_bytes(*header);
    let width = [spread_widths(codes), spread_widths(codes >> 16)];
    let (at, mut size) = positions(widths(codes));
    let mut low = [spread(get(room, [at[0], at[1], at[2], at[3]]), width[0]), spread(get(room, [at[4], at[5], at[6], at[7]]), width[1])];
    let mut high = [_mm256_setzero_si256(); 2];
    if portable::has_exceptions(codes) {
        let (mut exceptions, mut excess) = ([0], [0; 8]);
        let mut blocks = portable::blocks_with_exceptions(codes);
        size += scatter(&room[size..], &[blocks], &mut exceptions).unwrap_or_default();
        let exceptions = exceptions[0].to_le_bytes();
        while blocks != 0 {
            let at = blocks.trailing_zeros() as usize;
            size += scatter(&room[size..], &exceptions[at..=at], &mut excess[at..=at]).unwrap_or_default();
            blocks &= blocks - 1;
        }
        for (((low, high), excess), width) in low.iter_mut().zip(&mut high).zip(load_words(&excess)).zip(width) {
            let (kept, rest) = (lowest(width), _mm256_sub_epi64(_mm256_set1_epi64x(8), width));
            *low = _mm256_or_si256(*low, _mm256_andnot_si256(kept, _mm256_sllv_epi64(excess, width)));
            *high = _mm256_and_si256(kept, _mm256_srlv_epi64(excess, rest));
        }
    }
    let (quarters, _) = differences.as_chunks_mut::<LANES>();
    for ((half, low), high) in quarters.chunks_exact_mut(2).zip(low).zip(high) {
        for (quarter, number) in half.iter_mut().zip([_mm256_unpacklo_epi8(low, high), _mm256_unpackhi_epi8(low, high)]) {
            let sign = _mm256_sub_epi16(_mm256_setzero_si256(), _mm256_and_si256(number, _mm256_set1_epi16(1)));
            let sums = running_sum(_mm256_xor_si256(_mm256_srli_epi16::<1>(number), sign));
            store(quarter, _mm256_add_epi16(sums, *sum));
            let last = _mm256_shuffle_epi8(_mm256_permute4x64_epi64::<0xff>(sums), _mm256_set1_epi16(0x0f0e));
            *sum = _mm256_add_epi16(*sum, last);
        }
    }
    size
}

/// Widths of the first four blocks of a header.
#[target_feature(enable = "avx2")]
fn spread_widths(codes: u32) -> __m256i {
    let codes = _mm256_srlv_epi64(_mm256_set1_epi64x(i64::from(codes)), _mm256_setr_epi64x(0, 8, 4, 12));
    let codes = _mm256_and_si256(codes, _mm256_set1_epi64x(15));
    let above_8 = _mm256_cmpgt_epi64(codes, _mm256_set1_epi64x(8));
    _mm256_sub_epi64(codes, _mm256_and_si256(above_8, _mm256_set1_epi64x(7)))
}

/// Widths by code.
static WIDTHS: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 2, 3, 4, 5, 6, 7, 8];

/// Widths of the blocks, a byte for each, from the header.
#[target_feature(enable = "avx2")]
fn widths(codes: u32) -> u64 {
    let codes = _mm_cvtsi32_si128(codes as i32);
    let codes = _mm_and_si128(_mm_unpacklo_epi8(codes, _mm_srli_epi16::<4>(codes)), _mm_set1_epi8(0x0f));
    _mm_cvtsi128_si64(_mm_shuffle_epi8(load_bytes(&WIDTHS), codes)) as u64
}

/// Bytes of as few bits as their lane says, apart again, whatever is behind the bits of a block.
#[target_feature(enable = "avx2")]
fn spread(blocks: __m256i, width: __m256i) -> __m256i {
    let [once, twice, four_times] = shifts(width);
    let odd = _mm256_slli_epi64::<32>(_mm256_srlv_epi64(blocks, four_times));
    let fours = _mm256_blend_epi32::<0b1010_1010>(blocks, odd);
    let odd = _mm256_slli_epi32::<16>(_mm256_srlv_epi32(fours, twice));
    let pairs = _mm256_blend_epi16::<0b1010_1010>(fours, odd);
    // There is no shift by words, but what comes in from the next one does not reach the lowest byte.
    let odd = _mm256_slli_epi16::<8>(_mm256_srlv_epi32(pairs, once));
    let bytes = _mm256_blendv_epi8(pairs, odd, _mm256_set1_epi16(0xff00u16 as i16));
    _mm256_and_si256(bytes, lowest(width))
}

/// Reads four blocks, each with a word's bytes: behind its bits is something else.
#[target_feature(enable = "avx2")]
fn get(room: &Room, at: [u8; 4]) -> __m256i {
    let [even, odd, even_high, odd_high] = at.map(|at| {
        let room = &room[usize::from(at)..][..8];
        // SAFETY: 8 bytes are read.
        unsafe { _mm_loadl_epi64(room.as_ptr().cast()) }
    });
    _mm256_set_m128i(_mm_unpacklo_epi64(odd, odd_high), _mm_unpacklo_epi64(even, even_high))
}

/// In each lane the sum of it and all before it.
#[target_feature(enable = "avx2")]
fn running_sum(values: __m256i) -> __m256i {
    let sums = _mm256_add_epi16(values, _mm256_bslli_epi128::<2>(values));
    let sums = _mm256_add_epi16(sums, _mm256_bslli_epi128::<4>(sums));
    let sums = _mm256_add_epi16(sums, _mm256_bslli_epi128::<8>(sums));
    // The last sum of the lower half, for the upper half.
    let lower = _mm256_permute2x128_si256::<0x08>(sums, sums);
    _mm256_add_epi16(sums, _mm256_shuffle_epi8(lower, _mm256_set1_epi16(0x0f0e)))
}

/// Words of blocks as two registers.
#[target_feature(enable = "avx2")]
fn load_words(words: &[u64; 8]) -> [__m256i; 2] {
    let (first, second) = words.split_at(4);
    [first, second].map(|words| {
        // SAFETY: four words are 32 bytes.
        let ordered = unsafe { _mm256_loadu_si256(words.as_ptr().cast()) };
        _mm256_permute4x64_epi64::<0b11_01_10_00>(ordered)
    })
}
