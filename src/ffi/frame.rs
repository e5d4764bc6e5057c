//! Frames: immutable, reference counted, outliving everything else.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use libc::size_t;

use super::guard::{guard, guard_value};
use super::handle;
use super::names;
use super::result::kinect2_result_t;
use super::structs::{self, HandleOut, StructOut, Versioned, versioned};
use super::text::TextOut;
use super::user::UserData;
use crate::courier;
use crate::error::{Error, Result};
use crate::frame::{ForeignPixels, Frame, FrameInfo, NewFrame};

/// An image with its times and numbers: immutable, reference counted. It outlives the device or client that it came from.
pub struct kinect2_frame_t(());

/// A flag of a frame: its pixels may differ from the sensor's.
pub const KINECT2_FRAME_LOSSY: u32 = 1;
/// A flag of a frame: sequence or clocks begin anew; the first frame after device or server was started again.
pub const KINECT2_FRAME_RESTARTED: u32 = 2;

/// All about a frame but its pixels. Times are in nanoseconds; 0 is unknown (peers of version 1 tell none).
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_frame_info_t {
    /// Size of this structure in bytes: set it before the call. In callbacks members beyond it do not exist.
    pub struct_size: u32,
    /// KINECT2_STREAM_*, one bit.
    pub stream: u32,
    /// KINECT2_FORMAT_* of the bytes in kinect2_frame_data().
    pub format: u32,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes from one row to the next; 0 for compressed formats.
    pub stride_bytes: u32,
    /// KINECT2_CODEC_*: how it travelled; RAW where it did not.
    pub codec: u32,
    /// KINECT2_FRAME_*, or'ed.
    pub flags: u32,
    /// The device's number of the frame: per stream, from 0 at its start. A gap is a frame that was dropped or lost on its way. From
    /// peers of version 1: counted where it was received.
    pub sequence: u64,
    /// When it was captured, on the producer's monotonic clock.
    pub capture_time_ns: u64,
    /// The same instant in kinect2_clock_ns().
    pub capture_time_local_ns: u64,
    /// Bound on the error of that conversion.
    pub clock_error_ns: u64,
    /// The same instant on the producer's wall clock, since 1970.
    pub capture_unix_ns: u64,
    /// The same instant on the sensor's own clock.
    pub device_time_ns: u64,
    /// When it was received, in kinect2_clock_ns(); 0: it was not.
    pub receive_time_ns: u64,
    /// Bytes of data.
    pub size: size_t,
}

/// Tells the owner of pixels that the last reference to their frame has gone. Called once, on any thread, and may call any function.
///
/// @param user_data what was given with the pixels.
pub type kinect2_release_fn = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// What a frame is made from. Set it up with kinect2_frame_options_init().
///
/// With `release` NULL the data is copied and rows become tight. Else it is used where it lies and must not change; release(user_data)
/// is called once, on any thread, when the last reference has gone, and not at all if the frame was not made.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_frame_options_t {
    /// Size of this structure in bytes.
    pub struct_size: u32,
    /// KINECT2_STREAM_*, one bit.
    pub stream: u32,
    /// KINECT2_FORMAT_*, one of the stream's.
    pub format: u32,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes from one row to the next; 0: rows are tight.
    pub stride_bytes: u32,
    /// When it was captured, in kinect2_clock_ns(); 0: now.
    pub capture_time_ns: u64,
    /// The same instant on the sensor's own clock; 0: none.
    pub device_time_ns: u64,
    /// The bytes, aligned for their values.
    pub data: *const c_void,
    /// Bytes of `data`: at least what stride and height need; of a JPEG exactly its own.
    pub size: size_t,
    /// NULL: copy the data.
    pub release: kinect2_release_fn,
    /// Is passed to `release`.
    pub user_data: *mut c_void,
}

versioned!(kinect2_frame_info_t, kinect2_frame_options_t);

