//! Rays from the camera, and the two solids that everything in the room is made of.
//!
//! Only additions, products, quotients and square roots: IEEE 754 defines each to the last bit, so that images are the same everywhere.
//! Lengths are in metres.

/// A point or direction.
pub type Vector = [f32; 3];

pub fn dot(a: Vector, b: Vector) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// `a + scale * b`
pub fn plus(a: Vector, scale: f32, b: Vector) -> Vector {
    [a[0] + scale * b[0], a[1] + scale * b[1], a[2] + scale * b[2]]
}

/// All that is seen along one direction from the origin.
pub struct Ray {
    direction: Vector,
    inverse: Vector,
    length: f32,
}

impl Ray {
    pub fn new(direction: Vector) -> Self {
        Self { direction, inverse: direction.map(|component| 1.0 / component), length: dot(direction, direction).sqrt() }
    }
}

/// Where a ray meets a surface.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// In multiples of the ray's direction: where that has a depth of 1 m, the depth in metres.
    pub distance: f32,
    /// Cosine of the angle between the ray and the surface's normal, 0 to 1.
    pub incidence: f32,
}

/// A box along the axes.
#[derive(Debug, Clone, Copy)]
pub struct Cuboid {
    pub min: Vector,
    pub max: Vector,
}

impl Cuboid {
    /// Where a ray from outside meets it: the last of the three pairs of planes into which it comes, if it has not left another.
    pub fn hit(&self, ray: &Ray) -> Option<Hit> {
        let (mut enters, mut leaves, mut face) = (0.0, f32::INFINITY, None);
        for axis in 0..3 {
            let (low, high) = (self.min[axis] * ray.inverse[axis], self.max[axis] * ray.inverse[axis]);
            let (near, far) = if low < high { (low, high) } else { (high, low) };
            if near > enters {
                (enters, face) = (near, Some(axis));
            }
            if far < leaves {
                leaves = far;
            }
        }
        let face = face.filter(|_| enters <= leaves)?;
        Some(Hit { distance: enters, incidence: ray.direction[face].abs() / ray.length })
    }
}

/// All points within a radius of a straight line from one end to the other.
#[derive(Debug, Clone, Copy)]
pub struct Capsule {
    pub ends: [Vector; 2],
    pub radius: f32,
}

/// A rectangle seen from the origin, as slopes: x / z and y / z.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub x: [f32; 2],
    pub y: [f32; 2],
}

impl Capsule {
    /// Made ready for many rays.
    pub fn prepared(&self) -> PreparedCapsule {
        let [from, to] = self.ends;
        let axis = plus(to, -1.0, from);
        let (length2, along) = (dot(axis, axis), -dot(axis, from));
        let radius2 = self.radius * self.radius;
        PreparedCapsule { capsule: *self, axis, length2, along, apart: length2 * (dot(from, from) - radius2) - along * along, radius2 }
    }

    /// What it covers, if all of it lies before the camera.
    pub fn bounds(&self) -> Option<Bounds> {
        let [a, b] = self.ends;
        let slopes = |axis: usize| {
            let (a, b) = (self.end_slopes(a[axis], a[2])?, self.end_slopes(b[axis], b[2])?);
            Some([a[0].min(b[0]), a[1].max(b[1])])
        };
        Some(Bounds { x: slopes(0)?, y: slopes(1)? })
    }

    /// The two tangents from the origin to a circle about `(at, depth)`.
    fn end_slopes(&self, at: f32, depth: f32) -> Option<[f32; 2]> {
        let radius2 = self.radius * self.radius;
        let apart = depth * depth - radius2;
        if depth <= self.radius || apart <= 0.0 {
            return None;
        }
        let half = self.radius * (at * at + apart).sqrt();
        Some([(at * depth - half) / apart, (at * depth + half) / apart])
    }
}

/// A capsule with what does not depend on the ray.
pub struct PreparedCapsule {
    capsule: Capsule,
    axis: Vector,
    length2: f32,
    along: f32,
    apart: f32,
    radius2: f32,
}

impl PreparedCapsule {
    /// Where a ray from outside meets it: the side of the infinite cylinder round its axis, or where that lies beyond an end, the ball
    /// there.
    pub fn hit(&self, ray: &Ray) -> Option<Hit> {
        let scale = 1.0 / ray.length;
        let from = self.capsule.ends[0];
        let (slant, ahead) = (dot(self.axis, ray.direction) * scale, dot(from, ray.direction) * scale);
        // a t^2 + 2 b t + c = 0, times the axis' length squared.
        let a = self.length2 - slant * slant;
        let b = -(self.length2 * ahead + self.along * slant);
        let discriminant = b * b - a * self.apart;
        if discriminant < 0.0 {
            return None;
        }
        // Along the axis from its first end: 0 to length2 on the side. A ray along the axis, or an axis of no length, meets a ball.
        let side = -(b + discriminant.sqrt()) / a;
        let position = self.along + side * slant;
        if position > 0.0 && position < self.length2 && side > 0.0 {
            let towards_axis = ahead + slant * position / self.length2 - side;
            return Some(self.hit_at(side, towards_axis, scale));
        }
        let end = self.capsule.ends[usize::from(if a > 0.0 { position >= self.length2 } else { slant < 0.0 })];
        let ahead = dot(end, ray.direction) * scale;
        let discriminant = ahead * ahead - dot(end, end) + self.radius2;
        let near = ahead - discriminant.max(0.0).sqrt();
        (discriminant >= 0.0 && near > 0.0).then(|| self.hit_at(near, ahead - near, scale))
    }

