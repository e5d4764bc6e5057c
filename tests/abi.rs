//! The C ABI from outside, where it needs no network: handles, text, structures, frames.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use streamkinect2::ffi::browser::*;
use streamkinect2::ffi::client::*;
use streamkinect2::ffi::client_callbacks::*;
use streamkinect2::ffi::client_streams::*;
use streamkinect2::ffi::compress::*;
use streamkinect2::ffi::compressor::*;
use streamkinect2::ffi::device::*;
use streamkinect2::ffi::event::*;
use streamkinect2::ffi::frame::*;
use streamkinect2::ffi::library::*;
use streamkinect2::ffi::names::*;
use streamkinect2::ffi::result::*;
use streamkinect2::ffi::server::*;
use streamkinect2::ffi::server_kinects::*;

/// The registry and its count are the process's: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    let guard = ALONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    assert_eq!(kinect2_live_objects(), 0, "left over by another test");
    guard
}

fn last_error() -> String {
    let mut text = [0; 512];
    assert_eq!(unsafe { kinect2_last_error(text.as_mut_ptr(), text.len(), null_mut()) }, KINECT2_OK);
    unsafe { CStr::from_ptr(text.as_ptr()) }.to_str().unwrap().to_owned()
}

fn push_device(id: &CStr) -> *mut kinect2_device_t {
    let mut device = null_mut();
    assert_eq!(unsafe { kinect2_device_create_push(id.as_ptr(), &mut device) }, KINECT2_OK);
    device
}

fn new_server() -> *mut kinect2_server_t {
    let mut server = null_mut();
    assert_eq!(unsafe { kinect2_server_create(null(), &mut server) }, KINECT2_OK);
    server
}

fn frame_options(pixels: &[u16]) -> kinect2_frame_options_t {
    let mut options = unsafe { std::mem::zeroed::<kinect2_frame_options_t>() };
    unsafe { kinect2_frame_options_init(&mut options, size_of_val(&options)) };
    (options.stream, options.format) = (KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM);
    (options.width, options.height) = (pixels.len() as u32 / 2, 2);
    (options.data, options.size) = (pixels.as_ptr().cast(), size_of_val(pixels));
    options
}

fn create_frame(options: &kinect2_frame_options_t) -> Result<*mut kinect2_frame_t, kinect2_result_t> {
    let mut frame = std::ptr::dangling_mut::<kinect2_frame_t>();
    match unsafe { kinect2_frame_create(options, &mut frame) } {
        KINECT2_OK => Ok(frame),
        error => {
            assert!(frame.is_null(), "a handle output is NULL unless the result is OK");
            Err(error)
        }
    }
}

#[test]
fn versions_agree() {
    let text = unsafe { CStr::from_ptr(kinect2_version_string()) }.to_str().unwrap();
    assert_eq!(text, env!("CARGO_PKG_VERSION"));
    assert_eq!(text, format!("{KINECT2_VERSION_MAJOR}.{KINECT2_VERSION_MINOR}.{KINECT2_VERSION_PATCH}"));
    assert_eq!(kinect2_version(), KINECT2_VERSION_MAJOR << 16 | KINECT2_VERSION_MINOR << 8 | KINECT2_VERSION_PATCH);
}

#[test]
fn every_result_has_a_name_of_its_own() {
    let name = |result| unsafe { CStr::from_ptr(kinect2_result_name(result)) }.to_str().unwrap();
    let names: std::collections::HashSet<_> = (KINECT2_ERROR_REFUSED..=KINECT2_CLOSED).map(name).collect();
    assert_eq!(names.len(), 17);
    assert_eq!(name(-14), "KINECT2_ERROR_REFUSED");
    assert_ne!(name(i32::MIN), name(i32::MAX));
}