/// Sets up options with their defaults: all 0, so stream, format, size and data are to be set.
///
/// @param options receives exactly struct_size bytes.
/// @param struct_size sizeof(kinect2_frame_options_t) of the caller.
///
/// Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_frame_options_init(options: *mut kinect2_frame_options_t, struct_size: size_t) {
    // SAFETY: the caller's structure has `struct_size` bytes, or it is NULL.
    guard_value((), || unsafe { structs::init(options, struct_size, kinect2_frame_options_t::empty()) })
}

/// Makes a frame of the caller's pixels, for kinect2_device_push_frame().
///
/// @param options what it is made from.
/// @param out receives the frame, with one reference that the caller gives back by kinect2_frame_release().
/// @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT if stream, format, sizes, stride and data do not fit together;
/// KINECT2_ERROR_LIMIT for more than 64 MiB of pixels; KINECT2_ERROR_UNSUPPORTED for formats that this version does not handle.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_frame_create(options: *const kinect2_frame_options_t, out: *mut *mut kinect2_frame_t) -> kinect2_result_t {
    // SAFETY: an output of the caller's, or NULL.
    let out = unsafe { HandleOut::new(out) };
    guard(|| {
        let out = out.checked()?;
        // SAFETY: the caller's structure, or NULL.
        let options = unsafe { structs::read(options) }?;
        // SAFETY: the caller's pixels: `size` bytes that do not change while they are used.
        out.write(unsafe { create(&options) }?);
        Ok(())
    })
}

/// # Safety
/// `options.data` is NULL or points to `options.size` bytes that do not change: during the call or, with `release`, until it is called.
unsafe fn create(options: &kinect2_frame_options_t) -> Result<*mut kinect2_frame_t> {
    let new = NewFrame {
        stream: names::stream(options.stream)?,
        format: names::format(options.format)?,
        width: options.width,
        height: options.height,
        stride_bytes: options.stride_bytes,
        capture_time_ns: options.capture_time_ns,
        device_time_ns: options.device_time_ns,
    };
    // SAFETY: the same condition.
    let data = unsafe { pixels(options.data, options.size) }?;
    let Some(release) = options.release else {
        return handle::give_frame(Frame::copy_of(new, data)?);
    };
    let taken = Arc::new(AtomicBool::new(false));
    let owner = HostPixels { data, release, user_data: UserData::new(options.user_data), taken: Arc::clone(&taken) };
    let handle = handle::give_frame(Frame::around(new, Arc::new(owner))?)?;
    taken.store(true, Ordering::Release);
    Ok(handle)
}

/// The caller's bytes.
///
/// # Safety
/// `data` is NULL or points to `size` bytes that do not change for as long as the result is used.
pub(super) unsafe fn pixels<'a>(data: *const c_void, size: size_t) -> Result<&'a [u8]> {
    if data.is_null() {
        return Err(Error::invalid("the data is NULL"));
    }
    if size > isize::MAX as usize {
        return Err(Error::invalid(format!("no data is {size} bytes long")));
    }
    // SAFETY: not NULL, not too large, and otherwise as the caller promises.
    Ok(unsafe { slice::from_raw_parts(data.cast(), size) })
}

/// Pixels that lie in the host's memory, which gets them back.
struct HostPixels {
    /// For as long as `release` has not been called.
    data: &'static [u8],
    release: unsafe extern "C" fn(*mut c_void),
    user_data: UserData,
    /// Whether the frame was made: a host whose frame was refused keeps its pixels.
    taken: Arc<AtomicBool>,
}

impl ForeignPixels for HostPixels {
    fn bytes(&self) -> &[u8] {
        self.data
    }
}

impl Drop for HostPixels {
    fn drop(&mut self) {
        if self.taken.load(Ordering::Acquire) {
            let (release, user_data) = (self.release, self.user_data);
            courier::outside_own_threads(move || {
                // SAFETY: the host's function, with what it asked for; nobody has the pixels any more.
                unsafe { release(user_data.pointer()) };
            });
        }
    }
}

