//! Browsers: which servers are there now, and where.
//!
//! Multicast DNS tells who says that they are there; the browser's worker connects to each now and then to see who really is (`worker`).
//! The rules of that are in `list`, what waits for callbacks and pollers in `mailbox`.

mod list;
mod mailbox;
mod worker;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::discovery::{self, Discovery, DiscoveryKind};
use crate::dispatch::{Dispatcher, Event, Patience, Polled};
use crate::error::{Error, ErrorKind, Result};
use crate::log::log;
use crate::system::RawWaitable;
use mailbox::BrowserMailbox;
use worker::Worker;

/// A server on the network.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServerInfo {
    /// Its name, unique among the servers listed, for people to read.
    pub name: String,
    /// Its control endpoint, with an address that has just accepted a connection from this host.
    pub endpoint: String,
}

/// Gets a server that came or went.
pub type ServerCallback = dyn Fn(&ServerInfo) + Send + Sync;

/// How to look for servers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BrowserOptions {
    /// Who speaks multicast DNS.
    pub discovery: DiscoveryKind,
    /// An address of the interface to listen on; none: all, loopback among them.
    pub address: Option<IpAddr>,
}

/// A list of servers that keeps itself up to date. Cloning shares it; it ends with [`Browser::destroy`] or its last clone.
#[derive(Clone)]
pub struct Browser {
    owner: Arc<Owner>,
}

struct Owner {
    options: BrowserOptions,
    discovery: Arc<dyn Discovery>,
    dispatcher: Dispatcher<BrowserMailbox>,
    worker: Mutex<Option<Worker>>,
    destroyed: AtomicBool,
}

impl Browser {
    /// A browser that is not started.
    ///
    /// # Errors
    /// `Unsupported`: a kind of discovery that this build does not have.
    pub fn new(options: BrowserOptions) -> Result<Self> {
        let discovery = discovery::open(options.discovery)?;
        let dispatcher = Dispatcher::new("kinect2-browser", BrowserMailbox::default());
        let owner = Owner { options, discovery, dispatcher, worker: Mutex::new(None), destroyed: AtomicBool::new(false) };
        Ok(Self { owner: Arc::new(owner) })
    }

    /// Sets, replaces or removes the callback for servers that come. It is called for those that are listed already.
    pub fn on_add_server(&self, callback: Option<Arc<ServerCallback>>) -> Result<()> {
        self.owner.dispatcher.set_callback(callback, |mailbox| &mut mailbox.on_add, BrowserMailbox::replay)
    }

    /// Sets, replaces or removes the callback for servers that go. A server whose endpoint changes is removed and added.
    pub fn on_remove_server(&self, callback: Option<Arc<ServerCallback>>) -> Result<()> {
        self.owner.dispatcher.set_callback(callback, |mailbox| &mut mailbox.on_remove, BrowserMailbox::drop_unwanted)
    }

    /// Starts looking. Started already: a logged warning.
    ///
    /// # Errors
    /// `InvalidArgument`: no interface has the address of the options. `Io`: this host does not let us listen.
    pub fn start(&self) -> Result<()> {
        if !self.owner.start()? {
            log!(Warn, "the browser is started already");
        }
        Ok(())
    }

    /// Stops looking and forgets all servers, without a call. Not started: a logged warning.
    pub fn stop(&self) -> Result<()> {
        self.owner.check()?;
        if !self.owner.stop() {
            log!(Warn, "the browser is not started");
        }
        self.owner.dispatcher.wait_while(Patience::Forever, |_| false);
        Ok(())
    }

    /// Takes the next event. Closed: stopped and none left, or destroyed.
    pub fn next_event(&self, patience: Patience) -> Polled<Event> {
        match self.owner.dispatcher.poll(patience, BrowserMailbox::poll) {
            Polled::Ready(Some(event)) => Polled::Ready(event),
            Polled::Ready(None) | Polled::Closed => Polled::Closed,
            Polled::TimedOut => Polled::TimedOut,
        }
    }

    /// Something to wait on, readable exactly while there is an event to take.
    pub fn poll_fd(&self) -> Result<RawWaitable> {
        self.owner.check()?;
        self.owner.dispatcher.with(|mailbox| mailbox.events.waitable())
    }

    /// What is listed now, in the order of coming.
    pub fn servers(&self) -> Vec<ServerInfo> {
        self.owner.dispatcher.read(|mailbox| mailbox.listed().to_vec())
    }

    /// The endpoint of the server `name`.
    ///
    /// # Errors
    /// `NotFound`: it is not listed now.
    pub fn endpoint(&self, name: &str) -> Result<String> {
        self.owner.check()?;
        let server = self.servers().into_iter().find(|server| server.name == name);
        server.map(|server| server.endpoint).ok_or_else(|| Error::not_found(format!("no server \"{name}\" is listed")))
    }

    /// Where the server `name` says that it is, listed or not, the most promising address first; nothing if it is not heard of.
    pub(crate) fn places(&self, name: &str) -> Vec<SocketAddr> {
        self.owner.dispatcher.read(|mailbox| mailbox.places(name).to_vec())
    }

    /// Ends it: no callback starts any more. Inside one of its callbacks it does not wait for that.
    pub fn destroy(&self) {
        self.owner.destroy();
    }
}

impl Owner {
    fn check(&self) -> Result<()> {
        if self.destroyed.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::BadHandle, "the browser has been destroyed"));
        }
        Ok(())
    }

    /// False: it is started already.
    fn start(&self) -> Result<bool> {
        let mut worker = self.worker.lock();
        self.check()?;
        if worker.is_some() {
            return Ok(false);
        }
        let run = self.dispatcher.with(BrowserMailbox::begin);
        match Worker::start(&*self.discovery, self.options.address, self.dispatcher.clone(), run) {
            Ok(started) => *worker = Some(started),
            Err(error) => {
                self.dispatcher.with(BrowserMailbox::end);
                return Err(error);
            }
        }
        Ok(true)
    }

    /// False: it is not started.
    fn stop(&self) -> bool {
        let worker = {
            let mut worker = self.worker.lock();
            if worker.is_some() {
                // From here on nothing that the worker still says is heard.
                self.dispatcher.with(BrowserMailbox::end);
            }
            worker.take()
        };
        worker.map(Worker::stop).is_some()
    }

    fn destroy(&self) {
        self.destroyed.store(true, Ordering::Release);
        self.dispatcher.close();
        self.stop();
        // A callback may hold the browser itself.
        let callbacks = self.dispatcher.with(|mailbox| (mailbox.on_add.take(), mailbox.on_remove.take()));
        drop(callbacks);
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.destroy();
    }
}
