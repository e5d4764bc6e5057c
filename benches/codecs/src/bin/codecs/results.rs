//! The figures.

use std::fs;

use serde::Serialize;
use streamkinect2::codec::k2d::Level;
use streamkinect2_bench_codecs::Outcome;
use streamkinect2_bench_codecs::frames::Group;
use streamkinect2_bench_codecs::ours::level_name;

use crate::entrants::{self, BOUNDS, Entrant, MEMCPY, RVL};
use crate::measure::{Measured, measure};

#[derive(Serialize)]
pub struct Results {
    pub setting: Setting,
    pub groups: Vec<GroupResults>,
}

#[derive(Serialize)]
pub struct Setting {
    pub processor: String,
    pub system: String,
    pub levels: Vec<&'static str>,
    pub rounds: usize,
}

#[derive(Serialize)]
pub struct GroupResults {
    pub name: &'static str,
    pub frames: usize,
    pub raw_bytes: usize,
    pub codecs: Vec<Row>,
    /// For depth only.
    pub bounded: Vec<Bounded>,
}

/// One codec. Speeds are in megabytes of pixels a second.
#[derive(Serialize)]
pub struct Row {
    pub name: &'static str,
    pub level: Option<&'static str>,
    /// Raw bytes for each coded byte.
    pub ratio: f64,
    pub encode: Speed,
    pub decode: Speed,
}

#[derive(Serialize)]
pub struct Speed {
    pub megabytes: f64,
    pub times_rvl: f64,
    /// Where memcpy took part.
    pub times_memcpy: Option<f64>,
}

/// Ratios within an error bound.
#[derive(Serialize)]
pub struct Bounded {
    pub max_error_mm: u32,
    pub k2d: f64,
    pub jpeg_ls: f64,
}

impl Setting {
    pub fn new(rounds: usize) -> Self {
        Self {
            processor: processor(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            levels: Level::available().map(level_name).collect(),
            rounds,
        }
    }
}

/// As the system calls it.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    line.map_or("an unknown processor", |(_, name)| name.trim()).to_owned()
}

impl GroupResults {
    pub fn new(group: &Group, mut entrants: Vec<Entrant>, rounds: usize) -> Outcome<Self> {
        entrants.retain(|entrant| group.is_depth() || !entrant.depth_only);
        let measured = measure(group, &mut entrants, rounds)?;
        let find = |name| entrants.iter().zip(&measured).find(|(entrant, _)| entrant.name == name).map(|(_, measured)| measured);
        let (rvl, memcpy) = (find(RVL).ok_or("RVL takes part always")?, find(MEMCPY));
        let row = |(entrant, measured): (&Entrant, &Measured)| {
            let speed = |seconds: fn(&Measured) -> f64| {
                let times = |other: &Measured| seconds(other) / seconds(measured);
                let megabytes = measured.raw_bytes as f64 / seconds(measured) / 1e6;
                Speed { megabytes, times_rvl: times(rvl), times_memcpy: memcpy.map(times) }
            };
            Row {
                name: entrant.name,
                level: entrant.level,
                ratio: measured.ratio(),
                encode: speed(|measured| measured.encode_seconds),
                decode: speed(|measured| measured.decode_seconds),
            }
        };
        let codecs = entrants.iter().zip(&measured).map(row).collect();
        let bounds = if group.is_depth() { &BOUNDS[..] } else { &[] };
        let bounded = bounds.iter().map(|max_error| Bounded::new(group, *max_error)).collect::<Outcome<_>>()?;
        Ok(Self { name: group.name, frames: group.pictures.len(), raw_bytes: group.raw_bytes(), codecs, bounded })
    }
}

impl Bounded {
    fn new(group: &Group, max_error_mm: u32) -> Outcome<Self> {
        let mut entrants = entrants::bounded(max_error_mm);
        let ratios: Vec<f64> = measure(group, &mut entrants, 0)?.iter().map(Measured::ratio).collect();
        Ok(Self { max_error_mm, k2d: ratios[0], jpeg_ls: ratios[1] })
    }

    /// How much denser K2D is.
    pub fn advantage(&self) -> f64 {
        self.k2d / self.jpeg_ls
    }
}
