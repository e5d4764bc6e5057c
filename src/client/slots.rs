//! The newest frame of each kinect and stream, waiting for callbacks and for a poller, and the figures of each stream.
//!
//! What a newer frame replaces before anyone got it is counted as dropped, so that received = delivered + dropped + waiting at any time.

use std::sync::Arc;

use super::latency::Latencies;
use crate::frame::{Frame, FrameFlags, Stream, Streams};
use crate::system;

/// Figures of one stream of one kinect, since it was enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClientStats {
    /// Frames that arrived whole.
    pub received: u64,
    /// Frames that the sequence numbers say are missing.
    pub lost: u64,
    /// Frames replaced by a newer one before anyone got them.
    pub dropped: u64,
    /// Messages that were no frame.
    pub corrupt: u64,
    /// Bytes of all messages.
    pub bytes: u64,
    /// Median time from capture to delivery over the last few seconds; 0: unknown.
    pub latency_p50_ns: u64,
    /// The 99th percentile of it.
    pub latency_p99_ns: u64,
    /// Frames that reached a callback or a poller.
    pub delivered: u64,
    /// Of these, those that a poller took.
    pub taken: u64,
    /// Time spent decoding.
    pub decode_time_ns: u64,
}

/// What a subscription got since it last told.
#[derive(Debug, Default)]
pub struct Arrival {
    /// The newest of them, decoded.
    pub frame: Option<Frame>,
    /// Frames that arrived whole, that one among them.
    pub received: u64,
    pub lost: u64,
    pub corrupt: u64,
    pub bytes: u64,
    /// What decoding the newest took.
    pub decode_time_ns: u64,
}

#[derive(Default)]
struct Figures {
    stats: ClientStats,
    latencies: Latencies,
}

/// Streams whose figures are kept.
const MAX_SLOTS: usize = 1024;

struct Slot {
    kinect: Arc<str>,
    stream: Stream,
    figures: Figures,
    /// How often the stream was enabled: what was received under an older number is of before.
    enabled: u64,
    waiting: Option<Waiting>,
    /// Who has not been told yet of a restart: it must not be lost with a frame that was replaced.
    untold: Untold,
}

#[derive(Default)]
struct Untold {
    callbacks: bool,
    poller: bool,
}

/// The frame as the next to hear of a restart, or not, gets it.
fn telling(frame: &Frame, untold: &mut bool) -> Frame {
    let mut info = *frame.info();
    info.flags.set(FrameFlags::RESTARTED, std::mem::take(untold));
    if info.flags == frame.info().flags { frame.clone() } else { frame.with_info(info, frame.kinect_id().cloned()) }
}

struct Waiting {
    frame: Frame,
    /// Since when something has been waiting here without anyone coming.
    turn: u64,
    for_callbacks: bool,
    for_poller: bool,
    delivered: bool,
}

impl Slot {
    fn deliver(&mut self) {
        if let Some(waiting) = &mut self.waiting
            && !std::mem::replace(&mut waiting.delivered, true)
        {
            self.figures.stats.delivered += 1;
            let capture = waiting.frame.info().capture_time_local_ns;
            if capture != 0 {
                self.figures.latencies.record(capture, system::monotonic_ns());
            }
        }
    }

    /// Takes out what waits; counted where nobody got it.
    fn clear(&mut self) -> Option<Frame> {
        let waiting = self.waiting.take()?;
        self.figures.stats.dropped += u64::from(!waiting.delivered);
        Some(waiting.frame)
    }

    /// Lets go of the frame when nobody is to get it any more.
    fn settle(&mut self) {
        self.waiting.take_if(|waiting| !waiting.for_callbacks && !waiting.for_poller);
    }
}

/// See the module.
#[derive(Default)]
pub struct Slots {
    slots: Vec<Slot>,
    turns: u64,
}

