//! Servers: offer devices to the network.

use std::ffi::{c_char, c_void};
use std::net::IpAddr;
use std::ptr;
use std::sync::Arc;

use libc::size_t;

use super::event::{self, kinect2_event_t};
use super::guard::{guard, guard_polled, guard_value};
use super::handle;
use super::names;
use super::result::kinect2_result_t;
use super::structs::{self, HandleOut, StructOut, ValueOut, Versioned, versioned};
use super::text::{self, TextOut};
use super::user::UserData;
use crate::dispatch::{Event, EventCallback};
use crate::error::{Error, Result};
use crate::server::{Server, ServerOptions};

/// Offers kinects to the network: answers clients, sends them frames, and announces itself over Zeroconf.
pub struct kinect2_server_t(());

/// How to make a server. Set it up with kinect2_server_options_init().
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_server_options_t {
    /// Size of this structure in bytes.
    pub struct_size: u32,
    /// Whether to advertise over Zeroconf: 1 (default) or 0.
    pub announce: u32,
    /// KINECT2_DISCOVERY_*; default AUTO.
    pub discovery: u32,
    /// Control port; default 0: any free one, chosen at each start.
    pub port: u32,
    /// Name for people; default NULL: one is made up.
    pub name: *const c_char,
    /// Numeric IPv4 or IPv6 address to bind; default NULL: all interfaces.
    pub address: *const c_char,
    /// First port for frames, for firewalls and containers; default 0: any free ones. Each kinect takes four, from
    /// data_port + 4 * its slot, where it takes the lowest free slot when it is added and keeps it.
    pub data_port: u32,
    /// 0.
    pub reserved: u32,
}

versioned!(kinect2_server_options_t);

/// Gets the events of a server: what kinect2_server_next_event() gives.
///
/// @param server the handle that the callback was set on.
/// @param event valid until the callback returns.
/// @param user_data what was given with the callback.
pub type kinect2_server_event_fn =
    Option<unsafe extern "C" fn(server: *mut kinect2_server_t, event: *const kinect2_event_t, user_data: *mut c_void)>;

/// Sets up options with their defaults, which are said at each member.
///
/// @param options receives exactly struct_size bytes.
/// @param struct_size sizeof(kinect2_server_options_t) of the caller.
///
/// Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_server_options_init(options: *mut kinect2_server_options_t, struct_size: size_t) {
    guard_value((), || {
        let defaults = ServerOptions::default();
        let defaults = kinect2_server_options_t {
            announce: defaults.announce.into(),
            discovery: defaults.discovery.number(),
            port: defaults.port.into(),
            data_port: defaults.data_port.into(),
            ..kinect2_server_options_t::empty()
        };
        // SAFETY: the caller's structure has `struct_size` bytes, or it is NULL.
        unsafe { structs::init(options, struct_size, defaults) }
    });
}

/// Makes a server.
///
/// @param options NULL: defaults.
/// @param out receives the server, not started; end it with kinect2_server_destroy().
/// @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_UNSUPPORTED for a kind of discovery that this build does not have.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_server_create(
    options: *const kinect2_server_options_t,
    out: *mut *mut kinect2_server_t,
) -> kinect2_result_t {
    // SAFETY: an output of the caller's, or NULL.
    let out = unsafe { HandleOut::new(out) };
    guard(|| {
        let out = out.checked()?;
        // SAFETY: the caller's structure and the text in it, or NULL.
        let options = unsafe { server_options(options) }?;
        out.write(handle::insert(Server::new(options)?)?);
        Ok(())
    })
}

/// # Safety
/// `options` is NULL or the caller's structure, as for [`structs::read`], with valid text in it.
unsafe fn server_options(options: *const kinect2_server_options_t) -> Result<ServerOptions> {
    // SAFETY: the same condition.
    let Some(given) = (unsafe { structs::read_optional(options) })? else {
        return Ok(ServerOptions::default());
    };
    structs::reserved(given.reserved)?;
    Ok(ServerOptions {
        announce: given.announce != 0,
        discovery: names::discovery(given.discovery)?,
        port: port(given.port, "port")?,
        // SAFETY: the same condition.
        name: unsafe { text::optional(given.name, "name") }?,
        // SAFETY: the same condition.
        address: unsafe { address(given.address) }?,
        data_port: port(given.data_port, "data_port")?,
    })
}

