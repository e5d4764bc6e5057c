//! Discovery: announcing servers on the local network and finding them, by DNS-SD over multicast DNS (RFC 6762, 6763).
//!
//! Behind one trait stand the embedded responder, which a process shares among all its servers and browsers, and the system's service.

mod addresses;
mod announcer;
#[cfg(feature = "system-discovery")]
mod auto;
mod daemon;
mod embedded;
mod gate;
mod hub;
mod instances;
mod names;
#[cfg(feature = "system-discovery")]
mod system;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::error::{Error, Result};

pub use names::instance_name;

/// Who speaks multicast DNS for us; the numbers are those of the C header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u32)]
pub enum DiscoveryKind {
    /// The library's choice.
    #[default]
    Auto = 0,
    /// The system's service, such as Avahi or Bonjour.
    System = 1,
    /// The responder in this library.
    Embedded = 2,
}

impl DiscoveryKind {
    /// The number in the C header.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The one with this number, if it is known.
    pub fn from_number(number: u32) -> Option<Self> {
        [Self::Auto, Self::System, Self::Embedded].into_iter().find(|kind| kind.number() == number)
    }
}

/// A server to announce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The server's name, without control characters; its first 63 bytes become the instance name.
    pub name: String,
    /// Its control port.
    pub port: u16,
    /// The one address that it is bound to: only this one is announced, on its interface only. None: it is bound to all.
    pub address: Option<IpAddr>,
}

/// What becomes of an announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnnounceNews {
    /// It is on the network, under the name last told.
    Announced,
    /// Another instance has the name. The server is announced under this one from now on, and should itself be called so.
    Renamed(String),
    /// It is not announced, or no longer.
    Failed(Error),
}

/// A server that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The instance name, unique on the network.
    pub name: String,
    /// Its control port.
    pub port: u16,
    /// Its addresses with that port, the most promising first; link-local ones with this host's zone.
    pub addresses: Vec<SocketAddr>,
}

/// What a browser learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrowseNews {
    /// A server that was not there before, or whose port or addresses are new. One for all interfaces and address families together.
    Found(Found),
    /// The server of this name has said goodbye, or its records are no longer confirmed.
    Lost(String),
    /// Nothing more will be found.
    Failed(Error),
}

/// Gets the news of an announcement, on a thread of the discovery: it must return soon.
pub type AnnounceListener = Arc<dyn Fn(AnnounceNews) + Send + Sync>;

/// Gets the news of a browse, likewise.
pub type BrowseListener = Arc<dyn Fn(BrowseNews) + Send + Sync>;

/// A way to announce and to find servers.
pub trait Discovery: Send + Sync {
    /// Announces a server until the result is dropped. Returns at once: what comes of it, `news` tells.
    ///
    /// # Errors
    /// The name is empty or has control characters, no interface has the address, or this host does not let us listen.
    fn announce(&self, announcement: &Announcement, news: AnnounceListener) -> Result<Box<dyn Announced>>;

    /// Looks for servers on the interface that has `address`, or on all, until the result is dropped. What is known already is told
    /// first.
    ///
    /// # Errors
    /// No interface has the address, or this host does not let us listen.
    fn browse(&self, address: Option<IpAddr>, news: BrowseListener) -> Result<Box<dyn Browsing>>;
}

/// A server that is being announced. Dropping it says goodbye to the network; no news comes after the drop has returned (dropped inside
/// of its own news: after those).
pub trait Announced: Send {}

/// A browse that goes on. No news comes after its drop has returned (dropped inside of its own news: after those).
pub trait Browsing: Send {
    /// The server `name` does not answer: asks the network for its records again, and tells that it is lost if nobody confirms them
    /// within ten seconds (RFC 6762, section 10.4).
    fn verify(&self, name: &str);
}

/// The discovery of this kind.
///
/// # Errors
/// `Unsupported` for [`DiscoveryKind::System`] in a build without the feature `system-discovery`.
#[cfg(feature = "system-discovery")]
pub fn open(kind: DiscoveryKind) -> Result<Arc<dyn Discovery>> {
    use system::{System, WhenGone};
    Ok(match kind {
        DiscoveryKind::Auto => Arc::new(auto::Auto { first: Arc::new(System(WhenGone::End)), second: Arc::new(embedded::Embedded) }),
        DiscoveryKind::System => Arc::new(System(WhenGone::Retry)),
        DiscoveryKind::Embedded => Arc::new(embedded::Embedded),
    })
}

/// The discovery of this kind.
///
/// # Errors
/// `Unsupported` for [`DiscoveryKind::System`] in a build without the feature `system-discovery`.
#[cfg(not(feature = "system-discovery"))]
pub fn open(kind: DiscoveryKind) -> Result<Arc<dyn Discovery>> {
    match kind {
        DiscoveryKind::Auto | DiscoveryKind::Embedded => Ok(Arc::new(embedded::Embedded)),
        DiscoveryKind::System => Err(crate::error::Error::unsupported(
            "this build has no support for the system's Zeroconf service (feature system-discovery); use the embedded responder (or auto)",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(not(feature = "system-discovery"))]
    use crate::error::ErrorKind;

    #[test]
    fn kinds_have_the_numbers_of_the_header() {
        assert_eq!([0, 1, 2, 3].map(|n| DiscoveryKind::from_number(n).map(DiscoveryKind::number)), [Some(0), Some(1), Some(2), None]);
    }

    #[cfg(not(feature = "system-discovery"))]
    #[test]
    fn a_build_without_the_systems_service_says_so() {
        assert_eq!(open(DiscoveryKind::System).err().unwrap().kind, ErrorKind::Unsupported);
    }
}
