//! K2D: every instruction set reads and writes the same, whatever it is given and whatever the workspace was used for before.

use std::cell::RefCell;

use streamkinect2::codec::k2d::{self, Level, Settings, Workspace};
use streamkinect2::codec::options::Profile;
use streamkinect2::codec::{Image, ImageMut};
use streamkinect2::error::ErrorKind;

/// A little more than a frame of a Kinect v2 has: what needs more is slow and shows nothing new.
const MOST_PIXELS: u64 = 1 << 18;

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// Width - 1 and height - 1, two bytes each, and K2D data.
pub fn data(data: &[u8]) {
    let Some((&[w0, w1, h0, h1], data)) = data.split_first_chunk() else { return };
    let (width, height) = (u32::from(u16::from_le_bytes([w0, w1])) + 1, u32::from(u16::from_le_bytes([h0, h1])) + 1);
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return;
    }
    if let Some(pixels) = decoded(data, width, height) {
        // What is accepted is an image that can be said, and comes back.
        for profile in [Profile::Speed, Profile::Ratio] {
            let again = encoded(&pixels, width, height, &Settings { profile, ..Settings::default() });
            assert!(decoded(&again, width, height).as_ref() == Some(&pixels));
        }
    }
}

/// Width - 1 and the largest error, one byte each, the largest relative error in ten thousandths, one byte, and an image as little-endian
/// values.
pub fn image(data: &[u8]) {
    let [width, mm, relative, values @ ..] = data else { return };
    let (width, max_error_mm, max_error_ppm) = (u32::from(*width) + 1, u32::from(*mm), 100 * u32::from(*relative));
    let pixels: Vec<u16> = values.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
    let height = pixels.len() as u32 / width;
    if height == 0 {
        return;
    }
    let pixels = &pixels[..(width * height) as usize];
    for profile in [Profile::Speed, Profile::Ratio] {
        let data = encoded(pixels, width, height, &Settings { profile, max_error_mm, max_error_ppm });
        let back = decoded(&data, width, height).expect("what was encoded is an image");
        for (pixel, back) in pixels.iter().zip(back) {
            let allowed = u64::from(max_error_mm).max(u64::from(*pixel) * u64::from(max_error_ppm) / 1_000_000);
            assert!(u64::from(pixel.abs_diff(back)) <= allowed && (*pixel == 0) == (back == 0), "{pixel} became {back}");
        }
    }
}

/// The image, if the data is one, from all levels alike.
fn decoded(data: &[u8], width: u32, height: u32) -> Option<Vec<u16>> {
    let decode = |level| {
        let mut pixels = vec![0xa5c3; (width * height) as usize];
        let image = ImageMut::new(&mut pixels, width, height).unwrap();
        match WORKSPACE.with_borrow_mut(|workspace| k2d::decode(level, workspace, data, image)) {
            Ok(()) => Some(pixels),
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::Corrupt, "{error}");
                None
            }
        }
    };
    let first = decode(Level::Portable);
    for level in Level::available().filter(|level| *level != Level::Portable) {
        assert!(decode(level) == first, "{level:?} reads something else than the portable decoder");
    }
    first
}

/// The same data from all levels, within the bound.
fn encoded(pixels: &[u16], width: u32, height: u32, settings: &Settings) -> Vec<u8> {
    let encode = |level| {
        let mut data = vec![0xa5; k2d::bound(width, height).unwrap()];
        let image = Image::new(pixels, width, height).unwrap();
        let encoded = WORKSPACE.with_borrow_mut(|workspace| k2d::encode(level, workspace, image, settings, &mut data));
        let encoded = encoded.expect("the bound suffices");
        data.truncate(encoded.size);
        data
    };
    let first = encode(Level::Portable);
    for level in Level::available().filter(|level| *level != Level::Portable) {
        assert!(encode(level) == first, "{level:?} writes something else than the portable encoder");
    }
    first
}
