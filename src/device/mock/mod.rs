//! A mock sensor. It shows either the documented scene, which is simple and exact, or a room as a real sensor would see it.

mod camera;
mod geometry;
mod person;
mod random;
mod realistic;
mod room;
mod scene;
mod sensor;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::hub::Hub;
use super::push::DEFAULT_SIZE;
use crate::buffer::PixelBuffer;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Codec, Frame, NewFrame, Stream, StreamInfo, Streams, tight_stride16};
use crate::system;
use crate::thread;
use realistic::{Film, Realistic};
use scene::Scene;
pub use scene::scene_frame;

/// What the mock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MockMode {
    /// The documented scene: depth.
    Scene,
    /// A room in which a person walks, with the noise of a sensor: depth and infrared. The pixels of a frame depend on size, seed, frame
    /// rate and sequence number alone.
    Realistic,
}

impl MockMode {
    /// The streams that it has, and how to say that it has no others.
    fn offers(self) -> (Streams, &'static str) {
        match self {
            Self::Scene => (Streams::DEPTH, "the mock's scene has the depth stream and no other"),
            Self::Realistic => (Streams::DEPTH | Streams::INFRARED, "the realistic mock has depth and infrared and no other stream"),
        }
    }
}

/// How the mock is to be.
#[derive(Debug, Clone)]
pub struct MockOptions {
    /// What it shows.
    pub mode: MockMode,
    /// Pixels in a row, of every stream.
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
    show: Arc<Show>,
    running: Option<Running>,
}

/// What is shown, and how often.
struct Show {
    view: View,
    width: u32,
    height: u32,
    streams: Streams,
    frame_rate: f64,
}

enum View {
    Scene(Scene),
    Realistic(Realistic),
}

struct Running {
    stop: Arc<Stop>,
    thread: JoinHandle<()>,
}

type Stop = (Mutex<bool>, Condvar);

impl MockSource {
    pub fn new(options: &MockOptions) -> Result<Self> {
        let &MockOptions { mode, width, height, frame_rate, .. } = options;
        let (offered, no_other) = mode.offers();
        let streams = if options.streams == Streams::all() { offered } else { options.streams };
        if streams.is_empty() || !offered.contains(streams) {
            let kind = if streams.is_empty() { ErrorKind::InvalidArgument } else { ErrorKind::Unsupported };
            return Err(Error::new(kind, no_other));
        }
        if !(0.01..=1000.0).contains(&frame_rate) {
            return Err(Error::invalid(format!("a frame rate of {frame_rate} is not one from 0.01 to 1000 a second")));
        }
        tight_stride16(width, height)?;
        let view = match mode {
            MockMode::Scene => View::Scene(Scene::new(width, height)),
            MockMode::Realistic => View::Realistic(Realistic::new(width, height, options.seed)),
        };
        Ok(Self { show: Arc::new(Show { view, width, height, streams, frame_rate }), running: None })
    }

    pub fn streams(&self) -> Vec<StreamInfo> {
        let &Show { width, height, frame_rate, streams, .. } = &*self.show;
        let info = |stream: Stream| Some(StreamInfo { stream, format: stream.format16()?, codec: Codec::Raw, width, height, frame_rate });
        streams.known().filter_map(info).collect()
    }

    pub fn start(&mut self, hub: &Arc<Hub>) -> Result<()> {
        let stop = Arc::new(Stop::default());
        let (show, hub, signal) = (Arc::clone(&self.show), Arc::clone(hub), Arc::clone(&stop));
        let thread = thread::spawn("kinect2-mock", move || show.run(&hub, &signal))?;
        self.running = Some(Running { stop, thread });
        Ok(())
    }

    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            *running.stop.0.lock() = true;
            running.stop.1.notify_all();
            let _ = running.thread.join();
        }
    }
}

impl Show {
    /// Shows it until it is stopped.
    fn run(&self, hub: &Hub, stop: &Stop) {
        let period = Duration::from_secs_f64(1.0 / self.frame_rate);
        match &self.view {
            View::Scene(scene) => at_intervals(period, stop, |_| self.show_scene(scene, hub)),
            View::Realistic(realistic) => {
                let mut film = realistic.film();
                at_intervals(period, stop, |number| self.show_realistic(&mut film, number, hub));
            }
        }
    }

