//! K2D: there and back, the same bytes and pixels at every level, within error bounds, and nothing worse than an error from any data.

use std::fs;
use std::path::PathBuf;

use proptest::collection::vec;
use proptest::prelude::*;
use streamkinect2::codec::k2d::{self, Level, Settings, Workspace};
use streamkinect2::codec::options::Profile;
use streamkinect2::codec::{Encoded, Image, ImageMut};
use streamkinect2::error::{Error, ErrorKind};

/// Both that are not raw.
const PROFILES: [Profile; 2] = [Profile::Speed, Profile::Ratio];

const LOSSLESS: Settings = Settings { profile: Profile::Speed, max_error_mm: 0, max_error_ppm: 0 };

fn within(mm: u32, ppm: u32) -> Settings {
    Settings { max_error_mm: mm, max_error_ppm: ppm, ..LOSSLESS }
}

/// What one level makes of an image, in exactly as many bytes as it needs.
fn encode_at(level: Level, workspace: &mut Workspace, pixels: &[u16], width: u32, height: u32, settings: &Settings) -> (Vec<u8>, Encoded) {
    let image = Image::new(pixels, width, height).unwrap();
    let mut out = vec![0xaa; k2d::bound(width, height).unwrap()];
    let encoded = k2d::encode(level, workspace, image, settings, &mut out).unwrap();
    out.truncate(encoded.size);
    (out, encoded)
}

/// What all levels make of an image.
fn encode(pixels: &[u16], width: u32, height: u32, settings: &Settings) -> (Vec<u8>, Encoded) {
    let mut workspace = Workspace::default();
    let first = encode_at(Level::Portable, &mut workspace, pixels, width, height, settings);
    for level in Level::available() {
        let other = encode_at(level, &mut workspace, pixels, width, height, settings);
        assert!(first == other, "{level:?} makes other bytes of {width}x{height} pixels");
    }
    first
}

/// What all levels make of data.
fn decode(data: &[u8], width: u32, height: u32) -> Result<Vec<u16>, Error> {
    let mut workspace = Workspace::default();
    let mut decode = |level| -> Result<Vec<u16>, Error> {
        let mut pixels = vec![0xeeee; width as usize * height as usize];
        k2d::decode(level, &mut workspace, data, ImageMut::new(&mut pixels, width, height).unwrap())?;
        Ok(pixels)
    };
    let first = decode(Level::Portable);
    for level in Level::available() {
        assert!(decode(level) == first, "{level:?} reads other pixels from {} bytes as {width}x{height}", data.len());
    }
    if let Err(error) = &first {
        assert_eq!(error.kind, ErrorKind::Corrupt);
    }
    first
}

/// The sizes in both profiles.
fn assert_comes_back(pixels: &[u16], width: u32, height: u32) -> [usize; 2] {
    PROFILES.map(|profile| {
        let (data, encoded) = encode(pixels, width, height, &Settings { profile, ..LOSSLESS });
        assert!(!encoded.lossy);
        assert!(decode(&data, width, height).unwrap() == pixels, "{width}x{height}, {profile:?}");
        data.len()
    })
}

fn assert_stays_within(pixels: &[u16], width: u32, height: u32, mm: u32, ppm: u32) {
    for profile in PROFILES {
        let (data, encoded) = encode(pixels, width, height, &Settings { profile, ..within(mm, ppm) });
        let decoded = decode(&data, width, height).unwrap();
        assert_eq!(encoded.lossy, decoded != pixels);
        for (pixel, back) in pixels.iter().zip(decoded) {
            assert_eq!(*pixel == 0, back == 0);
            let allowed = u64::from(mm).max(u64::from(*pixel) * u64::from(ppm) / 1_000_000);
            assert!(u64::from(pixel.abs_diff(back)) <= allowed, "{pixel} became {back} under {mm} mm, {ppm} ppm, {profile:?}");
        }
    }
}

// ---- images of sensors ----

/// Names another folder of frames than the one beside the repository.
const FRAMES: &str = "KINECT2_TEST_FRAMES";

struct Recording {
    name: String,
    pixels: Vec<u16>,
    width: u32,
    height: u32,
}

