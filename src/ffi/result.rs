//! Results: numbers for causes, and the reason of a thread's last failure.

use std::ffi::{CStr, c_char};

use libc::size_t;

use super::guard::{self, guard};
use super::text::TextOut;
use crate::error::{ErrorKind, Outcome};

/// How a call ended: 0 success, negative an error, positive "no value (now)". New numbers may appear in later versions, so test for
/// the sign.
pub type kinect2_result_t = i32;

/// Success.
pub const KINECT2_OK: kinect2_result_t = 0;
/// Nothing came within the timeout: no error, ask again.
pub const KINECT2_TIMEOUT: kinect2_result_t = 1;
/// Nothing more will come.
pub const KINECT2_CLOSED: kinect2_result_t = 2;
/// A defect of the library, such as a caught panic. Please report it with the text of kinect2_last_error().
pub const KINECT2_ERROR_INTERNAL: kinect2_result_t = -1;
/// A parameter is outside of what the function accepts.
pub const KINECT2_ERROR_INVALID_ARGUMENT: kinect2_result_t = -2;
/// The handle is NULL, was destroyed, is of another kind or never was one.
pub const KINECT2_ERROR_BAD_HANDLE: kinect2_result_t = -3;
/// Not possible now: not started, not running, inside a callback.
pub const KINECT2_ERROR_BAD_STATE: kinect2_result_t = -4;
/// No such kinect, server, stream or index.
pub const KINECT2_ERROR_NOT_FOUND: kinect2_result_t = -5;
/// The caller's buffer is too small for what goes into it.
pub const KINECT2_ERROR_BUFFER_TOO_SMALL: kinect2_result_t = -6;
/// The operating system or the network failed.
pub const KINECT2_ERROR_IO: kinect2_result_t = -7;
/// The peer does not keep to the protocol.
pub const KINECT2_ERROR_PROTOCOL: kinect2_result_t = -8;
/// Known, but not offered by this version, build, stream or codec.
pub const KINECT2_ERROR_UNSUPPORTED: kinect2_result_t = -9;
/// Data does not decode.
pub const KINECT2_ERROR_CORRUPT: kinect2_result_t = -10;
/// A port that is taken, an id that is there already.
pub const KINECT2_ERROR_IN_USE: kinect2_result_t = -11;
/// Memory or a thread could not be had.
pub const KINECT2_ERROR_OUT_OF_MEMORY: kinect2_result_t = -12;
/// Larger or more than is accepted.
pub const KINECT2_ERROR_LIMIT: kinect2_result_t = -13;
/// Keys or permissions.
pub const KINECT2_ERROR_REFUSED: kinect2_result_t = -14;

/// The name of a result, such as "KINECT2_ERROR_BAD_HANDLE", for messages.
///
/// @param result any number.
/// @return static text, never NULL; for numbers that this version does not know one that says so.
///
/// Allowed in callbacks. Never fails.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_result_name(result: i32) -> *const c_char {
    name(result).as_ptr()
}

/// Why this thread's last failed call failed: what was wrong and what to do about it, in English, for people.
///
/// Every thread has its own text, empty until a call fails. Success and positive results leave it alone. Unlike other text it is
/// cut to the buffer, at a character's border, so that a buffer of any size will do; KINECT2_TEXT_CAPACITY suits most.
///
/// @param buffer receives UTF-8 with a NUL.
/// @param capacity bytes that fit into `buffer`.
/// @param length receives the length of what is in `buffer`, without the NUL; may be NULL. With `buffer` NULL and `capacity` 0 it
/// receives the length of the whole text.
/// @return KINECT2_OK, or KINECT2_ERROR_INVALID_ARGUMENT if `buffer` is NULL and `capacity` is not 0.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_last_error(buffer: *mut c_char, capacity: size_t, length: *mut size_t) -> kinect2_result_t {
    // SAFETY: the caller's buffer holds `capacity` bytes and `length` may be written to (or they are NULL).
    let out = unsafe { TextOut::new(buffer, capacity, length) };
    guard(|| out.write_cut(&guard::last_error()))
}