fn port(number: u32, what: &str) -> Result<u16> {
    u16::try_from(number).map_err(|_| Error::invalid(format!("{what} is {number}: ports are 1 to 65535, 0 is any free one")))
}

/// A numeric address that may be left out.
///
/// # Safety
/// As [`text::optional`].
pub(super) unsafe fn address(address: *const c_char) -> Result<Option<IpAddr>> {
    // SAFETY: the same condition.
    let Some(text) = (unsafe { text::optional(address, "address") })? else {
        return Ok(None);
    };
    let wrong = |_| Error::invalid(format!("address {text:?} is not a numeric IPv4 or IPv6 address"));
    text.parse().map(Some).map_err(wrong)
}

/// Starts a server: it is bound and answers when this returns. Announcing goes on by itself and fails as an event.
///
/// @param server a server. One that runs already goes on, with a logged warning.
/// @return KINECT2_OK; KINECT2_ERROR_IN_USE if a port is taken; KINECT2_ERROR_IO.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_server_start(server: *mut kinect2_server_t) -> kinect2_result_t {
    guard(|| handle::get(server)?.start())
}

/// Stops a server: its ports are free and its last callback has returned when this returns. Its kinects and settings stay.
///
/// @param server a server. One that does not run stays so, with a logged warning.
/// @return KINECT2_OK.
///
/// Allowed in callbacks: there it does not wait for the callback that is running.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_server_stop(server: *mut kinect2_server_t) -> kinect2_result_t {
    guard(|| handle::get(server)?.stop())
}

/// Whether a server runs.
///
/// @param server a server.
/// @return 1 or 0; a bad handle is 0.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_server_is_running(server: *const kinect2_server_t) -> i32 {
    guard_value(0, || Ok(handle::get(server)?.is_running().into()))
}

/// The name of a server, as it is announced now.
///
/// @param server a server.
/// @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
/// @param capacity bytes that fit into `buffer`.
/// @param length receives the text's length without the NUL; may be NULL.
/// @return KINECT2_OK; KINECT2_ERROR_BUFFER_TOO_SMALL.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_server_name(
    server: *const kinect2_server_t,
    buffer: *mut c_char,
    capacity: size_t,
    length: *mut size_t,
) -> kinect2_result_t {
    // SAFETY: the caller's buffer holds `capacity` bytes and `length` may be written to (or they are NULL).
    let out = unsafe { TextOut::new(buffer, capacity, length) };
    guard(|| out.write(&handle::get(server)?.name()))
}

/// The address of a server, as it is bound.
///
/// @param server a server.
/// @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
/// @param capacity bytes that fit into `buffer`.
/// @param length receives the text's length without the NUL; may be NULL.
/// @return KINECT2_OK; KINECT2_ERROR_BAD_STATE if it does not run; KINECT2_ERROR_BUFFER_TOO_SMALL.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_server_address(
    server: *const kinect2_server_t,
    buffer: *mut c_char,
    capacity: size_t,
    length: *mut size_t,
) -> kinect2_result_t {
    // SAFETY: the caller's buffer holds `capacity` bytes and `length` may be written to (or they are NULL).
    let out = unsafe { TextOut::new(buffer, capacity, length) };
    guard(|| out.write(&handle::get(server)?.address()?))
}

/// An endpoint of a server, such as "tcp://192.168.1.4:40001". It is never a wildcard: where the server is bound to all interfaces it
/// has the address that a client on another host would use (the first that is not loopback; loopback where there is no other).
///
/// @param server a server that runs.
/// @param kinect_id NULL: the server's own endpoints; else that kinect's.
/// @param endpoint KINECT2_ENDPOINT_*.
/// @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
/// @param capacity bytes that fit into `buffer`.
/// @param length receives the text's length without the NUL; may be NULL.
/// @return KINECT2_OK; KINECT2_ERROR_BAD_STATE if it does not run; KINECT2_ERROR_NOT_FOUND if there is no such kinect or it has no such
/// endpoint; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_BUFFER_TOO_SMALL.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_server_endpoint(
    server: *const kinect2_server_t,
    kinect_id: *const c_char,
    endpoint: u32,
    buffer: *mut c_char,
    capacity: size_t,
    length: *mut size_t,
) -> kinect2_result_t {
    // SAFETY: the caller's buffer holds `capacity` bytes and `length` may be written to (or they are NULL).
    let out = unsafe { TextOut::new(buffer, capacity, length) };
    guard(|| {
        let server = handle::get(server)?;
        // SAFETY: the caller's text, or NULL.
        let kinect_id = unsafe { text::optional(kinect_id, "kinect_id") }?;
        out.write(&server.endpoint(kinect_id.as_deref(), names::endpoint(endpoint)?)?)
    })
}

