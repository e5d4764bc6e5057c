//! The C ABI: every function of `include/streamkinect2.h`, which is generated from this folder.
//!
//! `ffi` translates and nothing more: check pointers, convert, call the safe API, convert back, all inside one `guard`. The order of
//! the modules below is the order of the header. Its preamble is in `cbindgen.toml`; `KINECT2_BLESS=1 cargo test --test header`
//! writes the file.
//!
//! # Safety of the functions here
//! What the header's preamble says under "Guarantees": pointers to text and structures are valid for the call, text ends with a
//! NUL, `struct_size` is the size of the memory behind it, output pointers may be written to, and pixels given with a size have that
//! size. Handles have no safety conditions: they are tokens and never dereferenced.

#![allow(unsafe_code)]
// The header's names are the names: no table of renamings between the two.
#![allow(non_camel_case_types)]
// Said once, above.
#![allow(clippy::missing_safety_doc)]

pub mod result;

pub mod library;

pub mod names;

pub mod frame;

pub mod event;

pub mod device;

pub mod server;

pub mod server_kinects;

pub mod browser;

pub mod client;

pub mod client_callbacks;

pub mod client_streams;

pub mod compress;

pub mod compressor;

mod guard;
mod handle;
mod structs;
mod text;
mod user;
