//! The kinects that a client sees and their streams: what there is, enabling, figures.

use std::ffi::c_char;
use std::ptr;

use libc::size_t;

use super::client::kinect2_client_t;
use super::device::{self, kinect2_stream_info_t};
use super::guard::{guard, guard_value};
use super::handle;
use super::names::{self, KINECT2_STREAM_DEPTH};
use super::result::kinect2_result_t;
use super::structs::{self, StructOut, Versioned, versioned};
use super::text::{self, TextOut};
use crate::client::ClientStats;
use crate::error::{Error, Result};
use crate::frame::{PixelFormat, Streams};

/// How a client wants a stream. Set it up with kinect2_stream_options_init().
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_stream_options_t {
    /// Size of this structure in bytes.
    pub struct_size: u32,
    /// KINECT2_FORMAT_*; default 0: as it comes (depth and infrared: 16 bits; colour: JPEG or pixels).
    pub format: u32,
}

/// Figures of one stream of one kinect, since it was enabled.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_client_stats_t {
    /// Size of this structure in bytes: set it before the call.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Frames that came and decoded: delivered + dropped + those that wait.
    pub received: u64,
    /// Frames that did not come, by gaps in the sequence.
    pub lost: u64,
    /// Frames that were replaced by a newer one before anyone got them.
    pub dropped: u64,
    /// Messages that did not decode.
    pub corrupt: u64,
    /// Bytes of all messages that came, their headers included.
    pub bytes: u64,
    /// Median time from capture to delivery, of the last few seconds; 0: unknown.
    pub latency_p50_ns: u64,
    /// The same, of which one frame in a hundred takes longer.
    pub latency_p99_ns: u64,
    /// Frames that reached a callback or a poller.
    pub delivered: u64,
    /// Of these, by kinect2_client_take_frame().
    pub taken: u64,
    /// Time spent decoding. Of frames that come together only the newest is decoded.
    pub decode_time_ns: u64,
}

versioned!(kinect2_stream_options_t);
versioned!(kinect2_client_stats_t, first: std::mem::offset_of!(kinect2_client_stats_t, decode_time_ns));

/// Sets up options with their defaults, which are said at each member.
///
/// @param options receives exactly struct_size bytes.
/// @param struct_size sizeof(kinect2_stream_options_t) of the caller.
///
/// Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_stream_options_init(options: *mut kinect2_stream_options_t, struct_size: size_t) {
    // SAFETY: the caller's structure has `struct_size` bytes, or it is NULL.
    guard_value((), || unsafe { structs::init(options, struct_size, kinect2_stream_options_t::empty()) })
}

/// How many kinects a client sees.
///
/// @param client a client.
/// @return the number; 0 for a bad handle.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_client_kinect_count(client: *const kinect2_client_t) -> u32 {
    guard_value(0, || Ok(handle::get(client)?.kinect_ids().len() as u32))
}

/// The id of one of the kinects that a client sees, in the order of their coming. A removal moves later ones down.
///
/// @param client a client.
/// @param index 0 to kinect2_client_kinect_count() - 1.
/// @param buffer receives the text, KINECT2_ID_CAPACITY bytes are enough.
/// @param capacity bytes that fit into `buffer`.
/// @param length receives the text's length without the NUL; may be NULL.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if the index is too large; KINECT2_ERROR_BUFFER_TOO_SMALL.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_kinect_id(
    client: *const kinect2_client_t,
    index: u32,
    buffer: *mut c_char,
    capacity: size_t,
    length: *mut size_t,
) -> kinect2_result_t {
    // SAFETY: the caller's buffer holds `capacity` bytes and `length` may be written to (or they are NULL).
    let out = unsafe { TextOut::new(buffer, capacity, length) };
    guard(|| out.write_item(&handle::get(client)?.kinect_ids(), index))
}

/// The streams that a kinect offers.
///
/// @param client a client.
/// @param kinect_id a kinect that the client sees.
/// @return KINECT2_STREAM_*, or'ed; 0 if there is no such kinect.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_streams(client: *const kinect2_client_t, kinect_id: *const c_char) -> u32 {
    guard_value(0, || {
        let client = handle::get(client)?;
        // SAFETY: the caller's text, or NULL.
        let kinect_id = unsafe { text::required(kinect_id, "kinect_id") }?;
        match client.streams(&kinect_id) {
            none if none.is_empty() => Err(Error::not_found(format!("there is no kinect {kinect_id:?}"))),
            streams => Ok(streams.bits()),
        }
    })
}

/// What a stream of a kinect is. From a server of version 1: depth, 512x424, frame rate 0, codec LZ4_PACKED.
///
/// @param client a client.
/// @param kinect_id a kinect that the client sees.
/// @param stream KINECT2_STREAM_*, one bit.
/// @param info set its struct_size; receives the rest.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if there is no such kinect; KINECT2_ERROR_UNSUPPORTED if it lacks the stream.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_stream_info(
    client: *const kinect2_client_t,
    kinect_id: *const c_char,
    stream: u32,
    info: *mut kinect2_stream_info_t,
) -> kinect2_result_t {
    guard(|| {
        let client = handle::get(client)?;
        // SAFETY: the caller's text, or NULL.
        let kinect_id = unsafe { text::required(kinect_id, "kinect_id") }?;
        // SAFETY: the caller's structure, or NULL.
        let out = unsafe { StructOut::new(info) }?;
        out.write(&device::describe(&client.stream_info(&kinect_id, names::stream(stream)?)?));
        Ok(())
    })
}

