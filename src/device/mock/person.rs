//! The person who walks to and fro in the room: seventeen capsules, moved by time alone.

use super::camera::{Camera, to_camera};
use super::geometry::{Capsule, Ray, Vector, plus};
use super::room::{FLOOR, Picture, Sight};

/// One round, in seconds: there and back.
pub const ROUND_SECONDS: f64 = 11.0;
/// Two steps.
const STRIDE_SECONDS: f64 = 1.1;

/// The middle of the walk, and how far it goes from there: sideways, and twice a round to and from the camera.
const MIDDLE: [f32; 2] = [0.15, 2.2];
const REACH: [f32; 2] = [0.85, 0.18];

const SKIN: f32 = 0.55;
const HAIR: f32 = 0.2;
const SHIRT: f32 = 0.6;
const TROUSERS: f32 = 0.35;
const SHOES: f32 = 0.15;

/// A part of the body: a capsule and how much infrared it reflects.
type Part = (Capsule, f32);

/// Up and down once while `phase` goes from 0 to 1, between -1 and 1: two parabolas that look like a sine, which differs from one
/// mathematical library to the other.
fn wave(phase: f64) -> f32 {
    let phase = (phase - phase.floor()) as f32;
    let (half, sign) = if phase < 0.5 { (phase, 1.0) } else { (phase - 0.5, -1.0) };
    sign * 16.0 * half * (0.5 - half)
}

/// Its slope, over eight: between -1 and 1.
fn wave_slope(phase: f64) -> f32 {
    let phase = (phase - phase.floor()) as f32;
    if phase < 0.5 { 1.0 - 4.0 * phase } else { 4.0 * phase - 3.0 }
}

/// Where the walk has come to.
struct Walk {
    /// On the floor: to the right, and ahead.
    at: [f32; 2],
    /// The way that the person looks and goes, of length 1.
    heading: [f32; 2],
    /// 0 to 1.
    speed: f32,
    /// Of the stride.
    phase: f64,
}

impl Walk {
    fn new(seconds: f64) -> Self {
        let round = seconds / ROUND_SECONDS;
        let twice = 2.0 * round + 0.125;
        let at = [MIDDLE[0] + REACH[0] * wave(round), MIDDLE[1] + REACH[1] * wave(twice)];
        let pace = [REACH[0] * wave_slope(round), 2.0 * REACH[1] * wave_slope(twice)];
        let length = (pace[0] * pace[0] + pace[1] * pace[1]).sqrt().max(1e-3);
        Self { at, heading: pace.map(|pace| pace / length), speed: (length / REACH[0]).min(1.0), phase: seconds / STRIDE_SECONDS }
    }

    /// A point of the body: so far ahead of its middle and to its right, so high over the floor. As the camera sees it.
    fn point(&self, ahead: f32, right: f32, height: f32) -> Vector {
        let [x, z] = self.heading;
        to_camera([self.at[0] + ahead * x + right * z, FLOOR - height, self.at[1] + ahead * z - right * x])
    }

    /// From the hip down. `side` is -1 on the left, 1 on the right; legs are half a stride apart.
    fn leg(&self, side: f32) -> [Part; 3] {
        let phase = self.phase + f64::from(side) * 0.25;
        let (swing, lift) = (0.26 * self.speed * wave(phase), 0.1 * self.speed * wave(phase + 0.25).max(0.0));
        let hip = self.point(0.0, side * 0.09, 0.9);
        let knee = self.point(0.6 * swing + 0.5 * lift + 0.02, side * 0.1, 0.48 + 0.3 * lift);
        let ankle = self.point(swing - 0.03, side * 0.1, 0.09 + lift);
        let toe = self.point(swing + 0.13, side * 0.12, 0.05 + lift);
        [(capsule(hip, knee, 0.075), TROUSERS), (capsule(knee, ankle, 0.06), TROUSERS), (capsule(ankle, toe, 0.045), SHOES)]
    }

    /// From the shoulder on; an arm swings against the leg of its side.
    fn arm(&self, side: f32) -> [Part; 3] {
        let swing = -0.22 * self.speed * wave(self.phase + f64::from(side) * 0.25);
        let shoulder = self.point(0.0, side * 0.19, 1.4);
        let elbow = self.point(0.5 * swing - 0.02, side * 0.25, 1.12);
        let hand = self.point(swing + 0.06, side * 0.25, 0.88);
        let fingers = plus(hand, 0.25, plus(hand, -1.0, elbow));
        [(capsule(shoulder, elbow, 0.052), SHIRT), (capsule(elbow, hand, 0.042), SHIRT), (capsule(hand, fingers, 0.04), SKIN)]
    }

