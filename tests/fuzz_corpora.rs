//! What fuzzing looks for, on the inputs that are kept: the files in `fuzz/corpus`, a folder for each target.
//!
//! Most are made here, of recordings and of cases that matter; `KINECT2_BLESS=1 cargo test --test fuzz_corpora` writes them. What a
//! fuzzer found lies beside them, so that it never comes back.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use streamkinect2::codec::options::{EncodeOptions, Profile};
use streamkinect2::codec::{Image, find};
use streamkinect2::frame::{Codec, FrameFlags, PixelFormat, Stream};
use streamkinect2::protocol::header::FrameHeader;

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Set in the environment: the test writes the files that are made here instead of comparing them.
const BLESS: &str = "KINECT2_BLESS";
/// A file of a corpus is small: large ones make fuzzing slow and the repository large.
const LARGEST: usize = 8 << 10;

type Files = Vec<(String, Vec<u8>)>;

struct Target {
    name: &'static str,
    check: fn(&[u8]),
    made: fn() -> Files,
}

const TARGETS: [Target; 10] = [
    Target { name: "control", check: fuzz::control::messages, made: control },
    Target { name: "endpoint", check: fuzz::endpoint::text, made: endpoint },
    Target { name: "header", check: fuzz::header::frame, made: header },
    Target { name: "k2d", check: fuzz::k2d::data, made: k2d },
    Target { name: "k2d_image", check: fuzz::k2d::image, made: k2d_image },
    Target { name: "lz4_packed", check: fuzz::codecs::lz4_packed, made: lz4_packed },
    Target { name: "me", check: fuzz::me::text, made: me },
    Target { name: "raw", check: fuzz::codecs::raw, made: || encoded(Codec::Raw) },
    Target { name: "round_trip", check: fuzz::codecs::round_trip, made: round_trip },
    Target { name: "rvl", check: fuzz::codecs::rvl, made: || encoded(Codec::Rvl) },
];

fn folder(target: &Target) -> PathBuf {
    Path::new(ROOT).join("fuzz/corpus").join(target.name)
}

