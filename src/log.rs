//! One log for the process: silent until a callback is set.
//!
//! Nothing is logged while a lock of the library is held, since the callback is user code and may call anything.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use once_cell::sync::Lazy;
use parking_lot::{Condvar, Mutex};

use crate::{callback, courier};

/// How much a message matters; the numbers are those of the C header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Level {
    /// Something failed.
    Error = 1,
    /// Something is odd, and the library goes on.
    Warn = 2,
    /// What happens in the large.
    Info = 3,
    /// What happens in detail.
    Debug = 4,
}

/// What receives messages, on any thread, also on several at once.
pub type LogCallback = Box<dyn Fn(Level, &str) + Send + Sync>;

struct Sink {
    callback: LogCallback,
    running: Mutex<usize>,
    idle: Condvar,
}

static MAX_LEVEL: AtomicU32 = AtomicU32::new(0);
static SINK: Lazy<Mutex<Option<Arc<Sink>>>> = Lazy::new(|| Mutex::new(None));

/// Messages that wait for the courier; more than this are counted instead of kept.
const MAX_WAITING: usize = 256;
static WAITING: AtomicUsize = AtomicUsize::new(0);
static OMITTED: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The sink whose callback this thread is inside of, as an address; 0: none.
    static LOGGING: Cell<usize> = const { Cell::new(0) };
}

fn address(sink: &Arc<Sink>) -> usize {
    Arc::as_ptr(sink).addr()
}

/// Sets, replaces or (with `None`) removes the callback. Returns when running calls of the one replaced have ended, except one that
/// the caller is inside of.
pub fn set_callback(max_level: u32, callback: Option<LogCallback>) {
    let new = callback.map(|callback| Arc::new(Sink { callback, running: Mutex::new(0), idle: Condvar::new() }));
    let old = {
        let mut sink = SINK.lock();
        MAX_LEVEL.store(if new.is_some() { max_level } else { 0 }, Ordering::Relaxed);
        std::mem::replace(&mut *sink, new)
    };
    if let Some(old) = old {
        let own = usize::from(LOGGING.with(Cell::get) == address(&old));
        let mut running = old.running.lock();
        while *running > own {
            old.idle.wait(&mut running);
        }
    }
}

/// Whether anyone wants messages of this level: asked before a message is put together.
pub fn enabled(level: Level) -> bool {
    level as u32 <= MAX_LEVEL.load(Ordering::Relaxed) && LOGGING.with(Cell::get) == 0
}

/// Hands a message to the callback: here, or by the courier where no user code may run. What this leads to inside the callback is not
/// logged.
pub fn write(level: Level, message: fmt::Arguments<'_>) {
    if !enabled(level) {
        return;
    }
    let text = message.to_string();
    if !callback::on_own_thread() {
        return deliver(level, &text);
    }
    if WAITING.fetch_add(1, Ordering::AcqRel) >= MAX_WAITING {
        WAITING.fetch_sub(1, Ordering::AcqRel);
        OMITTED.fetch_add(1, Ordering::AcqRel);
        return;
    }
    courier::send(Box::new(move || {
        WAITING.fetch_sub(1, Ordering::AcqRel);
        let omitted = OMITTED.swap(0, Ordering::AcqRel);
        deliver(level, &text);
        if omitted > 0 {
            deliver(Level::Warn, &format!("{omitted} messages came faster than the log callback takes them and were left out"));
        }
    }));
}

fn deliver(level: Level, text: &str) {
    let sink = {
        let slot = SINK.lock();
        let Some(sink) = slot.as_ref() else { return };
        *sink.running.lock() += 1;
        Arc::clone(sink)
    };
    let outer = LOGGING.with(|logging| logging.replace(address(&sink)));
    {
        let _inside = callback::enter();
        // A panic of the host's closure must not unwind through the library's own threads.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (sink.callback)(level, text)));
    }
    LOGGING.with(|logging| logging.set(outer));
    *sink.running.lock() -= 1;
    sink.idle.notify_all();
}

/// `log!(Warn, "text {}", value)`: the arguments are only evaluated where somebody listens.
macro_rules! log {
    ($level:ident, $($arg:tt)+) => {
        if $crate::log::enabled($crate::log::Level::$level) {
            $crate::log::write($crate::log::Level::$level, format_args!($($arg)+));
        }
    };
}
pub(crate) use log;
