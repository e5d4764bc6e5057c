//! What the sensor makes of a picture: noise, pixels without a value, and what happens at edges. The numbers were measured in frames of
//! real Kinect v2, through Microsoft's SDK and through libfreenect2.
//!
//! - Distance: its standard deviation is a matter of the infrared that comes back, at whatever distance: the root of
//!   (1.1 mm)^2 + (3400 mm / counts)^2. In the room that makes about 2.3 mm at 1.75 m, 3.2 mm at 2.5 m, 3.6 mm at 3.25 m. Errors are alike
//!   in neighbouring pixels ([`Smeared`]) and have nothing to do with those of the next frame.
//! - Infrared: 37 counts and 2 % of the value, independent in each pixel; of the latter 1 % comes anew with each frame and 1.8 % is the
//!   pixel's own sensitivity, which stays.
//! - Too little infrared: half of the pixels are invalid at 165 counts, nearly all below 100, nearly none above 300.
//! - Edges: where one surface ends before another a line of pixels is invalid, mostly those that show the farther one; of those that
//!   are left a few lie between the two ("flying pixels").
//!
//! Whether a pixel is valid depends half on its own habits and half on chance, so that some of these, but not all, flicker.

use super::random::{BELL, Numbers, Purpose, RowNumbers, SMEARED, Smeared, bell};
use super::room::Picture;

/// Standard deviation of distance with plenty of light in mm, and what is added with little, in mm times counts.
const DISTANCE_NOISE: [f32; 2] = [1.1, 3400.0];
/// Standard deviation of infrared in the dark in counts, and what is added to it, in counts a count.
const INFRARED_NOISE: [f32; 2] = [37.0, 0.01];
/// Standard deviation of the pixels' sensitivities.
const PATTERN: f32 = 0.018;
/// Counts at which half of the pixels are invalid, and the standard deviations of that limit, from pixel to pixel and from frame to
/// frame; the noise of infrared comes on top.
const WEAK: [f32; 2] = [165.0, 32.0];

/// Sensitivities of a row's pixels about 1: the same in every frame.
pub fn pattern(seed: u32, row: usize) -> impl Fn(usize) -> f32 {
    let numbers = Numbers::new(seed, Purpose::Pattern, 0).row(row);
    move |column| 1.0 + PATTERN / BELL * bell(numbers.at(column)) as f32
}

/// Where distance bends by this much from one neighbour over the pixel to the other there is an edge, in units of the picture: 60 mm. A
/// floor seen at a flat angle does not bend.
const EDGE: i32 = 60 * 8;

/// See the module. Holds the memory that each frame needs.
pub struct Sensor {
    seed: u32,
    width: usize,
    smeared: Smeared,
    bends: Vec<i32>,
}

impl Sensor {
    pub fn new(seed: u32, width: usize) -> Self {
        Self { seed, width, smeared: Smeared::new(width), bends: vec![0; width] }
    }

    /// One frame of a picture, whose size both images have: depth in mm, 0 where invalid, and infrared in counts.
    pub fn expose(&mut self, picture: &Picture, frame: u64, depth: &mut [u16], infrared: &mut [u16]) {
        let [errors, light, validity] =
            [Purpose::Distance, Purpose::Infrared, Purpose::Validity].map(|purpose| Numbers::new(self.seed, purpose, frame));
        let habits = Numbers::new(self.seed, Purpose::Habit, 0);
        self.smeared.begin(&errors);
        let rows = depth.chunks_exact_mut(self.width).zip(infrared.chunks_exact_mut(self.width));
        for (y, (depth, infrared)) in rows.enumerate() {
            let row = y * self.width..(y + 1) * self.width;
            observe(&picture.light[row.clone()], light.row(y), infrared);
            measure(&picture.distance[row.clone()], &picture.light[row], self.smeared.next_row(&errors, y), depth);
            find_bends(&picture.distance, y, &mut self.bends);
            invalidate(&self.bends, infrared, [habits.row(y), validity.row(y)], depth);
        }
    }
}

/// Infrared as it is counted. No light at all, which is what pixels have that do not see, is exactly 0.
fn observe(light: &[u16], numbers: RowNumbers, infrared: &mut [u16]) {
    for (x, (counted, light)) in infrared.iter_mut().zip(light).enumerate() {
        let expected = f32::from(*light);
        let deviation = INFRARED_NOISE[0] + INFRARED_NOISE[1] * expected;
        let value = expected + deviation / BELL * bell(numbers.at(x)) as f32;
        *counted = if *light == 0 { 0 } else { (value + 0.5) as u16 };
    }
}

