//! The kinects of a server: coming, going, how they are compressed, and figures.

use std::ffi::c_char;

use libc::size_t;

use super::compress::{self, kinect2_encode_options_t};
use super::device::kinect2_device_t;
use super::guard::{guard, guard_value};
use super::handle;
use super::names;
use super::result::kinect2_result_t;
use super::server::kinect2_server_t;
use super::structs::{StructOut, Versioned, versioned};
use super::text::{self, TextOut};
use crate::frame::Streams;
use crate::server::ServerStats;

/// Figures of one stream of one kinect, since it was added.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_server_stats_t {
    /// Size of this structure in bytes: set it before the call.
    pub struct_size: u32,
    /// How many there are now; of depth: at both its endpoints.
    pub subscribers: u32,
    /// Frames that came from the device.
    pub frames_in: u64,
    /// Frames that were encoded, in however many codecs. `bytes` and `encode_time_ns` sum over these codecs.
    pub encoded: u64,
    /// Frames that were sent: once each, however many subscribers there are.
    pub sent: u64,
    /// Frames that were wanted, but a newer one came first. frames_in - encoded - dropped: nobody wanted them.
    pub dropped: u64,
    /// Encoded bytes in all.
    pub bytes: u64,
    /// Time spent on encoding in all.
    pub encode_time_ns: u64,
}

versioned!(kinect2_server_stats_t);

/// Adds a kinect to a server, before or after its start. A device may be in several servers.
///
/// @param server a server.
/// @param device a device, started or not.
/// @return KINECT2_OK; KINECT2_ERROR_IN_USE if this device or one with its id is there already, or a fixed port is taken;
/// KINECT2_ERROR_LIMIT if there are no ports left above data_port.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_server_add_kinect(server: *mut kinect2_server_t, device: *mut kinect2_device_t) -> kinect2_result_t {
    guard(|| handle::get(server)?.add_kinect(&handle::get(device)?))
}

/// Takes a kinect out of a server. The device goes on.
///
/// @param server a server.
/// @param device a device that was added.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if it is not there.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_server_remove_kinect(server: *mut kinect2_server_t, device: *mut kinect2_device_t) -> kinect2_result_t {
    guard(|| handle::get(server)?.remove_kinect(&handle::get(device)?))
}

/// Says how a server compresses, from the next frame on.
///
/// @param server a server.
/// @param device NULL: all that have no setting of their own, now and later; else this one.
/// @param streams KINECT2_STREAM_*, or'ed.
/// @param options NULL: back to the default.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if the device is not there; KINECT2_ERROR_INVALID_ARGUMENT if no stream is named;
/// KINECT2_ERROR_UNSUPPORTED for a codec that does not carry such streams or is not built.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_server_set_encoding(
    server: *mut kinect2_server_t,
    device: *mut kinect2_device_t,
    streams: u32,
    options: *const kinect2_encode_options_t,
) -> kinect2_result_t {
    guard(|| {
        let server = handle::get(server)?;
        let device = handle::get_optional(device)?;
        // SAFETY: the caller's structure, or NULL.
        let options = unsafe { compress::encode_options(options) }?;
        server.set_encoding(device.as_ref(), Streams::from_bits_retain(streams), options)
    })
}

/// How many kinects a server has.
///
/// @param server a server.
/// @return the number; 0 for a bad handle.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_server_kinect_count(server: *const kinect2_server_t) -> u32 {
    guard_value(0, || Ok(handle::get(server)?.kinect_ids().len() as u32))
}

/// The id of one of a server's kinects, in the order of their coming. A removal moves later ones down.
///
/// @param server a server.
/// @param index 0 to kinect2_server_kinect_count() - 1.
/// @param buffer receives the text, KINECT2_ID_CAPACITY bytes are enough.
/// @param capacity bytes that fit into `buffer`.
/// @param length receives the text's length without the NUL; may be NULL.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if the index is too large; KINECT2_ERROR_BUFFER_TOO_SMALL.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_server_kinect_id(
    server: *const kinect2_server_t,
    index: u32,
    buffer: *mut c_char,
    capacity: size_t,
    length: *mut size_t,
) -> kinect2_result_t {
    // SAFETY: the caller's buffer holds `capacity` bytes and `length` may be written to (or they are NULL).
    let out = unsafe { TextOut::new(buffer, capacity, length) };
    guard(|| out.write_item(&handle::get(server)?.kinect_ids(), index))
}

/// Figures of one stream of one kinect, since it was added.
///
/// @param server a server.
/// @param kinect_id a kinect of the server's.
/// @param stream KINECT2_STREAM_*, one bit.
/// @param stats set its struct_size; receives the rest.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND; KINECT2_ERROR_INVALID_ARGUMENT.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_server_stats(
    server: *const kinect2_server_t,
    kinect_id: *const c_char,
    stream: u32,
    stats: *mut kinect2_server_stats_t,
) -> kinect2_result_t {
    guard(|| {
        let server = handle::get(server)?;
        // SAFETY: the caller's text, or NULL.
        let kinect_id = unsafe { text::required(kinect_id, "kinect_id") }?;
        // SAFETY: the caller's structure, or NULL.
        let out = unsafe { StructOut::new(stats) }?;
        out.write(&describe(&server.stats(&kinect_id, names::stream(stream)?)?));
        Ok(())
    })
}

fn describe(stats: &ServerStats) -> kinect2_server_stats_t {
    kinect2_server_stats_t {
        subscribers: stats.subscribers,
        frames_in: stats.frames_in,
        encoded: stats.encoded,
        sent: stats.sent,
        dropped: stats.dropped,
        bytes: stats.bytes,
        encode_time_ns: stats.encode_time_ns,
        ..kinect2_server_stats_t::empty()
    }
}
