//! How a server is to be.

use std::net::IpAddr;

use crate::discovery::DiscoveryKind;
use crate::error::{Error, Result};

/// See the module.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Whether it advertises itself by Zeroconf.
    pub announce: bool,
    /// Through what.
    pub discovery: DiscoveryKind,
    /// The control port; 0: any free one, chosen at each start.
    pub port: u16,
    /// The name for people, cut to the 63 bytes that DNS-SD has room for; none: `Kinect on <hostname>`.
    pub name: Option<String>,
    /// The address to bind; none: all interfaces.
    pub address: Option<IpAddr>,
    /// First of the ports for frames, four a device; 0: any free ones.
    pub data_port: u16,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self { announce: true, discovery: DiscoveryKind::Auto, port: 0, name: None, address: None, data_port: 0 }
    }
}

impl ServerOptions {
    /// Refuses what no server can be.
    pub(super) fn check(&self) -> Result<()> {
        let Some(name) = &self.name else { return Ok(()) };
        if name.is_empty() {
            return Err(Error::invalid("a server's name is not empty; leave it out to have one made up"));
        }
        if name.chars().any(char::is_control) {
            return Err(Error::invalid("a server's name has no control characters: it is shown to people and sent in DNS records"));
        }
        Ok(())
    }
}
