//! A listener that can be shut: after that no call of it runs or starts.

use std::panic::{self, AssertUnwindSafe};
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
    /// Threads that are inside of the listener.
    calling: Vec<ThreadId>,
}

impl<T> Gate<T> {
    /// An open gate before `listener`.
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
            state.calling.push(thread::current().id());
        }
        // A listener that panics must take neither the other listeners' thread with it nor whoever waits for the end of its call.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| (self.listener)(news)));
        let mut state = self.state.lock();
        let at = state.calling.iter().position(|thread| *thread == thread::current().id());
        at.map(|at| state.calling.swap_remove(at));
        drop(state);
        self.idle.notify_all();
    }

    /// Shuts it; waits for running calls, except one that the caller is inside of.
    pub fn shut(&self) {
        let mut state = self.state.lock();
        state.shut = true;
        while state.calling.iter().any(|thread| *thread != thread::current().id()) {
            self.idle.wait(&mut state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    #[test]
    fn a_shut_gate_lets_nothing_through_and_was_waited_for() {
        let (enter, entered) = channel();
        let (leave, left) = channel();
        let left = Mutex::new(left);
        let gate = Gate::new(Arc::new(move |news: u32| {
            enter.send(news).unwrap();
            left.lock().recv().unwrap();
        }));
        let teller = thread::spawn({
            let gate = Arc::clone(&gate);
            move || [1, 2].map(|news| gate.tell(news))
        });
        assert_eq!(entered.recv(), Ok(1));
        let shutter = thread::spawn({
            let gate = Arc::clone(&gate);
            move || gate.shut()
        });
        thread::sleep(Duration::from_millis(50));
        assert!(!shutter.is_finished());
        leave.send(()).unwrap();
        shutter.join().unwrap();
        teller.join().unwrap();
        assert!(entered.try_recv().is_err());
    }

    #[test]
    fn a_gate_may_be_shut_inside_of_its_listener_and_survives_a_panic() {
        let place: Arc<Mutex<Option<Arc<Gate<u32>>>>> = Arc::default();
        let gate = Gate::new(Arc::new({
            let place = Arc::clone(&place);
            move |news| {
                assert!(news != 1, "this panic is part of the test");
                let gate = place.lock().clone();
                gate.unwrap().shut();
            }
        }));
        *place.lock() = Some(Arc::clone(&gate));
        gate.tell(1);
        gate.tell(2);
        gate.shut();
        place.lock().take(); // gate and listener hold each other
    }
}
