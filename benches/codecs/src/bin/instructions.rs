//! Encodes or decodes some frames for callgrind, which counts the instructions of the function `counted` alone:
//!
//!     instructions frames FILE                       makes the frames: not under valgrind, where that takes long
//!     instructions FILE CODEC encode|decode          works with them; prints how many pixels were counted
//!
//! CODEC is `rvl`, `k2d-s-portable`, `k2d-s-avx2`, `k2d-r-portable` or `k2d-r-avx2`. Exit status 3: this processor has no such codec.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use streamkinect2::codec::k2d::Level;
use streamkinect2::codec::options::Profile;
use streamkinect2::codec::{Image, ImageMut};
use streamkinect2::device::DEFAULT_SIZE;
use streamkinect2::frame::Codec;
use streamkinect2_bench_codecs::contender::Contender;
use streamkinect2_bench_codecs::ours::{K2d, Stateless};
use streamkinect2_bench_codecs::{Outcome, frames};

/// Counts hardly depend on how many.
const FRAMES: usize = 4;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["frames", file] => make_frames(Path::new(file)).map(|()| true),
        [file, codec, direction @ ("encode" | "decode")] => work(Path::new(file), codec, direction == "encode"),
        _ => Err("the arguments are: frames FILE, or FILE CODEC encode|decode".into()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(error) => {
            eprintln!("instructions: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One after the other, as little-endian values.
fn make_frames(file: &Path) -> Outcome<()> {
    let pictures = frames::realistic(FRAMES)?.pictures;
    let bytes: Vec<u8> = pictures.iter().flat_map(|picture| &picture.pixels).flat_map(|pixel| pixel.to_le_bytes()).collect();
    Ok(fs::write(file, bytes)?)
}

/// Whether this processor can do it.
fn work(file: &Path, codec: &str, encodes: bool) -> Outcome<bool> {
    let Some(mut codec) = find(codec)? else { return Ok(false) };
    let (width, height) = DEFAULT_SIZE;
    let pixels: Vec<u16> = fs::read(file)?.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    let (mut coded, mut decoded) = (vec![0; codec.room(width, height)?], vec![0; width as usize * height as usize]);
    for frame in pixels.chunks_exact(decoded.len()) {
        // What happens once, as allocating, is not counted.
        let size = codec.encode(Image::new(frame, width, height)?, &mut coded)?;
        codec.decode(&coded[..size], ImageMut::new(&mut decoded, width, height)?)?;
        counted(|| {
            if encodes {
                codec.encode(Image::new(frame, width, height)?, &mut coded).map(|_| ())
            } else {
                codec.decode(&coded[..size], ImageMut::new(&mut decoded, width, height)?)
            }
        })?;
    }
    println!("{}", pixels.len());
    Ok(true)
}

/// None: not on this processor.
fn find(codec: &str) -> Outcome<Option<Box<dyn Contender>>> {
    let (profile, level) = match codec {
        "rvl" => return Ok(Some(Box::new(Stateless::new(Codec::Rvl)?))),
        "k2d-s-portable" => (Profile::Speed, Level::Portable),
        "k2d-s-avx2" => (Profile::Speed, Level::Avx2),
        "k2d-r-portable" => (Profile::Ratio, Level::Portable),
        "k2d-r-avx2" => (Profile::Ratio, Level::Avx2),
        _ => return Err(format!("there is no codec \"{codec}\" here").into()),
    };
    Ok(level.is_available().then(|| Box::new(K2d::new(profile, level, 0)) as Box<dyn Contender>))
}

/// callgrind knows it by its name: it must stay a function of its own.
#[inline(never)]
fn counted(work: impl FnOnce() -> Outcome<()>) -> Outcome<()> {
    black_box(work())
}
