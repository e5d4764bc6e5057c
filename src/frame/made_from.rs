//! What a frame is made from, and whether that is an image.

use super::{Codec, FrameFlags, FrameInfo, PixelFormat, Stream, tight_stride16};
use crate::error::{Error, Result};
use crate::system;

/// What a frame is made from, beside its bytes.
#[derive(Debug, Clone, Copy)]
pub struct NewFrame {
    /// Which stream.
    pub stream: Stream,
    /// What the bytes mean; must be a format of that stream.
    pub format: PixelFormat,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes from one row to the next; 0: tight.
    pub stride_bytes: u32,
    /// When it was captured, on this host's monotonic clock; 0: now.
    pub capture_time_ns: u64,
    /// The sensor's own time; 0: none.
    pub device_time_ns: u64,
}

/// Where the rows lie in the caller's memory.
pub(super) struct Layout {
    pub(super) row: usize,
    pub(super) stride: usize,
    pub(super) rows: usize,
}

impl Layout {
    /// Bytes from the first pixel to the last.
    fn span(&self) -> usize {
        self.stride.saturating_mul(self.rows - 1).saturating_add(self.row)
    }
}

impl NewFrame {
    /// Refuses what is not an image of its stream.
    pub(super) fn check(&self, size: usize) -> Result<Layout> {
        let Some(format) = self.stream.format16() else {
            return Err(Error::unsupported("colour is not offered by this version of the library; push depth or infrared"));
        };
        if self.format != format {
            return Err(Error::invalid(format!("the {} stream takes the format {format}, not {}", self.stream, self.format)));
        }
        let row = tight_stride16(self.width, self.height)? as usize;
        let stride = if self.stride_bytes == 0 { row } else { self.stride_bytes as usize };
        if stride < row || !stride.is_multiple_of(2) {
            return Err(Error::invalid(format!(
                "stride_bytes is {stride}: rows of {} 16-bit pixels need an even number of at least {row} (or 0: tight)",
                self.width
            )));
        }
        let layout = Layout { row, stride, rows: self.height as usize };
        if size < layout.span() {
            return Err(Error::invalid(format!(
                "{}x{} pixels with {stride} bytes a row need {} bytes; there are {size}",
                self.width,
                self.height,
                layout.span()
            )));
        }
        Ok(layout)
    }

    pub(super) fn info(&self, stride: usize) -> FrameInfo {
        let now = system::monotonic_ns();
        let capture = if self.capture_time_ns == 0 { now } else { self.capture_time_ns };
        FrameInfo {
            stream: self.stream,
            format: self.format,
            width: self.width,
            height: self.height,
            stride_bytes: stride as u32,
            codec: Codec::Raw,
            flags: FrameFlags::empty(),
            sequence: 0,
            capture_time_ns: capture,
            capture_time_local_ns: capture,
            clock_error_ns: 0,
            capture_unix_ns: system::unix_ns().wrapping_sub(now.wrapping_sub(capture)),
            device_time_ns: self.device_time_ns,
            receive_time_ns: 0,
        }
    }
}
