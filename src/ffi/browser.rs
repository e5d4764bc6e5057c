//! Browsers: find servers.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::Arc;

use libc::size_t;

use super::event::{self, kinect2_event_t};
use super::guard::{guard, guard_polled, guard_value};
use super::handle;
use super::names;
use super::result::kinect2_result_t;
use super::server;
use super::structs::{self, HandleOut, StructOut, ValueOut, Versioned, versioned};
use super::text::{self, TextOut};
use super::user::UserData;
use crate::browser::{Browser, BrowserOptions, ServerInfo};
use crate::error::Result;

type ServerCallback = Arc<dyn Fn(&ServerInfo) + Send + Sync>;

/// Finds servers on the network by Zeroconf and keeps a list of those that answer.
pub struct kinect2_browser_t(());

/// A server that was found.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_server_info_t {
    /// Size of this structure in bytes: members beyond it do not exist.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Its name for people, unique among the servers listed.
    pub name: *const c_char,
    /// Where it answers: pass it to kinect2_client_create().
    pub endpoint: *const c_char,
}

/// How to make a browser. Set it up with kinect2_browser_options_init().
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_browser_options_t {
    /// Size of this structure in bytes.
    pub struct_size: u32,
    /// KINECT2_DISCOVERY_*; default AUTO.
    pub discovery: u32,
    /// Numeric address of the interface to listen on; default NULL: all interfaces.
    pub address: *const c_char,
}

versioned!(kinect2_server_info_t, kinect2_browser_options_t);

/// Gets a server that came or went. A server whose endpoint changes is removed and added.
///
/// @param browser the handle that the callback was set on.
/// @param server valid until the callback returns.
/// @param user_data what was given with the callback.
pub type kinect2_browser_fn =
    Option<unsafe extern "C" fn(browser: *mut kinect2_browser_t, server: *const kinect2_server_info_t, user_data: *mut c_void)>;

/// Sets up options with their defaults, which are said at each member.
///
/// @param options receives exactly struct_size bytes.
/// @param struct_size sizeof(kinect2_browser_options_t) of the caller.
///
/// Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_browser_options_init(options: *mut kinect2_browser_options_t, struct_size: size_t) {
    guard_value((), || {
        let discovery = BrowserOptions::default().discovery.number();
        let defaults = kinect2_browser_options_t { discovery, ..kinect2_browser_options_t::empty() };
        // SAFETY: the caller's structure has `struct_size` bytes, or it is NULL.
        unsafe { structs::init(options, struct_size, defaults) }
    });
}

/// Makes a browser.
///
/// @param options NULL: defaults.
/// @param out receives the browser, not started; end it with kinect2_browser_destroy().
/// @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_UNSUPPORTED for a kind of discovery that this build does not have.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_browser_create(
    options: *const kinect2_browser_options_t,
    out: *mut *mut kinect2_browser_t,
) -> kinect2_result_t {
    // SAFETY: an output of the caller's, or NULL.
    let out = unsafe { HandleOut::new(out) };
    guard(|| {
        let out = out.checked()?;
        // SAFETY: the caller's structure and the text in it, or NULL.
        let options = unsafe { browser_options(options) }?;
        out.write(handle::insert(Browser::new(options)?)?);
        Ok(())
    })
}

/// # Safety
/// `options` is NULL or the caller's structure, as for [`structs::read`], with valid text in it.
unsafe fn browser_options(options: *const kinect2_browser_options_t) -> Result<BrowserOptions> {
    // SAFETY: the same condition.
    let Some(given) = (unsafe { structs::read_optional(options) })? else {
        return Ok(BrowserOptions::default());
    };
    Ok(BrowserOptions {
        discovery: names::discovery(given.discovery)?,
        // SAFETY: the same condition.
        address: unsafe { server::address(given.address) }?,
    })
}

/// Sets the callback that gets the servers that come, those already listed first.
///
/// Replacing and removing follow guarantee 8. The add and the remove of one server that both wait for callbacks cancel out.
///
/// @param browser a browser.
/// @param callback NULL removes it.
/// @param user_data is passed to the callback; may be freed when the callback was replaced or removed, or the browser destroyed.
/// @return KINECT2_OK; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for callbacks.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_browser_on_add_server(
    browser: *mut kinect2_browser_t,
    callback: kinect2_browser_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| handle::get(browser)?.on_add_server(server_callback(browser, callback, user_data)))
}

/// Sets the callback that gets the servers that go, as they were listed.
///
/// @param browser a browser.
/// @param callback NULL removes it.
/// @param user_data as for kinect2_browser_on_add_server().
/// @return as kinect2_browser_on_add_server().
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_browser_on_remove_server(
    browser: *mut kinect2_browser_t,
    callback: kinect2_browser_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| handle::get(browser)?.on_remove_server(server_callback(browser, callback, user_data)))
}

fn server_callback(browser: *mut kinect2_browser_t, callback: kinect2_browser_fn, user_data: *mut c_void) -> Option<ServerCallback> {
    let (token, user_data) = (browser.addr(), UserData::new(user_data));
    callback.map(|callback| -> ServerCallback {
        Arc::new(move |server: &ServerInfo| {
            let (name, endpoint) = (text::lent(&server.name), text::lent(&server.endpoint));
            let info = kinect2_server_info_t { name: name.as_ptr(), endpoint: endpoint.as_ptr(), ..kinect2_server_info_t::empty() };
            // SAFETY: the host's function, with what its type says; structure and text outlive the call.
            unsafe { callback(handle::pointer(token), ptr::from_ref(&info), user_data.pointer()) }
        })
    })
}