/// Files of 16-bit little-endian values whose names end in their size, or whose size is a Kinect's; empty where there is no folder.
fn recordings() -> Vec<Recording> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os(FRAMES).map_or(beside, PathBuf::from);
    let Ok(folders) = fs::read_dir(&folder) else {
        println!("skipped: there are no frames in {}; {FRAMES} may name another folder", folder.display());
        return vec![];
    };
    let files = folders.filter_map(|entry| fs::read_dir(entry.unwrap().path()).ok()).flatten().map(|entry| entry.unwrap().path());
    let recording = |path: PathBuf| {
        let name = path.file_stem()?.to_str()?.to_owned();
        let size = name.rsplit('_').next()?.split_once('x');
        let (width, height) = size.map_or(Some((512, 424)), |(width, height)| Some((width.parse().ok()?, height.parse().ok()?)))?;
        let bytes = fs::read(&path).ok()?;
        let pixels: Vec<u16> = bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
        assert_eq!(pixels.len(), width as usize * height as usize, "{}", path.display());
        Some(Recording { name, pixels, width, height })
    };
    files.filter(|path| path.extension().is_some_and(|extension| extension == "u16")).filter_map(recording).collect()
}

#[test]
fn frames_of_real_sensors_come_back() {
    for Recording { name, pixels, width, height } in recordings() {
        let [speed, ratio] = assert_comes_back(&pixels, width, height).map(|size| (2 * pixels.len()) as f64 / size as f64);
        println!("{name}: S {speed:.3}, R {ratio:.3}");
    }
}

#[test]
fn frames_of_real_sensors_stay_within_bounds() {
    for Recording { pixels, width, height, .. } in recordings().into_iter().step_by(6) {
        for (mm, ppm) in [(1, 0), (4, 0), (1, 2500)] {
            assert_stays_within(&pixels, width, height, mm, ppm);
        }
    }
}

#[test]
fn damaged_frames_of_real_sensors_read_alike_at_all_levels() {
    for Recording { pixels, width, height, .. } in recordings().into_iter().step_by(9) {
        let (data, _) = encode(&pixels, width, height, &LOSSLESS);
        for at in (0..data.len()).step_by(data.len() / 12 + 1) {
            let mut wrong = data.clone();
            wrong[at] ^= 1 << (at % 8);
            let _ = decode(&wrong, width, height);
            assert!(decode(&data[..at], width, height).is_err());
        }
    }
}

// ---- test vectors ----

/// The image that a rule in `k2d_vectors/README.md` makes.
fn by_rule(rule: &str, width: u32, height: u32) -> Vec<u16> {
    let mixed = |at: u32| at.wrapping_mul(0x9e37_79b9) ^ at.wrapping_mul(0x85eb_ca6b) >> 15;
    let pixel = |at: u32| match (rule, at % width, at / width) {
        ("empty", ..) => 0,
        ("plane", x, y) => 1000 + 3 * x + 5 * y,
        ("edge", x, y) if (x + y) % 9 == 0 => 0,
        ("edge", x, _) if x > width / 2 => 3000 + at * at % 31,
        ("edge", x, y) => 900 + 3 * x + 5 * y + at % 3,
        ("corner", x, y) if x + y < 6 => 0,
        ("corner", x, _) => 2000 + 2 * x + (at.wrapping_mul(0x9e37_79b9) >> 28),
        ("noise", ..) => mixed(mixed(at)) >> 16,
        _ => panic!("there is no rule {rule}"),
    };
    (0..width * height).map(|at| pixel(at) as u16).collect()
}

const VECTORS: [(&str, u32, u32, u32, u32); 13] = [
    ("empty", 1, 1, 0, 0),
    ("empty", 8, 2, 0, 0),
    ("plane", 7, 2, 0, 0),
    ("plane", 9, 5, 0, 0),
    ("plane", 70, 3, 0, 0),
    ("edge", 37, 11, 0, 0),
    ("edge", 37, 11, 2, 0),
    ("edge", 37, 11, 1, 4000),
    ("edge", 8, 40, 0, 0),
    ("corner", 20, 9, 0, 0),
    ("corner", 130, 4, 0, 1500),
    ("noise", 7, 3, 0, 0),
    ("noise", 16, 9, 1000, 0),
];

