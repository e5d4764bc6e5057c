//! The worker's streams: sockets opened and closed as streams are enabled and kinects come and go, frames received, and the watch for
//! times in which this process did not run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::clock::ClockRelation;
use super::super::subscription::{Subscription, Wire};
use super::super::target::stream_endpoint;
use super::{MAX_SUBSCRIPTIONS, Worker};
use crate::error::ErrorKind;
use crate::frame::StreamInfo;
use crate::log::log;
use crate::protocol::endpoint::{Endpoint, EndpointKind};
use crate::protocol::me::Me;

/// Streams that are not received now, but whose numbering is kept.
const MAX_NUMBERS: usize = 1024;

/// Longer pauses are no machine that is busy.
const LONGEST_STARVED: Duration = Duration::from_secs(1);

/// Whether a pause means that streams are to be opened anew. Where threads wait so long for the processor time and again, opening them
/// each time would never let a frame through: then only once for each frame that comes.
fn was_stopped(overslept: Duration, limit: Duration, received_since_anew: bool) -> bool {
    overslept > limit && (received_since_anew || overslept >= LONGEST_STARVED)
}

/// A stream that is to be received, and from where.
type Source = (Arc<str>, StreamInfo, Wire, Endpoint);

impl Worker {
    /// Notices when the process was stopped or the machine slept: what waits in sockets is as old as the sleep, and silence says nothing
    /// about the server.
    pub(super) fn watch(&mut self, overslept: Duration) {
        let limit = self.pause_limit();
        if was_stopped(overslept, limit, self.received_since_anew) {
            log!(Info, "this process did not run for {} ms: streams are opened anew", overslept.as_millis());
            self.begin_anew();
        }
        if self.subscriptions.is_empty() {
            self.awake.rest();
        } else {
            // Until the end of this turn, which may have large frames to decode.
            self.awake.mark(5 * limit);
        }
    }

    fn begin_anew(&mut self) {
        self.received_since_anew = false;
        for subscription in &mut self.subscriptions {
            if let Err(error) = subscription.reopen(&self.context) {
                log!(Error, "cannot open a stream anew: {error}");
            }
        }
        self.dispatcher.with(|mailbox| mailbox.drop_frames());
        if !self.server.clock.is_same() {
            self.server.clock = ClockRelation::default();
        }
        // Answers that have come meanwhile still count; if there is none, the server gets a whole response timeout from now.
        if let Some(control) = &self.control {
            control.socket().expect_news();
        }
        self.converse();
        if self.waiting_since.is_some() {
            self.waiting_since = Some(Instant::now());
        }
        self.renew_and_ask();
    }

    /// A pause of the worker that is longer than this was a sleep of the process.
    pub(super) fn pause_limit(&self) -> Duration {
        let rate = self.dispatcher.read(|mailbox| {
            let streams = mailbox.view.kinects.iter().flat_map(|kinect| &kinect.streams);
            streams.map(|(info, _)| info.usual_rate()).fold(f64::NAN, f64::max)
        });
        let periods = if rate.is_finite() { Duration::from_secs_f64(6.0 / rate) } else { Duration::ZERO };
        periods.max(Duration::from_millis(200))
    }

    /// Opens those streams anew whose frames the server makes and nobody gets.
    pub(super) fn reopen_where_missing(&mut self, me: &Me) {
        for subscription in &mut self.subscriptions {
            let device = me.devices.iter().find(|device| *device.id == *subscription.kinect);
            let record = device.and_then(|device| device.streams.iter().find(|record| record.stream == subscription.stream));
            if subscription.misses(record.and_then(|record| record.sequence)) {
                log!(Info, "frames of kinect {} do not arrive: its {} stream is opened anew", subscription.kinect, subscription.stream);
                if let Err(error) = subscription.reopen(&self.context) {
                    log!(Error, "cannot open a stream anew: {error}");
                }
            }
        }
    }

