//! `me` messages.

use std::collections::HashSet;

use streamkinect2::frame::tight_stride16;
use streamkinect2::protocol::endpoint::{Endpoint, EndpointKind};
use streamkinect2::protocol::me::{DeviceRecord, Endpoints, Me, StreamRecord};

use super::assert_for_people;
use super::json::is_json;

/// Any bytes as the payload; what is not UTF-8 is refused before.
pub fn text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Me::parse(text) {
        Ok(parsed) => {
            assert!(is_json(data), "{text:?}");
            assert!(parsed.warnings.len() <= 17);
            parsed.warnings.iter().for_each(|line| assert_for_people(line));
            check(&parsed.me);
            check_written(parsed.me);
        }
        Err(error) => assert_for_people(&error.to_string()),
    }
}

/// What a client may rely on when it makes connections and texts for C of it.
fn check(me: &Me) {
    assert!(!me.name.contains('\0'));
    assert!(me.devices.len() <= 256);
    let ids: HashSet<&str> = me.devices.iter().map(|device| device.id.as_str()).collect();
    assert_eq!(ids.len(), me.devices.len(), "an id is there once");
    me.devices.iter().for_each(check_device);
}

fn check_device(device: &DeviceRecord) {
    assert!((1..=255).contains(&device.id.len()) && !device.id.contains('\0'), "{:?}", device.id);
    for text in [&device.model, &device.serial].into_iter().flatten() {
        assert!(!text.contains('\0'));
    }
    let streams: HashSet<_> = device.streams.iter().map(|record| record.stream).collect();
    assert_eq!(streams.len(), device.streams.len(), "a stream is described once");
    device.streams.iter().for_each(check_stream);
}

fn check_stream(record: &StreamRecord) {
    assert!(tight_stride16(record.width, record.height).is_ok(), "{}x{}", record.width, record.height);
    assert!(record.rate == 0.0 || (0.01..=10_000.0).contains(&record.rate), "{}", record.rate);
}

/// What was understood is said in words that are understood the same, without remarks. Zones are not said.
fn check_written(mut me: Me) {
    let written = me.to_json().unwrap();
    assert!(is_json(written.as_bytes()), "{written}");
    let without_zones = |endpoints: &Endpoints| -> Endpoints { endpoints.iter().map(|(kind, at)| (*kind, at.without_zone())).collect() };
    // The control endpoint is required, but one that is none has been left out.
    let control: Endpoint = "tcp://127.0.0.1:1".parse().unwrap();
    let had_control = me.endpoints.contains_key(&EndpointKind::Control);
    me.endpoints.entry(EndpointKind::Control).or_insert(control);
    me.endpoints = without_zones(&me.endpoints);
    for device in &mut me.devices {
        device.endpoints = without_zones(&device.endpoints);
    }
    let again = Me::parse(&me.to_json().unwrap()).unwrap();
    assert_eq!(again.warnings, [""; 0]);
    assert_eq!(again.me, me);
    if had_control {
        assert_eq!(me.to_json().unwrap(), written);
    }
}
