//! The server: offers devices on the network. Its worker answers who it is and what it has; each stream of each device has a publisher.

mod encodings;
mod feed;
mod kinect;
mod mailbox;
mod options;
mod publisher;
mod worker;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::codec::options::EncodeOptions;
use crate::device::{Device, Sink};
use crate::discovery::{AnnounceNews, Announced, Announcement, Discovery};
use crate::dispatch::{Dispatcher, Event, EventCallback, EventKind, Patience, Polled};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Stream, Streams};
use crate::log::log;
use crate::protocol::endpoint::{Endpoint, EndpointKind, Host};
use crate::protocol::host::host_id;
use crate::protocol::me::{DeviceRecord, Me, Software, StreamRecord};
use crate::system::{self, RawWaitable};
use crate::transport::{self, Context};

use encodings::Encodings;
pub use feed::ServerStats;
use kinect::{Kinect, Stage};
use mailbox::ServerMailbox;
pub use options::ServerOptions;
use worker::{Command, Worker};

/// A server. Cloning shares it; it ends with [`Server::destroy`] or its last clone.
#[derive(Clone)]
pub struct Server {
    owner: Arc<Owner>,
}

/// Ends the server when its last holder has gone. The server's own threads hold [`Inner`] only, so none of them ever ends itself.
struct Owner {
    inner: Arc<Inner>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.inner.destroy();
    }
}

/// What the server's threads share.
pub(crate) struct Inner {
    options: ServerOptions,
    context: Arc<Context>,
    discovery: Arc<dyn Discovery>,
    host: Option<u64>,
    name: Mutex<String>,
    encodings: Arc<Encodings>,
    dispatcher: Dispatcher<ServerMailbox>,
    /// Held for the whole of start, stop, add and remove, which wait for threads; no user code runs under it.
    lifecycle: Mutex<()>,
    state: Mutex<State>,
    destroyed: AtomicBool,
}

#[derive(Default)]
struct State {
    kinects: Vec<Arc<Kinect>>,
    running: Option<Running>,
}

struct Running {
    worker: Worker,
    stage: Stage,
    /// Dropped first: the goodbye goes out while the server still answers.
    announced: Option<Box<dyn Announced>>,
}

impl Server {
    /// A server that is not started.
    pub fn new(options: ServerOptions) -> Result<Self> {
        options.check()?;
        let discovery = crate::discovery::open(options.discovery)?;
        let name = options.name.clone().unwrap_or_else(|| format!("Kinect on {}", system::host_name()));
        // One name everywhere: a client that follows a server knows it by the one that is announced.
        let name = crate::discovery::instance_name(&name).to_owned();
        let inner = Inner {
            context: transport::context(),
            discovery,
            host: system::boot_id().and_then(|id| host_id(&id)),
            name: Mutex::new(name),
            encodings: Arc::default(),
            dispatcher: Dispatcher::new("kinect2-events", ServerMailbox::default()),
            lifecycle: Mutex::new(()),
            state: Mutex::default(),
            destroyed: AtomicBool::new(false),
            options,
        };
        Ok(Self { owner: Arc::new(Owner { inner: Arc::new(inner) }) })
    }

    fn inner(&self) -> &Arc<Inner> {
        &self.owner.inner
    }

    /// Binds and answers when it returns; announcing goes on by itself and fails as an event. Running already: a logged warning.
    pub fn start(&self) -> Result<()> {
        if !self.inner().start()? {
            log!(Warn, "server \"{}\" is running already", self.name());
        }
        Ok(())
    }

    /// Stops answering, publishing and announcing; its ports are free when it returns. Not running: a logged warning.
    pub fn stop(&self) -> Result<()> {
        if !self.inner().stop() {
            log!(Warn, "server \"{}\" is not running", self.name());
        }
        let newest = self.inner().dispatcher.read(|mailbox| mailbox.events.newest_call());
        self.inner().dispatcher.wait_while(Patience::Forever, |mailbox| mailbox.events.has_call_until(newest));
        Ok(())
    }

    /// Whether it is started.
    pub fn is_running(&self) -> bool {
        self.inner().state.lock().running.is_some()
    }

