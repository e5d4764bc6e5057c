//! Compression on its own: one 16-bit image, no state between calls.

use std::ffi::c_void;
use std::slice;

use libc::size_t;

use super::guard::{guard, guard_value};
use super::names;
use super::result::kinect2_result_t;
use super::structs::{self, ValueOut, Versioned, versioned};
use crate::codec::options::{EncodeOptions, Profile};
use crate::codec::{self, Image, ImageCodec, ImageMut};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::tight_stride16;

/// How to compress: chosen by who sends. Set it up with kinect2_encode_options_init().
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_encode_options_t {
    /// Size of this structure in bytes.
    pub struct_size: u32,
    /// KINECT2_CODEC_*; default AUTO.
    pub codec: u32,
    /// KINECT2_PROFILE_*, of K2D only; default AUTO.
    pub profile: u32,
    /// Largest error of a pixel in millimetres (infrared: in units), of K2D only; default 0. With max_error_ppm 0 too: lossless. With
    /// both set, the larger of the two errors is allowed. Pixels that are 0, invalid, stay so, and no other one becomes 0.
    pub max_error_mm: u32,
    /// Largest error of a pixel in millionths of its distance, of K2D only; default 0.
    pub max_error_ppm: u32,
}

versioned!(kinect2_encode_options_t);

/// Sets up options with their defaults, which are said at each member.
///
/// @param options receives exactly struct_size bytes.
/// @param struct_size sizeof(kinect2_encode_options_t) of the caller.
///
/// Allowed in callbacks. Fails only if `options` is NULL, and then does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_encode_options_init(options: *mut kinect2_encode_options_t, struct_size: size_t) {
    guard_value((), || {
        let defaults = EncodeOptions::default();
        let defaults = kinect2_encode_options_t {
            codec: defaults.codec.number(),
            profile: defaults.profile as u32,
            max_error_mm: defaults.max_error_mm,
            max_error_ppm: defaults.max_error_ppm,
            ..kinect2_encode_options_t::empty()
        };
        // SAFETY: the caller's structure has `struct_size` bytes, or it is NULL.
        unsafe { structs::init(options, struct_size, defaults) }
    });
}

/// Options that may be left out.
///
/// # Safety
/// As [`structs::read`].
pub(super) unsafe fn encode_options(options: *const kinect2_encode_options_t) -> Result<Option<EncodeOptions>> {
    // SAFETY: the same condition.
    let given = unsafe { structs::read_optional(options) }?;
    given.map(convert).transpose()
}

fn convert(given: kinect2_encode_options_t) -> Result<EncodeOptions> {
    Ok(EncodeOptions {
        codec: names::codec(given.codec)?,
        profile: names::profile(given.profile)?,
        max_error_mm: given.max_error_mm,
        max_error_ppm: given.max_error_ppm,
    })
}

/// How many bytes kinect2_compress_depth() may need for an image.
///
/// @param codec KINECT2_CODEC_*, one for 16-bit images.
/// @param width pixels in a row.
/// @param height rows.
/// @return the bytes; 0 for an unknown codec or an image that is too large or not to its liking.
///
/// Allowed in callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn kinect2_compress_bound(codec: u32, width: u32, height: u32) -> size_t {
    guard_value(0, || {
        let bound = codec::find(names::codec(codec)?)?.bound(width, height);
        bound.ok_or_else(|| Error::limit(format!("the codec does not take an image of {width}x{height} pixels")))
    })
}

/// Compresses one 16-bit image, lossless as far as the codec can.
///
/// RAW: little-endian values. LZ4_PACKED: a whole depth message of protocol version 1, its length word included; an even number of
/// pixels of 12 bits, larger values become 0. RVL: the bare little-endian words. K2D: that of docs/k2d.md, in its
/// ratio profile.
///
/// @param codec KINECT2_CODEC_*, one for 16-bit images.
/// @param depth width x height values, tight rows, the top one first.
/// @param width pixels in a row.
/// @param height rows.
/// @param out receives the data.
/// @param capacity bytes that fit into `out`; kinect2_compress_bound() always suffices.
/// @param size receives the bytes written.
/// @return KINECT2_OK; KINECT2_ERROR_BUFFER_TOO_SMALL; KINECT2_ERROR_UNSUPPORTED for other codecs;
/// KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_LIMIT.
///
/// Allowed in callbacks and from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_compress_depth(
    codec: u32,
    depth: *const u16,
    width: u32,
    height: u32,
    out: *mut c_void,
    capacity: size_t,
    size: *mut size_t,
) -> kinect2_result_t {
    guard(|| {
        let codec = codec::find(names::codec(codec)?)?;
        let options = EncodeOptions { profile: Profile::Ratio, ..Default::default() };
        // SAFETY: the caller's image and buffers, or NULL.
        unsafe { compress(codec, &options, Input { depth, width, height }, out, capacity, size) }
    })
}

