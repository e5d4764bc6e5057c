//! What the host gives to its callbacks: a pointer that means nothing to the library.

use std::ffi::c_void;

/// `user_data`, carried to whichever thread makes the call.
#[derive(Clone, Copy)]
pub(super) struct UserData(*mut c_void);

// SAFETY: the library never looks behind it; the host is told (guarantee 7) which threads its callbacks run on.
unsafe impl Send for UserData {}
// SAFETY: likewise.
unsafe impl Sync for UserData {}

impl UserData {
    pub(super) fn new(pointer: *mut c_void) -> Self {
        Self(pointer)
    }

    /// The pointer. (A method, so that closures hold the whole value and with it the promise above.)
    pub(super) fn pointer(self) -> *mut c_void {
        self.0
    }
}
