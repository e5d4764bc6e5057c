//! The relation of the server's monotonic clock to ours, from the answers to heartbeats.
//!
//! An answer says what the server's clock was at some instant between sending and receiving; the midpoint is the best guess and half the
//! round trip bounds its error. The best of the recent answers is kept, its bound growing with its age, and the drift between the
//! clocks is the slope between good answers far apart.

use std::collections::VecDeque;

/// Answers that are kept.
const WINDOW: usize = 32;

/// How fast two clocks can part: quartz is within 100 ppm, and a clock that NTP slews within 500.
const MAX_DRIFT_PPM: f64 = 500.0;

/// What is left of the drift after it was measured, as a bound.
const RESIDUAL_DRIFT_PPM: f64 = 50.0;

/// A shorter base than this says nothing about drift.
const MIN_DRIFT_BASE_NS: f64 = 10e9;

#[derive(Debug, Clone, Copy)]
struct Sample {
    /// Midpoint on our clock.
    local_ns: i64,
    /// Server's clock minus ours.
    offset_ns: i64,
    /// Half the round trip.
    error_ns: u64,
}

/// An instant on our clock, with a bound on the error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// On our monotonic clock.
    pub ns: u64,
    /// It is at most this wrong.
    pub error_ns: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct ClockRelation {
    same_clock: bool,
    samples: VecDeque<Sample>,
}

impl ClockRelation {
    /// For a server that says that it reads the same clock as we do, until an answer says otherwise.
    pub fn same() -> Self {
        Self { same_clock: true, samples: VecDeque::new() }
    }

    /// Whether it stands for one clock.
    pub fn is_same(&self) -> bool {
        self.same_clock
    }

    /// An answer: asked at `sent_ns`, received at `received_ns` on our clock, made at `server_ns` on the server's.
    pub fn add(&mut self, sent_ns: u64, server_ns: u64, received_ns: u64) {
        // One host can have several clocks: a container may be in a time namespace of its own.
        self.same_clock &= (sent_ns..=received_ns).contains(&server_ns);
        if self.same_clock || received_ns < sent_ns {
            return;
        }
        let error_ns = (received_ns - sent_ns).div_ceil(2);
        let local_ns = (sent_ns + (received_ns - sent_ns) / 2) as i64;
        if self.samples.len() == WINDOW {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample { local_ns, offset_ns: (server_ns as i64).wrapping_sub(local_ns), error_ns });
    }

    /// The server's instant on our clock; none before the first answer.
    pub fn to_local(&self, server_ns: u64) -> Option<LocalTime> {
        if self.same_clock {
            return Some(LocalTime { ns: server_ns, error_ns: 0 });
        }
        let newest = self.samples.back()?;
        let (drift, residual) = self.drift();
        let error_at = |sample: &Sample| sample.error_ns as f64 + residual * newest.local_ns.wrapping_sub(sample.local_ns) as f64;
        let best = self.samples.iter().min_by(|a, b| error_at(a).total_cmp(&error_at(b)))?;
        // Near enough for the small correction: the offset changes by less than a microsecond over its own error.
        let about = (server_ns as i64).wrapping_sub(best.offset_ns);
        let age = about.wrapping_sub(best.local_ns) as f64;
        let offset = best.offset_ns.wrapping_add((drift * age) as i64);
        let ns = (server_ns as i64).wrapping_sub(offset);
        let error = best.error_ns as f64 + residual * age.abs();
        (ns > 0).then_some(LocalTime { ns: ns as u64, error_ns: error.ceil() as u64 })
    }

    /// The server's clock against ours: how much faster it runs, and a bound on what that leaves unexplained.
    fn drift(&self) -> (f64, f64) {
        let unknown = (0.0, MAX_DRIFT_PPM * 1e-6);
        let half = self.samples.len() / 2;
        let best = |range: &mut dyn Iterator<Item = &Sample>| range.min_by_key(|sample| sample.error_ns).copied();
        let (Some(old), Some(new)) = (best(&mut self.samples.iter().take(half)), best(&mut self.samples.iter().skip(half))) else {
            return unknown;
        };
        let base = new.local_ns.wrapping_sub(old.local_ns) as f64;
        if base < MIN_DRIFT_BASE_NS {
            return unknown;
        }
        let slope = new.offset_ns.wrapping_sub(old.offset_ns) as f64 / base;
        let slope_error = (old.error_ns + new.error_ns) as f64 / base;
        if slope.abs() - slope_error > MAX_DRIFT_PPM * 1e-6 {
            return unknown; // a clock that was set, not one that drifts
        }
        (slope, (slope_error + RESIDUAL_DRIFT_PPM * 1e-6).min(MAX_DRIFT_PPM * 1e-6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFSET: u64 = 5_000_000_000_000;

    /// A server whose clock is `OFFSET` ahead and runs `ppm` fast, asked once a second over a path with these one-way delays.
    fn relation(seconds: u64, ppm: f64, delays: impl Fn(u64) -> (u64, u64)) -> (ClockRelation, impl Fn(u64) -> u64) {
        let server = move |local: u64| OFFSET + local + (local as f64 * ppm * 1e-6) as u64;
        let mut relation = ClockRelation::default();
        for i in 1..=seconds {
            let sent = i * 1_000_000_000;
            let (there, back) = delays(i);
            relation.add(sent, server(sent + there), sent + there + back);
        }
        (relation, server)
    }

    #[test]
    fn the_error_is_within_its_bound() {
        for ppm in [0.0, 100.0, -100.0] {
            // The request is as fast as it gets, the answer dawdles: the worst case for a midpoint.
            let (relation, server) = relation(60, ppm, |i| (50_000, 50_000 + (i % 7) * 900_000));
            for local in [60_000_000_000, 60_500_000_000, 62_000_000_000u64] {
                let found = relation.to_local(server(local)).unwrap();
                let error = found.ns.abs_diff(local);
                assert!(error <= found.error_ns, "{ppm} ppm at {local}: {error} over the bound {}", found.error_ns);
                assert!(found.error_ns < 500_000, "{ppm} ppm: a bound of {} says little", found.error_ns);
            }
        }
    }

    #[test]
    fn one_answer_is_enough_and_none_is_not() {
        assert_eq!(ClockRelation::default().to_local(1), None);
        let (relation, server) = relation(1, 0.0, |_| (100_000, 100_000));
        let found = relation.to_local(server(1_050_000_000)).unwrap();
        assert!(found.ns.abs_diff(1_050_000_000) <= found.error_ns);
    }

    #[test]
    fn one_clock_needs_no_relation_unless_it_turns_out_to_be_two() {
        let mut relation = ClockRelation::same();
        relation.add(100, 150, 200);
        assert_eq!(relation.to_local(7), Some(LocalTime { ns: 7, error_ns: 0 }));
        relation.add(1_000, 51_050, 1_100);
        assert!(!relation.is_same());
        assert_eq!(relation.to_local(51_060), Some(LocalTime { ns: 1_060, error_ns: 51 }));
    }
}
