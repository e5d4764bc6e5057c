//! The command line.

use std::path::PathBuf;

use streamkinect2::codec::options::Profile;
use streamkinect2::device::MockMode;
use streamkinect2::frame::Codec;

use crate::effort::{EFFORTS, Effort};
use crate::pictures::Frames;
use crate::words::Part;

pub const HELP: &str = "\
usage: cargo bench --bench streaming -- [OPTIONS]

What streaming depth costs, beside bare libzmq PUB/SUB that carries the same bytes in the same run.
Prints tables in Markdown; everything stays on 127.0.0.1.

  --effort E     full (some five minutes, the default), quick (one minute), smoke (seconds, to see
                 that everything runs: its figures say nothing)
  --frames F     what is streamed: scene (the mock's, the default), realistic (the mock's room), or
                 a folder of recorded depth frames (.u16 files; their size in the name, as
                 depth_640x576.u16, or else 512x424)
  --codec C      auto (the library's choice, the default), k2d, raw, lz4-packed or rvl
  --profile P    of K2D: auto (the library's choice, the default), speed or ratio
  --only WHAT    measure latency, loads (processor time and memory) or rates alone
  --out FOLDER   also leave the tables (results.md) and all figures (results.json) there
  --check        fail if the library's own part of the latency is over its limit
  --help         show this

Exit status: 0 measured, 1 failed, 2 wrong arguments.
";

pub struct Arguments {
    pub effort: &'static Effort,
    pub frames: Frames,
    pub codec: Codec,
    pub profile: Profile,
    /// None: all of them.
    pub only: Option<Measurement>,
    pub out: Option<PathBuf>,
    pub check: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Measurement {
    Latency,
    Loads,
    Rates,
}

const MEASUREMENTS: &[(&str, Measurement)] =
    &[("latency", Measurement::Latency), ("loads", Measurement::Loads), ("rates", Measurement::Rates)];

const PROFILES: &[(&str, Profile)] = &[("auto", Profile::Auto), ("speed", Profile::Speed), ("ratio", Profile::Ratio)];

pub enum Task {
    Help,
    Measure(Arguments),
    /// To be a sender or a receiver, for the process that started this one.
    Play(Part),
}

pub fn read(mut words: impl Iterator<Item = String>) -> Result<Task, String> {
    let frames_of_mock = Frames::Mock(MockMode::Scene);
    let mut arguments = Arguments {
        effort: &EFFORTS[0],
        frames: frames_of_mock,
        codec: Codec::Auto,
        profile: Profile::Auto,
        only: None,
        out: None,
        check: false,
    };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} wants a value"));
        match word.as_str() {
            "--help" | "-h" => return Ok(Task::Help),
            "--bench" => {} // cargo's
            "--check" => arguments.check = true,
            "--out" => arguments.out = Some(value()?.into()),
            "--effort" => arguments.effort = known(&word, value()?, EFFORTS, |effort| effort.name)?,
            "--codec" => arguments.codec = *known(&word, value()?, Codec::ALL, |codec| codec.name())?,
            "--profile" => arguments.profile = known(&word, value()?, PROFILES, |item| item.0)?.1,
            "--only" => arguments.only = Some(known(&word, value()?, MEASUREMENTS, |item| item.0)?.1),
            "--frames" => arguments.frames = frames(&value()?),
            "--play" => return serde_json::from_str(&value()?).map(Task::Play).map_err(|error| error.to_string()),
            _ => return Err(format!("unknown argument \"{word}\"")),
        }
    }
    Ok(Task::Measure(arguments))
}

fn known<'a, T>(option: &str, wanted: String, all: &'a [T], name: fn(&T) -> &'static str) -> Result<&'a T, String> {
    all.iter().find(|item| name(item) == wanted).ok_or_else(|| format!("{option} does not know \"{wanted}\""))
}

fn frames(text: &str) -> Frames {
    match text {
        "scene" => Frames::Mock(MockMode::Scene),
        "realistic" => Frames::Mock(MockMode::Realistic),
        folder => Frames::Recorded(folder.into()),
    }
}
