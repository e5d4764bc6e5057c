//! The room: what stands in it, and what the sensor would see of it without noise. It does not move, so that is worked out once.

use super::camera::{Camera, to_room};
use super::geometry::{Capsule, Cuboid, Hit, PreparedCapsule, Ray, Vector};

/// Height of the floor under the camera, in metres.
pub const FLOOR: f32 = 1.25;

/// Infrared from a white surface at 1 m that faces the sensor in the middle of the image, in the sensor's counts.
const WHITE_AT_1_M: f32 = 33000.0;
/// Units of [`Picture::distance`] in a metre.
const UNITS: f32 = 8000.0;

/// An image without noise.
#[derive(Clone)]
pub struct Picture {
    /// Along the optical axis, in eighths of a millimetre.
    pub distance: Vec<u16>,
    /// Infrared that comes back, in counts.
    pub light: Vec<u16>,
}

/// What one pixel sees.
#[derive(Debug, Clone, Copy)]
pub struct Sight {
    distance: f32,
    reflected: f32,
}

impl Sight {
    pub fn new(hit: Hit, albedo: f32) -> Self {
        Self { distance: hit.distance, reflected: albedo * hit.incidence }
    }

    /// As [`Picture`] has it.
    pub fn distance(&self) -> u16 {
        (self.distance * UNITS) as u16
    }

    /// As [`Picture`] has it, for a pixel that gets this share of the light.
    pub fn light(&self, share: f32) -> u16 {
        (WHITE_AT_1_M * share * self.reflected / (self.distance * self.distance)) as u16
    }
}

/// Two corners of a box, and how much infrared its faces reflect.
type Block = (Vector, Vector, f32);

