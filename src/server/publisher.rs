//! The encoder thread of one stream: owns the stream's frame sockets, waits in poll until somebody wants frames, encodes each
//! once for all and sends it.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Instant;

use super::feed::Feed;
use crate::codec::options::EncodeOptions;
use crate::codec::{Image, encode_growing};
use crate::device::DEFAULT_SIZE;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Codec, Frame, FrameFlags, Stream};
use crate::protocol::header::FrameHeader;
use crate::thread;
use crate::transport;
use crate::transport::{Bound, Connections, Context, MonitorEvent, Role, Waiter, Watched, bind, receive};

/// What a publisher tells the server; called on its thread, so it must not block.
pub trait Audience: Send + Sync {
    /// So many want the stream now.
    fn subscribers(&self, stream: Stream, count: u32);
    /// The stream fails in a way that its owner should know of.
    fn trouble(&self, stream: Stream, error: &Error);
}

/// Where and as what to publish.
pub struct Setup {
    pub context: Arc<Context>,
    pub feed: Arc<Feed>,
    pub audience: Arc<dyn Audience>,
    pub address: Option<IpAddr>,
    /// Port of the stream's own endpoint; 0: any.
    pub frames_port: u16,
    /// Port of the endpoint for peers of version 1, for depth only; 0: any.
    pub depth_port: Option<u16>,
    pub session: u64,
}

/// Ports that a publisher listens on.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    pub frames: u16,
    pub depth: Option<u16>,
}

/// A running encoder thread.
pub struct Publisher {
    commands: transport::Commands<Stop>,
    ports: Ports,
    thread: JoinHandle<()>,
}

/// The one command: end.
struct Stop;

impl Publisher {
    /// Starts the thread; returns when its sockets are bound.
    pub fn start(setup: Setup) -> Result<Self> {
        let (commands, inbox) = transport::command_queue()?;
        let (report, bound) = mpsc::sync_channel(1);
        let name = match setup.feed.stream() {
            Stream::Depth => "kinect2-depth",
            Stream::Infrared => "kinect2-infra",
            Stream::Color => "kinect2-color",
        };
        let thread = thread::spawn(name, move || match Encoder::new(setup, inbox) {
            Ok(encoder) => {
                let _ = report.send(Ok(encoder.ports()));
                encoder.run();
            }
            Err(error) => {
                let _ = report.send(Err(error));
            }
        })?;
        let ports = bound.recv().unwrap_or_else(|_| Err(Error::internal("an encoder thread ended before it was bound")))?;
        Ok(Self { commands, ports, thread })
    }

    /// Where it listens.
    pub fn ports(&self) -> Ports {
        self.ports
    }

    /// Ends it; its ports are free when this returns.
    pub fn stop(self) {
        self.commands.send(Stop);
        let _ = self.thread.join();
    }
}

/// Subscription notices that are read at a time: a peer that floods us with them must not keep us from sending.
const MAX_NOTICES: usize = 256;

/// One endpoint with its subscribers.
struct Endpoint {
    socket: Watched,
    bound: Bound,
    connections: Connections,
    wanted: bool,
}

impl Endpoint {
    fn new(setup: &Setup, port: u16) -> Result<Self> {
        let socket = Watched::new(&setup.context, Role::FrameSender)?;
        transport::setup("cannot set up a socket", socket.socket().set_sndhwm(setup.feed.queue() as i32))?;
        let bound = bind(socket.socket(), setup.address, port)?;
        let connections = Connections::new(bound.port);
        Ok(Self { socket, bound, connections, wanted: false })
    }

    /// Reads all notices, then drains the monitor, and only then decides whether anyone wants frames: a connection is always reported
    /// before its subscription, so a notice without a connection left came from a peer that has gone.
    fn settle(&mut self) -> Result<()> {
        // An unsubscribe notice stops nothing: libzmq passes one on also for a peer that never subscribed.
        for _ in 0..MAX_NOTICES {
            let Some(notice) = receive(self.socket.socket())? else { break };
            self.wanted |= notice.first() == Some(&1);
        }
        while let Some(event) = self.socket.next_event() {
            match event {
                MonitorEvent::Accepted(descriptor) => self.connections.accepted(descriptor),
                MonitorEvent::Disconnected(descriptor) => self.connections.disconnected(descriptor),
                MonitorEvent::Closed => {}
            }
        }
        self.wanted &= self.connections.count() > 0;
        Ok(())
    }

