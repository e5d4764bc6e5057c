//! Who takes part.

use streamkinect2::codec::k2d::Level;
use streamkinect2::codec::options::Profile;
use streamkinect2::frame::Codec;
use streamkinect2_bench_codecs::Outcome;
use streamkinect2_bench_codecs::contender::Contender;
use streamkinect2_bench_codecs::ours::{K2d, Stateless, level_name};

use crate::others::{JpegLs, JpegXl, Lz4, Memcpy, Png, Zstd};
use crate::published_rvl::PublishedRvl;

pub const K2D_S: &str = "K2D S";
pub const K2D_R: &str = "K2D R";
pub const RVL: &str = "RVL";
pub const PUBLISHED_RVL: &str = "RVL as published";
pub const MEMCPY: &str = "memcpy";
pub const JPEG_LS: &str = "JPEG-LS";

/// The error bounds that are measured, in millimetres.
pub const BOUNDS: [u32; 3] = [1, 2, 4];

/// A codec under its name.
pub struct Entrant {
    pub name: &'static str,
    /// The instruction set, of those that have one for each.
    pub level: Option<&'static str>,
    /// Whether it is for distances alone.
    pub depth_only: bool,
    pub codec: Box<dyn Contender>,
}

impl Entrant {
    fn new(name: &'static str, codec: impl Contender + 'static) -> Self {
        Self { name, level: None, depth_only: false, codec: Box::new(codec) }
    }
}

fn k2d(name: &'static str, profile: Profile, level: Level) -> Entrant {
    Entrant { level: Some(level_name(level)), ..Entrant::new(name, K2d::new(profile, level, 0)) }
}

/// K2D and its yardsticks: those that limits are about.
pub fn limited() -> Outcome<Vec<Entrant>> {
    let mut entrants = vec![];
    for (name, profile) in [(K2D_S, Profile::Speed), (K2D_R, Profile::Ratio)] {
        entrants.extend(Level::available().map(|level| k2d(name, profile, level)));
    }
    entrants.push(Entrant::new(RVL, Stateless::new(Codec::Rvl)?));
    entrants.push(Entrant::new(PUBLISHED_RVL, PublishedRvl));
    Ok(entrants)
}

/// All that are lossless, LZ4_PACKED up to four metres.
pub fn all() -> Outcome<Vec<Entrant>> {
    let mut entrants = limited()?;
    entrants.extend([
        Entrant { depth_only: true, ..Entrant::new("LZ4_PACKED", Stateless::new(Codec::Lz4Packed)?) },
        Entrant::new("LZ4", Lz4),
        Entrant::new("zstd 1, shuffled", Zstd::new()?),
        Entrant::new("PNG", Png::default()),
        Entrant::new(JPEG_LS, JpegLs { near: 0 }),
        Entrant::new("JPEG XL, fast", JpegXl),
        Entrant::new("RAW", Stateless::new(Codec::Raw)?),
        Entrant::new(MEMCPY, Memcpy),
    ]);
    Ok(entrants)
}

/// K2D and JPEG-LS within this error bound.
pub fn bounded(max_error: u32) -> [Entrant; 2] {
    let k2d = K2d::new(Profile::Ratio, Level::best(), max_error);
    [Entrant::new(K2D_R, k2d), Entrant::new(JPEG_LS, JpegLs { near: max_error })]
}
