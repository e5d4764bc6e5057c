//! The embedded responder: hubs that are shared by all who want the same interfaces, and the handles to what they do.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::sync::{Arc, Weak};

use once_cell::sync::Lazy;
use parking_lot::Mutex;
use socket2::{Domain, Protocol, Socket, Type};

use super::addresses::Networks;
use super::daemon::Selection;
use super::gate::Gate;
use super::hub::Hub;
use super::names::instance_name;
use super::{AnnounceListener, AnnounceNews, Announced, Announcement, BrowseListener, BrowseNews, Browsing, Discovery};
use crate::error::{Error, Result};

/// The group of multicast DNS (RFC 6762, section 3).
const MULTICAST_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);

static HUBS: Lazy<Mutex<HashMap<Selection, Weak<Hub>>>> = Lazy::new(Mutex::default);

/// Discovery without any service of the system.
pub struct Embedded;

impl Discovery for Embedded {
    fn announce(&self, announcement: &Announcement, news: AnnounceListener) -> Result<Box<dyn Announced>> {
        let name = instance_name(&announcement.name);
        if name.is_empty() || announcement.name.contains(char::is_control) {
            return Err(Error::invalid("a server's name must not be empty or have control characters"));
        }
        let address = announcement.address.and_then(specified);
        let hub = hub(address)?;
        let gate = Gate::new(news);
        let id = hub.announce(name, announcement.port, address, Arc::clone(&gate));
        Ok(Box::new(Announcing { hub, id, gate }))
    }

    fn browse(&self, address: Option<IpAddr>, news: BrowseListener) -> Result<Box<dyn Browsing>> {
        let hub = hub(address.and_then(specified))?;
        let gate = Gate::new(news);
        let id = hub.browse(Arc::clone(&gate));
        Ok(Box::new(Browse { hub, id, gate }))
    }
}

struct Announcing {
    hub: Arc<Hub>,
    id: u64,
    gate: Arc<Gate<AnnounceNews>>,
}

impl Announced for Announcing {}

impl Drop for Announcing {
    fn drop(&mut self) {
        self.gate.shut();
        self.hub.withdraw(self.id);
    }
}

struct Browse {
    hub: Arc<Hub>,
    id: u64,
    gate: Arc<Gate<BrowseNews>>,
}

impl Browsing for Browse {
    fn verify(&self, name: &str) {
        self.hub.verify(name);
    }
}

impl Drop for Browse {
    fn drop(&mut self) {
        self.hub.end_browse(self.id);
        self.gate.shut();
    }
}

/// Both wildcards mean all interfaces.
fn specified(address: IpAddr) -> Option<IpAddr> {
    let address = address.to_canonical();
    (!address.is_unspecified()).then_some(address)
}

/// The process's hub for the interface with `address`, or for all.
fn hub(address: Option<IpAddr>) -> Result<Arc<Hub>> {
    let selection = address.map_or(Selection::All, Selection::Address);
    let mut hubs = HUBS.lock();
    hubs.retain(|_, hub| hub.strong_count() > 0);
    if let Some(hub) = hubs.get(&selection).and_then(Weak::upgrade)
        && hub.is_alive()
    {
        return Ok(hub);
    }
    if let Some(address) = address {
        check_interface(address)?;
    }
    check_port()?;
    let hub = Arc::new(Hub::start(selection)?);
    hubs.insert(selection, Arc::downgrade(&hub));
    Ok(hub)
}

/// mdns-sd keeps silent when there is no such interface, or one without multicast, as Linux's loopback is for IPv6.
fn check_interface(address: IpAddr) -> Result<()> {
    let Some(index) = Networks::read().index(address) else {
        return Err(Error::invalid(format!("no network interface of this host has the address {address}")));
    };
    if address.is_ipv6() {
        let group = SocketAddrV6::new(MULTICAST_V6, mdns_sd::MDNS_PORT, 0, index);
        // Connecting a datagram socket finds a route and sends nothing.
        let route = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).and_then(|socket| socket.connect(group));
        route.map_err(|e| Error::io(format!("no multicast on the interface of {address}, so no discovery: {e}; try an IPv4 address")))?;
    }
    Ok(())
}

/// mdns-sd keeps silent when it cannot listen: finds out beforehand.
fn check_port() -> Result<()> {
    let try_bind = |address: IpAddr| -> std::io::Result<()> {
        let socket = Socket::new(Domain::for_address(SocketAddr::new(address, 0)), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_reuse_address(true)?;
        #[cfg(unix)]
        socket.set_reuse_port(true)?;
        socket.bind(&SocketAddr::new(address, mdns_sd::MDNS_PORT).into())
    };
    let result = try_bind(Ipv4Addr::UNSPECIFIED.into()).or_else(|error| try_bind(Ipv6Addr::UNSPECIFIED.into()).map_err(|_| error));
    result.map_err(|e| {
        Error::io(format!(
            "cannot listen on UDP port {} for discovery: {e}; a program that does not share it may be running",
            mdns_sd::MDNS_PORT
        ))
    })
}