#[test]
fn the_test_vectors_are_what_the_encoder_makes() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/k2d_vectors/speed.txt");
    let mut lines = String::new();
    for (rule, width, height, mm, ppm) in VECTORS {
        let (data, _) = encode(&by_rule(rule, width, height), width, height, &within(mm, ppm));
        let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
        lines += &format!("{rule} {width} {height} {mm} {ppm} {hex}\n");
    }
    if std::env::var_os("KINECT2_BLESS").is_some() {
        fs::write(&path, &lines).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), lines);
}

// ---- images as nobody makes them ----

#[test]
fn special_images_come_back_at_every_width() {
    let images: [fn(usize) -> u16; 9] = [
        |_| 0,
        |_| 1,
        |_| u16::MAX,
        |at| if at.is_multiple_of(2) { 0 } else { u16::MAX },
        |at| if at % 97 == 96 { 700 } else { 0 },
        |at| at as u16,
        |at| 1 + 2 * at as u16,
        |at| if at % 5 < 2 { 0 } else { (at as u16).wrapping_mul(0x9e37) },
        |at| if at % 70 == 0 { 0 } else { 2000 + (at as u16).wrapping_mul(0x9e37) % 9 },
    ];
    let sizes = (1..140).map(|width| (width, 5)).chain([(1, 1), (1, 300), (2, 200), (300, 1), (2000, 2), (512, 6), (4099, 3)]);
    for (width, height) in sizes {
        for image in images {
            let pixels: Vec<u16> = (0..(width * height) as usize).map(image).collect();
            let size = assert_comes_back(&pixels, width, height);
            assert!(size.into_iter().all(|size| size <= 1 + 2 * pixels.len()));
        }
    }
}

#[test]
fn a_workspace_serves_images_of_any_size_in_any_order() {
    let mut workspace = Workspace::default();
    for (width, height, settings) in
        [(64, 40, LOSSLESS), (3, 3, within(3, 0)), (700, 9, LOSSLESS), (64, 40, within(0, 4000)), (1, 1, LOSSLESS)]
    {
        let pixels: Vec<u16> = (0..width * height).map(|at| if at % 11 == 0 { 0 } else { 900 + (at % 13) as u16 }).collect();
        for level in Level::available() {
            let (used, _) = encode_at(level, &mut workspace, &pixels, width, height, &settings);
            let (new, _) = encode_at(level, &mut Workspace::default(), &pixels, width, height, &settings);
            assert!(used == new);
            let mut decoded = vec![0; pixels.len()];
            k2d::decode(level, &mut workspace, &used, ImageMut::new(&mut decoded, width, height).unwrap()).unwrap();
            assert!(decoded == decode(&new, width, height).unwrap());
        }
    }
}

#[test]
fn noise_becomes_raw_pixels_behind_one_byte() {
    let pixels = by_rule("noise", 80, 80);
    let (data, _) = encode(&pixels, 80, 80, &LOSSLESS);
    assert_eq!((data[0], data.len()), (0, 12801));
    assert!(decode(&data, 80, 80).unwrap() == pixels);
}

#[test]
fn narrow_images_are_raw_on_both_sides() {
    let (data, _) = encode(&[0; 8], 8, 1, &LOSSLESS);
    assert_eq!(data, [1, 1, 1, 1, 0xff]);
    assert_eq!(encode(&[0; 7], 7, 1, &within(5, 0)).0, [0; 15]);
    assert!(decode(&data, 7, 1).is_err());
}

#[test]
fn bounds_are_those_of_raw_pixels() {
    assert_eq!(k2d::bound(512, 424), Some(434_177));
    assert_eq!(k2d::bound(1 << 25, 1), Some(1 + (64 << 20)));
    for (width, height) in [(0, 1), (1, 0), (1 << 25, 2), (u32::MAX, u32::MAX)] {
        assert_eq!(k2d::bound(width, height), None);
    }
}

