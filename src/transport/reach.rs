//! Which of a host's addresses can be reached: plain TCP connects that nobody waits for, all at once but for a short head start that keeps
//! the given order where several would do (as RFC 8305 has it). Connections are closed as soon as they stand: a ZeroMQ server does not
//! mind.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};

use super::poll;
use crate::error::{Error, Result};
use crate::system::RawWaitable;

/// The head start of an address over the next one.
pub const HEAD_START: Duration = Duration::from_millis(50);

/// What became of a probe.
#[derive(Debug)]
pub enum Probed {
    /// This address accepted first.
    Reached(SocketAddr),
    /// None did; the last reason.
    Failed(io::Error),
}

/// One attempt to reach any of several addresses. A thread may run many: it waits for their [`Probe::poll_items`] until the earliest
/// [`Probe::due`], then calls [`Probe::advance`] on each.
pub struct Probe {
    connecting: Vec<(SocketAddr, Socket)>,
    waiting: std::vec::IntoIter<SocketAddr>,
    head_start: Duration,
    next_start: Instant,
    deadline: Instant,
    failure: io::Error,
}

impl Probe {
    /// Begins with the first of `addresses`; each of the others follows after `head_start`, or when those before it have failed.
    pub fn start(addresses: Vec<SocketAddr>, head_start: Duration, timeout: Duration, now: Instant) -> Self {
        Self {
            connecting: Vec::new(),
            waiting: addresses.into_iter(),
            head_start,
            next_start: now,
            deadline: now + timeout,
            failure: io::Error::new(io::ErrorKind::AddrNotAvailable, "there is no address to try"),
        }
    }

    /// What to wait for.
    pub fn poll_items(&self) -> impl Iterator<Item = zmq::PollItem<'static>> + '_ {
        self.connecting.iter().map(|(_, socket)| zmq::PollItem::from_fd(raw(socket), zmq::POLLOUT))
    }

    /// When to call [`Probe::advance`] even if nothing happens.
    pub fn due(&self) -> Instant {
        if self.waiting.as_slice().is_empty() { self.deadline } else { self.deadline.min(self.next_start) }
    }

