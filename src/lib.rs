//! Streams depth and infrared frames of a Kinect v2 from one machine to others on the local network.
//!
//! Most programs use the C interface, `include/streamkinect2.h`, which [`ffi`] holds and from which the header is generated. The modules
//! beside it are the safe library under it. They can be used from Rust, but below version 1.0 only the C interface keeps what
//! `docs/conventions.md` promises about compatibility.
//!
//! - [`device`]: sources of frames: a mock, or the host program itself
//! - [`server`]: offers devices to the network
//! - [`browser`]: finds servers
//! - [`client`]: a connection to one server, its kinects and their frames
//! - [`compressor`] and [`codec`]: compression beside a server, and by itself
//! - [`frame`]: an immutable image with its times and numbers
//! - [`protocol`]: what goes over the network; `docs/protocol.md` describes it
//!
//! `ARCHITECTURE.md` shows how they depend on each other, which thread does what, and how to add something.
//!
//! ```no_run
//! use std::time::Duration;
//! use streamkinect2::client::{Client, ClientOptions};
//! use streamkinect2::dispatch::{Patience, Polled};
//! use streamkinect2::frame::Streams;
//!
//! # fn main() -> streamkinect2::error::Result<()> {
//! let client = Client::new(None, ClientOptions { server_name: Some("*".into()), ..Default::default() })?;
//! client.enable_stream(None, Streams::DEPTH, None)?;
//! client.connect()?;
//! if let Polled::Ready(frame) = client.take_frame(None, Streams::DEPTH, Patience::For(Duration::from_secs(10)))? {
//!     let (info, depth) = (frame.info(), frame.values16());
//!     println!("{} mm in the middle", depth[(info.height / 2 * info.width + info.width / 2) as usize]);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Handles ([`device::Device`], [`server::Server`], [`browser::Browser`], [`client::Client`], [`compressor::Compressor`]) are shared by
//! cloning, may be used from every thread and inside callbacks, and end with `destroy` or with their last clone. Unsafe code is in [`ffi`],
//! in one small file of the transport, and where [`codec::k2d`] uses instructions that not every processor has.

#![deny(unsafe_code)]
#![deny(missing_docs)]

pub mod browser;
pub mod buffer;
pub mod callback;
pub mod client;
pub mod codec;
pub mod compressor;
mod courier;
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
mod thread;
mod transport;
