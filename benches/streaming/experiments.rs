//! The measurements: what is started, streamed and asked, and what follows from the answers.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::Outcome;
use crate::effort::Effort;
use crate::figures::{median, percentile, quantiles, sorted};
use crate::peer::Peer;
use crate::results::{Cost, Distribution, Highest, Latency, LatencyRun, Load, Parts, Sides, Spread};
use crate::words::{Arrival, Done, Format, Opened, Order, Part, Prepared, Received, Role, Side, Streamed};

/// Frames a second of a Kinect.
const RATE: f64 = 30.0;

/// What a source says of itself whose highest rate is looked for.
const FAST_RATE: f64 = 1000.0;

/// Frames before a measurement, of each device, and how often they are sent where they do not arrive.
const WARM_UP_FRAMES: u64 = 15;
const WARM_UPS: usize = 10;

/// Frames that are still on their way when the sender has sent its last one get so long.
const LAST_ARRIVALS: Duration = Duration::from_millis(100);

/// What a rate may lose and count as kept.
const MAX_LOST: f64 = 0.001;

/// Rates that differ by less are not told apart.
const PRECISION: f64 = 1.05;

/// What all measurements of a run have in common.
pub struct Stage {
    pub folder: PathBuf,
    pub format: Format,
    pub effort: &'static Effort,
}

/// A sender and its receivers, among which frames flow.
struct Cast {
    sender: Peer,
    receivers: Vec<Peer>,
    devices: usize,
}

/// One stream and what came of it.
struct Take {
    streamed: Streamed,
    /// Of each receiver.
    received: Vec<Vec<Arrival>>,
    sender_cpu: f64,
    receiver_cpu: f64,
    sent: u64,
    lost: u64,
}

impl Cast {
    /// Returns when frames reach all receivers.
    fn start(stage: &Stage, side: Side, devices: usize, subscribers: usize, rate: f64, parts: bool) -> Outcome<Self> {
        let role = Role::Sender { devices, folder: stage.folder.clone(), coding: stage.format.coding, rate };
        let sender = Peer::start(&Part { side, role })?;
        let places = sender.ready.places.clone();
        let parts = parts.then_some(stage.format);
        let receive = |_| Peer::start(&Part { side, role: Role::Receiver { places: places.clone(), parts } });
        let receivers = (0..subscribers).map(receive).collect::<Outcome<_>>()?;
        let mut cast = Self { sender, receivers, devices };
        // Connecting takes a moment, and the first frames fill pools and caches. A machine that cannot keep up is measured all the same:
        // its losses are in the results.
        for _ in 0..WARM_UPS {
            let take = cast.stream(WARM_UP_FRAMES, Some(RATE), false)?;
            if take.received.iter().all(|arrivals| arrivals.len() as u64 > WARM_UP_FRAMES * devices as u64 / 2) {
                break;
            }
        }
        Ok(cast)
    }

    fn stream(&mut self, frames: u64, rate: Option<f64>, parts: bool) -> Outcome<Take> {
        let cpu = |peers: &[Peer]| peers.iter().map(Peer::cpu_seconds).sum::<Outcome<f64>>();
        let before = (self.sender.cpu_seconds()?, cpu(&self.receivers)?);
        let streamed: Streamed = self.sender.ask(&Order::Stream { frames, rate, parts })?;
        let after = (self.sender.cpu_seconds()?, cpu(&self.receivers)?);
        std::thread::sleep(LAST_ARRIVALS);
        let report = |peer: &mut Peer| peer.ask(&Order::Report).map(|received: Received| received.arrivals);
        let received: Vec<Vec<Arrival>> = self.receivers.iter_mut().map(report).collect::<Outcome<_>>()?;
        let sent = frames * (self.devices * self.receivers.len()) as u64;
        let arrived: usize = received.iter().map(Vec::len).sum();
        Ok(Take {
            sender_cpu: (after.0 - before.0) / streamed.seconds,
            receiver_cpu: (after.1 - before.1) / streamed.seconds / self.receivers.len().max(1) as f64,
            streamed,
            received,
            sent,
            lost: sent.saturating_sub(arrived as u64),
        })
    }
}

fn frames_in(time: Duration, rate: f64) -> u64 {
    (time.as_secs_f64() * rate).ceil() as u64
}

fn microseconds(ns: f64) -> f64 {
    ns / 1e3
}

