//! What waits for a device's own callback: the newest frame of each stream.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dispatch::{Mailbox, Registration, Slot};
use crate::frame::{Frame, Stream};

type Callback = dyn Fn(&Frame) + Send + Sync;

/// See the module.
#[derive(Default)]
pub struct DeviceMailbox {
    /// The callback for every stream.
    pub callback: Option<Slot<Callback>>,
    newest: BTreeMap<Stream, Waiting>,
    turns: u64,
}

struct Waiting {
    frame: Frame,
    /// Since when something of this stream has been waiting. Capture times would not do: streams of one sensor share them.
    turn: u64,
}

impl DeviceMailbox {
    /// Keeps `frame` for the callback, if there is one; gives back the one that it replaces.
    pub fn put(&mut self, frame: &Frame) -> Option<Frame> {
        self.callback.as_ref()?;
        let stream = frame.info().stream;
        let waiting = self.newest.get(&stream);
        let frame = frame.in_place_of(waiting.map(|waiting| &waiting.frame));
        let turn = waiting.map_or(self.turns, |waiting| waiting.turn);
        self.turns += 1;
        self.newest.insert(stream, Waiting { frame, turn }).map(|waiting| waiting.frame)
    }

    /// The callback was set or removed: without one, nothing waits for it.
    pub fn settle(&mut self) -> Vec<Frame> {
        if self.callback.is_none() { self.clear() } else { Vec::new() }
    }

    /// Takes out what waits.
    pub fn clear(&mut self) -> Vec<Frame> {
        std::mem::take(&mut self.newest).into_values().map(|waiting| waiting.frame).collect()
    }
}

/// One call of the callback.
pub struct DeviceCall {
    callback: Arc<Callback>,
    frame: Frame,
}

impl Mailbox for DeviceMailbox {
    type Call = DeviceCall;

    fn next_call(&mut self) -> Option<(Registration, DeviceCall)> {
        let (registration, callback) = self.callback.as_ref()?.target();
        let longest = self.newest.iter().min_by_key(|(_, waiting)| waiting.turn).map(|(stream, _)| *stream)?;
        let frame = self.newest.remove(&longest)?.frame;
        Some((registration, DeviceCall { callback, frame }))
    }

    fn has_call(&self) -> bool {
        self.callback.is_some() && !self.newest.is_empty()
    }

    fn run(call: DeviceCall) {
        (call.callback)(&call.frame);
    }
}
