//! Profile R as a whole: every level, on images of all kinds and on data that no encoder wrote.

use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Bytes of a section without a valid pixel: shift, tables, and of two bands three lengths and 32 states.
const EMPTY: usize = 1 + 18 + 2 * (3 * 4 + 32 * 4);

/// Enough for any image: a word and two more bytes for each pixel, and the lowest bits.
fn room(width: u32, height: u32) -> usize {
    EMPTY + (4 * width as usize + strips::width(width as usize) * 4 * choice::MOST_SHIFT as usize) * height as usize
}

fn encoded(level: Level, pixels: &[u16], width: u32, height: u32) -> Vec<u8> {
    let image = Image::new(pixels, width, height).unwrap();
    let mut out = vec![0xaa; room(width, height)];
    let size = encode(level, &mut Workspace::default(), image, &Mask::of(image), &mut out).unwrap();
    out.truncate(size);
    out
}

/// The same from all levels, or none from any.
fn decoded(data: &[u8], mask: &Mask, width: u32, height: u32) -> Option<Vec<u16>> {
    let mut results = Level::available().map(|level| {
        let mut pixels = vec![0xeeee; width as usize * height as usize];
        let image = ImageMut::new(&mut pixels, width, height).unwrap();
        decode(level, &mut Workspace::default(), data, mask, image).map(|()| pixels)
    });
    let first = results.next().unwrap();
    for (result, level) in results.zip(Level::available().skip(1)) {
        assert!(result == first, "{level:?} decodes something else");
    }
    first
}

/// Every level writes the same and reads what it was; tells the size.
fn check(pixels: &[u16], width: u32, height: u32) -> usize {
    let data = encoded(Level::Portable, pixels, width, height);
    for level in Level::available() {
        assert!(encoded(level, pixels, width, height) == data, "{level:?} writes something else for {width}x{height}");
    }
    let mask = Mask::of(Image::new(pixels, width, height).unwrap());
    assert!(decoded(&data, &mask, width, height).as_deref() == Some(pixels), "{width}x{height}");
    data.len()
}

/// A surface with noise, an edge and holes; `scale` says how large everything is.
fn scene(width: u32, height: u32, scale: u32) -> Vec<u16> {
    let at = |x: u32, y: u32| {
        if (x * 7 + y * 3).is_multiple_of(11) {
            return 0;
        }
        let (x, y) = (x % 4096, y % 4096);
        let noise = (x * x * 31 + x * y * 17 + y * y * 7) % 13;
        let edge = if x > 2 * y { 900 } else { 0 };
        (1000 + edge + (2 * x + y + noise) * scale) as u16
    };
    (0..height).flat_map(|y| (0..width).map(move |x| at(x, y))).collect()
}

#[test]
fn any_size_is_written_alike_and_read_by_every_level() {
    for width in [1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 320, 511, 512, 513, 640, 1025] {
        for height in [1, 2, 3, 16, 17, 33] {
            check(&scene(width, height, 1), width, height);
            check(&scene(width, height, 211), width, height);
        }
    }
    for (width, height) in [(100_000, 1), (1, 10_000), (20_001, 3)] {
        check(&scene(width, height, 3), width, height);
    }
}

#[test]
fn extremes_are_written_alike_and_read_by_every_level() {
    for (width, height) in [(1, 1), (512, 24), (77, 9)] {
        let all = |value: fn(u32, u32) -> u16| {
            let pixels: Vec<u16> = (0..height).flat_map(|y| (0..width).map(move |x| value(x, y))).collect();
            check(&pixels, width, height);
        };
        all(|_, _| 0);
        all(|_, _| 1);
        all(|_, _| 65535);
        all(|x, y| if (x + y) % 2 == 0 { 65535 } else { 1 });
        all(|x, y| if (x + y) % 2 == 0 { 65535 } else { 0 });
        all(|x, y| if (x / 5 + y / 3) % 2 == 0 { 32767 } else { 32768 });
        all(|x, y| if y < 7 { 0 } else { (x * y) as u16 });
        all(|x, y| if x == 0 && y == 0 { 500 } else { 0 });
        all(|x, y| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(2_246_822_519).to_le_bytes()[3].into());
        all(|x, y| ((x * 512 + y).wrapping_mul(2_654_435_761) >> 13) as u16);
    }
}