    /// Looks at the connections and begins new ones; the result, when there is one.
    pub fn advance(&mut self, now: Instant) -> Option<Probed> {
        if let Some(reached) = self.first_accepted() {
            return Some(Probed::Reached(reached));
        }
        while self.connecting.is_empty() || now >= self.next_start {
            let Some(address) = self.waiting.next() else { break };
            self.next_start = now + self.head_start;
            match begin(address) {
                Ok(socket) => self.connecting.push((address, socket)),
                Err(error) => self.failure = error,
            }
        }
        if self.connecting.is_empty() {
            return Some(Probed::Failed(std::mem::replace(&mut self.failure, io::ErrorKind::Other.into())));
        }
        (now >= self.deadline).then(|| Probed::Failed(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")))
    }

    fn first_accepted(&mut self) -> Option<SocketAddr> {
        let mut at = 0;
        while let Some((address, socket)) = self.connecting.get(at) {
            match is_connected(socket) {
                Ok(true) => return Some(*address),
                Ok(false) => at += 1,
                Err(error) => {
                    self.failure = error;
                    self.connecting.remove(at);
                }
            }
        }
        None
    }
}

/// Begins to connect without waiting.
fn begin(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    match socket.connect(&address.into()) {
        Ok(()) => Ok(socket),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(socket),
        #[cfg(unix)]
        Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => Ok(socket),
        Err(error) => Err(error),
    }
}

fn is_connected(socket: &Socket) -> io::Result<bool> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    let Ok(peer) = socket.peer_addr() else { return Ok(false) };
    // A port of this host that nobody listens on may be chosen as the connection's own: TCP then connects it to itself.
    if socket.local_addr()?.as_socket() == peer.as_socket() {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(true)
}

#[cfg(unix)]
fn raw(socket: &Socket) -> RawWaitable {
    std::os::fd::AsRawFd::as_raw_fd(socket)
}

#[cfg(windows)]
fn raw(socket: &Socket) -> RawWaitable {
    std::os::windows::io::AsRawSocket::as_raw_socket(socket)
}

/// The first of `addresses` that accepts a connection. Waits for it.
///
/// # Errors
/// [`Io`](crate::error::ErrorKind::Io): none accepts within `timeout`.
pub fn first_reachable(addresses: &[SocketAddr], timeout: Duration) -> Result<SocketAddr> {
    let mut probe = Probe::start(addresses.to_vec(), HEAD_START, timeout, Instant::now());
    loop {
        match probe.advance(Instant::now()) {
            Some(Probed::Reached(address)) => return Ok(address),
            Some(Probed::Failed(error)) => return Err(Error::io(format!("cannot connect to {}: {error}", list(addresses)))),
            None => {}
        }
        let mut items: Vec<_> = probe.poll_items().collect();
        poll(&mut items, Some(probe.due().saturating_duration_since(Instant::now())))?;
    }
}

fn list(addresses: &[SocketAddr]) -> String {
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    if texts.is_empty() { "no address".to_owned() } else { texts.join(", ") }
}

/// The addresses of a host name, or of an address with an IPv6 zone. Waits as long as the system's resolver takes.
///
/// # Errors
/// [`Io`](crate::error::ErrorKind::Io): the name is not known, or the resolver does not answer.
pub fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>> {
    let addresses = (host, port).to_socket_addrs().map_err(|e| Error::io(format!("cannot resolve \"{host}\": {e}")))?;
    let addresses = Vec::from_iter(addresses);
    if addresses.is_empty() { Err(Error::io(format!("\"{host}\" has no addresses"))) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use std::net::{IpAddr, Ipv4Addr, TcpListener};

    fn listener(address: &str) -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    fn closed_port() -> SocketAddr {
        listener("127.0.0.1").1
    }

    #[test]
    fn the_first_that_accepts_wins_and_the_order_counts() {
        let (_a, first) = listener("127.0.0.1");
        let (_b, second) = listener("127.0.0.1");
        let dead = closed_port();
        let reach = |addresses: &[SocketAddr]| first_reachable(addresses, Duration::from_secs(5)).unwrap();
        for _ in 0..20 {
            assert_eq!(reach(&[first, second]), first);
            assert_eq!(reach(&[second, first]), second);
            assert_eq!(reach(&[dead, first]), first);
        }
    }

    #[test]
    fn a_refusal_is_told_at_once() {
        let start = Instant::now();
        let error = first_reachable(&[closed_port(), closed_port()], Duration::from_secs(5)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Io);
        assert!(start.elapsed() < Duration::from_secs(1), "{error}");
        assert_eq!(first_reachable(&[], Duration::from_secs(5)).unwrap_err().kind, ErrorKind::Io);
    }

    #[test]
    fn a_host_that_does_not_answer_costs_a_head_start_or_the_timeout() {
        // A listener whose queue is full lets connections hang, as a host that has gone does.
        let full = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        full.bind(&SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0).into()).unwrap();
        full.listen(0).unwrap();
        let silent = full.local_addr().unwrap().as_socket().unwrap();
        let fill = |_| begin(silent).unwrap();
        let _filled: Vec<Socket> = (0..4).map(fill).collect();
        std::thread::sleep(Duration::from_millis(50));
        let (_a, good) = listener("127.0.0.1");
        let start = Instant::now();
        assert_eq!(first_reachable(&[silent, good], Duration::from_secs(5)).unwrap(), good);
        assert!(start.elapsed() < Duration::from_secs(2));
        let start = Instant::now();
        assert!(first_reachable(&[silent], Duration::from_millis(300)).is_err());
        assert!((250..2000).contains(&start.elapsed().as_millis()));
    }

    #[test]
    fn many_probes_run_on_one_thread() {
        let (_a, good) = listener("127.0.0.1");
        let now = Instant::now();
        let start = |_| Probe::start(vec![closed_port(), good], HEAD_START, Duration::from_secs(5), now);
        let mut probes: Vec<Probe> = (0..50).map(start).collect();
        let mut reached = 0;
        while !probes.is_empty() {
            let now = Instant::now();
            probes.retain_mut(|probe| match probe.advance(now) {
                Some(Probed::Reached(address)) => {
                    assert_eq!(address, good);
                    reached += 1;
                    false
                }
                Some(Probed::Failed(error)) => panic!("{error}"),
                None => true,
            });
            let mut items: Vec<_> = probes.iter().flat_map(Probe::poll_items).collect();
            poll(&mut items, Some(Duration::from_millis(20))).unwrap();
        }
        assert_eq!(reached, 50);
    }

    #[test]
    fn names_and_addresses_resolve() {
        let resolve = |host: &str| resolve(host, 5);
        assert!(resolve("localhost").unwrap().iter().all(|address| address.ip().is_loopback() && address.port() == 5));
        assert_eq!(resolve("::1").unwrap(), ["[::1]:5".parse().unwrap()]);
        assert_eq!(resolve("a..b").unwrap_err().kind, ErrorKind::Io);
    }
}
