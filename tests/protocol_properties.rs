//! Properties of the protocol's readers and writers, on arbitrary input.

use std::collections::BTreeMap;
use std::net::IpAddr;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use streamkinect2::frame::{Codec, FrameFlags, PixelFormat, Stream};
use streamkinect2::protocol::control::{Reply, parse_reply, parse_request};
use streamkinect2::protocol::endpoint::{Endpoint, EndpointKind, Host};
use streamkinect2::protocol::header::FrameHeader;
use streamkinect2::protocol::me::{DeviceRecord, Me, Software, StreamRecord};

fn host() -> impl Strategy<Value = Host> {
    prop_oneof![
        any::<IpAddr>().prop_map(Host::from),
        (any::<u64>(), "[a-zA-Z0-9._-]{1,32}").prop_map(|(low, zone)| Host::V6((0xfe80u128 << 112 | u128::from(low)).into(), Some(zone))),
        "[a-z_]([a-z0-9_-]{0,20}[a-z0-9_])?(\\.[a-z]([a-z0-9-]{0,20}[a-z0-9])?){0,4}".prop_map(Host::Name),
    ]
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    (host(), 1u16..).prop_map(|(host, port)| Endpoint { host, port })
}

/// As in `me`, where zones are not sent.
fn endpoints(kinds: &'static [EndpointKind]) -> impl Strategy<Value = BTreeMap<EndpointKind, Endpoint>> {
    btree_map(prop::sample::select(kinds), endpoint().prop_map(|endpoint| endpoint.without_zone()), kinds.len().min(1)..=kinds.len())
}

fn text() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| text.replace('\0', ""))
}

fn stream_record(stream: Stream) -> impl Strategy<Value = StreamRecord> {
    (
        1u32..5000,
        1u32..5000,
        any::<u32>(),
        any::<u32>(),
        (0u32..80_000).prop_map(|eighths| f64::from(eighths) / 8.0),
        option::of(any::<u64>()),
    )
        .prop_map(move |(width, height, format, codec, rate, sequence)| StreamRecord {
            stream,
            width,
            height,
            format,
            codec,
            rate,
            sequence,
        })
}

fn device() -> impl Strategy<Value = DeviceRecord> {
    let streams = (option::of(stream_record(Stream::Depth)), option::of(stream_record(Stream::Infrared)));
    ("[^\0]{1,60}", option::of(text()), option::of(text()), endpoints(&EndpointKind::ALL[1..]), streams).prop_map(
        |(id, model, serial, endpoints, streams)| DeviceRecord {
            id,
            model,
            serial,
            endpoints,
            streams: [streams.0, streams.1].into_iter().flatten().collect(),
        },
    )
}

fn me() -> impl Strategy<Value = Me> {
    let software = option::of((text(), text()).prop_map(|(name, version)| Software { name, version }));
    let numbers = (option::of(any::<u64>()), option::of(any::<u64>()), option::of(any::<u64>()));
    (text(), endpoints(&[EndpointKind::Control]), software, numbers, vec(device(), 0..4)).prop_map(
        |(name, endpoints, software, numbers, mut devices)| {
            devices.sort_by(|a, b| a.id.cmp(&b.id));
            devices.dedup_by(|a, b| a.id == b.id);
            Me { name, endpoints, software, session: numbers.0, clock_ns: numbers.1, host: numbers.2, devices }
        },
    )
}

fn header() -> impl Strategy<Value = FrameHeader> {
    let formats =
        [(Stream::Depth, PixelFormat::DepthMm16), (Stream::Infrared, PixelFormat::Infrared16), (Stream::Color, PixelFormat::Yuy2)];
    let codecs = [Codec::Raw, Codec::Lz4Packed, Codec::Rvl, Codec::K2d, Codec::Jpeg];
    let image = (prop::sample::select(formats.to_vec()), prop::sample::select(codecs.to_vec()), 1u32..5000, 1u32..5000);
    (image, any::<[u64; 5]>(), any::<[u32; 2]>(), 0u32..4).prop_map(|(((stream, format), codec, width, height), long, short, flags)| {
        FrameHeader {
            stream,
            format,
            codec,
            width,
            height,
            uncompressed_size: width * height * 2,
            sequence: long[0],
            capture_ns: long[1],
            capture_unix_ns: long[2],
            device_time_ns: long[3],
            payload_size: short[0],
            payload_crc: short[1],
            session: long[4],
            flags: FrameFlags::from_bits_truncate(flags),
        }
    })
}

