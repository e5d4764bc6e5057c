//! Events: what happens besides frames, in a queue that stays small and says so when it had to drop some.

use std::collections::VecDeque;

use crate::error::Outcome;
use crate::frame::Stream;
use crate::system;

/// What happened; the numbers are those of the C header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum EventKind {
    /// Older events were dropped; `value`: how many.
    Overflow = 1,
    /// Something failed on its own: `outcome`, `text`. Never fatal to the handle.
    Error = 2,
    /// The server answers.
    Connect = 3,
    /// The server is lost; `outcome`: the reason.
    Disconnect = 4,
    /// A kinect came; `id`.
    AddKinect = 5,
    /// A kinect went; `id`.
    RemoveKinect = 6,
    /// A ping came to its end: `outcome`; `value`: round trip in ns.
    Pong = 7,
    /// A server is there; `id`: its name, `text`: its endpoint.
    AddServer = 8,
    /// A server is gone; likewise.
    RemoveServer = 9,
    /// The server's name is now `id`, because another one had the old.
    Name = 10,
    /// Subscribers of `id`'s `stream`; `value`: how many now.
    Subscribers = 11,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// How it ended, where that has a meaning.
    pub outcome: Outcome,
    /// The stream it is about, if it is about one.
    pub stream: Option<Stream>,
    /// When, on this host's monotonic clock.
    pub time_ns: u64,
    /// A number, see [`EventKind`].
    pub value: u64,
    /// An id or a name.
    pub id: String,
    /// A text.
    pub text: String,
}

impl Event {
    /// An event that happens now, its other members empty.
    pub fn new(kind: EventKind) -> Self {
        let time_ns = system::monotonic_ns();
        Self { kind, outcome: Outcome::Ok, stream: None, time_ns, value: 0, id: String::new(), text: String::new() }
    }

    /// Something failed on its own.
    pub fn error(error: &crate::error::Error) -> Self {
        Self { outcome: Outcome::Failed(error.kind), text: error.message.clone(), ..Self::new(EventKind::Error) }
    }

    /// The same with `id`.
    pub fn id(self, id: impl Into<String>) -> Self {
        Self { id: id.into(), ..self }
    }

    /// The same with `text`.
    pub fn text(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }

    /// The same with `outcome`.
    pub fn outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// The same with `stream`.
    pub fn stream(self, stream: Stream) -> Self {
        Self { stream: Some(stream), ..self }
    }

    /// The same with `value`.
    pub fn value(self, value: u64) -> Self {
        Self { value, ..self }
    }
}

/// Keeps the last [`EventQueue::CAPACITY`] events; a gap shows as one overflow event before them.
#[derive(Debug, Default)]
pub struct EventQueue {
    events: VecDeque<Event>,
    pushed: u64,
    dropped: u64,
}

impl EventQueue {
    /// How many wait at most.
    pub const CAPACITY: usize = 256;

    /// Adds one, dropping the oldest if there is no room.
    pub fn push(&mut self, event: Event) {
        if self.events.len() == Self::CAPACITY {
            self.events.pop_front();
            self.dropped += 1;
        }
        self.events.push_back(event);
        self.pushed += 1;
    }

    /// How many were added in all.
    pub fn pushed(&self) -> u64 {
        self.pushed
    }

    /// The number of the oldest that waits, counted from 1.
    pub fn oldest(&self) -> u64 {
        self.pushed + 1 - self.events.len() as u64
    }

    /// Takes the next one.
    pub fn pop(&mut self) -> Option<Event> {
        match std::mem::take(&mut self.dropped) {
            0 => self.events.pop_front(),
            dropped => Some(Event::new(EventKind::Overflow).value(dropped)),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.events.clear();
        self.dropped = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_says_how_many_it_dropped_and_keeps_the_newest() {
        let mut queue = EventQueue::default();
        for i in 0..300 {
            queue.push(Event::new(EventKind::Pong).value(i));
        }
        let first = queue.pop().unwrap();
        assert_eq!((first.kind, first.value), (EventKind::Overflow, 44));
        let rest: Vec<u64> = std::iter::from_fn(|| queue.pop()).map(|e| e.value).collect();
        assert_eq!(rest, (44..300).collect::<Vec<_>>());
        assert!(queue.is_empty());
    }
}
