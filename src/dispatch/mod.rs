//! A handle's dispatcher: the one thread that runs all its callbacks, one at a time, and the mailbox that feeds it.
//!
//! Whoever produces (a worker, a device) changes the mailbox under its lock and goes on; the dispatcher takes calls from it and runs
//! them with no lock held; pollers wait for changes of the same mailbox. The thread starts with the first callback that is set.

mod events;
mod kept;
mod port;
mod queue;

pub use events::{Event, EventKind, EventQueue};
pub use port::{EventCall, EventCallback, EventPort};
pub use queue::Transitions;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::callback;
use crate::error::{Error, ErrorKind, Result};
use crate::log::log;
use kept::Kept;

/// What waits for a handle's callbacks and pollers. Every method runs under the mailbox's lock: none may block, log or run user code.
pub trait Mailbox: Send + 'static {
    /// A call of user code with all that it needs.
    type Call: Send + 'static;

    /// Takes the next call to make, with the registration of the callback that it goes to.
    fn next_call(&mut self) -> Option<(Registration, Self::Call)>;

    /// Whether [`Mailbox::next_call`] would give one.
    fn has_call(&self) -> bool;

    /// Makes the call: user code, no lock held.
    fn run(call: Self::Call);

    /// Called after every change (`kept`): brings the descriptors that hosts wait on up to date.
    fn refresh(&mut self) {}
}

/// Tells one setting of a callback from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registration(u64);

impl Registration {
    /// One that no other has, for a callback that comes with a call instead of being set.
    pub fn unique() -> Self {
        Self(NEXT_REGISTRATION.fetch_add(1, Ordering::Relaxed))
    }
}

/// A callback as it is set: the function and which setting it is.
pub struct Slot<F: ?Sized> {
    registration: Registration,
    callback: Arc<F>,
}

impl<F: ?Sized> Slot<F> {
    /// For [`Mailbox::next_call`]: the registration and the function to call.
    pub fn target(&self) -> (Registration, Arc<F>) {
        (self.registration, Arc::clone(&self.callback))
    }

    /// The same with the function made into a call.
    pub fn call<C>(&self, make: impl FnOnce(Arc<F>) -> C) -> (Registration, C) {
        (self.registration, make(Arc::clone(&self.callback)))
    }
}

/// How long to wait for something that may never come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// At most so long.
    For(Duration),
    /// Until it comes or the handle is destroyed.
    Forever,
}

impl Patience {
    fn deadline(self) -> Option<Instant> {
        match self {
            Patience::For(time) => Instant::now().checked_add(time),
            Patience::Forever => None,
        }
    }
}

/// What became of waiting in [`Dispatcher::poll`].
pub enum Polled<R> {
    /// It came.
    Ready(R),
    /// It did not come in time.
    TimedOut,
    /// The handle was destroyed meanwhile.
    Closed,
}

/// Threads that nobody waits for: a callback that destroyed its own handle has not returned yet.
static DETACHED: AtomicU32 = AtomicU32::new(0);
static NEXT_REGISTRATION: AtomicU64 = AtomicU64::new(1);

/// A thread that nobody waits for, counted while this exists.
pub struct DetachedThread(());

impl DetachedThread {
    /// The thread begins.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        DETACHED.fetch_add(1, Ordering::AcqRel);
        Self(())
    }
}

impl Drop for DetachedThread {
    fn drop(&mut self) {
        DETACHED.fetch_sub(1, Ordering::AcqRel);
    }
}

/// How many threads run that nobody waits for: of handles that were destroyed inside a callback, and of names being resolved.
pub fn detached_threads() -> u32 {
    DETACHED.load(Ordering::Acquire)
}

/// See the module. Cloning shares it.
pub struct Dispatcher<M: Mailbox> {
    core: Arc<Core<M>>,
}

impl<M: Mailbox> Clone for Dispatcher<M> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core) }
    }
}

struct Core<M: Mailbox> {
    name: &'static str,
    state: Mutex<State<M>>,
    work: Condvar,
    changed: Condvar,
}

struct State<M: Mailbox> {
    mailbox: Kept<M>,
    thread: Option<(ThreadId, Option<thread::JoinHandle<()>>)>,
    running: Option<Registration>,
    calls: u64,
    closed: bool,
    detached: bool,
}

impl<M: Mailbox> Dispatcher<M> {
    /// A dispatcher without a thread yet; `name` is the thread's.
    pub fn new(name: &'static str, mailbox: M) -> Self {
        let state = State { mailbox: Kept::new(mailbox), thread: None, running: None, calls: 0, closed: false, detached: false };
        Self { core: Arc::new(Core { name, state: Mutex::new(state), work: Condvar::new(), changed: Condvar::new() }) }
    }

    /// Looks at or changes the mailbox. What `change` displaces it should return, so that it is dropped after the lock is released.
    pub fn with<R>(&self, change: impl FnOnce(&mut M) -> R) -> R {
        let mut state = self.core.state.lock();
        let result = state.mailbox.change(change);
        self.core.announce(&state);
        result
    }

    /// Looks at the mailbox.
    pub fn read<R>(&self, look: impl FnOnce(&M) -> R) -> R {
        look(self.core.state.lock().mailbox.look())
    }