/// JSON-like noise, which comes further than arbitrary bytes.
fn nearly_me() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        Just("{\"version\":1,".to_owned()),
        Just("\"name\":\"x\",".to_owned()),
        Just("\"endpoints\":{\"control\":\"tcp://10.0.0.1:5\"}".to_owned()),
        Just(",\"devices\":[{\"id\":\"a\",\"endpoints\":{}".to_owned()),
        Just(",\"streams\":[{\"name\":\"depth\",\"width\":".to_owned()),
        "[\\[\\]{}:,]",
        "-?[0-9]{1,25}(\\.[0-9]{1,3})?(e[0-9]{1,4})?",
        "\"[a-z]{0,5}\"",
    ];
    vec(token, 0..20).prop_map(|tokens| tokens.concat())
}

proptest! {
    #[test]
    fn endpoints_are_read_as_written(endpoint in endpoint()) {
        prop_assert_eq!(Endpoint::parse(&endpoint.to_string()), Ok(endpoint));
    }

    #[test]
    fn what_is_read_as_an_endpoint_is_written_so_that_it_is_read_again(text in "(tcp://)?[\\[\\]a-z0-9:.%;*_-]{0,30}(:[0-9]{0,6})?") {
        if let Ok(endpoint) = Endpoint::parse(&text) {
            let written = endpoint.to_string();
            prop_assert_eq!(Endpoint::parse(&written), Ok(endpoint));
            prop_assert!(!written.contains([';', '*', ' ', '\0', '/']) || written.matches('/').count() == 2);
        }
    }

    #[test]
    fn any_text_is_an_endpoint_or_an_error(text in any::<String>()) {
        let _ = Endpoint::parse(&text);
        let _ = Endpoint::parse(&format!("tcp://{text}:5"));
    }

    #[test]
    fn any_frames_are_a_request_or_an_error(frames in vec(vec(any::<u8>(), 0..40), 0..4)) {
        let frames: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
        let _ = parse_request(&frames);
        if let Ok(Reply::Me(text)) = parse_reply(&frames) {
            let _ = Me::parse(text);
        }
    }

    #[test]
    fn any_payload_of_a_ping_is_accepted_exactly_if_it_is_json(payload in prop_oneof![nearly_me().prop_map(String::into_bytes), vec(any::<u8>(), 0..6)]) {
        // A second opinion; it refuses, beside what is not JSON, what is too large a number for it.
        if serde_json::from_slice::<serde_json::Value>(&payload).is_ok() {
            prop_assert!(parse_request(&[&[1], &payload]).is_ok());
        } else if parse_request(&[&[1], &payload]).is_ok() {
            prop_assert!(payload.contains(&b'e'));
        }
    }

    #[test]
    fn a_me_is_read_as_written(me in me()) {
        let parsed = Me::parse(&me.to_json().unwrap()).unwrap();
        prop_assert_eq!(parsed.warnings, [""; 0]);
        prop_assert_eq!(parsed.me, me);
    }

    #[test]
    fn any_text_is_a_me_or_an_error(text in prop_oneof![nearly_me(), any::<String>()]) {
        if let Ok(parsed) = Me::parse(&text) {
            // Whatever is understood can be said again.
            let again = Me::parse(&parsed.me.to_json().unwrap());
            if !parsed.me.endpoints.is_empty() {
                prop_assert_eq!(again.unwrap().me, parsed.me);
            }
        }
    }

    #[test]
    fn headers_are_read_as_written(header in header()) {
        prop_assert_eq!(FrameHeader::decode(&header.encode()), Ok(header));
    }

    #[test]
    fn a_header_with_any_bit_flipped_is_refused(header in header(), bit in 0usize..768) {
        let mut bytes = header.encode();
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(FrameHeader::decode(&bytes).is_err());
    }

    #[test]
    fn any_bytes_with_a_right_checksum_are_a_consistent_header_or_an_error(
        header in header(),
        changes in vec((8usize..92, any::<u8>()), 0..8),
        more in vec(any::<u8>(), 0..8),
    ) {
        let mut bytes = header.encode().to_vec();
        for (offset, value) in changes {
            bytes[offset] = value;
        }
        bytes[6] += more.len() as u8;
        let checksum = crc32c::crc32c(&bytes[..92]).to_le_bytes();
        bytes[92..].copy_from_slice(&checksum);
        bytes.extend(more);
        if let Ok(header) = FrameHeader::decode(&bytes) {
            prop_assert!(header.width > 0 && header.height > 0 && header.uncompressed_size <= 64 << 20);
            let _ = header.check_payload(&bytes);
        }
    }

    #[test]
    fn any_bytes_are_a_header_or_an_error(bytes in vec(any::<u8>(), 0..120)) {
        prop_assert!(FrameHeader::decode(&bytes).is_err());
    }
}