impl Slots {
    fn find(&mut self, kinect: &str, stream: Stream) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|slot| slot.stream == stream && *slot.kinect == *kinect)
    }

    /// How often the stream was enabled. Where that was before its kinect came, its figures begin now.
    pub fn enabled(&mut self, kinect: &Arc<str>, stream: Stream) -> u64 {
        if self.find(kinect, stream).is_none() {
            self.begin(kinect, stream);
        }
        self.find(kinect, stream).map_or(0, |slot| slot.enabled)
    }

    /// The stream was enabled: its figures begin at 0.
    pub fn begin(&mut self, kinect: &Arc<str>, stream: Stream) -> Option<Frame> {
        match self.find(kinect, stream) {
            Some(slot) => {
                let frame = slot.clear();
                slot.figures = Figures::default();
                slot.enabled += 1;
                frame
            }
            None => {
                // Figures of kinects that have long gone make room.
                if self.slots.len() >= MAX_SLOTS
                    && let Some(oldest) = self.slots.iter().position(|slot| slot.waiting.is_none())
                {
                    self.slots.remove(oldest);
                }
                self.slots.push(Slot {
                    kinect: Arc::clone(kinect),
                    stream,
                    figures: Figures::default(),
                    enabled: 1,
                    waiting: None,
                    untold: Untold::default(),
                });
                None
            }
        }
    }

    /// The known streams of a kinect (none: of all), for beginning them anew.
    pub fn streams(&self, kinect: Option<&str>) -> Vec<(Arc<str>, Stream)> {
        let meant = self.slots.iter().filter(|slot| kinect.is_none_or(|id| *slot.kinect == *id));
        meant.map(|slot| (Arc::clone(&slot.kinect), slot.stream)).collect()
    }

    /// Puts what arrived; gives back the frame that it replaces, or that nobody wants.
    pub fn put(&mut self, kinect: &str, stream: Stream, enabled: u64, arrival: Arrival, callbacks: bool) -> Option<Frame> {
        self.turns += 1;
        let turn = self.turns;
        let Some(slot) = self.find(kinect, stream).filter(|slot| slot.enabled == enabled) else { return arrival.frame };
        let stats = &mut slot.figures.stats;
        stats.received += arrival.received;
        stats.lost = stats.lost.saturating_add(arrival.lost);
        stats.corrupt += arrival.corrupt;
        stats.bytes += arrival.bytes;
        stats.decode_time_ns += arrival.decode_time_ns;
        stats.dropped += arrival.received.saturating_sub(u64::from(arrival.frame.is_some()));
        let frame = arrival.frame?;
        if frame.info().flags.contains(FrameFlags::RESTARTED) {
            slot.untold = Untold { callbacks: true, poller: true };
        }
        let kept = slot.waiting.as_ref().map(|waiting| waiting.turn);
        let displaced = slot.clear();
        slot.waiting = Some(Waiting { frame, turn: kept.unwrap_or(turn), for_callbacks: callbacks, for_poller: true, delivered: false });
        displaced
    }

    /// Takes out what waits of a kinect (none: of all) and of these streams.
    pub fn clear(&mut self, kinect: Option<&str>, streams: Streams) -> Vec<Frame> {
        let meant = self.slots.iter_mut().filter(|slot| streams.has(slot.stream) && kinect.is_none_or(|id| *slot.kinect == *id));
        meant.filter_map(Slot::clear).collect()
    }

    /// A poller takes the frame that has waited longest.
    pub fn take(&mut self, kinect: Option<&str>, streams: Streams) -> Option<Frame> {
        let meant = |slot: &&mut Slot| {
            streams.has(slot.stream)
                && kinect.is_none_or(|id| *slot.kinect == *id)
                && slot.waiting.as_ref().is_some_and(|waiting| waiting.for_poller)
        };
        let longest = |slot: &&mut Slot| slot.waiting.as_ref().map(|waiting| waiting.turn);
        let slot = self.slots.iter_mut().filter(meant).min_by_key(longest)?;
        slot.deliver();
        slot.figures.stats.taken += 1;
        let waiting = slot.waiting.as_mut()?;
        waiting.for_poller = false;
        let frame = telling(&waiting.frame, &mut slot.untold.poller);
        slot.settle();
        Some(frame)
    }

    /// Nothing waits any more for callbacks that are not there.
    pub fn settle_callbacks(&mut self, wanted: impl Fn(Stream) -> bool) {
        for slot in self.slots.iter_mut().filter(|slot| !wanted(slot.stream)) {
            if let Some(waiting) = &mut slot.waiting {
                waiting.for_callbacks = false;
            }
            slot.settle();
        }
    }

    /// The frame for callbacks that has waited longest; `wanted` says whether a stream has a callback.
    pub fn next_for_callbacks(&mut self, wanted: impl Fn(Stream) -> bool) -> Option<(Arc<str>, Frame)> {
        self.settle_callbacks(wanted);
        let meant = |slot: &&mut Slot| slot.waiting.as_ref().is_some_and(|waiting| waiting.for_callbacks);
        let longest = |slot: &&mut Slot| slot.waiting.as_ref().map(|waiting| waiting.turn);
        let slot = self.slots.iter_mut().filter(meant).min_by_key(longest)?;
        slot.deliver();
        let waiting = slot.waiting.as_mut()?;
        waiting.for_callbacks = false;
        let call = (Arc::clone(&slot.kinect), telling(&waiting.frame, &mut slot.untold.callbacks));
        slot.settle();
        Some(call)
    }

    /// Whether a frame waits for callbacks.
    pub fn has_for_callbacks(&self) -> bool {
        self.slots.iter().any(|slot| slot.waiting.as_ref().is_some_and(|waiting| waiting.for_callbacks))
    }

    /// Whether a frame waits for a poller.
    pub fn has_for_poller(&self) -> bool {
        self.slots.iter().any(|slot| slot.waiting.as_ref().is_some_and(|waiting| waiting.for_poller))
    }

    /// The figures of a stream that was ever enabled.
    pub fn stats(&self, kinect: &str, stream: Stream) -> Option<ClientStats> {
        let slot = self.slots.iter().find(|slot| slot.stream == stream && *slot.kinect == *kinect)?;
        let [p50, p99] = slot.figures.latencies.percentiles(system::monotonic_ns(), [0.5, 0.99]);
        Some(ClientStats { latency_p50_ns: p50, latency_p99_ns: p99, ..slot.figures.stats })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{NewFrame, PixelFormat};

    fn arrival(value: u16) -> Arrival {
        let new = NewFrame {
            stream: Stream::Depth,
            format: PixelFormat::DepthMm16,
            width: 1,
            height: 1,
            stride_bytes: 0,
            capture_time_ns: 0,
            device_time_ns: 0,
        };
        let frame = Frame::copy_of(new, &value.to_ne_bytes()).unwrap();
        Arrival { frame: Some(frame), received: 1, bytes: 10, ..Arrival::default() }
    }

    fn check_sum(slots: &Slots) {
        let stats = slots.stats("a", Stream::Depth).unwrap();
        let waiting = slots.slots.iter().filter(|s| s.waiting.as_ref().is_some_and(|w| !w.delivered)).count() as u64;
        assert_eq!(stats.received, stats.delivered + stats.dropped + waiting, "{stats:?}");
    }

    #[test]
    fn the_newest_is_given_out_once_and_the_figures_add_up() {
        let mut slots = Slots::default();
        let a: Arc<str> = "a".into();
        slots.begin(&a, Stream::Depth);
        for value in [1, 2, 3] {
            slots.put("a", Stream::Depth, 1, arrival(value), false);
            check_sum(&slots);
        }
        let frame = slots.take(None, Streams::DEPTH).unwrap();
        assert_eq!(*frame.values16(), [3]);
        assert!(slots.take(None, Streams::DEPTH).is_none());
        check_sum(&slots);
        let stats = slots.stats("a", Stream::Depth).unwrap();
        assert_eq!((stats.received, stats.delivered, stats.dropped, stats.taken), (3, 1, 2, 1));
    }

    #[test]
    fn a_frame_goes_to_callbacks_and_to_the_poller_and_counts_once() {
        let mut slots = Slots::default();
        slots.begin(&"a".into(), Stream::Depth);
        slots.put("a", Stream::Depth, 1, arrival(1), true);
        assert!(slots.next_for_callbacks(|_| true).is_some());
        assert!(slots.next_for_callbacks(|_| true).is_none());
        assert!(slots.has_for_poller());
        assert!(slots.take(Some("a"), Streams::all()).is_some());
        check_sum(&slots);
        slots.put("a", Stream::Depth, 1, arrival(2), true);
        assert!(slots.next_for_callbacks(|_| true).is_some());
        slots.put("a", Stream::Depth, 1, arrival(3), true);
        check_sum(&slots);
        assert_eq!(slots.stats("a", Stream::Depth).unwrap().dropped, 0);
    }

    #[test]
    fn a_restart_is_told_once_to_each_even_when_its_frame_was_replaced() {
        let mut slots = Slots::default();
        slots.begin(&"a".into(), Stream::Depth);
        let restarted = |frame: Frame| frame.info().flags.contains(FrameFlags::RESTARTED);
        let mut first = arrival(1);
        let mut info = *first.frame.as_ref().unwrap().info();
        info.flags |= FrameFlags::RESTARTED;
        first.frame = first.frame.map(|frame| frame.with_info(info, None));
        slots.put("a", Stream::Depth, 1, first, true);
        assert!(restarted(slots.next_for_callbacks(|_| true).unwrap().1));
        slots.put("a", Stream::Depth, 1, arrival(2), true);
        assert!(!restarted(slots.next_for_callbacks(|_| true).unwrap().1));
        assert!(restarted(slots.take(None, Streams::DEPTH).unwrap()));
        slots.put("a", Stream::Depth, 1, arrival(3), true);
        assert!(!restarted(slots.take(None, Streams::DEPTH).unwrap()));
    }

    #[test]
    fn the_one_that_waits_longest_is_first_so_none_starves() {
        let mut slots = Slots::default();
        for id in ["a", "b"] {
            slots.begin(&id.into(), Stream::Depth);
        }
        slots.put("b", Stream::Depth, 1, arrival(1), false);
        slots.put("a", Stream::Depth, 1, arrival(2), false);
        slots.put("b", Stream::Depth, 1, arrival(3), false);
        assert_eq!(*slots.take(None, Streams::DEPTH).unwrap().values16(), [3]);
        slots.put("b", Stream::Depth, 1, arrival(4), false);
        assert_eq!(*slots.take(None, Streams::DEPTH).unwrap().values16(), [2]);
        assert_eq!(*slots.take(None, Streams::DEPTH).unwrap().values16(), [4]);
    }

    #[test]
    fn what_is_disabled_is_dropped_and_arrives_nowhere() {
        let mut slots = Slots::default();
        slots.begin(&"a".into(), Stream::Depth);
        slots.put("a", Stream::Depth, 1, arrival(1), false);
        assert_eq!(slots.clear(Some("a"), Streams::all()).len(), 1);
        assert!(slots.take(None, Streams::all()).is_none());
        check_sum(&slots);
    }
}
