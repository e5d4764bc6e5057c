//! Addresses of servers and of this host: which ones are worth trying, and in which order.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6};

use if_addrs::{IfAddr, Interface};

/// More addresses of one server are not tried: a record is anybody's word.
const MOST_ADDRESSES: usize = 16;

/// This host's interfaces at one moment, one entry an address.
#[derive(Default)]
pub struct Networks(Vec<Interface>);

/// An address as a record tells it, with the interfaces that the record came by.
pub struct Sighting {
    /// The address.
    pub address: IpAddr,
    /// Numbers of the interfaces.
    pub interfaces: Vec<u32>,
}

impl Networks {
    /// Asks the system; nothing where it does not tell.
    pub fn read() -> Self {
        Self(if_addrs::get_if_addrs().unwrap_or_default())
    }

    /// This host's addresses.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.0.iter().map(Interface::ip)
    }

    /// Those of interfaces that are connected.
    pub fn connected(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.0.iter().filter(|interface| interface.is_oper_up()).map(Interface::ip)
    }

    /// The number of the interface with `address`; none: no socket of this host can be bound to it.
    pub fn index(&self, address: IpAddr) -> Option<u32> {
        self.0.iter().find(|interface| serves(interface, address)).map(|interface| interface.index.unwrap_or(0))
    }

    /// The numbers of the interfaces that have link-local IPv6 addresses.
    #[cfg(feature = "system-discovery")]
    pub fn link_local(&self) -> Vec<u32> {
        let is_link_local = |interface: &&Interface| matches!(interface.ip(), IpAddr::V6(v6) if v6.is_unicast_link_local());
        self.0.iter().filter(is_link_local).filter_map(|interface| interface.index).collect()
    }

    fn is_loopback(&self, index: u32) -> bool {
        self.0.iter().any(|interface| interface.index == Some(index) && interface.is_loopback())
    }

    fn is_neighbour(&self, address: IpAddr) -> bool {
        self.0.iter().any(|interface| in_subnet(&interface.addr, address))
    }

    /// The addresses of a server with `port`, in the order to try them: this host itself, neighbours, those behind a router, link-local
    /// ones (they need a zone, which not every program takes), and last those that cannot be right. IPv4 before IPv6, for old servers
    /// have no other.
    pub fn order(&self, sightings: impl IntoIterator<Item = Sighting>, port: u16) -> Vec<SocketAddr> {
        let mut ranked: Vec<(u8, SocketAddr)> = sightings.into_iter().flat_map(|sighting| self.ranked(sighting, port)).collect();
        ranked.sort_by_key(|(rank, address)| (*rank, address.is_ipv6(), *address));
        let mut ordered: Vec<SocketAddr> = Vec::new();
        for (_, address) in ranked {
            if !ordered.contains(&address) {
                ordered.push(address);
            }
        }
        ordered.truncate(MOST_ADDRESSES);
        ordered
    }

    fn ranked(&self, sighting: Sighting, port: u16) -> Vec<(u8, SocketAddr)> {
        let address = sighting.address.to_canonical();
        if address.is_unspecified() || address.is_multicast() || address == IpAddr::V4(Ipv4Addr::BROADCAST) {
            return Vec::new();
        }
        match address {
            IpAddr::V6(v6) if v6.is_unicast_link_local() => {
                sighting.interfaces.iter().map(|zone| (3, SocketAddrV6::new(v6, port, 0, *zone).into())).collect()
            }
            _ => {
                let rank = match address {
                    // Another host's 127.0.0.1 is not this host's: only what came by loopback itself is believed.
                    _ if address.is_loopback() && sighting.interfaces.iter().any(|index| self.is_loopback(*index)) => 0,
                    _ if address.is_loopback() => 4,
                    _ if self.is_neighbour(address) => 1,
                    _ => 2,
                };
                vec![(rank, SocketAddr::new(address, port))]
            }
        }
    }
}

