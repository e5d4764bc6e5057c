//! Control messages: requests as a server gets them, replies as a client does.

use streamkinect2::error::ErrorKind;
use streamkinect2::protocol::control::{Reply, error, me, parse_reply, parse_request, pong, request};

use super::assert_for_people;
use super::json::is_json;

/// Between two frames of a message; never part of JSON.
pub const BETWEEN: u8 = 0xfe;

/// The frames of a message, with [`BETWEEN`] between them; no bytes are no frames.
pub fn messages(data: &[u8]) {
    let frames: Vec<&[u8]> = if data.is_empty() { Vec::new() } else { data.split(|byte| *byte == BETWEEN).collect() };
    check_request(&frames);
    check_reply(&frames);
}

fn check_request(frames: &[&[u8]]) {
    let payload_is_json = match frames {
        [_] => true,
        [_, payload] => std::str::from_utf8(payload).is_ok() && is_json(payload),
        _ => false,
    };
    match parse_request(frames) {
        Ok(asked) => {
            assert!(payload_is_json, "accepted as JSON: {frames:?}");
            assert_eq!(frames[0], request(asked)[0], "the type byte says what is asked");
        }
        Err(bad) => {
            assert!(!payload_is_json || !matches!(frames[0], [1] | [3]), "refused ({bad}): {frames:?}");
            assert_for_people(&bad.reason);
            // The answer is one that our own client reads.
            let answer = error(&bad);
            let answer: Vec<&[u8]> = answer.iter().map(Vec::as_slice).collect();
            let Ok(Reply::Error { code: Some(400), reason }) = parse_reply(&answer) else { panic!("{answer:?}") };
            assert_for_people(&reason);
        }
    }
}

fn check_reply(frames: &[&[u8]]) {
    match parse_reply(frames) {
        Ok(Reply::Pong) => assert_eq!(frames[0], pong()[0]),
        Ok(Reply::Me(text)) => assert_eq!(frames, me(text.to_owned())),
        Ok(Reply::Error { reason, .. }) => {
            assert_eq!(frames[0], [0]);
            // A server may have sent an empty reason.
            assert!(reason.is_empty() || reason.len() < 2000 && !reason.contains(char::is_control), "{reason:?}");
        }
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::Protocol);
            assert_for_people(&error.message);
        }
    }
}
