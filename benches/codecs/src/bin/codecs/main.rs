//! Ratio and speed of depth codecs: K2D by each instruction set, the library's other codecs, and those that are usual for 16-bit images.

mod arguments;
mod entrants;
mod limits;
mod measure;
mod others;
mod published_rvl;
mod results;
mod table;

use std::fs;
use std::process::ExitCode;

use streamkinect2_bench_codecs::Outcome;
use streamkinect2_bench_codecs::frames::{self, Group, KINECT2_DEPTH, VARIABLE};

use arguments::{Arguments, Frames};
use results::{GroupResults, Results, Setting};

/// How many the mock makes: no cache of a processor holds them all.
const MOCK_FRAMES: usize = 16;

fn main() -> ExitCode {
    let done = match arguments::read(std::env::args().skip(1)) {
        Ok(None) => {
            print!("{}", arguments::HELP);
            Ok(true)
        }
        Ok(Some(arguments)) if arguments.check => check(&arguments),
        Ok(Some(arguments)) => compare(&arguments).map(|()| true),
        Err(error) => {
            eprintln!("codecs: {error} (see --help)");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("codecs: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Frames of sensors, as far as they are wanted and there.
fn recorded(frames: &Frames) -> Outcome<Vec<Group>> {
    let folder = match frames {
        Frames::Realistic => return Ok(vec![]),
        Frames::Recorded(folder) => folder.clone(),
        Frames::Usual => frames::usual_folder(),
    };
    if matches!(frames, Frames::Usual) && !folder.is_dir() {
        eprintln!("skipped: there are no recorded frames in {}; {VARIABLE} may name another folder", folder.display());
        return Ok(vec![]);
    }
    let groups = frames::recorded(&folder)?;
    if groups.is_empty() {
        return Err(format!("{}: no recorded frames (.u16 files)", folder.display()).into());
    }
    Ok(groups)
}

fn compare(arguments: &Arguments) -> Outcome<()> {
    let mut groups = recorded(&arguments.frames)?;
    groups.push(frames::realistic(MOCK_FRAMES)?);
    let mut results = Results { setting: Setting::new(arguments.rounds), groups: vec![] };
    for group in &groups {
        eprintln!("{}: {} frames", group.name, group.pictures.len());
        results.groups.push(GroupResults::new(group, entrants::all()?, arguments.rounds)?);
    }
    let table = table::markdown(&results);
    if let Some(out) = &arguments.out {
        fs::create_dir_all(out)?;
        fs::write(out.join("results.json"), serde_json::to_string(&results)?)?;
        fs::write(out.join("results.md"), &table)?;
    }
    print!("{table}");
    Ok(())
}

/// Whether the limits are kept; they are about frames of a real sensor, without which there is nothing to check.
fn check(arguments: &Arguments) -> Outcome<bool> {
    let groups = recorded(&arguments.frames)?;
    let Some(group) = groups.iter().find(|group| group.name == KINECT2_DEPTH) else {
        println!("skipped: the limits are about depth frames of a real Kinect v2, and there are none (see {VARIABLE})");
        return Ok(true);
    };
    Ok(limits::are_kept(&GroupResults::new(group, entrants::limited()?, arguments.rounds)?))
}
