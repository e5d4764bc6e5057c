//! Latencies of the last few seconds, and their percentiles.

use std::collections::VecDeque;

/// How long a value counts.
const WINDOW_NS: u64 = 5_000_000_000;

/// Most values kept: at higher rates the window is shorter.
const CAPACITY: usize = 1024;

/// Times of delivery and latencies, in nanoseconds.
#[derive(Debug, Default)]
pub struct Latencies {
    values: VecDeque<(u64, u64)>,
}

impl Latencies {
    /// A frame captured at `capture_ns` was delivered at `now_ns`, both on this host's clock.
    pub fn record(&mut self, capture_ns: u64, now_ns: u64) {
        if self.values.len() == CAPACITY {
            self.values.pop_front();
        }
        // A clock relation of limited precision can put a capture a little into the future.
        self.values.push_back((now_ns, now_ns.saturating_sub(capture_ns).max(1)));
    }

    /// The values below which `fractions` of the last seconds' latencies lie; 0 where there are none.
    pub fn percentiles<const N: usize>(&self, now_ns: u64, fractions: [f64; N]) -> [u64; N] {
        let recent = self.values.iter().filter(|(at, _)| at + WINDOW_NS >= now_ns);
        let mut sorted: Vec<u64> = recent.map(|(_, latency)| *latency).collect();
        sorted.sort_unstable();
        fractions.map(|fraction| match sorted.len() {
            0 => 0,
            // The nearest rank: the smallest value that at least this fraction does not exceed.
            n => sorted[((fraction * n as f64).ceil() as usize).clamp(1, n) - 1],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_last_seconds() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.percentiles(0, [0.5]), [0]);
        latencies.record(0, 1_000_000_000);
        for i in 1..=100 {
            let now = 10_000_000_000 + i;
            latencies.record(now - i * 10, now);
        }
        assert_eq!(latencies.percentiles(10_000_000_200, [0.5, 0.99, 1.0]), [500, 990, 1000]);
        assert_eq!(latencies.percentiles(60_000_000_000, [0.5]), [0]);
    }
}
