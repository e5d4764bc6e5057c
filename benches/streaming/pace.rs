//! Keeps a rate: waits until each frame is due.

use std::time::{Duration, Instant};

/// What a sleeping thread may be late. At rates where that matters the last of each wait is spent awake.
const LATENESS: Duration = Duration::from_micros(200);

/// Below this rate being a little late does not matter, and being awake would be counted as the sender's cost.
const FAST: f64 = 200.0;

pub struct Pace {
    start: Instant,
    /// None: everything is due at once.
    period: Option<Duration>,
}

impl Pace {
    /// Begins now.
    pub fn new(rate: Option<f64>) -> Self {
        Self { start: Instant::now(), period: rate.map(|rate| Duration::from_secs_f64(1.0 / rate)) }
    }

    /// Waits until `periods` have passed since the beginning; not at all where that is in the past.
    pub fn wait(&self, periods: f64) {
        let Some(period) = self.period else { return };
        let due = self.start + period.mul_f64(periods);
        let left = || due.saturating_duration_since(Instant::now());
        if period.as_secs_f64() * FAST > 1.0 {
            return std::thread::sleep(left());
        }
        std::thread::sleep(left().saturating_sub(LATENESS));
        while !left().is_zero() {
            std::hint::spin_loop();
        }
    }

    pub fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}