    /// Opens and closes sockets so that they are those of the enabled streams of the kinects that there are.
    pub(super) fn reconcile(&mut self) {
        let Some(control) = self.current().cloned() else { return };
        let mut wanted = self.wanted_sources(&control);
        if wanted.len() > MAX_SUBSCRIPTIONS {
            let text = format!("a client receives at most {MAX_SUBSCRIPTIONS} streams at a time; more are enabled here");
            self.tell_once(ErrorKind::Limit, text);
            wanted.truncate(MAX_SUBSCRIPTIONS);
        }
        let is_wanted = |subscription: &Subscription| {
            wanted.iter().any(|(id, info, wire, endpoint)| subscription.is_for(id, info.stream, *wire, endpoint))
        };
        for subscription in std::mem::take(&mut self.subscriptions) {
            if is_wanted(&subscription) {
                self.subscriptions.push(subscription);
            } else {
                self.park(&subscription);
            }
        }
        for (id, info, wire, endpoint) in wanted {
            if let Some(known) = self.subscriptions.iter_mut().find(|known| known.is_for(&id, info.stream, wire, &endpoint)) {
                known.expect(&info);
                continue;
            }
            let numbers = self.numbers.remove(&(Arc::clone(&id), info.stream)).unwrap_or_default();
            match Subscription::new(&self.context, &id, &info, wire, endpoint, numbers) {
                Ok(subscription) => self.subscriptions.push(subscription),
                Err(error) => self.tell(&error),
            }
        }
        let Self { dispatcher, numbers, subscriptions, .. } = self;
        dispatcher.with(|mailbox| {
            for subscription in subscriptions.iter_mut() {
                let enabled = mailbox.slots.enabled(&subscription.kinect, subscription.stream);
                subscription.serve(enabled);
            }
        });
        // What was disabled begins anew when it is enabled again.
        dispatcher.read(|mailbox| numbers.retain(|(id, stream), _| mailbox.wanted.has(id, *stream)));
        while numbers.len() > MAX_NUMBERS {
            numbers.pop_first();
        }
    }

    fn wanted_sources(&self, control: &Endpoint) -> Vec<Source> {
        let speaks_extension = self.server.session.is_some();
        self.dispatcher.with(|mailbox| {
            let mut wanted = Vec::new();
            for kinect in &mailbox.view.kinects {
                for (info, kind) in kinect.streams.iter().filter(|(info, _)| mailbox.wanted.has(&kinect.id, info.stream)) {
                    let Some(advertised) = kinect.endpoints.get(kind) else { continue };
                    let wire = if *kind == EndpointKind::Depth { Wire::Version1 } else { Wire::Extension };
                    wanted.push((Arc::clone(&kinect.id), *info, wire, stream_endpoint(control, advertised, speaks_extension)));
                }
            }
            wanted
        })
    }

    pub(super) fn park(&mut self, subscription: &Subscription) {
        self.numbers.insert((Arc::clone(&subscription.kinect), subscription.stream), subscription.numbers());
    }

    /// Takes what has come on all streams.
    pub(super) fn receive(&mut self) {
        let mut trouble = Vec::new();
        let mut ask = false;
        for subscription in &mut self.subscriptions {
            ask |= subscription.lost_connection();
            let (kinect, stream, enabled) = (Arc::clone(&subscription.kinect), subscription.stream, subscription.enabled());
            let put = |arrival| {
                self.received_since_anew = true;
                drop(self.dispatcher.with(|mailbox| mailbox.put(&kinect, stream, enabled, arrival)));
            };
            if let Err(error) = subscription.receive(&self.server.clock, &mut trouble, put) {
                trouble.push(error);
            }
        }
        for error in trouble {
            self.tell(&error);
        }
        if ask {
            self.ask_after_lost_stream();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_starved_opens_streams_anew_once_for_each_frame_and_who_was_stopped_every_time() {
        let limit = Duration::from_millis(200);
        let anew = |milliseconds, received| was_stopped(Duration::from_millis(milliseconds), limit, received);
        assert_eq!([anew(150, true), anew(350, true), anew(350, false), anew(350, false)], [false, true, false, false]);
        assert_eq!([anew(1000, false), anew(60_000, false)], [true, true]);
    }
}
