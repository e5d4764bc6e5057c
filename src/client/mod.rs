//! The client: connects to a server, learns of its kinects as they come and go, and gets decoded frames, the newest first.

mod clock;
mod control;
mod latency;
mod mailbox;
mod options;
mod slots;
mod subscription;
mod target;
mod view;
mod wanted;
mod worker;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use parking_lot::Mutex;

use crate::dispatch::{Dispatcher, Event, EventCallback, Patience, Polled};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::frame::{Frame, PixelFormat, Stream, StreamInfo, Streams};
use crate::log::log;
use crate::protocol::endpoint::{Endpoint, EndpointKind};
use crate::system::RawWaitable;
use crate::thread;
use crate::transport::{self, Commands, Context};

use control::Ping;
use mailbox::{ClientMailbox, Loss};
pub use mailbox::{ConnectFn, DisconnectFn, FrameFn, KinectFn, PongFn};
pub use options::ClientOptions;
pub use slots::ClientStats;
use worker::Command;

/// Most pings that wait for an answer.
const MAX_PINGS: usize = 64;

/// What a descriptor of [`Client::poll_fd`] is readable for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollKind {
    /// An event waits.
    Events,
    /// A frame of any kinect and stream waits.
    Frames,
}

/// A client. Cloning shares it; it ends with [`Client::destroy`] or its last clone.
#[derive(Clone)]
pub struct Client {
    owner: Arc<Owner>,
}

struct Owner {
    endpoint: Option<Endpoint>,
    options: ClientOptions,
    context: Arc<Context>,
    dispatcher: Dispatcher<ClientMailbox>,
    /// The worker, from connect to disconnect. Held while waiting for its end, which never waits for user code.
    worker: Mutex<Option<Running>>,
    destroyed: AtomicBool,
}

struct Running {
    commands: Commands<Command>,
    thread: JoinHandle<()>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.destroy();
    }
}

impl Client {
    /// A client that is not connected. The endpoint may be left out where the options name a server.
    pub fn new(control_endpoint: Option<&str>, options: ClientOptions) -> Result<Self> {
        options.check()?;
        let endpoint = control_endpoint.map(Endpoint::parse).transpose()?;
        if endpoint.as_ref().is_some_and(|endpoint| endpoint.host.is_wildcard()) {
            return Err(Error::invalid("a wildcard address is where a server listens, not where a client can connect to: name a host"));
        }
        if endpoint.is_none() && options.server_name.is_none() {
            return Err(Error::invalid(
                "there is nothing to connect to: give an endpoint, or a server_name in the options (\"*\": any server)",
            ));
        }
        // Whether there is such discovery is better known now than at connect.
        crate::discovery::open(options.discovery)?;
        let owner = Owner {
            endpoint,
            options,
            context: transport::context(),
            dispatcher: Dispatcher::new("kinect2-calls", ClientMailbox::default()),
            worker: Mutex::new(None),
            destroyed: AtomicBool::new(false),
        };
        Ok(Self { owner: Arc::new(owner) })
    }

    fn dispatcher(&self) -> &Dispatcher<ClientMailbox> {
        &self.owner.dispatcher
    }

    /// Called when the server has answered; at once where it has already.
    pub fn on_connect(&self, callback: Option<Arc<ConnectFn>>) -> Result<()> {
        self.dispatcher().set_callback(
            callback,
            |mailbox| &mut mailbox.callbacks.connect,
            |mailbox| {
                mailbox.settle_callbacks();
                mailbox.replay_connect();
            },
        )
    }

    /// Called when the server is gone, or did not answer in the first place.
    pub fn on_disconnect(&self, callback: Option<Arc<DisconnectFn>>) -> Result<()> {
        self.dispatcher().set_callback(callback, |mailbox| &mut mailbox.callbacks.disconnect, ClientMailbox::settle_callbacks)
    }