/// Distance with its errors.
fn measure(distance: &[u16], light: &[u16], errors: &[i32], depth: &mut [u16]) {
    for (((depth, distance), light), error) in depth.iter_mut().zip(distance).zip(light).zip(errors) {
        let dim = DISTANCE_NOISE[1] / f32::from(*light).max(1.0);
        let deviation = (DISTANCE_NOISE[0] * DISTANCE_NOISE[0] + dim * dim).sqrt();
        *depth = (f32::from(*distance) / 8.0 + deviation / SMEARED * *error as f32 + 0.5) as u16;
    }
}

/// How distance bends at each pixel of row `y`, sideways or up and down, whichever is more: positive where the neighbours are farther.
fn find_bends(distance: &[u16], y: usize, bends: &mut [i32]) {
    let (width, height) = (bends.len(), distance.len() / bends.len());
    let row = |y: usize| &distance[y * width..(y + 1) * width];
    let (above, here, below) = (row(y.saturating_sub(1)), row(y), row((y + 1).min(height - 1)));
    let bend = |a: u16, middle: u16, b: u16| i32::from(a) + i32::from(b) - 2 * i32::from(middle);
    for (((to, a), middle), b) in bends.iter_mut().zip(above).zip(here).zip(below) {
        *to = bend(*a, *middle, *b);
    }
    for (to, three) in bends.iter_mut().skip(1).zip(here.windows(3)) {
        let sideways = bend(three[0], three[1], three[2]);
        *to = if sideways.abs() > to.abs() { sideways } else { *to };
    }
}

/// Takes away what is too dark or at an edge. `habits` are the pixels', `numbers` the frame's.
fn invalidate(bends: &[i32], infrared: &[u16], [habits, numbers]: [RowNumbers; 2], depth: &mut [u16]) {
    for (x, ((depth, bend), counted)) in depth.iter_mut().zip(bends).zip(infrared).enumerate() {
        let (habit, chance) = (habits.at(x), numbers.at(x));
        let limit = WEAK[0] + WEAK[1] / BELL * (bell(habit) + bell(chance)) as f32;
        if f32::from(*counted) < limit.max(1.0) {
            *depth = 0;
        } else if bend.abs() > EDGE {
            *depth = at_edge(*depth, *bend, habit, chance);
        }
    }
}

