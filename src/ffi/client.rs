//! Clients: one server's kinects, as they come and go. Here: making, connecting, what is known about the server, polling.

use std::ffi::c_char;
use std::time::Duration;

use libc::size_t;

use super::event::{self, kinect2_event_t};
use super::frame::kinect2_frame_t;
use super::guard::{delivered, guard, guard_polled, guard_value};
use super::handle;
use super::names;
use super::result::kinect2_result_t;
use super::structs::{self, HandleOut, StructOut, ValueOut, Versioned, versioned};
use super::text::{self, TextOut};
use crate::client::{Client, ClientOptions};
use crate::error::Result;
use crate::frame::Streams;

/// A connection to one server, which it keeps over the server's absence: reports its kinects and receives their frames.
pub struct kinect2_client_t(());

/// How to make a client. Set it up with kinect2_client_options_init().
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_client_options_t {
    /// Size of this structure in bytes.
    pub struct_size: u32,
    /// How often the server is asked whether it is there; default 10000. Servers that speak the extension are asked once a second at
    /// least.
    pub heartbeat_period_ms: u32,
    /// How long an answer may take before the server is lost; default 5000.
    pub response_timeout_ms: u32,
    /// Whether to keep trying while there is no answer: 1 (default) or 0.
    pub reconnect: u32,
    /// KINECT2_DISCOVERY_*: how to find `server_name`; default AUTO.
    pub discovery: u32,
    /// 0.
    pub reserved: u32,
    /// Follow the server of this name to any endpoint; "*": the first server that is found; default NULL: stay at the endpoint.
    pub server_name: *const c_char,
}

versioned!(kinect2_client_options_t);

/// Sets up options with their defaults, which are said at each member.
///
/// @param options receives exactly struct_size bytes.
/// @param struct_size sizeof(kinect2_client_options_t) of the caller.
///
/// Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_options_init(options: *mut kinect2_client_options_t, struct_size: size_t) {
    guard_value((), || {
        let defaults = ClientOptions::default();
        let defaults = kinect2_client_options_t {
            heartbeat_period_ms: milliseconds(defaults.heartbeat_period),
            response_timeout_ms: milliseconds(defaults.response_timeout),
            reconnect: defaults.reconnect.into(),
            discovery: defaults.discovery.number(),
            ..kinect2_client_options_t::empty()
        };
        // SAFETY: the caller's structure has `struct_size` bytes, or it is NULL.
        unsafe { structs::init(options, struct_size, defaults) }
    });
}

fn milliseconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

/// Makes a client. Nothing is sent before kinect2_client_connect().
///
/// @param control_endpoint where the server answers, such as "tcp://192.168.1.4:40001"; may be NULL if the options name a server.
/// @param options NULL: defaults.
/// @param out receives the client; end it with kinect2_client_destroy().
/// @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT if the endpoint is not tcp://host:port, or neither endpoint nor name is given;
/// KINECT2_ERROR_UNSUPPORTED for a kind of discovery that this build does not have.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_create(
    control_endpoint: *const c_char,
    options: *const kinect2_client_options_t,
    out: *mut *mut kinect2_client_t,
) -> kinect2_result_t {
    // SAFETY: an output of the caller's, or NULL.
    let out = unsafe { HandleOut::new(out) };
    guard(|| {
        let out = out.checked()?;
        // SAFETY: the caller's text, or NULL.
        let endpoint = unsafe { text::optional(control_endpoint, "control_endpoint") }?;
        // SAFETY: the caller's structure and the text in it, or NULL.
        let options = unsafe { client_options(options) }?;
        out.write(handle::insert(Client::new(endpoint.as_deref(), options)?)?);
        Ok(())
    })
}

