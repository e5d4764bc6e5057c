//! A socket's monitor: what libzmq says of its connections. It must always be drained: an unread one freezes libzmq's I/O thread.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::socket::unbind;
use super::{Bound, Context, Role, poll, retry, setup, socket};
use crate::error::Result;
use crate::system::RawWaitable;

/// What happened to a connection or to the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonitorEvent {
    /// A peer was accepted, with this descriptor; the handshake is still to come.
    Accepted(i64),
    /// The connection with this descriptor has ended.
    Disconnected(i64),
    /// The listening port is free again.
    Closed,
}

impl MonitorEvent {
    /// From a message's first part: 16 bits of number and 32 of value.
    fn read(part: &[u8]) -> Option<Self> {
        let number = u16::from_ne_bytes(part.get(..2)?.try_into().ok()?);
        let value = i32::from_ne_bytes(part.get(2..6)?.try_into().ok()?);
        match i32::from(number) {
            n if n == zmq::SocketEvent::ACCEPTED as i32 => Some(Self::Accepted(value.into())),
            n if n == zmq::SocketEvent::DISCONNECTED as i32 => Some(Self::Disconnected(value.into())),
            n if n == zmq::SocketEvent::CLOSED as i32 => Some(Self::Closed),
            _ => None,
        }
    }
}

/// A socket with its monitor, on one thread.
pub struct Watched {
    socket: zmq::Socket,
    events: zmq::Socket,
    /// What becomes readable when there may be messages, and when there may be events.
    descriptors: [RawWaitable; 2],
    has_messages: Cell<bool>,
    has_events: Cell<bool>,
}

static NEXT: AtomicU64 = AtomicU64::new(0);

fn fresh_name() -> String {
    format!("inproc://kinect2-monitor-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Watched {
    /// A socket for `role`, watched from the beginning.
    pub fn new(context: &Context, role: Role) -> Result<Self> {
        let socket = socket(context, role)?;
        let wanted = zmq::SocketEvent::ACCEPTED as i32 | zmq::SocketEvent::DISCONNECTED as i32 | zmq::SocketEvent::CLOSED as i32;
        let name = fresh_name();
        setup("cannot watch a socket", socket.monitor(&name, wanted))?;
        let events = setup("cannot watch a socket", context.pair())?;
        setup("cannot watch a socket", events.connect(&name))?;
        let descriptor = |socket: &zmq::Socket| setup("a socket has no descriptor", socket.get_fd());
        let descriptors = [descriptor(&socket)?, descriptor(&events)?];
        Ok(Self { socket, events, descriptors, has_messages: Cell::new(true), has_events: Cell::new(true) })
    }

    /// The socket itself.
    pub fn socket(&self) -> &zmq::Socket {
        &self.socket
    }

    /// Whether there may be messages, as the last [`wait`](super::Waiter::wait) found; true before the first.
    pub fn has_messages(&self) -> bool {
        self.has_messages.get()
    }

    /// The same of events.
    pub fn has_events(&self) -> bool {
        self.has_events.get()
    }

    /// There may be something, whatever the last wait found.
    pub fn expect_news(&self) {
        self.set_news(true, true);
    }

    pub(super) fn set_news(&self, messages: bool, events: bool) {
        self.has_messages.set(messages);
        self.has_events.set(events);
    }

    /// Asks whether there is something now.
    pub(super) fn ask_for_news(&self) -> Result<bool> {
        let ask = |socket: &zmq::Socket| setup("cannot look for messages", retry(|| socket.get_events()));
        let (messages, events) = (ask(&self.socket)?, ask(&self.events)?);
        self.set_news(messages.contains(zmq::POLLIN), events.contains(zmq::POLLIN));
        Ok(self.has_messages() || self.has_events())
    }

    /// What becomes readable when there may be messages, and when there may be events.
    pub(super) fn descriptors(&self) -> [RawWaitable; 2] {
        self.descriptors
    }

    /// The next event, without waiting; others than [`MonitorEvent`] has are skipped.
    pub fn next_event(&mut self) -> Option<MonitorEvent> {
        loop {
            // Two parts: number and value, then the address.
            let message = retry(|| self.events.recv_multipart(zmq::DONTWAIT)).ok()?;
            if let Some(event) = message.first().and_then(|part| MonitorEvent::read(part)) {
                return Some(event);
            }
        }
    }

    /// Reads all events; whether a connection has ended.
    pub fn lost_connection(&mut self) -> bool {
        let mut lost = false;
        while let Some(event) = self.next_event() {
            lost |= matches!(event, MonitorEvent::Disconnected(_));
        }
        lost
    }

    /// Closes a bound socket and waits until its port is free again, which libzmq does on another thread.
    pub fn close_bound(mut self, bound: &Bound) {
        if unbind(&self.socket, bound) {
            self.wait_until_closed(Duration::from_secs(1));
        }
    }

    fn wait_until_closed(&mut self, patience: Duration) {
        let deadline = Instant::now() + patience;
        loop {
            while let Some(event) = self.next_event() {
                if event == MonitorEvent::Closed {
                    return;
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || poll(&mut [self.events.as_poll_item(zmq::POLLIN)], Some(left)).is_err() {
                return;
            }
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // libzmq would wait for ever, on its I/O thread, for a reader of the events of closing: a monitor of nothing replaces this one
        // before the reader goes.
        let _ = self.socket.monitor(&fresh_name(), 0);
    }
}
