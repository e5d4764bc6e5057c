//! The control messages recorded from the 2014 implementation, in both directions.

use serde_json::Value;
use streamkinect2::protocol::control::{Reply, Request, parse_reply, parse_request};
use streamkinect2::protocol::me::Me;

/// Cases that are about sockets, not about messages: what REP itself discards, and ports.
const ABOUT_SOCKETS: [&str; 2] = ["dealer_without_delimiter", "dealer_bare_delimiter"];

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("golden/control.json")).unwrap()
}

fn name(case: &Value) -> &str {
    case["name"].as_str().unwrap()
}

/// The frames of a recorded message; large ones are recorded by their beginning and size.
fn frames(message: &Value) -> Option<Vec<Vec<u8>>> {
    message.as_array()?.iter().map(|frame| frame.as_str().map(bytes)).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.split("...").next().unwrap();
    let mut bytes: Vec<u8> = (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()).collect();
    if let Some((_, size)) = hex.split_once("... (") {
        bytes.resize(size.strip_suffix(" bytes)").unwrap().parse().unwrap(), *bytes.last().unwrap());
        if bytes[0] == b'"' {
            *bytes.last_mut().unwrap() = b'"';
        }
    }
    bytes
}

fn slices(frames: &[Vec<u8>]) -> Vec<&[u8]> {
    frames.iter().map(Vec::as_slice).collect()
}

/// The type byte of our answer.
fn answer(request: &[&[u8]]) -> u8 {
    match parse_request(request) {
        Ok(Request::Ping) => 2,
        Ok(Request::Who) => 4,
        Err(bad) => {
            assert!(!bad.reason.is_empty());
            0
        }
    }
}

#[test]
fn every_recorded_request_is_answered_as_recorded_or_as_deliberately_changed() {
    let mut compared = 0;
    for case in cases() {
        let (Some(request), Some(reply)) = (frames(&case["request"]), case.get("reply")) else { continue };
        if ABOUT_SOCKETS.contains(&name(&case)) {
            continue;
        }
        let expected = match name(&case) {
            // Only Python's parser takes NaN for JSON.
            "ping_nan_payload" => 0,
            // The recorded server lost its control port over this one.
            "deeply_nested_json" => 0,
            _ => frames(reply).unwrap()[0][0],
        };
        assert_eq!(answer(&slices(&request)), expected, "{}", name(&case));
        compared += 1;
    }
    assert_eq!(compared, 32);
}

#[test]
fn pipelined_requests_have_an_answer_each() {
    let cases = cases();
    let case = cases.iter().find(|case| name(case) == "pipelined_dealer").unwrap();
    let pairs = case["request"].as_array().unwrap().iter().zip(case["reply"].as_array().unwrap());
    let answers: Vec<(u8, u8)> = pairs
        .map(|(request, reply)| {
            // A DEALER sends the empty delimiter that REQ hides.
            let (request, reply) = (frames(request).unwrap(), frames(reply).unwrap());
            (answer(&slices(&request)[1..]), reply[1][0])
        })
        .collect();
    assert_eq!(answers, [(2, 2), (4, 4), (2, 2)]);
}

#[test]
fn every_recorded_reply_is_read() {
    let mut counts = [0; 3];
    for case in cases() {
        let Some(reply) = frames(case.get("reply").unwrap_or(&Value::Null)) else { continue };
        let expected = &case["reply_json"];
        match parse_reply(&slices(&reply)).unwrap() {
            Reply::Pong => counts[0] += 1,
            Reply::Error { code, reason } => {
                assert_eq!(code, Some(400), "{}", name(&case));
                assert!(!reason.is_empty());
                counts[1] += 1;
            }
            Reply::Me(text) => {
                let parsed = Me::parse(text).unwrap();
                assert_eq!(parsed.warnings, [""; 0], "{}", name(&case));
                assert_eq!(parsed.me.name, expected["name"]);
                assert_eq!(parsed.me.session, None, "a server of 2014 does not have the extension");
                // What we would send in its place says the same in version 1.
                let again: Value = serde_json::from_str(&parsed.me.to_json().unwrap()).unwrap();
                assert_eq!(&again, expected, "{}", name(&case));
                counts[2] += 1;
            }
        }
    }
    assert_eq!(counts, [6, 19, 6]);
}
