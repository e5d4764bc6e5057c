//! Which of this host's addresses a peer can use: the one that it is connected to.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use super::descriptor;
use crate::protocol::endpoint::{Endpoint, Host};

/// The local address of the connection that `message` came by; failing that, that of the route to the peer.
pub fn local_address(message: &mut zmq::Message) -> Option<IpAddr> {
    let peer: IpAddr = plain(message.gets("Peer-Address")?.split('%').next()?.parse().ok()?);
    let descriptor = message.gets("__fd").and_then(|text| text.parse().ok());
    connection_address(descriptor, peer).or_else(|| route_address(peer))
}

fn connection_address(descriptor: Option<i64>, peer: IpAddr) -> Option<IpAddr> {
    let (local, remote) = descriptor::addresses(descriptor?)?;
    // Descriptors are reused: believe it only if it still leads to the peer that asked.
    (plain(remote.ip()) == peer && !local.ip().is_unspecified()).then(|| plain(local.ip()))
}

/// The address this host would use towards `peer`: connecting a datagram socket sends nothing.
fn route_address(peer: IpAddr) -> Option<IpAddr> {
    let any: SocketAddr = if peer.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (std::net::Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect((peer, 9)).ok()?;
    let local = plain(socket.local_addr().ok()?.ip());
    (!local.is_unspecified()).then_some(local)
}

/// The address that a client on another host would use: the first that is not loopback, IPv4 before IPv6, never link-local where there is
/// another; loopback where there is no other.
pub fn public_address() -> IpAddr {
    let mut addresses: Vec<IpAddr> = if_addrs::get_if_addrs().unwrap_or_default().into_iter().map(|interface| interface.ip()).collect();
    addresses.retain(|address| !address.is_loopback());
    addresses.sort_by_key(|address| (is_link_local(*address), address.is_ipv6()));
    addresses.first().copied().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// The endpoint at `address`, a link-local one with the zone in which this host means it.
pub fn endpoint_of(address: SocketAddr) -> Endpoint {
    let host = match Host::from(address.ip()) {
        Host::V6(ip, None) => Host::V6(ip, zone(address)),
        other => other,
    };
    Endpoint { host, port: address.port() }
}

/// The interface's number: libzmq does not connect with its name.
fn zone(address: SocketAddr) -> Option<String> {
    let SocketAddr::V6(v6) = address else { return None };
    (v6.scope_id() != 0).then(|| v6.scope_id().to_string())
}

/// The endpoint with its zone as a number, where it was given as an interface's name.
pub(super) fn with_numeric_zone(endpoint: &Endpoint) -> Endpoint {
    let Host::V6(address, Some(zone)) = &endpoint.host else { return endpoint.clone() };
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let index = interfaces.iter().find(|interface| interface.name == *zone).and_then(|interface| interface.index);
    let zone = index.map_or_else(|| zone.clone(), |index| index.to_string());
    Endpoint { host: Host::V6(*address, Some(zone)), port: endpoint.port }
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

/// `::ffff:a.b.c.d` as `a.b.c.d`.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_route_to_loopback_is_loopback() {
        assert_eq!(route_address(IpAddr::V4(Ipv4Addr::LOCALHOST)), Some(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    }

    #[test]
    fn endpoints_are_written_as_zeromq_reads_them() {
        let text = |address: &str| endpoint_of(address.parse().unwrap()).to_string();
        assert_eq!(text("10.0.0.1:5"), "tcp://10.0.0.1:5");
        assert_eq!(text("[::ffff:10.0.0.1]:5"), "tcp://10.0.0.1:5");
        assert_eq!(text("[fd00::1]:5"), "tcp://[fd00::1]:5");
        assert_eq!(text("[fe80::1%987654]:5"), "tcp://[fe80::1%987654]:5");
        assert_eq!(text("[fe80::1%1]:5"), "tcp://[fe80::1%1]:5");
        let numeric = |text: &str| with_numeric_zone(&Endpoint::parse(text).unwrap()).to_string();
        assert_eq!(numeric("tcp://[fe80::1%lo]:5"), "tcp://[fe80::1%1]:5");
        assert_eq!(numeric("tcp://[fe80::1%none]:5"), "tcp://[fe80::1%none]:5");
    }

    #[test]
    fn a_descriptor_of_another_connection_is_not_believed() {
        assert_eq!(connection_address(Some(987_654), IpAddr::V4(Ipv4Addr::LOCALHOST)), None);
        assert_eq!(connection_address(None, IpAddr::V4(Ipv4Addr::LOCALHOST)), None);
    }
}