    /// Sets, replaces or removes a callback at `place`; `after` runs under the same lock (replays what is there
    /// already); what it gives back is dropped without the lock. Returns when a
    /// running call of the one replaced has ended, except inside a callback of this handle.
    pub fn set_callback<F: ?Sized + Send + Sync + 'static, D>(
        &self,
        callback: Option<Arc<F>>,
        place: impl FnOnce(&mut M) -> &mut Option<Slot<F>>,
        after: impl FnOnce(&mut M) -> D,
    ) -> Result<()> {
        let registration = Registration::unique();
        let new = callback.map(|callback| Slot { registration, callback });
        let mut state = self.core.state.lock();
        if state.closed {
            return Err(Error::new(ErrorKind::BadHandle, "the handle is being destroyed"));
        }
        if new.is_some() {
            self.start_thread(&mut state)?;
        }
        let (old, displaced) = state.mailbox.change(|mailbox| {
            let old = std::mem::replace(place(mailbox), new);
            (old, after(mailbox))
        });
        self.core.announce(&state);
        if let Some(old) = &old
            && !state.is_dispatcher()
        {
            while state.running == Some(old.registration) {
                self.core.changed.wait(&mut state);
            }
        }
        drop(state);
        drop(displaced);
        Ok(())
    }

    /// Starts the thread where there is none, for callbacks that come with a call instead of being set.
    pub fn start(&self) -> Result<()> {
        let mut state = self.core.state.lock();
        self.start_thread(&mut state)
    }

    fn start_thread(&self, state: &mut State<M>) -> Result<()> {
        if state.thread.is_some() || state.closed {
            return Ok(());
        }
        let core = Arc::clone(&self.core);
        let handle = thread::Builder::new()
            .name(self.core.name.to_owned())
            .spawn(move || core.run())
            .map_err(|e| Error::new(ErrorKind::OutOfMemory, format!("cannot start a thread for callbacks: {e}")))?;
        state.thread = Some((handle.thread().id(), Some(handle)));
        Ok(())
    }

    /// Whether the caller is inside a callback of this handle.
    pub fn inside(&self) -> bool {
        self.core.state.lock().is_dispatcher()
    }

    /// Whether there is a thread to make calls.
    pub fn has_thread(&self) -> bool {
        self.core.state.lock().thread.is_some()
    }

    /// Waits until `take` gives something. Inside a callback of this handle it does not wait.
    pub fn poll<R>(&self, patience: Patience, mut take: impl FnMut(&mut M) -> Option<R>) -> Polled<R> {
        let deadline = patience.deadline();
        let mut state = self.core.state.lock();
        let wait = !state.is_dispatcher();
        loop {
            if state.closed {
                return Polled::Closed;
            }
            if let Some(result) = state.mailbox.change(&mut take) {
                return Polled::Ready(result);
            }
            if !wait || !self.core.wait_changed(&mut state, deadline) {
                return Polled::TimedOut;
            }
        }
    }

    /// Waits until `pending` is false and the call that was running then has ended; false: not in time. Does not wait inside a callback
    /// of this handle, nor where no thread makes calls.
    pub fn wait_while(&self, patience: Patience, mut pending: impl FnMut(&M) -> bool) -> bool {
        let deadline = patience.deadline();
        let mut state = self.core.state.lock();
        if state.thread.is_none() || state.is_dispatcher() {
            return true;
        }
        while !state.closed && pending(state.mailbox.look()) {
            if !self.core.wait_changed(&mut state, deadline) {
                return false;
            }
        }
        self.core.wait_for_running(&mut state, deadline)
    }

    /// No call starts any more. Returns when the running one has ended and the thread is gone; inside a callback of this handle at once,
    /// the thread then ends by itself.
    pub fn close(&self) {
        let mut state = self.core.state.lock();
        state.closed = true;
        self.core.work.notify_all();
        self.core.changed.notify_all();
        if state.is_dispatcher() {
            if !std::mem::replace(&mut state.detached, true) {
                DETACHED.fetch_add(1, Ordering::AcqRel);
            }
            return;
        }
        self.core.wait_for_running(&mut state, None);
        let thread = state.thread.as_mut().and_then(|(_, handle)| handle.take());
        drop(state);
        if let Some(thread) = thread {
            // The thread catches the panics of callbacks; there is nothing to learn from its result.
            let _ = thread.join();
        }
    }
}

impl<M: Mailbox> State<M> {
    fn is_dispatcher(&self) -> bool {
        self.thread.as_ref().is_some_and(|(id, _)| *id == thread::current().id())
    }
}

impl<M: Mailbox> Core<M> {
    fn announce(&self, state: &State<M>) {
        if state.mailbox.look().has_call() {
            self.work.notify_one();
        }
        self.changed.notify_all();
    }

    /// Waits for a change; false: the deadline has passed (a change is looked at first, even then).
    fn wait_changed(&self, state: &mut MutexGuard<'_, State<M>>, deadline: Option<Instant>) -> bool {
        match deadline {
            None => self.changed.wait(state),
            Some(deadline) if Instant::now() >= deadline => return false,
            Some(deadline) => {
                self.changed.wait_until(state, deadline);
            }
        }
        true
    }

    fn wait_for_running(&self, state: &mut MutexGuard<'_, State<M>>, deadline: Option<Instant>) -> bool {
        let calls = state.calls;
        while state.running.is_some() && state.calls == calls {
            if !self.wait_changed(state, deadline) {
                return false;
            }
        }
        true
    }

    fn run(&self) {
        let mut state = self.state.lock();
        while !state.closed {
            let Some((registration, call)) = state.mailbox.change(M::next_call) else {
                // What nobody has set a callback for went without a call, and someone may wait for its going.
                self.changed.notify_all();
                self.work.wait(&mut state);
                continue;
            };
            state.running = Some(registration);
            state.calls += 1;
            drop(state);
            {
                let _inside = callback::enter();
                if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| M::run(call))).is_err() {
                    log!(Error, "a callback panicked; the {} goes on", self.name);
                }
            }
            state = self.state.lock();
            state.running = None;
            self.changed.notify_all();
        }
        if state.detached {
            DETACHED.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
#[path = "dispatch_tests.rs"]
mod tests;
