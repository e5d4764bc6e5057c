use super::*;
use crate::transport::{bind, context};

fn depth(frame_rate: f64) -> StreamInfo {
    StreamInfo { stream: Stream::Depth, format: PixelFormat::DepthMm16, codec: Codec::Raw, width: 1, height: 1, frame_rate }
}

/// Numbers that were put away while the stream was disabled and enabled again.
#[test]
fn numbering_goes_on_only_for_the_enabling_that_it_is_of() {
    let numbers = Numbers { enabled: 3, newest: Some((7, 100)), restarted: false };
    for (enabled, newest) in [(3, Some((7, 100))), (4, None)] {
        let endpoint = "tcp://127.0.0.1:9".parse().unwrap();
        let mut subscription = Subscription::new(&context(), &"kinect".into(), &depth(30.0), Wire::Extension, endpoint, numbers).unwrap();
        subscription.serve(enabled);
        assert_eq!(subscription.numbers().newest, newest);
        assert_eq!(subscription.enabled(), enabled);
    }
}

fn send(socket: &zmq::Socket, session: u64, sequence: u64) {
    let (info, payload) = (version1_info(None), [1, 0]);
    let header = FrameHeader {
        stream: info.stream,
        format: info.format,
        codec: Codec::Raw,
        width: 1,
        height: 1,
        uncompressed_size: 2,
        sequence,
        capture_ns: 0,
        capture_unix_ns: 0,
        device_time_ns: 0,
        payload_size: 0,
        payload_crc: 0,
        session,
        flags: FrameFlags::empty(),
    };
    socket.send_multipart([&header.with_payload(&payload).encode()[..], &payload], 0).unwrap();
}

/// What a client gets that looks when `messages` have come: sequence numbers and whether a restart is told, and the sums.
fn received(frame_rate: f64, messages: &[(u64, u64)]) -> (Vec<(u64, bool)>, u64, u64) {
    let context = context();
    let sender = Watched::new(&context, Role::FrameSender).unwrap();
    sender.socket().set_sndhwm(100).unwrap();
    let port = bind(sender.socket(), Some(std::net::Ipv4Addr::LOCALHOST.into()), 0).unwrap().port;
    let endpoint = format!("tcp://127.0.0.1:{port}").parse().unwrap();
    let id = "kinect".into();
    let mut subscription = Subscription::new(&context, &id, &depth(frame_rate), Wire::Extension, endpoint, Numbers::default()).unwrap();
    subscription.socket.socket().set_rcvtimeo(5000).unwrap();
    sender.socket().set_rcvtimeo(5000).unwrap();
    assert_eq!(sender.socket().recv_bytes(0).unwrap(), [1], "nobody subscribed");
    for &(session, sequence) in messages {
        send(sender.socket(), session, sequence);
    }
    // As many as there are room for wait in the two sockets, the rest between them.
    std::thread::sleep(Duration::from_millis(200));
    let (mut got, mut count, mut lost) = (vec![], 0, 0);
    let mut trouble = vec![];
    let began = Instant::now();
    while count < messages.len() as u64 && began.elapsed() < Duration::from_secs(5) {
        let put = |arrival: Arrival| {
            got.extend(arrival.frame.map(|frame| (frame.info().sequence, frame.info().flags.contains(FrameFlags::RESTARTED))));
            count += arrival.received;
            lost += arrival.lost;
        };
        subscription.receive(&ClockRelation::default(), &mut trouble, put).unwrap();
    }
    assert!(trouble.is_empty(), "{trouble:?}");
    (got, count, lost)
}

#[test]
fn of_a_sensor_the_newest_that_has_come_is_decoded_and_all_are_counted() {
    let (got, count, lost) = received(30.0, &[(7, 0), (7, 1), (7, 4), (7, 5)]);
    assert_eq!((got.last(), count, lost), (Some(&(5, false)), 4, 2));
    assert!(got.len() < 4, "{got:?}");
}

#[test]
fn of_a_fast_source_all_that_have_come_are_decoded_but_none_of_before_a_restart() {
    let (got, count, lost) = received(1000.0, &[(7, 0), (7, 1), (7, 2), (7, 5)]);
    assert_eq!((got, count, lost), (vec![(0, false), (1, false), (2, false), (5, false)], 4, 2));
    // A device of the same name that was started meanwhile, and the first frame of which was lost, may be at the same number.
    let (got, count, lost) = received(1000.0, &[(7, 3), (7, 3), (7, 4)]);
    assert_eq!((&got[got.len() - 2..], count, lost), (&[(3, true), (4, false)][..], 3, 0));
    let (got, count, lost) = received(1000.0, &[(7, 8), (9, 0), (9, 1)]);
    assert_eq!((&got[got.len() - 2..], count, lost), (&[(0, true), (1, false)][..], 3, 0));
}