fn spread(values: impl IntoIterator<Item = f64>) -> (Spread, Vec<f64>) {
    let values = sorted(values);
    let spread = Spread { p50: percentile(&values, 0.5), p90: percentile(&values, 0.9), p99: percentile(&values, 0.99) };
    (spread, values)
}

fn latencies(take: &Take) -> impl Iterator<Item = f64> {
    take.received.iter().flatten().map(|arrival| microseconds(arrival.latency_ns as f64))
}

/// Latency of one device's frames to one subscriber, in turns with bare libzmq.
pub fn latency(stage: &Stage) -> Outcome<Latency> {
    let time = stage.effort.latency_time;
    let frames = frames_in(time, RATE);
    let mut runs = Vec::new();
    let mut all = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..stage.effort.latency_runs {
        eprintln!("latency, run {} of {}", number + 1, stage.effort.latency_runs);
        let take = |side| Cast::start(stage, side, 1, 1, RATE, true)?.stream(frames, Some(RATE), true);
        // Neither side is always the first.
        let (ours, bare) = if number % 2 == 0 {
            let ours = take(Side::Ours)?;
            (ours, take(Side::Bare)?)
        } else {
            let bare = take(Side::Bare)?;
            (take(Side::Ours)?, bare)
        };
        let (of_ours, values) = spread(latencies(&ours));
        let (of_rest, rest) = spread(without_parts(&ours));
        let (of_bare, bare_values) = spread(latencies(&bare));
        runs.push(LatencyRun {
            ours: of_ours,
            parts: parts(&ours),
            rest: of_rest,
            bare: of_bare,
            lost: Sides { ours: ours.lost, bare: bare.lost },
        });
        all.0.extend(values);
        all.1.extend(rest);
        all.2.extend(bare_values);
    }
    let shape = |values: Vec<f64>| quantiles(&sorted(values), 200);
    let distribution = Distribution { ours: shape(all.0), rest: shape(all.1), bare: shape(all.2) };
    Ok(Latency { rate: RATE, seconds: time.as_secs_f64(), runs, distribution })
}

/// The latency of each frame without its parts: copying and encoding as measured on its way, checking and decoding as measured right after
/// it, and the median of what its first checksum took between frames.
fn without_parts(take: &Take) -> Vec<f64> {
    let done: BTreeMap<u64, u64> = take.streamed.done.iter().map(|done| (done.sequence, done.copy_ns + done.encode_ns)).collect();
    let checksum = median(take.streamed.between.iter().map(|prepared| prepared.checksum_ns as f64));
    let without = |arrival: &Arrival| {
        let opened = arrival.opened?;
        let parts = done.get(&arrival.sequence)? + opened.checksum_ns + opened.decode_ns;
        Some(microseconds(arrival.latency_ns as f64 - parts as f64 - checksum))
    };
    take.received.iter().flatten().filter_map(without).collect()
}

fn parts(take: &Take) -> Parts {
    let done = |part: fn(&Done) -> u64| spread(take.streamed.done.iter().map(|done| microseconds(part(done) as f64))).0;
    let prepared = |part: fn(&Prepared) -> u64| spread(take.streamed.between.iter().map(|times| microseconds(part(times) as f64))).0;
    let all_opened = || take.received.iter().flatten().filter_map(|arrival| arrival.opened);
    let opened = |part: fn(&Opened) -> u64| spread(all_opened().map(|times| microseconds(part(&times) as f64))).0;
    Parts {
        copy: done(|done| done.copy_ns),
        encode: done(|done| done.encode_ns),
        first_checksum: prepared(|prepared| prepared.checksum_ns),
        second_checksum: opened(|opened| opened.checksum_ns),
        decode: opened(|opened| opened.decode_ns),
        copy_between: prepared(|prepared| prepared.copy_ns),
        encode_between: prepared(|prepared| prepared.encode_ns),
    }
}

/// Processor time and memory, for several subscribers of one device, and for one subscriber of several devices.
pub fn loads(stage: &Stage) -> Outcome<Vec<Load>> {
    let effort = stage.effort;
    let settings = effort.subscribers.iter().map(|subscribers| (1, *subscribers)).chain([(effort.devices, 1)]);
    settings.map(|(devices, subscribers)| load(stage, devices, subscribers)).collect()
}

