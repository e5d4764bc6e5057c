//! A frame: an immutable image with its times and numbers, shared by reference counting.
//!
//! What it is made from, and how that is checked, is in `made_from.rs`; the numbers of streams, formats and codecs are in `numbers.rs`.

mod made_from;
mod numbers;
mod pace;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use once_cell::sync::Lazy;
use parking_lot::Mutex;

use crate::buffer::PixelBuffer;
use crate::error::{Error, Result};

pub use made_from::NewFrame;
pub use numbers::{Codec, FrameFlags, PixelFormat, Stream, Streams};

/// What a stream is: offered by a device, told by a server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StreamInfo {
    /// Which stream.
    pub stream: Stream,
    /// Format of the decoded pixels.
    pub format: PixelFormat,
    /// How it travels; [`Codec::Raw`] where it does not.
    pub codec: Codec,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Frames a second, nominal; 0: not known.
    pub frame_rate: f64,
}

/// All about a frame but its pixels. Times are in nanoseconds; 0 is unknown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameInfo {
    /// Which stream.
    pub stream: Stream,
    /// What the bytes mean.
    pub format: PixelFormat,
    /// Pixels in a row.
    pub width: u32,
    /// Rows; row 0 is the top one.
    pub height: u32,
    /// Bytes from one row to the next; 0 for compressed data.
    pub stride_bytes: u32,
    /// How the frame travelled.
    pub codec: Codec,
    /// Remarks.
    pub flags: FrameFlags,
    /// The device's number of the frame: per stream, from 0 at its start.
    pub sequence: u64,
    /// When it was captured, on the producer's monotonic clock.
    pub capture_time_ns: u64,
    /// The same instant on this host's monotonic clock.
    pub capture_time_local_ns: u64,
    /// Bound on that conversion's error.
    pub clock_error_ns: u64,
    /// The same instant on the producer's wall clock, since 1970.
    pub capture_unix_ns: u64,
    /// The same instant on the sensor's own clock.
    pub device_time_ns: u64,
    /// When it was received, on this host's monotonic clock; 0: it was not.
    pub receive_time_ns: u64,
}

/// Largest image accepted, in bytes of pixels: what a peer may make us allocate.
pub const MAX_IMAGE_BYTES: usize = 64 << 20;

/// Bytes in a tight row of 16-bit pixels, after checking that the image is not empty and not too large.
pub fn tight_stride16(width: u32, height: u32) -> Result<u32> {
    if width == 0 || height == 0 {
        return Err(Error::invalid(format!("an image of {width}x{height} pixels has none: both must be at least 1")));
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_IMAGE_BYTES as u64 / 2 {
        return Err(Error::limit(format!("an image of {width}x{height} 16-bit pixels is over the limit of 64 MiB")));
    }
    Ok(width * 2)
}

/// Memory that somebody else owns and that does not change while this exists.
pub trait ForeignPixels: Send + Sync {
    /// The bytes, the same at every call; rows as the frame's stride says.
    fn bytes(&self) -> &[u8];
}

/// The bytes of a frame, shared by cloning.
#[derive(Clone)]
pub enum Pixels {
    /// Made by this library.
    Owned(PixelBuffer),
    /// Used where they lie.
    Foreign(Arc<dyn ForeignPixels>),
}

impl Pixels {
    fn bytes(&self) -> &[u8] {
        match self {
            Pixels::Owned(bytes) => bytes,
            Pixels::Foreign(owner) => owner.bytes(),
        }
    }
}

/// An image with its description: cheap to clone, never changed, alive for as long as anyone holds it.
#[derive(Clone)]
pub struct Frame {
    shared: Arc<Shared>,
}

struct Shared {
    info: FrameInfo,
    kinect_id: Option<Arc<str>>,
    pixels: Pixels,
}

/// Memory of frames that have gone, for those to come: a frame costs no allocation.
static SPARE: Lazy<Mutex<Vec<Arc<Shared>>>> = Lazy::new(|| Mutex::new(Vec::with_capacity(MAX_SPARE)));
const MAX_SPARE: usize = 64;

/// What a frame is that was let go of.
static GONE: Lazy<Arc<Shared>> = Lazy::new(|| {
    let new = NewFrame {
        stream: Stream::Depth,
        format: PixelFormat::DepthMm16,
        width: 0,
        height: 0,
        stride_bytes: 0,
        capture_time_ns: 0,
        device_time_ns: 0,
    };
    Arc::new(Shared { info: new.info(0), kinect_id: None, pixels: Pixels::Owned(PixelBuffer::empty()) })
});

impl Drop for Frame {
    fn drop(&mut self) {
        // The last one to hold it. (Where two let go at once, neither may be: then it is not used again.)
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.kinect_id = None;
            shared.pixels = Pixels::Owned(PixelBuffer::empty()); // user code may run here: under no lock
            let spare = std::mem::replace(&mut self.shared, Arc::clone(&GONE));
            let mut spares = SPARE.lock();
            if spares.len() < MAX_SPARE {
                spares.push(spare);
            }
        }
    }
}

