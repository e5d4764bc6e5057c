//! One stream of one kinect of one server: the slot between the thread that captures and the one that encodes, and its figures.

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

/// What a device that does not say it is taken to do: a Kinect makes so many frames a second.
const USUAL_RATE: f64 = 30.0;

/// See the module. It lasts as long as the kinect is in the server, over starts and stops.
pub struct Feed {
    stream: Stream,
    state: Mutex<State>,
}

struct State {
    info: StreamInfo,
    newest: Option<Frame>,
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
        let state = State { info, newest: None, wanted: false, waker: None, own_encoding, default_encoding, stats: ServerStats::default() };
        Self { stream: info.stream, state: Mutex::new(state) }
    }

    pub fn stream(&self) -> Stream {
        self.stream
    }

    /// A frame was captured. Gives back the one that it replaces.
    pub fn offer(&self, frame: &Frame) -> Option<Frame> {
        let mut state = self.state.lock();
        state.stats.frames_in += 1;
        if !state.wanted {
            return None;
        }
        let frame = frame.in_place_of(state.newest.as_ref());
        let displaced = state.newest.replace(frame);
        if displaced.is_some() {
            state.stats.dropped += 1;
        } else if let Some(waker) = state.waker.clone() {
            drop(state);
            waker.wake();
        }
        displaced
    }

    /// The encoder takes the newest frame.
    pub fn take(&self) -> Option<Frame> {
        self.state.lock().newest.take()
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
        let stale = if state.wanted { None } else { state.newest.take() };
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
        let rate = self.state.lock().info.frame_rate;
        if rate > 0.0 { rate } else { USUAL_RATE }
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
