//! From a device through a server and a client to user code, over a given endpoint on the loopback interface.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use streamkinect2::client::{Client, ClientOptions};
use streamkinect2::codec::options::EncodeOptions;
use streamkinect2::device::{Device, MockOptions, scene_frame};
use streamkinect2::dispatch::{Patience, Polled};
use streamkinect2::frame::{Codec, Frame, NewFrame, Stream, StreamInfo, Streams};
use streamkinect2::protocol::endpoint::EndpointKind;
use streamkinect2::server::{Server, ServerOptions};

const LOOPBACK: ServerOptions = ServerOptions {
    announce: false,
    discovery: streamkinect2::discovery::DiscoveryKind::Auto,
    port: 0,
    name: None,
    address: Some(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)),
    data_port: 0,
};

fn take(client: &Client) -> Frame {
    match client.take_frame(None, Streams::all(), Patience::For(Duration::from_secs(5))).unwrap() {
        Polled::Ready(frame) => frame,
        _ => panic!("no frame came"),
    }
}

#[test]
fn a_mock_device_calls_back() {
    let device = Device::mock(MockOptions { frame_rate: 200.0, ..Default::default() }).unwrap();
    let (frames, got) = mpsc::channel();
    device.on_frame(Some(Arc::new(move |frame: &Frame| frames.send(frame.clone()).unwrap_or(())))).unwrap();
    device.start().unwrap();
    let first = got.recv_timeout(Duration::from_secs(5)).unwrap();
    device.stop().unwrap();
    assert_eq!(first.kinect_id().map(|id| &**id), Some(device.id()));
    let pixels = first.values16();
    assert!((-100..=100).any(|dx| scene_frame(512, 424, dx) == *pixels));
}

#[test]
fn a_slow_callback_gets_every_stream_in_turn() {
    let device = Device::push_device(Some("slow")).unwrap();
    let (entered, calls) = mpsc::channel();
    let (permit, permits) = mpsc::channel::<()>();
    let permits = std::sync::Mutex::new(permits);
    let callback = move |frame: &Frame| {
        entered.send((frame.info().stream, frame.info().capture_time_ns)).unwrap_or(());
        permits.lock().unwrap().recv_timeout(Duration::from_secs(5)).unwrap_or(());
    };
    device.on_frame(Some(Arc::new(callback))).unwrap();
    device.start().unwrap();
    let push = |stream: Stream, capture_time_ns: u64| {
        let format = stream.format16().unwrap();
        let new = NewFrame { stream, format, width: 1, height: 1, stride_bytes: 0, capture_time_ns, device_time_ns: 0 };
        device.push(new, &[0, 0]).unwrap();
    };
    let next = || calls.recv_timeout(Duration::from_secs(5)).unwrap();
    push(Stream::Depth, 1);
    assert_eq!(next(), (Stream::Depth, 1));
    // A sensor's streams have the same times.
    for time in 1..=3 {
        push(Stream::Infrared, time);
        push(Stream::Depth, time + 1);
    }
    push(Stream::Infrared, 4);
    permit.send(()).unwrap();
    assert_eq!(next(), (Stream::Infrared, 4));
    permit.send(()).unwrap();
    assert_eq!(next(), (Stream::Depth, 4));
    permit.send(()).unwrap();
    device.stop().unwrap();
}

#[test]
fn frames_arrive_bit_exact_in_every_codec() {
    let server = Server::new(LOOPBACK).unwrap();
    let device = Device::push_device(Some("test")).unwrap();
    server.add_kinect(&device).unwrap();
    server.start().unwrap();
    device.start().unwrap();
    let endpoint = server.endpoint(None, EndpointKind::Control).unwrap();
    for (codec, stream) in [
        (Codec::Rvl, Stream::Depth),
        (Codec::Raw, Stream::Depth),
        (Codec::Lz4Packed, Stream::Depth),
        (Codec::Rvl, Stream::Infrared),
        (Codec::Raw, Stream::Infrared),
    ] {
        server.set_encoding(None, stream.into(), Some(EncodeOptions { codec, ..Default::default() })).unwrap();
        let client = Client::new(Some(&endpoint), ClientOptions::default()).unwrap();
        client.enable_stream(None, stream.into(), None).unwrap();
        client.connect().unwrap();
        let values: Vec<u16> = (0..512 * 424).map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 20) as u16).collect();
        let format = stream.format16().unwrap();
        let new = NewFrame { stream, format, width: 512, height: 424, stride_bytes: 0, capture_time_ns: 0, device_time_ns: 9 };
        let pusher = std::thread::spawn({
            let (device, values) = (device.clone(), values.clone());
            move || {
                for _ in 0..100 {
                    device.push(new, values.iter().flat_map(|v| v.to_ne_bytes()).collect::<Vec<u8>>().as_slice()).unwrap();
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
        });
        // What was being encoded when the encoding changed may still come.
        let frame = std::iter::repeat_with(|| take(&client)).find(|frame| frame.info().codec == codec).unwrap();
        assert_eq!(*frame.values16(), values, "{codec} {stream}");
        assert_eq!((frame.info().stream, frame.info().format), (stream, format));
        assert_eq!(frame.info().device_time_ns, 9);
        assert!(frame.info().receive_time_ns >= frame.info().capture_time_local_ns);
        pusher.join().unwrap();
        client.destroy();
    }
    server.destroy();
}

#[test]
fn nobody_listening_nothing_encoded() {
    let server = Server::new(LOOPBACK).unwrap();
    let device = Device::mock(MockOptions { frame_rate: 200.0, id: Some("quiet".into()), ..Default::default() }).unwrap();
    server.add_kinect(&device).unwrap();
    server.start().unwrap();
    device.start().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let stats = server.stats("quiet", Stream::Depth).unwrap();
    assert!(stats.frames_in > 10);
    assert_eq!((stats.encoded, stats.sent, stats.dropped), (0, 0, 0));
}

#[test]
fn a_burst_of_a_fast_source_is_encoded_whole() {
    let server = Server::new(LOOPBACK).unwrap();
    let device = Device::push_device(Some("fast")).unwrap();
    let (stream, format) = (Stream::Depth, Stream::Depth.format16().unwrap());
    let info = StreamInfo { stream, format, codec: Codec::Raw, width: 512, height: 424, frame_rate: 500.0 };
    device.declare_stream(info).unwrap();
    server.add_kinect(&device).unwrap();
    server.start().unwrap();
    device.start().unwrap();
    let client = Client::new(Some(&server.endpoint(None, EndpointKind::Control).unwrap()), ClientOptions::default()).unwrap();
    client.enable_stream(None, stream.into(), None).unwrap();
    client.connect().unwrap();
    let new = NewFrame { stream, format, width: 512, height: 424, stride_bytes: 0, capture_time_ns: 0, device_time_ns: 0 };
    let pixels: Vec<u8> = scene_frame(512, 424, 0).into_iter().flat_map(u16::to_ne_bytes).collect();
    while server.stats("fast", stream).unwrap().subscribers == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    for _ in 0..8 {
        device.push(new, &pixels).unwrap();
    }
    let began = std::time::Instant::now();
    while server.stats("fast", stream).unwrap().encoded < 8 {
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", server.stats("fast", stream).unwrap());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(server.stats("fast", stream).unwrap().dropped, 0);
    server.destroy();
}
