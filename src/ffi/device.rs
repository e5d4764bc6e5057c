//! Devices: where frames come from.

use std::ffi::{c_char, c_void};

use libc::size_t;

use super::frame::{self, kinect2_frame_t};
use super::guard::{guard, guard_value};
use super::handle::{self, LentFrame};
use super::names;
use super::result::kinect2_result_t;
use super::structs::{self, HandleOut, Versioned, versioned};
use super::text::{self, TextOut};
use super::user::UserData;
use crate::device::{Device, FrameCallback, MockMode, MockOptions};
use crate::error::{Error, Result};
use crate::frame::{Frame, NewFrame, StreamInfo, Streams};

/// A kinect on the producer's side: a source of frames. Servers and compressors take frames from it.
pub struct kinect2_device_t(());

/// The mock device's documented scene: a cone that moves before a wall.
pub const KINECT2_MOCK_SCENE: u32 = 0;
/// The mock device's imitation of a real room and sensor: depth and infrared of a furnished room in which a person walks, with the noise,
/// the invalid pixels and the flicker of a Kinect v2. The pixels of a frame depend on width, height, seed, frame_rate and the frame's
/// sequence number alone, on every machine; depth and infrared with one number are of one instant.
pub const KINECT2_MOCK_REALISTIC: u32 = 1;

/// How to make a mock device. Set it up with kinect2_mock_options_init().
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_mock_options_t {
    /// Size of this structure in bytes.
    pub struct_size: u32,
    /// KINECT2_MOCK_*; default SCENE.
    pub mode: u32,
    /// Pixels in a row of depth, and of infrared; default 512. Other sizes see the same field of view.
    pub width: u32,
    /// Rows of depth, and of infrared; default 424.
    pub height: u32,
    /// KINECT2_STREAM_*, or'ed; default DEPTH. The realistic mode has INFRARED too.
    pub streams: u32,
    /// Seed of the realistic mode's noise; default 0.
    pub seed: u32,
    /// Frames a second; default 30.
    pub frame_rate: f64,
    /// The device's id, 1 to 255 bytes; default NULL: one is made up, the same when the same program runs again on this machine.
    pub id: *const c_char,
}

/// What a stream is, for those who choose among streams.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_stream_info_t {
    /// Size of this structure in bytes: set it before the call.
    pub struct_size: u32,
    /// KINECT2_STREAM_*, one bit.
    pub stream: u32,
    /// KINECT2_FORMAT_* of its frames.
    pub format: u32,
    /// KINECT2_CODEC_* on the wire; RAW in a declaration.
    pub codec: u32,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Frames a second, nominal; 0: not known.
    pub frame_rate: f64,
}

versioned!(kinect2_mock_options_t, kinect2_stream_info_t);

/// Gets every frame of a device, as it leaves the device.
///
/// Runs on the device's callback thread. If it takes longer than a frame lasts, it gets the newest one next.
///
/// @param device the handle that the callback was set on.
/// @param frame valid until the callback returns; keep it with kinect2_frame_retain().
/// @param user_data what was given with the callback.
pub type kinect2_device_frame_fn =
    Option<unsafe extern "C" fn(device: *mut kinect2_device_t, frame: *mut kinect2_frame_t, user_data: *mut c_void)>;

/// Sets up options with their defaults, which are said at each member.
///
/// @param options receives exactly struct_size bytes.
/// @param struct_size sizeof(kinect2_mock_options_t) of the caller.
///
/// Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_mock_options_init(options: *mut kinect2_mock_options_t, struct_size: size_t) {
    guard_value((), || {
        let defaults = MockOptions::default();
        let defaults = kinect2_mock_options_t {
            mode: match defaults.mode {
                MockMode::Scene => KINECT2_MOCK_SCENE,
                MockMode::Realistic => KINECT2_MOCK_REALISTIC,
            },
            width: defaults.width,
            height: defaults.height,
            streams: defaults.streams.bits(),
            seed: defaults.seed,
            frame_rate: defaults.frame_rate,
            ..kinect2_mock_options_t::empty()
        };
        // SAFETY: the caller's structure has `struct_size` bytes, or it is NULL.
        unsafe { structs::init(options, struct_size, defaults) }
    });
}