/// # Safety
/// `options` is NULL or the caller's structure, as for [`structs::read`], with valid text in it.
unsafe fn client_options(options: *const kinect2_client_options_t) -> Result<ClientOptions> {
    // SAFETY: the same condition.
    let Some(given) = (unsafe { structs::read_optional(options) })? else {
        return Ok(ClientOptions::default());
    };
    structs::reserved(given.reserved)?;
    Ok(ClientOptions {
        heartbeat_period: Duration::from_millis(given.heartbeat_period_ms.into()),
        response_timeout: Duration::from_millis(given.response_timeout_ms.into()),
        reconnect: given.reconnect != 0,
        discovery: names::discovery(given.discovery)?,
        // SAFETY: the same condition.
        server_name: unsafe { text::optional(given.server_name, "server_name") }?,
    })
}

/// Begins to connect and returns at once. What comes of it is told by callbacks and events.
///
/// @param client a client. One that connects or is connected goes on, with a logged warning.
/// @return KINECT2_OK; KINECT2_ERROR_IO if sockets cannot be had; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for it.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_connect(client: *mut kinect2_client_t) -> kinect2_result_t {
    guard(|| handle::get(client)?.connect())
}

/// Disconnects, or ends trying to connect. Frames that were not taken are dropped. Enabled streams stay enabled for the next connect.
/// Its last callback, on_disconnect with KINECT2_OK, has returned when this returns.
///
/// @param client a client. One that is not connected and not trying stays so, with a logged warning.
/// @return KINECT2_OK.
///
/// Allowed in callbacks: there it does not wait for the callback that is running.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_disconnect(client: *mut kinect2_client_t) -> kinect2_result_t {
    guard(|| handle::get(client)?.disconnect())
}

/// Whether the server answers.
///
/// @param client a client.
/// @return 1 or 0; a bad handle is 0.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_is_connected(client: *const kinect2_client_t) -> i32 {
    guard_value(0, || Ok(handle::get(client)?.is_connected().into()))
}

/// The name of the server, as its last answer said.
///
/// @param client a client.
/// @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
/// @param capacity bytes that fit into `buffer`.
/// @param length receives the text's length without the NUL; may be NULL.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND before the first answer; KINECT2_ERROR_BUFFER_TOO_SMALL.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_server_name(
    client: *const kinect2_client_t,
    buffer: *mut c_char,
    capacity: size_t,
    length: *mut size_t,
) -> kinect2_result_t {
    // SAFETY: the caller's buffer holds `capacity` bytes and `length` may be written to (or they are NULL).
    let out = unsafe { TextOut::new(buffer, capacity, length) };
    guard(|| out.write(&handle::get(client)?.server_name()?))
}

/// An endpoint of the server, as its last answer said.
///
/// @param client a client.
/// @param kinect_id NULL: the server's own endpoints; else that kinect's.
/// @param endpoint KINECT2_ENDPOINT_*.
/// @param buffer receives the text, KINECT2_TEXT_CAPACITY bytes are enough.
/// @param capacity bytes that fit into `buffer`.
/// @param length receives the text's length without the NUL; may be NULL.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if it is not known; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_BUFFER_TOO_SMALL.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_endpoint(
    client: *const kinect2_client_t,
    kinect_id: *const c_char,
    endpoint: u32,
    buffer: *mut c_char,
    capacity: size_t,
    length: *mut size_t,
) -> kinect2_result_t {
    // SAFETY: the caller's buffer holds `capacity` bytes and `length` may be written to (or they are NULL).
    let out = unsafe { TextOut::new(buffer, capacity, length) };
    guard(|| {
        let client = handle::get(client)?;
        // SAFETY: the caller's text, or NULL.
        let kinect_id = unsafe { text::optional(kinect_id, "kinect_id") }?;
        out.write(&client.endpoint(kinect_id.as_deref(), names::endpoint(endpoint)?)?)
    })
}