#[test]
fn every_cut_and_every_flipped_bit_reads_alike_at_all_levels() {
    let pixels = by_rule("edge", 37, 11);
    for settings in [LOSSLESS, within(2, 3000)] {
        let (data, _) = encode(&pixels, 37, 11, &settings);
        for cut in 0..data.len() {
            assert!(decode(&data[..cut], 37, 11).is_err());
        }
        for bit in 0..8 * data.len() {
            let mut wrong = data.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            let _ = decode(&wrong, 37, 11);
        }
        for (width, height) in [(36, 11), (38, 11), (37, 10), (37, 12), (11, 37), (1, 1)] {
            let _ = decode(&data, width, height);
        }
    }
}

// ---- arbitrary images and data ----

/// Images as sensors make them and as nobody does: runs, slopes, holes, noise, extremes.
fn image() -> impl Strategy<Value = (Vec<u16>, u32, u32)> {
    (prop_oneof![3 => 1u32..48, 1 => 48u32..300], 1u32..24, any::<u16>(), 0u32..5).prop_flat_map(|(width, height, constant, kind)| {
        let pixels = (width * height) as usize;
        let value = match kind {
            0 => any::<u16>().boxed(),
            1 => prop_oneof![3 => Just(0), 1 => 1u16..5000].boxed(),
            2 => prop_oneof![50 => 1990u16..2010, 1 => Just(0), 1 => any::<u16>()].boxed(),
            3 => prop_oneof![Just(0), Just(1), Just(u16::MAX), Just(0x7fff), Just(0x8000)].boxed(),
            _ => prop_oneof![200 => Just(constant), 1 => Just(0)].boxed(),
        };
        (vec(value, pixels), Just(width), Just(height))
    })
}

proptest! {
    #[test]
    fn every_image_comes_back((pixels, width, height) in image()) {
        assert_comes_back(&pixels, width, height);
    }

    #[test]
    fn every_image_stays_within_every_bound((pixels, width, height) in image(), mm in prop_oneof![0u32..9, any::<u32>()], ppm in prop_oneof![0u32..20_000, any::<u32>()]) {
        assert_stays_within(&pixels, width, height, mm, ppm);
    }

    #[test]
    fn the_exact_room_is_enough_and_less_is_refused((pixels, width, height) in image(), room in any::<prop::sample::Index>()) {
        let (data, encoded) = encode(&pixels, width, height, &LOSSLESS);
        let image = Image::new(&pixels, width, height).unwrap();
        for level in Level::available() {
            let mut out = vec![0; data.len()];
            prop_assert_eq!(k2d::encode(level, &mut Workspace::default(), image, &LOSSLESS, &mut out).unwrap(), encoded);
            prop_assert_eq!(&out, &data);
            let less = room.index(data.len());
            let error = k2d::encode(level, &mut Workspace::default(), image, &LOSSLESS, &mut out[..less]).unwrap_err();
            prop_assert_eq!(error.kind, ErrorKind::BufferTooSmall);
        }
    }

    #[test]
    fn part_of_an_image_and_more_than_one_are_corrupt((pixels, width, height) in image(), cut in any::<prop::sample::Index>(), more in vec(any::<u8>(), 1..9)) {
        let (data, _) = encode(&pixels, width, height, &LOSSLESS);
        prop_assert!(decode(&data[..cut.index(data.len())], width, height).is_err());
        prop_assert!(decode(&[&data[..], &more].concat(), width, height).is_err());
    }

    #[test]
    fn damaged_data_reads_alike_at_all_levels((pixels, width, height) in image(), damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..5), mm in 0u32..3) {
        let (mut data, _) = encode(&pixels, width, height, &within(mm, 0));
        for (index, value) in damage {
            let index = index.index(data.len());
            data[index] = value;
        }
        let _ = decode(&data, width, height);
    }

    #[test]
    fn garbage_reads_alike_at_all_levels(mut data in vec(any::<u8>(), 1..600), first in 0u8..3, width in 1u32..90, height in 1u32..20) {
        data[0] = first;
        let _ = decode(&data, width, height);
    }
}
