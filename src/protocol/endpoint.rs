//! Endpoints: `tcp://host:port` and nothing else.
//!
//! They come from other machines and end in a library that would accept far more: a source address behind `;`, interface names, `*`,
//! port 0, files. So a text is taken apart here, and what goes on is put together anew from its parts.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::excerpt;
use crate::error::{Error, Result};
use crate::frame::Stream;

/// Where a socket is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// The machine.
    pub host: Host,
    /// TCP port, 1 to 65535.
    pub port: u16,
}

/// The host part of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address and the zone (an interface's name or number) in which a link-local one is meant. The zone makes sense on this
    /// host only.
    V6(Ipv6Addr, Option<String>),
    /// A name to be resolved.
    Name(String),
}

impl Endpoint {
    /// Longest text of an endpoint in bytes: that of the longest host name.
    const LONGEST: usize = "tcp://".len() + LONGEST_NAME + ".:65535".len();

    /// Reads `tcp://` + (IPv4 | `[`IPv6`%zone`?`]` | host name) + `:` + 1-65535. An IPv6 address that stands for an IPv4 one becomes
    /// that; a name loses the dot at its end.
    ///
    /// # Errors
    /// [`InvalidArgument`](crate::error::ErrorKind::InvalidArgument), with what is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        Self::take_apart(text).map_err(|why| Error::invalid(format!("\"{}\" is not an endpoint (tcp://host:port): {why}", excerpt(text))))
    }

    fn take_apart(text: &str) -> std::result::Result<Self, &'static str> {
        if text.len() > Self::LONGEST {
            return Err("it is too long");
        }
        let rest = text.strip_prefix("tcp://").ok_or("it does not begin with tcp://")?;
        let (host, port) = rest.rsplit_once(':').ok_or("it has no port")?;
        Ok(Self { host: Host::take_apart(host)?, port: parse_port(port).ok_or("the port is not a number from 1 to 65535")? })
    }

    /// The same without the IPv6 zone, which means nothing to another host.
    pub fn without_zone(&self) -> Self {
        let host = match &self.host {
            Host::V6(address, _) => Host::V6(*address, None),
            other => other.clone(),
        };
        Self { host, port: self.port }
    }
}

impl Host {
    /// The address, unless it is a name.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Host::V4(address) => Some((*address).into()),
            Host::V6(address, _) => Some((*address).into()),
            Host::Name(_) => None,
        }
    }

    /// Whether it is a name.
    pub fn is_name(&self) -> bool {
        matches!(self, Host::Name(_))
    }

    /// Whether it is `0.0.0.0` or `::`: all interfaces of a server, nowhere for a client.
    pub fn is_wildcard(&self) -> bool {
        self.address().is_some_and(|address| address.is_unspecified())
    }

    /// Whether it is an address of the host itself, 127.0.0.0/8 or `::1`.
    pub fn is_loopback(&self) -> bool {
        self.address().is_some_and(|address| address.is_loopback())
    }

    /// Whether it is an address that holds on one link only, 169.254.0.0/16 or fe80::/10.
    pub fn is_link_local(&self) -> bool {
        match self {
            Host::V4(address) => address.is_link_local(),
            Host::V6(address, _) => address.is_unicast_link_local(),
            Host::Name(_) => false,
        }
    }

    fn take_apart(text: &str) -> std::result::Result<Self, &'static str> {
        if let Some(rest) = text.strip_prefix('[') {
            let inner = rest.strip_suffix(']').ok_or("the bracket is not closed before the port")?;
            return Self::take_apart_v6(inner);
        }
        if let Ok(address) = text.parse() {
            return Ok(Host::V4(address));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        check_name(name)?;
        Ok(Host::Name(name.to_owned()))
    }

    fn take_apart_v6(text: &str) -> std::result::Result<Self, &'static str> {
        let (address, zone) = match text.split_once('%') {
            Some((address, zone)) => (address, Some(zone)),
            None => (text, None),
        };
        let address: Ipv6Addr = address.parse().map_err(|_| "what is in brackets is not an IPv6 address")?;
        match (Host::from(IpAddr::V6(address)), zone) {
            (host, None) => Ok(host),
            (Host::V6(address, _), Some(zone)) if is_zone(zone) => Ok(Host::V6(address, Some(zone.to_owned()))),
            _ => Err("the zone is not one"),
        }
    }
}

impl From<IpAddr> for Host {
    /// `::ffff:a.b.c.d` is how a socket for both families sees an IPv4 peer: it becomes `a.b.c.d`.
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Host::V4(address),
            IpAddr::V6(address) => Host::V6(address, None),
        }
    }
}

