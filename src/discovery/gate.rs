//! A listener that can be shut: after that no call of it runs or starts.

use std::sync::Arc;
use std::thread::{self, ThreadId};

use parking_lot::{Condvar, Mutex};

/// See the module.
pub struct Gate<T> {
    listener: Arc<dyn Fn(T) + Send + Sync>,
    state: Mutex<State>,
    idle: Condvar,
}

#[derive(Default)]
struct State {
    shut: bool,
    calling: Option<ThreadId>,
}

impl<T> Gate<T> {
    /// An open gate before `listener`, to be called by one thread.
    pub fn new(listener: Arc<dyn Fn(T) + Send + Sync>) -> Arc<Self> {
        Arc::new(Self { listener, state: Mutex::default(), idle: Condvar::new() })
    }

    /// Calls the listener with no lock held, unless the gate is shut.
    pub fn tell(&self, news: T) {
        {
            let mut state = self.state.lock();
            if state.shut {
                return;
            }
            state.calling = Some(thread::current().id());
        }
        (self.listener)(news);
        self.state.lock().calling = None;
        self.idle.notify_all();
    }

    /// Shuts it; waits for a running call, except inside of it.
    pub fn shut(&self) {
        let mut state = self.state.lock();
        state.shut = true;
        while state.calling.is_some_and(|thread| thread != thread::current().id()) {
            self.idle.wait(&mut state);
        }
    }
}
