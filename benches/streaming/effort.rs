//! How long and how often things are measured.

use std::time::Duration;

pub struct Effort {
    pub name: &'static str,
    /// Runs of each side, one after the other in turns; what counts is their median.
    pub latency_runs: usize,
    pub latency_time: Duration,
    pub load_runs: usize,
    pub load_time: Duration,
    pub subscribers: &'static [usize],
    pub devices: usize,
    /// One trial of a rate.
    pub trial_time: Duration,
    /// How long the highest rate must be kept.
    pub proof_time: Duration,
    /// Where trials of rates begin, in frames a second.
    pub lowest_rate: f64,
}

pub const EFFORTS: &[Effort] = &[
    Effort {
        name: "full",
        latency_runs: 5,
        latency_time: Duration::from_secs(8),
        load_runs: 3,
        load_time: Duration::from_secs(4),
        subscribers: &[0, 1, 8, 32],
        devices: 8,
        trial_time: Duration::from_secs(2),
        proof_time: Duration::from_secs(10),
        lowest_rate: 100.0,
    },
    Effort {
        name: "quick",
        latency_runs: 5,
        latency_time: Duration::from_secs(2),
        load_runs: 1,
        load_time: Duration::from_millis(1500),
        subscribers: &[0, 1, 8, 32],
        devices: 8,
        trial_time: Duration::from_millis(500),
        proof_time: Duration::from_secs(2),
        lowest_rate: 100.0,
    },
    Effort {
        name: "smoke",
        latency_runs: 1,
        latency_time: Duration::from_millis(300),
        load_runs: 1,
        load_time: Duration::from_millis(200),
        subscribers: &[0, 1, 2],
        devices: 2,
        trial_time: Duration::from_millis(100),
        proof_time: Duration::from_millis(200),
        lowest_rate: 10.0,
    },
];
