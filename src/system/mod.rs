//! What differs between operating systems, and nothing else: clocks, names of host and boot, what a connection may hold unsent, waking a
//! thread that waits in poll.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as imp;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

pub use imp::RawWaitable;

use crate::error::{Error, Result};

/// This host's monotonic clock in nanoseconds: `CLOCK_MONOTONIC`, `QueryPerformanceCounter`, ...
pub fn monotonic_ns() -> u64 {
    imp::monotonic_ns()
}

/// A clock that also counts while the machine sleeps.
pub fn boottime_ns() -> u64 {
    imp::boottime_ns()
}

/// Processor time that the current thread has used.
pub fn thread_cpu_ns() -> u64 {
    imp::thread_cpu_ns()
}

/// The wall clock, in nanoseconds since 1970.
pub fn unix_ns() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// A number that nobody else has: seeded by the system's source of randomness, never the same twice in a process.
pub fn random_u64() -> u64 {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(monotonic_ns());
    hasher.finish()
}

/// A text that names this boot of this machine, equal for all processes that share its monotonic clock. None where the system has none.
pub fn boot_id() -> Option<String> {
    imp::boot_id()
}

/// A text that names this installation over reboots; the host name where the system has no better.
pub fn machine_id() -> String {
    imp::machine_id().unwrap_or_else(host_name)
}

/// Makes the system hold at most about so many bytes of this TCP connection that it cannot send yet, where it can be told so.
pub fn limit_unsent(socket: &socket2::Socket, bytes: u32) {
    imp::limit_unsent(socket, bytes);
}

/// The host's name without a domain.
pub fn host_name() -> String {
    let name = imp::host_name();
    let short = name.split('.').next().unwrap_or_default();
    if short.is_empty() { "localhost".to_owned() } else { short.to_owned() }
}

/// Something to wait on in a host's own loop: readable exactly while it is set.
pub struct Signal {
    pipe: imp::Pipe,
    set: bool,
}

impl Signal {
    /// A signal that is not set.
    pub fn new() -> Result<Self> {
        let pipe = imp::Pipe::new().map_err(|e| Error::io(format!("cannot make a descriptor to wait on: {e}")))?;
        Ok(Self { pipe, set: false })
    }

    /// Sets or clears it; nothing where it is so already. Where the system has no room for a byte it stays clear, and the next call tries
    /// again.
    pub fn put(&mut self, set: bool) {
        if set != self.set {
            if set {
                self.set = self.pipe.write();
            } else {
                self.pipe.drain();
                self.set = false;
            }
        }
    }

    /// What to wait on; it stays this object's.
    pub fn raw(&self) -> RawWaitable {
        self.pipe.raw()
    }
}

/// Wakes one thread that waits in poll, from any thread. Waking twice before the thread looks is waking once.
pub struct Waker {
    pipe: imp::Pipe,
    pending: AtomicBool,
}

impl Waker {
    /// A waker at rest.
    pub fn new() -> Result<Self> {
        let pipe = imp::Pipe::new().map_err(|e| Error::io(format!("cannot make a descriptor to wake a thread: {e}")))?;
        Ok(Self { pipe, pending: AtomicBool::new(false) })
    }

    /// Makes the waiting thread's poll return.
    pub fn wake(&self) {
        if !self.pending.swap(true, Ordering::AcqRel) && !self.pipe.write() {
            // The system had no room for a byte: the next one who wakes shall try again.
            self.pending.store(false, Ordering::Release);
        }
    }

    /// For the thread that was woken, before it looks at what there is to do: whatever is queued later wakes it again.
    pub fn rest(&self) {
        // First empty the pipe, then allow the next write: the other way round a wake-up could be swallowed. And allow it only if the byte
        // was there: between the waker's claim and its write there is none, and it would stay in the pipe with nobody to read it.
        if self.pending.load(Ordering::Acquire) && self.pipe.drain() {
            self.pending.swap(false, Ordering::AcqRel);
        }
    }

    /// What the thread puts into its poll, readable when it is woken.
    pub fn raw(&self) -> RawWaitable {
        self.pipe.raw()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_run_and_agree_on_the_unit() {
        let (a, b) = (monotonic_ns(), boottime_ns());
        std::thread::sleep(std::time::Duration::from_millis(20));
        let (da, db) = (monotonic_ns() - a, boottime_ns() - b);
        assert!((20_000_000..2_000_000_000).contains(&da), "{da}");
        assert!(da.abs_diff(db) < 1_000_000_000, "{da} {db}");
        assert!(unix_ns() > 1_600_000_000_000_000_000);
    }

    #[test]
    fn a_host_has_names() {
        assert!(!host_name().is_empty());
        assert!(!host_name().contains('.'));
        assert!(!machine_id().is_empty());
    }

    #[test]
    fn a_waker_is_never_lost_between_two_threads() {
        let waker = std::sync::Arc::new(Waker::new().unwrap());
        let (tx, rx) = std::sync::mpsc::channel();
        let sender = {
            let waker = std::sync::Arc::clone(&waker);
            std::thread::spawn(move || {
                for i in 0..20_000 {
                    tx.send(i).unwrap();
                    waker.wake();
                }
            })
        };
        let mut got = 0;
        while got < 20_000 {
            let mut items = [zmq::PollItem::from_fd(waker.raw(), zmq::POLLIN)];
            assert_eq!(zmq::poll(&mut items, 5_000).unwrap(), 1, "lost wake-up after {got}");
            waker.rest();
            while rx.try_recv().is_ok() {
                got += 1;
            }
        }
        sender.join().unwrap();
    }
}
