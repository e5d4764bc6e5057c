//! What a client knows and what waits for its callbacks and pollers: changes of state, events, frames.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::slots::{Arrival, Slots};
use super::view::{KinectView, View};
use super::wanted::Wanted;
use crate::dispatch::{Event, EventCall, EventKind, EventPort, Mailbox, Registration, Slot, Transitions};
use crate::error::{Outcome, Result};
use crate::frame::{Frame, Stream, Streams};
use crate::protocol::me::Endpoints;
use crate::system::{self, RawWaitable, Signal};

/// Called when the server answers.
pub type ConnectFn = dyn Fn() + Send + Sync;
/// Called when the server is gone, with the reason.
pub type DisconnectFn = dyn Fn(Outcome) + Send + Sync;
/// Called with the id of a kinect that came or went.
pub type KinectFn = dyn Fn(&str) + Send + Sync;
/// Called with the id of a kinect and a frame of it.
pub type FrameFn = dyn Fn(&str, &Frame) + Send + Sync;
/// Called once with how a ping ended and its round trip in nanoseconds.
pub type PongFn = dyn FnOnce(Outcome, u64) + Send;

/// The callbacks that are set.
#[derive(Default)]
pub struct Callbacks {
    pub connect: Option<Slot<ConnectFn>>,
    pub disconnect: Option<Slot<DisconnectFn>>,
    pub add_kinect: Option<Slot<KinectFn>>,
    pub remove_kinect: Option<Slot<KinectFn>>,
    pub depth_frame: Option<Slot<FrameFn>>,
    pub frame: Option<Slot<FrameFn>>,
}

impl Callbacks {
    /// Whether there is a callback for this change.
    fn want(&self, change: &Change) -> bool {
        match change {
            Change::Connect => self.connect.is_some(),
            Change::Disconnect { .. } => self.disconnect.is_some(),
            Change::Add(_) => self.add_kinect.is_some(),
            Change::Remove { .. } => self.remove_kinect.is_some(),
            Change::Pong(..) => true,
        }
    }
}

/// A change of state on its way to callbacks.
enum Change {
    Connect,
    /// `undoable`: a return that comes while this waits cancels it out.
    Disconnect {
        reason: Outcome,
        undoable: bool,
    },
    Add(Arc<str>),
    /// Likewise.
    Remove {
        id: Arc<str>,
        undoable: bool,
    },
    Pong(Box<PongFn>, Outcome, u64),
}

/// See the module.
#[derive(Default)]
pub struct ClientMailbox {
    pub callbacks: Callbacks,
    pub events: EventPort,
    pub view: View,
    pub wanted: Wanted,
    pub slots: Slots,
    /// Pings that have no answer yet.
    pub pings: usize,
    /// One disconnect notice was given since the last connection or call of connect.
    noticed: bool,
    changes: Transitions<Change>,
    /// A depth frame that `on_depth_frame` got and `on_frame` is still to get.
    follow_up: Option<(Arc<str>, Frame)>,
    frames_signal: Option<Signal>,
    awake: Arc<Awake>,
}

/// What a loss of the server means.
#[derive(Debug, Clone, Copy, Default)]
pub struct Loss {
    /// It was started anew: what comes is another thing than what was before, so the two never cancel out.
    pub restart: bool,
    /// Nobody tries to reach it again.
    pub gives_up: bool,
}

/// When the worker last ran, on a clock that counts suspension: what waits when it has not run for long is as old as its sleep.
#[derive(Default)]
pub struct Awake {
    last_ns: AtomicU64,
    limit_ns: AtomicU64,
}

impl Awake {
    /// The worker runs, and with streams at this pace a pause of more than `limit` is a sleep.
    pub fn mark(&self, limit: Duration) {
        self.limit_ns.store(limit.as_nanos() as u64, Ordering::Relaxed);
        self.last_ns.store(system::boottime_ns(), Ordering::Relaxed);
    }