/// Whether `address` is on `interface`: it is the interface's, or any of loopback's (127.0.0.2 needs no configuration).
pub fn serves(interface: &Interface, address: IpAddr) -> bool {
    interface.ip() == address || (address.is_loopback() && interface.is_loopback() && interface.ip().is_ipv4() == address.is_ipv4())
}

fn in_subnet(interface: &IfAddr, address: IpAddr) -> bool {
    match (interface, address) {
        (IfAddr::V4(own), IpAddr::V4(address)) => {
            let mask = own.netmask.to_bits();
            own.ip.to_bits() & mask == address.to_bits() & mask
        }
        (IfAddr::V6(own), IpAddr::V6(address)) => {
            let mask = own.netmask.to_bits();
            own.ip.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use if_addrs::{IfOperStatus, Ifv4Addr, Ifv6Addr};

    fn interface(name: &str, index: u32, addr: IfAddr) -> Interface {
        Interface {
            name: name.into(),
            addr,
            index: Some(index),
            oper_status: IfOperStatus::Up,
            is_p2p: false,
            #[cfg(windows)]
            adapter_name: String::new(),
        }
    }

    fn v4(ip: &str, netmask: &str) -> IfAddr {
        IfAddr::V4(Ifv4Addr { ip: ip.parse().unwrap(), netmask: netmask.parse().unwrap(), prefixlen: 0, broadcast: None })
    }

    fn v6(ip: &str) -> IfAddr {
        IfAddr::V6(Ifv6Addr { ip: ip.parse().unwrap(), netmask: "ffff:ffff:ffff:ffff::".parse().unwrap(), prefixlen: 64, broadcast: None })
    }

    fn host() -> Networks {
        Networks(vec![
            interface("lo", 1, v4("127.0.0.1", "255.0.0.0")),
            interface("eth0", 2, v4("192.168.1.9", "255.255.255.0")),
            interface("eth0", 2, v6("fd00::9")),
            interface("eth0", 2, v6("fe80::9")),
        ])
    }

    fn order(sightings: &[(&str, u32)]) -> Vec<String> {
        let sightings = sightings.iter().map(|(address, index)| Sighting { address: address.parse().unwrap(), interfaces: vec![*index] });
        host().order(sightings, 5).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn neighbours_come_before_strangers_and_ipv4_before_ipv6() {
        let seen = [("fe80::1", 2), ("10.0.0.1", 2), ("fd00::1", 2), ("192.168.1.4", 2), ("127.0.0.1", 1), ("2001:db8::1", 2)];
        let wanted = ["127.0.0.1:5", "192.168.1.4:5", "[fd00::1]:5", "10.0.0.1:5", "[2001:db8::1]:5", "[fe80::1%2]:5"];
        assert_eq!(order(&seen), wanted);
    }

    #[test]
    fn what_no_server_can_have_is_dropped_or_last() {
        assert_eq!(order(&[("127.0.1.1", 2), ("10.0.0.1", 2)]), ["10.0.0.1:5", "127.0.1.1:5"]);
        assert!(order(&[("0.0.0.0", 2), ("224.0.0.1", 2), ("::", 2), ("255.255.255.255", 2)]).is_empty());
        assert_eq!(order(&[("::ffff:192.168.1.4", 2), ("192.168.1.4", 2)]), ["192.168.1.4:5"]);
        let many: Vec<String> = (0..100).map(|i| format!("10.0.0.{i}")).collect();
        let many: Vec<(&str, u32)> = many.iter().map(|address| (address.as_str(), 2)).collect();
        assert_eq!(order(&many).len(), MOST_ADDRESSES);
    }

    #[test]
    fn any_loopback_address_is_on_loopback() {
        let index = |address: &str| host().index(address.parse().unwrap());
        assert_eq!(["127.0.0.1", "127.0.0.2", "192.168.1.9", "fe80::9"].map(index), [Some(1), Some(1), Some(2), Some(2)]);
        assert_eq!(["::1", "192.168.1.4"].map(index), [None, None]);
    }
}