    /// Called for each kinect that comes; at once for those that are there.
    pub fn on_add_kinect(&self, callback: Option<Arc<KinectFn>>) -> Result<()> {
        self.dispatcher().set_callback(
            callback,
            |mailbox| &mut mailbox.callbacks.add_kinect,
            |mailbox| {
                mailbox.settle_callbacks();
                mailbox.replay_kinects();
            },
        )
    }

    /// Called for each kinect that goes.
    pub fn on_remove_kinect(&self, callback: Option<Arc<KinectFn>>) -> Result<()> {
        self.dispatcher().set_callback(callback, |mailbox| &mut mailbox.callbacks.remove_kinect, ClientMailbox::settle_callbacks)
    }

    /// Called with depth frames, the newest where it is slow; before [`Client::on_frame`].
    pub fn on_depth_frame(&self, callback: Option<Arc<FrameFn>>) -> Result<()> {
        self.dispatcher().set_callback(callback, |mailbox| &mut mailbox.callbacks.depth_frame, ClientMailbox::settle_callbacks)
    }

    /// Called with frames of every stream.
    pub fn on_frame(&self, callback: Option<Arc<FrameFn>>) -> Result<()> {
        self.dispatcher().set_callback(callback, |mailbox| &mut mailbox.callbacks.frame, ClientMailbox::settle_callbacks)
    }

    /// Called with what [`Client::next_event`] gives.
    pub fn on_event(&self, callback: Option<Arc<EventCallback>>) -> Result<()> {
        self.dispatcher().set_callback(callback, |mailbox| &mut mailbox.events.callback, ClientMailbox::settle_callbacks)
    }

    /// Begins to connect, and returns. Connecting or connected already: a logged warning.
    pub fn connect(&self) -> Result<()> {
        if !self.owner.connect()? {
            log!(Warn, "the client is connecting or connected already");
        }
        Ok(())
    }

    /// Ends the connection or the trying. Returns when the last callback of the connection has returned. Where there is neither: a
    /// logged warning.
    pub fn disconnect(&self) -> Result<()> {
        if !self.owner.disconnect() {
            log!(Warn, "the client is not connected and does not try");
        }
        let newest = self.dispatcher().read(ClientMailbox::newest_change);
        self.dispatcher().wait_while(Patience::Forever, |mailbox| mailbox.changes_until(newest));
        Ok(())
    }

    /// Whether the server answers.
    pub fn is_connected(&self) -> bool {
        self.dispatcher().read(|mailbox| mailbox.view.connected)
    }

    /// The server's name, from its first answer on.
    pub fn server_name(&self) -> Result<String> {
        let name = self.dispatcher().read(|mailbox| mailbox.view.server_name.clone());
        name.ok_or_else(|| Error::not_found("no server has answered yet"))
    }

    /// An endpoint as the server advertises it: its own, or one of a kinect.
    pub fn endpoint(&self, kinect_id: Option<&str>, kind: EndpointKind) -> Result<String> {
        self.dispatcher().read(|mailbox| {
            let endpoints = match kinect_id {
                None if mailbox.view.connected => &mailbox.view.endpoints,
                None => return Err(Error::not_found("not connected")),
                Some(id) => &mailbox.view.kinect(id)?.endpoints,
            };
            let endpoint = endpoints.get(&kind).map(Endpoint::to_string);
            endpoint.ok_or_else(|| Error::not_found(format!("there is no {} endpoint", kind.name())))
        })
    }

    /// Ids of the server's kinects, in the order of their coming.
    pub fn kinect_ids(&self) -> Vec<String> {
        self.dispatcher().read(|mailbox| mailbox.view.kinects.iter().map(|kinect| kinect.id.to_string()).collect())
    }

    /// The streams that a kinect offers; none: there is no such kinect.
    pub fn streams(&self, kinect_id: &str) -> Streams {
        self.dispatcher().read(|mailbox| mailbox.view.kinect(kinect_id).map_or(Streams::empty(), |kinect| kinect.offers()))
    }