    /// The worker has no streams, or has ended: nothing is expected of it.
    pub fn rest(&self) {
        self.last_ns.store(0, Ordering::Relaxed);
    }

    /// Whether the worker should have run and has not.
    pub fn overslept(&self) -> bool {
        let last = self.last_ns.load(Ordering::Relaxed);
        last != 0 && system::boottime_ns().saturating_sub(last) > self.limit_ns.load(Ordering::Relaxed)
    }
}

impl ClientMailbox {
    /// For the worker to mark that it runs.
    pub fn awake(&self) -> Arc<Awake> {
        Arc::clone(&self.awake)
    }

    /// The host asked for a connection.
    pub fn begin(&mut self) {
        self.view.trying = true;
        self.noticed = false;
    }

    /// A callback was set or removed: without one, no change, no event and no frame waits for it.
    pub fn settle_callbacks(&mut self) {
        let callbacks = &self.callbacks;
        self.changes.retain(|change| callbacks.want(change));
        self.events.settle();
        let Callbacks { depth_frame, frame, .. } = callbacks;
        if frame.is_none() {
            self.follow_up = None;
        }
        let (depth, every) = (depth_frame.is_some(), frame.is_some());
        self.slots.settle_callbacks(|stream| every || (depth && stream == Stream::Depth));
    }

    /// Streams were disabled: what waits of them is dropped.
    pub fn drop_disabled(&mut self, kinect: Option<&str>, streams: Streams) {
        drop(self.slots.clear(kinect, streams));
        self.follow_up.take_if(|(id, frame)| streams.has(frame.info().stream) && kinect.is_none_or(|kinect| **id == *kinect));
    }

    /// What the server says of itself, at each answer.
    pub fn update_server(&mut self, name: &str, endpoints: &Endpoints) {
        if self.view.server_name.as_deref() != Some(name) {
            self.view.server_name = Some(name.to_owned());
        }
        self.view.endpoints.clone_from(endpoints);
    }

    /// The server answered.
    pub fn connected(&mut self, name: &str, endpoints: &Endpoints) {
        self.update_server(name, endpoints);
        self.view.connected = true;
        self.noticed = false;
        self.events.emit(Event::new(EventKind::Connect).id(name));
        self.change(Change::Connect, |waiting| matches!(waiting, Change::Disconnect { undoable: true, .. }));
    }

    /// Brings the list of kinects up to date; gives back frames of those that have gone.
    pub fn update_kinects(&mut self, now: Vec<KinectView>) -> Vec<Frame> {
        self.replace_kinects(now, true)
    }

    fn replace_kinects(&mut self, now: Vec<KinectView>, undoable: bool) -> Vec<Frame> {
        let known: Vec<Arc<str>> = self.view.kinects.iter().map(|kinect| Arc::clone(&kinect.id)).collect();
        let gone = known.iter().filter(|id| now.iter().all(|kinect| kinect.id != **id));
        let dropped: Vec<Frame> = gone.flat_map(|id| self.remove(id, undoable)).collect();
        for kinect in now {
            match self.view.kinects.iter_mut().find(|known| known.id == kinect.id) {
                Some(known) => *known = kinect,
                None => {
                    let id = Arc::clone(&kinect.id);
                    self.view.kinects.push(kinect);
                    self.events.emit(Event::new(EventKind::AddKinect).id(&*id));
                    self.change(
                        Change::Add(Arc::clone(&id)),
                        |waiting| matches!(waiting, Change::Remove { id: removed, undoable: true } if *removed == id),
                    );
                }
            }
        }
        dropped
    }

    fn remove(&mut self, id: &Arc<str>, undoable: bool) -> Vec<Frame> {
        self.view.kinects.retain(|kinect| kinect.id != *id);
        self.events.emit(Event::new(EventKind::RemoveKinect).id(&**id));
        let change = Change::Remove { id: Arc::clone(id), undoable };
        self.change(change, |waiting| matches!(waiting, Change::Add(added) if added == id));
        let mut dropped = self.slots.clear(Some(id), Streams::all());
        dropped.extend(self.follow_up.take_if(|(kinect, _)| kinect == id).map(|(_, frame)| frame));
        dropped
    }

