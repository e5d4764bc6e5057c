//! Profile S with AVX2; each loop is described in [`Loops`].
//!
//! Four blocks are the 64-bit lanes of one register of low bytes and one of high bytes, in the order 0, 2, 1, 3, in which packing and
//! unpacking instructions leave them. Bits are moved by shifts and not by `pext` and `pdep`, which are slow on many processors.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::{GROUP, HEADER, Loops, portable};
use crate::codec::k2d::level::Level;
use crate::codec::k2d::mask::avx2::{gather, scatter};

/// Those loops, if this processor has the instructions.
pub fn loops() -> Option<Loops> {
    // SAFETY: of each closure: it is handed out only where the processor has what its function needs.
    Level::Avx2.is_available().then_some(Loops {
        squeeze: |row, mask, above, differences| unsafe { squeeze(row, mask, above, differences) },
        pack: |differences, headers, payload| unsafe { pack(differences, headers, payload) },
        unpack: |headers, payload, differences| unsafe { unpack(headers, payload, differences) },
        place: |row, mask, above, differences| unsafe { place(row, mask, above, differences) },
        count: |mask| unsafe { count(mask) },
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
fn load_half(values: &[u16; 8]) -> __m128i {
    // SAFETY: 16 bytes are read.
    unsafe { _mm_loadu_si128(values.as_ptr().cast()) }
}

#[target_feature(enable = "sse2")]
fn store_half(values: &mut [u16; 8], register: __m128i) {
    // SAFETY: 16 bytes are written.
    unsafe { _mm_storeu_si128(values.as_mut_ptr().cast(), register) }
}

/// By the mask of eight values: the shuffle that brings the valid ones to the front, and the one that brings them back.
static TO_FRONT: [[u8; 16]; 256] = shuffles().0;
static TO_PLACE: [[u8; 16]; 256] = shuffles().1;

const fn shuffles() -> ([[u8; 16]; 256], [[u8; 16]; 256]) {
    let nothing = [[0x80; 16]; 256];
    let (mut to_front, mut to_place, mut mask) = (nothing, nothing, 0);
    while mask < 256 {
        let (mut front, mut place) = (0, 0);
        while place < 8 {
            if mask >> place & 1 == 1 {
                (to_front[mask][2 * front], to_front[mask][2 * front + 1]) = (2 * place as u8, 2 * place as u8 + 1);
                (to_place[mask][2 * place], to_place[mask][2 * place + 1]) = (2 * front as u8, 2 * front as u8 + 1);
                front += 1;
            }
            place += 1;
        }
        mask += 1;
    }
    (to_front, to_place)
}

#[target_feature(enable = "sse2")]
fn load_bytes(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: 16 bytes are read.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

/// The mask in quarters, each for one register of pixels.
fn quarters(mask: &[u64]) -> impl Iterator<Item = u16> {
    mask.iter().flat_map(|word| [*word as u16, (*word >> 16) as u16, (*word >> 32) as u16, (*word >> 48) as u16])
}

#[target_feature(enable = "popcnt")]
fn count(mask: &[u64]) -> usize {
    mask.iter().map(|word| word.count_ones() as usize).sum()
}

#[target_feature(enable = "avx2,popcnt")]
fn squeeze(row: &[u16], mask: &[u64], above: &mut [u16], differences: &mut [u16]) -> usize {
    let mut taken = 0;
    let (rows, rest) = row.as_chunks();
    let (aboves, rest_above) = above.as_chunks_mut();
    let mut masks = quarters(mask);
    for ((row, above), mask) in rows.iter().zip(aboves).zip(&mut masks) {
        let (value, before) = (load(row), load(above));
        let difference = _mm256_sub_epi16(value, before);
        let invalid = _mm256_cmpeq_epi16(value, _mm256_setzero_si256());
        store(above, _mm256_blendv_epi8(value, before, invalid));
        let Some(room) = differences[taken..].first_chunk_mut() else { break };
        if mask == u16::MAX {
            store(room, difference);
        } else {
            let [low, high] = mask.to_le_bytes().map(usize::from);
            let (first, second) = (_mm256_castsi256_si128(difference), _mm256_extracti128_si256::<1>(difference));
            let halves = room.as_chunks_mut().0;
            store_half(&mut halves[0], _mm_shuffle_epi8(first, load_bytes(&TO_FRONT[low])));
            if let Some(room) = room[low.count_ones() as usize..].first_chunk_mut() {
                store_half(room, _mm_shuffle_epi8(second, load_bytes(&TO_FRONT[high])));
            }
        }
        taken += mask.count_ones() as usize;
    }
    if let Some(mask) = masks.next() {
        taken += portable::squeeze(rest, &[u64::from(mask)], rest_above, &mut differences[taken..]);
    }
    taken
}

#[target_feature(enable = "avx2,popcnt")]
fn place(row: &mut [u16], mask: &[u64], above: &mut [u16], differences: &[u16]) -> usize {
    let mut taken = 0;
    let (rows, rest) = row.as_chunks_mut();
    let (aboves, rest_above) = above.as_chunks_mut();
    let mut masks = quarters(mask);
    for ((row, above), mask) in rows.iter_mut().zip(aboves).zip(&mut masks) {
        let Some(next) = differences[taken..].first_chunk() else { break };
        if mask == u16::MAX {
            let value = _mm256_add_epi16(load(above), load(next));
            store(row, value);
            store(above, value);
        } else if mask == 0 {
            store(row, _mm256_setzero_si256());
        } else {
            let [low, high] = mask.to_le_bytes().map(usize::from);
            let first = _mm_shuffle_epi8(load_half(&next.as_chunks().0[0]), load_bytes(&TO_PLACE[low]));
            let second = next[low.count_ones() as usize..].first_chunk().map_or(_mm_setzero_si128(), |next| load_half(next));
            let difference = _mm256_set_m128i(_mm_shuffle_epi8(second, load_bytes(&TO_PLACE[high])), first);
            let value = _mm256_add_epi16(load(above), difference);
            let bit = _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, -32768);
            let valid = _mm256_cmpeq_epi16(_mm256_and_si256(_mm256_set1_epi16(mask as i16), bit), bit);
            store(row, _mm256_and_si256(value, valid));
            store(above, value);
        }
        taken += mask.count_ones() as usize;
    }
    if let Some(mask) = masks.next() {
        taken += portable::place(rest, &[u64::from(mask)], rest_above, &differences[taken..]);
    }
    taken
}

/// Room for any group, and for a word wherever a byte can point to.
type Room = [u8; 256 + 8];

/// Widths by code.
static WIDTHS: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 2, 3, 4, 5, 6, 7, 8];

/// Where each block of a group begins, and where the last one ends.
#[target_feature(enable = "avx2")]
fn positions(codes: u32) -> ([u8; 8], usize) {
    let codes = _mm_cvtsi32_si128(codes as i32);
    let codes = _mm_and_si128(_mm_unpacklo_epi8(codes, _mm_srli_epi16::<4>(codes)), _mm_set1_epi8(0x0f));
    let widths = _mm_cvtsi128_si64(_mm_shuffle_epi8(load_bytes(&WIDTHS), codes)) as u64;
    // The product has in each byte the sum of the bytes up to there, at most 64.
    let ends = widths.wrapping_mul(0x0101_0101_0101_0101);
    ((ends - widths).to_le_bytes(), (ends >> 56) as usize)
}

#[target_feature(enable = "avx2,popcnt")]
fn pack(differences: &[u16], headers: &mut [[u8; HEADER]], payload: &mut [u8]) -> Option<usize> {
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
        let (width_a, width_b) = (bits(low_a), bits(low_b));
        let codes = nibbles(width_a) | nibbles(width_b) << 16;
        *header = codes.to_le_bytes();
        let (at, size) = positions(codes);
        put(room, [at[0], at[1], at[2], at[3]], squeezed(low_a, width_a));
        put(room, [at[4], at[5], at[6], at[7]], squeezed(low_b, width_b));
        return size;
    }

    let ((width_a, code_a), (width_b, code_b)) = (with_exceptions(low_a, high_a), with_exceptions(low_b, high_b));
    let codes = nibbles(code_a) | nibbles(code_b) << 16;
    *header = codes.to_le_bytes();
    let (at, mut size) = positions(codes);
    put(room, [at[0], at[1], at[2], at[3]], squeezed(_mm256_and_si256(low_a, lowest(width_a)), width_a));
    put(room, [at[4], at[5], at[6], at[7]], squeezed(_mm256_and_si256(low_b, lowest(width_b)), width_b));

    let exceptions = u64::from(exceptions(high_a)) | u64::from(exceptions(high_b)) << 32;
    let blocks = portable::blocks_with_exceptions(codes);
    size += gather(&[exceptions], &[blocks], &mut room[size..]).unwrap_or_default();
    let mut excess = [0; 8];
    store_words(&mut excess, excess_bytes(low_a, high_a, width_a), excess_bytes(low_b, high_b, width_b));
    // Rarely more than one or two.
    let (exceptions, mut blocks) = (exceptions.to_le_bytes(), blocks);
    while blocks != 0 {
        let at = blocks.trailing_zeros() as usize;
        size += gather(&excess[at..=at], &exceptions[at..=at], &mut room[size..]).unwrap_or_default();
        blocks &= blocks - 1;
    }
    size
}

/// Widths and codes of blocks that may have exceptions.
#[target_feature(enable = "avx2")]
fn with_exceptions(low: __m256i, high: __m256i) -> (__m256i, __m256i) {
    let zero = _mm256_setzero_si256();
    let small = bits(_mm256_and_si256(low, _mm256_cmpeq_epi8(high, zero)));
    let large = bits(high);
    let least = _mm256_max_epi32(large, _mm256_set1_epi64x(2));
    let has = _mm256_cmpgt_epi64(large, zero);
    let width = _mm256_max_epi32(small, _mm256_and_si256(least, has));
    (width, _mm256_add_epi64(width, _mm256_and_si256(_mm256_set1_epi64x(7), has)))
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

/// Two registers of blocks as words, block by block.
#[target_feature(enable = "avx2")]
fn store_words(words: &mut [u64; 8], a: __m256i, b: __m256i) {
    let (first, second) = words.split_at_mut(4);
    for (words, register) in [(first, a), (second, b)] {
        let ordered = _mm256_permute4x64_epi64::<0b11_01_10_00>(register);
        // SAFETY: four words are 32 bytes.
        unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), ordered) };
    }
}

