//! One enabled stream of one kinect: its socket, and the way from a message to a decoded frame.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::clock::ClockRelation;
use super::slots::Arrival;
use crate::buffer::PixelBuffer;
use crate::codec::{self, ImageMut};
use crate::device::DEFAULT_SIZE;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Codec, Frame, FrameFlags, FrameInfo, PixelFormat, Pixels, Stream};
use crate::protocol::endpoint::Endpoint;
use crate::protocol::header::FrameHeader;
use crate::system;
use crate::transport::{self, Context, Role, Watched};

/// What the messages on an endpoint look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// A header and a payload.
    Extension,
    /// A depth message of version 1.
    Version1,
}

/// See the module. It keeps its numbers when its socket is opened anew.
pub struct Subscription {
    pub kinect: Arc<str>,
    pub stream: Stream,
    pub endpoint: Endpoint,
    wire: Wire,
    socket: Watched,
    numbers: Numbers,
    last_arrival: Instant,
    /// What the server's `me` said of the sequence at the first look after frames stopped coming.
    quiet_at: Option<u64>,
    /// Kinds of trouble that were told already: each once.
    told: Vec<Error>,
}

/// Where the numbering of a stream stands: it goes on when the stream is subscribed to anew.
#[derive(Debug, Clone, Copy, Default)]
pub struct Numbers {
    /// The enabling of the stream that they are of; 0: none yet.
    enabled: u64,
    /// Session and sequence number of the newest frame.
    newest: Option<(u64, u64)>,
    /// The next frame begins something new.
    restarted: bool,
}

fn open(context: &Context, endpoint: &Endpoint) -> Result<Watched> {
    let socket = Watched::new(context, Role::FrameReceiver)?;
    transport::connect(socket.socket(), endpoint)?;
    Ok(socket)
}

impl Numbers {
    /// The server was started anew: the next frame says so, even if one before it did.
    pub fn mark_restarted(&mut self) {
        self.restarted = true;
    }
}

/// A message, its header read where it has one.
enum Message {
    Extension(FrameHeader, zmq::Message),
    Version1(zmq::Message),
}

impl Subscription {
    /// Subscribes.
    pub fn new(context: &Context, kinect: &Arc<str>, stream: Stream, wire: Wire, endpoint: Endpoint, numbers: Numbers) -> Result<Self> {
        let socket = open(context, &endpoint)?;
        Ok(Self {
            kinect: Arc::clone(kinect),
            stream,
            endpoint,
            wire,
            socket,
            numbers,
            last_arrival: Instant::now(),
            quiet_at: None,
            told: Vec::new(),
        })
    }

    /// Whether it is the one for this source.
    pub fn is_for(&self, kinect: &str, stream: Stream, wire: Wire, endpoint: &Endpoint) -> bool {
        *self.kinect == *kinect && self.stream == stream && self.wire == wire && self.endpoint == *endpoint
    }

    /// Which enabling of the stream it serves: with another, its numbering begins anew.
    pub fn serve(&mut self, enabled: u64) {
        if self.numbers.enabled != 0 && self.numbers.enabled != enabled {
            self.numbers = Numbers::default();
        }
        self.numbers.enabled = enabled;
    }

    /// Which enabling it serves.
    pub fn enabled(&self) -> u64 {
        self.numbers.enabled
    }

    /// Where its numbering stands.
    pub fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// Opens the socket anew; what waited in the old one is gone.
    pub fn reopen(&mut self, context: &Context) -> Result<()> {
        self.socket = open(context, &self.endpoint)?;
        self.last_arrival = Instant::now();
        self.quiet_at = None;
        Ok(())
    }

    /// The socket, to wait for.
    pub fn socket(&self) -> &Watched {
        &self.socket
    }

    /// How long nothing has come.
    pub fn silence(&self) -> Duration {
        self.last_arrival.elapsed()
    }

