//! The frames that are streamed: a mock's, or recorded ones. All processes of a run read them from one folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use streamkinect2::device::{DEFAULT_SIZE, Device, MockMode, MockOptions};
use streamkinect2::frame::{Frame, Streams};

use crate::Outcome;

/// How many a mock makes: no cache of a processor holds them all, as it does not hold those of a sensor.
const MOCK_FRAMES: usize = 16;

/// Where frames come from.
pub enum Frames {
    Mock(MockMode),
    Recorded(PathBuf),
}

impl Frames {
    pub fn name(&self) -> String {
        match self {
            Frames::Mock(MockMode::Scene) => "the mock's scene".to_owned(),
            Frames::Mock(MockMode::Realistic) => "the mock's room".to_owned(),
            Frames::Recorded(_) => "recorded".to_owned(),
        }
    }

    /// The folder that has them; a mock's are written to `room`.
    pub fn folder(&self, room: &Path) -> Outcome<PathBuf> {
        match self {
            Frames::Mock(mode) => {
                for (number, frame) in mock_frames(*mode)?.iter().enumerate() {
                    let bytes: Vec<u8> = frame.values16().iter().flat_map(|value| value.to_le_bytes()).collect();
                    fs::write(room.join(format!("depth_{number:03}.u16")), bytes)?;
                }
                Ok(room.to_owned())
            }
            Frames::Recorded(folder) => Ok(folder.clone()),
        }
    }
}

fn mock_frames(mode: MockMode) -> Outcome<Vec<Frame>> {
    let mock = Device::mock(MockOptions { mode, streams: Streams::DEPTH, ..Default::default() })?;
    let (sender, frames) = mpsc::channel();
    mock.on_frame(Some(Arc::new(move |frame: &Frame| sender.send(frame.clone()).unwrap_or(()))))?;
    mock.start()?;
    let frames = (0..MOCK_FRAMES).map(|_| frames.recv_timeout(Duration::from_secs(10)).map_err(Into::into)).collect();
    mock.destroy();
    frames
}

/// Depth frames of one size, in memory.
pub struct Pictures {
    pub width: u32,
    pub height: u32,
    all: Vec<Vec<u16>>,
}

impl Pictures {
    /// The depth recordings in `folder`, in the order of their names. The name of one says its size, as in `depth_640x576.u16`, or it
    /// is that of a Kinect v2; infrared ones say so.
    pub fn load(folder: &Path) -> Outcome<Self> {
        let told = |error| format!("{}: {error}", folder.display());
        let entries = fs::read_dir(folder).map_err(told)?.map(|entry| entry.map(|entry| entry.path()));
        let mut paths: Vec<PathBuf> = entries.collect::<Result<_, _>>().map_err(told)?;
        let named = |path: &PathBuf| path.file_name().is_some_and(|name| !name.to_string_lossy().contains("infrared"));
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "u16") && named(path));
        paths.sort();
        let (width, height) = size(paths.first().ok_or(format!("{}: no depth recordings (.u16 files)", folder.display()))?);
        let all = paths.iter().map(|path| read(path, width as usize * height as usize)).collect::<Outcome<_>>()?;
        Ok(Self { width, height, all })
    }

    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// The one that frame `number` shows.
    pub fn of(&self, number: u64) -> &[u16] {
        &self.all[(number % self.all.len() as u64) as usize]
    }

    pub fn bytes_of_one(&self) -> usize {
        self.width as usize * self.height as usize * 2
    }
}

fn size(path: &Path) -> (u32, u32) {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let numbers = name.rsplit('_').find_map(|word| word.split_once('x'));
    numbers.and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?))).unwrap_or(DEFAULT_SIZE)
}

fn read(path: &Path, values: usize) -> Outcome<Vec<u16>> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if bytes.len() != 2 * values {
        return Err(format!("{}: {} bytes, where the first of the folder has {}", path.display(), bytes.len(), 2 * values).into());
    }
    Ok(bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect())
}
