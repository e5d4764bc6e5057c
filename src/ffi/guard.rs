//! What every exported function runs in: a panic becomes KINECT2_ERROR_INTERNAL, a failure its number and the thread's last error.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::result::{self, KINECT2_CLOSED, KINECT2_OK, KINECT2_TIMEOUT, kinect2_result_t};
use crate::dispatch::Polled;
use crate::error::{Error, Result};
use crate::log::log;

thread_local! {
    static LAST_ERROR: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The text of this thread's last failure; empty where there was none.
pub(super) fn last_error() -> String {
    LAST_ERROR.try_with(|last| last.borrow().clone()).unwrap_or_default()
}

/// Runs `call` and gives its result as a number.
pub(super) fn guard(call: impl FnOnce() -> Result<()>) -> kinect2_result_t {
    number(catch(call).map(|()| KINECT2_OK))
}

/// [`guard`] for what waits for something that may not come: `call` ends with [`delivered`].
pub(super) fn guard_polled(call: impl FnOnce() -> Result<kinect2_result_t>) -> kinect2_result_t {
    number(catch(call))
}

/// The result of waiting, after `deliver` has given what came to the caller.
pub(super) fn delivered<T>(polled: Polled<T>, deliver: impl FnOnce(T) -> Result<()>) -> Result<kinect2_result_t> {
    match polled {
        Polled::Ready(value) => deliver(value).map(|()| KINECT2_OK),
        Polled::TimedOut => Ok(KINECT2_TIMEOUT),
        Polled::Closed => Ok(KINECT2_CLOSED),
    }
}

/// [`guard`] for functions that return a value: `failed` where there is none.
pub(super) fn guard_value<T>(failed: T, call: impl FnOnce() -> Result<T>) -> T {
    catch(call).unwrap_or_else(|error| {
        record(error);
        failed
    })
}

fn number(result: Result<kinect2_result_t>) -> kinect2_result_t {
    result.unwrap_or_else(|error| {
        let number = result::of_kind(error.kind);
        record(error);
        number
    })
}

fn record(error: Error) {
    // A thread that is ending has no place for it any more.
    let _ = LAST_ERROR.try_with(|last| *last.borrow_mut() = error.message);
}

fn catch<T>(call: impl FnOnce() -> Result<T>) -> Result<T> {
    // The library's locks are not poisoned by a panic, and what a broken call leaves behind is no less valid than before.
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let error = Error::internal(format!("a defect of the library: {}; please report it", panic_text(&*panic)));
        log!(Error, "{error}");
        Err(error)
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "a panic without a text",
    }
}

#[cfg(test)]
mod tests {
    use super::super::result::{KINECT2_ERROR_INTERNAL, KINECT2_ERROR_NOT_FOUND};
    use super::*;

    #[test]
    fn a_panic_becomes_an_internal_error_with_its_text() {
        assert_eq!(guard(|| panic!("seven {}", 7)), KINECT2_ERROR_INTERNAL);
        assert!(last_error().contains("seven 7"), "{}", last_error());
        assert_eq!(guard_value(5, || panic!("eight")), 5);
        assert!(last_error().contains("eight"), "{}", last_error());
    }

    #[test]
    fn only_failures_change_the_last_error_and_only_of_their_thread() {
        assert_eq!(guard(|| Err(Error::not_found("nine"))), KINECT2_ERROR_NOT_FOUND);
        assert_eq!(guard(|| Ok(())), KINECT2_OK);
        assert_eq!(guard_polled(|| delivered(Polled::<()>::TimedOut, Ok)), KINECT2_TIMEOUT);
        assert_eq!(guard_polled(|| delivered(Polled::<()>::Closed, Ok)), KINECT2_CLOSED);
        assert_eq!(last_error(), "nine");
        assert_eq!(std::thread::spawn(last_error).join().unwrap(), "");
    }
}
