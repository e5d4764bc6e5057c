//! Asks a socket's descriptor for its two addresses. The only unsafe code of this room.

#![allow(unsafe_code)]

use std::net::{SocketAddr, TcpStream};

/// Local and remote address of the connection with this descriptor, which belongs to libzmq and may be closed or reused at any moment:
/// a duplicate is asked, and the caller must compare the remote address with the one it expects.
#[cfg(unix)]
pub fn addresses(descriptor: i64) -> Option<(SocketAddr, SocketAddr)> {
    use std::os::fd::{BorrowedFd, RawFd};
    let raw = RawFd::try_from(descriptor).ok().filter(|raw| *raw >= 0)?;
    // SAFETY: the borrow lasts for one system call, dup, which fails without harm on a number that is no descriptor (any more).
    let duplicate = unsafe { BorrowedFd::borrow_raw(raw) }.try_clone_to_owned().ok()?;
    ask(TcpStream::from(duplicate))
}

/// As on Unix, with a socket.
#[cfg(windows)]
pub fn addresses(descriptor: i64) -> Option<(SocketAddr, SocketAddr)> {
    use std::os::windows::io::{BorrowedSocket, RawSocket};
    let raw = RawSocket::try_from(descriptor).ok()?;
    // SAFETY: the borrow lasts for one system call that duplicates the socket and fails without harm on a number that is none.
    let duplicate = unsafe { BorrowedSocket::borrow_raw(raw) }.try_clone_to_owned().ok()?;
    ask(TcpStream::from(duplicate))
}

fn ask(stream: TcpStream) -> Option<(SocketAddr, SocketAddr)> {
    Some((stream.local_addr().ok()?, stream.peer_addr().ok()?))
}