/// A pixel at an edge: invalid, or perhaps between the two surfaces.
fn at_edge(depth: u16, bend: i32, habit: u32, chance: u32) -> u16 {
    // The farther surface's pixels get light of both. Of 256; the jump between the surfaces is as large as the bend.
    let share = (40 + bend.abs() / 16).min(220) * if bend < 0 { 5 } else { 2 } / 5;
    if ((habit >> 24) + (chance >> 24)) as i32 / 2 < share {
        return 0;
    }
    // A quarter of the others, by up to half of the jump. Of 128, since the bend has eighths.
    let flying = (chance >> 16 & 0xff).saturating_sub(192) as i32;
    (i32::from(depth) + bend * flying / (8 * 128)).clamp(1, i32::from(u16::MAX)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 128;
    const HEIGHT: usize = 100;

    /// A frame of `distance` in mm and `light` at each row and column.
    fn frame(number: u64, distance: impl Fn(usize, usize) -> f64, light: u16) -> (Vec<u16>, Vec<u16>) {
        let at = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
        let picture = Picture { distance: at.map(|(x, y)| (8.0 * distance(x, y)) as u16).collect(), light: vec![light; WIDTH * HEIGHT] };
        let (mut depth, mut infrared) = (vec![9; WIDTH * HEIGHT], vec![9; WIDTH * HEIGHT]);
        Sensor::new(5, WIDTH).expose(&picture, number, &mut depth, &mut infrared);
        (depth, infrared)
    }

    fn deviation(values: &[u16], mean: f64) -> f64 {
        (values.iter().map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
    }

    fn share(values: &[u16], of: impl Fn(u16) -> bool) -> f64 {
        values.iter().filter(|value| of(**value)).count() as f64 / values.len() as f64
    }

    #[test]
    fn errors_of_distance_depend_on_light() {
        for (light, expected) in [(500, 7.28), (1000, 3.76), (2000, 2.11), (4000, 1.42), (30000, 1.11)] {
            let (depth, _) = frame(1, |_, _| 2000.0, light);
            // Rounding adds a twelfth of a square millimetre.
            let found = (deviation(&depth, 2000.0).powi(2) - 1.0 / 12.0).sqrt();
            assert!((found / expected - 1.0).abs() < 0.06, "{light} counts: {found} mm instead of {expected}");
        }
    }

    #[test]
    fn infrared_has_its_errors_and_stays_in_range() {
        for (light, expected) in [(200, 39.0), (1000, 47.0), (10000, 137.0)] {
            let (_, infrared) = frame(1, |_, _| 2000.0, light);
            let found = deviation(&infrared, f64::from(light));
            assert!((found / expected - 1.0).abs() < 0.04, "{light} counts: {found} instead of {expected}");
        }
        let (_, infrared) = frame(1, |_, _| 2000.0, u16::MAX);
        assert!(infrared.iter().all(|counts| *counts > 60000) && infrared.contains(&u16::MAX));
    }

    #[test]
    fn sensitivities_differ_by_two_percent_and_stay() {
        let row = |seed: u32| (0..2000).map(pattern(seed, 3)).collect::<Vec<_>>();
        let deviation = (row(1).iter().map(|factor| (factor - 1.0).powi(2)).sum::<f32>() / 2000.0).sqrt();
        assert!((0.017..0.019).contains(&deviation), "{deviation}");
        assert_eq!(row(1), row(1));
        assert_ne!(row(1), row(2));
    }

    #[test]
    fn what_is_too_dark_is_invalid() {
        for (light, least, most) in
            [(40, 0.95, 1.0), (100, 0.8, 0.95), (165, 0.45, 0.55), (230, 0.08, 0.2), (320, 0.0, 0.02), (450, 0.0, 0.0)]
        {
            let (depth, _) = frame(1, |_, _| 2000.0, light);
            let invalid = share(&depth, |value| value == 0);
            assert!((least..=most).contains(&invalid), "{light} counts: {invalid}");
        }
        let (depth, infrared) = frame(1, |_, _| 2000.0, 0);
        assert!(depth.iter().chain(&infrared).all(|value| *value == 0));
    }

    #[test]
    fn some_pixels_are_more_readily_invalid_than_others() {
        let valid = |number: u64| frame(number, |_, _| 2000.0, 165).0.iter().map(|value| u16::from(*value > 0)).collect::<Vec<_>>();
        let (first, second) = (valid(1), valid(2));
        let flips: Vec<u16> = first.iter().zip(&second).map(|(a, b)| a ^ b).collect();
        let flips = share(&flips, |flip| flip == 1);
        assert!((0.3..0.45).contains(&flips), "{flips} where chance alone would make 0.5");
    }

    #[test]
    fn edges_are_lines_of_invalid_pixels() {
        let (depth, _) = frame(1, |x, _| if x < 64 { 2000.0 } else { 3000.0 }, 8000);
        let column = |x: usize| depth.iter().skip(x).step_by(WIDTH).copied().collect::<Vec<_>>();
        let invalid = |x: usize| share(&column(x), |value| value == 0);
        assert!((0.15..0.45).contains(&invalid(63)) && (0.8..1.0).contains(&invalid(64)), "{} {}", invalid(63), invalid(64));
        assert!((0..WIDTH).filter(|x| ![63, 64].contains(x)).all(|x| invalid(x) == 0.0));
        assert!(column(63).iter().all(|value| *value == 0 || (1990..2510).contains(value)));
        let flying = share(&column(63), |value| value > 2010);
        assert!((0.05..0.35).contains(&flying), "{flying}");
    }

    #[test]
    fn a_floor_at_a_flat_angle_has_no_edges() {
        let (depth, _) = frame(1, |_, y| 1500.0 + 40.0 * y as f64, 8000);
        assert!(depth.iter().all(|value| *value > 0));
    }

    #[test]
    fn nothing_depends_on_what_was_in_the_images_or_came_before() {
        let flat = Picture { distance: vec![16000; 64], light: vec![900; 64] };
        let (mut sensor, mut images) = (Sensor::new(1, 8), [[vec![0; 64], vec![1; 64]], [vec![2; 64], vec![3; 64]]]);
        for (image, number) in images.iter_mut().zip([6, 6]) {
            let [depth, infrared] = image;
            sensor.expose(&flat, 5, depth, infrared);
            sensor.expose(&flat, number, depth, infrared);
        }
        assert_eq!(images[0], images[1]);
    }
}
