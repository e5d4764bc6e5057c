//! Knows of the current thread whether it is inside user code that the library called, and whether it is one of the library's own on
//! which no user code may run.

use std::cell::Cell;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static OWN: Cell<bool> = const { Cell::new(false) };
}

/// Marks the thread as being inside a callback until it is dropped.
pub(crate) struct Inside(());

/// The current thread goes into user code.
pub(crate) fn enter() -> Inside {
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    Inside(())
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.with(|depth| depth.set(depth.get() - 1));
    }
}

/// The current thread is the library's own from here to its end: others may wait for it while they hold locks.
pub(crate) fn mark_own_thread() {
    OWN.with(|own| own.set(true));
}

/// Whether user code must not run on the current thread.
pub(crate) fn on_own_thread() -> bool {
    OWN.with(Cell::get)
}

/// Whether the current thread runs a callback of any handle, of the log or of a frame's release.
pub fn inside() -> bool {
    DEPTH.with(Cell::get) > 0
}