/// Calls everything that takes a handle with a bad one, and with nothing else that would do.
fn call_everything(handle: *mut c_void, destroyed: kinect2_result_t) {
    let n: *mut c_void = null_mut();
    let (f, d, s, b, c, z) = (handle.cast(), handle.cast(), handle.cast(), handle.cast(), handle.cast(), handle.cast());
    let results = unsafe {
        [
            kinect2_frame_info(f, n.cast()),
            kinect2_frame_kinect_id(f, n.cast(), 0, n.cast()),
            kinect2_device_declare_stream(d, null()),
            kinect2_device_push(d, 1, 1, 1, 1, 0, null(), 0, 0),
            kinect2_device_push_frame(d, null_mut()),
            kinect2_device_start(d),
            kinect2_device_stop(d),
            kinect2_device_id(d, n.cast(), 0, n.cast()),
            kinect2_device_on_frame(d, None, n),
            kinect2_server_start(s),
            kinect2_server_stop(s),
            kinect2_server_name(s, n.cast(), 0, n.cast()),
            kinect2_server_address(s, n.cast(), 0, n.cast()),
            kinect2_server_endpoint(s, null(), 0, n.cast(), 0, n.cast()),
            kinect2_server_add_kinect(s, null_mut()),
            kinect2_server_remove_kinect(s, null_mut()),
            kinect2_server_set_encoding(s, null_mut(), 1, null()),
            kinect2_server_kinect_id(s, 0, n.cast(), 0, n.cast()),
            kinect2_server_stats(s, null(), 0, null_mut()),
            kinect2_server_on_event(s, None, n),
            kinect2_server_next_event(s, KINECT2_WAIT_FOREVER, null_mut()),
            kinect2_server_poll_fd(s, 0, null_mut()),
            kinect2_browser_on_add_server(b, None, n),
            kinect2_browser_on_remove_server(b, None, n),
            kinect2_browser_start(b),
            kinect2_browser_stop(b),
            kinect2_browser_next_event(b, KINECT2_WAIT_FOREVER, null_mut()),
            kinect2_browser_poll_fd(b, 0, null_mut()),
            kinect2_browser_server_name(b, 0, n.cast(), 0, n.cast()),
            kinect2_browser_server_endpoint(b, null(), n.cast(), 0, n.cast()),
            kinect2_client_on_connect(c, None, n),
            kinect2_client_on_disconnect(c, None, n),
            kinect2_client_on_add_kinect(c, None, n),
            kinect2_client_on_remove_kinect(c, None, n),
            kinect2_client_on_depth_frame(c, None, n),
            kinect2_client_on_frame(c, None, n),
            kinect2_client_on_event(c, None, n),
            kinect2_client_connect(c),
            kinect2_client_disconnect(c),
            kinect2_client_server_name(c, n.cast(), 0, n.cast()),
            kinect2_client_endpoint(c, null(), 0, n.cast(), 0, n.cast()),
            kinect2_client_kinect_id(c, 0, n.cast(), 0, n.cast()),
            kinect2_client_stream_info(c, null(), 0, null_mut()),
            kinect2_client_enable_depth_frames(c, null()),
            kinect2_client_disable_depth_frames(c, null()),
            kinect2_client_enable_stream(c, null(), 0, null()),
            kinect2_client_disable_stream(c, null(), 0),
            kinect2_client_ping(c, None, n),
            kinect2_client_stats(c, null(), 0, null_mut()),
            kinect2_client_take_frame(c, null(), 0, KINECT2_WAIT_FOREVER, null_mut()),
            kinect2_client_next_event(c, KINECT2_WAIT_FOREVER, null_mut()),
            kinect2_client_poll_fd(c, 0, null_mut()),
            kinect2_compressor_create(d, 0, null(), null_mut()),
            kinect2_compressor_on_compressed_frame(z, None, n),
        ]
    };
    for (index, result) in results.into_iter().enumerate() {
        assert_eq!(result, KINECT2_ERROR_BAD_HANDLE, "call {index}: {}", last_error());
    }
    let ends = [
        kinect2_frame_release(f),
        kinect2_device_destroy(d),
        kinect2_server_destroy(s),
        kinect2_browser_destroy(b),
        kinect2_client_destroy(c),
        kinect2_compressor_destroy(z),
    ];
    assert_eq!(ends, [destroyed; 6]);
    assert!(kinect2_frame_retain(f).is_null() && kinect2_frame_data(f).is_null());
    assert_eq!((kinect2_server_is_running(s), kinect2_client_is_connected(c)), (0, 0));
    assert_eq!((kinect2_server_kinect_count(s), kinect2_browser_server_count(b), kinect2_client_kinect_count(c)), (0, 0, 0));
    assert_eq!((unsafe { kinect2_client_streams(c, null()) }, kinect2_compressor_dropped(z)), (0, 0));
}