/// The name that [`kinect2_result_name`] gives.
fn name(result: kinect2_result_t) -> &'static CStr {
    match result {
        KINECT2_OK => c"KINECT2_OK",
        KINECT2_TIMEOUT => c"KINECT2_TIMEOUT",
        KINECT2_CLOSED => c"KINECT2_CLOSED",
        KINECT2_ERROR_INTERNAL => c"KINECT2_ERROR_INTERNAL",
        KINECT2_ERROR_INVALID_ARGUMENT => c"KINECT2_ERROR_INVALID_ARGUMENT",
        KINECT2_ERROR_BAD_HANDLE => c"KINECT2_ERROR_BAD_HANDLE",
        KINECT2_ERROR_BAD_STATE => c"KINECT2_ERROR_BAD_STATE",
        KINECT2_ERROR_NOT_FOUND => c"KINECT2_ERROR_NOT_FOUND",
        KINECT2_ERROR_BUFFER_TOO_SMALL => c"KINECT2_ERROR_BUFFER_TOO_SMALL",
        KINECT2_ERROR_IO => c"KINECT2_ERROR_IO",
        KINECT2_ERROR_PROTOCOL => c"KINECT2_ERROR_PROTOCOL",
        KINECT2_ERROR_UNSUPPORTED => c"KINECT2_ERROR_UNSUPPORTED",
        KINECT2_ERROR_CORRUPT => c"KINECT2_ERROR_CORRUPT",
        KINECT2_ERROR_IN_USE => c"KINECT2_ERROR_IN_USE",
        KINECT2_ERROR_OUT_OF_MEMORY => c"KINECT2_ERROR_OUT_OF_MEMORY",
        KINECT2_ERROR_LIMIT => c"KINECT2_ERROR_LIMIT",
        KINECT2_ERROR_REFUSED => c"KINECT2_ERROR_REFUSED",
        unknown if unknown < 0 => c"an error that this version does not know",
        _ => c"a result that this version does not know",
    }
}

/// The number of a kind of failure.
pub(super) fn of_kind(kind: ErrorKind) -> kinect2_result_t {
    match kind {
        ErrorKind::Internal => KINECT2_ERROR_INTERNAL,
        ErrorKind::InvalidArgument => KINECT2_ERROR_INVALID_ARGUMENT,
        ErrorKind::BadHandle => KINECT2_ERROR_BAD_HANDLE,
        ErrorKind::BadState => KINECT2_ERROR_BAD_STATE,
        ErrorKind::NotFound => KINECT2_ERROR_NOT_FOUND,
        ErrorKind::BufferTooSmall => KINECT2_ERROR_BUFFER_TOO_SMALL,
        ErrorKind::Io => KINECT2_ERROR_IO,
        ErrorKind::Protocol => KINECT2_ERROR_PROTOCOL,
        ErrorKind::Unsupported => KINECT2_ERROR_UNSUPPORTED,
        ErrorKind::Corrupt => KINECT2_ERROR_CORRUPT,
        ErrorKind::InUse => KINECT2_ERROR_IN_USE,
        ErrorKind::OutOfMemory => KINECT2_ERROR_OUT_OF_MEMORY,
        ErrorKind::Limit => KINECT2_ERROR_LIMIT,
        ErrorKind::Refused => KINECT2_ERROR_REFUSED,
    }
}

/// The number for how something ended that ran on its own.
pub(super) fn of_outcome(outcome: Outcome) -> kinect2_result_t {
    match outcome {
        Outcome::Ok => KINECT2_OK,
        Outcome::Timeout => KINECT2_TIMEOUT,
        Outcome::Closed => KINECT2_CLOSED,
        Outcome::Failed(kind) => of_kind(kind),
    }
}
