//! The callbacks of a client, and pings, whose answer is one.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::Arc;

use super::client::kinect2_client_t;
use super::event::{self, kinect2_event_t};
use super::frame::kinect2_frame_t;
use super::guard::guard;
use super::handle::{self, LentFrame};
use super::result::{self, kinect2_result_t};
use super::text;
use super::user::UserData;
use crate::dispatch::{Event, EventCallback};
use crate::error::Outcome;
use crate::frame::Frame;

type ConnectCallback = Arc<dyn Fn() + Send + Sync>;
type DisconnectCallback = Arc<dyn Fn(Outcome) + Send + Sync>;
type KinectCallback = Arc<dyn Fn(&str) + Send + Sync>;
type FrameCallback = Arc<dyn Fn(&str, &Frame) + Send + Sync>;
type PongCallback = Box<dyn FnOnce(Outcome, u64) + Send>;

/// The server has answered.
///
/// @param client the handle that the callback was set on.
/// @param user_data what was given with the callback.
pub type kinect2_client_fn = Option<unsafe extern "C" fn(client: *mut kinect2_client_t, user_data: *mut c_void)>;

/// The server is gone, or did not answer in the first place. Called once, however often it is tried again.
///
/// @param client the handle that the callback was set on.
/// @param reason KINECT2_OK after kinect2_client_disconnect(); KINECT2_TIMEOUT: no answer; else an error.
/// @param user_data what was given with the callback.
pub type kinect2_client_lost_fn =
    Option<unsafe extern "C" fn(client: *mut kinect2_client_t, reason: kinect2_result_t, user_data: *mut c_void)>;

/// A kinect came or went.
///
/// @param client the handle that the callback was set on.
/// @param kinect_id its id, valid until the callback returns.
/// @param user_data what was given with the callback.
pub type kinect2_client_kinect_fn =
    Option<unsafe extern "C" fn(client: *mut kinect2_client_t, kinect_id: *const c_char, user_data: *mut c_void)>;

/// A frame came, decoded.
///
/// @param client the handle that the callback was set on.
/// @param kinect_id the kinect that it is from, valid until the callback returns.
/// @param frame valid until the callback returns; keep it with kinect2_frame_retain().
/// @param user_data what was given with the callback.
pub type kinect2_client_frame_fn = Option<
    unsafe extern "C" fn(client: *mut kinect2_client_t, kinect_id: *const c_char, frame: *mut kinect2_frame_t, user_data: *mut c_void),
>;

/// A ping ended.
///
/// @param client the handle that was pinged with.
/// @param result KINECT2_OK; KINECT2_TIMEOUT: no answer; KINECT2_CLOSED: disconnected first; else an error.
/// @param round_trip_ns the time from ping to pong; 0 without one.
/// @param user_data what was given with the callback.
pub type kinect2_client_pong_fn =
    Option<unsafe extern "C" fn(client: *mut kinect2_client_t, result: kinect2_result_t, round_trip_ns: u64, user_data: *mut c_void)>;

/// Gets the events of a client: what kinect2_client_next_event() gives.
///
/// @param client the handle that the callback was set on.
/// @param event valid until the callback returns.
/// @param user_data what was given with the callback.
pub type kinect2_client_event_fn =
    Option<unsafe extern "C" fn(client: *mut kinect2_client_t, event: *const kinect2_event_t, user_data: *mut c_void)>;

/// Sets the callback for an answering server. If it answers already, the callback is called for that.
///
/// The order of callbacks is on_connect, on_add_kinect, that kinect's frames, on_remove_kinect for each there is, on_disconnect.
/// Replacing and removing follow guarantee 8, here and below.
///
/// @param client a client.
/// @param callback NULL removes it.
/// @param user_data is passed to the callback; may be freed when the callback was replaced or removed, or the client destroyed.
/// @return KINECT2_OK; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for callbacks.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_on_connect(
    client: *mut kinect2_client_t,
    callback: kinect2_client_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| {
        let object = handle::get(client)?;
        let (token, user_data) = (client.addr(), UserData::new(user_data));
        object.on_connect(callback.map(|callback| -> ConnectCallback {
            // SAFETY: the host's function, with what its type says.
            Arc::new(move || unsafe { callback(handle::pointer(token), user_data.pointer()) })
        }))
    })
}

/// Sets the callback for a server that is gone.
///
/// @param client a client.
/// @param callback NULL removes it.
/// @param user_data as for kinect2_client_on_connect().
/// @return as kinect2_client_on_connect().
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_on_disconnect(
    client: *mut kinect2_client_t,
    callback: kinect2_client_lost_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| {
        let object = handle::get(client)?;
        let (token, user_data) = (client.addr(), UserData::new(user_data));
        object.on_disconnect(callback.map(|callback| -> DisconnectCallback {
            Arc::new(move |reason: Outcome| {
                // SAFETY: the host's function, with what its type says.
                unsafe { callback(handle::pointer(token), result::of_outcome(reason), user_data.pointer()) }
            })
        }))
    })
}