    /// Its name, as announced now.
    pub fn name(&self) -> String {
        self.inner().name.lock().clone()
    }

    /// The address that it is bound to, perhaps a wildcard.
    pub fn address(&self) -> Result<String> {
        let inner = self.inner();
        let state = inner.state.lock();
        let address = state.running.as_ref().ok_or_else(not_running)?.worker.bound().address;
        address.map(|address| address.to_string()).ok_or_else(|| Error::internal("ZeroMQ does not say where it is bound"))
    }

    /// An endpoint that a client on another host would use: the server's own, or one of a kinect.
    pub fn endpoint(&self, kinect_id: Option<&str>, kind: EndpointKind) -> Result<String> {
        let inner = self.inner();
        let (kinect, bound) = {
            let state = inner.state.lock();
            let bound = state.running.as_ref().ok_or_else(not_running)?.worker.bound().clone();
            (kinect_id.map(|id| state.kinect(id)).transpose()?, bound)
        };
        let port = match &kinect {
            None if kind == EndpointKind::Control => Some(bound.port),
            None => None,
            Some(kinect) => kinect.ports().into_iter().find(|(other, _)| *other == kind).map(|(_, port)| port),
        };
        let port = port.ok_or_else(|| Error::not_found(format!("there is no {} endpoint here", kind.name())))?;
        Ok(endpoint_text(inner.reachable_address(None), port))
    }

    /// Adds a device, before or after the start.
    pub fn add_kinect(&self, device: &Device) -> Result<()> {
        self.inner().add(device)
    }

    /// Removes a device.
    pub fn remove_kinect(&self, device: &Device) -> Result<()> {
        if self.inner().remove(device) { Ok(()) } else { Err(not_here(device.id())) }
    }

    /// Sets (none: resets) how streams of one device, or of all that have no setting of their own, are encoded.
    pub fn set_encoding(&self, device: Option<&Device>, streams: Streams, options: Option<EncodeOptions>) -> Result<()> {
        let inner = self.inner();
        let state = inner.state.lock();
        if let Some(device) = device
            && !state.kinects.iter().any(|kinect| kinect.device.is(device))
        {
            return Err(not_here(device.id()));
        }
        inner.encodings.set(device.map(Device::id), streams, options)?;
        for kinect in &state.kinects {
            for feed in kinect.feeds() {
                inner.encodings.apply(feed, kinect.id());
            }
        }
        Ok(())
    }

    /// Ids of its kinects, in the order of their coming.
    pub fn kinect_ids(&self) -> Vec<String> {
        self.inner().state.lock().kinects.iter().map(|kinect| kinect.id().to_owned()).collect()
    }

    /// Figures of one stream of one kinect, since it was added.
    pub fn stats(&self, kinect_id: &str, stream: Stream) -> Result<ServerStats> {
        let kinect = self.inner().state.lock().kinect(kinect_id)?;
        kinect.feed(stream).map(|feed| feed.stats()).ok_or_else(|| no_stream(kinect_id, stream))
    }

    /// Sets, replaces or removes the callback for events.
    pub fn on_event(&self, callback: Option<Arc<EventCallback>>) -> Result<()> {
        self.inner().dispatcher.set_callback(callback, |mailbox| &mut mailbox.events.callback, |mailbox| mailbox.events.settle())
    }

    /// The next event, each given out once.
    pub fn next_event(&self, patience: Patience) -> Polled<Event> {
        self.inner().dispatcher.poll(patience, |mailbox| mailbox.events.pop())
    }

    /// Readable while there is an event to take.
    pub fn poll_fd(&self) -> Result<RawWaitable> {
        self.inner().dispatcher.with(|mailbox| mailbox.events.waitable())
    }

    /// Stops it and lets go of its devices, which stay. Silent: no callback starts any more.
    pub fn destroy(&self) {
        self.inner().destroy();
    }
}

