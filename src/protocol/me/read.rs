//! Reading a `me` message from anyone.
//!
//! What version 1 requires must be there and of its type, or the message is refused. What only the extension adds counts as absent
//! where it is of another type. One bad device costs that device, one bad endpoint that endpoint, each with a warning. Unknown members
//! are ignored; of members that occur twice the last counts.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{DeviceRecord, Endpoints, Me, Software, StreamRecord, rate_or_unknown};
use crate::frame::{Stream, tight_stride16};
use crate::protocol::endpoint::{Endpoint, EndpointKind};
use crate::protocol::excerpt;

/// A `me` message that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedMe {
    /// Its content, without what had to be left out.
    pub me: Me,
    /// What was left out and why, for people: one line each, the first 16 and how many more.
    pub warnings: Vec<String>,
}

/// Why a `me` message is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MeError {
    /// Its version is not the number 1: to be ignored. With the start of the JSON text of what it is.
    #[error("the server speaks version {0} of the protocol: this library knows version 1")]
    Version(String),
    /// It is not JSON, or a member that version 1 requires is missing or of the wrong type.
    #[error("the server's me message is malformed: {0}")]
    Malformed(String),
}

type Object = Map<String, Value>;

impl Me {
    /// Reads the payload of a `me` message.
    ///
    /// # Errors
    /// [`MeError`]; the version is looked at before anything else, since only that says what the rest means.
    pub fn parse(payload: &str) -> Result<ParsedMe, MeError> {
        let malformed = |what: &str| MeError::Malformed(what.to_owned());
        let payload: Value = serde_json::from_str(payload).map_err(|error| MeError::Malformed(format!("not JSON: {error}")))?;
        let payload = payload.as_object().ok_or_else(|| malformed("it is not an object"))?;
        check_version(payload)?;

        let name = payload.get("name").and_then(Value::as_str).ok_or_else(|| malformed("\"name\" is not a text"))?;
        let own = payload.get("endpoints").and_then(Value::as_object).ok_or_else(|| malformed("\"endpoints\" is not an object"))?;
        if !own.get(EndpointKind::Control.name()).is_some_and(Value::is_string) {
            return Err(malformed("\"endpoints\" has no text \"control\""));
        }
        let records = payload.get("devices").and_then(Value::as_array).ok_or_else(|| malformed("\"devices\" is not an array"))?;

        let mut warnings = Warnings::default();
        let me = Me {
            // A NUL would end the name early in C.
            name: name.replace('\0', "\u{fffd}"),
            endpoints: read_endpoints(own, "the server", &mut warnings),
            software: payload.get("software").and_then(read_software),
            session: payload.get("session").and_then(read_hexadecimal),
            clock_ns: payload.get("clock_ns").and_then(read_decimal),
            host: payload.get("host").and_then(read_hexadecimal),
            devices: read_devices(records, &mut warnings),
        };
        Ok(ParsedMe { me, warnings: warnings.into_lines() })
    }
}

fn check_version(payload: &Object) -> Result<(), MeError> {
    match payload.get("version") {
        Some(version) if version.as_f64() == Some(1.0) => Ok(()),
        Some(version) => Err(MeError::Version(excerpt(&version.to_string()))),
        None => Err(MeError::Malformed("\"version\" is missing".to_owned())),
    }
}

/// More devices than any server has: what a client keeps and opens for them is bounded.
const MOST_DEVICES: usize = 256;

fn read_devices(records: &[Value], warnings: &mut Warnings) -> Vec<DeviceRecord> {
    let mut ids = HashSet::new();
    let mut devices = Vec::new();
    if records.len() > MOST_DEVICES {
        warnings.add(format!("of {} device records those after the first {MOST_DEVICES} are skipped", records.len()));
    }
    for (index, record) in records.iter().take(MOST_DEVICES).enumerate() {
        match read_device(record, &mut ids, warnings) {
            Ok(device) => devices.push(device),
            Err(why) => warnings.add(format!("device record {index} is skipped: {why}")),
        }
    }
    devices
}

