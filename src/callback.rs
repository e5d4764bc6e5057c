//! Knows whether the current thread is inside user code that the library called.

use std::cell::Cell;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
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

/// Whether the current thread runs a callback of any handle, of the log or of a frame's release.
pub fn inside() -> bool {
    DEPTH.with(Cell::get) > 0
}
