//! A mock sensor. Its scene is that of the 2014 implementation's mock: a wall, and a cone that swings before it.
//!
//! `wall[y][x] = 1000 + (y >> 1)`; `cone[y][x] = floor(sqrt((x - w/2)^2 + (y - h/2)^2)) + 500`; a frame is the nearer of the wall and the
//! cone rolled right by `dx = trunc(100 sin t)` columns, t in seconds since 1970. It has neither noise nor holes, which no sensor gives.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::hub::Hub;
use super::push::DEFAULT_SIZE;
use crate::buffer::PixelBuffer;
use crate::callback;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Codec, Frame, NewFrame, PixelFormat, Stream, StreamInfo, Streams, tight_stride16};
use crate::system;

/// What the mock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MockMode {
    /// The documented scene.
    Scene,
    /// A room with sensor noise: not offered by this version.
    Realistic,
}

/// How the mock is to be.
#[derive(Debug, Clone)]
pub struct MockOptions {
    /// What it shows.
    pub mode: MockMode,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Which streams; all bits set: those that the mode has.
    pub streams: Streams,
    /// Of the noise, where the mode has any.
    pub seed: u32,
    /// Frames a second, 0.01 to 1000.
    pub frame_rate: f64,
    /// Its id; none: one is made up.
    pub id: Option<String>,
}

impl Default for MockOptions {
    fn default() -> Self {
        let (width, height) = DEFAULT_SIZE;
        Self { mode: MockMode::Scene, width, height, streams: Streams::DEPTH, seed: 0, frame_rate: 30.0, id: None }
    }
}

/// The thread that makes frames, and what it makes them from.
pub struct MockSource {
    scene: Arc<Scene>,
    period: Duration,
    frame_rate: f64,
    running: Option<Running>,
}

struct Running {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: JoinHandle<()>,
}

impl MockSource {
    pub fn new(options: &MockOptions) -> Result<Self> {
        if options.mode == MockMode::Realistic {
            return Err(Error::unsupported("the realistic mock is not offered by this version; use the scene"));
        }
        if options.streams != Streams::all() && options.streams != Streams::DEPTH {
            let kind = if options.streams.is_empty() { ErrorKind::InvalidArgument } else { ErrorKind::Unsupported };
            return Err(Error::new(kind, "the mock's scene has the depth stream and no other"));
        }
        if !(0.01..=1000.0).contains(&options.frame_rate) {
            return Err(Error::invalid(format!("a frame rate of {} is not one from 0.01 to 1000 a second", options.frame_rate)));
        }
        tight_stride16(options.width, options.height)?;
        Ok(Self {
            scene: Arc::new(Scene::new(options.width, options.height)),
            period: Duration::from_secs_f64(1.0 / options.frame_rate),
            frame_rate: options.frame_rate,
            running: None,
        })
    }

    pub fn stream_info(&self) -> StreamInfo {
        StreamInfo {
            stream: Stream::Depth,
            format: PixelFormat::DepthMm16,
            codec: Codec::Raw,
            width: self.scene.width,
            height: self.scene.height,
            frame_rate: self.frame_rate,
        }
    }

    pub fn start(&mut self, hub: &Arc<Hub>) -> Result<()> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let (scene, period, hub, signal) = (Arc::clone(&self.scene), self.period, Arc::clone(hub), Arc::clone(&stop));
        let thread = std::thread::Builder::new()
            .name("kinect2-mock".to_owned())
            .spawn(move || {
                callback::mark_own_thread();
                run(&scene, period, &hub, &signal);
            })
            .map_err(|e| Error::new(ErrorKind::OutOfMemory, format!("cannot start the mock's thread: {e}")))?;
        self.running = Some(Running { stop, thread });
        Ok(())
    }

    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            *running.stop.0.lock() = true;
            running.stop.1.notify_all();
            // It runs no user code, so there is no panic to pass on.
            let _ = running.thread.join();
        }
    }
}

fn run(scene: &Scene, period: Duration, hub: &Hub, stop: &(Mutex<bool>, Condvar)) {
    let mut due = Instant::now();
    loop {
        // The hub refuses frames only when the device was stopped, which ends this thread too.
        let _ = hub.publish(&scene.frame(seconds()));
        due += period;
        let now = Instant::now();
        if now > due + period {
            due = now; // the machine was busy or asleep: go on from here instead of catching up
        }
        let mut stopped = stop.0.lock();
        while !*stopped {
            if stop.1.wait_until(&mut stopped, due).timed_out() {
                break;
            }
        }
        if *stopped {
            return;
        }
    }
}

fn seconds() -> f64 {
    system::unix_ns() as f64 / 1e9
}

/// The mock's image of size `width` x `height`, in millimetres, with the cone rolled right by `dx` columns.
pub fn scene_frame(width: u32, height: u32, dx: i32) -> Vec<u16> {
    let scene = Scene::new(width, height);
    let mut out = vec![0; scene.cone.len()];
    scene.render(dx, &mut out);
    out
}

struct Scene {
    width: u32,
    height: u32,
    cone: Vec<u16>,
}

impl Scene {
    fn new(width: u32, height: u32) -> Self {
        let squared = |at: u32, size: u32| (f64::from(at) - f64::from(size / 2)).powi(2);
        let cone = |x, y| (squared(x, width) + squared(y, height)).sqrt() as u16;
        let cone = (0..height).flat_map(|y| (0..width).map(move |x| cone(x, y).saturating_add(500))).collect();
        Self { width, height, cone }
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

    fn frame(&self, seconds: f64) -> Frame {
        let new = NewFrame {
            stream: Stream::Depth,
            format: PixelFormat::DepthMm16,
            width: self.width,
            height: self.height,
            stride_bytes: 0,
            capture_time_ns: 0,
            device_time_ns: 0,
        };
        let mut pixels = PixelBuffer::new(self.cone.len() * 2);
        self.render((100.0 * seconds.sin()) as i32, bytemuck::cast_slice_mut(&mut pixels));
        Frame::owned(new, pixels)
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

    #[test]
    fn bad_options_are_refused() {
        for rate in [0.0, 1e-30, -1.0, f64::NAN, f64::INFINITY, 1001.0] {
            assert!(MockSource::new(&MockOptions { frame_rate: rate, ..Default::default() }).is_err());
        }
        assert!(MockSource::new(&MockOptions { width: 0, ..Default::default() }).is_err());
        let infrared = MockOptions { streams: Streams::INFRARED, ..Default::default() };
        assert_eq!(MockSource::new(&infrared).err().unwrap().kind, ErrorKind::Unsupported);
    }
}
