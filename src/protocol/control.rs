//! Control messages: one or two ZeroMQ frames, a type byte and perhaps a JSON text.
//!
//! A message is a list of frames here, the delimiter of REQ and REP not among them.

use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::excerpt;
use crate::error::{Error, Result};

/// The frames of a message to send.
pub type Frames = Vec<Vec<u8>>;

/// The type byte of each message.
mod message {
    pub const ERROR: u8 = 0;
    pub const PING: u8 = 1;
    pub const PONG: u8 = 2;
    pub const WHO: u8 = 3;
    pub const ME: u8 = 4;
}

/// What a client asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Are you there?
    Ping,
    /// Who are you, and what do you have?
    Who,
}

/// Why a request is answered with an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct BadRequest {
    /// A text for the client's log.
    pub reason: String,
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<'a> {
    /// To a ping.
    Pong,
    /// To a who: the JSON text for [`Me::parse`](super::me::Me::parse), not looked at yet.
    Me(&'a str),
    /// To anything.
    Error {
        /// A number as in HTTP; undocumented in version 1, but sent.
        code: Option<i64>,
        /// The server's words, or that it had none; short.
        reason: String,
    },
}

/// The request in `frames`. Its payload must be JSON (RFC 8259) and is then ignored.
///
/// # Errors
/// The reason to answer with; the next request is served as if nothing had happened.
pub fn parse_request(frames: &[&[u8]]) -> std::result::Result<Request, BadRequest> {
    let bad = |reason: String| BadRequest { reason };
    let (kind, payload) = match frames {
        [kind] => (kind, None),
        [kind, payload] => (kind, Some(payload)),
        _ => return Err(bad(format!("a message has one or two frames, not {}", frames.len()))),
    };
    let &[kind] = *kind else {
        return Err(bad(format!("the message type is one byte, not {}", kind.len())));
    };
    let request = match kind {
        message::PING => Request::Ping,
        message::WHO => Request::Who,
        message::ERROR | message::PONG | message::ME => return Err(bad(format!("messages of type {kind:#04x} are for servers to send"))),
        _ => return Err(bad(format!("{kind:#04x} is not a message type"))),
    };
    if let Some(payload) = payload {
        check_json(payload).map_err(|why| bad(format!("the payload {why}")))?;
    }
    Ok(request)
}

/// Nothing is built from it and nothing recurses, so neither size nor depth of the text matters.
fn check_json(payload: &[u8]) -> std::result::Result<(), String> {
    let text = std::str::from_utf8(payload).map_err(|error| format!("is not UTF-8: {error}"))?;
    if text.starts_with('\u{feff}') {
        return Err("begins with a byte order mark, which JSON does not have".to_owned());
    }
    serde_json::from_str::<IgnoredAny>(text).map(|_| ()).map_err(|error| format!("is not JSON: {error}"))
}

/// The message that asks.
pub fn request(request: Request) -> Frames {
    match request {
        Request::Ping => vec![vec![message::PING]],
        Request::Who => vec![vec![message::WHO]],
    }
}

/// The answer to a ping.
pub fn pong() -> Frames {
    vec![vec![message::PONG]]
}

/// The answer to a who, with the text of [`Me::to_json`](super::me::Me::to_json).
pub fn me(json: String) -> Frames {
    vec![vec![message::ME], json.into_bytes()]
}

/// The answer to what is not a request: code 400, as the 2014 server sends it, and the reason.
pub fn error(bad: &BadRequest) -> Frames {
    vec![vec![message::ERROR], error_payload(400, &bad.reason).into_bytes()]
}

#[derive(Serialize)]
struct ErrorPayload<'a> {
    code: i64,
    reason: &'a str,
}

fn error_payload(code: i64, reason: &str) -> String {
    // Two plain members cannot fail to be written; an error without words would still be an answer.
    serde_json::to_string(&ErrorPayload { code, reason }).unwrap_or_default()
}

/// The reply in `frames`. Generous where it does no harm: a payload behind a pong is ignored, an error may lack its payload.
///
/// # Errors
/// [`Protocol`](crate::error::ErrorKind::Protocol) for what is no reply.
pub fn parse_reply<'a>(frames: &[&'a [u8]]) -> Result<Reply<'a>> {
    let (kind, payload) = match frames {
        [kind] => (kind, None),
        [kind, payload] => (kind, Some(*payload)),
        _ => return Err(Error::protocol(format!("the server's reply has {} frames instead of one or two", frames.len()))),
    };
    match (*kind, payload) {
        ([message::PONG], _) => Ok(Reply::Pong),
        ([message::ME], Some(payload)) => match std::str::from_utf8(payload) {
            Ok(text) => Ok(Reply::Me(text)),
            Err(error) => Err(Error::protocol(format!("the server's me message is not UTF-8: {error}"))),
        },
        ([message::ME], None) => Err(Error::protocol("the server's me message has no payload")),
        ([message::ERROR], payload) => Ok(error_reply(payload.unwrap_or_default())),
        ([other], _) => Err(Error::protocol(format!("the server replied with message type {other:#04x}, which is no reply"))),
        (kind, _) => Err(Error::protocol(format!("the server's reply has a message type of {} bytes instead of one", kind.len()))),
    }
}