    /// The server is lost, or was not there in the first place; told once. Gives back frames that nobody will get.
    pub fn lost(&mut self, reason: Outcome, text: &str, Loss { restart, gives_up }: Loss) -> Vec<Frame> {
        self.view.trying &= !gives_up;
        let dropped = self.replace_kinects(Vec::new(), !restart);
        let was_connected = std::mem::replace(&mut self.view.connected, false);
        if was_connected || !std::mem::replace(&mut self.noticed, true) {
            self.noticed = true;
            self.events.emit(Event::new(EventKind::Disconnect).outcome(reason).text(text));
            let notice = Change::Disconnect { reason, undoable: was_connected && !restart };
            self.change(notice, |waiting| was_connected && matches!(waiting, Change::Connect));
        }
        dropped
    }

    /// A ping came to its end.
    pub fn pong(&mut self, callback: Option<Box<PongFn>>, outcome: Outcome, round_trip_ns: u64) {
        self.pings = self.pings.saturating_sub(1);
        self.events.emit(Event::new(EventKind::Pong).outcome(outcome).value(round_trip_ns));
        if let Some(callback) = callback {
            self.changes.append(Change::Pong(callback, outcome, round_trip_ns));
        }
    }

    /// Queues a change for its callback, unless it undoes one that still waits.
    fn change(&mut self, change: Change, undoes: impl Fn(&Change) -> bool) {
        if !self.changes.cancel(undoes) && self.callbacks.want(&change) {
            self.changes.append(change);
        }
    }

    /// `on_connect` was set: it is called if the server is there already.
    pub fn replay_connect(&mut self) {
        if self.callbacks.connect.is_some() && self.view.connected && !self.changes.any(|c| matches!(c, Change::Connect)) {
            self.changes.replay(Change::Connect, |_| false);
        }
    }

    /// `on_add_kinect` was set: it is called for those that are there already.
    pub fn replay_kinects(&mut self) {
        if self.callbacks.add_kinect.is_none() {
            return;
        }
        for kinect in &self.view.kinects {
            let id = &kinect.id;
            if !self.changes.any(|c| matches!(c, Change::Add(added) if added == id)) {
                self.changes.replay(Change::Add(Arc::clone(id)), |c| matches!(c, Change::Connect | Change::Add(_)));
            }
        }
    }

    /// The number of the newest change, for [`ClientMailbox::changes_until`].
    pub fn newest_change(&self) -> u64 {
        self.changes.newest()
    }

    /// Whether a change up to this one still waits for its callback.
    pub fn changes_until(&self, number: u64) -> bool {
        self.changes.has_until(number)
    }

    /// Puts what a subscription got; gives back the frame that it replaces, or that nobody wants any more.
    pub fn put(&mut self, kinect: &str, stream: Stream, enabled: u64, arrival: Arrival) -> Option<Frame> {
        if !self.wanted.has(kinect, stream) {
            return arrival.frame;
        }
        let callbacks = self.has_callback(stream);
        self.slots.put(kinect, stream, enabled, arrival, callbacks)
    }

    fn has_callback(&self, stream: Stream) -> bool {
        self.callbacks.frame.is_some() || (stream == Stream::Depth && self.callbacks.depth_frame.is_some())
    }

    /// Drops the frames that wait: they are as old as the sleep of the process.
    pub fn drop_frames(&mut self) {
        drop(self.slots.clear(None, Streams::all()));
        self.follow_up = None;
    }

    /// Does so where the worker has not woken yet to do it.
    fn drop_stale(&mut self) {
        if self.awake.overslept() {
            self.drop_frames();
        }
    }

    /// A poller takes a frame.
    pub fn take(&mut self, kinect: Option<&str>, streams: Streams) -> Option<Frame> {
        self.drop_stale();
        self.slots.take(kinect, streams)
    }

