//! K2D as a row of the table of codecs: at the best level that the processor has, in a workspace of a small pool. So as many workspaces
//! exist as images are worked on at a time, and memory is neither asked for with each image nor kept by every stream.

use once_cell::sync::Lazy;
use parking_lot::Mutex;

use super::container::{ErrorBound, Header};
use super::{Level, Settings, Workspace};
use crate::codec::options::EncodeOptions;
use crate::codec::{Encoded, Image, ImageCodec, ImageMut};
use crate::error::Result;
use crate::frame::Codec;

/// This codec.
pub struct K2d;

impl ImageCodec for K2d {
    fn codec(&self) -> Codec {
        Codec::K2d
    }

    fn bound(&self, width: u32, height: u32) -> Option<usize> {
        super::bound(width, height)
    }

    fn encode(&self, image: Image<'_>, options: &EncodeOptions, out: &mut [u8]) -> Result<Encoded> {
        let EncodeOptions { profile, max_error_mm, max_error_ppm, .. } = *options;
        let settings = Settings { profile, max_error_mm, max_error_ppm };
        with_workspace(image.pixels.len(), ErrorBound::new(max_error_mm, max_error_ppm), |workspace| {
            super::encode(Level::best(), workspace, image, &settings, out)
        })
    }

    fn decode(&self, data: &[u8], image: ImageMut<'_>) -> Result<()> {
        let bound = Header::read(data).and_then(|(header, _)| header.bound);
        with_workspace(image.pixels.len(), bound, |workspace| super::decode(Level::best(), workspace, data, image))
    }
}

/// Workspaces that wait in the pool at most, each with some megabytes.
const MOST_WAITING: usize = 8;

/// Larger images do not leave their workspace in the pool.
const MOST_PIXELS: usize = 1 << 21;

static POOL: Lazy<Mutex<Vec<Workspace>>> = Lazy::new(|| Mutex::new(Vec::with_capacity(MOST_WAITING)));

/// Does `work` in a workspace of the pool, in one that has the tables of `bound` where there is such.
fn with_workspace<T>(pixels: usize, bound: Option<ErrorBound>, work: impl FnOnce(&mut Workspace) -> T) -> T {
    let waiting = {
        let mut pool = POOL.lock();
        let prepared = pool.iter().rposition(|workspace| bound.is_none() || workspace.bound() == bound);
        prepared.or(pool.len().checked_sub(1)).map(|place| pool.swap_remove(place))
    };
    let mut workspace = waiting.unwrap_or_default();
    let result = work(&mut workspace);
    if pixels <= MOST_PIXELS {
        let mut pool = POOL.lock();
        if pool.len() < MOST_WAITING {
            pool.push(workspace);
        }
    }
    result
}
