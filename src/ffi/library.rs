//! The library as a whole: version, what is alive, the clock, the log, and the way out.

use std::ffi::{c_char, c_void};
use std::thread;
use std::time::Duration;

use super::guard::{guard, guard_value};
use super::handle::{self, Object};
use super::result::kinect2_result_t;
use super::text;
use super::user::UserData;
use crate::callback;
use crate::courier;
use crate::dispatch;
use crate::error::Error;
use crate::log::{self, LogCallback};
use crate::system;

/// Major version of this header. A change of it breaks programs; below 1.0 a change of the minor version may.
pub const KINECT2_VERSION_MAJOR: u32 = 0;
/// Minor version of this header.
pub const KINECT2_VERSION_MINOR: u32 = 1;
/// Patch version of this header.
pub const KINECT2_VERSION_PATCH: u32 = 0;

/// As `timeout_ms`: wait until something comes or the handle is destroyed.
pub const KINECT2_WAIT_FOREVER: u32 = u32::MAX;
/// A buffer of so many bytes holds every kinect id with its NUL.
pub const KINECT2_ID_CAPACITY: u32 = 256;
/// A buffer of so many bytes holds every server name, endpoint and address with its NUL, and most messages.
pub const KINECT2_TEXT_CAPACITY: u32 = 512;

/// As `max_level`: no messages.
pub const KINECT2_LOG_OFF: u32 = 0;
/// Something failed.
pub const KINECT2_LOG_ERROR: u32 = 1;
/// Something is odd, and the library goes on.
pub const KINECT2_LOG_WARN: u32 = 2;
/// What happens in the large: started, connected, stopped.
pub const KINECT2_LOG_INFO: u32 = 3;
/// What happens in detail.
pub const KINECT2_LOG_DEBUG: u32 = 4;

/// Receives log messages.
///
/// May run on any thread, also on several at once: the one exception to guarantee 7.
///
/// @param level KINECT2_LOG_ERROR to KINECT2_LOG_DEBUG.
/// @param message UTF-8 text without a newline at its end, valid until the callback returns.
/// @param user_data what was given with the callback.
pub type kinect2_log_fn = Option<unsafe extern "C" fn(level: u32, message: *const c_char, user_data: *mut c_void)>;

/// The version of the library that runs: major << 16 | minor << 8 | patch. Compare it with the KINECT2_VERSION_* of the header that a
/// program was compiled with.
///
/// @return the version; never fails. Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_version() -> u32 {
    KINECT2_VERSION_MAJOR << 16 | KINECT2_VERSION_MINOR << 8 | KINECT2_VERSION_PATCH
}

/// The version of the library that runs, as text, such as "0.1.0".
///
/// @return static text; never fails. Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_version_string() -> *const c_char {
    VERSION_TEXT.as_ptr().cast()
}

const VERSION_TEXT: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// How much of the library the host still holds: handles and frame references that it has to give back, and destroyed handles whose
/// threads still run (because a callback that destroyed its own handle has not returned yet).
///
/// A program that expects 0 at its end finds its leaks. A frame in a callback counts when it is retained.
///
/// @return the number; never fails. Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_live_objects() -> u32 {
    guard_value(0, || Ok(handle::live() + dispatch::detached_threads()))
}

/// This host's monotonic clock in nanoseconds: CLOCK_MONOTONIC, QueryPerformanceCounter or the like. All members named *_local_ns,
/// receive times, and capture times that are passed in, are in it.
///
/// @return the time; never fails. Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_clock_ns() -> u64 {
    guard_value(0, || Ok(system::monotonic_ns()))
}

/// Destroys every compressor, client, browser, server and device in the process, removes the log callback, and returns when no
/// callback can run any more.
///
/// For a host program whose code is about to go (domain reload, unloading a plug-in), not for a library in it that does not know who
/// else uses this one. Frames stay, with the references to them. The library can be used again at once.
///
/// @return KINECT2_OK; KINECT2_ERROR_BAD_STATE inside a callback, which it would wait for.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_shutdown() -> kinect2_result_t {
    guard(|| {
        if callback::inside() {
            return Err(Error::bad_state("shutdown waits for callbacks and cannot be called inside one"));
        }
        handle::destroy_all(|objects| {
            // Those that use others go first, so that none sees the loss of what it uses.
            let order = |object: &Object| match object {
                Object::Compressor(_) => 0,
                Object::Client(_) => 1,
                Object::Browser(_) => 2,
                Object::Server(_) => 3,
                Object::Device(_) | Object::Frame(_) => 4,
            };
            let mut objects = objects;
            objects.sort_by_key(order);
            objects.iter().for_each(destroy);
        });
        handle::wait_for_destroyed();
        while dispatch::detached_threads() > 0 {
            // Rare and short: a callback that destroyed its own handle has yet to return.
            thread::sleep(Duration::from_millis(1));
        }
        log::set_callback(KINECT2_LOG_OFF, None);
        courier::finish();
        Ok(())
    })
}

fn destroy(object: &Object) {
    match object {
        Object::Compressor(compressor) => compressor.destroy(),
        Object::Client(client) => client.destroy(),
        Object::Browser(browser) => browser.destroy(),
        Object::Server(server) => server.destroy(),
        Object::Device(device) => device.destroy(),
        Object::Frame(_) => {}
    }
}

/// Sets the log callback: one for the process, which is silent without it.
///
/// Replacing and removing follow guarantee 8. What the library would log about calls made inside the callback is not logged.
///
/// @param max_level the least important level wanted, KINECT2_LOG_*; KINECT2_LOG_OFF is silence.
/// @param callback may be NULL: silence.
/// @param user_data is passed to the callback.
/// @return KINECT2_OK. Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_set_log_callback(max_level: u32, callback: kinect2_log_fn, user_data: *mut c_void) -> kinect2_result_t {
    guard(|| {
        let user_data = UserData::new(user_data);
        let callback = callback.map(|callback| -> LogCallback {
            Box::new(move |level, message| {
                let message = text::lent(message);
                // SAFETY: the host's function, with what its type says; the text outlives the call.
                unsafe { callback(level as u32, message.as_ptr(), user_data.pointer()) }
            })
        });
        log::set_callback(max_level, callback);
        Ok(())
    })
}
