//! What is encoded: recorded frames of sensors, and those of the mock's room.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use streamkinect2::device::{DEFAULT_SIZE, Device, MockMode, MockOptions};
use streamkinect2::frame::{Frame, Streams};

use crate::Outcome;

/// The variable that names another folder of recordings.
pub const VARIABLE: &str = "KINECT2_TEST_FRAMES";

/// The group that limits are about.
pub const KINECT2_DEPTH: &str = "Kinect v2 depth";

const INFRARED: &str = "Infrared";

/// Frames that are measured together.
pub struct Group {
    pub name: &'static str,
    pub pictures: Vec<Picture>,
}

impl Group {
    pub fn raw_bytes(&self) -> usize {
        self.pictures.iter().map(|picture| 2 * picture.pixels.len()).sum()
    }

    /// Whether these are distances.
    pub fn is_depth(&self) -> bool {
        self.name != INFRARED
    }
}

/// A frame in memory.
pub struct Picture {
    pub pixels: Vec<u16>,
    pub width: u32,
    pub height: u32,
}

/// Where recordings are unless the command line says it: the folder of the variable, or the one beside the project.
pub fn usual_folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    std::env::var_os(VARIABLE).map_or_else(beside, PathBuf::from)
}

/// The recordings in `folder` and in the folders in it: files of 16-bit little-endian values named `….u16`, which say their size as in
/// `depth_640x576.u16` or have that of a Kinect v2. The group is told from the names of file and folder.
pub fn recorded(folder: &Path) -> Outcome<Vec<Group>> {
    let (mut paths, folders): (Vec<_>, Vec<_>) = entries(folder)?.into_iter().partition(|path| !path.is_dir());
    for folder in folders {
        paths.extend(entries(&folder)?);
    }
    paths.retain(|path| path.extension() == Some(OsStr::new("u16")));
    let mut groups: Vec<Group> = vec![];
    for path in &paths {
        let (name, picture) = (group_of(path), read(path)?);
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.pictures.push(picture),
            None => groups.push(Group { name, pictures: vec![picture] }),
        }
    }
    groups.sort_by_key(|group| (group.name != KINECT2_DEPTH, group.name == INFRARED, group.name));
    Ok(groups)
}

/// In the order of their names.
fn entries(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let told = |error| format!("{}: {error}", folder.display());
    let mut paths = fs::read_dir(folder).map_err(told)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(told)?;
    paths.sort();
    Ok(paths)
}

fn group_of(path: &Path) -> &'static str {
    let text = |name: Option<&OsStr>| name.unwrap_or_default().to_string_lossy().into_owned();
    let (file, folder) = (text(path.file_name()), text(path.parent().and_then(Path::file_name)));
    match folder {
        _ if file.contains("infrared") => INFRARED,
        folder if folder.starts_with("kinect2") => KINECT2_DEPTH,
        folder if folder.starts_with("azure") => "Azure Kinect depth",
        _ => "Recorded depth",
    }
}

fn read(path: &Path) -> Outcome<Picture> {
    let (width, height) = size(path);
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if bytes.len() as u64 != 2 * u64::from(width) * u64::from(height) {
        return Err(format!("{}: {} bytes are not one frame of {width}x{height}", path.display(), bytes.len()).into());
    }
    let pixels = bytes.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    Ok(Picture { pixels, width, height })
}

fn size(path: &Path) -> (u32, u32) {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let numbers = name.rsplit('_').next().and_then(|word| word.split_once('x'));
    numbers.and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?))).unwrap_or(DEFAULT_SIZE)
}

/// The first depth frames of the mock's room: the same on every machine.
pub fn realistic(count: usize) -> Outcome<Group> {
    let mock = Device::mock(MockOptions { mode: MockMode::Realistic, streams: Streams::DEPTH, ..Default::default() })?;
    let (sender, frames) = mpsc::channel();
    mock.on_frame(Some(Arc::new(move |frame: &Frame| sender.send(frame.clone()).unwrap_or(()))))?;
    mock.start()?;
    let pictures = (0..count as u64).map(|number| {
        let frame = frames.recv_timeout(Duration::from_secs(10))?;
        let info = frame.info();
        if info.sequence != number {
            return Err(format!("frame {number} of the mock is missing: this machine is too busy").into());
        }
        Ok(Picture { pixels: frame.values16().into_owned(), width: info.width, height: info.height })
    });
    let pictures = pictures.collect::<Outcome<_>>();
    mock.destroy();
    Ok(Group { name: "Realistic mock depth", pictures: pictures? })
}