    fn has_news(&self) -> bool {
        self.socket.has_messages() || self.socket.has_events()
    }

    fn subscribers(&self) -> u32 {
        if self.wanted { self.connections.count() } else { 0 }
    }

    /// Sends what is encoded, so many of which are made in a second; a subscriber without room does not get it.
    fn send(&mut self, parts: &[&[u8]], rate: f64) -> Result<()> {
        // Reading is also what makes libzmq look for places that subscribers have freed.
        self.settle()?;
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        self.connections.make_room(bytes as f64 * rate);
        for (i, part) in parts.iter().enumerate() {
            let more = if i + 1 < parts.len() { zmq::SNDMORE } else { 0 };
            transport::setup("cannot send a frame", transport::retry(|| self.socket.socket().send(*part, zmq::DONTWAIT | more)))?;
        }
        Ok(())
    }
}

/// Both, where there are two.
fn endpoints<'a>(frames: &'a mut Endpoint, depth: &'a mut Option<Box<Endpoint>>) -> impl Iterator<Item = &'a mut Endpoint> {
    std::iter::once(frames).chain(depth.as_deref_mut())
}

struct Encoder {
    setup: Setup,
    inbox: transport::Inbox<Stop>,
    waiter: Waiter,
    frames: Endpoint,
    /// Boxed: where there is none there is no memory of one, on which optimised code would branch (and memcheck complain).
    depth: Option<Box<Endpoint>>,
    frames_codec: Encoded,
    depth_codec: Encoded,
    /// A failure is told once, not thirty times a second.
    failing: bool,
}

/// The latest output of one codec, in memory that is used again.
#[derive(Default)]
struct Encoded {
    bytes: Vec<u8>,
    size: usize,
    lossy: bool,
    codec: Option<Codec>,
}

impl Encoded {
    fn encode(&mut self, options: &EncodeOptions, stream: Stream, image: Image<'_>) -> Result<()> {
        let codec = options.codec_for(stream)?;
        let done = encode_growing(codec, image, options, &mut self.bytes)?;
        (self.size, self.lossy, self.codec) = (done.size, done.lossy, Some(codec.codec()));
        Ok(())
    }

    fn payload(&self) -> &[u8] {
        &self.bytes[..self.size]
    }
}

impl Encoder {
    fn new(setup: Setup, inbox: transport::Inbox<Stop>) -> Result<Self> {
        let frames = Endpoint::new(&setup, setup.frames_port)?;
        let depth = match setup.depth_port.map(|port| Endpoint::new(&setup, port)).transpose() {
            Ok(depth) => depth.map(Box::new),
            Err(error) => {
                frames.socket.close_bound(&frames.bound); // so that the port is free for the next try
                return Err(error);
            }
        };
        setup.feed.set_encoder(Some(inbox.waker()));
        let (frames_codec, depth_codec) = Default::default();
        Ok(Self { setup, inbox, waiter: Waiter::default(), frames, depth, frames_codec, depth_codec, failing: false })
    }

    fn ports(&self) -> Ports {
        Ports { frames: self.frames.bound.port, depth: self.depth.as_ref().map(|depth| depth.bound.port) }
    }

    fn run(mut self) {
        loop {
            if let Err(error) = self.turn() {
                match error {
                    Ended::Asked => break,
                    Ended::Failed(error) => {
                        self.setup.audience.trouble(self.setup.feed.stream(), &error);
                        break;
                    }
                }
            }
        }
        if self.setup.feed.set_encoder(None) {
            self.setup.audience.subscribers(self.setup.feed.stream(), 0);
        }
        for endpoint in std::iter::once(self.frames).chain(self.depth.map(|depth| *depth)) {
            endpoint.socket.close_bound(&endpoint.bound);
        }
    }