/// Takes the newest frame: an alternative to callbacks, or beside them. For each kinect and stream the newest frame waits; it is given
/// out once, whoever asks. Where several wait, the one that waits longest is taken, so that none starves.
///
/// @param client a client; what it shall receive is enabled by kinect2_client_enable_stream() or kinect2_client_enable_depth_frames().
/// @param kinect_id NULL: any kinect.
/// @param streams KINECT2_STREAM_*, or'ed: any of them.
/// @param timeout_ms how long to wait; KINECT2_WAIT_FOREVER; counts as 0 inside a callback of this client.
/// @param out receives the frame, with a reference that the caller gives back by kinect2_frame_release().
/// @return KINECT2_OK; KINECT2_TIMEOUT: none came, also while the server is lost; KINECT2_CLOSED: not connected and not trying, or
/// destroyed meanwhile; KINECT2_ERROR_INVALID_ARGUMENT.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_take_frame(
    client: *mut kinect2_client_t,
    kinect_id: *const c_char,
    streams: u32,
    timeout_ms: u32,
    out: *mut *mut kinect2_frame_t,
) -> kinect2_result_t {
    // SAFETY: an output of the caller's, or NULL.
    let out = unsafe { HandleOut::new(out) };
    guard_polled(|| {
        let client = handle::get(client)?;
        let out = out.checked()?;
        // SAFETY: the caller's text, or NULL.
        let kinect_id = unsafe { text::optional(kinect_id, "kinect_id") }?;
        let polled = client.take_frame(kinect_id.as_deref(), Streams::from_bits_retain(streams), names::patience(timeout_ms))?;
        delivered(polled, |frame| handle::give_frame(frame).map(|handle| out.write(handle)))
    })
}

/// Takes the next event of a client. Each is given out once, whoever asks; callbacks get it too.
///
/// @param client a client.
/// @param timeout_ms how long to wait; KINECT2_WAIT_FOREVER; counts as 0 inside a callback of this client.
/// @param event set its struct_size; receives the rest.
/// @return KINECT2_OK; KINECT2_TIMEOUT: none came; KINECT2_CLOSED: not connected, not trying and none left, or destroyed meanwhile.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_next_event(
    client: *mut kinect2_client_t,
    timeout_ms: u32,
    event: *mut kinect2_event_t,
) -> kinect2_result_t {
    guard_polled(|| {
        let client = handle::get(client)?;
        // SAFETY: the caller's structure, or NULL.
        let out = unsafe { StructOut::new(event) }?;
        event::delivered(client.next_event(names::patience(timeout_ms)), out)
    })
}

/// Something to wait on while there is no event, or no frame of any kinect and stream: see kinect2_server_poll_fd(). It is the same
/// for the client's whole life, over reconnects, disconnect and connect.
///
/// KINECT2_POLL_FRAMES: readable exactly while kinect2_client_take_frame() with kinect_id NULL and KINECT2_STREAM_ALL would get a frame at
/// once. Take that way, or disable what is not taken: a frame that is left keeps it readable. Frames that are dropped (the stream is
/// disabled, the kinect or the server goes, the process did not run for long) make it unreadable, perhaps between the loop's wait and the
/// call. That the server is lost, or given up, is an event: wait for KINECT2_POLL_EVENTS as well.
///
/// @param client a client.
/// @param what KINECT2_POLL_EVENTS or KINECT2_POLL_FRAMES: one of the two.
/// @param fd receives it; it is the library's.
/// @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_IO if the system has none left.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_poll_fd(client: *const kinect2_client_t, what: u32, fd: *mut isize) -> kinect2_result_t {
    guard(|| {
        let client = handle::get(client)?;
        let what = names::poll_kind(what)?;
        // SAFETY: an output of the caller's, or NULL.
        let out = unsafe { ValueOut::new(fd, "fd") }?;
        out.write(client.poll_fd(what)? as isize);
        Ok(())
    })
}

/// Destroys a client: disconnects it without a word and waits for its last callback, except inside of it. Frames that were taken or
/// retained stay.
///
/// @param client a client; NULL is fine. The handle is bad from the beginning of the call on.
/// @return KINECT2_OK; KINECT2_ERROR_BAD_HANDLE, at once, the second time.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_destroy(client: *mut kinect2_client_t) -> kinect2_result_t {
    guard(|| handle::destroy(client, |client| client.destroy()))
}