impl Frame {
    /// A frame with a copy of `data`; its rows are tight.
    pub fn copy_of(new: NewFrame, data: &[u8]) -> Result<Self> {
        let layout = new.check(data.len())?;
        let mut pixels = PixelBuffer::new(layout.row * layout.rows);
        for (to, from) in pixels.chunks_exact_mut(layout.row).zip(data.chunks(layout.stride)) {
            to.copy_from_slice(&from[..layout.row]);
        }
        Ok(Self::new(new.info(layout.row), None, Pixels::Owned(pixels)))
    }

    /// A frame of pixels that this library made: `pixels` is a whole image with tight rows.
    pub(crate) fn owned(new: NewFrame, pixels: PixelBuffer) -> Self {
        let row = pixels.len() / (new.height.max(1) as usize);
        Self::new(new.info(row), None, Pixels::Owned(pixels))
    }

    /// A frame around memory that lies elsewhere, without a copy. Where this fails, `owner` is dropped.
    pub fn around(new: NewFrame, owner: Arc<dyn ForeignPixels>) -> Result<Self> {
        let bytes = owner.bytes();
        let layout = new.check(bytes.len())?;
        if !bytes.as_ptr().addr().is_multiple_of(align_of::<u16>()) {
            return Err(Error::invalid("the data begins at an odd address; 16-bit pixels need an even one"));
        }
        Ok(Self::new(new.info(layout.stride), None, Pixels::Foreign(owner)))
    }

    /// A frame of `pixels`, whose size must be what `info` says (the maker checks that).
    pub fn new(info: FrameInfo, kinect_id: Option<Arc<str>>, pixels: Pixels) -> Self {
        let content = Shared { info, kinect_id, pixels };
        let spare = SPARE.lock().pop();
        let Some(mut shared) = spare else { return Self { shared: Arc::new(content) } };
        match Arc::get_mut(&mut shared) {
            Some(place) => *place = content,
            None => shared = Arc::new(content), // never: spares have no other holder
        }
        Self { shared }
    }

    /// The same pixels under another description.
    pub fn with_info(&self, info: FrameInfo, kinect_id: Option<Arc<str>>) -> Self {
        Self::new(info, kinect_id, self.shared.pixels.clone())
    }

    /// This frame where it replaces one that nobody got: a restart that was told with that one is told with this one.
    pub(crate) fn in_place_of(&self, replaced: Option<&Frame>) -> Self {
        let restart = |frame: &Frame| frame.info().flags & FrameFlags::RESTARTED;
        let flags = replaced.map_or(FrameFlags::empty(), restart) | self.info().flags;
        if flags == self.info().flags {
            return self.clone();
        }
        self.with_info(FrameInfo { flags, ..*self.info() }, self.kinect_id().cloned())
    }