/// Makes a device that shows a simulated scene.
///
/// @param options NULL: defaults.
/// @param out receives the device, not started; end it with kinect2_device_destroy().
/// @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_UNSUPPORTED for a mode or stream that this version does not have.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_device_create_mock(
    options: *const kinect2_mock_options_t,
    out: *mut *mut kinect2_device_t,
) -> kinect2_result_t {
    // SAFETY: an output of the caller's, or NULL.
    let out = unsafe { HandleOut::new(out) };
    guard(|| {
        let out = out.checked()?;
        // SAFETY: the caller's structure and the text in it, or NULL.
        let options = unsafe { mock_options(options) }?;
        out.write(handle::insert(Device::mock(options)?)?);
        Ok(())
    })
}

/// # Safety
/// `options` is NULL or the caller's structure, as for [`structs::read`], with valid text in it.
unsafe fn mock_options(options: *const kinect2_mock_options_t) -> Result<MockOptions> {
    // SAFETY: the same condition.
    let Some(given) = (unsafe { structs::read_optional(options) })? else {
        return Ok(MockOptions::default());
    };
    Ok(MockOptions {
        mode: match given.mode {
            KINECT2_MOCK_SCENE => MockMode::Scene,
            KINECT2_MOCK_REALISTIC => MockMode::Realistic,
            other => return Err(Error::unsupported(format!("mock mode {other} is not known to this version of the library"))),
        },
        width: given.width,
        height: given.height,
        streams: Streams::from_bits_retain(given.streams),
        seed: given.seed,
        frame_rate: given.frame_rate,
        // SAFETY: the same condition.
        id: unsafe { text::optional(given.id, "id") }?,
    })
}

/// Makes a device whose frames the caller supplies by kinect2_device_push() or kinect2_device_push_frame().
///
/// It offers 512x424 depth from its creation and any other stream from its first frame on; kinect2_device_declare_stream() says it
/// before the first frame, and which size.
///
/// @param id 1 to 255 bytes; NULL: one is made up, the same when the same program runs again on this machine.
/// @param out receives the device, not started; end it with kinect2_device_destroy().
/// @return KINECT2_OK; KINECT2_ERROR_INVALID_ARGUMENT.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_device_create_push(id: *const c_char, out: *mut *mut kinect2_device_t) -> kinect2_result_t {
    // SAFETY: an output of the caller's, or NULL.
    let out = unsafe { HandleOut::new(out) };
    guard(|| {
        let out = out.checked()?;
        // SAFETY: the caller's text, or NULL.
        let id = unsafe { text::optional(id, "id") }?;
        out.write(handle::insert(Device::push_device(id.as_deref())?)?);
        Ok(())
    })
}

/// Says what a push device's stream is before its first frame.
///
/// A frame unlike its declaration (or unlike the last frame) changes the stream, it is not refused.
///
/// @param device a push device.
/// @param info all members set; `codec` KINECT2_CODEC_RAW.
/// @return KINECT2_OK; KINECT2_ERROR_BAD_STATE if it is not a push device; KINECT2_ERROR_INVALID_ARGUMENT;
/// KINECT2_ERROR_UNSUPPORTED for streams and formats that this version does not handle.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_device_declare_stream(
    device: *mut kinect2_device_t,
    info: *const kinect2_stream_info_t,
) -> kinect2_result_t {
    guard(|| {
        let device = handle::get(device)?;
        // SAFETY: the caller's structure, or NULL.
        let info = unsafe { structs::read(info) }?;
        device.declare_stream(StreamInfo {
            stream: names::stream(info.stream)?,
            format: names::format(info.format)?,
            codec: names::codec(info.codec)?,
            width: info.width,
            height: info.height,
            frame_rate: info.frame_rate,
        })
    })
}

/// `info` as the header has it.
pub(super) fn describe(info: &StreamInfo) -> kinect2_stream_info_t {
    kinect2_stream_info_t {
        stream: info.stream.number(),
        format: info.format.number(),
        codec: info.codec.number(),
        width: info.width,
        height: info.height,
        frame_rate: info.frame_rate,
        ..kinect2_stream_info_t::empty()
    }
}

