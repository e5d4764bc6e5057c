//! How fast a stream is, and so how many of its frames may wait on their way.

use std::time::Duration;

use super::StreamInfo;

/// What a device that does not say it is taken to do: a Kinect makes so many frames a second.
const USUAL_RATE: f64 = 30.0;

/// What may wait at one place, in time: one frame of a sensor, so that the newest wins, and more of sources that are faster than any
/// machine or network is steady.
const LONGEST_QUEUE: Duration = Duration::from_millis(16);
const LARGEST_QUEUE: f64 = 32.0;

impl StreamInfo {
    /// Frames a second, nominal; where that is not known, those of a Kinect.
    pub(crate) fn usual_rate(&self) -> f64 {
        if self.frame_rate > 0.0 { self.frame_rate } else { USUAL_RATE }
    }

    /// Frames that may wait for the encoder, for a subscriber, and for the decoder.
    pub(crate) fn queue(&self) -> usize {
        (self.usual_rate() * LONGEST_QUEUE.as_secs_f64()).round().clamp(1.0, LARGEST_QUEUE) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Codec, PixelFormat, Stream};

    #[test]
    fn one_frame_waits_of_a_sensor_and_more_of_fast_sources() {
        let of = |frame_rate| StreamInfo {
            stream: Stream::Depth,
            format: PixelFormat::DepthMm16,
            codec: Codec::Raw,
            width: 1,
            height: 1,
            frame_rate,
        };
        let queues = [0.0, f64::NAN, 1.0, 30.0, 60.0, 90.0, 120.0, 1000.0, 1e9, f64::INFINITY].map(|rate| of(rate).queue());
        assert_eq!(queues, [1, 1, 1, 1, 1, 1, 2, 16, 32, 32]);
    }
}
