//! The connections that a listening socket has accepted, and how many bytes of frames the kernel may hold for each: enough to keep a long
//! line busy and no more, since what waits grows old.
//!
//! Two limits. What is sent but not acknowledged must fit in the send buffer, which grows with the round trip: of a stream that takes 15 ms
//! to arrive and is acknowledged 15 ms later, 30 ms are on their way. What is not even sent, because the line is busy, is at most a
//! fraction of a frame (TCP_NOTSENT_LOWAT): the rest waits outside, where newer frames win.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::descriptor;
use crate::system;

/// The send buffer for a peer that is near, in bytes. Linux doubles what it is told and counts its own overhead too.
pub const NEAR_BUFFER: usize = 64 << 10;

/// The send buffer for any peer, at most; what the system allows (Linux: `net.core.wmem_max`) may be less.
const FAR_BUFFER: usize = 4 << 20;

/// Bytes that the kernel may hold unsent.
const MOST_UNSENT: u32 = 16 << 10;

/// How often round trips are looked at.
const PERIOD: Duration = Duration::from_secs(1);

struct Connection {
    descriptor: i64,
    addresses: (SocketAddr, SocketAddr),
    /// The shortest ever seen: longer ones may come from queues, and a larger buffer would only fill these.
    round_trip: Option<Duration>,
    buffer: usize,
    is_new: bool,
}

/// See the module. On one thread, as its socket.
pub struct Connections {
    port: u16,
    count: u32,
    known: Vec<Connection>,
    /// When to look at round trips.
    due: Instant,
}

impl Connections {
    /// None yet, of a socket that listens on `port`.
    pub fn new(port: u16) -> Self {
        Self { port, count: 0, known: Vec::new(), due: Instant::now() }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// libzmq has accepted one, with this descriptor.
    pub fn accepted(&mut self, descriptor: i64) {
        self.count += 1;
        self.forget(descriptor);
        // It may have ended since, and its descriptor belong to something else.
        if let Some(addresses) = descriptor::addresses(descriptor).filter(|(local, _)| local.port() == self.port) {
            self.known.push(Connection { descriptor, addresses, round_trip: None, buffer: NEAR_BUFFER, is_new: true });
            self.due = Instant::now();
        }
    }

    /// The connection with this descriptor has ended.
    pub fn disconnected(&mut self, descriptor: i64) {
        self.count = self.count.saturating_sub(1);
        self.forget(descriptor);
    }

    fn forget(&mut self, descriptor: i64) {
        self.known.retain(|connection| connection.descriptor != descriptor);
    }

    /// So many bytes a second are to be sent on each connection: new ones get their limits, and once a second all those that have changed.
    pub fn make_room(&mut self, bytes_per_second: f64) {
        let now = Instant::now();
        if self.due <= now {
            self.due = now + PERIOD;
            self.known.iter_mut().for_each(|connection| connection.make_room(bytes_per_second));
        }
    }
}

impl Connection {
    fn make_room(&mut self, bytes_per_second: f64) {
        let Some(socket) = descriptor::connection(self.descriptor, self.addresses) else { return };
        if std::mem::take(&mut self.is_new) {
            system::limit_unsent(&socket, MOST_UNSENT);
        }
        let seen = descriptor::shortest_round_trip(&socket);
        self.round_trip = [self.round_trip, seen].into_iter().flatten().min();
        let Some(round_trip) = self.round_trip else { return };
        let wanted = buffer_for(bytes_per_second, round_trip);
        // What fails, as nothing here should, leaves the buffer as it was.
        if wanted.abs_diff(self.buffer) > self.buffer / 8 && socket.set_send_buffer_size(wanted).is_ok() {
            self.buffer = wanted;
        }
    }
}

fn buffer_for(bytes_per_second: f64, round_trip: Duration) -> usize {
    NEAR_BUFFER.saturating_add((bytes_per_second * round_trip.as_secs_f64()) as usize).min(FAR_BUFFER)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use socket2::SockRef;
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsRawFd;

    fn accepted() -> (TcpListener, TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let server = listener.accept().unwrap().0;
        (listener, client, server)
    }

    fn descriptor(stream: &TcpStream) -> i64 {
        stream.as_raw_fd().into()
    }

    #[cfg(target_os = "linux")]
    fn is_limited(stream: &TcpStream) -> bool {
        SockRef::from(stream).tcp_notsent_lowat().unwrap() == MOST_UNSENT
    }

    #[test]
    fn the_buffer_has_room_for_a_round_trip_of_the_stream() {
        let size = |bytes: f64, ms: u64| buffer_for(bytes, Duration::from_millis(ms));
        assert_eq!(size(4e6, 0), NEAR_BUFFER);
        assert_eq!(size(4e6, 30), NEAR_BUFFER + 120_000);
        assert_eq!(size(f64::MAX, 30), FAR_BUFFER);
        assert_eq!(buffer_for(4e6, Duration::MAX), FAR_BUFFER);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn connections_get_limits_before_they_get_frames() {
        let (listener, client, server) = accepted();
        let mut connections = Connections::new(listener.local_addr().unwrap().port());
        connections.accepted(descriptor(&server));
        assert!(!is_limited(&server));
        connections.make_room(1e6);
        assert!(is_limited(&server) && !is_limited(&client));
        assert_eq!(connections.known[0].buffer, NEAR_BUFFER);
        // A stream of so many bytes does not fit in what a peer that is near gets.
        let before = SockRef::from(&server).send_buffer_size().unwrap();
        connections.due = Instant::now();
        connections.make_room(1e12);
        assert_eq!(connections.known[0].buffer, FAR_BUFFER);
        assert_ne!(SockRef::from(&server).send_buffer_size().unwrap(), before);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_descriptor_that_belongs_to_something_else_is_left_alone() {
        let (listener, _client, server) = accepted();
        let mut connections = Connections::new(listener.local_addr().unwrap().port());
        let (_other_listener, _other_client, other) = accepted();
        connections.accepted(descriptor(&other));
        connections.accepted(987_654);
        connections.accepted(-1);
        assert!(connections.known.is_empty());
        connections.accepted(descriptor(&server));
        connections.known[0].descriptor = descriptor(&other);
        connections.make_room(1e12);
        assert!(!is_limited(&other));
        assert_eq!(connections.count(), 4);
    }

    #[test]
    fn every_end_is_counted_once_and_none_is_counted_below_nothing() {
        let (listener, _client, server) = accepted();
        let mut connections = Connections::new(listener.local_addr().unwrap().port());
        connections.accepted(descriptor(&server));
        connections.accepted(987_654);
        connections.disconnected(987_654);
        assert_eq!((connections.count(), connections.known.len()), (1, 1));
        connections.disconnected(descriptor(&server));
        connections.disconnected(descriptor(&server));
        assert_eq!((connections.count(), connections.known.len()), (0, 0));
    }
}
