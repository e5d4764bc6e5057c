//! What the `zmq` crate uses of libzmq's `zmq.h`, which is the source of all names, numbers and layouts here.
#![allow(non_camel_case_types)]

// Linked, not called: libzmq's CURVE is built on it.
extern crate libsodium_sys as _;

pub mod errno;
mod functions;
mod numbers;

pub use functions::*;
pub use numbers::*;

/// A descriptor of the system, as libzmq's `zmq_fd_t`.
#[cfg(unix)]
pub type RawFd = std::os::fd::RawFd;
/// A descriptor of the system, as libzmq's `zmq_fd_t`.
#[cfg(windows)]
pub type RawFd = std::os::windows::io::RawSocket;

/// A message, opaque: 64 bytes, aligned as a pointer.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct zmq_msg_t {
    opaque: [u8; 64],
    aligned: [*const libc::c_void; 0],
}

impl Default for zmq_msg_t {
    /// Not a message yet: `zmq_msg_init` and its like make it one.
    fn default() -> Self {
        Self { opaque: [0; 64], aligned: [] }
    }
}

/// What to wait for on a socket, or on a descriptor where there is no socket.
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct zmq_pollitem_t {
    pub socket: *mut libc::c_void,
    pub fd: RawFd,
    pub events: libc::c_short,
    pub revents: libc::c_short,
}

/// Frees the data of a message; with the hint that came with them.
pub type zmq_free_fn = unsafe extern "C" fn(data: *mut libc::c_void, hint: *mut libc::c_void);

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;
    use std::mem::{align_of, size_of};

    #[test]
    fn this_is_libzmq_4_3_5_with_curve() {
        let (mut major, mut minor, mut patch) = (0, 0, 0);
        unsafe { zmq_version(&mut major, &mut minor, &mut patch) };
        assert_eq!((major, minor, patch), (4, 3, 5));
        assert_eq!(unsafe { zmq_has(c"curve".as_ptr()) }, 1);
    }

    #[test]
    fn layouts_are_those_of_the_header() {
        assert_eq!((size_of::<zmq_msg_t>(), align_of::<zmq_msg_t>()), (64, align_of::<*const u8>()));
        #[cfg(unix)]
        assert_eq!(size_of::<zmq_pollitem_t>(), size_of::<*const u8>() + 8);
    }

    #[test]
    fn keys_are_made_with_libsodium() {
        let (mut public, mut secret) = ([0u8; 41], [0u8; 41]);
        assert_eq!(unsafe { zmq_curve_keypair(public.as_mut_ptr().cast(), secret.as_mut_ptr().cast()) }, 0);
        let written = |key: &[u8]| CStr::from_bytes_with_nul(key).is_ok_and(|text| text.count_bytes() == 40);
        assert!(written(&public) && written(&secret) && public != secret);
    }
}