#[test]
fn no_function_takes_null_for_a_handle_and_destroying_null_is_fine() {
    let _alone = alone();
    call_everything(null_mut(), KINECT2_OK);
}

#[test]
fn no_function_follows_what_is_not_a_handle() {
    let _alone = alone();
    let mut local = 0u64;
    for address in [1, 2, 3, usize::MAX, usize::MAX - 1, usize::MAX >> 1, 0xdead_beef, (&raw mut local).addr()] {
        call_everything(std::ptr::without_provenance_mut(address), KINECT2_ERROR_BAD_HANDLE);
    }
}

#[test]
fn a_destroyed_handle_is_bad_at_once_and_of_another_kind_never_good() {
    let _alone = alone();
    let device = push_device(c"once");
    let server = new_server();
    assert_eq!(kinect2_live_objects(), 2);
    assert_eq!(kinect2_device_start(server.cast()), KINECT2_ERROR_BAD_HANDLE);
    assert_eq!(kinect2_device_destroy(server.cast()), KINECT2_ERROR_BAD_HANDLE);
    assert_eq!(kinect2_server_destroy(server), KINECT2_OK);
    assert_eq!(kinect2_server_destroy(server), KINECT2_ERROR_BAD_HANDLE);
    assert!(last_error().contains("server"), "{}", last_error());
    assert_eq!(kinect2_device_destroy(device), KINECT2_OK);
    call_everything(device.cast(), KINECT2_ERROR_BAD_HANDLE);
    assert_eq!(kinect2_live_objects(), 0);
}

#[test]
fn handles_are_odd_numbers_and_come_again_late() {
    let _alone = alone();
    let mut seen = std::collections::HashSet::new();
    for _ in 0..5000 {
        let frame = create_frame(&frame_options(&[1, 2])).unwrap();
        assert!(seen.insert(frame.addr()), "{frame:?} came again");
        assert_eq!(frame.addr() & 1, 1);
        assert_ne!(frame.addr(), usize::MAX);
        assert_eq!(kinect2_frame_release(frame), KINECT2_OK);
        assert_eq!(kinect2_frame_release(frame), KINECT2_ERROR_BAD_HANDLE);
    }
}

#[test]
fn text_comes_out_whole_or_says_its_length() {
    let _alone = alone();
    let device = push_device(c"Tiefe \xc3\xa4");
    let (mut buffer, mut length) = ([7 as c_char; 16], 0usize);
    let mut ask =
        |capacity: usize, length: *mut usize| unsafe { (kinect2_device_id(device, buffer.as_mut_ptr(), capacity, length), buffer) };
    assert_eq!(ask(9, &mut length).0, KINECT2_OK, "8 bytes and a NUL");
    let (result, text) = ask(8, &mut length);
    assert_eq!((result, length, text[0]), (KINECT2_ERROR_BUFFER_TOO_SMALL, 8, 0));
    assert_eq!(ask(0, null_mut()).0, KINECT2_ERROR_BUFFER_TOO_SMALL);
    length = 0;
    assert_eq!(unsafe { kinect2_device_id(device, null_mut(), 0, &mut length) }, KINECT2_OK);
    assert_eq!(length, 8);
    assert_eq!(unsafe { kinect2_device_id(device, null_mut(), 5, &mut length) }, KINECT2_ERROR_INVALID_ARGUMENT);
    let mut none = device;
    assert_eq!(unsafe { kinect2_device_create_push(c"\xff".as_ptr(), &mut none) }, KINECT2_ERROR_INVALID_ARGUMENT);
    assert!(none.is_null());
    assert_eq!(kinect2_device_destroy(device), KINECT2_OK);
}

