//! The same bytes through libzmq alone: PUB and SUB sockets with the options that the library gives its own, and messages of a header
//! and a payload, the payload encoded beforehand.

use std::fs;
use std::sync::Arc;

use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use socket2::Socket;
use streamkinect2::codec::Image;
use streamkinect2::protocol::header::HEADER_SIZE;
use streamkinect2::system;

use crate::Outcome;
use crate::coding::Encoder;
use crate::parts::Parts;
use crate::pictures::Pictures;
use crate::player::Log;
use crate::words::{Arrival, Done};

/// Where a header has the number and the time, as in the library's own.
const SEQUENCE_AT: usize = 32;
const CAPTURE_AT: usize = 40;

/// As `src/transport/socket.rs` does for sockets of frames.
fn set_up(socket: &zmq::Socket, sends: bool) -> zmq::Result<()> {
    socket.set_linger(0)?;
    socket.set_ipv6(true)?;
    socket.set_handshake_ivl(5_000)?;
    socket.set_connect_timeout(1_000)?;
    socket.set_reconnect_ivl(100)?;
    socket.set_reconnect_ivl_max(1_000)?;
    socket.set_tcp_keepalive(1)?;
    socket.set_tcp_keepalive_idle(30)?;
    socket.set_tcp_keepalive_intvl(10)?;
    socket.set_tcp_keepalive_cnt(3)?;
    if sends {
        socket.set_maxmsgsize(4096)?;
        socket.set_sndhwm(1)?;
        socket.set_sndbuf(64 << 10)
    } else {
        socket.set_maxmsgsize((64 << 20) + 4096)?;
        socket.set_rcvhwm(2)?;
        socket.set_subscribe(b"")
    }
}

/// What the kernel may hold unsent of each connection, as `src/transport/connections.rs` says.
const MOST_UNSENT: u32 = 16 << 10;

/// Limits that for all sockets of this process that listen, from which connections inherit it: libzmq has no option for it.
fn limit_unsent() -> Outcome<()> {
    let this = pidfd_open(getpid(), PidfdFlags::empty())?;
    for entry in fs::read_dir("/proc/self/fd")? {
        let number = entry?.file_name().to_string_lossy().parse()?;
        // One is the listing's own, which may be closed by now.
        let socket = pidfd_getfd(&this, number, PidfdGetfdFlags::empty()).map(Socket::from);
        if let Some(socket) = socket.ok().filter(|socket| socket.is_listener().unwrap_or(false)) {
            system::limit_unsent(&socket, MOST_UNSENT);
        }
    }
    Ok(())
}

/// Messages that may wait for a subscriber, as `src/server/publisher.rs` says.
fn queue_for(rate: f64) -> i32 {
    (rate * 0.016).round().clamp(1.0, 32.0) as i32
}

pub struct Sender {
    sockets: Vec<zmq::Socket>,
    payloads: Vec<Vec<u8>>,
}

impl Sender {
    pub fn new(devices: usize, encoder: Encoder, rate: f64, pictures: &Pictures) -> Outcome<Self> {
        let context = zmq::Context::new();
        let bind = |_| -> zmq::Result<zmq::Socket> {
            let socket = context.socket(zmq::PUB)?;
            set_up(&socket, true)?;
            socket.set_sndhwm(queue_for(rate))?;
            socket.bind("tcp://127.0.0.1:*")?;
            Ok(socket)
        };
        let encode = |number| -> Outcome<Vec<u8>> {
            let bound = encoder.bound(pictures.width, pictures.height)?;
            let mut payload = vec![0; bound];
            let image = Image::new(pictures.of(number), pictures.width, pictures.height)?;
            let size = encoder.encode(image, &mut payload)?.size;
            payload.truncate(size);
            payload.shrink_to_fit();
            Ok(payload)
        };
        let sockets = (0..devices).map(bind).collect::<Result<_, _>>()?;
        limit_unsent()?;
        let payloads = (0..pictures.count() as u64).map(encode).collect::<Outcome<_>>()?;
        Ok(Self { sockets, payloads })
    }
}

impl crate::player::Sender for Sender {
    fn places(&self) -> Outcome<Vec<String>> {
        let place = |socket: &zmq::Socket| socket.get_last_endpoint()?.map_err(|_| "an endpoint that is not text".into());
        self.sockets.iter().map(place).collect()
    }

    fn send(&mut self, device: usize, number: u64, _: &Pictures) -> Outcome<()> {
        let payload = &self.payloads[(number % self.payloads.len() as u64) as usize];
        let socket = &self.sockets[device];
        let mut header = [0; HEADER_SIZE];
        header[SEQUENCE_AT..SEQUENCE_AT + 8].copy_from_slice(&number.to_le_bytes());
        header[CAPTURE_AT..CAPTURE_AT + 8].copy_from_slice(&system::monotonic_ns().to_le_bytes());
        // Has libzmq look for places that subscribers have freed, which it else does every three million ticks only.
        socket.get_events()?;
        socket.send(&header[..], zmq::DONTWAIT | zmq::SNDMORE)?;
        socket.send(payload, zmq::DONTWAIT)?;
        Ok(())
    }

    fn done(&mut self, _: usize, _: u64) -> Outcome<Option<Done>> {
        Ok(None)
    }
}

/// Puts what comes into `log`, on a thread that ends with the process.
pub fn receive(places: &[String], mut parts: Option<Parts>, log: &Log) -> Outcome<()> {
    let context = zmq::Context::new();
    let connect = |place: &String| -> zmq::Result<zmq::Socket> {
        let socket = context.socket(zmq::SUB)?;
        set_up(&socket, false)?;
        socket.connect(place)?;
        Ok(socket)
    };
    let sockets = places.iter().map(connect).collect::<Result<Vec<_>, _>>()?;
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        if let Err(error) = receive_all(&sockets, &mut parts, &log) {
            eprintln!("streaming: the bare receiver has ended: {error}");
        }
    });
    Ok(())
}

fn receive_all(sockets: &[zmq::Socket], parts: &mut Option<Parts>, log: &Log) -> zmq::Result<()> {
    if let [socket] = sockets {
        loop {
            receive_one(socket, 0, parts, log)?;
        }
    }
    let mut items: Vec<_> = sockets.iter().map(|socket| socket.as_poll_item(zmq::POLLIN)).collect();
    loop {
        zmq::poll(&mut items, -1)?;
        for (item, socket) in items.iter().zip(sockets) {
            if item.is_readable() {
                receive_one(socket, zmq::DONTWAIT, parts, log)?;
            }
        }
    }
}

fn receive_one(socket: &zmq::Socket, flags: i32, parts: &mut Option<Parts>, log: &Log) -> zmq::Result<()> {
    let header = socket.recv_msg(flags)?;
    let payload = socket.recv_msg(flags)?;
    let now = system::monotonic_ns();
    let number_at = |at: usize| header.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes);
    let (sequence, sent_ns) = (number_at(SEQUENCE_AT), number_at(CAPTURE_AT));
    // What the library's receiver does after each frame is done here too, so that both have the same machine.
    let opened = parts.as_mut().and_then(|parts| parts.open(&payload).ok());
    log.lock().push(Arrival { sequence, latency_ns: now.saturating_sub(sent_ns), opened });
    Ok(())
}
