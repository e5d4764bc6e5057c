//! Where values go when only some lanes of eight have one.

use std::arch::x86_64::*;

/// For each set of eight lanes, and each lane: how many lanes of the set are below it.
pub(super) static EXPAND: [[u8; 8]; 256] = {
    let mut places = [[0; 8]; 256];
    let mut set = 0;
    while set < 256 {
        let mut lane = 0;
        while lane < 8 {
            places[set][lane] = (set & ((1 << lane) - 1)).count_ones() as u8;
            lane += 1;
        }
        set += 1;
    }
    places
};

/// For each set of eight lanes: its lanes, at the front.
pub(super) static FRONT: [[u8; 8]; 256] = {
    let mut places = [[0; 8]; 256];
    let mut set: usize = 0;
    while set < 256 {
        let (mut place, mut lane) = (0, 0);
        while lane < 8 {
            if set >> lane & 1 == 1 {
                places[set][place] = lane;
                place += 1;
            }
            lane += 1;
        }
        set += 1;
    }
    places
};

/// For each set of eight lanes: its lanes, at the end.
pub(super) static COMPRESS: [[u8; 8]; 256] = {
    let mut places = [[0; 8]; 256];
    let mut set: usize = 0;
    while set < 256 {
        let mut place = 8 - set.count_ones() as usize;
        let mut lane = 0;
        while lane < 8 {
            if set >> lane & 1 == 1 {
                places[set][place] = lane;
                place += 1;
            }
            lane += 1;
        }
        set += 1;
    }
    places
};

/// What a table has for a set of lanes, as bytes.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn row(table: &[[u8; 8]; 256], set: u8) -> __m128i {
    let row = &table[usize::from(set)];
    // SAFETY: 8 bytes, and any alignment is allowed.
    unsafe { _mm_loadl_epi64(row.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn places(table: &[[u8; 8]; 256], set: i32) -> __m256i {
    _mm256_cvtepu8_epi32(row(table, set as u8))
}
