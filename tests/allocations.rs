//! In steady state a frame costs no heap allocation, neither where it is sent nor where it is received. (Not counted here are libzmq's
//! own, which is C++: four a frame with one subscriber, the memory of each of a message's two parts, where it is sent and where it is
//! received.)

use std::alloc::{GlobalAlloc, Layout, System};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use streamkinect2::client::{Client, ClientOptions};
use streamkinect2::codec::options::EncodeOptions;
use streamkinect2::device::{Device, scene_frame};
use streamkinect2::frame::{Codec, Frame, NewFrame, Stream, Streams};
use streamkinect2::protocol::endpoint::EndpointKind;
use streamkinect2::server::{Server, ServerOptions};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

#[allow(unsafe_code)] // a global allocator is
// SAFETY: the system's allocator, which keeps the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's contract is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the same.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's contract is the same.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Small, so that code without optimisation is quick, and the pauses of a second rare.
const WIDTH: u32 = 128;
const HEIGHT: u32 = 96;
const WARM_UP: usize = 50;
const WINDOWS: usize = 40;
const FRAMES: usize = 10;
const PATIENCE: Duration = Duration::from_secs(10);

/// Allocations of the whole process while some frames go through it, one after the other; many times. Once a second client and server
/// talk, which is not for a frame.
fn allocations_of(codec: Codec, stream: Stream) -> Vec<u64> {
    let options = ServerOptions { announce: false, address: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)), ..Default::default() };
    let server = Server::new(options).unwrap();
    let device = Device::push_device(Some("counted")).unwrap();
    server.add_kinect(&device).unwrap();
    server.set_encoding(None, stream.into(), Some(EncodeOptions { codec, ..Default::default() })).unwrap();
    server.start().unwrap();
    device.start().unwrap();
    let format = stream.format16().unwrap();
    let new = NewFrame { stream, format, width: WIDTH, height: HEIGHT, stride_bytes: 0, capture_time_ns: 0, device_time_ns: 0 };
    let pixels: Vec<u8> = scene_frame(WIDTH, HEIGHT, 0).into_iter().flat_map(u16::to_ne_bytes).collect();
    device.push(new, &pixels).unwrap(); // from now on the device has the stream

    let client = Client::new(Some(&server.endpoint(None, EndpointKind::Control).unwrap()), ClientOptions::default()).unwrap();
    let (arrived, arrivals) = mpsc::sync_channel(16);
    client.on_frame(Some(Arc::new(move |_: &str, frame: &Frame| arrived.send(frame.info().sequence).unwrap_or(())))).unwrap();
    client.enable_stream(None, Streams::from(stream), None).unwrap();
    client.connect().unwrap();
    while arrivals.recv_timeout(Duration::from_millis(20)).is_err() {
        device.push(new, &pixels).unwrap();
    }
    let pass = |frames| {
        let before = ALLOCATIONS.load(Ordering::SeqCst);
        for _ in 0..frames {
            let deadline = Instant::now() + PATIENCE;
            device.push(new, &pixels).unwrap();
            // On a busy machine a frame may be dropped on its way.
            while arrivals.recv_timeout(Duration::from_millis(500)).is_err() {
                assert!(Instant::now() < deadline, "no frame arrives");
                device.push(new, &pixels).unwrap();
            }
        }
        ALLOCATIONS.load(Ordering::SeqCst) - before
    };
    pass(WARM_UP);
    (0..WINDOWS).map(|_| pass(FRAMES)).collect()
}

#[test]
fn frames_cost_no_allocation() {
    let depth = [Codec::Auto, Codec::Raw, Codec::Rvl, Codec::Lz4Packed].map(|codec| (codec, Stream::Depth));
    for (codec, stream) in depth.into_iter().chain([(Codec::Auto, Stream::Infrared)]) {
        let allocations = allocations_of(codec, stream);
        let with_some = allocations.iter().filter(|allocations| **allocations > 0).count();
        assert!(with_some <= WINDOWS / 4, "codec {codec}, {stream}: for {FRAMES} frames each {allocations:?}");
    }
}