    /// The server says that its newest frame is this one. Whether frames are made that do not arrive, so that the socket must be opened
    /// anew; otherwise the device is just quiet.
    pub fn misses(&mut self, sequence: Option<u64>) -> bool {
        let (Some(sequence), true) = (sequence, self.silence() >= Duration::from_secs(1)) else {
            self.quiet_at = None;
            return false;
        };
        match self.quiet_at.replace(sequence) {
            Some(before) => sequence != before,
            // At the first look: are there newer ones than the last that came?
            None => self.numbers.newest.is_some_and(|(_, newest)| sequence > newest.saturating_add(1)),
        }
    }

    /// Whether a connection was lost since the last call.
    pub fn lost_connection(&mut self) -> bool {
        self.socket.has_events() && self.socket.lost_connection()
    }

    /// Reads all that has come and decodes the newest; `trouble` gets what the owner should know of, each kind once.
    pub fn receive(&mut self, clock: &ClockRelation, trouble: &mut Vec<Error>) -> Result<Option<Arrival>> {
        if !self.socket.has_messages() {
            return Ok(None);
        }
        let mut arrival = Arrival::default();
        let mut newest = None;
        let mut any = false;
        while let Some((message, bytes)) = self.next_message()? {
            any = true;
            arrival.bytes += bytes;
            match message {
                Ok(message) => {
                    self.number(&message, &mut arrival);
                    newest = Some(message);
                }
                Err(error) => self.complain(error, &mut arrival, trouble),
            }
        }
        if !any {
            return Ok(None);
        }
        self.last_arrival = Instant::now();
        self.quiet_at = None;
        if let Some(message) = newest {
            let began = Instant::now();
            let decoded = self.decode(message, clock);
            arrival.decode_time_ns = began.elapsed().as_nanos() as u64;
            match decoded {
                Ok(frame) => {
                    self.numbers.restarted = false;
                    arrival.frame = Some(frame);
                }
                Err(error) => {
                    arrival.received -= 1;
                    self.complain(error, &mut arrival, trouble);
                }
            }
        }
        Ok(Some(arrival))
    }

    fn complain(&mut self, error: Error, arrival: &mut Arrival, trouble: &mut Vec<Error>) {
        arrival.corrupt += 1;
        let error = Error::new(error.kind, format!("kinect {}, stream {}: {error}", self.kinect, self.stream));
        if !self.told.contains(&error) && self.told.len() < 16 {
            self.told.push(error.clone());
            trouble.push(error);
        }
    }

    /// The next message and its bytes. An error inside is the message's, one outside the socket's.
    fn next_message(&mut self) -> Result<Option<(Result<Message>, u64)>> {
        let Some(first) = transport::receive(self.socket.socket())? else { return Ok(None) };
        let mut bytes = first.len() as u64;
        let mut parts = 1;
        let mut second = None;
        let mut more = first.get_more();
        while more {
            let Some(part) = transport::receive(self.socket.socket())? else { break };
            more = part.get_more();
            bytes += part.len() as u64;
            parts += 1;
            if parts == 2 {
                second = Some(part);
            }
        }
        let message = match (self.wire, second, parts) {
            (Wire::Version1, None, 1) => Ok(Message::Version1(first)),
            (Wire::Extension, Some(payload), 2) => self.check(&first, &payload).map(|header| Message::Extension(header, payload)),
            _ => Err(Error::corrupt("a message of another number of parts than a frame has")),
        };
        Ok(Some((message, bytes)))
    }

    fn check(&self, header: &[u8], payload: &[u8]) -> Result<FrameHeader> {
        let header = FrameHeader::decode(header)?;
        header.check_payload(payload)?;
        if header.stream != self.stream {
            return Err(Error::corrupt(format!("a frame of the {} stream", header.stream)));
        }
        Ok(header)
    }

