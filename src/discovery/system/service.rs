//! The `zeroconf` crate as two things that are polled: a registration, and a watch on all instances. Each belongs to the thread that made
//! it, and makes progress only while it is polled.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use zeroconf::prelude::*;
use zeroconf::{BrowserEvent, EventLoop, MdnsBrowser, MdnsService, ServiceRegistration, ServiceType};

use crate::discovery::instances::Target;
use crate::error::{Error, Result};

/// What the crate's callbacks were given, in the order of coming.
type Inbox<T> = Arc<Mutex<VecDeque<zeroconf::Result<T>>>>;

/// What the crate says of an instance whose records did not come; all its other errors mean that the service is gone.
const UNRESOLVED: &str = "failed to resolve";

/// What it says when another program on this host has the name.
const COLLISION: &str = "collision";

/// What a watch sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// One address of an instance: one of these for each interface and address family that it is seen by.
    Record(Record),
    /// An instance is no longer seen by one of them.
    Gone(String),
    /// There is an instance whose records did not come.
    Unresolved,
}

/// See [`Seen::Record`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The instance name.
    pub name: String,
    /// Host and control port.
    pub target: Target,
    /// An address of the host.
    pub address: IpAddr,
}

/// A watch on all instances of the service type, on all interfaces.
pub struct Watch {
    inbox: Inbox<BrowserEvent>,
    events: EventLoop,
    _browser: MdnsBrowser,
}

impl Watch {
    /// Begins to watch.
    ///
    /// # Errors
    /// There is no service, or it does not answer.
    pub fn start() -> Result<Self> {
        let mut browser = MdnsBrowser::new(service_type()?);
        let inbox: Inbox<BrowserEvent> = Arc::default();
        let filled = Arc::clone(&inbox);
        browser.set_service_callback(Box::new(move |event, _| filled.lock().push_back(event)));
        let events = browser.browse_services().map_err(failure)?;
        Ok(Self { inbox, events, _browser: browser })
    }

    /// Waits at most so long for something to happen, and tells it.
    ///
    /// # Errors
    /// The service has gone.
    pub fn poll(&self, patience: Duration) -> Result<Vec<Seen>> {
        self.events.poll(patience).map_err(failure)?;
        let news = std::mem::take(&mut *self.inbox.lock());
        news.into_iter().filter_map(|event| seen(event).transpose()).collect()
    }
}

fn seen(event: zeroconf::Result<BrowserEvent>) -> Result<Option<Seen>> {
    match event {
        Ok(BrowserEvent::Add(found)) => {
            // Avahi writes no zone, Bonjour does.
            let address = found.address().split('%').next().and_then(|address| address.parse().ok());
            let target = Target::new(found.host_name(), *found.port());
            Ok(address.map(|address| Seen::Record(Record { name: found.name().clone(), target, address })))
        }
        Ok(BrowserEvent::Remove(gone)) => Ok(Some(Seen::Gone(gone.name().clone()))),
        Err(error) if error.to_string().contains(UNRESOLVED) => Ok(Some(Seen::Unresolved)),
        Err(error) => Err(failure(error)),
    }
}

/// How a registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The service looks whether the name is free.
    Pending,
    /// It is on the network.
    Established,
    /// Another instance has the name: drop it and take another one.
    Collision,
}

/// A registration of one instance, on all interfaces. Dropping it says goodbye.
pub struct Publication {
    name: String,
    standing: Standing,
    inbox: Inbox<ServiceRegistration>,
    events: EventLoop,
    service: MdnsService,
}

impl Publication {
    /// Begins to register `name`, which has no control characters, at `port` of this host.
    ///
    /// # Errors
    /// There is no service, or it does not answer.
    pub fn start(name: &str, port: u16) -> Result<Self> {
        let mut service = MdnsService::new(service_type()?, port);
        service.set_name(name);
        let inbox: Inbox<ServiceRegistration> = Arc::default();
        let filled = Arc::clone(&inbox);
        service.set_registered_callback(Box::new(move |result, _| filled.lock().push_back(result)));
        let events = service.register().map_err(failure)?;
        Ok(Self { name: name.to_owned(), standing: Standing::Pending, inbox, events, service })
    }

    /// Waits at most so long for something to happen, and tells how it stands.
    ///
    /// # Errors
    /// The service has gone, or refuses.
    pub fn poll(&mut self, patience: Duration) -> Result<Standing> {
        self.events.poll(patience).map_err(failure)?;
        let news = std::mem::take(&mut *self.inbox.lock());
        for result in news {
            self.standing = match result {
                Ok(registration) if *registration.name() == self.name => Standing::Established,
                Ok(_) => Standing::Collision,
                Err(error) if error.to_string().to_ascii_lowercase().contains(COLLISION) => Standing::Collision,
                Err(error) => return Err(failure(error)),
            };
        }
        // On a conflict the crate makes up a name of its own and tries that; it is not to get as far as the network.
        if self.service.name().is_some_and(|name| name != self.name) {
            self.standing = Standing::Collision;
        }
        Ok(self.standing)
    }
}

fn service_type() -> Result<ServiceType> {
    ServiceType::new("kinect2", "tcp").map_err(failure)
}

fn failure(error: zeroconf::error::Error) -> Error {
    Error::io(format!("the system's Zeroconf service (Avahi, Bonjour) does not serve: {error}"))
}