/// Sets the callback that gets a server's events, from now on.
///
/// Replacing and removing follow guarantee 8. At most 256 events wait for the callback.
///
/// @param server a server.
/// @param callback NULL removes it.
/// @param user_data is passed to the callback; may be freed when the callback was replaced or removed, or the server destroyed.
/// @return KINECT2_OK; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for callbacks.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_server_on_event(
    server: *mut kinect2_server_t,
    callback: kinect2_server_event_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| {
        let object = handle::get(server)?;
        let (token, user_data) = (server.addr(), UserData::new(user_data));
        object.on_event(callback.map(|callback| -> Arc<EventCallback> {
            Arc::new(move |event: &Event| {
                let event = event::describe(event);
                // SAFETY: the host's function, with what its type says; the event outlives the call.
                unsafe { callback(handle::pointer(token), ptr::from_ref(&event), user_data.pointer()) }
            })
        }))
    })
}

/// Takes the next event of a server. Each is given out once, whoever asks; callbacks get it too.
///
/// @param server a server.
/// @param timeout_ms how long to wait; KINECT2_WAIT_FOREVER; counts as 0 inside a callback of this server.
/// @param event set its struct_size; receives the rest.
/// @return KINECT2_OK; KINECT2_TIMEOUT: none came; KINECT2_CLOSED: destroyed meanwhile.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_server_next_event(
    server: *mut kinect2_server_t,
    timeout_ms: u32,
    event: *mut kinect2_event_t,
) -> kinect2_result_t {
    guard_polled(|| {
        let server = handle::get(server)?;
        // SAFETY: the caller's structure, or NULL.
        let out = unsafe { StructOut::new(event) }?;
        event::delivered(server.next_event(names::patience(timeout_ms)), out)
    })
}

/// Something to wait on in the host's own loop while there is no event: a file descriptor for poll() and the like, on Windows an event
/// HANDLE.
///
/// It is readable (signalled), level-triggered, exactly while there is an event to take: whoever leaves one is told again at once. It is
/// the same for the server's whole life, over stop and start. It is the library's: wait on it, in several loops if need be; do not read,
/// write or close it, and take it out of the loop before the server is destroyed.
///
/// When it is readable, take with a timeout of 0; another thread may have been faster (KINECT2_TIMEOUT). A loop that is told of changes
/// only (EPOLLET, EV_CLEAR) takes until there is no more: what comes to something that waits already is no change. That nothing will come
/// any more (KINECT2_CLOSED) is not signalled. docs/conventions.md has the lines for some loops.
///
/// @param server a server.
/// @param what KINECT2_POLL_EVENTS.
/// @param fd receives it.
/// @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_IO if the system has none left.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_server_poll_fd(server: *const kinect2_server_t, what: u32, fd: *mut isize) -> kinect2_result_t {
    guard(|| {
        let server = handle::get(server)?;
        names::poll_events(what)?;
        // SAFETY: an output of the caller's, or NULL.
        let out = unsafe { ValueOut::new(fd, "fd") }?;
        out.write(server.poll_fd()? as isize);
        Ok(())
    })
}

/// Destroys a server: stops it and waits for its last callback, except inside of it. Its kinects go on.
///
/// @param server a server; NULL is fine. The handle is bad from the beginning of the call on.
/// @return KINECT2_OK; KINECT2_ERROR_BAD_HANDLE, at once, the second time.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_server_destroy(server: *mut kinect2_server_t) -> kinect2_result_t {
    guard(|| handle::destroy(server, |server| server.destroy()))
}
