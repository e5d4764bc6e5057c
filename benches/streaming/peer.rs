//! A sender or receiver from outside: starts the process, gives it orders, and measures its processor time and memory.

use std::fs;
use std::io::BufReader;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Outcome;
use crate::words::{Part, Ready, hear, say};

/// How long a process gets to end by itself.
const PATIENCE: Duration = Duration::from_secs(5);

pub struct Peer {
    process: Child,
    /// None: the process has been told to end.
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    pub ready: Ready,
}

impl Peer {
    /// Returns when it is ready.
    pub fn start(part: &Part) -> Outcome<Self> {
        let program = std::env::current_exe()?;
        let part = serde_json::to_string(part)?;
        let mut process = Command::new(program).arg("--play").arg(part).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (to, from) = (process.stdin.take(), process.stdout.take().ok_or("a process without output")?);
        let ready = Ready { places: Vec::new(), picture_bytes: 0 };
        let mut peer = Self { process, to, from: BufReader::new(from), ready };
        peer.ready = peer.hear()?;
        Ok(peer)
    }

    /// Gives an order and waits for the answer.
    pub fn ask<T: DeserializeOwned>(&mut self, order: &impl Serialize) -> Outcome<T> {
        say(self.to.as_mut().ok_or("the process was told to end")?, order)?;
        self.hear()
    }

    fn hear<T: DeserializeOwned>(&mut self) -> Outcome<T> {
        hear(&mut self.from)?.ok_or_else(|| "a sender or receiver has ended".into())
    }

    /// Processor time that it has used. Its threads live as long as it is measured.
    pub fn cpu_seconds(&self) -> Outcome<f64> {
        let mut sum_ns = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let text = fs::read_to_string(task?.path().join("schedstat"))?;
            sum_ns += text.split_whitespace().next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(sum_ns as f64 / 1e9)
    }

    /// Resident memory in bytes, without the pictures.
    pub fn memory(&self) -> Outcome<f64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("/proc/PID/status has another form")?;
        let kilobytes: usize = line.trim().trim_end_matches(" kB").parse()?;
        Ok((kilobytes << 10).saturating_sub(self.ready.picture_bytes) as f64)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.to = None; // the end of its input is what it ends with
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