/// Enables depth frames: kinect2_client_enable_stream() with KINECT2_STREAM_DEPTH and no options.
///
/// @param client a client.
/// @param kinect_id NULL: every kinect, now and later.
/// @return as kinect2_client_enable_stream().
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_enable_depth_frames(client: *mut kinect2_client_t, kinect_id: *const c_char) -> kinect2_result_t {
    // SAFETY: the caller's text, or NULL.
    guard(|| unsafe { enable(client, kinect_id, KINECT2_STREAM_DEPTH, ptr::null()) })
}

/// Disables depth frames: kinect2_client_disable_stream() with KINECT2_STREAM_DEPTH.
///
/// @param client a client.
/// @param kinect_id NULL: every kinect, now and later.
/// @return as kinect2_client_disable_stream().
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_disable_depth_frames(client: *mut kinect2_client_t, kinect_id: *const c_char) -> kinect2_result_t {
    // SAFETY: the caller's text, or NULL.
    guard(|| unsafe { disable(client, kinect_id, KINECT2_STREAM_DEPTH) })
}

/// Enables streams, whose frames then go to callbacks and to kinect2_client_take_frame(). Enabling twice is enabling once.
///
/// It lasts until it is disabled, also over the loss and return of kinect or server, and over disconnect and connect.
///
/// @param client a client.
/// @param kinect_id NULL: every kinect, now and later, allowed before connect too; else one that the client sees.
/// @param streams KINECT2_STREAM_*, or'ed.
/// @param options NULL: defaults.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND if there is no such kinect; KINECT2_ERROR_UNSUPPORTED for a stream that the kinect lacks,
/// or a format that this version cannot make of it; KINECT2_ERROR_INVALID_ARGUMENT.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_enable_stream(
    client: *mut kinect2_client_t,
    kinect_id: *const c_char,
    streams: u32,
    options: *const kinect2_stream_options_t,
) -> kinect2_result_t {
    // SAFETY: the caller's text and structure, or NULL.
    guard(|| unsafe { enable(client, kinect_id, streams, options) })
}

/// # Safety
/// `kinect_id` as for [`text::optional`], `options` as for [`structs::read`].
unsafe fn enable(
    client: *mut kinect2_client_t,
    kinect_id: *const c_char,
    streams: u32,
    options: *const kinect2_stream_options_t,
) -> Result<()> {
    let client = handle::get(client)?;
    // SAFETY: the same condition.
    let kinect_id = unsafe { text::optional(kinect_id, "kinect_id") }?;
    // SAFETY: the same condition.
    let format = match unsafe { structs::read_optional(options) }? {
        Some(options) if options.format != 0 => Some(names::format(options.format)?),
        _ => None::<PixelFormat>,
    };
    client.enable_stream(kinect_id.as_deref(), Streams::from_bits_retain(streams), format)
}

/// Disables streams. Frames of them that wait are dropped.
///
/// @param client a client.
/// @param kinect_id NULL: every kinect, now and later; else one kinect.
/// @param streams KINECT2_STREAM_*, or'ed. Those that are not enabled stay so.
/// @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_disable_stream(
    client: *mut kinect2_client_t,
    kinect_id: *const c_char,
    streams: u32,
) -> kinect2_result_t {
    // SAFETY: the caller's text, or NULL.
    guard(|| unsafe { disable(client, kinect_id, streams) })
}

/// # Safety
/// `kinect_id` as for [`text::optional`].
unsafe fn disable(client: *mut kinect2_client_t, kinect_id: *const c_char, streams: u32) -> Result<()> {
    let client = handle::get(client)?;
    // SAFETY: the same condition.
    let kinect_id = unsafe { text::optional(kinect_id, "kinect_id") }?;
    client.disable_stream(kinect_id.as_deref(), Streams::from_bits_retain(streams))
}

/// Figures of one stream of one kinect, since it was enabled.
///
/// @param client a client.
/// @param kinect_id a kinect that the client sees.
/// @param stream KINECT2_STREAM_*, one bit.
/// @param stats set its struct_size; receives the rest.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND; KINECT2_ERROR_UNSUPPORTED if the kinect has no such stream;
/// KINECT2_ERROR_INVALID_ARGUMENT.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_client_stats(
    client: *const kinect2_client_t,
    kinect_id: *const c_char,
    stream: u32,
    stats: *mut kinect2_client_stats_t,
) -> kinect2_result_t {
    guard(|| {
        let client = handle::get(client)?;
        // SAFETY: the caller's text, or NULL.
        let kinect_id = unsafe { text::required(kinect_id, "kinect_id") }?;
        // SAFETY: the caller's structure, or NULL.
        let out = unsafe { StructOut::new(stats) }?;
        out.write(&describe(&client.stats(&kinect_id, names::stream(stream)?)?));
        Ok(())
    })
}

fn describe(stats: &ClientStats) -> kinect2_client_stats_t {
    kinect2_client_stats_t {
        received: stats.received,
        lost: stats.lost,
        dropped: stats.dropped,
        corrupt: stats.corrupt,
        bytes: stats.bytes,
        latency_p50_ns: stats.latency_p50_ns,
        latency_p99_ns: stats.latency_p99_ns,
        delivered: stats.delivered,
        taken: stats.taken,
        decode_time_ns: stats.decode_time_ns,
        ..kinect2_client_stats_t::empty()
    }
}