    /// What a stream is.
    pub fn stream_info(&self, kinect_id: &str, stream: Stream) -> Result<StreamInfo> {
        self.dispatcher().read(|mailbox| mailbox.view.kinect(kinect_id)?.stream(stream).copied())
    }

    /// Enables streams of one kinect, or (none) of every one, now and later; see the C header.
    pub fn enable_stream(&self, kinect_id: Option<&str>, streams: Streams, format: Option<PixelFormat>) -> Result<()> {
        let wish = checked_streams(streams)?;
        if let Some(format) = format {
            check_format(streams, format)?;
        }
        self.dispatcher().with(|mailbox| {
            if let Some(id) = kinect_id {
                let kinect = mailbox.view.kinect(id)?;
                if streams != Streams::all() {
                    streams.known().try_for_each(|stream| kinect.stream(stream).map(|_| ()))?;
                }
            }
            // Figures begin now: those of streams that are here, and of those that were once and may return.
            let here = mailbox.view.kinects.iter().filter(|kinect| kinect_id.is_none_or(|id| *kinect.id == *id));
            let here = here.flat_map(|kinect| wish.known().map(|stream| (Arc::clone(&kinect.id), stream)));
            let begun: BTreeSet<_> = here.chain(mailbox.slots.streams(kinect_id)).collect();
            for (id, stream) in begun {
                if wish.has(stream) && !mailbox.wanted.has(&id, stream) {
                    mailbox.slots.begin(&id, stream);
                }
            }
            mailbox.wanted.enable(kinect_id, wish);
            Ok::<(), Error>(())
        })?;
        self.owner.send(Command::StreamsChanged);
        Ok(())
    }

    /// Disables them. What is not enabled stays so.
    pub fn disable_stream(&self, kinect_id: Option<&str>, streams: Streams) -> Result<()> {
        if streams.is_empty() {
            return Err(no_stream());
        }
        self.dispatcher().with(|mailbox| {
            mailbox.wanted.disable(kinect_id, streams);
            mailbox.drop_disabled(kinect_id, streams);
        });
        self.owner.send(Command::StreamsChanged);
        Ok(())
    }

    /// Asks the server for a sign of life; the callback gets how it ended and the round trip in nanoseconds, once.
    pub fn ping(&self, callback: Option<Box<PongFn>>) -> Result<()> {
        if callback.is_some() {
            self.dispatcher().start()?;
        }
        self.dispatcher().with(|mailbox| {
            if !mailbox.view.trying {
                return Err(Error::bad_state("not connected and not connecting: call connect first"));
            }
            if mailbox.pings >= MAX_PINGS {
                return Err(Error::limit(format!("{MAX_PINGS} pings wait for an answer already")));
            }
            mailbox.pings += 1;
            Ok::<(), Error>(())
        })?;
        let deadline = Instant::now() + self.owner.options.response_timeout;
        self.owner.send(Command::Ping(Ping::new(callback, deadline, self.dispatcher())));
        Ok(())
    }

    /// Figures of one stream of one kinect, since it was enabled.
    pub fn stats(&self, kinect_id: &str, stream: Stream) -> Result<ClientStats> {
        self.dispatcher().read(|mailbox| match mailbox.slots.stats(kinect_id, stream) {
            Some(stats) => Ok(stats),
            None => mailbox.view.kinect(kinect_id)?.stream(stream).map(|_| ClientStats::default()),
        })
    }

    /// Takes the newest frame of a kinect (none: of any) and of any of these streams.
    pub fn take_frame(&self, kinect_id: Option<&str>, streams: Streams, patience: Patience) -> Result<Polled<Frame>> {
        if streams.is_empty() {
            return Err(no_stream());
        }
        let taken = self.dispatcher().poll(patience, |mailbox| match mailbox.take(kinect_id, streams) {
            Some(frame) => Some(Some(frame)),
            None => (!mailbox.view.trying).then_some(None),
        });
        Ok(flatten(taken))
    }