/// Gives a push device its next frame, whose bytes are copied. Never waits for the network: the newest frame wins.
///
/// @param device a push device that was started.
/// @param stream KINECT2_STREAM_*, one bit.
/// @param format KINECT2_FORMAT_*, one of the stream's.
/// @param width pixels in a row.
/// @param height rows.
/// @param stride_bytes bytes from one row to the next; 0: rows are tight.
/// @param data the bytes, only used during the call.
/// @param size bytes of `data`: at least what stride and height need.
/// @param capture_time_ns when it was captured, in kinect2_clock_ns(); 0: now.
/// @return KINECT2_OK; KINECT2_ERROR_BAD_STATE if the device is not started or not a push device; KINECT2_ERROR_INVALID_ARGUMENT;
/// KINECT2_ERROR_LIMIT; KINECT2_ERROR_UNSUPPORTED.
///
/// Allowed in callbacks and from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_device_push(
    device: *mut kinect2_device_t,
    stream: u32,
    format: u32,
    width: u32,
    height: u32,
    stride_bytes: u32,
    data: *const c_void,
    size: size_t,
    capture_time_ns: u64,
) -> kinect2_result_t {
    guard(|| {
        let device = handle::get(device)?;
        let (stream, format) = (names::stream(stream)?, names::format(format)?);
        let new = NewFrame { stream, format, width, height, stride_bytes, capture_time_ns, device_time_ns: 0 };
        // SAFETY: the caller's pixels: `size` bytes that do not change during the call.
        device.push(new, unsafe { frame::pixels(data, size) }?)
    })
}

/// Gives a push device its next frame without a copy. The frame stays as it is and the caller's; what leaves the device shares its
/// pixels, with a sequence number and the device's id.
///
/// @param device a push device that was started.
/// @param frame any frame.
/// @return as kinect2_device_push().
///
/// Allowed in callbacks and from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_device_push_frame(device: *mut kinect2_device_t, frame: *mut kinect2_frame_t) -> kinect2_result_t {
    guard(|| handle::get(device)?.push_frame(&handle::frame(frame)?))
}

/// Starts a device. Servers do not do it: the host starts and stops its devices.
///
/// @param device a device. One that was started already stays so, with a logged warning.
/// @return KINECT2_OK; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for it.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_device_start(device: *mut kinect2_device_t) -> kinect2_result_t {
    guard(|| handle::get(device)?.start())
}

/// Stops a device and waits for its running callback, except inside of it. It can be started again: its sequence numbers then begin
/// anew.
///
/// @param device a device. One that is not started stays so, with a logged warning.
/// @return KINECT2_OK.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_device_stop(device: *mut kinect2_device_t) -> kinect2_result_t {
    guard(|| handle::get(device)?.stop())
}

/// The id of a device, by which clients know it.
///
/// @param device a device.
/// @param buffer receives the text, KINECT2_ID_CAPACITY bytes are enough.
/// @param capacity bytes that fit into `buffer`.
/// @param length receives the text's length without the NUL; may be NULL.
/// @return KINECT2_OK; KINECT2_ERROR_BUFFER_TOO_SMALL.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_device_id(
    device: *const kinect2_device_t,
    buffer: *mut c_char,
    capacity: size_t,
    length: *mut size_t,
) -> kinect2_result_t {
    // SAFETY: the caller's buffer holds `capacity` bytes and `length` may be written to (or they are NULL).
    let out = unsafe { TextOut::new(buffer, capacity, length) };
    guard(|| out.write(handle::get(device)?.id()))
}

/// Sets the callback that gets every frame of a device, of every stream.
///
/// Replacing and removing follow guarantee 8. At most one frame a stream waits for the callback: the newest.
///
/// @param device a device.
/// @param callback NULL removes it.
/// @param user_data is passed to the callback; may be freed when the callback was replaced or removed, or the device destroyed.
/// @return KINECT2_OK; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for callbacks.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_device_on_frame(
    device: *mut kinect2_device_t,
    callback: kinect2_device_frame_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| {
        let object = handle::get(device)?;
        let (token, user_data) = (device.addr(), UserData::new(user_data));
        object.on_frame(callback.map(|callback| -> FrameCallback {
            std::sync::Arc::new(move |frame: &Frame| {
                let Some(frame) = LentFrame::new(frame) else { return };
                // SAFETY: the host's function, with what its type says; the frame's handle outlives the call.
                unsafe { callback(handle::pointer(token), frame.handle(), user_data.pointer()) }
            })
        }))
    })
}

/// Destroys a device: stops it, lets go of the sensor and takes it out of every server and compressor, which stay. Returns when its
/// last callback has returned, except inside of it.
///
/// @param device a device; NULL is fine. The handle is bad from the beginning of the call on.
/// @return KINECT2_OK; KINECT2_ERROR_BAD_HANDLE, at once, the second time.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_device_destroy(device: *mut kinect2_device_t) -> kinect2_result_t {
    guard(|| handle::destroy(device, |device| device.destroy()))
}