    /// Counts the frame and what is missing before it.
    fn number(&mut self, message: &Message, arrival: &mut Arrival) {
        arrival.received += 1;
        let (session, sequence) = match message {
            Message::Extension(header, _) => (header.session, header.sequence),
            // No number is in it: they are counted here.
            Message::Version1(_) => (0, self.numbers.newest.map_or(0, |(_, newest)| newest.wrapping_add(1))),
        };
        match self.numbers.newest {
            Some((known, newest)) if known == session && sequence >= newest => {
                arrival.lost = arrival.lost.saturating_add((sequence - newest).saturating_sub(1));
            }
            Some(_) => self.numbers.restarted = true,
            None => {}
        }
        self.numbers.newest = Some((session, sequence));
    }

    fn decode(&self, message: Message, clock: &ClockRelation) -> Result<Frame> {
        let receive_time_ns = system::monotonic_ns();
        let (mut info, codec, payload) = match message {
            Message::Extension(header, payload) => (extension_info(&header, clock), header.codec, payload),
            Message::Version1(payload) => (version1_info(self.numbers.newest), Codec::Lz4Packed, payload),
        };
        info.receive_time_ns = receive_time_ns;
        if self.numbers.restarted {
            info.flags |= FrameFlags::RESTARTED;
        }
        let mut pixels = PixelBuffer::new(info.width as usize * info.height as usize * 2);
        let image = ImageMut::new(bytemuck::cast_slice_mut(&mut pixels), info.width, info.height)?;
        codec::find_for(codec, self.stream)?.decode(&payload, image).map_err(|e| Error::new(ErrorKind::Corrupt, e.message))?;
        Ok(Frame::new(info, Some(Arc::clone(&self.kinect)), Pixels::Owned(pixels)))
    }
}

fn extension_info(header: &FrameHeader, clock: &ClockRelation) -> FrameInfo {
    let local = clock.to_local(header.capture_ns);
    FrameInfo {
        stream: header.stream,
        format: header.format,
        width: header.width,
        height: header.height,
        stride_bytes: header.width * 2,
        codec: header.codec,
        flags: header.flags,
        sequence: header.sequence,
        capture_time_ns: header.capture_ns,
        capture_time_local_ns: local.map_or(0, |local| local.ns),
        clock_error_ns: local.map_or(0, |local| local.error_ns),
        capture_unix_ns: header.capture_unix_ns,
        device_time_ns: header.device_time_ns,
        receive_time_ns: 0,
    }
}

/// A message of version 1 says nothing of itself: what is not known is 0.
fn version1_info(newest: Option<(u64, u64)>) -> FrameInfo {
    let (width, height) = DEFAULT_SIZE;
    FrameInfo {
        stream: Stream::Depth,
        format: PixelFormat::DepthMm16,
        width,
        height,
        stride_bytes: width * 2,
        codec: Codec::Lz4Packed,
        // Whether the sender had values over 12 bits cannot be seen.
        flags: FrameFlags::LOSSY,
        sequence: newest.map_or(0, |(_, sequence)| sequence),
        capture_time_ns: 0,
        capture_time_local_ns: 0,
        clock_error_ns: 0,
        capture_unix_ns: 0,
        device_time_ns: 0,
        receive_time_ns: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::context;

    /// Numbers that were put away while the stream was disabled and enabled again.
    #[test]
    fn numbering_goes_on_only_for_the_enabling_that_it_is_of() {
        let numbers = Numbers { enabled: 3, newest: Some((7, 100)), restarted: false };
        for (enabled, newest) in [(3, Some((7, 100))), (4, None)] {
            let endpoint = "tcp://127.0.0.1:9".parse().unwrap();
            let mut subscription =
                Subscription::new(&context(), &"kinect".into(), Stream::Depth, Wire::Extension, endpoint, numbers).unwrap();
            subscription.serve(enabled);
            assert_eq!(subscription.numbers().newest, newest);
            assert_eq!(subscription.enabled(), enabled);
        }
    }
}