#[test]
fn what_must_hold_for_any_input_holds_for_every_input_that_is_kept() {
    for target in &TARGETS {
        let mut files: Vec<PathBuf> = fs::read_dir(folder(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert!((10..200).contains(&files.len()), "{} has {} files", target.name, files.len());
        for file in files {
            let data = fs::read(&file).unwrap();
            assert!(data.len() <= LARGEST, "{} has {} bytes", file.display(), data.len());
            println!("{}", file.display()); // to be seen if it fails
            (target.check)(&data);
        }
    }
}

#[test]
fn the_files_that_are_made_here_are_there() {
    for target in &TARGETS {
        for (name, data) in (target.made)() {
            let file = folder(target).join(name);
            if std::env::var_os(BLESS).is_some() {
                fs::create_dir_all(folder(target)).unwrap();
                fs::write(&file, data).unwrap();
            } else {
                assert!(
                    fs::read(&file).is_ok_and(|there| there == data),
                    "{}: run {BLESS}=1 cargo test --test fuzz_corpora",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn every_target_has_its_program() {
    let manifest = fs::read_to_string(Path::new(ROOT).join("fuzz/Cargo.toml")).unwrap();
    for Target { name, .. } in &TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")), "{name}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}

fn named(texts: &[&str]) -> Files {
    texts.iter().enumerate().map(|(index, text)| (format!("made_{index:02}"), text.as_bytes().to_vec())).collect()
}

// ---- control messages ----

fn bytes(hex: &str) -> Option<Vec<u8>> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(hex.get(i..i + 2)?, 16).ok()).collect()
}

/// Recorded messages by name, their frames; without those that are recorded by their beginning only.
fn recorded() -> Vec<(String, Vec<Vec<u8>>)> {
    let cases: Vec<Value> = serde_json::from_str(include_str!("golden/control.json")).unwrap();
    let mut messages = Vec::new();
    for case in &cases {
        for kind in ["request", "reply"] {
            let frames = case[kind].as_array().into_iter().flatten().map(|frame| bytes(frame.as_str()?)).collect::<Option<Vec<_>>>();
            if let Some(frames) = frames.filter(|frames| !frames.is_empty()) {
                let name: String = case["name"].as_str().unwrap().chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
                messages.push((format!("{name}_{kind}"), frames));
            }
        }
    }
    messages
}

fn control() -> Files {
    let with_separators = |frames: &[Vec<u8>]| frames.join(&fuzz::control::BETWEEN);
    let mut files: Files = recorded().into_iter().map(|(name, frames)| (name, with_separators(&frames))).collect();
    // Each reply to one request would be there as often as it was asked.
    files.sort_by(|a, b| a.1.cmp(&b.1));
    files.dedup_by(|a, b| a.1 == b.1);
    let payloads = [
        "\"\\ud800\"",
        "[1e999, -0.0E+1, 01]",
        "{\"a\": [true, false, null, {\"b\": \"\\u0000\"}]}",
        "-",
        "[1,]",
        "\u{b}1",
        "1 2",
        "{\"a\" 1}",
    ];
    files.extend(
        payloads.iter().enumerate().map(|(i, json)| (format!("made_{i:02}"), with_separators(&[vec![1], json.as_bytes().to_vec()]))),
    );
    files.push(("deep".into(), with_separators(&[vec![3], [[b'['; 300], [b']'; 300]].concat()])));
    files.push((
        "error_in_many_words".into(),
        with_separators(&[vec![0], format!("{{\"code\": -1, \"reason\": \"{}\"}}", "\u{20ac}\\n".repeat(99)).into()]),
    ));
    files
}

// ---- me ----

fn me() -> Files {
    let replies = recorded().into_iter().filter(|(_, frames)| frames.len() == 2 && frames[0] == [4]);
    let mut files: Files = replies.map(|(name, mut frames)| (name, frames.remove(1))).collect();
    files.dedup_by(|a, b| a.1 == b.1);
    let devices = [
        r#"{"id":"a","endpoints":{"depth":"tcp://10.0.0.1:5","frames.depth":"tcp://[fe80::1%eth0]:6","frames.color":5}}"#,
        r#"{"id":"a","endpoints":{}},{"id":"a","endpoints":{}},{"id":"","endpoints":{}},{"endpoints":{}},7,{"id":"b"}"#,
        r#"{"id":"a","model":"K\u0000","serial":"1","endpoints":{},"streams":[{"name":"depth","width":512,"height":424,"format":1,"codec":3,"rate":30,"sequence":"18446744073709551615"}]}"#,
        r#"{"id":"a","endpoints":{},"streams":[{"name":"infrared","width":4294967295,"height":4294967295,"format":2,"codec":1},{"name":"smell"},{"name":"color","width":1,"height":1,"format":99,"codec":99,"rate":1e-300}]}"#,
        r#"{"id":"a","endpoints":{},"streams":[{"name":"depth","width":2,"height":1,"format":1,"codec":1},{"name":"depth","width":2,"height":1,"format":1,"codec":1}]}"#,
    ];
    let with_devices =
        |devices: &str| format!(r#"{{"version":1,"name":"Lab","endpoints":{{"control":"tcp://10.0.0.1:1234"}},"devices":[{devices}]}}"#);
    let mut texts: Vec<String> = devices.iter().map(|devices| with_devices(devices)).collect();
    texts.push(with_devices(&vec![r#"{"id":""}"#; 300].join(",")));
    let documentation = include_str!("../docs/protocol.md").lines();
    let whole = documentation.skip_while(|line| !line.starts_with("    {\"version\": 1")).take_while(|line| !line.is_empty());
    texts.push(whole.collect::<Vec<_>>().join("\n"));
    texts.extend(
        [
            r#"{"version":1.0,"name":"a\u0000b","endpoints":{"control":"tcp://*:5"},"devices":[]}"#,
            r#"{"version":2,"name":5}"#,
            r#"{"version":"\u001b[31m"}"#,
            r#"{"version":1,"name":"x","endpoints":{"control":"tcp://[::ffff:1.2.3.4]:5"},"devices":[],"software":{"name":"s","version":"1"},"session":"00C5f3a9d2417be0","clock_ns":"81234","host":"9f3c11d07a5be842"}"#,
            r#"{"name":5,"version":2,"version":1,"name":"x","endpoints":{"control":"tcp://h:5"},"devices":[]}"#,
            "[]",
        ]
        .map(str::to_owned),
    );
    files.extend(texts.into_iter().enumerate().map(|(index, text)| (format!("made_{index:02}"), text.into_bytes())));
    files
}

// ---- endpoints ----

fn endpoint() -> Files {
    named(&[
        "tcp://192.168.1.4:40001",
        "tcp://0.0.0.0:1",
        "tcp://[::1]:65535",
        "tcp://[::]:1",
        "tcp://[fe80::1%eth0]:5",
        "tcp://[fe80::1%br-lan.7]:5",
        "tcp://[::ffff:10.0.0.1]:5",
        "tcp://[0:0::0:1]:5",
        "tcp://localhost:55356",
        "tcp://Bobs_PC-7.local.:80",
        "tcp://0xy:80",
        "tcp://host:0",
        "tcp://host:080",
        "tcp://lo:0;host:1",
        "tcp://*:5",
        "tcp://[fe80::1%]:5",
        "tcp://[::ffff:10.0.0.1%eth0]:5",
        "tcp://1.2.3:5",
        "tcp://01.2.3.4:5",
        "tcp://0x7f000001:5",
        "tcp://a..b:5",
        "tcp://J\u{fc}rgen.local:5",
        "ipc:///run/x:5",
        "inproc://x:5",
    ])
}

// ---- frame headers ----

fn header() -> Files {
    let usual = FrameHeader {
        stream: Stream::Depth,
        format: PixelFormat::DepthMm16,
        codec: Codec::Rvl,
        width: 512,
        height: 424,
        uncompressed_size: 434_176,
        sequence: 1234,
        capture_ns: 81_234_567_890_123,
        capture_unix_ns: 1_795_000_000_000_000_000,
        device_time_ns: 0,
        payload_size: 9,
        payload_crc: crc32c::crc32c(b"123456789"),
        session: 0x00c5_f3a9_d241_7be0,
        flags: FrameFlags::empty(),
    };
    let color = FrameHeader { stream: Stream::Color, format: PixelFormat::Jpeg, codec: Codec::Jpeg, width: 1920, height: 1080, ..usual };
    let headers = [
        ("depth", usual),
        ("depth_of_version_1", FrameHeader { codec: Codec::Lz4Packed, flags: FrameFlags::LOSSY, ..usual }),
        ("infrared", FrameHeader { stream: Stream::Infrared, format: PixelFormat::Infrared16, codec: Codec::Raw, ..usual }),
        ("color", FrameHeader { uncompressed_size: 300_000, ..color }),
        ("color_pixels", FrameHeader { format: PixelFormat::Bgra8, codec: Codec::Raw, uncompressed_size: 1920 * 1080 * 4, ..color }),
        ("color_of_the_sensor", FrameHeader { format: PixelFormat::Yuy2, codec: Codec::Raw, uncompressed_size: 1920 * 1080 * 2, ..color }),
        ("restarted", FrameHeader { flags: FrameFlags::all(), sequence: 0, ..usual }),
        ("the_largest", FrameHeader { width: 1 << 15, height: 1 << 10, uncompressed_size: 64 << 20, ..usual }),
        ("too_large", FrameHeader { width: 1 << 15, height: 1 << 11, uncompressed_size: 128 << 20, ..usual }),
        ("a_product_of_more_than_64_bits", FrameHeader { width: u32::MAX, height: u32::MAX, uncompressed_size: 2, ..usual }),
        ("no_pixels", FrameHeader { width: 0, uncompressed_size: 0, ..usual }),
        ("another_size", FrameHeader { uncompressed_size: 434_174, ..usual }),
        ("infrared_pixels_in_depth", FrameHeader { format: PixelFormat::Infrared16, ..usual }),
    ];
    let mut files: Files = headers.iter().map(|(name, header)| ((*name).to_owned(), header.encode().to_vec())).collect();
    files.push(("a_longer_one".into(), [&usual.encode()[..], &[0xff; 12]].concat()));
    files.push(("a_shorter_one".into(), usual.encode()[..95].to_vec()));
    files
}

// ---- codecs ----

/// Images by name, with their width.
fn images() -> Vec<(&'static str, u16, Vec<u16>)> {
    let noise = |i: u32| (i.wrapping_mul(2_654_435_761) >> 16) as u16;
    let cone = |i: u32| {
        let (x, y) = ((i % 32) as i32 - 16, (i / 32) as i32 - 12);
        if x * x + y * y > 120 { 0 } else { (1000 + 8 * (x.abs() + y.abs())) as u16 }
    };
    vec![
        ("one_pixel", 1, vec![7]),
        ("a_pair", 2, vec![4095, 4096]),
        ("nothing_but_zeros", 64, vec![0; 2048]),
        ("one_value", 64, vec![1234; 512]),
        ("ends_in_zeros", 8, vec![500, 0, 501, 0, 0, 9, 0, 0]),
        ("extremes", 16, (0..128).map(|i| if i % 2 == 0 { u16::MAX } else { 1 }).collect()),
        ("every_other_a_zero", 16, (0..128).map(|i| if i % 2 == 0 { 0 } else { 3000 + i }).collect()),
        ("a_ramp", 32, (0..512).map(|i| i * 9).collect()),
        ("a_cone", 32, (0..32 * 24).map(cone).collect()),
        ("noise", 32, (0..512).map(noise).collect()),
        ("noise_of_12_bits", 32, (0..512).map(|i| noise(i) & 0xfff).collect()),
        ("an_odd_number", 5, (0..15).collect()),
    ]
}

/// As the targets of decoders take it.
fn with_size(width: u32, height: u32, data: &[u8]) -> Vec<u8> {
    let less_one = |number: u32| ((number - 1) as u16).to_le_bytes();
    [&less_one(width)[..], &less_one(height), data].concat()
}

fn encoded(codec: Codec) -> Files {
    encoded_with(codec, "", &EncodeOptions::default())
}

/// The images' data, in files whose names begin so.
fn encoded_with(codec: Codec, beginning: &str, options: &EncodeOptions) -> Files {
    let codec = find(codec).unwrap();
    let mut files = Files::new();
    for (name, width, pixels) in images() {
        let (width, height) = (u32::from(width), pixels.len() as u32 / u32::from(width));
        let Some(bound) = codec.bound(width, height) else { continue };
        let mut data = vec![0; bound];
        let size = codec.encode(Image::new(&pixels, width, height).unwrap(), options, &mut data).unwrap().size;
        let mut add = |name: &str, data| files.push((format!("{beginning}{name}"), data));
        add(name, with_size(width, height, &data[..size]));
        if name == "a_cone" {
            add("cut", with_size(width, height, &data[..size / 2]));
            add("another_size", with_size(width, height + 1, &data[..size]));
        }
    }
    files
}

fn lz4_packed() -> Files {
    let recordings: Vec<Value> = serde_json::from_str(include_str!("golden/depth.json")).unwrap();
    let mut files = encoded(Codec::Lz4Packed);
    for recording in recordings {
        let (name, size) = (recording["name"].as_str().unwrap(), |member: &str| recording[member].as_u64().unwrap() as u32);
        let message = fs::read(Path::new(ROOT).join(format!("tests/golden/depth/{name}.msg"))).unwrap();
        if message.len() < LARGEST {
            files.push((format!("recorded_{name}"), with_size(size("width"), size("height"), &message)));
        }
    }
    files
}

fn k2d() -> Files {
    let options = |profile, max_error_mm| EncodeOptions { profile, max_error_mm, ..Default::default() };
    let kinds = [
        ("speed_", options(Profile::Speed, 0)),
        ("ratio_", options(Profile::Ratio, 0)),
        ("bounded_speed_", options(Profile::Speed, 3)),
        ("bounded_ratio_", options(Profile::Ratio, 3)),
    ];
    kinds.iter().flat_map(|(beginning, options)| encoded_with(Codec::K2d, beginning, options)).collect()
}

/// The images as little-endian values behind bytes of their own.
fn images_behind(before: fn(u16) -> Vec<u8>) -> Files {
    let little_endian = |pixels: &[u16]| pixels.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let file = |(name, width, pixels): (&str, u16, Vec<u16>)| (name.to_owned(), [before(width), little_endian(&pixels)].concat());
    images().into_iter().map(file).collect()
}

fn k2d_image() -> Files {
    let with_bound =
        images_behind(|width| vec![(width - 1) as u8, 2, 30]).into_iter().map(|(name, data)| (format!("bounded_{name}"), data));
    images_behind(|width| vec![(width - 1) as u8, 0, 0]).into_iter().chain(with_bound).collect()
}

fn round_trip() -> Files {
    images_behind(|width| vec![(width - 1) as u8])
}