impl Inner {
    fn start(self: &Arc<Self>) -> Result<bool> {
        let _lifecycle = self.lifecycle.lock();
        if self.destroyed.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::BadHandle, "the server has been destroyed"));
        }
        if self.state.lock().running.is_some() {
            return Ok(false);
        }
        let options = &self.options;
        let stage = Stage {
            context: Arc::clone(&self.context),
            address: options.address,
            data_port: options.data_port,
            session: system::random_u64(),
        };
        let kinects = self.state.lock().kinects.clone();
        let started = kinects.iter().try_for_each(|kinect| kinect.start(&stage));
        let worker = started.and_then(|()| Worker::start(self, &stage, options.port));
        let worker = worker.inspect_err(|_| kinects.iter().for_each(|kinect| kinect.stop()))?;
        let port = worker.bound().port;
        let commands = worker.commands().clone();
        self.state.lock().running = Some(Running { worker, stage, announced: None });
        commands.send(Command::StreamsChanged); // one may have come since its kinect was started
        if options.announce {
            let announced = self.announce(port);
            if let Some(running) = self.state.lock().running.as_mut() {
                running.announced = announced;
            }
        }
        Ok(true)
    }

    fn announce(self: &Arc<Self>, port: u16) -> Option<Box<dyn Announced>> {
        let name = self.name.lock().clone();
        let announcement = Announcement { name, port, address: self.options.address.filter(|address| !address.is_unspecified()) };
        let server = Arc::downgrade(self);
        let news = Arc::new(move |news| {
            if let Some(server) = server.upgrade() {
                server.announce_news(news);
            }
        });
        match self.discovery.announce(&announcement, news) {
            Ok(announced) => Some(announced),
            Err(error) => {
                self.emit(Event::error(&error));
                None
            }
        }
    }

    fn announce_news(&self, news: AnnounceNews) {
        match news {
            AnnounceNews::Announced => {}
            AnnounceNews::Renamed(name) => {
                *self.name.lock() = name.clone();
                self.emit(Event::new(EventKind::Name).id(name));
            }
            AnnounceNews::Failed(error) => self.emit(Event::error(&error)),
        }
    }

    fn stop(&self) -> bool {
        let _lifecycle = self.lifecycle.lock();
        let (running, kinects) = {
            let mut state = self.state.lock();
            (state.running.take(), state.kinects.clone())
        };
        let Some(running) = running else { return false };
        drop(running.announced);
        running.worker.stop();
        kinects.iter().for_each(|kinect| kinect.stop());
        true
    }

    fn add(self: &Arc<Self>, device: &Device) -> Result<()> {
        let _lifecycle = self.lifecycle.lock();
        if self.destroyed.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::BadHandle, "the server has been destroyed"));
        }
        let (place, stage) = {
            let state = self.state.lock();
            if state.kinects.iter().any(|kinect| kinect.id() == device.id()) {
                return Err(Error::in_use(format!("a kinect {} is in this server already", device.id())));
            }
            let place = (0..).find(|place| state.kinects.iter().all(|kinect| kinect.place != *place)).unwrap_or(u16::MAX);
            (place, state.running.as_ref().map(|running| running.stage.clone()))
        };
        if place >= kinect::places(self.options.data_port) {
            return Err(Error::limit(format!("no ports are left above data_port {} for another kinect", self.options.data_port)));
        }
        let kinect = Kinect::new(device, place, Arc::downgrade(self), Arc::clone(&self.encodings));
        if let Some(stage) = &stage {
            kinect.start(stage)?;
        }
        {
            // Whoever sets encodings holds the same lock: what was set before is applied here, what is set later finds the kinect.
            let mut state = self.state.lock();
            kinect.feeds().for_each(|feed| self.encodings.apply(feed, kinect.id()));
            state.kinects.push(Arc::clone(&kinect));
        }
        let sink: Arc<dyn Sink> = kinect.clone();
        if let Err(error) = device.attach(&sink) {
            self.take_out(device);
            kinect.stop();
            return Err(error);
        }
        // A stream may have come between the first look at the device and its attachment.
        for info in device.streams() {
            sink.stream_changed(&info);
        }
        Ok(())
    }

    fn take_out(&self, device: &Device) -> Option<Arc<Kinect>> {
        let mut state = self.state.lock();
        let at = state.kinects.iter().position(|kinect| kinect.device.is(device))?;
        Some(state.kinects.remove(at))
    }

    /// Removes a device; false: it is not here.
    fn remove(&self, device: &Device) -> bool {
        let _lifecycle = self.lifecycle.lock();
        let Some(kinect) = self.take_out(device) else { return false };
        let sink: Arc<dyn Sink> = kinect.clone();
        device.detach(&sink);
        kinect.stop();
        self.encodings.forget(device.id());
        true
    }

    fn destroy(&self) {
        self.destroyed.store(true, Ordering::Release);
        self.dispatcher.close();
        self.stop();
        let devices: Vec<Device> = self.state.lock().kinects.iter().map(|kinect| kinect.device.clone()).collect();
        for device in devices {
            self.remove(&device);
        }
    }

    fn emit(&self, event: Event) {
        self.dispatcher.with(|mailbox| mailbox.events.emit(event));
    }

    /// A stream is new or another than it was: on the thread that captures, so the worker does what there is to do.
    fn streams_changed(&self) {
        let commands = self.state.lock().running.as_ref().map(|running| running.worker.commands().clone());
        if let Some(commands) = commands {
            commands.send(Command::StreamsChanged);
        }
    }

    fn start_missing_publishers(&self) {
        let kinects = self.state.lock().kinects.clone();
        for kinect in kinects {
            if let Err(error) = kinect.start_missing() {
                self.emit(Event::error(&error).id(kinect.id()));
            }
        }
    }

    /// The address to tell a peer: the one it is connected to, else the one bound to, else the first that is not loopback.
    fn reachable_address(&self, connection: Option<IpAddr>) -> IpAddr {
        let bound = self.options.address.filter(|address| !address.is_unspecified());
        connection.or(bound).unwrap_or_else(transport::public_address)
    }

    /// The answer to `who`, for a peer that is connected to `connection`.
    fn me(&self, connection: Option<IpAddr>, port: u16, session: u64) -> Result<String> {
        let address = self.reachable_address(connection);
        let kinects = self.state.lock().kinects.clone();
        let me = Me {
            name: self.name.lock().clone(),
            endpoints: [(EndpointKind::Control, endpoint(address, port))].into(),
            software: Some(Software { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }),
            session: Some(session),
            clock_ns: Some(system::monotonic_ns()),
            host: self.host,
            devices: kinects.iter().map(|kinect| device_record(kinect, address)).collect(),
        };
        me.to_json()
    }
}

