//! Asks libzmq's descriptors of connections. The only unsafe code of this room.

#![allow(unsafe_code)]

use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Socket, Type};

/// Local and remote address of the connection with this descriptor, which belongs to libzmq and may be closed or reused at any moment:
/// a duplicate is asked, and the caller must compare the remote address with the one it expects.
pub fn addresses(descriptor: i64) -> Option<(SocketAddr, SocketAddr)> {
    addresses_of(&duplicate(descriptor)?)
}

/// The connection with this descriptor, if it still is the one between these addresses. It is a duplicate, to be dropped at once: as
/// long as it lives, libzmq's close does not end the connection.
pub fn connection(descriptor: i64, addresses: (SocketAddr, SocketAddr)) -> Option<Socket> {
    duplicate(descriptor).filter(|socket| addresses_of(socket) == Some(addresses))
}

fn addresses_of(socket: &Socket) -> Option<(SocketAddr, SocketAddr)> {
    if socket.r#type().ok()? != Type::STREAM {
        return None;
    }
    Some((socket.local_addr().ok()?.as_socket()?, socket.peer_addr().ok()?.as_socket()?))
}

#[cfg(unix)]
fn duplicate(descriptor: i64) -> Option<Socket> {
    use std::os::fd::{BorrowedFd, RawFd};
    let raw = RawFd::try_from(descriptor).ok().filter(|raw| *raw >= 0)?;
    // SAFETY: the borrow lasts for one system call, dup, which fails without harm on a number that is no descriptor (any more).
    unsafe { BorrowedFd::borrow_raw(raw) }.try_clone_to_owned().ok().map(Socket::from)
}

#[cfg(windows)]
fn duplicate(descriptor: i64) -> Option<Socket> {
    use std::os::windows::io::{BorrowedSocket, RawSocket};
    let raw = RawSocket::try_from(descriptor).ok()?;
    // SAFETY: the borrow lasts for one system call that duplicates the socket and fails without harm on a number that is none.
    unsafe { BorrowedSocket::borrow_raw(raw) }.try_clone_to_owned().ok().map(Socket::from)
}

/// The shortest round trip that the system has seen on this connection in the last minutes; none where it does not tell.
#[cfg(target_os = "linux")]
pub fn shortest_round_trip(socket: &Socket) -> Option<Duration> {
    use std::os::fd::AsRawFd;
    let mut info = std::mem::MaybeUninit::<libc::tcp_info>::zeroed();
    let mut length = size_of::<libc::tcp_info>() as libc::socklen_t;
    // SAFETY: the descriptor is open as long as `socket` is borrowed; the system writes at most `length` bytes to `info`, which has
    // them.
    let result = unsafe { libc::getsockopt(socket.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_INFO, info.as_mut_ptr().cast(), &mut length) };
    // SAFETY: it was zeroed, and any bytes are a valid value of its integers.
    let info = unsafe { info.assume_init() };
    // A system that does not know the member leaves 0; all ones: nothing was measured yet.
    let measured = result == 0 && info.tcpi_min_rtt != 0 && info.tcpi_min_rtt != u32::MAX;
    measured.then(|| Duration::from_micros(info.tcpi_min_rtt.into()))
}

/// As above.
#[cfg(not(target_os = "linux"))]
pub fn shortest_round_trip(_: &Socket) -> Option<Duration> {
    None
}
