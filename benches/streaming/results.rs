//! What was measured. Times are in microseconds, memory in bytes, processor time in shares of one core.

use std::fs;

use serde::Serialize;

use crate::Outcome;
use crate::arguments::Arguments;
use crate::coding::{Coding, Encoder};
use crate::figures::median;
use crate::pictures::Pictures;

/// How much longer than bare libzmq the library's own part of the latency may be.
pub const P50_LIMIT: f64 = 1.35;
pub const P90_LIMIT: f64 = 1.6;

#[derive(Serialize)]
pub struct Results {
    pub setting: Setting,
    pub latency: Option<Latency>,
    pub loads: Option<Vec<Load>>,
    pub rates: Option<Sides<Highest>>,
}

#[derive(Serialize)]
pub struct Setting {
    pub version: &'static str,
    pub libzmq: String,
    pub processor: String,
    pub cores: usize,
    pub system: String,
    pub effort: &'static str,
    pub frames: String,
    pub frame_count: usize,
    pub width: u32,
    pub height: u32,
    pub codec: String,
    /// Mean size of an encoded frame.
    pub payload_bytes: usize,
}

/// The same of both.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Sides<T> {
    pub ours: T,
    pub bare: T,
}

#[derive(Serialize)]
pub struct Latency {
    pub rate: f64,
    pub seconds: f64,
    pub runs: Vec<LatencyRun>,
    /// How all latencies of all runs are distributed, for plots.
    pub distribution: Distribution,
}

#[derive(Serialize)]
pub struct Distribution {
    pub ours: Vec<f64>,
    pub rest: Vec<f64>,
    pub bare: Vec<f64>,
}

/// One run of each side.
#[derive(Debug, Clone, Serialize)]
pub struct LatencyRun {
    /// From the push to the callback.
    pub ours: Spread,
    /// Of that, what bare libzmq does not do.
    pub parts: Parts,
    /// The latency of each frame without its parts.
    pub rest: Spread,
    /// From sending to having received.
    pub bare: Spread,
    pub lost: Sides<u64>,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Spread {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Parts {
    pub copy: Spread,
    pub encode: Spread,
    pub first_checksum: Spread,
    pub second_checksum: Spread,
    pub decode: Spread,
    /// Copying and encoding without sending, for comparison.
    pub copy_between: Spread,
    pub encode_between: Spread,
}

impl Latency {
    /// The median of the runs.
    pub fn median(&self, of: impl Fn(&LatencyRun) -> f64) -> f64 {
        median(self.runs.iter().map(of))
    }

    /// The library's own part beside bare libzmq.
    pub fn ratio(&self, of: fn(&Spread) -> f64) -> f64 {
        self.median(|run| of(&run.rest)) / self.median(|run| of(&run.bare))
    }

    pub fn is_within_limits(&self) -> bool {
        self.ratio(|spread| spread.p50) <= P50_LIMIT && self.ratio(|spread| spread.p90) <= P90_LIMIT
    }
}

/// What streaming to so many subscribers from so many devices costs.
#[derive(Serialize)]
pub struct Load {
    pub subscribers: usize,
    pub devices: usize,
    pub costs: Sides<Cost>,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Cost {
    pub sender_cpu: f64,
    pub sender_memory: f64,
    /// Of each receiver.
    pub receiver_cpu: f64,
    pub receiver_memory: f64,
    pub latency: Spread,
    /// Of all frames for all subscribers.
    pub lost: u64,
    pub sent: u64,
}

/// The highest rate of one device to one subscriber.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Highest {
    /// Frames a second at a steady pace.
    pub paced: f64,
    /// Share of the frames that were lost at that.
    pub lost: f64,
    /// How long that was.
    pub seconds: f64,
    pub latency: Spread,
    /// Frames a second that arrive of those that are sent without a pause.
    pub flat_out: f64,
}

impl Setting {
    pub fn new(arguments: &Arguments, pictures: &Pictures) -> Outcome<Self> {
        let encoder = Coding::new(arguments.codec, arguments.profile).encoder()?;
        let (major, minor, patch) = zmq::version();
        Ok(Self {
            version: env!("CARGO_PKG_VERSION"),
            libzmq: format!("{major}.{minor}.{patch}"),
            processor: processor(),
            cores: std::thread::available_parallelism()?.get(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            effort: arguments.effort.name,
            frames: arguments.frames.name(),
            frame_count: pictures.count(),
            width: pictures.width,
            height: pictures.height,
            codec: encoder.name(),
            payload_bytes: mean_size(encoder, pictures)?,
        })
    }
}

/// As the system calls it.
fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    line.map_or("an unknown processor", |(_, name)| name.trim()).to_owned()
}

fn mean_size(encoder: Encoder, pictures: &Pictures) -> Outcome<usize> {
    let mut buffer = vec![0; encoder.bound(pictures.width, pictures.height)?];
    let mut sum = 0;
    for number in 0..pictures.count() as u64 {
        let image = streamkinect2::codec::Image::new(pictures.of(number), pictures.width, pictures.height)?;
        sum += encoder.encode(image, &mut buffer)?.size;
    }
    Ok(sum / pictures.count())
}
