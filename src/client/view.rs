//! What a client knows of its server: as the last `me` said, while connected.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::frame::{Codec, PixelFormat, Stream, StreamInfo, Streams};
use crate::protocol::endpoint::EndpointKind;
use crate::protocol::me::{DeviceRecord, Endpoints, Me};

/// See the module.
#[derive(Debug, Default)]
pub struct View {
    /// The host wants a connection: connected, or trying.
    pub trying: bool,
    /// The server answers.
    pub connected: bool,
    /// The server's name, from its last answer on.
    pub server_name: Option<String>,
    /// The server's own endpoints.
    pub endpoints: Endpoints,
    /// Kinects in the order of their coming.
    pub kinects: Vec<KinectView>,
}

/// One kinect of the server.
#[derive(Debug, Clone, PartialEq)]
pub struct KinectView {
    /// Its id.
    pub id: Arc<str>,
    /// Its endpoints, as advertised.
    pub endpoints: Endpoints,
    /// The streams that it offers and that this library can receive, and the endpoint that each comes from.
    pub streams: Vec<(StreamInfo, EndpointKind)>,
}

impl View {
    /// The kinect with this id.
    pub fn kinect(&self, id: &str) -> Result<&KinectView> {
        self.kinects.iter().find(|kinect| *kinect.id == *id).ok_or_else(|| {
            let why = if self.connected { "the server has no such kinect" } else { "not connected" };
            Error::not_found(format!("no kinect \"{id}\": {why}"))
        })
    }
}

impl KinectView {
    /// From a record of a `me`.
    pub fn new(record: &DeviceRecord) -> Self {
        let offered = Stream::ALL.iter().filter_map(|stream| offer(record, *stream));
        Self { id: record.id.as_str().into(), endpoints: record.endpoints.clone(), streams: offered.collect() }
    }

    /// The streams that it offers, as a set.
    pub fn offers(&self) -> Streams {
        self.streams.iter().map(|(info, _)| Streams::from(info.stream)).collect()
    }

    /// What a stream is.
    pub fn stream(&self, stream: Stream) -> Result<&StreamInfo> {
        let offered = self.streams.iter().map(|(info, _)| info).find(|info| info.stream == stream);
        offered.ok_or_else(|| Error::unsupported(format!("kinect \"{}\" has no {stream} stream", self.id)))
    }
}

/// The extension's stream where it is described and has an endpoint, else that of version 1.
fn offer(record: &DeviceRecord, stream: Stream) -> Option<(StreamInfo, EndpointKind)> {
    let format = stream.format16()?; // colour is not received by this version
    let kind = EndpointKind::frames(stream);
    if let Some(said) = record.streams.iter().find(|said| said.stream == stream)
        && record.endpoints.contains_key(&kind)
    {
        let codec = Codec::from_number(said.codec).unwrap_or(Codec::Auto);
        let (width, height, frame_rate) = (said.width, said.height, said.rate);
        return Some((StreamInfo { stream, format, codec, width, height, frame_rate }, kind));
    }
    (stream == Stream::Depth && record.endpoints.contains_key(&EndpointKind::Depth)).then_some((VERSION_1, EndpointKind::Depth))
}

/// The only stream that peers of version 1 have.
const VERSION_1: StreamInfo = StreamInfo {
    stream: Stream::Depth,
    format: PixelFormat::DepthMm16,
    codec: Codec::Lz4Packed,
    width: crate::device::DEFAULT_SIZE.0,
    height: crate::device::DEFAULT_SIZE.1,
    frame_rate: 0.0,
};

/// What a `me` says, as kinects to compare with those that are known.
pub fn kinects(me: &Me) -> Vec<KinectView> {
    me.devices.iter().map(KinectView::new).collect()
}
