//! Endpoints, which end in a library that would accept far more.

use streamkinect2::error::ErrorKind;
use streamkinect2::protocol::endpoint::{Endpoint, Host};

use super::assert_for_people;

/// Any bytes as the text of an endpoint; what is not UTF-8 comes nowhere near one.
pub fn text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Endpoint::parse(text) {
        Ok(endpoint) => check(text, &endpoint),
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::InvalidArgument);
            assert_for_people(&error.message);
        }
    }
}

fn check(text: &str, endpoint: &Endpoint) {
    let written = endpoint.to_string();
    assert_eq!(Endpoint::parse(&written).as_ref(), Ok(endpoint), "{text:?} is written as {written:?}");
    assert_eq!(written.parse::<Endpoint>().unwrap().to_string(), written);

    // What libzmq would read another meaning into is not there: a source address, a path, a wildcard, an end of the text.
    let host_and_port = written.strip_prefix("tcp://").unwrap();
    assert!(host_and_port.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-_[]%".contains(&byte)), "{written:?}");
    // The usual way to write an address may be longer than another one: a single zero is not left out (RFC 5952, 4.2.2).
    assert!(written.len() <= text.len() + "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff".len(), "{text:?} grew to {written:?}");
    assert_ne!(endpoint.port, 0);

    match &endpoint.host {
        // An IPv4 address in IPv6's clothes would be another spelling of the same.
        Host::V6(address, _) => assert_eq!(address.to_ipv4_mapped(), None, "{written:?}"),
        Host::Name(name) => assert!(name.parse::<std::net::IpAddr>().is_err() && name.len() <= 253, "{written:?}"),
        Host::V4(_) => {}
    }
    let elsewhere = endpoint.without_zone();
    assert!(!elsewhere.to_string().contains('%'));
    assert_eq!((elsewhere.host.address(), elsewhere.port), (endpoint.host.address(), endpoint.port));
}
