//! Peers that do not keep to the protocol, and servers that are known by a host name only. `tests/interop` has more of them; these run
//! where sanitizers watch.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use streamkinect2::client::{Client, ClientOptions};
use streamkinect2::codec::options::EncodeOptions;
use streamkinect2::codec::{Image, find};
use streamkinect2::device::Device;
use streamkinect2::dispatch::{Event, EventKind, Patience, Polled};
use streamkinect2::error::{ErrorKind, Outcome};
use streamkinect2::frame::{Codec, FrameFlags, NewFrame, PixelFormat, Stream, Streams};
use streamkinect2::protocol::control::{self, BadRequest, Frames, Reply, parse_reply};
use streamkinect2::protocol::endpoint::{Endpoint, EndpointKind};
use streamkinect2::protocol::header::FrameHeader;
use streamkinect2::protocol::me::{DeviceRecord, Me, StreamRecord};
use streamkinect2::server::{Server, ServerOptions};

const PATIENCE: Duration = Duration::from_secs(10);
const KINECT: &str = "strange";

fn impatient() -> ClientOptions {
    ClientOptions { heartbeat_period: Duration::from_millis(20), response_timeout: Duration::from_secs(3), ..Default::default() }
}

/// A control port that gives these answers to whatever is asked, the last one again and again.
struct Answers {
    endpoint: Endpoint,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Answers {
    fn new(context: &zmq::Context, answers: Vec<Frames>) -> Self {
        let socket = context.socket(zmq::REP).unwrap();
        let endpoint = bind(&socket);
        socket.set_rcvtimeo(50).unwrap();
        let ending = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let ending = Arc::clone(&ending);
            move || {
                let mut left = answers.iter();
                while !ending.load(Ordering::Relaxed) {
                    if socket.recv_multipart(0).is_ok() {
                        let answer = left.next().or(answers.last()).unwrap();
                        socket.send_multipart(answer, 0).unwrap();
                    }
                }
            }
        });
        Self { endpoint, ending, thread: Some(thread) }
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn bind(socket: &zmq::Socket) -> Endpoint {
    socket.set_linger(0).unwrap();
    socket.bind("tcp://127.0.0.1:*").unwrap();
    Endpoint::parse(&socket.get_last_endpoint().unwrap().unwrap()).unwrap()
}

/// A `me` with one kinect whose depth comes from there.
fn me(frames: &Endpoint) -> Frames {
    let stream = StreamRecord { stream: Stream::Depth, width: 2, height: 2, format: 1, codec: 3, rate: 30.0, sequence: None };
    let endpoints = [(EndpointKind::FramesDepth, frames.clone())].into();
    let device = DeviceRecord { id: KINECT.into(), endpoints, streams: vec![stream], ..Default::default() };
    let endpoints = [(EndpointKind::Control, Endpoint::parse("tcp://127.0.0.1:1").unwrap())].into();
    let me = Me { name: "Strange".into(), endpoints, session: Some(7), devices: vec![device], ..Default::default() };
    control::me(me.to_json().unwrap())
}

/// Events up to the first of this kind, which is the last of them.
fn until(client: &Client, kind: EventKind) -> Vec<Event> {
    let mut events = Vec::new();
    while let Polled::Ready(event) = client.next_event(Patience::For(PATIENCE)) {
        let found = event.kind == kind;
        events.push(event);
        if found {
            return events;
        }
    }
    panic!("{kind:?} did not come, but {events:?}");
}

#[test]
fn what_is_no_answer_is_told_and_the_client_goes_on_asking() {
    let context = zmq::Context::new();
    let bad = control::error(&BadRequest { reason: "out of order".into() });
    let answers = vec![
        bad,
        control::pong(),
        control::me(r#"{"version": 2}"#.into()),
        control::me("{".into()),
        vec![vec![9]],
        me(&Endpoint::parse("tcp://127.0.0.1:1").unwrap()),
    ];
    let server = Answers::new(&context, answers);
    let client = Client::new(Some(&server.endpoint.to_string()), impatient()).unwrap();
    client.connect().unwrap();
    let events = until(&client, EventKind::Connect);
    // An error and another version are no news of a fault; the rest breaks the protocol.
    let errors: Vec<&Event> = events.iter().filter(|event| event.kind == EventKind::Error).collect();
    assert!(errors.iter().all(|event| event.outcome == Outcome::Failed(ErrorKind::Protocol)), "{errors:?}");
    let texts: Vec<&str> = errors.iter().map(|event| event.text.as_str()).collect();
    assert!(texts.len() == 3 && texts[0].contains("pong") && texts[1].contains("JSON") && texts[2].contains("0x09"), "{texts:?}");
    assert_eq!(client.server_name().unwrap(), "Strange");
    client.destroy();
}

#[test]
fn the_end_of_trying_says_what_came_instead_of_an_answer() {
    let context = zmq::Context::new();
    let server = Answers::new(&context, vec![control::me(r#"{"version": 2}"#.into())]);
    let options = ClientOptions { response_timeout: Duration::from_millis(500), reconnect: false, ..impatient() };
    let client = Client::new(Some(&server.endpoint.to_string()), options).unwrap();
    let (ended, result) = mpsc::channel();
    client.connect().unwrap();
    client.ping(Some(Box::new(move |outcome, _| ended.send(outcome).unwrap_or(())))).unwrap();
    let lost = until(&client, EventKind::Disconnect).pop().unwrap();
    assert_eq!(lost.outcome, Outcome::Timeout);
    assert!(lost.text.contains("version 2"), "{}", lost.text);
    // A me is no pong.
    assert_eq!(result.recv_timeout(PATIENCE).unwrap(), Outcome::Failed(ErrorKind::Protocol));
    client.destroy();
}

/// A frame message of 2 x 2 pixels with this change of its header.
fn frame(sequence: u64, change: impl FnOnce(&mut FrameHeader)) -> Frames {
    let mut payload = vec![0; 64];
    let pixels = [1000, 1001, 0, 1002];
    let encoded = find(Codec::Rvl).unwrap().encode(Image::new(&pixels, 2, 2).unwrap(), &EncodeOptions::default(), &mut payload).unwrap();
    payload.truncate(encoded.size);
    let mut header = FrameHeader {
        stream: Stream::Depth,
        format: PixelFormat::DepthMm16,
        codec: Codec::Rvl,
        width: 2,
        height: 2,
        uncompressed_size: 8,
        sequence,
        capture_ns: 1,
        capture_unix_ns: 1,
        device_time_ns: 0,
        payload_size: 0,
        payload_crc: 0,
        session: 7,
        flags: FrameFlags::empty(),
    }
    .with_payload(&payload);
    change(&mut header);
    vec![header.encode().to_vec(), payload]
}

#[test]
fn frames_that_are_none_are_counted_told_once_and_passed_over() {
    let context = zmq::Context::new();
    let frames = context.socket(zmq::XPUB).unwrap();
    let endpoint = bind(&frames);
    let server = Answers::new(&context, vec![me(&endpoint)]);
    let client = Client::new(Some(&server.endpoint.to_string()), impatient()).unwrap();
    client.enable_stream(None, Streams::DEPTH, None).unwrap();
    client.connect().unwrap();
    frames.set_rcvtimeo(PATIENCE.as_millis() as i32).unwrap();
    assert_eq!(frames.recv_bytes(0).unwrap(), [1], "the client subscribes");

    let cut = |mut message: Frames| {
        message[1].truncate(1);
        message
    };
    let strange = [
        vec![b"one part".to_vec()],
        vec![b"not a header".to_vec(), b"payload".to_vec()],
        [frame(0, |_| ()), vec![b"a third part".to_vec()]].concat(),
        cut(frame(0, |_| ())),
        frame(0, |header| header.payload_crc ^= 1),
        frame(0, |header| (header.stream, header.format) = (Stream::Infrared, PixelFormat::Infrared16)),
        frame(0, |header| (header.width, header.height) = (1, 4)), // of the right number of pixels
        frame(0, |header| header.codec = Codec::Lz4Packed),
        frame(0, |header| header.codec = Codec::Jpeg),
        frame(0, |header| (header.width, header.uncompressed_size) = (4, 16)),
    ];
    for message in strange.iter().chain(&strange) {
        frames.send_multipart(message, 0).unwrap();
        // Of those that come together only the newest is decoded.
        std::thread::sleep(Duration::from_millis(30));
    }
    frames.send_multipart(frame(41, |_| ()), 0).unwrap();
    let end = Instant::now() + PATIENCE;
    let newest = loop {
        assert!(Instant::now() < end, "the sound frame did not come");
        if let Polled::Ready(frame) = client.take_frame(None, Streams::DEPTH, Patience::For(PATIENCE)).unwrap()
            && frame.info().sequence == 41
        {
            break frame;
        }
    };
    assert_eq!(*newest.values16(), [1000, 1001, 0, 1002]);
    let stats = client.stats(KINECT, Stream::Depth).unwrap();
    // Two of 1 x 4 pixels and the last one are frames. Of the others a third must be decoded to be found out, and those are not that
    // come with a newer one.
    assert!((12..=18).contains(&stats.corrupt) && stats.received + stats.corrupt == 21, "{stats:?}");
    assert!(client.is_connected());

    let mut texts = Vec::new();
    while let Polled::Ready(event) = client.next_event(Patience::For(Duration::ZERO)) {
        if event.kind == EventKind::Error {
            texts.push(event.text);
        }
    }
    let all = texts.len();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), all, "each is told once");
    for reason in ["number of parts", "at least 96", "the payload has 1 bytes", "the payload's checksum", "a frame of the infrared stream"]
    {
        assert!(texts.iter().any(|text| text.contains(reason)), "{reason}: {texts:?}");
    }
    client.destroy();
}

/// A server that nobody finds, on loopback.
fn server() -> Server {
    let options = ServerOptions { announce: false, address: Some(std::net::Ipv4Addr::LOCALHOST.into()), ..Default::default() };
    let server = Server::new(options).unwrap();
    server.start().unwrap();
    server
}

#[test]
fn what_is_no_request_is_answered_with_a_reason_and_the_next_one_is_served() {
    let server = server();
    let context = zmq::Context::new();
    let client = context.socket(zmq::REQ).unwrap();
    client.set_linger(0).unwrap();
    client.set_rcvtimeo(PATIENCE.as_millis() as i32).unwrap();
    client.connect(&server.endpoint(None, EndpointKind::Control).unwrap()).unwrap();
    let ask = |frames: &[&[u8]]| {
        client.send_multipart(frames, 0).unwrap();
        client.recv_multipart(0).unwrap()
    };
    let many = vec![&b"part"[..]; 1000];
    for strange in [&[&[9][..]][..], &[&[1], b"{"], &[&[1], b"", b""], &[b""], &many] {
        let answer = ask(strange);
        let frames: Vec<&[u8]> = answer.iter().map(Vec::as_slice).collect();
        let Ok(Reply::Error { code: Some(400), .. }) = parse_reply(&frames) else { panic!("{answer:?}") };
        assert_eq!(ask(&[&[1]]), control::pong());
    }
    let answer = ask(&[&[3], b"{}"]);
    assert_eq!(Me::parse(std::str::from_utf8(&answer[1]).unwrap()).unwrap().me.devices, []);
    server.destroy();
}

/// LZ4_PACKED takes pairs of pixels, and only frames show how many there are.
#[test]
fn frames_that_the_codec_does_not_take_are_dropped_and_told_of_once() {
    let server = server();
    let device = Device::push_device(Some(KINECT)).unwrap();
    server.add_kinect(&device).unwrap();
    let packed = EncodeOptions { codec: Codec::Lz4Packed, ..Default::default() };
    server.set_encoding(None, Streams::DEPTH, Some(packed)).unwrap();
    device.start().unwrap();
    let client = Client::new(Some(&server.endpoint(None, EndpointKind::Control).unwrap()), impatient()).unwrap();
    client.enable_stream(None, Streams::DEPTH, None).unwrap();
    client.connect().unwrap();

    let push = |width: u32, height: u32| {
        let pixels = vec![7; (2 * width * height) as usize];
        let format = PixelFormat::DepthMm16;
        let new = NewFrame { stream: Stream::Depth, format, width, height, stride_bytes: 0, capture_time_ns: 0, device_time_ns: 0 };
        device.push(new, pixels.as_slice()).unwrap();
    };
    let until_there = |what: &str, enough: &dyn Fn() -> bool| {
        let end = Instant::now() + PATIENCE;
        while !enough() {
            assert!(Instant::now() < end, "{what}: {:?}", server.stats(KINECT, Stream::Depth));
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until_there("dropped", &|| {
        push(3, 3);
        server.stats(KINECT, Stream::Depth).unwrap().dropped >= 5
    });
    let mut errors = Vec::new();
    while let Polled::Ready(event) = server.next_event(Patience::For(Duration::ZERO)) {
        if event.kind == EventKind::Error {
            errors.push(event);
        }
    }
    assert!(errors.len() == 1 && errors[0].text.contains("3x3"), "{errors:?}");

    // An even number is taken, by the same encoder.
    until_there("received", &|| {
        push(4, 3);
        matches!(client.take_frame(None, Streams::DEPTH, Patience::For(Duration::ZERO)).unwrap(), Polled::Ready(_))
    });
    client.destroy();
    server.destroy();
}

#[test]
fn a_server_is_reached_by_a_host_name() {
    let server = server();
    let at: Endpoint = server.endpoint(None, EndpointKind::Control).unwrap().parse().unwrap();
    let client = Client::new(Some(&format!("tcp://localhost:{}", at.port)), impatient()).unwrap();
    client.connect().unwrap();
    until(&client, EventKind::Connect);
    assert_eq!(client.endpoint(None, EndpointKind::Control).unwrap(), at.to_string());
    client.destroy();
    server.destroy();
}

#[test]
fn a_host_name_behind_which_nobody_listens_is_an_end_that_says_so() {
    // Held and not listened on: connecting is refused.
    let held = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    held.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let port = held.local_addr().unwrap().as_socket().unwrap().port();
    let options = ClientOptions { response_timeout: Duration::from_secs(1), reconnect: false, ..impatient() };
    let client = Client::new(Some(&format!("tcp://localhost:{port}")), options).unwrap();
    client.connect().unwrap();
    let lost = until(&client, EventKind::Disconnect).pop().unwrap();
    assert_eq!(lost.outcome, Outcome::Timeout);
    assert!(lost.text.contains("localhost"), "{}", lost.text);
    client.destroy();
}