/// Sets the callback for kinects that come, those already there first.
///
/// @param client a client.
/// @param callback NULL removes it.
/// @param user_data as for kinect2_client_on_connect().
/// @return as kinect2_client_on_connect().
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_on_add_kinect(
    client: *mut kinect2_client_t,
    callback: kinect2_client_kinect_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| handle::get(client)?.on_add_kinect(kinect_callback(client, callback, user_data)))
}

/// Sets the callback for kinects that go.
///
/// @param client a client.
/// @param callback NULL removes it.
/// @param user_data as for kinect2_client_on_connect().
/// @return as kinect2_client_on_connect().
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_on_remove_kinect(
    client: *mut kinect2_client_t,
    callback: kinect2_client_kinect_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| handle::get(client)?.on_remove_kinect(kinect_callback(client, callback, user_data)))
}

fn kinect_callback(client: *mut kinect2_client_t, callback: kinect2_client_kinect_fn, user_data: *mut c_void) -> Option<KinectCallback> {
    let (token, user_data) = (client.addr(), UserData::new(user_data));
    callback.map(|callback| -> KinectCallback {
        Arc::new(move |kinect_id: &str| {
            let kinect_id = text::lent(kinect_id);
            // SAFETY: the host's function, with what its type says; the text outlives the call.
            unsafe { callback(handle::pointer(token), kinect_id.as_ptr(), user_data.pointer()) }
        })
    })
}

/// Sets the callback for depth frames. A depth frame goes to it first, then to kinect2_client_on_frame()'s.
///
/// Frames come when the stream is enabled, too. At most one a kinect waits for the callback: the newest.
///
/// @param client a client.
/// @param callback NULL removes it.
/// @param user_data as for kinect2_client_on_connect().
/// @return as kinect2_client_on_connect().
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_on_depth_frame(
    client: *mut kinect2_client_t,
    callback: kinect2_client_frame_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| handle::get(client)?.on_depth_frame(frame_callback(client, callback, user_data)))
}

/// Sets the callback for frames of every stream.
///
/// Frames come when their stream is enabled, too. At most one a kinect and stream waits for the callback: the newest.
///
/// @param client a client.
/// @param callback NULL removes it.
/// @param user_data as for kinect2_client_on_connect().
/// @return as kinect2_client_on_connect().
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_on_frame(
    client: *mut kinect2_client_t,
    callback: kinect2_client_frame_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| handle::get(client)?.on_frame(frame_callback(client, callback, user_data)))
}

fn frame_callback(client: *mut kinect2_client_t, callback: kinect2_client_frame_fn, user_data: *mut c_void) -> Option<FrameCallback> {
    let (token, user_data) = (client.addr(), UserData::new(user_data));
    callback.map(|callback| -> FrameCallback {
        Arc::new(move |kinect_id: &str, frame: &Frame| {
            let kinect_id = text::lent(kinect_id);
            let Some(frame) = LentFrame::new(frame) else { return };
            // SAFETY: the host's function, with what its type says; text and the frame's handle outlive the call.
            unsafe { callback(handle::pointer(token), kinect_id.as_ptr(), frame.handle(), user_data.pointer()) }
        })
    })
}

/// Sets the callback that gets a client's events, from now on: what kinect2_client_next_event() gives, errors too.
///
/// At most 256 events wait for the callback.
///
/// @param client a client.
/// @param callback NULL removes it.
/// @param user_data as for kinect2_client_on_connect().
/// @return as kinect2_client_on_connect().
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_on_event(
    client: *mut kinect2_client_t,
    callback: kinect2_client_event_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| {
        let object = handle::get(client)?;
        let (token, user_data) = (client.addr(), UserData::new(user_data));
        object.on_event(callback.map(|callback| -> Arc<EventCallback> {
            Arc::new(move |event: &Event| {
                let event = event::describe(event);
                // SAFETY: the host's function, with what its type says; the event outlives the call.
                unsafe { callback(handle::pointer(token), ptr::from_ref(&event), user_data.pointer()) }
            })
        }))
    })
}

/// Asks the server for a sign of life, once. Possible from connect on, also before the server has answered.
///
/// @param client a client.
/// @param callback called once: KINECT2_OK, KINECT2_TIMEOUT, an error, or KINECT2_CLOSED by disconnect; not if the client is destroyed
/// first. May be NULL: then there is only the event PONG.
/// @param user_data is passed to the callback.
/// @return KINECT2_OK; KINECT2_ERROR_BAD_STATE if not connected and not trying; KINECT2_ERROR_LIMIT if 64 wait already.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_ping(
    client: *mut kinect2_client_t,
    callback: kinect2_client_pong_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| {
        let object = handle::get(client)?;
        let (token, user_data) = (client.addr(), UserData::new(user_data));
        object.ping(callback.map(|callback| -> PongCallback {
            Box::new(move |outcome: Outcome, round_trip_ns: u64| {
                let result = result::of_outcome(outcome);
                // SAFETY: the host's function, with what its type says.
                unsafe { callback(handle::pointer(token), result, round_trip_ns, user_data.pointer()) }
            })
        }))
    })
}