fn device_record(kinect: &Kinect, address: IpAddr) -> DeviceRecord {
    DeviceRecord {
        id: kinect.id().to_owned(),
        model: None,
        serial: None,
        endpoints: kinect.ports().into_iter().map(|(kind, port)| (kind, endpoint(address, port))).collect(),
        streams: kinect.feeds().map(|feed| stream_record(kinect, feed.info())).collect(),
    }
}

fn stream_record(kinect: &Kinect, info: crate::frame::StreamInfo) -> StreamRecord {
    StreamRecord {
        stream: info.stream,
        width: info.width,
        height: info.height,
        format: info.format.number(),
        codec: info.codec.number(),
        rate: info.frame_rate,
        sequence: kinect.device.newest_sequence(info.stream),
    }
}

impl State {
    fn kinect(&self, id: &str) -> Result<Arc<Kinect>> {
        self.kinects.iter().find(|kinect| kinect.id() == id).cloned().ok_or_else(|| not_here(id))
    }
}

fn endpoint(address: IpAddr, port: u16) -> Endpoint {
    Endpoint { host: Host::from(address), port }
}

fn endpoint_text(address: IpAddr, port: u16) -> String {
    endpoint(address, port).to_string()
}

fn not_running() -> Error {
    Error::bad_state("the server is not running: start it first")
}

fn not_here(id: &str) -> Error {
    Error::not_found(format!("no kinect {id} is in this server"))
}

fn no_stream(id: &str, stream: Stream) -> Error {
    Error::not_found(format!("kinect {id} has no {stream} stream"))
}
