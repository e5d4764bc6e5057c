//! What K2D must reach on depth frames of real Kinect v2 sensors.

use streamkinect2::codec::k2d::Level;
use streamkinect2_bench_codecs::ours::level_name;

use crate::entrants::{K2D_R, K2D_S, RVL};
use crate::results::{Bounded, GroupResults, Row};

/// Ratio of K2D within an error bound, as a multiple of that of JPEG-LS within the same.
const BOUNDED_RATIO: f64 = 1.3;

/// Ratios as multiples of RVL's.
const RATIOS: [(&str, f64); 2] = [(K2D_S, 1.17), (K2D_R, 1.48)];

/// Speeds of encoding and decoding as multiples of RVL's.
const SPEEDS: [(&str, Level, f64, f64); 4] =
    [(K2D_S, Level::Avx2, 8.0, 7.0), (K2D_R, Level::Portable, 0.3, 0.3), (K2D_R, Level::Avx2, 1.5, 1.5), (K2D_R, Level::Avx512, 2.5, 2.5)];

/// Prints each figure beside its limit; whether all are kept. What this processor cannot run is skipped.
pub fn are_kept(group: &GroupResults) -> bool {
    let mut kept = true;
    let mut check = |what: &str, figure: Option<f64>, least: f64| match figure {
        Some(figure) => {
            let verdict = if figure >= least { "kept" } else { "NOT KEPT" };
            println!("{what:42} {figure:6.2}   at least {least:5.2}   {verdict}");
            kept &= figure >= least;
        }
        None => println!("{what:42} skipped: this processor does not have it"),
    };
    let row = |name, level: Option<Level>| {
        let wanted = |row: &&Row| row.name == name && level.is_none_or(|level| row.level == Some(level_name(level)));
        group.codecs.iter().find(wanted)
    };
    for (name, least) in RATIOS {
        let times_rvl = row(name, None).zip(row(RVL, None)).map(|(row, rvl)| row.ratio / rvl.ratio);
        check(&format!("{name}, ratio, times RVL's"), times_rvl, least);
    }
    for (name, level, least_encode, least_decode) in SPEEDS {
        let (row, level_name) = (row(name, Some(level)), level_name(level));
        check(&format!("{name}, {level_name}, encode, times RVL"), row.map(|row| row.encode.times_rvl), least_encode);
        check(&format!("{name}, {level_name}, decode, times RVL"), row.map(|row| row.decode.times_rvl), least_decode);
    }
    for bounded in &group.bounded {
        let what = format!("{K2D_R} within {} mm, ratio, times JPEG-LS's", bounded.max_error_mm);
        check(&what, Some(Bounded::advantage(bounded)), BOUNDED_RATIO);
    }
    kept
}