    /// All about it but its pixels.
    pub fn info(&self) -> &FrameInfo {
        &self.shared.info
    }

    /// The device it came from; none for a frame that was made by hand and not pushed.
    pub fn kinect_id(&self) -> Option<&Arc<str>> {
        self.shared.kinect_id.as_ref()
    }

    /// The bytes, rows `stride_bytes` apart.
    pub fn data(&self) -> &[u8] {
        self.shared.pixels.bytes()
    }

    /// The values of a 16-bit frame, rows without a gap: in place where they lie so, else as a copy. Empty for other formats.
    pub fn values16(&self) -> Cow<'_, [u16]> {
        let info = self.info();
        if !matches!(info.format, PixelFormat::DepthMm16 | PixelFormat::Infrared16) {
            return Cow::Borrowed(&[]);
        }
        let (row, stride) = (info.width as usize * 2, info.stride_bytes as usize);
        if row == stride
            && let Ok(values) = bytemuck::try_cast_slice(&self.data()[..row * info.height as usize])
        {
            return Cow::Borrowed(values);
        }
        let rows = self.data().chunks(stride).take(info.height as usize);
        Cow::Owned(rows.flat_map(|bytes| bytes[..row].chunks_exact(2)).map(|pair| u16::from_ne_bytes([pair[0], pair[1]])).collect())
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame").field("kinect_id", &self.kinect_id()).field("info", self.info()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(width: u32, height: u32, stride_bytes: u32) -> NewFrame {
        NewFrame {
            stream: Stream::Depth,
            format: PixelFormat::DepthMm16,
            width,
            height,
            stride_bytes,
            capture_time_ns: 0,
            device_time_ns: 0,
        }
    }

    #[test]
    fn copied_rows_become_tight_and_aligned() {
        let padded: Vec<u8> = (0..3 * 8).collect();
        let frame = Frame::copy_of(depth(3, 3, 8), &padded).unwrap();
        assert_eq!(frame.info().stride_bytes, 6);
        assert_eq!(frame.data(), [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20, 21]);
        assert_eq!(frame.data().as_ptr().addr() % 64, 0);
        assert_eq!(frame.values16()[3..6], [[8, 9], [10, 11], [12, 13]].map(u16::from_ne_bytes));
    }

    #[test]
    fn foreign_rows_stay_where_they_are_and_read_without_gaps() {
        struct Padded(Vec<u16>);
        impl ForeignPixels for Padded {
            fn bytes(&self) -> &[u8] {
                bytemuck::cast_slice(&self.0)
            }
        }
        let owner = Arc::new(Padded((0..12).collect()));
        let address = owner.bytes().as_ptr();
        let frame = Frame::around(depth(3, 3, 8), owner).unwrap();
        assert_eq!((frame.data().as_ptr(), frame.info().stride_bytes), (address, 8));
        assert_eq!(*frame.values16(), [0, 1, 2, 4, 5, 6, 8, 9, 10]);
    }

    #[test]
    fn the_last_row_needs_no_padding() {
        assert!(Frame::copy_of(depth(3, 3, 8), &[0; 22]).is_ok());
        assert!(Frame::copy_of(depth(3, 3, 8), &[0; 21]).is_err());
    }

    #[test]
    fn what_is_no_image_is_refused() {
        for new in [depth(0, 3, 0), depth(3, 0, 0), depth(3, 3, 4), depth(3, 3, 7), depth(u32::MAX, u32::MAX, 0)] {
            assert!(Frame::copy_of(new, &[0; 64]).is_err(), "{new:?}");
        }
        let infrared_as_depth = NewFrame { format: PixelFormat::Infrared16, ..depth(2, 2, 0) };
        assert!(Frame::copy_of(infrared_as_depth, &[0; 64]).is_err());
    }

    #[test]
    fn numbers_and_back() {
        for codec in Codec::ALL {
            assert_eq!(Codec::from_number(codec.number()), Some(*codec));
        }
        assert_eq!(Stream::from_number(3), None);
    }
}
