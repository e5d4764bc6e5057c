//! One stream of one kinect of one server: what waits between the thread that captures and the one that encodes, and its figures.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::codec::options::EncodeOptions;
use crate::frame::{Codec, Frame, Stream, StreamInfo};
use crate::system::Waker;

/// Figures of one stream of one kinect, since it was added to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServerStats {
    /// Subscribers now; depth: of both its endpoints.
    pub subscribers: u32,
    /// Frames that the device gave.
    pub frames_in: u64,
    /// Frames encoded, in however many codecs.
    pub encoded: u64,
    /// Frames sent, once however many subscribers.
    pub sent: u64,
    /// Frames that were wanted, but a newer one came first.
    pub dropped: u64,
    /// Encoded bytes.
    pub bytes: u64,
    /// Time spent encoding.
    pub encode_time_ns: u64,
}

/// See the module. It lasts as long as the kinect is in the server, over starts and stops.
pub struct Feed {
    stream: Stream,
    state: Mutex<State>,
}

struct State {
    info: StreamInfo,
    /// The oldest first.
    waiting: VecDeque<Frame>,
    wanted: bool,
    /// The encoder's; none while the server is stopped.
    waker: Option<Arc<Waker>>,
    own_encoding: Option<EncodeOptions>,
    default_encoding: EncodeOptions,
    stats: ServerStats,
}

impl Feed {
    /// A feed that nobody wants yet.
    pub fn new(info: StreamInfo, default_encoding: EncodeOptions, own_encoding: Option<EncodeOptions>) -> Self {
        let state = State {
            info,
            waiting: VecDeque::new(),
            wanted: false,
            waker: None,
            own_encoding,
            default_encoding,
            stats: ServerStats::default(),
        };
        Self { stream: info.stream, state: Mutex::new(state) }
    }

    pub fn stream(&self) -> Stream {
        self.stream
    }

    /// A frame was captured. Gives back the one that it displaces.
    pub fn offer(&self, frame: &Frame) -> Option<Frame> {
        let mut state = self.state.lock();
        state.stats.frames_in += 1;
        if !state.wanted {
            return None;
        }
        let most = state.info.queue();
        state.waiting.push_back(frame.clone());
        let displaced = if state.waiting.len() > most { state.waiting.pop_front() } else { None };
        if displaced.is_some() {
            state.stats.dropped += 1;
            if let Some(next) = state.waiting.front_mut() {
                *next = next.in_place_of(displaced.as_ref());
            }
        } else if state.waiting.len() == 1
            && let Some(waker) = state.waker.clone()
        {
            drop(state);
            waker.wake();
        }
        displaced
    }

    /// The encoder takes the next frame; it is woken again where more wait.
    pub fn take(&self) -> Option<Frame> {
        let mut state = self.state.lock();
        let frame = state.waiting.pop_front();
        let waker = if state.waiting.is_empty() { None } else { state.waker.clone() };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        frame
    }

    /// The encoder begins (with its waker) or ends; true: there were subscribers, and now there are none.
    pub fn set_encoder(&self, waker: Option<Arc<Waker>>) -> bool {
        self.state.lock().waker = waker;
        self.set_subscribers(0)
    }

    /// How many want frames now; true: the number is another than before.
    pub fn set_subscribers(&self, subscribers: u32) -> bool {
        let mut state = self.state.lock();
        let changed = std::mem::replace(&mut state.stats.subscribers, subscribers) != subscribers;
        state.wanted = subscribers > 0;
        let stale = if state.wanted { VecDeque::new() } else { std::mem::take(&mut state.waiting) };
        drop(state);
        drop(stale);
        changed
    }

    /// A frame was encoded to `bytes` in all, and `sent` or not.
    pub fn count_encoded(&self, bytes: u64, time_ns: u64, sent: bool) {
        let stats = &mut self.state.lock().stats;
        stats.encoded += 1;
        stats.sent += u64::from(sent);
        stats.bytes += bytes;
        stats.encode_time_ns += time_ns;
    }