/// One more reference to a frame, which lives until each is given back. This is how to keep a frame that a callback was given.
///
/// @param frame a frame, also one that a callback was given.
/// @return the same handle; NULL if it is none.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_frame_retain(frame: *mut kinect2_frame_t) -> *mut kinect2_frame_t {
    guard_value(ptr::null_mut(), || handle::retain_frame(frame).map(|()| frame))
}

/// Gives one reference to a frame back. With the last one the handle is bad and the pixels are gone.
///
/// @param frame a frame; NULL is fine.
/// @return KINECT2_OK; KINECT2_ERROR_BAD_HANDLE if it is none, or the caller holds no reference: the one that a callback runs with is
/// not the callback's to give back.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_frame_release(frame: *mut kinect2_frame_t) -> kinect2_result_t {
    guard(|| if frame.is_null() { Ok(()) } else { handle::release_frame(frame) })
}

/// All about a frame but its pixels.
///
/// @param frame a frame.
/// @param info set its struct_size; receives the rest.
/// @return KINECT2_OK.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_frame_info(frame: *const kinect2_frame_t, info: *mut kinect2_frame_info_t) -> kinect2_result_t {
    guard(|| {
        let frame = handle::frame(frame)?;
        // SAFETY: the caller's structure, or NULL.
        let out = unsafe { StructOut::new(info) }?;
        out.write(&describe(frame.info(), frame.data().len()));
        Ok(())
    })
}

/// `info` as the header has it.
pub(super) fn describe(info: &FrameInfo, size: usize) -> kinect2_frame_info_t {
    kinect2_frame_info_t {
        stream: info.stream.number(),
        format: info.format.number(),
        width: info.width,
        height: info.height,
        stride_bytes: info.stride_bytes,
        codec: info.codec.number(),
        flags: info.flags.bits(),
        sequence: info.sequence,
        capture_time_ns: info.capture_time_ns,
        capture_time_local_ns: info.capture_time_local_ns,
        clock_error_ns: info.clock_error_ns,
        capture_unix_ns: info.capture_unix_ns,
        device_time_ns: info.device_time_ns,
        receive_time_ns: info.receive_time_ns,
        size,
        ..kinect2_frame_info_t::empty()
    }
}

/// The pixels of a frame: kinect2_frame_info_t's `size` bytes, rows `stride_bytes` apart. Frames that the library made begin at a
/// multiple of 64 bytes and have tight rows.
///
/// @param frame a frame.
/// @return the bytes, not to be changed, valid while the caller holds a reference (in a callback: until it returns); NULL if `frame`
/// is none.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_frame_data(frame: *const kinect2_frame_t) -> *const c_void {
    guard_value(ptr::null(), || Ok(handle::frame(frame)?.data().as_ptr().cast()))
}

/// The id of the kinect that a frame came from.
///
/// @param frame a frame.
/// @param buffer receives the text, KINECT2_ID_CAPACITY bytes are enough.
/// @param capacity bytes that fit into `buffer`.
/// @param length receives the text's length without the NUL; may be NULL.
/// @return KINECT2_OK; KINECT2_ERROR_NOT_FOUND for a frame that was made by kinect2_frame_create() and not pushed;
/// KINECT2_ERROR_BUFFER_TOO_SMALL.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_frame_kinect_id(
    frame: *const kinect2_frame_t,
    buffer: *mut c_char,
    capacity: size_t,
    length: *mut size_t,
) -> kinect2_result_t {
    // SAFETY: the caller's buffer holds `capacity` bytes and `length` may be written to (or they are NULL).
    let out = unsafe { TextOut::new(buffer, capacity, length) };
    guard(|| {
        let frame = handle::frame(frame)?;
        let id = frame.kinect_id().ok_or_else(|| Error::not_found("the frame was made by hand and comes from no kinect"))?;
        out.write(id)
    })
}
