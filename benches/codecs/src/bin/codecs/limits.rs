//! What K2D must reach on depth frames of real Kinect v2 sensors.

use streamkinect2::codec::k2d::Level;
use streamkinect2_bench_codecs::ours::level_name;

use crate::entrants::{K2D_R, K2D_S, PUBLISHED_RVL, RVL};
use crate::results::{Bounded, GroupResults, Row};

/// Ratios as multiples of RVL's.
const RATIOS: [(&str, f64); 2] = [(K2D_S, 1.17), (K2D_R, 1.48)];

/// Whose speed is 1: RVL as the paper has it and as others use it. The library's own, which is nearly twice as fast, is shown beside it.
const YARDSTICK: &str = PUBLISHED_RVL;

/// Speeds of encoding and decoding, as multiples of the yardstick's.
const SPEEDS: [(&str, Level, f64, f64); 4] =
    [(K2D_S, Level::Avx2, 8.0, 7.0), (K2D_R, Level::Portable, 0.3, 0.3), (K2D_R, Level::Avx2, 1.5, 1.5), (K2D_R, Level::Avx512, 2.5, 2.5)];

/// Ratio of K2D within an error bound, as a multiple of that of JPEG-LS within the same.
const BOUNDED_RATIO: f64 = 1.3;

/// Prints each figure beside its limit; whether all are kept. What this processor cannot run is skipped.
pub fn are_kept(group: &GroupResults) -> bool {
    let row = |name, level: Option<Level>| {
        let wanted = |row: &&Row| row.name == name && level.is_none_or(|level| row.level == Some(level_name(level)));
        group.codecs.iter().find(wanted)
    };
    let mut kept = true;
    for (name, least) in RATIOS {
        let ratio = row(name, None).zip(row(RVL, None)).map(|(row, rvl)| row.ratio / rvl.ratio);
        kept &= is_kept(&format!("{name}: ratio : RVL's"), ratio, least);
    }
    for (name, level, least_encode, least_decode) in SPEEDS {
        for (direction, of, least) in [("encode", encode_speed as fn(&Row) -> f64, least_encode), ("decode", decode_speed, least_decode)] {
            let times = |other| row(name, Some(level)).zip(row(other, None)).map(|(row, other)| of(row) / of(other));
            let what = format!("{name}, {}: {direction} : {YARDSTICK}'s", level_name(level));
            kept &= is_kept(&what, times(YARDSTICK), least);
            if let Some(times) = times(RVL) {
                println!("{:36} {times:6.2}", format!("    beside the library's {RVL}"));
            }
        }
    }
    for bounded in &group.bounded {
        let what = format!("{K2D_R} within {} mm: ratio : JPEG-LS's", bounded.max_error_mm);
        kept &= is_kept(&what, Some(Bounded::advantage(bounded)), BOUNDED_RATIO);
    }
    kept
}

fn encode_speed(row: &Row) -> f64 {
    row.encode.megabytes
}

fn decode_speed(row: &Row) -> f64 {
    row.decode.megabytes
}

fn is_kept(what: &str, figure: Option<f64>, least: f64) -> bool {
    let Some(figure) = figure else {
        println!("{what:36} skipped: this processor does not have it");
        return true;
    };
    let verdict = if figure >= least { "kept" } else { "NOT KEPT" };
    println!("{what:36} {figure:6.2}   at least {least:4.2}   {verdict}");
    figure >= least
}
