//! K2D, this project's own lossless codec of depth images.

pub mod level;
pub mod mask;
pub mod ratio;
