//! An mdns-sd daemon as the hub uses it: on selected interfaces, with commands that wait for a place in its queue.

use std::net::IpAddr;
use std::thread;
use std::time::{Duration, Instant};

use mdns_sd::{
    HostnameResolutionEvent, IfKind, IfPredicate, Receiver, ScopedIp, ServiceDaemon, ServiceEvent, ServiceInfo, UnregisterStatus,
};

use super::addresses::{Sighting, serves};
use super::announcer::Registration;
use super::names::SERVICE_TYPE;
use crate::error::{Error, Result};

/// How long to wait for the daemon to do what it was told; it takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(1);

/// The TXT record is empty.
const NO_PROPERTIES: &[(&str, &str)] = &[];

/// The interfaces to work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Selection {
    /// All, loopback among them.
    All,
    /// The one with this address.
    Address(IpAddr),
}

/// See the module.
pub struct Daemon(ServiceDaemon);

/// A goodbye on its way to the network.
pub struct Goodbye(Receiver<UnregisterStatus>);

impl Daemon {
    /// Starts its thread.
    pub fn start(selection: Selection) -> Result<Self> {
        let daemon = ServiceDaemon::new().map_err(|e| Error::io(format!("cannot start the mDNS responder: {e}")))?;
        patiently(|| daemon.set_ip_check_interval(1))?;
        if let Selection::Address(address) = selection {
            // It joins all interfaces before it can be told not to.
            patiently(|| daemon.disable_interface(IfKind::All))?;
            patiently(|| daemon.enable_interface(IfKind::Predicate(IfPredicate::new(move |interface| serves(interface, address)))))?;
        }
        Ok(Self(daemon))
    }

    /// Asks the network for instances now, after 1, 2, 4 s and so on. What the daemon knows already is told at once; the subscription
    /// before this one ends.
    pub fn browse(&self) -> Result<Receiver<ServiceEvent>> {
        patiently(|| self.0.browse(SERVICE_TYPE))
    }

    /// Makes it forget all instances; the subscription ends.
    pub fn forget(&self) -> Result<()> {
        patiently(|| self.0.stop_browse(SERVICE_TYPE))
    }

    /// Asks the network for addresses of `host` until told to ignore it.
    pub fn watch(&self, host: &str) -> Result<Receiver<HostnameResolutionEvent>> {
        patiently(|| self.0.resolve_hostname(host, None))
    }

    /// No longer asks for them.
    pub fn ignore(&self, host: &str) -> Result<()> {
        patiently(|| self.0.stop_resolve_hostname(host))
    }

    /// Announces an instance once, and answers for it from now on.
    pub fn register(&self, registration: &Registration) -> Result<()> {
        let Registration { name, host, port, address } = registration;
        let addresses = address.map(|address| address.to_string()).unwrap_or_default();
        let service = ServiceInfo::new(SERVICE_TYPE, name, host, addresses, *port, NO_PROPERTIES);
        let mut service = service.map_err(|e| Error::invalid(format!("cannot announce a server as \"{name}\": {e}")))?;
        // Names are decided by the announcer.
        service.set_requires_probe(false);
        let service = if address.is_none() { service.enable_addr_auto() } else { service };
        patiently(|| self.0.register(service.clone()))
    }

    /// Says goodbye for an instance, twice in 120 ms, and no longer answers for it.
    pub fn unregister(&self, name: &str) -> Option<Goodbye> {
        let service = ServiceInfo::new(SERVICE_TYPE, name, "", (), 0, NO_PROPERTIES).ok()?;
        patiently(|| self.0.unregister(service.get_fullname())).ok().map(Goodbye)
    }

    /// Ends its thread.
    pub fn shut_down(&self) {
        if let Ok(ended) = patiently(|| self.0.shutdown()) {
            let _ = ended.recv_timeout(PATIENCE);
        }
    }
}

impl Goodbye {
    /// Returns when it has been sent for the first time.
    pub fn wait(self) {
        let _ = self.0.recv_timeout(PATIENCE);
    }
}

/// Gives the daemon a command, again if its queue is full.
fn patiently<T>(command: impl Fn() -> mdns_sd::Result<T>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match command() {
            Err(mdns_sd::Error::Again) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            other => return other.map_err(|e| Error::io(format!("the mDNS responder does not obey: {e}"))),
        }
    }
}

/// An address without what mdns-sd knows of it.
pub fn plain(address: &ScopedIp) -> IpAddr {
    address.to_ip_addr().to_canonical()
}

/// An address with where it was seen.
pub fn sighting(address: &ScopedIp) -> Sighting {
    let interfaces = match address {
        ScopedIp::V4(v4) => v4.interface_ids().iter().map(|id| id.index).collect(),
        ScopedIp::V6(v6) => vec![v6.scope_id().index],
        _ => Vec::new(),
    };
    Sighting { address: address.to_ip_addr(), interfaces }
}