/// kinect2_compress_depth() with profile and error bound.
///
/// @param options the codec AUTO is K2D.
/// @param depth width x height values, tight rows, the top one first.
/// @param width pixels in a row.
/// @param height rows.
/// @param out receives the data.
/// @param capacity bytes that fit into `out`.
/// @param size receives the bytes written.
/// @return as kinect2_compress_depth(); KINECT2_ERROR_UNSUPPORTED also for a profile or error bound that the codec does not have.
///
/// Allowed in callbacks and from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_compress_depth_with(
    options: *const kinect2_encode_options_t,
    depth: *const u16,
    width: u32,
    height: u32,
    out: *mut c_void,
    capacity: size_t,
    size: *mut size_t,
) -> kinect2_result_t {
    guard(|| {
        // SAFETY: the caller's structure, or NULL.
        let options = convert(unsafe { structs::read(options) }?)?;
        let codec = options.codec_for_image()?;
        // SAFETY: the caller's image and buffers, or NULL.
        unsafe { compress(codec, &options, Input { depth, width, height }, out, capacity, size) }
    })
}

/// An image as it is passed in.
struct Input {
    depth: *const u16,
    width: u32,
    height: u32,
}

/// # Safety
/// The image has its pixels, `out` has `capacity` bytes, `size` may be written to; or they are NULL.
unsafe fn compress(
    codec: &dyn ImageCodec,
    options: &EncodeOptions,
    image: Input,
    out: *mut c_void,
    capacity: size_t,
    size: *mut size_t,
) -> Result<()> {
    // SAFETY: the same condition.
    let size = unsafe { ValueOut::new(size, "size") }?;
    // SAFETY: the same condition.
    let pixels = unsafe { input(image.depth, count(image.width, image.height)?, "depth") }?;
    // SAFETY: the same condition.
    let out = unsafe { output(out.cast::<u8>(), capacity, "out") }?;
    let encoded = codec.encode(Image::new(pixels, image.width, image.height)?, options, out)?;
    size.write(encoded.size);
    Ok(())
}

/// Decompresses one 16-bit image. Whatever does not decode to exactly width x height values is refused: data may come from anyone.
///
/// @param codec KINECT2_CODEC_*, one for 16-bit images; data of K2D may be of any profile.
/// @param data the compressed bytes.
/// @param size bytes of `data`.
/// @param width pixels in a row.
/// @param height rows.
/// @param out receives the values, tight rows; after an error it may hold anything.
/// @param capacity_values values, not bytes, that fit into `out`.
/// @return KINECT2_OK; KINECT2_ERROR_CORRUPT; KINECT2_ERROR_BUFFER_TOO_SMALL; KINECT2_ERROR_UNSUPPORTED for other codecs;
/// KINECT2_ERROR_INVALID_ARGUMENT; KINECT2_ERROR_LIMIT.
///
/// Allowed in callbacks and from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn kinect2_decompress_depth(
    codec: u32,
    data: *const c_void,
    size: size_t,
    width: u32,
    height: u32,
    out: *mut u16,
    capacity_values: size_t,
) -> kinect2_result_t {
    guard(|| {
        let codec = codec::find(names::codec(codec)?)?;
        let count = count(width, height)?;
        // SAFETY: the caller's data, or NULL.
        let data = unsafe { input(data.cast::<u8>(), size, "data") }?;
        // SAFETY: the caller's buffer, or NULL.
        let out = unsafe { output(out, capacity_values, "out") }?;
        let no_room = || Error::new(ErrorKind::BufferTooSmall, format!("{capacity_values} values cannot hold {width}x{height}"));
        let pixels = out.get_mut(..count).ok_or_else(no_room)?;
        codec.decode(data, ImageMut::new(pixels, width, height)?)
    })
}

/// Pixels of an image, if it is one that can be.
fn count(width: u32, height: u32) -> Result<usize> {
    Ok(tight_stride16(width, height)? as usize / 2 * height as usize)
}

/// # Safety
/// `values` is NULL or points to `count` values that do not change during the call.
unsafe fn input<'a, T>(values: *const T, count: usize, what: &str) -> Result<&'a [T]> {
    check(values, count, what)?;
    // SAFETY: not NULL, aligned, not too large, and otherwise as the caller promises.
    Ok(unsafe { slice::from_raw_parts(values, count) })
}

/// # Safety
/// `values` is NULL or points to `count` values that nobody else uses during the call.
unsafe fn output<'a, T>(values: *mut T, count: usize, what: &str) -> Result<&'a mut [T]> {
    check(values.cast_const(), count, what)?;
    // SAFETY: as above. What is not initialised is bytes of no meaning, which are written before they are read.
    Ok(unsafe { slice::from_raw_parts_mut(values, count) })
}

fn check<T>(values: *const T, count: usize, what: &str) -> Result<()> {
    if values.is_null() {
        return Err(Error::invalid(format!("{what} is NULL")));
    }
    if !values.is_aligned() {
        return Err(Error::invalid(format!("{what} is not aligned for its values")));
    }
    if count > isize::MAX as usize / size_of::<T>() {
        return Err(Error::invalid(format!("{what} cannot be {count} values long")));
    }
    Ok(())
}
