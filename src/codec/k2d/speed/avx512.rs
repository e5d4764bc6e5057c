//! Profile S with AVX-512; each loop is described in [`Loops`].
//!
//! A group is one register of low bytes and one of high bytes, a block is a 64-bit lane in both. Compressing and expanding by bytes
//! brings eight blocks of different widths together and apart at once.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::{GROUP, HEADER, Loops};
use crate::codec::k2d::level::Level;

/// Those loops, if this processor has the instructions.
pub fn loops() -> Option<Loops> {
    // SAFETY: of each closure: it is handed out only where the processor has what its function needs.
    Level::Avx512.is_available().then_some(Loops {
        squeeze: |row, mask, above, differences| unsafe { squeeze(row, mask, above, differences) },
        pack: |differences, headers, payload| unsafe { pack(differences, headers, payload) },
        unpack: |headers, payload, differences| unsafe { unpack(headers, payload, differences) },
        place: |row, mask, above, differences| unsafe { place(row, mask, above, differences) },
        count: |mask| unsafe { count(mask) },
    })
}

/// Pixels to a register.
const LANES: usize = 32;

/// A register out of the first values; what is missing is 0.
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
fn load(values: &[u16]) -> __m512i {
    match values.first_chunk::<LANES>() {
        // SAFETY: 64 bytes are read.
        Some(values) => unsafe { _mm512_loadu_epi16(values.as_ptr().cast()) },
        // SAFETY: no more values are read than there are.
        None => unsafe { _mm512_maskz_loadu_epi16(lanes(values.len()), values.as_ptr().cast()) },
    }
}

/// A register into the first places, as many as there are.
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
fn store(values: &mut [u16], register: __m512i) {
    match values.first_chunk_mut::<LANES>() {
        // SAFETY: 64 bytes are written.
        Some(values) => unsafe { _mm512_storeu_epi16(values.as_mut_ptr().cast(), register) },
        // SAFETY: no more values are written than there is room for.
        None => unsafe { _mm512_mask_storeu_epi16(values.as_mut_ptr().cast(), lanes(values.len()), register) },
    }
}

/// As many lanes as there are values.
#[target_feature(enable = "bmi2")]
fn lanes(values: usize) -> u32 {
    _bzhi_u32(u32::MAX, values.min(LANES) as u32)
}

/// The mask in halves, each for one register of pixels.
fn halves(mask: &[u64]) -> impl Iterator<Item = u32> {
    mask.iter().flat_map(|word| [*word as u32, (*word >> 32) as u32])
}