    fn show_scene(&self, scene: &Scene, hub: &Hub) {
        let mut depth = self.image();
        scene.expose(system::unix_ns() as f64 / 1e9, bytemuck::cast_slice_mut(&mut depth));
        self.publish(hub, Stream::Depth, depth, 0);
    }

    fn show_realistic(&self, film: &mut Film<'_>, number: u64, hub: &Hub) {
        let (mut depth, mut infrared) = (self.image(), self.image());
        let seconds = number as f64 / self.frame_rate;
        film.expose(number, seconds, bytemuck::cast_slice_mut(&mut depth), bytemuck::cast_slice_mut(&mut infrared));
        let captured = system::monotonic_ns();
        self.publish(hub, Stream::Depth, depth, captured);
        self.publish(hub, Stream::Infrared, infrared, captured);
    }

    /// Room for one image.
    fn image(&self) -> PixelBuffer {
        PixelBuffer::new(self.width as usize * self.height as usize * 2)
    }

    /// Hands an image out, if its stream is wanted.
    fn publish(&self, hub: &Hub, stream: Stream, pixels: PixelBuffer, capture_time_ns: u64) {
        if let Some(format) = stream.format16().filter(|_| self.streams.has(stream)) {
            let (width, height) = (self.width, self.height);
            let new = NewFrame { stream, format, width, height, stride_bytes: 0, capture_time_ns, device_time_ns: 0 };
            // The hub refuses frames only when the device was stopped, which ends this thread too.
            let _ = hub.publish(&Frame::owned(new, pixels));
        }
    }
}

/// Calls for frame after frame, with its number, until it is stopped.
fn at_intervals(period: Duration, stop: &Stop, mut frame: impl FnMut(u64)) {
    let mut due = Instant::now();
    for number in 0.. {
        frame(number);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_options_are_refused() {
        for mode in [MockMode::Scene, MockMode::Realistic] {
            let options = MockOptions { mode, ..Default::default() };
            for rate in [0.0, 1e-30, -1.0, f64::NAN, f64::INFINITY, 1001.0] {
                assert!(MockSource::new(&MockOptions { frame_rate: rate, ..options.clone() }).is_err());
            }
            for (width, height) in [(0, 424), (512, 0), (u32::MAX, u32::MAX)] {
                assert!(MockSource::new(&MockOptions { width, height, ..options.clone() }).is_err());
            }
        }
    }

    #[test]
    fn each_mode_has_its_streams() {
        let offered = |mode, streams| {
            let source = MockSource::new(&MockOptions { mode, streams, width: 8, height: 8, ..Default::default() });
            source
                .map(|source| source.streams().iter().map(|info| (info.stream, info.format)).collect::<Vec<_>>())
                .map_err(|error| error.kind)
        };
        let depth = (Stream::Depth, crate::frame::PixelFormat::DepthMm16);
        let infrared = (Stream::Infrared, crate::frame::PixelFormat::Infrared16);
        let both = Streams::DEPTH | Streams::INFRARED;
        assert_eq!(offered(MockMode::Scene, Streams::DEPTH), Ok(vec![depth]));
        assert_eq!(offered(MockMode::Scene, Streams::all()), Ok(vec![depth]));
        assert_eq!(offered(MockMode::Scene, both), Err(ErrorKind::Unsupported));
        assert_eq!(offered(MockMode::Realistic, Streams::DEPTH), Ok(vec![depth]));
        assert_eq!(offered(MockMode::Realistic, Streams::INFRARED), Ok(vec![infrared]));
        assert_eq!(offered(MockMode::Realistic, both), Ok(vec![depth, infrared]));
        assert_eq!(offered(MockMode::Realistic, Streams::all()), Ok(vec![depth, infrared]));
        assert_eq!(offered(MockMode::Realistic, both | Streams::COLOR), Err(ErrorKind::Unsupported));
        assert_eq!(offered(MockMode::Realistic, Streams::empty()), Err(ErrorKind::InvalidArgument));
    }
}
