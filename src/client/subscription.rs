//! One enabled stream of one kinect: its socket, and the way from a message to a decoded frame.

use std::sync::Arc;
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use super::clock::ClockRelation;
use super::slots::Arrival;
use crate::buffer::PixelBuffer;
use crate::codec::{self, ImageMut};
use crate::device::DEFAULT_SIZE;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Codec, Frame, FrameFlags, FrameInfo, PixelFormat, Pixels, Stream, StreamInfo};
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
    /// Messages of the stream that are decoded where more come together: the newest so many.
    queue: usize,
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

/// Messages that came together. Rarely more than these, so that nothing is allocated.
type Batch = SmallVec<[Message; 4]>;

/// A message, its header read where it has one.
enum Message {
    Extension(FrameHeader, zmq::Message),
    Version1(zmq::Message),
}

impl Subscription {
    /// Subscribes.
    pub fn new(context: &Context, kinect: &Arc<str>, info: &StreamInfo, wire: Wire, endpoint: Endpoint, numbers: Numbers) -> Result<Self> {
        let socket = open(context, &endpoint)?;
        Ok(Self {
            kinect: Arc::clone(kinect),
            stream: info.stream,
            endpoint,
            wire,
            socket,
            numbers,
            queue: info.queue(),
            last_arrival: Instant::now(),
            quiet_at: None,
            told: Vec::new(),
        })
    }

    /// Whether it is the one for this source.
    pub fn is_for(&self, kinect: &str, stream: Stream, wire: Wire, endpoint: &Endpoint) -> bool {
        *self.kinect == *kinect && self.stream == stream && self.wire == wire && self.endpoint == *endpoint
    }

    /// The server says what the stream is now.
    pub fn expect(&mut self, info: &StreamInfo) {
        self.queue = info.queue();
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

    /// Reads all that has come, decodes the newest (of a fast stream some more) and gives `put` each as it is decoded; `trouble` gets what
    /// the owner should know of, each kind once.
    pub fn receive(&mut self, clock: &ClockRelation, trouble: &mut Vec<Error>, mut put: impl FnMut(Arrival)) -> Result<()> {
        if !self.socket.has_messages() {
            return Ok(());
        }
        let (mut arrival, mut batch) = (Arrival::default(), Batch::new());
        while let Some((message, bytes)) = self.next_message()? {
            arrival.bytes += bytes;
            match message {
                Ok(message) => self.enqueue(message, &mut batch, &mut arrival),
                Err(error) => self.complain(error, &mut arrival, trouble),
            }
        }
        if arrival.received + arrival.corrupt == 0 {
            return Ok(());
        }
        self.last_arrival = Instant::now();
        self.quiet_at = None;
        // Each is counted when it is put.
        arrival.received -= batch.len() as u64;
        for message in batch {
            let began = Instant::now();
            let decoded = self.decode(message, clock);
            arrival.decode_time_ns = began.elapsed().as_nanos() as u64;
            match decoded {
                Ok(frame) => {
                    self.numbers.restarted = false;
                    arrival.received += 1;
                    arrival.frame = Some(frame);
                }
                Err(error) => self.complain(error, &mut arrival, trouble),
            }
            put(std::mem::take(&mut arrival));
        }
        if arrival.corrupt > 0 {
            put(arrival);
        }
        Ok(())
    }

    /// Numbers a message and keeps it for the decoder, in place of the oldest where too many wait.
    fn enqueue(&mut self, message: Message, batch: &mut Batch, arrival: &mut Arrival) {
        if self.number(&message, arrival) {
            batch.clear(); // of what was before the restart
        }
        if batch.len() >= self.queue {
            batch.remove(0);
        }
        batch.push(message);
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

    /// Counts the frame and what is missing before it; whether something new begins with it.
    fn number(&mut self, message: &Message, arrival: &mut Arrival) -> bool {
        arrival.received += 1;
        let (session, sequence) = match message {
            Message::Extension(header, _) => (header.session, header.sequence),
            // No number is in it: they are counted here.
            Message::Version1(_) => (0, self.numbers.newest.map_or(0, |(_, newest)| newest.wrapping_add(1))),
        };
        let restarts = match self.numbers.newest {
            Some((known, newest)) if known == session && sequence > newest => {
                arrival.lost = arrival.lost.saturating_add(sequence - newest - 1);
                false
            }
            Some(_) => true,
            None => false,
        };
        self.numbers.restarted |= restarts;
        self.numbers.newest = Some((session, sequence));
        restarts
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
#[path = "subscription_tests.rs"]
mod tests;