#[test]
fn the_last_error_is_cut_at_a_characters_border() {
    let _alone = alone();
    let mut none = null_mut();
    let options = |server_address: &CStr| {
        let mut options = unsafe { std::mem::zeroed::<kinect2_server_options_t>() };
        unsafe { kinect2_server_options_init(&mut options, size_of_val(&options)) };
        options.address = server_address.as_ptr();
        options
    };
    let address = c"\xc3\xa4\xc3\xa4\xc3\xa4";
    assert_eq!(unsafe { kinect2_server_create(&options(address), &mut none) }, KINECT2_ERROR_INVALID_ARGUMENT);
    let whole = last_error();
    let (at, mut length) = (whole.find('\u{e4}').unwrap(), 0);
    let mut buffer = [7 as c_char; 64];
    for (room, expected) in [(at, at), (at + 1, at), (at + 2, at + 2)] {
        assert_eq!(unsafe { kinect2_last_error(buffer.as_mut_ptr(), room + 1, &mut length) }, KINECT2_OK);
        assert_eq!(unsafe { CStr::from_ptr(buffer.as_ptr()) }.to_str(), Ok(&whole[..expected]));
        assert_eq!(length, expected);
    }
    assert_eq!(unsafe { kinect2_last_error(null_mut(), 0, &mut length) }, KINECT2_OK);
    assert_eq!(length, whole.len());
}

#[test]
fn init_writes_struct_size_bytes_and_no_more() {
    for size in [0, 3, 4, 12, size_of::<kinect2_mock_options_t>(), 200] {
        let mut memory = [0xaa_u8; 256];
        unsafe { kinect2_mock_options_init(memory.as_mut_ptr().cast(), size) };
        assert!(memory[size..].iter().all(|byte| *byte == 0xaa), "size {size}");
        assert!(memory[..size].iter().skip(size_of::<kinect2_mock_options_t>()).all(|byte| *byte == 0));
        if size >= 12 {
            assert_eq!(memory[..4], (size as u32).to_ne_bytes());
            assert_eq!(memory[8..12], 512u32.to_ne_bytes());
        }
    }
    unsafe { kinect2_mock_options_init(null_mut(), 40) };
}

#[test]
fn options_of_older_and_newer_programs_are_understood() {
    let _alone = alone();
    #[repr(C)]
    struct Newer {
        options: kinect2_mock_options_t,
        later: u64,
    }
    let mut newer = Newer { options: unsafe { std::mem::zeroed() }, later: 9 };
    unsafe { kinect2_mock_options_init((&raw mut newer).cast(), size_of::<Newer>()) };
    assert_eq!((newer.options.struct_size as usize, newer.later), (size_of::<Newer>(), 0));
    let mut device = null_mut();
    assert_eq!(unsafe { kinect2_device_create_mock(&newer.options, &mut device) }, KINECT2_OK);
    assert_eq!(kinect2_device_destroy(device), KINECT2_OK);
    newer.later = 1 << 60;
    assert_eq!(unsafe { kinect2_device_create_mock(&newer.options, &mut device) }, KINECT2_ERROR_UNSUPPORTED);
    for size in [0, 4, size_of::<kinect2_mock_options_t>() as u32 - 1, u32::MAX] {
        newer.options.struct_size = size;
        assert_eq!(unsafe { kinect2_device_create_mock(&newer.options, &mut device) }, KINECT2_ERROR_INVALID_ARGUMENT);
        assert!(device.is_null());
    }
}

#[test]
fn reserved_members_and_unknown_numbers_are_refused() {
    let _alone = alone();
    let mut server = null_mut();
    let mut options = unsafe { std::mem::zeroed::<kinect2_server_options_t>() };
    unsafe { kinect2_server_options_init(&mut options, size_of_val(&options)) };
    assert_eq!((options.announce, options.port, options.discovery), (1, 0, KINECT2_DISCOVERY_AUTO));
    options.reserved = 1;
    assert_eq!(unsafe { kinect2_server_create(&options, &mut server) }, KINECT2_ERROR_UNSUPPORTED);
    (options.reserved, options.discovery) = (0, 77);
    assert_eq!(unsafe { kinect2_server_create(&options, &mut server) }, KINECT2_ERROR_UNSUPPORTED);
    (options.discovery, options.port) = (KINECT2_DISCOVERY_AUTO, 65536);
    assert_eq!(unsafe { kinect2_server_create(&options, &mut server) }, KINECT2_ERROR_INVALID_ARGUMENT);
}

