//! The `me` message: what a server is and what it offers.
//!
//! Version 1 has `version`, `name`, `endpoints` and `devices` with `id` and `endpoints`; everything else is the extension, optional,
//! and ignored by peers of version 1.

mod read;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::endpoint::{Endpoint, EndpointKind};
use crate::error::{Error, Result};
use crate::frame::Stream;

pub use read::{MeError, ParsedMe};

/// Endpoints by what they are for.
pub type Endpoints = BTreeMap<EndpointKind, Endpoint>;

/// The content of a `me` message. Members that are `None` or empty are left out of the text where version 1 does not need them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Me {
    /// Name of the server, for people.
    pub name: String,
    /// Endpoints of the server itself: control.
    #[serde(serialize_with = "endpoints")]
    pub endpoints: Endpoints,
    /// Extension: what the server runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software: Option<Software>,
    /// Extension: the random number of this start of the server, as in frame headers.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "hexadecimal")]
    pub session: Option<u64>,
    /// Extension: the server's monotonic clock when it answered.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "decimal")]
    pub clock_ns: Option<u64>,
    /// Extension: [`host_id`](super::host::host_id) of the server's host.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "hexadecimal")]
    pub host: Option<u64>,
    /// The devices, in the order of their coming.
    pub devices: Vec<DeviceRecord>,
}

/// A program by name and version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Software {
    /// Such as "streamkinect2".
    pub name: String,
    /// Such as "0.1.0".
    pub version: String,
}

/// One device in a `me` message.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DeviceRecord {
    /// Unique among the server's devices, 1 to 255 bytes without NUL.
    pub id: String,
    /// Extension: what it is, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Extension: the maker's serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Where its frames come from.
    #[serde(serialize_with = "endpoints")]
    pub endpoints: Endpoints,
    /// Extension: what its streams are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<StreamRecord>,
}

/// One stream of a device. Format and codec are plain numbers: a client shows a stream whose format it does not know, and says so when
/// frames come.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StreamRecord {
    /// Which stream.
    #[serde(rename = "name", serialize_with = "stream_name")]
    pub stream: Stream,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Number of the pixel format.
    pub format: u32,
    /// Number of the codec.
    pub codec: u32,
    /// Frames a second, nominal: 0.01 to 10,000, or 0 for unknown.
    #[serde(serialize_with = "sane_rate")]
    pub rate: f64,
    /// Number of the newest captured frame; none before the first.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "decimal")]
    pub sequence: Option<u64>,
}

impl Me {
    /// The payload of the message.
    ///
    /// # Errors
    /// None that is known: every value has a JSON form.
    pub fn to_json(&self) -> Result<String> {
        #[derive(Serialize)]
        struct Payload<'a> {
            version: u32,
            #[serde(flatten)]
            me: &'a Me,
        }
        serde_json::to_string(&Payload { version: 1, me: self })
            .map_err(|error| Error::internal(format!("the me message cannot be written: {error}")))
    }
}

/// `rate`, or 0 where it is none that a frame period can be made of.
fn rate_or_unknown(rate: f64) -> f64 {
    if (0.01..=10_000.0).contains(&rate) { rate } else { 0.0 }
}

/// Without zones: they mean nothing to another host.
fn endpoints<S: Serializer>(endpoints: &Endpoints, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_map(endpoints.iter().map(|(kind, endpoint)| (kind.name(), endpoint.without_zone().to_string())))
}

/// Numbers of 64 bits are texts: many JSON readers keep 53 bits.
fn hexadecimal<S: Serializer>(number: &Option<u64>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    number.map(|number| format!("{number:016x}")).serialize(serializer)
}

fn decimal<S: Serializer>(number: &Option<u64>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    number.map(|number| number.to_string()).serialize(serializer)
}

fn stream_name<S: Serializer>(stream: &Stream, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    stream.name().serialize(serializer)
}

fn sane_rate<S: Serializer>(rate: &f64, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    rate_or_unknown(*rate).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::parse(text).unwrap()
    }

    #[test]
    fn the_text_of_the_documentation_is_written_in_its_order() {
        let me = Me {
            name: "Lab".into(),
            endpoints: [(EndpointKind::Control, endpoint("tcp://192.168.1.4:40001"))].into(),
            software: Some(Software { name: "streamkinect2".into(), version: "0.1.0".into() }),
            session: Some(0x00c5_f3a9_d241_7be0),
            clock_ns: Some(81_234_567_890_123),
            host: Some(0x9f3c_11d0_7a5b_e842),
            devices: vec![DeviceRecord {
                id: "kinect-1".into(),
                model: Some("Kinect v2".into()),
                serial: Some("299150235147".into()),
                endpoints: [
                    (EndpointKind::FramesDepth, endpoint("tcp://192.168.1.4:40003")),
                    (EndpointKind::Depth, endpoint("tcp://192.168.1.4:40002")),
                ]
                .into(),
                streams: vec![StreamRecord {
                    stream: Stream::Depth,
                    width: 512,
                    height: 424,
                    format: 1,
                    codec: 4,
                    rate: 30.0,
                    sequence: Some(1234),
                }],
            }],
        };
        let expected = concat!(
            r#"{"version":1,"name":"Lab","endpoints":{"control":"tcp://192.168.1.4:40001"},"#,
            r#""software":{"name":"streamkinect2","version":"0.1.0"},"session":"00c5f3a9d2417be0","#,
            r#""clock_ns":"81234567890123","host":"9f3c11d07a5be842","devices":[{"id":"kinect-1","model":"Kinect v2","#,
            r#""serial":"299150235147","endpoints":{"depth":"tcp://192.168.1.4:40002","frames.depth":"tcp://192.168.1.4:40003"},"#,
            r#""streams":[{"name":"depth","width":512,"height":424,"format":1,"codec":4,"rate":30.0,"sequence":"1234"}]}]}"#
        );
        assert_eq!(me.to_json().unwrap(), expected);
        assert_eq!(Me::parse(expected).unwrap(), ParsedMe { me, warnings: vec![] });
    }

    #[test]
    fn version_1_alone_has_what_version_1_needs() {
        let me = Me {
            name: "Bob's Kinect \u{e9}".into(),
            devices: vec![DeviceRecord { id: "a".into(), ..Default::default() }],
            ..Default::default()
        };
        let expected = "{\"version\":1,\"name\":\"Bob's Kinect \u{e9}\",\"endpoints\":{},\"devices\":[{\"id\":\"a\",\"endpoints\":{}}]}";
        assert_eq!(me.to_json().unwrap(), expected);
    }

    #[test]
    fn zones_and_impossible_rates_are_not_sent() {
        let stream = StreamRecord { stream: Stream::Infrared, width: 1, height: 1, format: 2, codec: 1, rate: f64::NAN, sequence: None };
        let device = DeviceRecord { id: "a".into(), streams: vec![stream], ..Default::default() };
        let endpoints = [(EndpointKind::Control, endpoint("tcp://[fe80::1%eth0]:5"))].into();
        let json = Me { endpoints, devices: vec![device], ..Default::default() }.to_json().unwrap();
        assert!(json.contains(r#""control":"tcp://[fe80::1]:5""#), "{json}");
        assert!(json.contains(r#"{"name":"infrared","width":1,"height":1,"format":2,"codec":1,"rate":0.0}"#), "{json}");
    }
}
