//! Taking the times of all codecs, in turns, frame by frame: whatever slows the machine down meets all of them.

use std::hint::black_box;
use std::time::Instant;

use streamkinect2::codec::{Image, ImageMut};
use streamkinect2_bench_codecs::Outcome;
use streamkinect2_bench_codecs::contender::Contender;
use streamkinect2_bench_codecs::frames::{Group, Picture};

use crate::entrants::Entrant;

/// What a codec did with a group of frames.
pub struct Measured {
    pub raw_bytes: usize,
    pub coded_bytes: usize,
    /// For all frames together: the sum of each one's median.
    pub encode_seconds: f64,
    pub decode_seconds: f64,
}

impl Measured {
    /// Raw bytes for each coded byte.
    pub fn ratio(&self) -> f64 {
        self.raw_bytes as f64 / self.coded_bytes as f64
    }
}

/// A codec at work, with memory for the largest frame.
struct Runner<'a> {
    entrant: &'a mut Entrant,
    coded: Vec<u8>,
    /// That of the frame that it gets going with.
    coded_before: Vec<u8>,
    decoded: Vec<u16>,
    coded_bytes: usize,
    /// Of each frame, a pair for each round: seconds of encoding and of decoding.
    times: Vec<Vec<(f64, f64)>>,
}

impl<'a> Runner<'a> {
    fn new(entrant: &'a mut Entrant, group: &Group) -> Outcome<Self> {
        let (mut room, mut pixels) = (0, 0);
        for picture in &group.pictures {
            room = room.max(entrant.codec.room(picture.width, picture.height)?);
            pixels = pixels.max(picture.pixels.len());
        }
        let times = group.pictures.iter().map(|_| vec![]).collect();
        Ok(Self { entrant, coded: vec![0; room], coded_before: vec![0; room], decoded: vec![0; pixels], coded_bytes: 0, times })
    }

    /// One way there and back, not timed: an error unless what comes back is what the codec promises.
    fn verify(&mut self, picture: &Picture) -> Outcome<()> {
        let codec = &mut *self.entrant.codec;
        let size = encode(codec, picture, &mut self.coded)?;
        self.decoded.fill(0xeeee);
        decode(codec, &self.coded[..size], picture, &mut self.decoded)?;
        if !codec.keeps_its_word(&picture.pixels, &self.decoded[..picture.pixels.len()]) {
            let (name, level) = (self.entrant.name, self.entrant.level.unwrap_or_default());
            return Err(format!("{name} {level} does not give back a frame of {}x{}", picture.width, picture.height).into());
        }
        self.coded_bytes += size;
        Ok(())
    }

    /// Both ways for `before`, not timed, and for frame `number`. So the codec has just been at work, whoever had its turn before, but
    /// not on this frame, whose branches the processor might foresee if it came twice in a row.
    fn time(&mut self, before: &Picture, number: usize, picture: &Picture) -> Outcome<()> {
        let codec = &mut *self.entrant.codec;
        let size_before = encode(codec, before, &mut self.coded)?;
        self.coded_before[..size_before].copy_from_slice(&self.coded[..size_before]);
        bring_near(&picture.pixels);
        let start = Instant::now();
        let size = encode(codec, picture, &mut self.coded)?;
        let encoding = start.elapsed();
        decode(codec, &self.coded_before[..size_before], before, &mut self.decoded)?;
        bring_near(&self.coded[..size]);
        let start = Instant::now();
        decode(codec, &self.coded[..size], picture, &mut self.decoded)?;
        self.times[number].push((encoding.as_secs_f64(), start.elapsed().as_secs_f64()));
        Ok(())
    }

    fn seconds(&self, direction: fn(&(f64, f64)) -> f64) -> f64 {
        self.times.iter().map(|rounds| median(rounds.iter().map(direction).collect())).sum()
    }
}

fn encode(codec: &mut dyn Contender, picture: &Picture, out: &mut [u8]) -> Outcome<usize> {
    let room = codec.room(picture.width, picture.height)?;
    codec.encode(Image::new(&picture.pixels, picture.width, picture.height)?, &mut out[..room])
}

fn decode(codec: &mut dyn Contender, data: &[u8], picture: &Picture, pixels: &mut [u16]) -> Outcome<()> {
    codec.decode(data, ImageMut::new(&mut pixels[..picture.pixels.len()], picture.width, picture.height)?)
}

/// Reads all of it, as who brought it has just written it.
fn bring_near<T: Copy + Into<u64>>(values: &[T]) {
    black_box(values.iter().map(|value| (*value).into()).sum::<u64>());
}

/// 0 where there are none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Measures in so many rounds; without any, sizes alone.
pub fn measure(group: &Group, entrants: &mut [Entrant], rounds: usize) -> Outcome<Vec<Measured>> {
    let mut runners = entrants.iter_mut().map(|entrant| Runner::new(entrant, group)).collect::<Outcome<Vec<_>>>()?;
    for picture in &group.pictures {
        runners.iter_mut().try_for_each(|runner| runner.verify(picture))?;
    }
    for _ in 0..rounds {
        for (number, picture) in group.pictures.iter().enumerate() {
            let before = &group.pictures[(number + 1) % group.pictures.len()];
            runners.iter_mut().try_for_each(|runner| runner.time(before, number, picture))?;
        }
    }
    let measured = |runner: &Runner<'_>| Measured {
        raw_bytes: group.raw_bytes(),
        coded_bytes: runner.coded_bytes,
        encode_seconds: runner.seconds(|times| times.0),
        decode_seconds: runner.seconds(|times| times.1),
    };
    Ok(runners.iter().map(measured).collect())
}
