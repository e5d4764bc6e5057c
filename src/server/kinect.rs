//! A kinect in a server: a device, a feed for each of its streams and, while the server runs, a publisher for each.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock, Weak};

use parking_lot::Mutex;

use super::feed::Feed;
use super::publisher::{Audience, Ports, Publisher, Setup};
use super::{Inner, encodings::Encodings};
use crate::device::{DEFAULT_SIZE, Device, Sink};
use crate::dispatch::{Event, EventKind};
use crate::error::{Error, Result};
use crate::frame::{Frame, Stream, StreamInfo};
use crate::protocol::endpoint::EndpointKind;
use crate::transport::Context;

/// Ports that one device takes when they are fixed.
const PORTS_PER_DEVICE: u16 = 4;

/// What a publisher needs of a running server.
#[derive(Clone)]
pub struct Stage {
    pub context: Arc<Context>,
    pub address: Option<IpAddr>,
    /// 0: any free ports.
    pub data_port: u16,
    pub session: u64,
}

/// See the module.
pub struct Kinect {
    pub device: Device,
    /// Which of the fixed ports are its own: the lowest place that was free when it was added.
    pub place: u16,
    server: Weak<Inner>,
    encodings: Arc<Encodings>,
    feeds: [OnceLock<Arc<Feed>>; Stream::ALL.len()],
    publishers: Mutex<Publishers>,
}

#[derive(Default)]
struct Publishers {
    stage: Option<Stage>,
    running: Vec<(Stream, Publisher)>,
}

fn index(stream: Stream) -> usize {
    Stream::ALL.iter().position(|other| *other == stream).unwrap_or_default()
}

impl Kinect {
    pub fn new(device: &Device, place: u16, server: Weak<Inner>, encodings: Arc<Encodings>) -> Arc<Self> {
        let kinect = Self { device: device.clone(), place, server, encodings, feeds: Default::default(), publishers: Mutex::default() };
        for info in device.streams() {
            kinect.feed_or_new(&info);
        }
        Arc::new(kinect)
    }

    pub fn id(&self) -> &str {
        self.device.id()
    }

    pub fn feed(&self, stream: Stream) -> Option<&Arc<Feed>> {
        self.feeds[index(stream)].get()
    }

    pub fn feeds(&self) -> impl Iterator<Item = &Arc<Feed>> {
        self.feeds.iter().filter_map(OnceLock::get)
    }

    fn feed_or_new(&self, info: &StreamInfo) -> &Arc<Feed> {
        self.feeds[index(info.stream)].get_or_init(|| Arc::new(self.encodings.feed(*info, &self.device)))
    }

    /// Binds and starts what publishes its streams; where one cannot be bound, none is left running.
    pub fn start(self: &Arc<Self>, stage: &Stage) -> Result<()> {
        self.publishers.lock().stage = Some(stage.clone());
        self.start_missing().inspect_err(|_| self.stop())
    }

    /// Starts what streams that came since have not got yet; nothing while the server is stopped.
    pub fn start_missing(self: &Arc<Self>) -> Result<()> {
        let mut publishers = self.publishers.lock();
        let Some(stage) = publishers.stage.clone() else { return Ok(()) };
        for feed in self.feeds() {
            let stream = feed.stream();
            if publishers.running.iter().all(|(running, _)| *running != stream) {
                let publisher = Publisher::start(self.setup(feed, &stage))
                    .map_err(|e| Error::new(e.kind, format!("kinect {}, stream {stream}: {e}", self.id())))?;
                publishers.running.push((stream, publisher));
            }
        }
        Ok(())
    }

    fn setup(self: &Arc<Self>, feed: &Arc<Feed>, stage: &Stage) -> Setup {
        let port = |kind: EndpointKind| match stage.data_port {
            0 => 0,
            base => base + PORTS_PER_DEVICE * self.place + (kind.number() - EndpointKind::Depth.number()) as u16,
        };
        let stream = feed.stream();
        Setup {
            context: Arc::clone(&stage.context),
            feed: Arc::clone(feed),
            audience: Arc::clone(self) as Arc<dyn Audience>,
            address: stage.address,
            frames_port: port(EndpointKind::frames(stream)),
            depth_port: (stream == Stream::Depth).then(|| port(EndpointKind::Depth)),
            session: stage.session,
        }
    }

    /// Ends its publishers; their ports are free when this returns.
    pub fn stop(&self) {
        let publishers = std::mem::take(&mut *self.publishers.lock());
        for (_, publisher) in publishers.running {
            publisher.stop();
        }
    }

    /// The ports of its endpoints now.
    pub fn ports(&self) -> Vec<(EndpointKind, u16)> {
        let mut ports = Vec::new();
        for (stream, publisher) in &self.publishers.lock().running {
            let Ports { frames, depth } = publisher.ports();
            // The format of version 1 says no size: a receiver takes it as this one.
            if let Some(port) = depth
                && self.feed(*stream).is_some_and(|feed| (feed.info().width, feed.info().height) == DEFAULT_SIZE)
            {
                ports.push((EndpointKind::Depth, port));
            }
            ports.push((EndpointKind::frames(*stream), frames));
        }
        ports.sort_by_key(|(kind, _)| kind.number());
        ports
    }
}

/// The highest number of devices that fixed ports from `data_port` on have room for.
pub fn places(data_port: u16) -> u16 {
    if data_port == 0 { u16::MAX } else { ((u32::from(u16::MAX) + 1 - u32::from(data_port)) / u32::from(PORTS_PER_DEVICE)) as u16 }
}

impl Sink for Kinect {
    fn frame(&self, frame: &Frame) -> Option<Frame> {
        self.feed(frame.info().stream)?.offer(frame)
    }

    fn stream_changed(&self, info: &StreamInfo) {
        let is_new = self.feed(info.stream).is_none();
        let feed = self.feed_or_new(info);
        feed.set_info(*info);
        if is_new {
            // Settings may have changed while it was not to be seen yet.
            self.encodings.apply(feed, self.id());
            if let Some(server) = self.server.upgrade() {
                server.streams_changed();
            }
        }
    }

    fn device_gone(&self) {
        if let Some(server) = self.server.upgrade() {
            server.remove(&self.device);
        }
    }
}

impl Audience for Kinect {
    fn subscribers(&self, stream: Stream, count: u32) {
        self.emit(Event::new(EventKind::Subscribers).id(self.id()).stream(stream).value(u64::from(count)));
    }

    fn trouble(&self, stream: Stream, error: &Error) {
        self.emit(Event::error(error).id(self.id()).stream(stream));
    }
}

impl Kinect {
    fn emit(&self, event: Event) {
        if let Some(server) = self.server.upgrade() {
            server.emit(event);
        }
    }
}