fn read_device<'a>(record: &'a Value, ids: &mut HashSet<&'a str>, warnings: &mut Warnings) -> Result<DeviceRecord, String> {
    let record = record.as_object().ok_or("it is not an object")?;
    let id = match record.get("id") {
        None => return Err("it has no id".to_owned()),
        Some(id) => id.as_str().ok_or("its id is not a text")?,
    };
    if id.is_empty() || id.len() > 255 {
        return Err(format!("its id has {} bytes instead of 1 to 255", id.len()));
    }
    if id.contains('\0') {
        return Err("its id contains a NUL character".to_owned());
    }
    let whose = format!("kinect \"{}\"", excerpt(id));
    let endpoints = record.get("endpoints").and_then(Value::as_object);
    let endpoints = endpoints.ok_or_else(|| format!("\"endpoints\" of {whose} is not an object"))?;
    if !ids.insert(id) {
        return Err(format!("{whose} is there already"));
    }
    Ok(DeviceRecord {
        id: id.to_owned(),
        model: read_text(record, "model"),
        serial: read_text(record, "serial"),
        endpoints: read_endpoints(endpoints, &whose, warnings),
        streams: read_streams(record.get("streams"), &whose, warnings),
    })
}

fn read_endpoints(members: &Object, whose: &str, warnings: &mut Warnings) -> Endpoints {
    let mut endpoints = Endpoints::new();
    for kind in EndpointKind::ALL {
        let Some(value) = members.get(kind.name()) else { continue };
        match value.as_str().map(Endpoint::parse) {
            Some(Ok(endpoint)) => {
                endpoints.insert(kind, endpoint);
            }
            Some(Err(error)) => warnings.add(format!("endpoint \"{}\" of {whose} is left out: {error}", kind.name())),
            None => warnings.add(format!("endpoint \"{}\" of {whose} is left out: it is not a text", kind.name())),
        }
    }
    endpoints
}

fn read_streams(records: Option<&Value>, whose: &str, warnings: &mut Warnings) -> Vec<StreamRecord> {
    let mut streams: Vec<StreamRecord> = Vec::new();
    for record in records.and_then(Value::as_array).into_iter().flatten() {
        // A stream of a later version is nothing to warn of.
        let name = record.get("name").and_then(Value::as_str);
        let Some(stream) = Stream::ALL.iter().copied().find(|stream| name == Some(stream.name())) else { continue };
        match read_stream(stream, record) {
            Some(_) if streams.iter().any(|other| other.stream == stream) => {
                warnings.add(format!("stream {stream} of {whose} is described twice: the first counts"));
            }
            Some(record) => streams.push(record),
            None => warnings.add(format!("stream {stream} of {whose} has no sensible size, format and codec: its description is ignored")),
        }
    }
    streams
}

fn read_stream(stream: Stream, record: &Value) -> Option<StreamRecord> {
    let number = |name: &str| record.get(name).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
    let (width, height) = (number("width")?, number("height")?);
    tight_stride16(width, height).ok()?;
    Some(StreamRecord {
        stream,
        width,
        height,
        format: number("format")?,
        codec: number("codec")?,
        rate: rate_or_unknown(record.get("rate").and_then(Value::as_f64).unwrap_or(0.0)),
        sequence: record.get("sequence").and_then(read_decimal),
    })
}

fn read_software(value: &Value) -> Option<Software> {
    let members = value.as_object()?;
    Some(Software { name: read_text(members, "name")?, version: read_text(members, "version")? })
}

/// A text that a C program can be given.
fn read_text(members: &Object, name: &str) -> Option<String> {
    members.get(name)?.as_str().filter(|text| !text.contains('\0')).map(str::to_owned)
}

/// Exactly 16 hexadecimal digits.
fn read_hexadecimal(value: &Value) -> Option<u64> {
    let digits = value.as_str()?;
    let well_formed = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if well_formed { u64::from_str_radix(digits, 16).ok() } else { None }
}