#[test]
fn structures_that_come_out_keep_their_size_and_clear_what_is_unknown() {
    let _alone = alone();
    #[repr(C)]
    struct Newer {
        info: kinect2_frame_info_t,
        later: u64,
        behind: u64,
    }
    let frame = create_frame(&frame_options(&[1, 2, 3, 4])).unwrap();
    let mut newer = Newer { info: unsafe { std::mem::zeroed() }, later: 9, behind: 9 };
    newer.info.struct_size = std::mem::offset_of!(Newer, behind) as u32;
    assert_eq!(unsafe { kinect2_frame_info(frame, &mut newer.info) }, KINECT2_OK);
    assert_eq!((newer.info.struct_size as usize, newer.later, newer.behind), (std::mem::offset_of!(Newer, behind), 0, 9));
    assert_eq!((newer.info.width, newer.info.height, newer.info.stride_bytes, newer.info.size), (2, 2, 4, 8));
    assert_eq!(newer.info.codec, KINECT2_CODEC_RAW);
    newer.info.struct_size = size_of::<kinect2_frame_info_t>() as u32 - 1;
    newer.info.width = 77;
    assert_eq!(unsafe { kinect2_frame_info(frame, &mut newer.info) }, KINECT2_ERROR_INVALID_ARGUMENT);
    assert_eq!(newer.info.width, 77);
    assert_eq!(kinect2_frame_release(frame), KINECT2_OK);
}

#[test]
fn frames_are_counted() {
    let _alone = alone();
    let frame = create_frame(&frame_options(&[1, 2, 3, 4])).unwrap();
    assert_eq!(kinect2_frame_retain(frame), frame);
    assert_eq!(kinect2_live_objects(), 2);
    assert_eq!(kinect2_frame_data(frame).addr() % 64, 0);
    assert_eq!(kinect2_frame_release(frame), KINECT2_OK);
    assert_eq!(unsafe { kinect2_frame_kinect_id(frame, null_mut(), 0, null_mut()) }, KINECT2_ERROR_NOT_FOUND);
    assert_eq!(kinect2_frame_release(frame), KINECT2_OK);
    assert_eq!(kinect2_frame_release(frame), KINECT2_ERROR_BAD_HANDLE);
    assert!(kinect2_frame_data(frame).is_null());
    assert_eq!(kinect2_live_objects(), 0);
}

