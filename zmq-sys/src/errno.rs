//! Error numbers: the system's, and those that libzmq adds.

use libc::c_int;

#[cfg(unix)]
pub use libc::{
    EACCES, EADDRINUSE, EADDRNOTAVAIL, EAGAIN, EBUSY, ECONNREFUSED, EFAULT, EHOSTUNREACH, EINPROGRESS, EINTR, EINVAL, EMFILE, EMSGSIZE,
    ENAMETOOLONG, ENETDOWN, ENOBUFS, ENODEV, ENOENT, ENOMEM, ENOTCONN, ENOTSOCK, ENOTSUP, EPROTO, EPROTONOSUPPORT,
};
#[cfg(windows)]
pub use windows::*;

const ZMQ_HAUSNUMERO: c_int = 156384712;

pub const EFSM: c_int = ZMQ_HAUSNUMERO + 51;
pub const ENOCOMPATPROTO: c_int = ZMQ_HAUSNUMERO + 52;
pub const ETERM: c_int = ZMQ_HAUSNUMERO + 53;
pub const EMTHREAD: c_int = ZMQ_HAUSNUMERO + 54;

// What libzmq says where the system has no such number.
pub const ENOTSUP_ALT: c_int = ZMQ_HAUSNUMERO + 1;
pub const EPROTONOSUPPORT_ALT: c_int = ZMQ_HAUSNUMERO + 2;
pub const ENOBUFS_ALT: c_int = ZMQ_HAUSNUMERO + 3;
pub const ENETDOWN_ALT: c_int = ZMQ_HAUSNUMERO + 4;
pub const EADDRINUSE_ALT: c_int = ZMQ_HAUSNUMERO + 5;
pub const EADDRNOTAVAIL_ALT: c_int = ZMQ_HAUSNUMERO + 6;
pub const ECONNREFUSED_ALT: c_int = ZMQ_HAUSNUMERO + 7;
pub const EINPROGRESS_ALT: c_int = ZMQ_HAUSNUMERO + 8;
pub const ENOTSOCK_ALT: c_int = ZMQ_HAUSNUMERO + 9;
pub const EMSGSIZE_ALT: c_int = ZMQ_HAUSNUMERO + 10;

/// Those of Microsoft's C runtime (`errno.h`), by which libzmq is compiled there.
#[cfg(windows)]
mod windows {
    use libc::c_int;

    pub const EACCES: c_int = 13;
    pub const EADDRINUSE: c_int = 100;
    pub const EADDRNOTAVAIL: c_int = 101;
    pub const EAGAIN: c_int = 11;
    pub const EBUSY: c_int = 16;
    pub const ECONNREFUSED: c_int = 107;
    pub const EFAULT: c_int = 14;
    pub const EHOSTUNREACH: c_int = 110;
    pub const EINPROGRESS: c_int = 112;
    pub const EINTR: c_int = 4;
    pub const EINVAL: c_int = 22;
    pub const EMFILE: c_int = 24;
    pub const EMSGSIZE: c_int = 115;
    pub const ENAMETOOLONG: c_int = 38;
    pub const ENETDOWN: c_int = 116;
    pub const ENOBUFS: c_int = 119;
    pub const ENODEV: c_int = 19;
    pub const ENOENT: c_int = 2;
    pub const ENOMEM: c_int = 12;
    pub const ENOTCONN: c_int = 126;
    pub const ENOTSOCK: c_int = 128;
    pub const ENOTSUP: c_int = 129;
    pub const EPROTO: c_int = 134;
    pub const EPROTONOSUPPORT: c_int = 135;
}
