//! Making, binding, connecting, polling and closing sockets, with the settings that the protocol asks for.

use std::net::IpAddr;
use std::time::Duration;

use super::address::with_numeric_zone;
use super::connections::NEAR_BUFFER;
use super::{Context, MAX_CONTROL_BYTES, MAX_FRAME_BYTES, retry, setup, zmq_error};
use crate::error::{Error, Result};
use crate::protocol::endpoint::{Endpoint, Host};

/// What a socket is for; its settings follow from this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The server's end of the control port.
    ControlServer,
    /// The client's end of it.
    ControlClient,
    /// Where a server sends frames.
    FrameSender,
    /// Where a client gets them.
    FrameReceiver,
}

/// Most bytes of a subscription notice that are accepted.
const MAX_NOTICE_BYTES: i64 = 4096;

/// A socket for `role`, not yet bound or connected.
pub fn socket(context: &Context, role: Role) -> Result<zmq::Socket> {
    let kind = match role {
        Role::ControlServer => zmq::REP,
        Role::ControlClient => zmq::REQ,
        Role::FrameSender => zmq::XPUB,
        Role::FrameReceiver => zmq::SUB,
    };
    let socket = setup("cannot make a socket", context.zmq.socket(kind))?;
    let configure = || -> zmq::Result<()> {
        socket.set_linger(0)?;
        socket.set_ipv6(true)?;
        socket.set_handshake_ivl(5_000)?;
        socket.set_connect_timeout(1_000)?;
        socket.set_reconnect_ivl(100)?;
        socket.set_reconnect_ivl_max(1_000)?;
        // A peer that vanished without a word, switched off or cut off, is noticed after a minute.
        socket.set_tcp_keepalive(1)?;
        socket.set_tcp_keepalive_idle(30)?;
        socket.set_tcp_keepalive_intvl(10)?;
        socket.set_tcp_keepalive_cnt(3)?;
        match role {
            Role::ControlServer | Role::ControlClient => socket.set_maxmsgsize(MAX_CONTROL_BYTES)?,
            Role::FrameSender => {
                // All that may come is a subscription.
                socket.set_maxmsgsize(MAX_NOTICE_BYTES)?;
                // The newest frame wins: one waits, the next ones are dropped until it is gone. (Publishers of fast streams allow more.)
                socket.set_sndhwm(1)?;
                // Until more is known of a connection; see there.
                socket.set_sndbuf(NEAR_BUFFER as i32)?;
                // A subscription that replaces one within milliseconds must still be announced.
                socket.set_xpub_verbose(true)?;
            }
            Role::FrameReceiver => {
                socket.set_maxmsgsize(MAX_FRAME_BYTES)?;
                socket.set_rcvhwm(2)?;
                socket.set_subscribe(b"")?;
            }
        }
        Ok(())
    };
    setup("cannot set up a socket", configure())?;
    Ok(socket)
}

/// Binds to `address` (none: all interfaces) and `port` (0: any free one). Gives the port and the text to unbind with.
pub fn bind(socket: &zmq::Socket, address: Option<IpAddr>, port: u16) -> Result<Bound> {
    let host = match address {
        None => "*".to_owned(),
        Some(IpAddr::V4(v4)) => v4.to_string(),
        Some(IpAddr::V6(v6)) => format!("[{v6}]"),
    };
    let port_text = if port == 0 { "*".to_owned() } else { port.to_string() };
    let wanted = format!("tcp://{host}:{port_text}");
    socket.bind(&wanted).map_err(|e| zmq_error(&format!("cannot bind {wanted}"), e))?;
    let text = match socket.get_last_endpoint() {
        Ok(Ok(text)) => text,
        _ => return Err(Error::internal("ZeroMQ does not say where it is bound")),
    };
    let port = text.rsplit(':').next().and_then(|port| port.parse().ok());
    let port = port.ok_or_else(|| Error::internal(format!("ZeroMQ is bound to {text}, which has no port")))?;
    let address = text.strip_prefix("tcp://").and_then(|rest| rest.rsplit_once(':')).map(|(host, _)| host.trim_matches(['[', ']']));
    let address = address.and_then(|host| host.parse::<IpAddr>().ok()).map(|address| address.to_canonical());
    Ok(Bound { text, port, address })
}

/// Where a socket is bound.
#[derive(Debug, Clone)]
pub struct Bound {
    text: String,
    /// The port, never 0.
    pub port: u16,
    /// The address, perhaps a wildcard.
    pub address: Option<IpAddr>,
}

/// Connects to a numeric endpoint: libzmq resolves names on its own thread, where it would stall every stream.
pub fn connect(socket: &zmq::Socket, endpoint: &Endpoint) -> Result<()> {
    if matches!(endpoint.host, Host::Name(_)) {
        return Err(Error::internal(format!("{endpoint} is not numeric")));
    }
    let text = with_numeric_zone(endpoint).to_string();
    socket.connect(&text).map_err(|e| zmq_error(&format!("cannot connect to {text}"), e))
}

/// Begins to close what is bound; false: it was not.
pub(super) fn unbind(socket: &zmq::Socket, bound: &Bound) -> bool {
    socket.unbind(&bound.text).is_ok()
}

/// Waits for any of `items`; what a signal interrupts just returns early, which every caller's loop takes well.
pub fn poll(items: &mut [zmq::PollItem<'_>], timeout: Option<Duration>) -> Result<()> {
    // Rounded up: a timer that is due in 0.4 ms must not make the loop spin.
    let timeout = timeout.map_or(-1, |time| i64::try_from(time.as_micros().div_ceil(1000)).unwrap_or(i64::MAX));
    match zmq::poll(items, timeout) {
        Ok(_) | Err(zmq::Error::EINTR) => Ok(()),
        Err(e) => Err(zmq_error("cannot wait for sockets", e)),
    }
}

/// Receives one part without waiting; none: nothing is there.
pub fn receive(socket: &zmq::Socket) -> Result<Option<zmq::Message>> {
    match retry(|| socket.recv_msg(zmq::DONTWAIT)) {
        Ok(message) => Ok(Some(message)),
        Err(zmq::Error::EAGAIN) => Ok(None),
        Err(e) => Err(zmq_error("cannot receive", e)),
    }
}

impl Context {
    pub(super) fn pair(&self) -> zmq::Result<zmq::Socket> {
        let socket = self.zmq.socket(zmq::PAIR)?;
        socket.set_linger(0)?;
        Ok(socket)
    }
}
