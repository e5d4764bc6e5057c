//! Compressors: a device's stream, compressed as it comes.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use libc::size_t;

use super::compress::{self, kinect2_encode_options_t};
use super::device::kinect2_device_t;
use super::frame::{self, kinect2_frame_info_t};
use super::guard::{guard, guard_value};
use super::handle;
use super::names;
use super::result::kinect2_result_t;
use super::structs::HandleOut;
use super::user::UserData;
use crate::compressor::Compressor;
use crate::frame::FrameInfo;

type CompressedCallback = Arc<dyn Fn(&[u8], &FrameInfo) + Send + Sync>;

/// Compresses one stream of a device while a callback is set; drops frames when it is overloaded.
pub struct kinect2_compressor_t(());

/// Gets a compressed frame.
///
/// @param compressor the handle that the callback was set on.
/// @param data what kinect2_compress_depth() gives, valid until the callback returns.
/// @param size bytes of `data`.
/// @param frame the frame before compression, but for `codec` and `flags`; valid until the callback returns.
/// @param user_data what was given with the callback.
pub type kinect2_compressed_fn = Option<
    unsafe extern "C" fn(
        compressor: *mut kinect2_compressor_t,
        data: *const c_void,
        size: size_t,
        frame: *const kinect2_frame_info_t,
        user_data: *mut c_void,
    ),
>;

/// Makes a compressor for one stream of a device.
///
/// @param device a device, started or not. The compressor stays when it is destroyed.
/// @param stream KINECT2_STREAM_*, one bit.
/// @param options NULL: defaults.
/// @param out receives the compressor; end it with kinect2_compressor_destroy().
/// @return KINECT2_OK; KINECT2_ERROR_UNSUPPORTED for a stream or codec that this version does not compress;
/// KINECT2_ERROR_INVALID_ARGUMENT.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_compressor_create(
    device: *mut kinect2_device_t,
    stream: u32,
    options: *const kinect2_encode_options_t,
    out: *mut *mut kinect2_compressor_t,
) -> kinect2_result_t {
    // SAFETY: an output of the caller's, or NULL.
    let out = unsafe { HandleOut::new(out) };
    guard(|| {
        let device = handle::get(device)?;
        let out = out.checked()?;
        // SAFETY: the caller's structure, or NULL.
        let options = unsafe { compress::encode_options(options) }?.unwrap_or_default();
        out.write(handle::insert(Compressor::new(&device, names::stream(stream)?, options)?)?);
        Ok(())
    })
}

/// Sets the callback that gets the compressed frames; without one nothing is compressed.
///
/// Replacing and removing follow guarantee 8. At most one frame waits: the newest.
///
/// @param compressor a compressor.
/// @param callback NULL removes it.
/// @param user_data is passed to the callback; may be freed when the callback was replaced or removed, or the compressor destroyed.
/// @return KINECT2_OK; KINECT2_ERROR_OUT_OF_MEMORY if there is no thread for it.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_compressor_on_compressed_frame(
    compressor: *mut kinect2_compressor_t,
    callback: kinect2_compressed_fn,
    user_data: *mut c_void,
) -> kinect2_result_t {
    guard(|| {
        let object = handle::get(compressor)?;
        let (token, user_data) = (compressor.addr(), UserData::new(user_data));
        object.on_compressed_frame(callback.map(|callback| -> CompressedCallback {
            Arc::new(move |data: &[u8], info: &FrameInfo| {
                let info = frame::describe(info, info.stride_bytes as usize * info.height as usize);
                let (bytes, size) = (data.as_ptr().cast(), data.len());
                // SAFETY: the host's function, with what its type says; data and structure outlive the call.
                unsafe { callback(handle::pointer(token), bytes, size, ptr::from_ref(&info), user_data.pointer()) }
            })
        }))
    })
}

/// How many frames a compressor dropped because newer ones came first.
///
/// @param compressor a compressor.
/// @return the number; 0 for a bad handle.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_compressor_dropped(compressor: *const kinect2_compressor_t) -> u64 {
    guard_value(0, || Ok(handle::get(compressor)?.dropped()))
}

/// Destroys a compressor and waits for its last callback, except inside of it. The device goes on.
///
/// @param compressor a compressor; NULL is fine. The handle is bad from the beginning of the call on.
/// @return KINECT2_OK; KINECT2_ERROR_BAD_HANDLE, at once, the second time.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_compressor_destroy(compressor: *mut kinect2_compressor_t) -> kinect2_result_t {
    guard(|| handle::destroy(compressor, |compressor| compressor.destroy()))
}