    /// The descriptor that is readable while a frame waits for a poller.
    pub fn frames_waitable(&mut self) -> Result<RawWaitable> {
        let signal = match &mut self.frames_signal {
            Some(signal) => signal,
            none => none.insert(Signal::new()?),
        };
        Ok(signal.raw())
    }

    fn next_change(&mut self) -> Option<(Registration, ClientCall)> {
        while let Some(change) = self.changes.pop() {
            let callbacks = &self.callbacks;
            let call = match change {
                Change::Connect => callbacks.connect.as_ref().map(|slot| slot.call(ClientCall::Connect)),
                Change::Disconnect { reason, .. } => {
                    callbacks.disconnect.as_ref().map(|slot| slot.call(|f| ClientCall::Disconnect(f, reason)))
                }
                Change::Add(id) => callbacks.add_kinect.as_ref().map(|slot| slot.call(|f| ClientCall::Kinect(f, id))),
                Change::Remove { id, .. } => callbacks.remove_kinect.as_ref().map(|slot| slot.call(|f| ClientCall::Kinect(f, id))),
                Change::Pong(f, outcome, round_trip) => Some((Registration::unique(), ClientCall::Pong(f, outcome, round_trip))),
            };
            if call.is_some() {
                return call;
            }
        }
        None
    }

    fn next_frame(&mut self) -> Option<(Registration, ClientCall)> {
        if let Some((kinect, frame)) = self.follow_up.take()
            && let Some(slot) = &self.callbacks.frame
        {
            return Some(slot.call(|f| ClientCall::Frame(f, kinect, frame)));
        }
        self.drop_stale();
        let Callbacks { depth_frame, frame: every, .. } = &self.callbacks;
        let has = |stream| every.is_some() || (stream == Stream::Depth && depth_frame.is_some());
        let (kinect, frame) = self.slots.next_for_callbacks(has)?;
        match depth_frame.as_ref().filter(|_| frame.info().stream == Stream::Depth) {
            Some(slot) => {
                self.follow_up = every.is_some().then(|| (Arc::clone(&kinect), frame.clone()));
                Some(slot.call(|f| ClientCall::Frame(f, kinect, frame)))
            }
            None => every.as_ref().map(|slot| slot.call(|f| ClientCall::Frame(f, kinect, frame))),
        }
    }
}

/// One call of one callback.
pub enum ClientCall {
    Connect(Arc<ConnectFn>),
    Disconnect(Arc<DisconnectFn>, Outcome),
    Kinect(Arc<KinectFn>, Arc<str>),
    Frame(Arc<FrameFn>, Arc<str>, Frame),
    Pong(Box<PongFn>, Outcome, u64),
    Event(EventCall),
}

impl Mailbox for ClientMailbox {
    type Call = ClientCall;

    fn next_call(&mut self) -> Option<(Registration, ClientCall)> {
        // State before frames: a kinect's frames come after it was added and not after it was removed.
        self.next_change()
            .or_else(|| self.events.next_call().map(|(registration, call)| (registration, ClientCall::Event(call))))
            .or_else(|| self.next_frame())
    }

    fn has_call(&self) -> bool {
        !self.changes.is_empty() || self.events.has_call() || self.follow_up.is_some() || self.slots.has_for_callbacks()
    }

    fn run(call: ClientCall) {
        match call {
            ClientCall::Connect(f) => f(),
            ClientCall::Disconnect(f, reason) => f(reason),
            ClientCall::Kinect(f, id) => f(&id),
            ClientCall::Frame(f, id, frame) => f(&id, &frame),
            ClientCall::Pong(f, outcome, round_trip) => f(outcome, round_trip),
            ClientCall::Event(call) => call.run(),
        }
    }

    fn refresh(&mut self) {
        self.events.refresh();
        let ready = self.slots.has_for_poller();
        if let Some(signal) = &mut self.frames_signal {
            signal.put(ready);
        }
    }
}

#[cfg(test)]
#[path = "mailbox_tests.rs"]
mod tests;