impl FromStr for Endpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tcp://{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Host {
    /// As in an endpoint: IPv6 in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::V4(address) => write!(f, "{address}"),
            Host::V6(address, None) => write!(f, "[{address}]"),
            Host::V6(address, Some(zone)) => write!(f, "[{address}%{zone}]"),
            Host::Name(name) => f.write_str(name),
        }
    }
}

/// Decimal digits without sign or leading zero.
fn parse_port(text: &str) -> Option<u16> {
    let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    if canonical { text.parse().ok() } else { None }
}

/// An interface's name or number, in the characters that systems give them.
fn is_zone(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// RFC 1035 and 1123, and the underscore that some machines have.
const LONGEST_NAME: usize = 253;

fn check_name(name: &str) -> std::result::Result<(), &'static str> {
    if name.is_empty() {
        return Err("it has no host");
    }
    if name.len() > LONGEST_NAME {
        return Err("the host name is too long");
    }
    if !name.split('.').all(is_label) {
        return Err("the host is neither an address nor a name of letters, digits, '-' and '_'");
    }
    if name.rsplit('.').next().is_some_and(is_number) {
        return Err("the host is not an IPv4 address");
    }
    Ok(())
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Resolvers read `127.1`, `2130706433` and `0x7f000001` as addresses: a last label like that makes no name.
fn is_number(label: &str) -> bool {
    let hexadecimal = label.strip_prefix("0x").or(label.strip_prefix("0X"));
    label.bytes().all(|byte| byte.is_ascii_digit()) || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What an endpoint is for. The numbers are those of the C header, the names those in `me`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum EndpointKind {
    /// Requests and replies.
    Control = 1,
    /// Depth messages of version 1.
    Depth = 2,
    /// Frame messages of the depth stream.
    FramesDepth = 3,
    /// Frame messages of the infrared stream.
    FramesInfrared = 4,
    /// Frame messages of the colour stream.
    FramesColor = 5,
}

impl EndpointKind {
    /// All that this library knows, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Control, Self::Depth, Self::FramesDepth, Self::FramesInfrared, Self::FramesColor];

    /// The number in the C header.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The one with this number, if it is known.
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The member of `endpoints` in `me`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Depth => "depth",
            Self::FramesDepth => "frames.depth",
            Self::FramesInfrared => "frames.infrared",
            Self::FramesColor => "frames.color",
        }
    }

    /// Where frame messages of `stream` come from.
    pub const fn frames(stream: Stream) -> Self {
        match stream {
            Stream::Depth => Self::FramesDepth,
            Stream::Infrared => Self::FramesInfrared,
            Stream::Color => Self::FramesColor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn host(text: &str) -> Host {
        Endpoint::parse(text).unwrap().host
    }

    #[test]
    fn what_follows_the_grammar_is_read_and_written_alike() {
        for text in [
            "tcp://192.168.1.4:40001",
            "tcp://0.0.0.0:1",
            "tcp://[::1]:65535",
            "tcp://[fe80::1%eth0]:5",
            "tcp://[fe80::1%3]:5",
            "tcp://[fe80::1%br-lan.7]:5",
            "tcp://localhost:55356",
            "tcp://vm.local:62275",
            "tcp://Bobs_PC-7.local:80",
            "tcp://4free:80",
            "tcp://0xy:80",
        ] {
            assert_eq!(Endpoint::parse(text).unwrap().to_string(), text);
        }
        let longest = format!("tcp://{}a.{}.:65535", "a.".repeat(94), "b".repeat(63));
        assert_eq!(longest.len(), Endpoint::LONGEST);
        assert_eq!(Endpoint::parse(&longest).unwrap().to_string(), longest.replace(".:", ":"));
    }

    #[test]
    fn what_has_several_spellings_is_written_in_one() {
        assert_eq!(host("tcp://[::ffff:10.0.0.1]:5"), Host::V4(Ipv4Addr::new(10, 0, 0, 1)));
        assert_eq!(host("tcp://[0:0::0:1]:5").to_string(), "[::1]");
        assert_eq!(host("tcp://vm.local.:5"), Host::Name("vm.local".into()));
        assert_eq!(Host::from("::ffff:127.0.0.1".parse::<IpAddr>().unwrap()).to_string(), "127.0.0.1");
    }

    #[test]
    fn everything_else_is_refused_with_a_reason() {
        let long_label = format!("tcp://{}:5", "a".repeat(64));
        let long_name = format!("tcp://{}a:5", "a.".repeat(127));
        let endless = "tcp://".to_owned() + &"a".repeat(1 << 20);
        for text in [
            "",
            "tcp://",
            "tcp://:5",
            "tcp://host",
            "tcp://host:",
            "tcp://host:0",
            "tcp://host:00",
            "tcp://host:080",
            "tcp://host:65536",
            "tcp://host:+5",
            "tcp://host:-5",
            "tcp://host:5 ",
            " tcp://host:5",
            "tcp://ho st:5",
            "tcp://host:5\0",
            "tcp://host\n:5",
            "tcp://host:5/",
            "tcp://host:*",
            "tcp://*:5",
            "tcp://eth0;host:5",
            "tcp://lo:0;host:1",
            "tcp://10.0.0.9:0;10.0.0.1:5",
            "tcp://u@host:5",
            "TCP://host:5",
            "tcp:host:5",
            "udp://host:5",
            "ipc:///run/x:5",
            "inproc://x:5",
            "host:5",
            "tcp://::1:5",
            "tcp://[::1:5",
            "tcp://[::1]5",
            "tcp://[]:5",
            "tcp://[host]:5",
            "tcp://[10.0.0.1]:5",
            "tcp://[fe80::1%]:5",
            "tcp://[fe80::1%a b]:5",
            "tcp://[fe80::1%a;b]:5",
            "tcp://[fe80::1%eth0%eth1]:5",
            "tcp://[::ffff:10.0.0.1%eth0]:5",
            "tcp://fe80::1%eth0:5",
            "tcp://1.2.3:5",
            "tcp://1.2.3.4.5:5",
            "tcp://256.1.1.1:5",
            "tcp://01.2.3.4:5",
            "tcp://127.0.0.1.:5",
            "tcp://2130706433:5",
            "tcp://0x7f000001:5",
            "tcp://0x:5",
            "tcp://.:5",
            "tcp://a..b:5",
            "tcp://.a:5",
            "tcp://a..:5",
            "tcp://-a:5",
            "tcp://a-.b:5",
            "tcp://J\u{fc}rgen.local:5",
            &long_label,
            &long_name,
            &endless,
        ] {
            let error = Endpoint::parse(text).expect_err(text);
            assert_eq!(error.kind, ErrorKind::InvalidArgument, "{text}");
            assert!(error.message.contains("tcp://host:port") && error.message.len() < 400, "{error}");
        }
    }

    #[test]
    fn hosts_are_told_apart() {
        let properties = |text: &str| {
            let host = host(text);
            (host.is_name(), host.is_wildcard(), host.is_loopback(), host.is_link_local())
        };
        for text in ["tcp://10.0.0.1:5", "tcp://[2001:db8::1]:5"] {
            assert_eq!(properties(text), (false, false, false, false), "{text}");
        }
        for text in ["tcp://localhost:5", "tcp://vm.local:5"] {
            assert_eq!(properties(text), (true, false, false, false), "{text}");
        }
        for text in ["tcp://0.0.0.0:5", "tcp://[::]:5", "tcp://[::ffff:0.0.0.0]:5"] {
            assert_eq!(properties(text), (false, true, false, false), "{text}");
        }
        for text in ["tcp://127.9.9.9:5", "tcp://[::1]:5", "tcp://[::ffff:127.0.0.1]:5"] {
            assert_eq!(properties(text), (false, false, true, false), "{text}");
        }
        for text in ["tcp://169.254.3.4:5", "tcp://[fe80::1]:5", "tcp://[febf::1%eth0]:5"] {
            assert_eq!(properties(text), (false, false, false, true), "{text}");
        }
    }

    #[test]
    fn a_zone_is_taken_off() {
        assert_eq!(Endpoint::parse("tcp://[fe80::1%eth0]:5").unwrap().without_zone().to_string(), "tcp://[fe80::1]:5");
    }

    #[test]
    fn kinds_have_the_numbers_of_the_c_header_and_the_names_of_the_wire() {
        for (index, kind) in EndpointKind::ALL.into_iter().enumerate() {
            assert_eq!(kind.number() as usize, index + 1);
            assert_eq!(EndpointKind::from_number(kind.number()), Some(kind));
        }
        assert_eq!(EndpointKind::from_number(6), None);
        for stream in [Stream::Depth, Stream::Infrared, Stream::Color] {
            assert_eq!(EndpointKind::frames(stream).name(), format!("frames.{}", stream.name()));
        }
    }
}