fn load(stage: &Stage, devices: usize, subscribers: usize) -> Outcome<Load> {
    eprintln!("load, {devices} devices, {subscribers} subscribers");
    let mut costs: [Vec<Cost>; 2] = Default::default();
    for _ in 0..stage.effort.load_runs {
        for (side, costs) in [Side::Ours, Side::Bare].into_iter().zip(&mut costs) {
            costs.push(cost(stage, side, devices, subscribers)?);
        }
    }
    let [ours, bare] = costs.map(|costs| median_cost(&costs));
    Ok(Load { subscribers, devices, costs: Sides { ours, bare } })
}

fn cost(stage: &Stage, side: Side, devices: usize, subscribers: usize) -> Outcome<Cost> {
    let mut cast = Cast::start(stage, side, devices, subscribers, RATE, false)?;
    let take = cast.stream(frames_in(stage.effort.load_time, RATE), Some(RATE), false)?;
    let memories = cast.receivers.iter().map(Peer::memory).collect::<Outcome<Vec<_>>>()?;
    Ok(Cost {
        sender_cpu: take.sender_cpu,
        sender_memory: cast.sender.memory()?,
        receiver_cpu: take.receiver_cpu,
        receiver_memory: median(memories),
        latency: spread(latencies(&take)).0,
        lost: take.lost,
        sent: take.sent,
    })
}

/// The median of each figure, and the sums of what was sent and lost.
fn median_cost(costs: &[Cost]) -> Cost {
    let of = |figure: fn(&Cost) -> f64| median(costs.iter().map(figure));
    Cost {
        sender_cpu: of(|cost| cost.sender_cpu),
        sender_memory: of(|cost| cost.sender_memory),
        receiver_cpu: of(|cost| cost.receiver_cpu),
        receiver_memory: of(|cost| cost.receiver_memory),
        latency: Spread { p50: of(|cost| cost.latency.p50), p90: of(|cost| cost.latency.p90), p99: of(|cost| cost.latency.p99) },
        lost: costs.iter().map(|cost| cost.lost).sum(),
        sent: costs.iter().map(|cost| cost.sent).sum(),
    }
}

/// The highest rate of one device to one subscriber.
pub fn rates(stage: &Stage) -> Outcome<Sides<Highest>> {
    Ok(Sides { ours: highest(stage, Side::Ours)?, bare: highest(stage, Side::Bare)? })
}

fn highest(stage: &Stage, side: Side) -> Outcome<Highest> {
    eprintln!("highest rate, {side:?}");
    let effort = stage.effort;
    let mut cast = Cast::start(stage, side, 1, 1, FAST_RATE, false)?;
    let mut trial = |rate: f64, time: Duration| -> Outcome<Highest> {
        let take = cast.stream(frames_in(time, rate), Some(rate), false)?;
        let lost = take.lost as f64 / take.sent as f64;
        let reached = take.sent as f64 / take.streamed.seconds;
        eprintln!("  {rate:.0} a second: {:.2} % lost", 100.0 * lost);
        // A sender that cannot send so fast has not kept the rate either.
        let lost = if reached * PRECISION < rate { 1.0 } else { lost };
        Ok(Highest { paced: reached, lost, seconds: take.streamed.seconds, latency: spread(latencies(&take)).0, flat_out: 0.0 })
    };
    let (mut kept, mut too_high) = (effort.lowest_rate, 2.0 * effort.lowest_rate);
    while trial(too_high, effort.trial_time)?.lost <= MAX_LOST {
        (kept, too_high) = (too_high, 2.0 * too_high);
    }
    while kept * PRECISION < too_high {
        let middle = (kept * too_high).sqrt();
        if trial(middle, effort.trial_time)?.lost <= MAX_LOST { kept = middle } else { too_high = middle }
    }
    // What a short trial loses none of, a longer one may.
    let mut found = trial(kept, effort.proof_time)?;
    while found.lost > MAX_LOST && kept > effort.lowest_rate {
        kept /= PRECISION * PRECISION;
        found = trial(kept, effort.proof_time)?;
    }
    // As fast as the sender can: at least ten times what arrives.
    let flat_out = cast.stream(frames_in(effort.trial_time, 10.0 * kept), None, false)?;
    found.flat_out = (flat_out.sent - flat_out.lost) as f64 / flat_out.streamed.seconds;
    Ok(found)
}