/// [`store_words`] undone.
#[target_feature(enable = "avx2")]
fn load_words(words: &[u64; 8]) -> [__m256i; 2] {
    let (first, second) = words.split_at(4);
    [first, second].map(|words| {
        // SAFETY: four words are 32 bytes.
        let ordered = unsafe { _mm256_loadu_si256(words.as_ptr().cast()) };
        _mm256_permute4x64_epi64::<0b11_01_10_00>(ordered)
    })
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

/// How many bits the largest byte of each block needs: it is in the exponent of the number as a float.
#[target_feature(enable = "avx2")]
fn bits(bytes: __m256i) -> __m256i {
    let bytes = _mm256_or_si256(bytes, _mm256_srli_epi64::<32>(bytes));
    let bytes = _mm256_or_si256(bytes, _mm256_srli_epi64::<16>(bytes));
    let byte = _mm256_and_si256(_mm256_or_si256(bytes, _mm256_srli_epi64::<8>(bytes)), _mm256_set1_epi64x(0xff));
    let exponent = _mm256_srli_epi32::<23>(_mm256_castps_si256(_mm256_cvtepi32_ps(byte)));
    _mm256_max_epi32(_mm256_sub_epi32(exponent, _mm256_set1_epi32(126)), _mm256_setzero_si256())
}

/// The lowest bits of each byte, in each block as many as its lane says.
#[target_feature(enable = "avx2")]
fn lowest(width: __m256i) -> __m256i {
    let one = _mm256_set1_epi8(1);
    _mm256_sub_epi64(_mm256_sllv_epi64(one, width), one)
}

/// Codes of four blocks in the order of a header.
#[target_feature(enable = "avx2")]
fn nibbles(code: __m256i) -> u32 {
    let (even, odd) = (_mm256_castsi256_si128(code), _mm256_extracti128_si256::<1>(code));
    let pairs = _mm_or_si128(even, _mm_slli_epi64::<4>(odd));
    (_mm_cvtsi128_si32(pairs) | _mm_extract_epi32::<2>(pairs) << 8) as u32
}

/// For each block: its width and twice that in both halves, four times that in all.
#[target_feature(enable = "avx2")]
fn shifts(width: __m256i) -> [__m256i; 3] {
    let once = _mm256_or_si256(width, _mm256_slli_epi64::<32>(width));
    [once, _mm256_slli_epi32::<1>(once), _mm256_slli_epi64::<2>(width)]
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

/// [`squeezed`] undone, whatever is behind the bits of a block.
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

/// Writes the blocks of a register, each with a word's bytes: in order, since the next one overwrites what is too much.
#[target_feature(enable = "avx2")]
fn put(room: &mut Room, at: [u8; 4], blocks: __m256i) {
    let (even, odd) = (_mm256_castsi256_si128(blocks), _mm256_extracti128_si256::<1>(blocks));
    let (even_high, odd_high) = (_mm_unpackhi_epi64(even, even), _mm_unpackhi_epi64(odd, odd));
    for (at, bits) in at.into_iter().zip([even, odd, even_high, odd_high]) {
        let room = &mut room[usize::from(at)..][..8];
        // SAFETY: 8 bytes are written.
        unsafe { _mm_storel_epi64(room.as_mut_ptr().cast(), bits) };
    }
}

#[target_feature(enable = "avx2,popcnt")]
fn unpack(headers: &[[u8; HEADER]], payload: &[u8], differences: &mut [u16]) -> usize {
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
    let widths = [spread_widths(codes), spread_widths(codes >> 16)];
    let (at, mut size) = positions(codes);
    let mut low = [spread(get(room, [at[0], at[1], at[2], at[3]]), widths[0]), spread(get(room, [at[4], at[5], at[6], at[7]]), widths[1])];
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
        for (((low, high), excess), width) in low.iter_mut().zip(&mut high).zip(load_words(&excess)).zip(widths) {
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

/// [`put`] undone; behind the bits of each block is something else.
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