    /// A wanted frame could not be encoded.
    pub fn count_dropped(&self) {
        self.state.lock().stats.dropped += 1;
    }

    pub fn stats(&self) -> ServerStats {
        self.state.lock().stats
    }

    /// The device says what the stream is now.
    pub fn set_info(&self, info: StreamInfo) {
        self.state.lock().info = info;
    }

    /// What the stream is, with the codec that it travels in.
    pub fn info(&self) -> StreamInfo {
        let state = self.state.lock();
        let codec = state.encoding().codec_for(self.stream).map_or(Codec::Raw, |codec| codec.codec());
        StreamInfo { codec, ..state.info }
    }

    /// Frames that come in a second.
    pub fn frame_rate(&self) -> f64 {
        self.state.lock().info.usual_rate()
    }

    /// Frames that may wait.
    pub fn queue(&self) -> usize {
        self.state.lock().info.queue()
    }

    /// How the next frame is to be encoded.
    pub fn encoding(&self) -> EncodeOptions {
        self.state.lock().encoding()
    }

    /// Sets how this kinect's stream is encoded, or (none) lets it follow the server's default.
    pub fn set_own_encoding(&self, options: Option<EncodeOptions>) {
        self.state.lock().own_encoding = options;
    }

    /// Sets the server's default.
    pub fn set_default_encoding(&self, options: EncodeOptions) {
        self.state.lock().default_encoding = options;
    }
}

impl State {
    fn encoding(&self) -> EncodeOptions {
        self.own_encoding.unwrap_or(self.default_encoding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{FrameFlags, NewFrame, PixelFormat};

    fn feed(frame_rate: f64) -> Feed {
        let info = StreamInfo { stream: Stream::Depth, format: PixelFormat::DepthMm16, codec: Codec::Raw, width: 1, height: 1, frame_rate };
        let feed = Feed::new(info, EncodeOptions::default(), None);
        feed.set_subscribers(1);
        feed
    }

    fn frame(value: u16, flags: FrameFlags) -> Frame {
        let new = NewFrame {
            stream: Stream::Depth,
            format: PixelFormat::DepthMm16,
            width: 1,
            height: 1,
            stride_bytes: 0,
            capture_time_ns: 0,
            device_time_ns: 0,
        };
        let frame = Frame::copy_of(new, &value.to_ne_bytes()).unwrap();
        let info = crate::frame::FrameInfo { flags, ..*frame.info() };
        frame.with_info(info, None)
    }

    /// Values and whether a restart is told, of all that is taken.
    fn taken(feed: &Feed) -> Vec<(u16, bool)> {
        std::iter::from_fn(|| feed.take()).map(|frame| (frame.values16()[0], frame.info().flags.contains(FrameFlags::RESTARTED))).collect()
    }

    #[test]
    fn of_a_sensor_the_newest_waits_and_tells_what_the_displaced_one_had_to_tell() {
        let feed = feed(30.0);
        feed.offer(&frame(1, FrameFlags::RESTARTED));
        feed.offer(&frame(2, FrameFlags::empty()));
        assert_eq!(taken(&feed), [(2, true)]);
        assert_eq!((feed.stats().frames_in, feed.stats().dropped), (2, 1));
    }

    #[test]
    fn of_a_fast_source_some_wait_in_order_and_the_oldest_is_displaced() {
        let feed = feed(250.0);
        feed.offer(&frame(1, FrameFlags::RESTARTED));
        for value in 2..=6 {
            feed.offer(&frame(value, FrameFlags::empty()));
        }
        assert_eq!(taken(&feed), [(3, true), (4, false), (5, false), (6, false)]);
        assert_eq!(feed.stats().dropped, 2);
        feed.offer(&frame(7, FrameFlags::empty()));
        feed.set_subscribers(0);
        assert_eq!(taken(&feed), []);
    }
}
