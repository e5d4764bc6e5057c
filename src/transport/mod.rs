//! ZeroMQ: the context, sockets and their settings, monitors, and the command queue of a worker thread.
//!
//! A socket is made, used and closed on one thread. Other threads talk to that thread through its [`Commands`].

mod address;
mod commands;
mod connections;
mod descriptor;
mod monitor;
pub mod reach;
mod socket;
mod wait;

pub use address::{endpoint_of, local_address, public_address};
pub use commands::{Commands, Inbox, command_queue};
pub use connections::Connections;
pub use monitor::{MonitorEvent, Watched};
use socket::socket;
pub use socket::{Bound, Role, bind, connect, poll, receive};
pub use wait::Waiter;

use std::sync::{Arc, Weak};

use once_cell::sync::Lazy;
use parking_lot::Mutex;

use crate::error::{Error, Result};

/// Largest message on a control port, in bytes of one ZeroMQ frame; libzmq drops a connection that sends more.
pub const MAX_CONTROL_BYTES: i64 = 1 << 20;

/// Largest message of a frame socket.
pub const MAX_FRAME_BYTES: i64 = crate::frame::MAX_IMAGE_BYTES as i64 + 4096;

/// The process's ZeroMQ context: made when the first handle wants it, ended with the last that holds it.
pub struct Context {
    zmq: zmq::Context,
}

static CONTEXT: Lazy<Mutex<Weak<Context>>> = Lazy::new(|| Mutex::new(Weak::new()));

/// The context that all handles share.
pub fn context() -> Arc<Context> {
    let mut shared = CONTEXT.lock();
    shared.upgrade().unwrap_or_else(|| {
        let context = Arc::new(Context { zmq: zmq::Context::new() });
        *shared = Arc::downgrade(&context);
        context
    })
}

/// An error of libzmq with what was tried.
pub(crate) fn zmq_error(tried: &str, error: zmq::Error) -> Error {
    match error {
        zmq::Error::EADDRINUSE => {
            Error::in_use(format!("{tried}: the port is taken by another socket; choose another one, or 0 for any free port"))
        }
        zmq::Error::EADDRNOTAVAIL | zmq::Error::ENODEV => Error::io(format!("{tried}: this host has no such address")),
        zmq::Error::EMFILE => Error::io(format!("{tried}: the process or ZeroMQ has no descriptors left")),
        other => Error::io(format!("{tried}: {other}")),
    }
}

/// Repeats what a signal interrupted.
pub(crate) fn retry<T>(mut call: impl FnMut() -> zmq::Result<T>) -> zmq::Result<T> {
    loop {
        match call() {
            Err(zmq::Error::EINTR) => {}
            other => return other,
        }
    }
}

/// A failure of something that only a lack of memory or descriptors can cause.
pub(crate) fn setup<T>(what: &str, result: zmq::Result<T>) -> Result<T> {
    result.map_err(|e| zmq_error(what, e))
}
