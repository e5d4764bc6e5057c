//! A mailbox as its dispatcher keeps it under the lock. It is changed in one way only, which ends with the descriptors that hosts wait on
//! being brought up to date.
//!
//! That makes them level-triggered to the letter. What waits, and the byte that makes a descriptor readable, change in one critical
//! section; between two of these a descriptor is readable exactly if something waits. A host's poll may look in the middle of one.
//! Where something is put, it sees the descriptor not readable yet and is woken by the byte: no wake-up is lost. Where the last thing is
//! taken, it may see the descriptor still readable: but the thread that takes does not poll meanwhile, so only another one that takes from
//! the same handle, or whose connection ends, can be woken for something that has gone, and the lock tells it so.

use super::Mailbox;

/// See the module.
pub struct Kept<M: Mailbox>(M);

/// Refreshes when it goes, also if the change ends in a panic: that must not leave a descriptor that says the opposite of what is.
struct Refresh<'a, M: Mailbox>(&'a mut M);

impl<M: Mailbox> Drop for Refresh<'_, M> {
    fn drop(&mut self) {
        self.0.refresh();
    }
}

impl<M: Mailbox> Kept<M> {
    /// Nobody waits on the mailbox's descriptors yet.
    pub fn new(mailbox: M) -> Self {
        Self(mailbox)
    }

    /// Looks at it.
    pub fn look(&self) -> &M {
        &self.0
    }

    /// Changes it.
    pub fn change<R>(&mut self, change: impl FnOnce(&mut M) -> R) -> R {
        let kept = Refresh(&mut self.0);
        change(&mut *kept.0)
    }
}