    fn trunk(&self) -> [Part; 5] {
        let side = |side: f32| capsule(self.point(0.0, side * 0.06, 0.95), self.point(0.0, side * 0.1, 1.32), 0.11);
        let head = |ahead: f32, height: f32| self.point(ahead, 0.0, height);
        [
            (side(-1.0), SHIRT),
            (side(1.0), SHIRT),
            (capsule(self.point(0.0, -0.15, 1.4), self.point(0.0, 0.15, 1.4), 0.07), SHIRT),
            (capsule(head(0.01, 1.45), head(0.03, 1.62), 0.085), SKIN),
            (capsule(head(-0.02, 1.62), head(0.0, 1.66), 0.095), HAIR),
        ]
    }
}

fn capsule(from: Vector, to: Vector, radius: f32) -> Capsule {
    Capsule { ends: [from, to], radius }
}

/// Puts the person into a picture of the room, where nothing stands before.
pub fn draw(seconds: f64, camera: &Camera, shares: &[f32], picture: &mut Picture) {
    let walk = Walk::new(seconds);
    let limbs = [walk.leg(-1.0), walk.leg(1.0), walk.arm(-1.0), walk.arm(1.0)];
    for (part, albedo) in limbs.as_flattened().iter().chain(&walk.trunk()) {
        draw_part(part, *albedo, camera, shares, picture);
    }
}

fn draw_part(part: &Capsule, albedo: f32, camera: &Camera, shares: &[f32], picture: &mut Picture) {
    let Some(bounds) = part.bounds() else { return };
    let [columns, rows] = camera.pixels(&bounds);
    let prepared = part.prepared();
    for y in rows {
        for x in columns.clone() {
            let Some(hit) = prepared.hit(&Ray::new(camera.direction(x, y))) else { continue };
            let (sight, at) = (Sight::new(hit, albedo), y * camera.width() + x);
            if sight.distance() < picture.distance[at] {
                picture.distance[at] = sight.distance();
                picture.light[at] = sight.light(shares[at]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::mock::room::Room;

    #[test]
    fn waves_are_nearly_sines_and_slopes_are_theirs() {
        for step in -500..500 {
            let phase = f64::from(step) / 250.0 + 0.0004;
            assert!((f64::from(wave(phase)) - (std::f64::consts::TAU * phase).sin()).abs() < 0.06, "{phase}");
            let slope = (wave(phase + 0.0001) - wave(phase - 0.0001)) / 0.0002 / 8.0;
            assert!((wave_slope(phase) - slope).abs() < 0.01, "{phase}");
        }
    }

    #[test]
    fn the_walk_is_steady() {
        for frame in 0..400 {
            let (now, next) = (Walk::new(f64::from(frame) / 30.0), Walk::new(f64::from(frame + 1) / 30.0));
            let step = [next.at[0] - now.at[0], next.at[1] - now.at[1]];
            let way = (step[0] * step[0] + step[1] * step[1]).sqrt();
            assert!((0.002..0.025).contains(&way), "frame {frame}: {way} m");
            assert!(now.heading[0] * next.heading[0] + now.heading[1] * next.heading[1] > 0.99, "frame {frame}");
            assert!(step[0] * now.heading[0] + step[1] * now.heading[1] > 0.9 * way, "frame {frame}");
        }
    }

    #[test]
    fn the_person_is_whole_and_always_to_be_seen() {
        let camera = Camera::new(128, 106);
        let shares = vec![1.0; 128 * 106];
        let empty = Room::new().picture(&camera, &shares);
        for tenth in 0..110 {
            let mut picture = empty.clone();
            draw(f64::from(tenth) / 10.0, &camera, &shares, &mut picture);
            let changed = (0..shares.len()).filter(|at| picture.distance[*at] != empty.distance[*at]);
            assert!(changed.clone().all(|at| picture.distance[at] < empty.distance[at]), "at {tenth}: before what is nearer");
            let share = changed.clone().count() as f32 / shares.len() as f32;
            assert!((0.03..0.12).contains(&share), "at {tenth}: {share}");
            let rows = changed.clone().map(|at| at / 128);
            let tall = rows.clone().max().unwrap() - rows.min().unwrap();
            assert!((50..90).contains(&tall), "at {tenth}: {tall} rows");
            let depths = changed.map(|at| picture.distance[at]);
            let (nearest, farthest) = (depths.clone().min().unwrap(), depths.max().unwrap());
            assert!(nearest > 12_000 && farthest < 23_000, "at {tenth}: {nearest} to {farthest}");
        }
    }
}