#[test]
fn a_workspace_serves_images_of_all_sizes_in_turn() {
    let mut workspace = Workspace::default();
    for (width, height, scale) in [(512, 30, 1), (3, 3, 1), (640, 11, 300), (512, 30, 1), (1, 200, 2)] {
        let pixels = scene(width, height, scale);
        let image = Image::new(&pixels, width, height).unwrap();
        let mask = Mask::of(image);
        for level in Level::available() {
            let mut out = vec![0; room(width, height)];
            let size = encode(level, &mut workspace, image, &mask, &mut out).unwrap();
            assert_eq!(out[..size], encoded(Level::Portable, &pixels, width, height));
            let mut back = vec![1; pixels.len()];
            decode(level, &mut workspace, &out[..size], &mask, ImageMut::new(&mut back, width, height).unwrap()).unwrap();
            assert_eq!(back, pixels);
        }
    }
}

#[test]
fn the_exact_room_is_enough_and_less_is_refused() {
    let pixels = scene(50, 20, 1);
    let image = Image::new(&pixels, 50, 20).unwrap();
    let mask = Mask::of(image);
    let size = encoded(Level::Portable, &pixels, 50, 20).len();
    for level in Level::available() {
        for room in 0..size {
            assert_eq!(encode(level, &mut Workspace::default(), image, &mask, &mut vec![0; room]), None);
        }
        assert_eq!(encode(level, &mut Workspace::default(), image, &mask, &mut vec![0; size]), Some(size));
    }
}

#[test]
fn narrow_images_that_would_take_much_memory_are_refused() {
    let encode = |width, height| {
        let pixels = vec![0; width as usize * height as usize];
        let image = Image::new(&pixels, width, height).unwrap();
        encode(Level::best(), &mut Workspace::default(), image, &Mask::of(image), &mut [0; 1000])
    };
    assert_eq!(encode(1, (1 << 21) + 1), None);
    assert_eq!(encode(3, 100), Some(EMPTY));
}

#[test]
fn cut_or_continued_data_is_refused() {
    for scale in [1, 300] {
        let pixels = scene(70, 12, scale);
        let mask = Mask::of(Image::new(&pixels, 70, 12).unwrap());
        let data = encoded(Level::Portable, &pixels, 70, 12);
        for length in 0..data.len() {
            assert_eq!(decoded(&data[..length], &mask, 70, 12), None, "{length} of {}", data.len());
        }
        assert_eq!(decoded(&[&data[..], &[0]].concat(), &mask, 70, 12), None);
    }
}