/// Counts its calls, and would hang if a lock of the library were held.
unsafe extern "C" fn released(count: *mut c_void) {
    assert!(kinect2_live_objects() < 100);
    assert_eq!(kinect2_shutdown(), KINECT2_ERROR_BAD_STATE, "inside a callback");
    unsafe { &*count.cast::<AtomicUsize>() }.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn pixels_are_given_back_once_and_only_if_they_were_taken() {
    let _alone = alone();
    let (count, pixels) = (AtomicUsize::new(0), [5u16, 6, 7, 8]);
    let mut options = frame_options(&pixels);
    options.release = Some(released);
    options.user_data = (&raw const count).cast_mut().cast();
    options.size = 3;
    assert_eq!(create_frame(&options), Err(KINECT2_ERROR_INVALID_ARGUMENT));
    assert_eq!(count.load(Ordering::SeqCst), 0);

    options.size = 8;
    let frame = create_frame(&options).unwrap();
    assert_eq!(kinect2_frame_data(frame), pixels.as_ptr().cast(), "used where they lie");
    let device = push_device(c"release");
    assert_eq!(kinect2_device_start(device), KINECT2_OK);
    assert_eq!(kinect2_device_push_frame(device, frame), KINECT2_OK);
    assert_eq!(kinect2_frame_release(frame), KINECT2_OK);
    assert_eq!(kinect2_device_destroy(device), KINECT2_OK);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

/// What a frame callback did.
#[derive(Default)]
struct Seen {
    device: AtomicUsize,
    kept: AtomicUsize,
    not_kept: AtomicUsize,
    calls: AtomicUsize,
}

unsafe extern "C" fn on_frame(device: *mut kinect2_device_t, frame: *mut kinect2_frame_t, seen: *mut c_void) {
    let seen = unsafe { &*seen.cast::<Seen>() };
    assert_eq!(kinect2_live_objects(), 1, "the device; a borrowed frame is not the host's");
    assert_eq!(kinect2_frame_release(frame), KINECT2_ERROR_BAD_HANDLE, "not the callback's to give back");
    assert_eq!(kinect2_frame_retain(frame), frame);
    if seen.calls.fetch_add(1, Ordering::SeqCst) == 0 {
        seen.kept.store(frame.addr(), Ordering::SeqCst);
        seen.device.store(device.addr(), Ordering::SeqCst);
        assert_eq!(kinect2_device_on_frame(device, None, null_mut()), KINECT2_OK);
    } else {
        assert_eq!(kinect2_frame_release(frame), KINECT2_OK);
        assert!(!kinect2_frame_data(frame).is_null(), "good until the callback returns");
        seen.not_kept.store(frame.addr(), Ordering::SeqCst);
    }
}

fn push(device: *mut kinect2_device_t) {
    let pixels = [1u16, 2, 3, 4];
    let (stream, format) = (KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM);
    assert_eq!(unsafe { kinect2_device_push(device, stream, format, 2, 2, 0, pixels.as_ptr().cast(), 8, 0) }, KINECT2_OK);
}

fn wait_for(what: impl Fn() -> bool) {
    let end = kinect2_clock_ns() + 10_000_000_000;
    while !what() {
        assert!(kinect2_clock_ns() < end, "waited for too long");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

#[test]
fn a_frame_in_a_callback_is_borrowed_and_can_be_kept() {
    let _alone = alone();
    let seen = Seen::default();
    let user_data = (&raw const seen).cast_mut().cast();
    let device = push_device(c"borrow");
    assert_eq!(kinect2_device_start(device), KINECT2_OK);

    assert_eq!(kinect2_device_on_frame(device, Some(on_frame), user_data), KINECT2_OK);
    push(device);
    wait_for(|| seen.device.load(Ordering::SeqCst) != 0);
    assert_eq!(kinect2_device_stop(device), KINECT2_OK);
    assert_eq!(seen.device.load(Ordering::SeqCst), device.addr());
    let kept = std::ptr::without_provenance_mut::<kinect2_frame_t>(seen.kept.load(Ordering::SeqCst));
    let mut id = [0; KINECT2_ID_CAPACITY as usize];
    assert_eq!(unsafe { kinect2_frame_kinect_id(kept, id.as_mut_ptr(), id.len(), null_mut()) }, KINECT2_OK);
    assert_eq!(unsafe { CStr::from_ptr(id.as_ptr()) }, c"borrow");
    assert_eq!(kinect2_live_objects(), 2);
    assert_eq!(kinect2_frame_release(kept), KINECT2_OK);

    assert_eq!(kinect2_device_start(device), KINECT2_OK);
    assert_eq!(kinect2_device_on_frame(device, Some(on_frame), user_data), KINECT2_OK);
    push(device);
    wait_for(|| seen.not_kept.load(Ordering::SeqCst) != 0);
    assert_eq!(kinect2_device_on_frame(device, None, null_mut()), KINECT2_OK);
    let gone = std::ptr::without_provenance_mut::<kinect2_frame_t>(seen.not_kept.load(Ordering::SeqCst));
    assert!(kinect2_frame_data(gone).is_null());
    assert_eq!(kinect2_device_destroy(device), KINECT2_OK);
}

unsafe extern "C" fn destroy_own(device: *mut kinect2_device_t, _: *mut kinect2_frame_t, done: *mut c_void) {
    assert_eq!(kinect2_device_destroy(device), KINECT2_OK);
    assert_eq!(kinect2_device_destroy(device), KINECT2_ERROR_BAD_HANDLE);
    assert_eq!(kinect2_live_objects(), 1, "a thread that is still running");
    std::thread::sleep(std::time::Duration::from_millis(50));
    unsafe { &*done.cast::<AtomicUsize>() }.store(1, Ordering::SeqCst);
}

#[test]
fn shutdown_waits_for_a_callback_that_destroyed_its_own_handle() {
    let _alone = alone();
    let done = AtomicUsize::new(0);
    let device = push_device(c"own end");
    assert_eq!(kinect2_device_start(device), KINECT2_OK);
    assert_eq!(kinect2_device_on_frame(device, Some(destroy_own), (&raw const done).cast_mut().cast()), KINECT2_OK);
    push(device);
    wait_for(|| kinect2_device_start(device) == KINECT2_ERROR_BAD_HANDLE);
    assert_eq!(kinect2_shutdown(), KINECT2_OK);
    assert_eq!(done.load(Ordering::SeqCst), 1);
    assert_eq!(kinect2_live_objects(), 0);
}

#[test]
fn shutdown_destroys_everything_but_frames() {
    let _alone = alone();
    let device = push_device(c"shutdown");
    let server = new_server();
    let (mut browser, mut client, mut compressor) = (null_mut(), null_mut(), null_mut());
    unsafe {
        assert_eq!(kinect2_server_add_kinect(server, device), KINECT2_OK);
        assert_eq!(kinect2_browser_create(null(), &mut browser), KINECT2_OK);
        assert_eq!(kinect2_client_create(c"tcp://127.0.0.1:1".as_ptr(), null(), &mut client), KINECT2_OK);
        assert_eq!(kinect2_compressor_create(device, KINECT2_STREAM_DEPTH, null(), &mut compressor), KINECT2_OK);
    }
    let frame = create_frame(&frame_options(&[1, 2])).unwrap();
    assert_eq!(kinect2_live_objects(), 6);
    assert_eq!(kinect2_shutdown(), KINECT2_OK);
    assert_eq!(kinect2_live_objects(), 1);
    assert_eq!(kinect2_compressor_destroy(compressor), KINECT2_ERROR_BAD_HANDLE);
    assert_eq!(kinect2_frame_release(frame), KINECT2_OK);
    assert_eq!(kinect2_shutdown(), KINECT2_OK, "and it can be used again");
    assert_eq!(kinect2_device_destroy(push_device(c"again")), KINECT2_OK);
}

#[test]
fn outputs_that_are_null_are_refused_before_anything_is_made() {
    let _alone = alone();
    assert_eq!(unsafe { kinect2_device_create_push(c"x".as_ptr(), null_mut()) }, KINECT2_ERROR_INVALID_ARGUMENT);
    assert_eq!(unsafe { kinect2_server_create(null(), null_mut()) }, KINECT2_ERROR_INVALID_ARGUMENT);
    let server = new_server();
    assert_eq!(unsafe { kinect2_server_next_event(server, 0, null_mut()) }, KINECT2_ERROR_INVALID_ARGUMENT);
    assert_eq!(unsafe { kinect2_server_poll_fd(server, KINECT2_POLL_EVENTS, null_mut()) }, KINECT2_ERROR_INVALID_ARGUMENT);
    let mut fd = -1;
    assert_eq!(unsafe { kinect2_server_poll_fd(server, KINECT2_POLL_FRAMES, &mut fd) }, KINECT2_ERROR_INVALID_ARGUMENT);
    assert_eq!(unsafe { kinect2_server_poll_fd(server, KINECT2_POLL_EVENTS, &mut fd) }, KINECT2_OK);
    assert!(fd >= 0);
    let mut event = unsafe { std::mem::zeroed::<kinect2_event_t>() };
    event.struct_size = size_of_val(&event) as u32;
    assert_eq!(unsafe { kinect2_server_next_event(server, 0, &mut event) }, KINECT2_TIMEOUT);
    assert_eq!(kinect2_server_destroy(server), KINECT2_OK);
}

#[test]
fn every_built_codec_takes_an_image_there_and_back() {
    let pixels: Vec<u16> = (0..64).map(|value| if value % 5 == 0 { 0 } else { 500 + value * 13 }).collect();
    for codec in [KINECT2_CODEC_RAW, KINECT2_CODEC_LZ4_PACKED, KINECT2_CODEC_RVL] {
        let bound = kinect2_compress_bound(codec, 8, 8);
        let (mut data, mut size, mut back) = (vec![0u8; bound], 0, vec![0u16; 64]);
        unsafe {
            let out = data.as_mut_ptr().cast();
            assert_eq!(kinect2_compress_depth(codec, pixels.as_ptr(), 8, 8, out, bound, &mut size), KINECT2_OK);
            assert!(size > 0 && size <= bound);
            assert_eq!(kinect2_decompress_depth(codec, data.as_ptr().cast(), size, 8, 8, back.as_mut_ptr(), 64), KINECT2_OK);
            assert_eq!(back, pixels);
            let data = data.as_ptr().cast();
            assert_eq!(kinect2_decompress_depth(codec, data, size - 1, 8, 8, back.as_mut_ptr(), 64), KINECT2_ERROR_CORRUPT);
            assert_eq!(kinect2_decompress_depth(codec, data, size, 8, 8, back.as_mut_ptr(), 63), KINECT2_ERROR_BUFFER_TOO_SMALL);
            assert_eq!(kinect2_compress_depth(codec, pixels.as_ptr(), 8, 8, out, 3, &mut size), KINECT2_ERROR_BUFFER_TOO_SMALL);
            assert_eq!(kinect2_compress_depth(codec, null(), 8, 8, out, bound, &mut size), KINECT2_ERROR_INVALID_ARGUMENT);
        }
    }
    for codec in [KINECT2_CODEC_AUTO, KINECT2_CODEC_JPEG, 99] {
        let (mut out, mut size) = ([0u8; 512], 0);
        assert_eq!(kinect2_compress_bound(codec, 8, 8), 0);
        let result = unsafe { kinect2_compress_depth(codec, pixels.as_ptr(), 8, 8, out.as_mut_ptr().cast(), 512, &mut size) };
        assert_eq!(result, KINECT2_ERROR_UNSUPPORTED);
    }
    assert_eq!(kinect2_compress_bound(KINECT2_CODEC_RAW, u32::MAX, u32::MAX), 0);
}

unsafe extern "C" fn log_level(level: u32, message: *const c_char, count: *mut c_void) {
    assert!((KINECT2_LOG_ERROR..=KINECT2_LOG_DEBUG).contains(&level) && !message.is_null());
    unsafe { &*count.cast::<AtomicUsize>() }.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn the_log_is_silent_until_it_is_set_and_after_it_is_removed() {
    let _alone = alone();
    let count = AtomicUsize::new(0);
    let device = push_device(c"log");
    assert_eq!(kinect2_device_stop(device), KINECT2_OK);
    let user_data = (&raw const count).cast_mut().cast();
    assert_eq!(kinect2_set_log_callback(KINECT2_LOG_WARN, Some(log_level), user_data), KINECT2_OK);
    assert_eq!(kinect2_device_stop(device), KINECT2_OK);
    assert_eq!(count.load(Ordering::SeqCst), 1, "stopped already: a warning");
    assert_eq!(kinect2_set_log_callback(KINECT2_LOG_OFF, None, null_mut()), KINECT2_OK);
    assert_eq!(kinect2_device_stop(device), KINECT2_OK);
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(kinect2_device_destroy(device), KINECT2_OK);
}

#[test]
fn numbers_are_those_of_the_safe_interface() {
    use streamkinect2::frame::{Codec, FrameFlags, PixelFormat, Stream};
    let numbers = |all: &[u32]| all.to_vec();
    let streams: Vec<u32> = Stream::ALL.iter().map(|stream| stream.number()).collect();
    assert_eq!(streams, numbers(&[KINECT2_STREAM_DEPTH, KINECT2_STREAM_INFRARED, KINECT2_STREAM_COLOR]));
    let formats: Vec<u32> = PixelFormat::ALL.iter().map(|format| format.number()).collect();
    assert_eq!(
        formats,
        numbers(&[
            KINECT2_FORMAT_DEPTH16_MM,
            KINECT2_FORMAT_INFRARED16,
            KINECT2_FORMAT_JPEG,
            KINECT2_FORMAT_RGBA8,
            KINECT2_FORMAT_BGRA8,
            KINECT2_FORMAT_YUY2
        ])
    );
    let codecs: Vec<u32> = Codec::ALL.iter().map(|codec| codec.number()).collect();
    assert_eq!(
        codecs,
        numbers(&[
            KINECT2_CODEC_AUTO,
            KINECT2_CODEC_RAW,
            KINECT2_CODEC_LZ4_PACKED,
            KINECT2_CODEC_RVL,
            KINECT2_CODEC_K2D,
            KINECT2_CODEC_JPEG
        ])
    );
    assert_eq!([FrameFlags::LOSSY.bits(), FrameFlags::RESTARTED.bits()], [KINECT2_FRAME_LOSSY, KINECT2_FRAME_RESTARTED]);
}