/// What is made of boxes; x is to the right, y down, z ahead, in metres from the camera.
const BLOCKS: &[Block] = &[
    // Floor, ceiling, walls
    ([-9.0, FLOOR, -1.0], [9.0, 2.0, 9.0], 0.9),
    ([-9.0, -2.0, -1.0], [9.0, -1.3, 9.0], 0.9),
    ([-3.0, -2.0, -1.0], [-1.95, 2.0, 9.0], 0.85),
    ([2.35, -2.0, -1.0], [4.0, 2.0, 9.0], 0.85),
    ([-3.0, -2.0, 3.3], [4.0, 2.0, 5.0], 0.6),
    // A rug, a skirting board, a picture, a screen, which is too dark to be measured
    ([-0.9, FLOOR - 0.01, 1.7], [1.2, FLOOR, 2.6], 0.75),
    ([-1.95, FLOOR - 0.1, 3.28], [2.35, FLOOR, 3.3], 0.8),
    ([1.35, -0.75, 3.27], [1.95, -0.25, 3.3], 0.75),
    ([1.4, -0.7, 3.265], [1.9, -0.3, 3.27], 0.3),
    ([-0.85, -0.6, 3.21], [0.45, 0.15, 3.3], 0.006),
    // A sideboard under the screen, with something on it
    ([-1.05, 0.5, 2.85], [0.65, FLOOR - 0.08, 3.3], 0.6),
    ([-0.95, 0.32, 2.95], [-0.7, 0.5, 3.2], 0.6),
    ([0.35, 0.26, 2.97], [0.4, 0.5, 3.07], 0.15),
    ([0.42, 0.3, 2.97], [0.48, 0.5, 3.09], 0.55),
    // A shelf at the left wall: sides, boards, books
    ([-1.95, -0.7, 2.1], [-1.6, FLOOR, 2.14], 0.75),
    ([-1.95, -0.7, 2.96], [-1.6, FLOOR, 3.0], 0.75),
    ([-1.95, -0.74, 2.1], [-1.6, -0.7, 3.0], 0.75),
    ([-1.95, -0.25, 2.1], [-1.6, -0.21, 3.0], 0.75),
    ([-1.95, 0.25, 2.1], [-1.6, 0.29, 3.0], 0.75),
    ([-1.95, 0.75, 2.1], [-1.6, 0.79, 3.0], 0.75),
    ([-1.9, -0.02, 2.2], [-1.68, 0.25, 2.6], 0.5),
    ([-1.9, 0.48, 2.5], [-1.65, 0.75, 2.9], 0.35),
    // A sofa at the right wall: seat, back, arms
    ([1.4, 0.8, 2.25], [2.25, FLOOR, 3.2], 0.75),
    ([1.4, 0.4, 3.0], [2.25, FLOOR, 3.3], 0.75),
    ([1.25, 0.6, 2.2], [1.4, FLOOR, 3.3], 0.75),
    ([2.2, 0.6, 2.2], [2.35, FLOOR, 3.3], 0.75),
    // A low table with legs, on it a laptop
    ([-0.95, 0.72, 1.35], [-0.2, 0.76, 1.85], 0.75),
    ([-0.93, 0.76, 1.37], [-0.89, FLOOR, 1.41], 0.75),
    ([-0.26, 0.76, 1.37], [-0.22, FLOOR, 1.41], 0.75),
    ([-0.93, 0.76, 1.79], [-0.89, FLOOR, 1.83], 0.75),
    ([-0.26, 0.76, 1.79], [-0.22, FLOOR, 1.83], 0.75),
    ([-0.8, 0.7, 1.42], [-0.48, 0.72, 1.64], 0.3),
    ([-0.8, 0.5, 1.64], [-0.48, 0.72, 1.655], 0.3),
    // A dark basket under it, and a dark bag on the other side
    ([-1.15, 1.05, 1.5], [-0.72, FLOOR, 1.85], 0.2),
    ([1.18, 1.02, 1.1], [1.5, FLOOR, 1.5], 0.2),
    // A chair near the camera: seat, back, legs
    ([0.55, 0.75, 1.15], [0.95, 0.79, 1.55], 0.7),
    ([0.93, 0.3, 1.15], [0.96, 0.42, 1.55], 0.7),
    ([0.93, 0.52, 1.15], [0.96, 0.6, 1.55], 0.7),
    ([0.93, 0.3, 1.15], [0.96, FLOOR, 1.19], 0.7),
    ([0.93, 0.3, 1.51], [0.96, FLOOR, 1.55], 0.7),
    ([0.55, 0.79, 1.15], [0.59, FLOOR, 1.19], 0.7),
    ([0.55, 0.79, 1.51], [0.59, FLOOR, 1.55], 0.7),
];

/// Two ends of an axis, a radius, and how much infrared the surface reflects.
type Round = (Vector, Vector, f32, f32);

/// What is round.
const ROUNDS: &[Round] = &[
    // A lamp: foot, pole, shade
    ([0.95, FLOOR, 3.0], [0.95, FLOOR, 3.01], 0.12, 0.3),
    ([0.95, FLOOR, 3.0], [0.95, -0.5, 3.0], 0.015, 0.6),
    ([0.95, -0.62, 3.0], [0.95, -0.5, 3.0], 0.14, 0.8),
    // A cushion, a ball, a cup
    ([1.6, 0.68, 2.85], [1.8, 0.66, 2.9], 0.13, 0.75),
    ([-1.25, FLOOR - 0.11, 2.3], [-1.25, FLOOR - 0.11, 2.3], 0.11, 0.65),
    ([-0.35, 0.66, 1.5], [-0.35, 0.69, 1.5], 0.03, 0.75),
    // A plant: pot, leaves
    ([-1.4, FLOOR - 0.12, 3.0], [-1.4, FLOOR - 0.2, 3.0], 0.13, 0.4),
    ([-1.4, 0.9, 3.0], [-1.42, 0.3, 2.95], 0.035, 0.75),
    ([-1.4, 0.9, 3.0], [-1.15, 0.4, 2.95], 0.03, 0.75),
    ([-1.4, 0.9, 3.0], [-1.6, 0.42, 3.0], 0.03, 0.75),
    ([-1.4, 0.9, 3.0], [-1.28, 0.2, 3.05], 0.025, 0.75),
    ([-1.4, 0.9, 3.0], [-1.2, 0.65, 2.8], 0.03, 0.75),
    ([-1.4, 0.9, 3.0], [-1.55, 0.62, 2.85], 0.03, 0.75),
];