    fn turn(&mut self) -> std::result::Result<(), Ended> {
        let sockets = std::iter::once(&self.frames).chain(self.depth.as_deref()).map(|endpoint| &endpoint.socket);
        self.waiter.wait([self.inbox.poll_item()], sockets, None)?;
        if self.inbox.next().is_some() {
            return Err(Ended::Asked);
        }
        // Where nothing has come there is nothing to settle: a frame waits, and before it is sent everything is read anyway.
        if endpoints(&mut self.frames, &mut self.depth).any(|endpoint| endpoint.has_news()) {
            endpoints(&mut self.frames, &mut self.depth).try_for_each(Endpoint::settle)?;
        }
        self.tell_audience();
        if let Some(frame) = self.setup.feed.take() {
            self.publish(&frame)?;
            self.tell_audience();
        }
        Ok(())
    }

    /// Says how many want the stream, if that has changed.
    fn tell_audience(&mut self) {
        let subscribers = endpoints(&mut self.frames, &mut self.depth).map(|endpoint| endpoint.subscribers()).sum();
        if self.setup.feed.set_subscribers(subscribers) {
            self.setup.audience.subscribers(self.setup.feed.stream(), subscribers);
        }
    }

    fn publish(&mut self, frame: &Frame) -> Result<()> {
        match self.encode_and_send(frame) {
            Err(error) if error.kind == ErrorKind::Io => return Err(error),
            Err(error) => {
                self.setup.feed.count_dropped();
                if !std::mem::replace(&mut self.failing, true) {
                    self.setup.audience.trouble(self.setup.feed.stream(), &error);
                }
            }
            Ok(()) => self.failing = false,
        }
        Ok(())
    }

    fn encode_and_send(&mut self, frame: &Frame) -> Result<()> {
        let info = *frame.info();
        let version1 = (info.width, info.height) == DEFAULT_SIZE;
        let for_frames = self.frames.wanted;
        let for_depth = version1 && self.depth.as_ref().is_some_and(|depth| depth.wanted);
        if !for_frames && !for_depth {
            return Ok(()); // the last subscriber left meanwhile, or wants what this device cannot give
        }
        let began = Instant::now();
        let values = frame.values16();
        let image = Image::new(&values, info.width, info.height)?;
        let options = self.setup.feed.encoding();
        let mut bytes = 0;
        if for_frames {
            self.frames_codec.encode(&options, info.stream, image)?;
            bytes += self.frames_codec.size as u64;
        }
        let shared = for_frames && self.frames_codec.codec == Some(Codec::Lz4Packed);
        if for_depth && !shared {
            let options = EncodeOptions { codec: Codec::Lz4Packed, ..Default::default() };
            self.depth_codec.encode(&options, info.stream, image)?;
            bytes += self.depth_codec.size as u64;
        }
        let encode_time = began.elapsed().as_nanos() as u64;
        let rate = self.setup.feed.frame_rate();
        if for_frames {
            let payload = self.frames_codec.payload();
            let header = header(&info, &self.frames_codec, payload, self.setup.session);
            self.frames.send(&[&header.encode(), payload], rate)?;
        }
        if let Some(depth) = self.depth.as_mut().filter(|_| for_depth) {
            depth.send(&[if shared { self.frames_codec.payload() } else { self.depth_codec.payload() }], rate)?;
        }
        self.setup.feed.count_encoded(bytes, encode_time, true);
        Ok(())
    }
}

fn header(info: &crate::frame::FrameInfo, encoded: &Encoded, payload: &[u8], session: u64) -> FrameHeader {
    let mut flags = info.flags;
    flags.set(FrameFlags::LOSSY, flags.contains(FrameFlags::LOSSY) || encoded.lossy);
    FrameHeader {
        stream: info.stream,
        format: info.format,
        codec: encoded.codec.unwrap_or(Codec::Raw),
        width: info.width,
        height: info.height,
        uncompressed_size: info.width * info.height * 2,
        sequence: info.sequence,
        capture_ns: info.capture_time_ns,
        capture_unix_ns: info.capture_unix_ns,
        device_time_ns: info.device_time_ns,
        payload_size: 0,
        payload_crc: 0,
        session,
        flags,
    }
    .with_payload(payload)
}

/// Why the thread ends.
enum Ended {
    Asked,
    Failed(Error),
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
