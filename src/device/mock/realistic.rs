//! The realistic mode: a room in which a person walks, as a Kinect v2 would see it.
//!
//! A frame depends on size, seed, number and time alone, and is the same on every machine: numbers are made by integers and by those
//! operations of 32 and 64-bit floating point that IEEE 754 defines to the last bit, which compilers neither fuse nor reorder.

use super::camera::Camera;
use super::person;
use super::room::{Picture, Room};
use super::sensor::{Sensor, pattern};

/// What stays from frame to frame.
pub struct Realistic {
    seed: u32,
    camera: Camera,
    /// The share of infrared that each pixel gets and counts.
    shares: Vec<f32>,
    empty: Picture,
}

impl Realistic {
    /// Looks at the room once, which takes some ten times as long as a frame. Neither side is 0.
    pub fn new(width: u32, height: u32, seed: u32) -> Self {
        let camera = Camera::new(width, height);
        let mut shares = Vec::with_capacity(camera.width() * camera.height());
        for y in 0..camera.height() {
            let pattern = pattern(seed, y);
            shares.extend((0..camera.width()).map(|x| camera.vignetting(x, y) * pattern(x)));
        }
        let empty = Room::new().picture(&camera, &shares);
        Self { seed, camera, shares, empty }
    }

    /// Makes frames; has the memory for that.
    pub fn film(&self) -> Film<'_> {
        Film { realistic: self, picture: self.empty.clone(), sensor: Sensor::new(self.seed, self.camera.width()) }
    }
}

/// See [`Realistic::film`].
pub struct Film<'a> {
    realistic: &'a Realistic,
    picture: Picture,
    sensor: Sensor,
}

impl Film<'_> {
    /// The frame of this number, at this time since the start: depth in mm and infrared in counts, both of the whole size.
    pub fn expose(&mut self, number: u64, seconds: f64, depth: &mut [u16], infrared: &mut [u16]) {
        let Realistic { camera, shares, empty, .. } = self.realistic;
        self.picture.distance.copy_from_slice(&empty.distance);
        self.picture.light.copy_from_slice(&empty.light);
        person::draw(seconds, camera, shares, &mut self.picture);
        self.sensor.expose(&self.picture, number, depth, infrared);
    }
}

#[cfg(test)]
#[path = "realistic_tests.rs"]
mod tests;
