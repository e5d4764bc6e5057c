//! Frames through the library: push devices in a server, a client with a callback.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use parking_lot::Mutex;
use streamkinect2::client::{Client, ClientOptions};
use streamkinect2::codec::options::EncodeOptions;
use streamkinect2::device::Device;
use streamkinect2::frame::{Codec, Frame, NewFrame, PixelFormat, Stream, StreamInfo, Streams};
use streamkinect2::protocol::endpoint::EndpointKind;
use streamkinect2::server::{Server, ServerOptions};
use streamkinect2::system;

use crate::Outcome;
use crate::parts::Parts;
use crate::pictures::Pictures;
use crate::player::Log;
use crate::words::{Arrival, Done, Opened};

pub struct Sender {
    server: Server,
    devices: Vec<Source>,
}

/// A device with what was done to its last frame.
struct Source {
    device: Device,
    copy_ns: u64,
    encoded: u64,
    encode_time_ns: u64,
}

impl Sender {
    pub fn new(devices: usize, encoding: EncodeOptions, frame_rate: f64, pictures: &Pictures) -> Outcome<Self> {
        let address = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let server = Server::new(ServerOptions { announce: false, address, ..Default::default() })?;
        server.set_encoding(None, Streams::DEPTH, Some(encoding))?;
        let make = |number| -> Outcome<Source> {
            let device = Device::push_device(Some(&format!("measured-{number}")))?;
            let (stream, format, codec) = (Stream::Depth, PixelFormat::DepthMm16, Codec::Raw);
            let (width, height) = (pictures.width, pictures.height);
            device.declare_stream(StreamInfo { stream, format, codec, width, height, frame_rate })?;
            server.add_kinect(&device)?;
            device.start()?;
            Ok(Source { device, copy_ns: 0, encoded: 0, encode_time_ns: 0 })
        };
        let devices = (0..devices).map(make).collect::<Outcome<_>>()?;
        server.start()?;
        Ok(Self { server, devices })
    }
}

impl crate::player::Sender for Sender {
    fn places(&self) -> Outcome<Vec<String>> {
        Ok(vec![self.server.endpoint(None, EndpointKind::Control)?])
    }

    fn send(&mut self, device: usize, number: u64, pictures: &Pictures) -> Outcome<()> {
        let began = system::monotonic_ns();
        let new = NewFrame {
            stream: Stream::Depth,
            format: PixelFormat::DepthMm16,
            width: pictures.width,
            height: pictures.height,
            stride_bytes: 0,
            capture_time_ns: began,
            device_time_ns: 0,
        };
        // What `Device::push` does, in two steps, to see how long the first takes.
        let frame = Frame::copy_of(new, bytemuck::cast_slice(pictures.of(number)))?;
        let source = &mut self.devices[device];
        source.copy_ns = system::monotonic_ns() - began;
        Ok(source.device.push_frame(&frame)?)
    }

    fn done(&mut self, device: usize, sequence: u64) -> Outcome<Option<Done>> {
        let source = &mut self.devices[device];
        let stats = self.server.stats(source.device.id(), Stream::Depth)?;
        let frames = stats.encoded - source.encoded;
        let done = Done { sequence, copy_ns: source.copy_ns, encode_ns: stats.encode_time_ns - source.encode_time_ns };
        (source.encoded, source.encode_time_ns) = (stats.encoded, stats.encode_time_ns);
        Ok((frames == 1).then_some(done))
    }
}

/// Puts what comes into `log`, until the client is dropped.
pub fn receive(places: &[String], parts: Option<Parts>, log: &Log) -> Outcome<Client> {
    let place = places.first().ok_or("no endpoint to connect to")?;
    let client = Client::new(Some(place), ClientOptions::default())?;
    let log = Arc::clone(log);
    let parts = Mutex::new(parts);
    let (itself, decoded) = (client.clone(), Mutex::new(BTreeMap::new()));
    client.on_depth_frame(Some(Arc::new(move |kinect: &str, frame: &Frame| {
        let now = system::monotonic_ns();
        let info = frame.info();
        // Both processes read the same clock.
        let latency_ns = now.saturating_sub(info.capture_time_ns);
        let opened = parts.lock().as_mut().and_then(|parts| {
            // Decoding took what it took then, with caches as they were; only the checksum is done once more.
            let total = itself.stats(kinect, Stream::Depth).ok()?.decode_time_ns;
            let before = decoded.lock().insert(kinect.to_owned(), total).unwrap_or(0);
            let again = parts.open_encoded(&frame.values16()).ok()?;
            Some(Opened { decode_ns: total - before, ..again })
        });
        log.lock().push(Arrival { sequence: info.sequence, latency_ns, opened });
    })))?;
    client.enable_stream(None, Streams::DEPTH, None)?;
    client.connect()?;
    Ok(client)
}
