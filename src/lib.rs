//! streamkinect2: a Kinect v2 on one machine, its frames on others.

#![deny(unsafe_code)]
#![deny(missing_docs)]

pub mod browser;
pub mod callback;
pub mod client;
pub mod codec;
pub mod compressor;
pub mod device;
pub mod discovery;
pub mod dispatch;
pub mod error;
pub mod ffi;
pub mod frame;
pub mod log;
pub mod protocol;
pub mod server;
pub mod system;
mod transport;
