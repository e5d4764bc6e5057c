//! Runs small pieces of user code (log messages, releases of pixels) that arise on the library's own threads.
//!
//! Those threads own sockets, and others wait for their end while holding locks: user code there could wait for itself. So it is handed
//! to one thread for the process, which is started when there is something to run and ends when there has been nothing for a while.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use once_cell::sync::Lazy;
use parking_lot::{Condvar, Mutex};

use crate::callback;

/// Something to run.
pub type Errand = Box<dyn FnOnce() + Send>;

/// How long the thread stays with nothing to do.
const LINGER: Duration = Duration::from_millis(500);

#[derive(Default)]
struct State {
    errands: VecDeque<Errand>,
    running: bool,
    /// The thread is to end as soon as there is nothing to do.
    leave: bool,
}

static STATE: Lazy<Mutex<State>> = Lazy::new(Mutex::default);
static CHANGED: Condvar = Condvar::new();

/// Runs `errand` soon, after those that were sent before. Never waits. Where no thread can be had it runs here: late is better than
/// never, and nowhere else is left.
pub fn send(errand: Errand) {
    let mut state = STATE.lock();
    state.errands.push_back(errand);
    if !state.running {
        state.running = std::thread::Builder::new().name("kinect2-courier".to_owned()).spawn(work).is_ok();
        if !state.running {
            let errands = std::mem::take(&mut state.errands);
            drop(state);
            errands.into_iter().for_each(run);
            return;
        }
    }
    CHANGED.notify_all();
}

/// Runs `errand` here, inside a callback, unless this is one of the library's own threads: then it is sent.
pub fn outside_own_threads(errand: impl FnOnce() + Send + 'static) {
    if callback::on_own_thread() {
        send(Box::new(errand));
    } else {
        let _inside = callback::enter();
        errand();
    }
}

/// Returns when all errands have been run and the thread has ended.
pub fn finish() {
    let mut state = STATE.lock();
    while state.running {
        state.leave = true;
        CHANGED.notify_all();
        CHANGED.wait(&mut state);
    }
    state.leave = false;
}

fn work() {
    let mut state = STATE.lock();
    loop {
        if let Some(errand) = state.errands.pop_front() {
            drop(state);
            run(errand);
            state = STATE.lock();
            continue;
        }
        let deadline = Instant::now() + LINGER;
        while state.errands.is_empty() && !state.leave && !CHANGED.wait_until(&mut state, deadline).timed_out() {}
        if state.errands.is_empty() {
            state.running = false;
            CHANGED.notify_all();
            return;
        }
    }
}

fn run(errand: Errand) {
    let _inside = callback::enter();
    // A panic of the host's code must not end the thread that others rely on; the panic hook has told of it.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(errand));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn errands_run_in_order_on_another_thread_inside_a_callback() {
        let (sender, done) = mpsc::channel();
        for i in 0..100 {
            let sender = sender.clone();
            send(Box::new(move || sender.send((i, callback::inside(), std::thread::current().id())).unwrap_or(())));
        }
        let got: Vec<_> = done.iter().take(100).collect();
        assert!(got.iter().enumerate().all(|(i, (n, inside, thread))| i == *n && *inside && *thread != std::thread::current().id()));
        send(Box::new(|| panic!("an errand may fail")));
        finish();
        let (sender, done) = mpsc::channel();
        send(Box::new(move || sender.send(()).unwrap_or(())));
        done.recv_timeout(Duration::from_secs(5)).unwrap();
    }
}
