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
    newest: BTreeMap<Stream, Frame>,
}

impl DeviceMailbox {
    /// Keeps `frame` for the callback, if there is one; gives back the one that it replaces.
    pub fn put(&mut self, frame: &Frame) -> Option<Frame> {
        self.callback.as_ref()?;
        let stream = frame.info().stream;
        let frame = frame.in_place_of(self.newest.get(&stream));
        self.newest.insert(stream, frame)
    }

    /// The callback was set or removed: without one, nothing waits for it.
    pub fn settle(&mut self) -> Vec<Frame> {
        if self.callback.is_none() { self.clear() } else { Vec::new() }
    }

    /// Takes out what waits.
    pub fn clear(&mut self) -> Vec<Frame> {
        std::mem::take(&mut self.newest).into_values().collect()
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
        let oldest = self.newest.iter().min_by_key(|(_, frame)| frame.info().capture_time_ns).map(|(stream, _)| *stream)?;
        let frame = self.newest.remove(&oldest)?;
        Some((registration, DeviceCall { callback, frame }))
    }

    fn has_call(&self) -> bool {
        self.callback.is_some() && !self.newest.is_empty()
    }

    fn run(call: DeviceCall) {
        (call.callback)(&call.frame);
    }
}
