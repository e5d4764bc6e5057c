//! The command line.

use std::path::PathBuf;

pub const HELP: &str = "\
usage: codecs [OPTIONS]

Ratio and speed of depth codecs: the library's and others, all in one process, in turns, on one
thread. Prints tables in Markdown.

  --frames F     realistic (the mock's room alone), or a folder of recorded frames (.u16 files;
                 their size in the name, as depth_640x576.u16, or else 512x424), which is measured
                 beside the mock's room; else the folder that the tests use, where it is there
  --rounds N     how often each codec meets each frame (15)
  --out FOLDER   also leave the tables (results.md) and all figures (results.json) there
  --check        measure K2D and RVL on depth frames of a real Kinect v2 alone, and fail unless
                 they keep their limits
  --help         show this

Exit status: 0 measured, 1 failed, 2 wrong arguments.
";

pub struct Arguments {
    pub frames: Frames,
    pub rounds: usize,
    pub out: Option<PathBuf>,
    pub check: bool,
}

pub enum Frames {
    /// Recorded ones where the tests have them.
    Usual,
    Realistic,
    Recorded(PathBuf),
}

/// None: only help is wanted.
pub fn read(mut words: impl Iterator<Item = String>) -> Result<Option<Arguments>, String> {
    let mut arguments = Arguments { frames: Frames::Usual, rounds: 15, out: None, check: false };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} wants a value"));
        match word.as_str() {
            "--help" | "-h" => return Ok(None),
            "--check" => arguments.check = true,
            "--out" => arguments.out = Some(value()?.into()),
            "--rounds" => arguments.rounds = rounds(&value()?)?,
            "--frames" => arguments.frames = frames(value()?),
            _ => return Err(format!("unknown argument \"{word}\"")),
        }
    }
    Ok(Some(arguments))
}

fn rounds(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|rounds| *rounds > 0).ok_or(format!("--rounds wants a number from 1 up, not \"{text}\""))
}

fn frames(text: String) -> Frames {
    if text == "realistic" { Frames::Realistic } else { Frames::Recorded(text.into()) }
}