/// Starts looking for servers.
///
/// @param browser a browser. One that was started already goes on, with a logged warning.
/// @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT if no interface of this host has the address; KINECT2_ERROR_IO if the network
/// cannot be asked.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_browser_start(browser: *mut kinect2_browser_t) -> kinect2_result_t {
    guard(|| handle::get(browser)?.start())
}

/// Stops looking for servers. All are forgotten, without a call; its last callback has returned when this returns.
///
/// @param browser a browser. One that is not started stays so, with a logged warning.
/// @return KINECT2_OK.
///
/// Allowed in callbacks: there it does not wait for the callback that is running.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_browser_stop(browser: *mut kinect2_browser_t) -> kinect2_result_t {
    guard(|| handle::get(browser)?.stop())
}

/// Takes the next event of a browser: ADD_SERVER, REMOVE_SERVER, ERROR, OVERFLOW. Each is given out once, whoever asks; callbacks get
/// it too.
///
/// @param browser a browser.
/// @param timeout_ms how long to wait; KINECT2_WAIT_FOREVER; counts as 0 inside a callback of this browser.
/// @param event set its struct_size; receives the rest.
/// @return KINECT2_OK; KINECT2_TIMEOUT: none came; KINECT2_CLOSED: stopped and none left, or destroyed meanwhile.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_browser_next_event(
    browser: *mut kinect2_browser_t,
    timeout_ms: u32,
    event: *mut kinect2_event_t,
) -> kinect2_result_t {
    guard_polled(|| {
        let browser = handle::get(browser)?;
        // SAFETY: the caller's structure, or NULL.
        let out = unsafe { StructOut::new(event) }?;
        event::delivered(browser.next_event(names::patience(timeout_ms)), out)
    })
}

/// Something to wait on while there is no event: see kinect2_server_poll_fd(). It is the same over stop and start; events that were not
/// taken before a stop can be taken after it.
///
/// @param browser a browser.
/// @param what KINECT2_POLL_EVENTS.
/// @param fd receives it; it is the library's.
/// @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_IO if the system has none left.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_browser_poll_fd(browser: *const kinect2_browser_t, what: u32, fd: *mut isize) -> kinect2_result_t {
    guard(|| {
        let browser = handle::get(browser)?;
        names::poll_events(what)?;
        // SAFETY: an output of the caller's, or NULL.
        let out = unsafe { ValueOut::new(fd, "fd") }?;
        out.write(browser.poll_fd()? as isize);
        Ok(())
    })
}

/// How many servers are listed now.
///
/// @param browser a browser.
/// @return the number; 0 for a bad handle.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_browser_server_count(browser: *const kinect2_browser_t) -> u32 {
    guard_value(0, || Ok(handle::get(browser)?.servers().len() as u32))
}

/// The name of one of the servers that are listed now, in the order of their coming.
///
/// @param browser a browser.
/// @param index 0 to kinect2_browser_server_count() - 1.
/// @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
/// @param capacity bytes that fit into `buffer`.
/// @param length receives the text's length without the NUL; may be NULL.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if the index is too large; KINECT2_ERROR_BUFFER_TOO_SMALL.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_browser_server_name(
    browser: *const kinect2_browser_t,
    index: u32,
    buffer: *mut c_char,
    capacity: size_t,
    length: *mut size_t,
) -> kinect2_result_t {
    // SAFETY: the caller's buffer holds `capacity` bytes and `length` may be written to (or they are NULL).
    let out = unsafe { TextOut::new(buffer, capacity, length) };
    guard(|| {
        let names: Vec<String> = handle::get(browser)?.servers().into_iter().map(|server| server.name).collect();
        out.write_item(&names, index)
    })
}

/// The endpoint of a server that is listed now. A name is unique, so this is safe to ask however the list changes.
///
/// @param browser a browser.
/// @param name a server's name.
/// @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
/// @param capacity bytes that fit into `buffer`.
/// @param length receives the text's length without the NUL; may be NULL.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if no such server is listed; KINECT2_ERROR_BUFFER_TOO_SMALL.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_browser_server_endpoint(
    browser: *const kinect2_browser_t,
    name: *const c_char,
    buffer: *mut c_char,
    capacity: size_t,
    length: *mut size_t,
) -> kinect2_result_t {
    // SAFETY: the caller's buffer holds `capacity` bytes and `length` may be written to (or they are NULL).
    let out = unsafe { TextOut::new(buffer, capacity, length) };
    guard(|| {
        let browser = handle::get(browser)?;
        // SAFETY: the caller's text, or NULL.
        let name = unsafe { text::required(name, "name") }?;
        out.write(&browser.endpoint(&name)?)
    })
}

/// Destroys a browser: stops it and waits for its last callback, except inside of it.
///
/// @param browser a browser; NULL is fine. The handle is bad from the beginning of the call on.
/// @return KINECT2_OK; KINECT2_ERROR_BAD_HANDLE, at once, the second time.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_browser_destroy(browser: *mut kinect2_browser_t) -> kinect2_result_t {
    guard(|| handle::destroy(browser, |browser| browser.destroy()))
}