/// Every third bit. Nothing panics; what is not refused is the same from every level, which `decoded` asserts.
#[test]
fn data_with_a_bit_turned_is_read_alike_by_every_level() {
    for (width, scale) in [(70, 1), (512, 1), (40, 300)] {
        let pixels = scene(width, 3, scale);
        let mask = Mask::of(Image::new(&pixels, width, 3).unwrap());
        let mut data = encoded(Level::Portable, &pixels, width, 3);
        for bit in (0..8 * data.len()).step_by(3) {
            data[bit / 8] ^= 1 << (bit % 8);
            decoded(&data, &mask, width, 3);
            data[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_image_is_written_alike_and_read_by_every_level(
        width in 1u32..200, height in 1u32..20, pixels in vec(any::<u16>(), 4000), bits in 1u32..=16, holes in 0u16..4,
    ) {
        let mut pixels = pixels[..(width * height) as usize].to_vec();
        for pixel in &mut pixels {
            *pixel = if *pixel % 4 < holes { 0 } else { (*pixel >> (16 - bits)).wrapping_add(600) };
        }
        check(&pixels, width, height);
    }

    /// Well-formed on the outside, and anything within.
    #[test]
    fn any_data_is_read_alike_by_every_level(
        shift in 0u8..=10, tables in vec(0u8..64, model::CONTEXTS), states in vec(rans::LOWEST..rans::LOWEST << 16, 64),
        lengths in vec(0usize..40, 6), noise in vec(any::<u8>(), 80), width in 1u32..150, height in 1u32..9,
    ) {
        let mut data = vec![shift];
        data.extend(tables);
        for (states, lengths) in states.chunks(32).zip(lengths.chunks(3)) {
            data.extend(lengths.iter().flat_map(|&length| (length as u32).to_le_bytes()));
            data.extend(states.iter().flat_map(|state| state.to_le_bytes()));
            for length in [2 * lengths[0], 2 * lengths[1], lengths[2]] {
                data.extend(&noise[..length]);
            }
        }
        let pixels = scene(width, height, 1);
        decoded(&data, &Mask::of(Image::new(&pixels, width, height).unwrap()), width, height);
    }

    #[test]
    fn noise_is_read_alike_by_every_level(data in vec(any::<u8>(), 0..1000)) {
        let pixels = scene(64, 8, 1);
        decoded(&data, &Mask::of(Image::new(&pixels, 64, 8).unwrap()), 64, 8);
    }
}

/// Frames of real sensors: those that the variable names, or of a folder beside the project.
#[test]
fn real_frames_are_written_alike_read_by_every_level_and_small() {
    let folder =
        std::env::var_os("KINECT2_TEST_FRAMES").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let mut sizes = [0; 2];
    for (name, width, height) in [
        ("kinect2_sandbox/depth_512x424", 512, 424),
        ("kinect2_sandbox/infrared_512x424", 512, 424),
        ("kinect2_handheld/depth_017", 512, 424),
        ("kinect2_handheld/depth_199", 512, 424),
        ("kinect2_handheld/infrared_082", 512, 424),
        ("azure_room/depth_1_ceiling0_320x288", 320, 288),
        ("azure_desk/depth_640x576", 640, 576),
        ("azure_desk/infrared_640x576", 640, 576),
    ] {
        let Ok(bytes) = std::fs::read(folder.join(name).with_extension("u16")) else {
            println!("skipped: {} is not there (KINECT2_TEST_FRAMES names the folder)", folder.join(name).display());
            continue;
        };
        let pixels: Vec<u16> = bytes.as_chunks().0.iter().map(|pixel| u16::from_le_bytes(*pixel)).collect();
        let size = check(&pixels, width, height);
        if name.starts_with("kinect2") && name.contains("depth") {
            sizes[0] += bytes.len();
            sizes[1] += size;
        }
    }
    assert!(10 * sizes[0] >= 47 * sizes[1], "{sizes:?}");
}

/// Images by `scene`, and the data that any implementation must write for them.
#[test]
fn the_test_vectors_hold() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/k2d_vectors/ratio.txt");
    let cases = [(1, 1, 1), (5, 3, 1), (33, 4, 1), (40, 10, 1), (64, 3, 211)];
    let line = |&(width, height, scale)| {
        let data = encoded(Level::Portable, &scene(width, height, scale), width, height);
        let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{width} {height} {scale} {hex}\n")
    };
    let text: String = cases.iter().map(line).collect();
    if std::env::var_os("KINECT2_BLESS").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    assert!(std::fs::read_to_string(file).unwrap() == text, "other data than in tests/k2d_vectors/ratio.txt");
}

#[test]
fn the_tables_are_those_of_the_script() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/k2d_tables.py");
    match Command::new("python3").arg(script).arg("--check").status() {
        Ok(status) => assert!(status.success(), "src/codec/k2d/ratio/tables.rs is not what scripts/k2d_tables.py makes"),
        Err(error) => println!("skipped: no python3 ({error})"),
    }
}

/// Prints what `scripts/k2d_tables.py` makes tables of: for every image and context the count of every symbol.
#[test]
#[ignore = "prints counts of the images of 512x424 that K2D_COUNT names"]
fn counts() {
    let names = std::env::var("K2D_COUNT").unwrap();
    for name in names.split(':') {
        let bytes = std::fs::read(name).unwrap();
        let pixels: Vec<u16> = bytes.as_chunks().0.iter().map(|pixel| u16::from_le_bytes(*pixel)).collect();
        let image = Image::new(&pixels, 512, 424).unwrap();
        let mut workspace = Workspace::default();
        let mut out = vec![0; room(512, 424)];
        encode(Level::Portable, &mut workspace, image, &Mask::of(image), &mut out).unwrap();
        workspace.counts.clear();
        workspace.counts.add(&workspace.tokens);
        let stem = Path::new(name).file_stem().unwrap().to_str().unwrap();
        for (context, counts) in workspace.counts.rows() {
            let counts: Vec<String> = counts.iter().map(u32::to_string).collect();
            println!("{stem},{context},{}", counts.join(","));
        }
    }
}
