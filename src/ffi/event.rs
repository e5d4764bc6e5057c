//! Events: what happens besides frames.

use std::ffi::c_char;

use super::guard;
use super::result::{self, kinect2_result_t};
use super::structs::{StructOut, Versioned, versioned};
use super::text;
use crate::dispatch::{Event, Polled};
use crate::error::Result;

/// Older events had to go; `value`: how many. The poller reads the state anew.
pub const KINECT2_EVENT_OVERFLOW: u32 = 1;
/// Something failed on its own; `result`, `text`. Never fatal to the handle.
pub const KINECT2_EVENT_ERROR: u32 = 2;
/// The server answers.
pub const KINECT2_EVENT_CONNECT: u32 = 3;
/// The server is lost; `result`: the reason.
pub const KINECT2_EVENT_DISCONNECT: u32 = 4;
/// A kinect came; `id`.
pub const KINECT2_EVENT_ADD_KINECT: u32 = 5;
/// A kinect went; `id`.
pub const KINECT2_EVENT_REMOVE_KINECT: u32 = 6;
/// A ping ended; `result`, `value`: round trip in ns.
pub const KINECT2_EVENT_PONG: u32 = 7;
/// A server came; `id`: its name, `text`: its endpoint.
pub const KINECT2_EVENT_ADD_SERVER: u32 = 8;
/// A server went; likewise.
pub const KINECT2_EVENT_REMOVE_SERVER: u32 = 9;
/// The server has a new name because another one had the old; `id`: the new one.
pub const KINECT2_EVENT_NAME: u32 = 10;
/// Subscribers of a kinect's stream came or went; `id`, `stream`, `value`: how many now. A host can switch a sensor on and off by it.
pub const KINECT2_EVENT_SUBSCRIBERS: u32 = 11;

/// What happened. Each event is what the callback of the same name gets; a queue keeps the last 256.
///
/// Text is in the structure itself, UTF-8 with a NUL: nothing is to be freed.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct kinect2_event_t {
    /// Size of this structure in bytes: set it before the call. In callbacks members beyond it do not exist.
    pub struct_size: u32,
    /// KINECT2_EVENT_*. Ignore those that you do not know.
    pub r#type: u32,
    /// How it ended, where the type says so; else KINECT2_OK.
    pub result: i32,
    /// KINECT2_STREAM_*; 0: none in particular.
    pub stream: u32,
    /// When it happened, in kinect2_clock_ns().
    pub time_ns: u64,
    /// A number; see the type.
    pub value: u64,
    /// An id or a name; see the type.
    pub id: [c_char; 256],
    /// A text; see the type. Cut where it is longer.
    pub text: [c_char; 512],
}

versioned!(kinect2_event_t);

/// `event` as the header has it.
pub(super) fn describe(event: &Event) -> kinect2_event_t {
    kinect2_event_t {
        r#type: event.kind as u32,
        result: result::of_outcome(event.outcome),
        stream: event.stream.map_or(0, |stream| stream.number()),
        time_ns: event.time_ns,
        value: event.value,
        id: text::fill(&event.id),
        text: text::fill(&event.text),
        ..kinect2_event_t::empty()
    }
}

/// Gives the event that a poller waited for to the caller.
pub(super) fn delivered(polled: Polled<Event>, out: StructOut<kinect2_event_t>) -> Result<kinect2_result_t> {
    guard::delivered(polled, |event| {
        out.write(&describe(&event));
        Ok(())
    })
}
