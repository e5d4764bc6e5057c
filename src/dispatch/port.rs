//! Where a handle's events come out: a queue for pollers, one for the `on_event` callback, and a descriptor to wait on.

use std::sync::Arc;

use super::{Event, EventQueue, Registration, Slot};
use crate::error::Result;
use crate::system::{RawWaitable, Signal};

/// The `on_event` callback of a handle.
pub type EventCallback = dyn Fn(&Event) + Send + Sync;

/// A call of `on_event`.
pub struct EventCall {
    callback: Arc<EventCallback>,
    event: Event,
}

impl EventCall {
    /// Makes it.
    pub fn run(self) {
        (self.callback)(&self.event);
    }
}

/// See the module.
#[derive(Default)]
pub struct EventPort {
    polled: EventQueue,
    called: EventQueue,
    /// The callback, set through [`super::Dispatcher::set_callback`].
    pub callback: Option<Slot<EventCallback>>,
    signal: Option<Signal>,
}

impl EventPort {
    /// Something happened: the poller and the callback will each get it.
    pub fn emit(&mut self, event: Event) {
        if self.callback.is_some() {
            self.called.push(event.clone());
        }
        self.polled.push(event);
    }

    /// The callback was set or removed: without one, nothing waits for it.
    pub fn settle(&mut self) {
        if self.callback.is_none() {
            self.called.clear();
        }
    }

    /// The number of the newest call, for [`EventPort::has_call_until`].
    pub fn newest_call(&self) -> u64 {
        self.called.pushed()
    }

    /// Whether a call up to this one still waits.
    pub fn has_call_until(&self, number: u64) -> bool {
        self.has_call() && self.called.oldest() <= number
    }

    /// The poller takes the next one.
    pub fn pop(&mut self) -> Option<Event> {
        self.polled.pop()
    }

    /// Whether the poller has none to take.
    pub fn is_empty(&self) -> bool {
        self.polled.is_empty()
    }

    /// The next call of the callback.
    pub fn next_call(&mut self) -> Option<(Registration, EventCall)> {
        let (registration, callback) = self.callback.as_ref()?.target();
        Some((registration, EventCall { callback, event: self.called.pop()? }))
    }

    /// Whether there is a call to make.
    pub fn has_call(&self) -> bool {
        self.callback.is_some() && !self.called.is_empty()
    }

    /// Brings the descriptor up to date.
    pub fn refresh(&mut self) {
        let ready = !self.polled.is_empty();
        if let Some(signal) = &mut self.signal {
            signal.put(ready);
        }
    }

    /// The descriptor, made when first asked for; readable exactly while an event waits.
    pub fn waitable(&mut self) -> Result<RawWaitable> {
        let signal = match &mut self.signal {
            Some(signal) => signal,
            none => none.insert(Signal::new()?),
        };
        let raw = signal.raw();
        self.refresh();
        Ok(raw)
    }
}