    /// `towards_axis`: how far the axis lies behind the surface, along the ray.
    fn hit_at(&self, range: f32, towards_axis: f32, scale: f32) -> Hit {
        Hit { distance: range * scale, incidence: (towards_axis / self.capsule.radius).clamp(0.0, 1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(hit: Option<Hit>, distance: f32, incidence: f32) {
        let hit = hit.unwrap();
        assert!((hit.distance - distance).abs() < 1e-4 && (hit.incidence - incidence).abs() < 1e-3, "{hit:?}");
    }

    #[test]
    fn a_cuboid_is_met_at_its_nearest_face() {
        let cuboid = Cuboid { min: [-1.0, -1.0, 2.0], max: [1.0, 1.0, 3.0] };
        near(cuboid.hit(&Ray::new([0.0, 0.0, 1.0])), 2.0, 1.0);
        near(cuboid.hit(&Ray::new([0.3, 0.4, 1.0])), 2.0, 1.0 / 1.25f32.sqrt());
        assert_eq!(cuboid.hit(&Ray::new([0.6, 0.0, 1.0])), None);
        assert_eq!(cuboid.hit(&Ray::new([0.0, 0.0, -1.0])), None);
        let floor = Cuboid { min: [-9.0, 1.0, -9.0], max: [9.0, 2.0, 9.0] };
        near(floor.hit(&Ray::new([0.0, 0.5, 1.0])), 2.0, 0.5 / 1.25f32.sqrt());
        assert_eq!(floor.hit(&Ray::new([0.0, -0.5, 1.0])), None);
    }

    #[test]
    fn a_capsule_is_met_on_its_side_and_at_its_ends() {
        let pole = Capsule { ends: [[0.0, -1.0, 3.0], [0.0, 1.0, 3.0]], radius: 0.5 }.prepared();
        near(pole.hit(&Ray::new([0.0, 0.0, 1.0])), 2.5, 1.0);
        near(pole.hit(&Ray::new([0.0, 1.0 / 3.0, 1.0])), 2.5, 0.9487);
        // A line over the first end: the ball about (0, 1, 3).
        let over = 1.4 / 3.0;
        let towards: f32 = (3.0 + over) / (1.0 + over * over);
        let distance = towards - (towards * towards - 9.75 / (1.0 + over * over)).sqrt();
        near(pole.hit(&Ray::new([0.0, over, 1.0])), distance, pole.hit(&Ray::new([0.0, -over, 1.0])).unwrap().incidence);
        assert_eq!(pole.hit(&Ray::new([0.0, 0.6, 1.0])), None);
        assert_eq!(pole.hit(&Ray::new([0.18, 0.0, 1.0])), None);
        assert_eq!(pole.hit(&Ray::new([0.0, 0.0, -1.0])), None);
    }

    #[test]
    fn a_capsule_seen_along_its_axis_and_one_of_no_length_are_balls() {
        for ends in [[[0.0, 0.0, 3.0], [0.0, 0.0, 4.0]], [[0.0, 0.0, 4.0], [0.0, 0.0, 3.0]], [[0.0, 0.0, 3.0]; 2]] {
            near(Capsule { ends, radius: 0.5 }.prepared().hit(&Ray::new([0.0, 0.0, 1.0])), 2.5, 1.0);
        }
    }

    #[test]
    fn every_ray_that_meets_a_capsule_is_within_its_bounds() {
        let capsule = Capsule { ends: [[-0.4, -0.3, 1.5], [0.6, 0.5, 2.5]], radius: 0.2 };
        let (bounds, prepared) = (capsule.bounds().unwrap(), capsule.prepared());
        let (mut x, mut y) = ([f32::MAX, f32::MIN], [f32::MAX, f32::MIN]);
        for (i, j) in (-1000..=1000).flat_map(|i| (-1000..=1000).map(move |j| (i, j))) {
            let (dx, dy) = (i as f32 / 1000.0, j as f32 / 1000.0);
            if prepared.hit(&Ray::new([dx, dy, 1.0])).is_some() {
                x = [x[0].min(dx), x[1].max(dx)];
                y = [y[0].min(dy), y[1].max(dy)];
            }
        }
        for (seen, bound) in [(x, bounds.x), (y, bounds.y)] {
            assert!(seen[0] >= bound[0] && seen[0] < bound[0] + 0.003, "{seen:?} {bound:?}");
            assert!(seen[1] <= bound[1] && seen[1] > bound[1] - 0.003, "{seen:?} {bound:?}");
        }
        assert_eq!(Capsule { ends: [[0.0; 3], [0.0, 0.0, 1.0]], radius: 0.2 }.bounds(), None);
    }
}
