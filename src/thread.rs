//! The library's own threads: named, marked as such, and never gone without a word.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use crate::callback;
use crate::error::{Error, ErrorKind, Result};
use crate::log::log;

/// Starts a thread on which no user code runs, so that others may wait for it while they hold locks. If `work` panics, which is a defect of
/// the library, the thread ends and the log says so; the process goes on.
///
/// # Errors
/// [`ErrorKind::OutOfMemory`] where the system has no thread to give.
pub(crate) fn spawn(name: &'static str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let run = move || {
        callback::mark_own_thread();
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            log!(Error, "the thread {name} has panicked, which is a defect of this library: what it did is not done any more");
        }
    };
    let thread = Builder::new().name(name.to_owned()).spawn(run);
    thread.map_err(|e| Error::new(ErrorKind::OutOfMemory, format!("cannot start the thread {name}: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_its_thread_only() {
        let thread = spawn("kinect2-test", || panic!("as the test wants it")).unwrap();
        assert!(thread.join().is_ok());
    }

    #[test]
    fn no_user_code_runs_on_it() {
        let (report, reported) = std::sync::mpsc::channel();
        let thread = spawn("kinect2-test", move || report.send(callback::on_own_thread()).unwrap()).unwrap();
        assert_eq!(reported.recv(), Ok(true));
        thread.join().unwrap();
        assert!(!callback::on_own_thread());
    }
}
