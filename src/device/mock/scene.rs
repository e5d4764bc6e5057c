//! The documented scene, that of the 2014 implementation's mock: a wall, and a cone that swings before it.
//!
//! `wall[y][x] = 1000 + (y >> 1)`; `cone[y][x] = floor(sqrt((x - w/2)^2 + (y - h/2)^2)) + 500`; a frame is the nearer of the wall and the
//! cone rolled right by `dx = trunc(100 sin t)` columns, t in seconds since 1970. It has neither noise nor holes, which no sensor gives.

/// The mock's image of size `width` x `height`, in millimetres, with the cone rolled right by `dx` columns.
pub fn scene_frame(width: u32, height: u32, dx: i32) -> Vec<u16> {
    let scene = Scene::new(width, height);
    let mut out = vec![0; scene.cone.len()];
    scene.render(dx, &mut out);
    out
}

/// The scene in one size.
pub struct Scene {
    width: u32,
    cone: Vec<u16>,
}

impl Scene {
    pub fn new(width: u32, height: u32) -> Self {
        let squared = |at: u32, size: u32| (f64::from(at) - f64::from(size / 2)).powi(2);
        let cone = |x, y| (squared(x, width) + squared(y, height)).sqrt() as u16;
        let cone = (0..height).flat_map(|y| (0..width).map(move |x| cone(x, y).saturating_add(500))).collect();
        Self { width, cone }
    }

    fn render(&self, dx: i32, out: &mut [u16]) {
        let width = self.width as usize;
        let roll = (i64::from(dx)).rem_euclid(width as i64) as usize;
        for (y, (to, cone)) in out.chunks_exact_mut(width).zip(self.cone.chunks_exact(width)).enumerate() {
            let wall = (1000 + (y >> 1)).min(usize::from(u16::MAX)) as u16;
            let (start, rest) = to.split_at_mut(roll);
            for (to, cone) in start.iter_mut().zip(&cone[width - roll..]).chain(rest.iter_mut().zip(cone)) {
                *to = wall.min(*cone);
            }
        }
    }

    /// The frame of this time, in seconds since 1970.
    pub fn expose(&self, seconds: f64, depth: &mut [u16]) {
        self.render((100.0 * seconds.sin()) as i32, depth);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scene_is_the_documented_one() {
        for dx in [-100, -1, 0, 37, 100] {
            let frame = scene_frame(512, 424, dx);
            for y in [0i32, 1, 100, 211, 212, 423] {
                for x in [0i32, 1, 99, 156, 255, 256, 400, 511] {
                    let from = (x - dx).rem_euclid(512);
                    let cone = (f64::from((from - 256).pow(2) + (y - 212).pow(2))).sqrt().floor() as i32 + 500;
                    let expected = cone.min(1000 + (y >> 1));
                    assert_eq!(i32::from(frame[(y * 512 + x) as usize]), expected, "dx {dx} x {x} y {y}");
                }
            }
        }
    }
}