#[target_feature(enable = "popcnt")]
fn count(mask: &[u64]) -> usize {
    mask.iter().map(|word| word.count_ones() as usize).sum()
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi2,popcnt")]
fn squeeze(row: &[u16], mask: &[u64], above: &mut [u16], differences: &mut [u16]) -> usize {
    let mut taken = 0;
    for ((row, above), mask) in row.chunks(LANES).zip(above.chunks_mut(LANES)).zip(halves(mask)) {
        let (value, before) = (load(row), load(above));
        let difference = _mm512_sub_epi16(value, before);
        store(&mut differences[taken..], _mm512_maskz_compress_epi16(mask, difference));
        store(above, _mm512_mask_blend_epi16(mask, before, value));
        taken += mask.count_ones() as usize;
    }
    taken
}

#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi2,popcnt")]
fn place(row: &mut [u16], mask: &[u64], above: &mut [u16], differences: &[u16]) -> usize {
    let mut taken = 0;
    for ((row, above), mask) in row.chunks_mut(LANES).zip(above.chunks_mut(LANES)).zip(halves(mask)) {
        let difference = _mm512_maskz_expand_epi16(mask, load(&differences[taken..]));
        let value = _mm512_add_epi16(load(above), difference);
        store(row, _mm512_maskz_mov_epi16(mask, value));
        store(above, value);
        taken += mask.count_ones() as usize;
    }
    taken
}

/// For each code: the bits of a byte that its width keeps. They are also the mask of the bytes that a block's eight numbers take.
const KEPT: [u8; 16] = [0, 1, 3, 7, 15, 31, 63, 127, 255, 3, 7, 15, 31, 63, 127, 255];

#[target_feature(enable = "sse2")]
fn table(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: 16 bytes are read.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn register(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: 64 bytes are read.
    unsafe { _mm512_loadu_epi8(bytes.as_ptr().cast()) }
}

/// Where the low bytes of 64 numbers are in two registers, and where the high ones.
const PLANES: [[u8; 64]; 2] = {
    let (mut planes, mut at) = ([[0; 64]; 2], 0);
    while at < 64 {
        (planes[0][at], planes[1][at]) = (2 * at as u8, 2 * at as u8 + 1);
        at += 1;
    }
    planes
};

/// Where the bytes of 64 numbers are in the register of low bytes and that of high ones.
const NUMBERS: [[u8; 64]; 2] = {
    let (mut numbers, mut at) = ([[0; 64]; 2], 0);
    while at < 128 {
        numbers[at / 64][at % 64] = (at / 2 + 64 * (at % 2)) as u8;
        at += 1;
    }
    numbers
};

/// How many bits the largest byte of each block needs.
#[target_feature(enable = "avx512f,avx512cd")]
fn bits(bytes: __m512i) -> __m512i {
    let bytes = _mm512_or_si512(bytes, _mm512_ror_epi64::<32>(bytes));
    let bytes = _mm512_or_si512(bytes, _mm512_ror_epi64::<16>(bytes));
    let bytes = _mm512_or_si512(bytes, _mm512_ror_epi64::<8>(bytes));
    let byte = _mm512_and_si512(bytes, _mm512_set1_epi64(0xff));
    _mm512_sub_epi64(_mm512_set1_epi64(64), _mm512_lzcnt_epi64(byte))
}

/// The lowest bits of each byte, in each block as many as its lane says.
#[target_feature(enable = "avx512f")]
fn lowest(width: __m512i) -> __m512i {
    let one = _mm512_set1_epi64(0x0101_0101_0101_0101);
    _mm512_sub_epi64(_mm512_sllv_epi64(one, width), one)
}

#[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512vl,avx512vbmi,avx512vbmi2,bmi2,popcnt,ssse3")]
fn pack(differences: &[u16], headers: &mut [[u8; HEADER]], payload: &mut [u8]) -> Option<usize> {
    let mut size = 0;
    for (group, header) in headers.iter_mut().enumerate() {
        let differences = &differences[group * GROUP..];
        let (first, second) = (folded(differences), folded(&differences[LANES..]));
        let [low, high] = PLANES.map(|plane| _mm512_permutex2var_epi8(first, register(&plane), second));

        // Without its exceptions, and then what these need.
        let exceptions = _mm512_test_epi8_mask(high, high);
        let small = bits(_mm512_maskz_mov_epi8(!exceptions, low));
        let large = bits(high);
        let blocks = _mm512_test_epi64_mask(large, large);
        let least = _mm512_max_epu64(large, _mm512_set1_epi64(2));
        let width = _mm512_mask_max_epu64(small, blocks, small, least);
        let codes = _mm512_cvtepi64_epi8(_mm512_mask_add_epi64(width, blocks, width, _mm512_set1_epi64(7)));
        *header = (_pext_u64(_mm_cvtsi128_si64(codes) as u64, 0x0f0f_0f0f_0f0f_0f0f) as u32).to_le_bytes();

        let bytes = _mm_cvtsi128_si64(_mm_shuffle_epi8(table(&KEPT), codes)) as u64;
        size += put(payload.get_mut(size..)?, squeezed(_mm512_and_si512(low, lowest(width)), width), bytes)?;
        if exceptions != 0 {
            let which = _mm512_zextsi128_si512(_mm_cvtsi64_si128(exceptions as i64));
            size += put(payload.get_mut(size..)?, which, u64::from(blocks))?;
            // number >> width, in bytes: the rest of the low one and as much of the high one.
            let rest = _mm512_sub_epi64(_mm512_set1_epi64(8), width);
            let (low, high) = (_mm512_srlv_epi64(low, width), _mm512_sllv_epi64(high, rest));
            let excess = _mm512_ternarylogic_epi64::<0xca>(lowest(rest), low, high);
            size += put(payload.get_mut(size..)?, excess, exceptions)?;
        }
    }
    Some(size)
}

/// 32 second differences, with the sign in the lowest bit.
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
fn folded(differences: &[u16]) -> __m512i {
    let second = _mm512_sub_epi16(load(&differences[1..]), load(differences));
    _mm512_xor_si512(_mm512_slli_epi16::<1>(second), _mm512_srai_epi16::<15>(second))
}

/// Bytes of as few bits as their lane says, pushed together by pairs.
#[target_feature(enable = "avx512f,avx512bw")]
fn squeezed(bytes: __m512i, width: __m512i) -> __m512i {
    let left = _mm512_sub_epi64(_mm512_set1_epi64(8), width);
    let (in_fours, in_pairs) = (_mm512_or_si512(left, _mm512_slli_epi64::<32>(left)), _mm512_or_si512(left, _mm512_slli_epi64::<16>(left)));
    let in_pairs = _mm512_or_si512(in_pairs, _mm512_slli_epi64::<32>(in_pairs));

    // 0xf8 is first | second & third.
    let moved = _mm512_srlv_epi16(_mm512_andnot_si512(_mm512_set1_epi16(0xff), bytes), in_pairs);
    let pairs = _mm512_ternarylogic_epi64::<0xf8>(moved, _mm512_set1_epi16(0xff), bytes);
    let moved = _mm512_srlv_epi32(_mm512_andnot_si512(_mm512_set1_epi32(0xffff), pairs), _mm512_slli_epi32::<1>(in_fours));
    let fours = _mm512_ternarylogic_epi64::<0xf8>(moved, _mm512_set1_epi32(0xffff), pairs);
    let low = _mm512_set1_epi64(0xffff_ffff);
    let moved = _mm512_srlv_epi64(_mm512_andnot_si512(low, fours), _mm512_slli_epi64::<2>(left));
    _mm512_ternarylogic_epi64::<0xf8>(moved, low, fours)
}

/// Writes the bytes that the mask says; how many there are, or nothing where there is no room.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi2,popcnt")]
fn put(out: &mut [u8], bytes: __m512i, mask: u64) -> Option<usize> {
    let (count, bytes) = (mask.count_ones(), _mm512_maskz_compress_epi8(mask, bytes));
    if let Some(out) = out.first_chunk_mut::<GROUP>() {
        // SAFETY: 64 bytes are written; the next ones replace what is too much.
        unsafe { _mm512_storeu_epi8(out.as_mut_ptr().cast(), bytes) };
    } else {
        let out = out.get_mut(..count as usize)?;
        // SAFETY: `out` has the `count` bytes that are written.
        unsafe { _mm512_mask_storeu_epi8(out.as_mut_ptr().cast(), _bzhi_u64(u64::MAX, count), bytes) };
    }
    Some(count as usize)
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512bitalg,bmi2,popcnt,ssse3")]
fn unpack(headers: &[[u8; HEADER]], payload: &[u8], differences: &mut [u16]) -> usize {
    let mut size = 0;
    let mut sum = _mm512_set1_epi16(differences[0] as i16);
    let (groups, _) = differences[1..].as_chunks_mut::<GROUP>();
    for (header, differences) in headers.iter().zip(groups) {
        let codes = _pdep_u64(u64::from(u32::from_le_bytes(*header)), 0x0f0f_0f0f_0f0f_0f0f);
        let codes = _mm_cvtsi64_si128(codes as i64);
        let bits = _mm_shuffle_epi8(table(&KEPT), codes);
        let mut low = get(payload, &mut size, _mm_cvtsi128_si64(bits) as u64);
        let bits = _mm512_permutexvar_epi8(register(&BLOCKS), _mm512_castsi128_si512(bits));
        low = spread(low, bits);
        let mut high = _mm512_setzero_si512();
        let blocks = _mm_cmpgt_epi8_mask(codes, _mm_set1_epi8(8));
        if blocks != 0 {
            let exceptions = get(payload, &mut size, u64::from(blocks));
            let exceptions = _mm_cvtsi128_si64(_mm512_castsi512_si128(exceptions)) as u64;
            let excess = get(payload, &mut size, exceptions);
            let width = _mm512_and_si512(_mm512_popcnt_epi8(bits), _mm512_set1_epi64(0xff));
            low = _mm512_or_si512(low, _mm512_andnot_si512(bits, _mm512_sllv_epi64(excess, width)));
            high = _mm512_and_si512(bits, _mm512_srlv_epi64(excess, _mm512_sub_epi64(_mm512_set1_epi64(8), width)));
        }

        let (first, second) = differences.split_at_mut(LANES);
        for (differences, bytes) in [first, second].into_iter().zip(&NUMBERS) {
            let number = _mm512_permutex2var_epi8(low, register(bytes), high);
            let sign = _mm512_sub_epi16(_mm512_setzero_si512(), _mm512_and_si512(number, _mm512_set1_epi16(1)));
            let second = _mm512_xor_si512(_mm512_srli_epi16::<1>(number), sign);
            let sums = _mm512_add_epi16(running_sum(second), sum);
            sum = _mm512_permutexvar_epi16(_mm512_set1_epi16(LANES as i16 - 1), sums);
            store(differences, sums);
        }
    }
    size
}

/// The next bytes of the payload, where the mask says, and 0 between them; what the payload lacks is 0.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,bmi2,popcnt")]
fn get(payload: &[u8], at: &mut usize, mask: u64) -> __m512i {
    let data = payload.get(*at..).unwrap_or_default();
    *at += mask.count_ones() as usize;
    let bytes = match data.first_chunk::<GROUP>() {
        // SAFETY: 64 bytes are read.
        Some(data) => unsafe { _mm512_loadu_epi8(data.as_ptr().cast()) },
        // SAFETY: no more bytes are read than there are.
        None => unsafe { _mm512_maskz_loadu_epi8(_bzhi_u64(u64::MAX, data.len() as u32), data.as_ptr().cast()) },
    };
    _mm512_maskz_expand_epi8(mask, bytes)
}

/// [`squeezed`] undone; the lowest bits of bytes, which are kept, tell the width.
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512bitalg")]
fn spread(blocks: __m512i, bits: __m512i) -> __m512i {
    let row = _mm512_slli_epi64::<3>(_mm512_popcnt_epi8(bits));
    let start = _mm512_permutex2var_epi8(register(&STARTS[0]), _mm512_or_si512(row, register(&PLACES)), register(&STARTS[1]));
    _mm512_and_si512(_mm512_multishift_epi64_epi8(start, blocks), bits)
}

/// For each byte of a register its block,
const BLOCKS: [u8; 64] = {
    let (mut blocks, mut at) = ([0; 64], 0);
    while at < 64 {
        blocks[at] = at as u8 / 8;
        at += 1;
    }
    blocks
};

/// and its place in that.
const PLACES: [u8; 64] = {
    let (mut places, mut at) = ([0; 64], 0);
    while at < 64 {
        places[at] = at as u8 % 8;
        at += 1;
    }
    places
};

/// At 8 * width + place: the bit where the number in this place begins. A width of 8 has the first row of the second half.
const STARTS: [[u8; 64]; 2] = {
    let (mut starts, mut at) = ([[0; 64]; 2], 0);
    while at < 128 {
        starts[at / 64][at % 64] = ((at / 8) * (at % 8)) as u8 % 64;
        at += 1;
    }
    starts
};

/// In each lane the sum of it and all before it.
#[target_feature(enable = "avx512f,avx512bw")]
fn running_sum(values: __m512i) -> __m512i {
    let sums = _mm512_add_epi16(values, _mm512_bslli_epi128::<2>(values));
    let sums = _mm512_add_epi16(sums, _mm512_bslli_epi128::<4>(sums));
    let sums = _mm512_add_epi16(sums, _mm512_bslli_epi128::<8>(sums));
    // The last sum of each 128-bit lane, brought to those behind it.
    let last = _mm512_shuffle_epi8(sums, _mm512_set1_epi16(0x0f0e));
    let zero = _mm512_setzero_si512();
    let by_one = _mm512_alignr_epi64::<6>(last, zero);
    let by_two = _mm512_alignr_epi64::<4>(last, zero);
    let by_three = _mm512_alignr_epi64::<2>(last, zero);
    _mm512_add_epi16(_mm512_add_epi16(sums, by_one), _mm512_add_epi16(by_two, by_three))
}
