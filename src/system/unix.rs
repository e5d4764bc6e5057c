//! Unix: clocks, names, limits of connections, and a socket pair as something to wait on.

use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;

use rustix::time::{ClockId, clock_gettime};

/// A file descriptor for poll.
pub type RawWaitable = RawFd;

fn clock(id: ClockId) -> u64 {
    let time = clock_gettime(id);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

pub fn monotonic_ns() -> u64 {
    clock(ClockId::Monotonic)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn boottime_ns() -> u64 {
    clock(ClockId::Boottime)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn boottime_ns() -> u64 {
    super::unix_ns()
}

pub fn thread_cpu_ns() -> u64 {
    clock(ClockId::ThreadCPUTime)
}

fn first_line(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

pub fn boot_id() -> Option<String> {
    first_line("/proc/sys/kernel/random/boot_id")
}

pub fn machine_id() -> Option<String> {
    first_line("/etc/machine-id")
}

#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn limit_unsent(socket: &socket2::Socket, bytes: u32) {
    // Without it more would wait in the kernel: frames would be older, but arrive.
    let _ = socket.set_tcp_notsent_lowat(bytes);
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn limit_unsent(_: &socket2::Socket, _: u32) {}

pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// One byte in flight at most: written to be readable, drained not to be.
pub struct Pipe {
    reader: UnixStream,
    writer: UnixStream,
}

impl Pipe {
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok(Self { reader, writer })
    }

    /// Makes it readable; whether it is now.
    pub fn write(&self) -> bool {
        match uninterrupted(|| (&self.writer).write(&[1])) {
            Ok(written) => written > 0,
            // A full pipe is readable, which is all that is wanted.
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        }
    }

    /// Empties it; whether there was anything.
    pub fn drain(&self) -> bool {
        let mut bytes = [0; 16];
        matches!(uninterrupted(|| (&self.reader).read(&mut bytes)), Ok(read) if read > 0)
    }

    pub fn raw(&self) -> RawWaitable {
        self.reader.as_raw_fd()
    }
}

/// Does it again where a signal came between.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