/// The room, ready to be looked at.
pub struct Room {
    blocks: Vec<(Cuboid, f32)>,
    rounds: Vec<(PreparedCapsule, f32)>,
}

impl Room {
    pub fn new() -> Self {
        Self {
            blocks: BLOCKS.iter().map(|&(min, max, albedo)| (Cuboid { min, max }, albedo)).collect(),
            rounds: ROUNDS.iter().map(|&(a, b, radius, albedo)| (Capsule { ends: [a, b], radius }.prepared(), albedo)).collect(),
        }
    }

    /// What is to be seen in a direction of the camera's. Walls are all round.
    pub fn look(&self, direction: Vector) -> Option<Sight> {
        let ray = Ray::new(to_room(direction));
        let blocks = self.blocks.iter().filter_map(|(block, albedo)| Some((block.hit(&ray)?, *albedo)));
        let rounds = self.rounds.iter().filter_map(|(round, albedo)| Some((round.hit(&ray)?, *albedo)));
        let nearest = blocks.chain(rounds).min_by(|(a, _), (b, _)| a.distance.total_cmp(&b.distance));
        nearest.map(|(hit, albedo)| Sight::new(hit, albedo))
    }

    /// The whole of it; `shares` is the share of light that each pixel gets.
    pub fn picture(&self, camera: &Camera, shares: &[f32]) -> Picture {
        let mut picture = Picture { distance: Vec::with_capacity(shares.len()), light: Vec::with_capacity(shares.len()) };
        for (y, row) in shares.chunks_exact(camera.width()).enumerate() {
            for (x, share) in row.iter().enumerate() {
                let sight = self.look(camera.direction(x, y));
                picture.distance.push(sight.map_or(0, |sight| sight.distance()));
                picture.light.push(sight.map_or(0, |sight| sight.light(*share)));
            }
        }
        picture
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::mock::camera::to_camera;

    /// What is seen where this point of the room lies, and how deep that is.
    fn towards(point: Vector) -> (Sight, f32) {
        let [x, y, z] = to_camera(point);
        (Room::new().look([x / z, y / z, 1.0]).unwrap(), z)
    }

    #[test]
    fn things_are_where_they_stand() {
        let light_of = |point: Vector| {
            let (sight, depth) = towards(point);
            assert!((f32::from(sight.distance()) / UNITS - depth).abs() < 0.003, "{point:?}: {sight:?} instead of {depth}");
            sight.light(1.0)
        };
        let (wall, screen, floor) = (light_of([0.8, 0.2, 3.3]), light_of([-0.2, -0.2, 3.21]), light_of([0.2, FLOOR, 2.7]));
        assert!((1000..3000).contains(&wall) && screen < 30 && (1000..3000).contains(&floor), "{wall} {screen} {floor}");
        let shade = light_of(std::array::from_fn(|axis| [0.95, -0.56, 3.0][axis] * (1.0 - 0.14 / 3.197)));
        assert!(shade > 1000, "{shade}");
    }

    #[test]
    fn light_falls_with_the_square_of_distance_and_with_incidence() {
        let light = |distance: f32, incidence: f32| Sight::new(Hit { distance, incidence }, 0.5).light(0.5);
        assert_eq!((light(1.0, 1.0), light(2.0, 1.0), light(1.0, 0.5)), (8250, 2062, 4125));
        assert_eq!(light(0.1, 1.0), u16::MAX);
    }

    #[test]
    fn something_is_seen_everywhere() {
        let camera = Camera::new(64, 53);
        let picture = Room::new().picture(&camera, &vec![1.0; 64 * 53]);
        assert_eq!((picture.distance.len(), picture.light.len()), (64 * 53, 64 * 53));
        assert!(picture.distance.iter().all(|distance| (8000..36000).contains(distance)));
        assert!(picture.light.iter().all(|light| *light > 0));
    }
}
