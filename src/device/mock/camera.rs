//! The eye of the sensor: where each pixel looks, and how much of the light it gets.

use std::ops::Range;

use super::geometry::{Bounds, Vector, dot, plus};

/// Pixels of a Kinect v2, for which the numbers below hold. Other sizes see the same field of view.
const SENSOR: [f32; 2] = [512.0, 424.0];
/// Focal length and principal point, in pixels: about what calibrations of real ones say.
const FOCAL: f32 = 366.0;
const CENTRE: [f32; 2] = [255.5, 206.0];
/// At this distance from the middle, in pixels, a pixel gets half of the light; see [`Camera::vignetting`].
const HALF_LIGHT: f32 = 200.0;

/// How the camera stands in the room: its right, its down and the way it looks, in the room's axes (right, down, ahead). It is turned to
/// the right by 10.4 degrees and bent down by 8.8; sines and cosines are sides of triangles.
const POSE: [Vector; 3] = {
    let ([turn_sin, turn_cos], [bend_sin, bend_cos]) = ([11.0 / 61.0, 60.0 / 61.0], [13.0 / 85.0, 84.0 / 85.0]);
    [
        [turn_cos, 0.0, -turn_sin],
        [-turn_sin * bend_sin, bend_cos, -turn_cos * bend_sin],
        [turn_sin * bend_cos, bend_sin, turn_cos * bend_cos],
    ]
};

/// A direction of the camera's, in the room's axes.
pub fn to_room(direction: Vector) -> Vector {
    let [right, down, ahead] = POSE;
    plus(plus(plus([0.0; 3], direction[0], right), direction[1], down), direction[2], ahead)
}

/// A point of the room, as the camera sees it. Both have their origin in the camera.
pub fn to_camera(point: Vector) -> Vector {
    POSE.map(|axis| dot(axis, point))
}

/// See the module.
pub struct Camera {
    size: [usize; 2],
    /// How far each column looks to the right, and each row down, at a depth of 1.
    slopes: [Vec<f32>; 2],
}

/// Where the middle of a column or row lies on the sensor, in its pixels.
fn place(at: usize, axis: usize, size: usize) -> f32 {
    (at as f32 + 0.5) * (SENSOR[axis] / size as f32) - 0.5
}

impl Camera {
    pub fn new(width: u32, height: u32) -> Self {
        let size = [width as usize, height as usize];
        let slopes = |axis: usize| (0..size[axis]).map(|at| (place(at, axis, size[axis]) - CENTRE[axis]) / FOCAL).collect();
        Self { size, slopes: [slopes(0), slopes(1)] }
    }

    pub fn width(&self) -> usize {
        self.size[0]
    }

    pub fn height(&self) -> usize {
        self.size[1]
    }

    /// Where a pixel looks; the depth of the direction is 1.
    pub fn direction(&self, x: usize, y: usize) -> Vector {
        [self.slopes[0][x], self.slopes[1][y], 1.0]
    }

    /// Columns and rows of the pixels that look into these bounds, and of a few round them.
    pub fn pixels(&self, bounds: &Bounds) -> [Range<usize>; 2] {
        let range = |axis: usize, slopes: [f32; 2]| {
            let scale = self.size[axis] as f32 / SENSOR[axis];
            let pixel = |slope: f32| (slope * FOCAL + CENTRE[axis] + 0.5) * scale;
            // Conversions stop at 0.
            let (first, end) = ((pixel(slopes[0]) - 1.0) as usize, (pixel(slopes[1]) + 2.0) as usize);
            first.min(self.size[axis])..end.min(self.size[axis])
        };
        [range(0, bounds.x), range(1, bounds.y)]
    }

    /// The share of light that a pixel gets, 0 to 1: in real frames flat in the middle, a half at 200 pixels from it, a twentieth in the
    /// corners; and nothing in the first and last column.
    pub fn vignetting(&self, x: usize, y: usize) -> f32 {
        let (column, row) = (place(x, 0, self.size[0]), place(y, 1, self.size[1]));
        if !(0.5..=SENSOR[0] - 1.5).contains(&column) {
            return 0.0;
        }
        let (dx, dy) = (column - (SENSOR[0] - 1.0) / 2.0, row - (SENSOR[1] - 1.0) / 2.0);
        let squared = (dx * dx + dy * dy) / (HALF_LIGHT * HALF_LIGHT);
        1.0 / (1.0 + squared * squared * squared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pose_is_a_rotation() {
        for (i, a) in POSE.iter().enumerate() {
            for (j, b) in POSE.iter().enumerate() {
                assert!((dot(*a, *b) - f32::from(u8::from(i == j))).abs() < 1e-6, "{i} {j}");
            }
        }
        let point = [0.3, -0.2, 2.0];
        assert!(to_camera(to_room(point)).iter().zip(point).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn every_size_sees_the_same() {
        let view = |width: u32, height: u32| {
            let camera = Camera::new(width, height);
            let (first, last) = (camera.direction(0, 0), camera.direction(width as usize - 1, height as usize - 1));
            let half = [0.5, 0.5].map(|half| half / FOCAL);
            let (x, y) = (SENSOR[0] / width as f32 * half[0], SENSOR[1] / height as f32 * half[1]);
            [first[0] - x, first[1] - y, last[0] + x, last[1] + y]
        };
        for (width, height) in [(1, 1), (64, 48), (640, 576), (1000, 3)] {
            assert!(view(width, height).iter().zip(view(512, 424)).all(|(a, b)| (a - b).abs() < 1e-5), "{width}x{height}");
        }
    }

    #[test]
    fn a_pixel_is_found_again_by_where_it_looks() {
        for (width, height) in [(1, 1), (64, 48), (512, 424), (641, 5)] {
            let camera = Camera::new(width, height);
            for (x, y) in (0..width as usize).flat_map(|x| (0..height as usize).map(move |y| (x, y))) {
                let [dx, dy, _] = camera.direction(x, y);
                let [columns, rows] = camera.pixels(&Bounds { x: [dx, dx], y: [dy, dy] });
                assert!(columns.contains(&x) && rows.contains(&y) && columns.len() <= 4 && rows.len() <= 4, "{x} {y}");
            }
            let everything = Bounds { x: [-9.0, 9.0], y: [-9.0, 9.0] };
            assert_eq!(camera.pixels(&everything), [0..width as usize, 0..height as usize]);
            assert!(camera.pixels(&Bounds { x: [-9.0, -8.0], y: [8.0, 9.0] }).iter().all(|range| range.len() <= 2));
        }
    }

    #[test]
    fn light_falls_off_towards_the_corners() {
        let camera = Camera::new(512, 424);
        assert!(camera.vignetting(256, 212) > 0.999);
        assert!((camera.vignetting(256 + 200, 212) - 0.5).abs() < 0.02);
        assert!((0.03..0.06).contains(&camera.vignetting(2, 2)));
        assert_eq!((camera.vignetting(0, 212), camera.vignetting(511, 212)), (0.0, 0.0));
        assert!(camera.vignetting(1, 212) > 0.0 && Camera::new(1, 1).vignetting(0, 0) > 0.999);
    }
}
