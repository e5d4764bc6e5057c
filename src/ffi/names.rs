//! The numbers that programs and peers use for things, and how the safe API's types are had from them.

use std::time::Duration;

use super::library::KINECT2_WAIT_FOREVER;
use crate::client::PollKind;
use crate::codec::options::Profile;
use crate::discovery::DiscoveryKind;
use crate::dispatch::Patience;
use crate::error::{Error, Result};
use crate::frame::{Codec, PixelFormat, Stream};
use crate::protocol::endpoint::EndpointKind;

/// An endpoint of a server: where requests are answered.
pub const KINECT2_ENDPOINT_CONTROL: u32 = 1;
/// An endpoint of a kinect: depth as peers of version 1 know it.
pub const KINECT2_ENDPOINT_DEPTH: u32 = 2;
/// An endpoint of a kinect: depth with all that belongs to a frame.
pub const KINECT2_ENDPOINT_FRAMES_DEPTH: u32 = 3;
/// An endpoint of a kinect: infrared.
pub const KINECT2_ENDPOINT_FRAMES_INFRARED: u32 = 4;
/// An endpoint of a kinect: colour.
pub const KINECT2_ENDPOINT_FRAMES_COLOR: u32 = 5;

/// Zeroconf by the system's service where this build knows it and it answers; else, and from the moment that it goes away, by the responder
/// in the library. What is bound to one address, server or browser, always uses the latter.
pub const KINECT2_DISCOVERY_AUTO: u32 = 0;
/// Zeroconf by the system's service (Avahi, Bonjour) only, on all interfaces. With an address, and in builds without it:
/// KINECT2_ERROR_UNSUPPORTED.
pub const KINECT2_DISCOVERY_SYSTEM: u32 = 1;
/// Zeroconf by the library itself only.
pub const KINECT2_DISCOVERY_EMBEDDED: u32 = 2;

/// The depth stream: distance along the optical axis. Streams are bits; a parameter `streams` takes several, or'ed.
pub const KINECT2_STREAM_DEPTH: u32 = 1;
/// The infrared stream.
pub const KINECT2_STREAM_INFRARED: u32 = 2;
/// The colour stream.
pub const KINECT2_STREAM_COLOR: u32 = 4;
/// Every stream, those of later versions too.
pub const KINECT2_STREAM_ALL: u32 = u32::MAX;

/// Depth: 16 bits a pixel in the host's byte order, millimetres, 0 is invalid.
///
/// A format tells all about the bytes but width, height and stride. Row 0 is the top one. Several planes follow each other without a
/// gap. Compressed formats have stride_bytes 0.
pub const KINECT2_FORMAT_DEPTH16_MM: u32 = 1;
/// Infrared: 16 bits a pixel in the host's byte order.
pub const KINECT2_FORMAT_INFRARED16: u32 = 2;
/// Colour: a JPEG file; stride_bytes is 0.
pub const KINECT2_FORMAT_JPEG: u32 = 3;
/// Colour: 4 bytes a pixel, red, green, blue, alpha.
pub const KINECT2_FORMAT_RGBA8: u32 = 4;
/// Colour: 4 bytes a pixel, blue, green, red, alpha, as Microsoft's SDK and libfreenect2 give it.
pub const KINECT2_FORMAT_BGRA8: u32 = 5;
/// Colour: 4 bytes for two pixels, Y0 U Y1 V, the sensor's own.
pub const KINECT2_FORMAT_YUY2: u32 = 6;

/// The library chooses the codec.
pub const KINECT2_CODEC_AUTO: u32 = 0;
/// Little-endian values as they are.
pub const KINECT2_CODEC_RAW: u32 = 1;
/// The depth message of protocol version 1: 12 bits a pixel, LZ4.
pub const KINECT2_CODEC_LZ4_PACKED: u32 = 2;
/// Run length and variable length (Wilson 2017): lossless, 16 bits.
pub const KINECT2_CODEC_RVL: u32 = 3;
/// The project's own depth codec: lossless, or lossy within bounds.
pub const KINECT2_CODEC_K2D: u32 = 4;
/// JPEG, for colour.
pub const KINECT2_CODEC_JPEG: u32 = 5;

/// The codec's own choice: ratio where the processor makes it cheap (AVX-512), else speed.
pub const KINECT2_PROFILE_AUTO: u32 = 0;
/// Least time.
pub const KINECT2_PROFILE_SPEED: u32 = 1;
/// Fewest bytes.
pub const KINECT2_PROFILE_RATIO: u32 = 2;

/// What kinect2_*_poll_fd() is asked for: something that is readable while an event waits.
pub const KINECT2_POLL_EVENTS: u32 = 1;
/// Likewise while a frame waits, of any kinect and stream.
pub const KINECT2_POLL_FRAMES: u32 = 2;

/// One stream. (A number that is one bit may be the stream of a later version.)
pub(super) fn stream(number: u32) -> Result<Stream> {
    Stream::from_number(number).ok_or_else(|| match number.count_ones() {
        1 => unknown("stream", number),
        _ => Error::invalid(format!("{number} is not one stream: pass one of KINECT2_STREAM_*")),
    })
}

/// One format.
pub(super) fn format(number: u32) -> Result<PixelFormat> {
    PixelFormat::from_number(number).ok_or_else(|| match number {
        0 => Error::invalid("0 is not a format: pass one of KINECT2_FORMAT_*"),
        _ => unknown("format", number),
    })
}

pub(super) fn codec(number: u32) -> Result<Codec> {
    Codec::from_number(number).ok_or_else(|| unknown("codec", number))
}

pub(super) fn profile(number: u32) -> Result<Profile> {
    Profile::from_number(number).ok_or_else(|| unknown("profile", number))
}

pub(super) fn discovery(number: u32) -> Result<DiscoveryKind> {
    DiscoveryKind::from_number(number).ok_or_else(|| unknown("discovery", number))
}

pub(super) fn endpoint(number: u32) -> Result<EndpointKind> {
    let wrong = || Error::invalid(format!("{number} is not an endpoint: pass one of KINECT2_ENDPOINT_*"));
    EndpointKind::from_number(number).ok_or_else(wrong)
}

pub(super) fn poll_kind(what: u32) -> Result<PollKind> {
    match what {
        KINECT2_POLL_EVENTS => Ok(PollKind::Events),
        KINECT2_POLL_FRAMES => Ok(PollKind::Frames),
        _ => Err(Error::invalid(format!("{what} cannot be waited for: pass KINECT2_POLL_EVENTS or KINECT2_POLL_FRAMES"))),
    }
}

/// For handles that have no frames to wait for.
pub(super) fn poll_events(what: u32) -> Result<()> {
    match poll_kind(what)? {
        PollKind::Events => Ok(()),
        PollKind::Frames => Err(Error::invalid("only clients have frames to wait for: pass KINECT2_POLL_EVENTS")),
    }
}

pub(super) fn patience(timeout_ms: u32) -> Patience {
    match timeout_ms {
        KINECT2_WAIT_FOREVER => Patience::Forever,
        _ => Patience::For(Duration::from_millis(timeout_ms.into())),
    }
}

fn unknown(what: &str, number: u32) -> Error {
    Error::unsupported(format!("{what} {number} is not known to this version of the library"))
}
