//! What a push device offers before its host says anything, and what its host may say.

use crate::error::{Error, Result};
use crate::frame::{Codec, PixelFormat, Stream, StreamInfo, tight_stride16};

/// Width and height of a Kinect v2's depth map.
pub const DEFAULT_SIZE: (u32, u32) = (512, 424);

/// The stream that every push device has from its creation.
pub fn default_stream() -> StreamInfo {
    let (width, height) = DEFAULT_SIZE;
    StreamInfo { stream: Stream::Depth, format: PixelFormat::DepthMm16, codec: Codec::Raw, width, height, frame_rate: 0.0 }
}

/// Refuses a declaration that no frame could keep.
pub fn check_declaration(info: &StreamInfo) -> Result<()> {
    let Some(format) = info.stream.format16() else {
        return Err(Error::unsupported("colour is not offered by this version of the library; declare depth or infrared"));
    };
    if info.format != format {
        return Err(Error::invalid(format!("the {} stream has the format {format}, not {}", info.stream, info.format)));
    }
    if !matches!(info.codec, Codec::Raw | Codec::Auto) {
        return Err(Error::invalid(format!("a declaration has the codec raw, not {}: how it travels is the server's choice", info.codec)));
    }
    if !info.frame_rate.is_finite() || info.frame_rate < 0.0 {
        return Err(Error::invalid(format!("a frame rate of {} is not one: give frames a second, or 0 for not known", info.frame_rate)));
    }
    tight_stride16(info.width, info.height).map(|_| ())
}
