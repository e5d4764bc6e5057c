//! Frames through the library: push devices in a server, a client with a callback.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use streamkinect2::client::{Client, ClientOptions};
use streamkinect2::codec::options::EncodeOptions;
use streamkinect2::device::Device;
use streamkinect2::frame::{Codec, Frame, NewFrame, PixelFormat, Stream, StreamInfo, Streams};
use streamkinect2::protocol::endpoint::EndpointKind;
use streamkinect2::server::{Server, ServerOptions};
use streamkinect2::system;

use crate::Outcome;
use crate::pictures::Pictures;
use crate::player::{Encoded, Log};
use crate::words::Arrival;

/// What is declared, so that the client expects as much.
const FRAME_RATE: f64 = 30.0;

pub struct Sender {
    server: Server,
    devices: Vec<Device>,
}

impl Sender {
    pub fn new(devices: usize, codec: Codec, pictures: &Pictures) -> Outcome<Self> {
        let address = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let server = Server::new(ServerOptions { announce: false, address, ..Default::default() })?;
        server.set_encoding(None, Streams::DEPTH, Some(EncodeOptions { codec, ..Default::default() }))?;
        let make = |number| -> Outcome<Device> {
            let device = Device::push_device(Some(&format!("measured-{number}")))?;
            let (stream, format, codec) = (Stream::Depth, PixelFormat::DepthMm16, Codec::Raw);
            let (width, height, frame_rate) = (pictures.width, pictures.height, FRAME_RATE);
            device.declare_stream(StreamInfo { stream, format, codec, width, height, frame_rate })?;
            server.add_kinect(&device)?;
            device.start()?;
            Ok(device)
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

    fn send(&mut self, device: usize, number: u64, pictures: &Pictures) -> Outcome<u64> {
        let new = NewFrame {
            stream: Stream::Depth,
            format: PixelFormat::DepthMm16,
            width: pictures.width,
            height: pictures.height,
            stride_bytes: 0,
            capture_time_ns: system::monotonic_ns(),
            device_time_ns: 0,
        };
        self.devices[device].push(new, bytemuck::cast_slice(pictures.of(number)))?;
        Ok(0) // the server knows
    }

    fn encoded(&self) -> Outcome<Option<Encoded>> {
        let mut sum = Encoded::default();
        for device in &self.devices {
            let stats = self.server.stats(device.id(), Stream::Depth)?;
            sum.frames += stats.encoded;
            sum.time_ns += stats.encode_time_ns;
            sum.bytes += stats.bytes;
        }
        Ok(Some(sum))
    }
}

/// Puts what comes into `log`, until the client is dropped.
pub fn receive(places: &[String], log: &Log) -> Outcome<Client> {
    let place = places.first().ok_or("no endpoint to connect to")?;
    let client = Client::new(Some(place), ClientOptions::default())?;
    let log = Arc::clone(log);
    client.on_depth_frame(Some(Arc::new(move |_: &str, frame: &Frame| {
        let now = system::monotonic_ns();
        let info = frame.info();
        // Both processes read the same clock.
        log.lock().push(Arrival { sequence: info.sequence, latency_ns: now.saturating_sub(info.capture_time_ns) });
    })))?;
    client.enable_stream(None, Streams::DEPTH, None)?;
    client.connect()?;
    Ok(client)
}
