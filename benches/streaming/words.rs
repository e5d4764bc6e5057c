//! What the measuring process and its senders and receivers say to each other: one line of JSON each.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::coding::Coding;

/// Whose way frames go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// Through the library.
    Ours,
    /// Through libzmq alone.
    Bare,
}

/// What a process is to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Part {
    pub side: Side,
    pub role: Role,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Role {
    Sender {
        devices: usize,
        /// With the pictures, as `.u16` files.
        folder: PathBuf,
        coding: Coding,
        /// Frames a second that are declared: how many may wait for a subscriber follows from it.
        rate: f64,
    },
    Receiver {
        /// Where the sender is, as it has said.
        places: Vec<String>,
        /// After each frame, measure what a receiver's parts of its way take.
        parts: Option<Format>,
    },
}

/// How frames are encoded.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Format {
    pub coding: Coding,
    pub width: u32,
    pub height: u32,
}

/// A process's first word.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ready {
    /// Where a sender can be reached: the library's control endpoint, or each device's own.
    pub places: Vec<String>,
    /// Memory that its pictures take, which is not the transport's.
    pub picture_bytes: usize,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Order {
    /// To a sender: so many frames of each device. It answers [`Streamed`].
    Stream {
        frames: u64,
        /// A second, of each device; none: as fast as it goes.
        rate: Option<f64>,
        /// Measure what a sender's parts of a frame's way take.
        parts: bool,
    },
    /// To a receiver: what has come since the last report? It answers [`Received`].
    Report,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Streamed {
    pub seconds: f64,
    /// What the library did to the frames, as far as that shows, if parts were to be measured.
    pub done: Vec<Done>,
    /// What it has to do, measured between the frames.
    pub between: Vec<Prepared>,
}

/// Parts of one frame's way that are measured while it takes it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Done {
    pub sequence: u64,
    pub copy_ns: u64,
    pub encode_ns: u64,
}

/// What a sender of the library has to do to a frame, done without sending it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Prepared {
    /// Frames show pictures in turn: that of a frame is its sequence number modulo their number.
    pub picture: u64,
    pub copy_ns: u64,
    pub encode_ns: u64,
    pub checksum_ns: u64,
}

/// What a receiver has to do to a payload.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Opened {
    pub checksum_ns: u64,
    pub decode_ns: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Received {
    pub arrivals: Vec<Arrival>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Arrival {
    pub sequence: u64,
    /// From the call that pushes or sends to the start of the callback, or the end of receiving.
    pub latency_ns: u64,
    /// The same done once more after that, if it was to be measured.
    pub opened: Option<Opened>,
}

pub fn say(to: &mut impl Write, word: &impl Serialize) -> Outcome<()> {
    let mut line = serde_json::to_string(word)?;
    line.push('\n');
    to.write_all(line.as_bytes())?;
    Ok(to.flush()?)
}

/// None: the other side has ended.
pub fn hear<T: DeserializeOwned>(from: &mut impl BufRead) -> Outcome<Option<T>> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&line)?))
}
