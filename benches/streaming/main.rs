//! What streaming depth costs, beside bare libzmq PUB/SUB that carries the same bytes in the same run: latency from capture to callback,
//! processor time, memory, highest rate; several subscribers, several devices.
//!
//! Senders and receivers are processes of their own: this program, run again by itself (`peer.rs` starts them, `player.rs` is what they
//! do). The one that was started by hand only gives orders and measures processor time and memory from outside.

mod arguments;
mod bare;
mod coding;
mod effort;
mod experiments;
mod figures;
mod ours;
mod pace;
mod parts;
mod peer;
mod pictures;
mod player;
mod results;
mod table;
mod words;

use std::fs;
use std::process::ExitCode;

use arguments::{Arguments, Measurement, Task};
use coding::Coding;
use pictures::Pictures;
use results::{Latency, Results};
use words::Format;

/// What everything here gives: a measurement that cannot be made ends the program.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let done = match arguments::read(std::env::args().skip(1)) {
        Ok(Task::Help) => {
            print!("{}", arguments::HELP);
            Ok(true)
        }
        Ok(Task::Play(part)) => player::play(&part).map(|()| true),
        Ok(Task::Measure(arguments)) => measure(&arguments),
        Err(error) => {
            eprintln!("streaming: {error} (see --help)");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("streaming: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is as it should be.
fn measure(arguments: &Arguments) -> Outcome<bool> {
    let room = tempfile::tempdir()?;
    let folder = arguments.frames.folder(room.path())?;
    let pictures = Pictures::load(&folder)?;
    let format = Format { coding: Coding::new(arguments.codec, arguments.profile), width: pictures.width, height: pictures.height };
    let stage = experiments::Stage { folder, format, effort: arguments.effort };
    let wanted = |measurement| arguments.only.is_none_or(|only| only == measurement);
    let results = Results {
        setting: results::Setting::new(arguments, &pictures)?,
        latency: wanted(Measurement::Latency).then(|| experiments::latency(&stage)).transpose()?,
        loads: wanted(Measurement::Loads).then(|| experiments::loads(&stage)).transpose()?,
        rates: wanted(Measurement::Rates).then(|| experiments::rates(&stage)).transpose()?,
    };
    let table = table::markdown(&results);
    if let Some(out) = &arguments.out {
        fs::create_dir_all(out)?;
        fs::write(out.join("results.json"), serde_json::to_string(&results)?)?;
        fs::write(out.join("results.md"), &table)?;
    }
    print!("{table}");
    let within = results.latency.as_ref().is_none_or(Latency::is_within_limits);
    if arguments.check && !within {
        eprintln!("streaming: the library's own part of the latency is over its limit beside bare libzmq");
    }
    Ok(within || !arguments.check)
}