fn error_reply(payload: &[u8]) -> Reply<'static> {
    let received: Value = serde_json::from_slice(payload).unwrap_or_default();
    Reply::Error {
        code: received.get("code").and_then(Value::as_i64),
        reason: received.get("reason").and_then(Value::as_str).map_or_else(|| "the server gave no reason".to_owned(), excerpt),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn reason(frames: &[&[u8]]) -> String {
        parse_request(frames).unwrap_err().reason
    }

    #[test]
    fn requests_are_read_with_and_without_payload() {
        assert_eq!(parse_request(&[&[1]]), Ok(Request::Ping));
        assert_eq!(parse_request(&[&[3]]), Ok(Request::Who));
        for json in ["{\"a\": 1}", "3", "null", " [1, 2] ", "\"\\ud800\"", "1e999"] {
            assert_eq!(parse_request(&[&[1], json.as_bytes()]), Ok(Request::Ping), "{json}");
            assert_eq!(parse_request(&[&[3], json.as_bytes()]), Ok(Request::Who), "{json}");
        }
    }

    #[test]
    fn what_is_no_request_has_a_reason() {
        assert!(reason(&[]).contains("not 0"));
        assert!(reason(&[&[1], b"{}", b"{}"]).contains("not 3"));
        assert!(reason(&[&[]]).contains("one byte, not 0"));
        assert!(reason(&[&[1, 1]]).contains("one byte, not 2"));
        assert!(reason(&[&[0xff]]).contains("0xff"));
        for kind in [0, 2, 4] {
            assert!(reason(&[&[kind]]).contains("for servers"));
        }
        assert!(reason(&[&[9], b"not json"]).contains("0x09"), "the type is looked at first");
        assert!(reason(&[&[1], b""]).contains("not JSON"));
        assert!(reason(&[&[1], b"not json"]).contains("not JSON"));
        assert!(reason(&[&[1], b"{} x"]).contains("trailing"));
        assert!(reason(&[&[1], b"NaN"]).contains("not JSON"));
        assert!(reason(&[&[1], b"[Infinity]"]).contains("not JSON"));
        assert!(reason(&[&[1], b"\xef\xbb\xbf{}"]).contains("byte order mark"));
        assert!(reason(&[&[1], b"\xff\xfe\0"]).contains("UTF-8"));
        assert!(reason(&[&[1], b"\"\xc0\x80\""]).contains("UTF-8"));
        assert!(reason(&[&[1], b"\"a\nb\""]).contains("not JSON"));
    }

    #[test]
    fn depth_and_size_do_no_harm() {
        let deep = vec![b'['; 1 << 20];
        assert!(reason(&[&[1], &deep]).contains("not JSON"));
        let closed = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
        assert_eq!(parse_request(&[&[3], &closed]), Ok(Request::Who));
    }

    #[test]
    fn messages_are_byte_exact() {
        assert_eq!(request(Request::Ping), [[1]]);
        assert_eq!(request(Request::Who), [[3]]);
        assert_eq!(pong(), [[2]]);
        assert_eq!(me("{}".into()), [&[4][..], b"{}"]);
        assert_eq!(error(&BadRequest { reason: "a \"b\"".into() }), [&[0][..], br#"{"code":400,"reason":"a \"b\""}"#]);
    }

    #[test]
    fn replies_are_read() {
        assert_eq!(parse_reply(&[&[2]]), Ok(Reply::Pong));
        assert_eq!(parse_reply(&[&[2], b""]), Ok(Reply::Pong));
        assert_eq!(parse_reply(&[&[4], b"{}"]), Ok(Reply::Me("{}")));
        let error = |code, reason: &str| Ok(Reply::Error { code, reason: reason.into() });
        assert_eq!(parse_reply(&[&[0], br#"{"code": 400, "reason": "no", "more": []}"#]), error(Some(400), "no"));
        assert_eq!(parse_reply(&[&[0], br#"{"reason": "no"}"#]), error(None, "no"));
        assert_eq!(parse_reply(&[&[0], br#"{"code": "x", "reason": "no"}"#]), error(None, "no"));
        assert_eq!(parse_reply(&[&[0], br#"{"reason": "a", "reason": "b"}"#]), error(None, "b"));
        for payload in [&b""[..], b"[]", b"{}", b"\xff", br#"{"reason": 1}"#] {
            assert_eq!(parse_reply(&[&[0], payload]), error(None, "the server gave no reason"));
        }
        assert_eq!(parse_reply(&[&[0]]), error(None, "the server gave no reason"));
    }

    #[test]
    fn what_is_no_reply_is_a_protocol_error() {
        for frames in [&[][..], &[&[][..]], &[&[1]], &[&[3], b"{}"], &[&[9]], &[&[4]], &[&[4], b"\xff"], &[&[2, 2]], &[&[2], b"", b""]] {
            assert_eq!(parse_reply(frames).unwrap_err().kind, ErrorKind::Protocol, "{frames:?}");
        }
    }
}