/// Decimal digits only, where `parse` would take a sign.
fn read_decimal(value: &Value) -> Option<u64> {
    let digits = value.as_str()?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// Lines for people, bounded: a message of 1 MiB has room for 100,000 bad devices.
#[derive(Default)]
struct Warnings {
    lines: Vec<String>,
    more: usize,
}

impl Warnings {
    const MOST: usize = 16;

    fn add(&mut self, line: String) {
        if self.lines.len() < Self::MOST {
            self.lines.push(line);
        } else {
            self.more += 1;
        }
    }

    fn into_lines(mut self) -> Vec<String> {
        if self.more > 0 {
            self.lines.push(format!("and {} more remarks on the same message", self.more));
        }
        self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn minimal() -> Value {
        json!({"version": 1, "name": "Lab", "endpoints": {"control": "tcp://10.0.0.1:1234"}, "devices": []})
    }

    /// The minimal message with this member changed, or taken out where it is null.
    fn with(member: &str, value: Value) -> Value {
        let mut me = minimal();
        match value {
            Value::Null => drop(me.as_object_mut().unwrap().remove(member)),
            value => me[member] = value,
        }
        me
    }

    fn parse(me: &Value) -> Result<ParsedMe, MeError> {
        Me::parse(&me.to_string())
    }

    /// The devices that are left, and the warnings for the others.
    fn devices(records: Value) -> (Vec<DeviceRecord>, Vec<String>) {
        let parsed = parse(&with("devices", records)).unwrap();
        (parsed.me.devices, parsed.warnings)
    }

    #[test]
    fn a_version_1_message_is_read_and_the_extension_is_absent() {
        let parsed = parse(&with("devices", json!([{"id": "a", "endpoints": {"depth": "tcp://localhost:5"}}]))).unwrap();
        assert_eq!(parsed.warnings, [""; 0]);
        let expected = Me {
            name: "Lab".into(),
            endpoints: [(EndpointKind::Control, Endpoint::parse("tcp://10.0.0.1:1234").unwrap())].into(),
            devices: vec![DeviceRecord {
                id: "a".into(),
                endpoints: [(EndpointKind::Depth, Endpoint::parse("tcp://localhost:5").unwrap())].into(),
                ..Default::default()
            }],
            ..Default::default()
        };
        assert_eq!(parsed.me, expected);
    }

    #[test]
    fn a_name_may_be_any_text_and_never_ends_early_in_c() {
        assert_eq!(parse(&with("name", json!("a\0b\u{1b}"))).unwrap().me.name, "a\u{fffd}b\u{1b}");
    }

    #[test]
    fn another_version_is_told_apart_from_nonsense() {
        for version in [json!(2), json!("1"), json!(1.5), json!([1]), json!(true), json!(-1)] {
            assert_eq!(parse(&json!({"version": version})), Err(MeError::Version(excerpt(&version.to_string()))));
        }
        assert!(Me::parse(&minimal().to_string().replace("\"version\":1", "\"version\":1.0")).is_ok());
    }

    #[test]
    fn what_version_1_requires_must_be_there_and_of_its_type() {
        let malformed = |me: &Value| assert!(matches!(parse(me), Err(MeError::Malformed(_))), "{me}");
        for member in ["version", "name", "endpoints", "devices"] {
            malformed(&with(member, Value::Null));
        }
        for value in [json!(7), json!(["a"]), json!(null)] {
            malformed(&with("name", value));
        }
        for value in [json!("x"), json!([]), json!({}), json!({"control": 5}), json!({"depth": "tcp://10.0.0.1:5"})] {
            malformed(&with("endpoints", value));
        }
        for value in [json!({}), json!("x"), json!(0)] {
            malformed(&with("devices", value));
        }
        for text in ["", "[]", "3", "NaN", "{\"version\": 1", "\u{feff}{}", &"[".repeat(100_000), &"{\"a\":".repeat(100_000)] {
            assert!(matches!(Me::parse(text), Err(MeError::Malformed(_))));
        }
    }

    #[test]
    fn of_a_member_that_occurs_twice_the_last_counts() {
        let text = minimal().to_string().replacen('{', "{\"name\": 5, \"version\": 2, ", 1);
        assert_eq!(Me::parse(&text).unwrap().me.name, "Lab");
    }

    #[test]
    fn unknown_members_and_endpoints_are_ignored() {
        let mut me = with("more", json!({"a": [1, {"b": null}]}));
        me["endpoints"]["teleport"] = json!(["not", "even", "a", "text"]);
        assert_eq!(parse(&me).unwrap(), parse(&minimal()).unwrap());
    }

    #[test]
    fn extensions_of_a_wrong_type_count_as_absent() {
        for (member, values) in [
            ("session", [json!(5), json!("00c5f3a9d2417be"), json!("+0c5f3a9d2417be0"), json!("00c5f3a9d2417bg0")]),
            ("host", [json!([]), json!(""), json!("00c5f3a9d2417be00"), json!("0x00c5f3a9d2417b")]),
            ("clock_ns", [json!(81_234), json!("+5"), json!("18446744073709551616"), json!("")]),
            ("software", [json!("x"), json!({"name": "x"}), json!({"name": "x", "version": 1}), json!({"name": "\0", "version": "1"})]),
        ] {
            for value in values {
                assert_eq!(parse(&with(member, value.clone())).unwrap(), parse(&minimal()).unwrap(), "{member} {value}");
            }
        }
        assert_eq!(parse(&with("session", json!("00C5f3a9d2417be0"))).unwrap().me.session, Some(0x00c5_f3a9_d241_7be0));
        assert_eq!(parse(&with("clock_ns", json!("18446744073709551615"))).unwrap().me.clock_ns, Some(u64::MAX));
    }

    #[test]
    fn a_device_without_usable_id_or_endpoints_is_skipped_with_a_warning() {
        let long = "x".repeat(256);
        let bad = [
            json!({"endpoints": {}}),
            json!({"id": 5, "endpoints": {}}),
            json!({"id": "", "endpoints": {}}),
            json!({"id": long, "endpoints": {}}),
            json!({"id": "a\0", "endpoints": {}}),
            json!({"id": "good", "endpoints": {}}),
            json!({"id": "b"}),
            json!({"id": "c", "endpoints": []}),
            json!("d"),
        ];
        let good = json!({"id": "good", "endpoints": {}});
        let last = json!({"id": "x".repeat(255), "endpoints": {}});
        let all = [vec![good], bad.to_vec(), vec![last]].concat();
        let (left, warnings) = devices(all.into());
        assert_eq!(left.iter().map(|device| device.id.len()).collect::<Vec<_>>(), [4, 255]);
        assert_eq!(warnings.len(), bad.len(), "{warnings:#?}");
        assert!(warnings[5].contains("record 6") && warnings[5].contains("\"good\" is there already"));

        // A record that is skipped does not take its id with it.
        assert_eq!(devices(json!([{"id": "a"}, {"id": "a", "endpoints": {}}])).0.len(), 1);
    }

    #[test]
    fn a_bad_endpoint_is_left_out_with_a_warning() {
        let endpoints = json!({"depth": "ipc:///x:5", "frames.depth": 5, "frames.color": "tcp://10.0.0.1:7"});
        let (left, warnings) = devices(json!([{"id": "a", "endpoints": endpoints}]));
        assert_eq!(left[0].endpoints.keys().copied().collect::<Vec<_>>(), [EndpointKind::FramesColor]);
        assert_eq!(warnings.len(), 2);
        let parsed = parse(&with("endpoints", json!({"control": "tcp://*:5"}))).unwrap();
        assert!(parsed.me.endpoints.is_empty() && parsed.warnings[0].contains("\"control\" of the server"));
    }

    #[test]
    fn stream_descriptions_must_be_sensible() {
        let stream = |changes: Value| {
            let mut stream = json!({"name": "depth", "width": 512, "height": 424, "format": 1, "codec": 4});
            stream.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            let (devices, warnings) = devices(json!([{"id": "a", "endpoints": {}, "streams": [stream]}]));
            (devices[0].streams.first().cloned(), warnings.len())
        };
        let usual = StreamRecord { stream: Stream::Depth, width: 512, height: 424, format: 1, codec: 4, rate: 0.0, sequence: None };
        assert_eq!(stream(json!({})), (Some(usual.clone()), 0));
        assert_eq!(
            stream(json!({"sequence": "9", "rate": 30})),
            (Some(StreamRecord { rate: 30.0, sequence: Some(9), ..usual.clone() }), 0)
        );
        for changes in [json!({"rate": -1}), json!({"rate": 1e-300}), json!({"rate": 1e300}), json!({"rate": "30"}), json!({"sequence": 9})]
        {
            assert_eq!(stream(changes), (Some(usual.clone()), 0), "as if it were absent");
        }
        // Numbers of later versions are kept, streams of later versions are not.
        assert_eq!(stream(json!({"format": 99, "codec": 98})), (Some(StreamRecord { format: 99, codec: 98, ..usual.clone() }), 0));
        for changes in [json!({"name": "smell"}), json!({"name": 1})] {
            assert_eq!(stream(changes), (None, 0));
        }
        for changes in
            [json!({"width": 0}), json!({"width": 1 << 26}), json!({"height": -4}), json!({"format": 1u64 << 32}), json!({"codec": "rvl"})]
        {
            assert_eq!(stream(changes), (None, 1));
        }
        let twice = json!([{"id": "a", "endpoints": {}, "streams": [
            {"name": "depth", "width": 2, "height": 1, "format": 1, "codec": 1}, {"name": "depth", "width": 4, "height": 1, "format": 1, "codec": 1}]}]);
        let (devices, warnings) = devices(twice);
        assert_eq!((devices[0].streams[0].width, devices[0].streams.len(), warnings.len()), (2, 1, 1));
    }

    #[test]
    fn warnings_are_bounded_in_number_and_length() {
        let (left, warnings) = devices(vec![json!({"id": "x".repeat(10_000)}); 1000].into());
        assert!(left.is_empty());
        assert_eq!(warnings.len(), Warnings::MOST + 1);
        assert_eq!(warnings[16], "and 241 more remarks on the same message");
        let (_, warnings) = devices(json!([{"id": "\n".repeat(255)}]));
        assert!(warnings[0].len() < 1000 && !warnings[0].contains('\n'));
    }
}