    /// The next event, each given out once.
    pub fn next_event(&self, patience: Patience) -> Polled<Event> {
        flatten(self.dispatcher().poll(patience, |mailbox| match mailbox.events.pop() {
            Some(event) => Some(Some(event)),
            None => (!mailbox.view.trying).then_some(None),
        }))
    }

    /// A descriptor for the host's own loop, readable while there is something of this kind to take.
    pub fn poll_fd(&self, what: PollKind) -> Result<RawWaitable> {
        self.dispatcher().with(|mailbox| match what {
            PollKind::Events => mailbox.events.waitable(),
            PollKind::Frames => mailbox.frames_waitable(),
        })
    }

    /// Ends it. Silent: no callback starts any more.
    pub fn destroy(&self) {
        self.owner.destroy();
    }
}

/// What was polled, where "none will come" is a thing to be found.
fn flatten<T>(polled: Polled<Option<T>>) -> Polled<T> {
    match polled {
        Polled::Ready(Some(value)) => Polled::Ready(value),
        Polled::Ready(None) | Polled::Closed => Polled::Closed,
        Polled::TimedOut => Polled::TimedOut,
    }
}

fn no_stream() -> Error {
    Error::invalid("no stream is named: give one or several stream bits")
}

/// The streams that a call means: all bits set stands for what this library can receive.
fn checked_streams(streams: Streams) -> Result<Streams> {
    if streams.is_empty() {
        return Err(no_stream());
    }
    let receivable = Streams::DEPTH | Streams::INFRARED;
    if streams == Streams::all() {
        return Ok(receivable);
    }
    let rest = streams - receivable;
    if !rest.is_empty() {
        return Err(Error::unsupported(format!("stream bits {:#x} are not received by this version of the library", rest.bits())));
    }
    Ok(streams)
}

fn check_format(streams: Streams, format: PixelFormat) -> Result<()> {
    match streams.known().find(|stream| stream.format16() != Some(format)) {
        None => Ok(()),
        Some(stream) => Err(Error::unsupported(format!("{stream} frames are not converted to {format}: leave the format at 0"))),
    }
}

impl Owner {
    /// False: there is a connection, or one is being made.
    fn connect(&self) -> Result<bool> {
        let mut running = self.worker.lock();
        if self.destroyed.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::BadHandle, "the client has been destroyed"));
        }
        if self.dispatcher.read(|mailbox| mailbox.view.trying) {
            return Ok(false);
        }
        // One that gave up has ended by itself.
        if let Some(ended) = running.take() {
            let _ = ended.thread.join();
        }
        let (commands, worker) = worker::prepare(worker::Setup {
            context: Arc::clone(&self.context),
            dispatcher: self.dispatcher.clone(),
            options: self.options.clone(),
            endpoint: self.endpoint.clone(),
        })?;
        self.dispatcher.with(ClientMailbox::begin);
        let thread = thread::spawn("kinect2-client", move || worker.run())
            .inspect_err(|_| self.dispatcher.with(|mailbox| mailbox.view.trying = false))?;
        *running = Some(Running { commands, thread });
        Ok(true)
    }

    /// Whether it was connected or trying.
    fn disconnect(&self) -> bool {
        let mut running = self.worker.lock();
        self.end_worker(&mut running);
        self.dispatcher.with(|mailbox| {
            let trying = std::mem::replace(&mut mailbox.view.trying, false);
            if trying {
                drop(mailbox.lost(Outcome::Ok, "", Loss::default()));
            }
            trying
        })
    }

    fn end_worker(&self, running: &mut Option<Running>) {
        if let Some(Running { commands, thread }) = running.take() {
            commands.send(Command::Stop);
            // Its panics, if any, have been printed; the client is to be usable again.
            let _ = thread.join();
        }
    }

    fn send(&self, command: Command) {
        let commands = self.worker.lock().as_ref().map(|running| running.commands.clone());
        if let Some(commands) = commands {
            commands.send(command);
        }
    }

    fn destroy(&self) {
        self.destroyed.store(true, Ordering::Release);
        self.dispatcher.close();
        self.end_worker(&mut self.worker.lock());
    }
}
