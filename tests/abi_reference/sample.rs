//! A library with one of everything that the interface of streamkinect2 has, and ways to change it: `--cfg CHANGE`. For run.sh.

#![allow(non_camel_case_types, unexpected_cfgs, missing_docs)]

use std::ffi::{c_char, c_void};

#[repr(C)]
pub struct kinect2_thing_t {
    _private: [u8; 0],
}

#[repr(C)]
#[cfg(not(any(member_moved, member_removed, member_added)))]
pub struct kinect2_options_t {
    pub struct_size: u32,
    #[cfg(not(any(member_renamed, member_signed, member_larger)))]
    pub rate: u32,
    #[cfg(member_renamed)]
    pub rates: u32,
    #[cfg(member_signed)]
    pub rate: i32,
    // There is room for it: what follows begins at a multiple of eight.
    #[cfg(member_larger)]
    pub rate: u64,
    pub streams: u32,
    pub data: *const c_void,
    #[cfg(not(release_changed))]
    pub release: Option<unsafe extern "C" fn(*mut c_void)>,
    #[cfg(release_changed)]
    pub release: Option<unsafe extern "C" fn(*mut c_void, u32)>,
}

#[repr(C)]
#[cfg(member_moved)]
pub struct kinect2_options_t {
    pub struct_size: u32,
    pub streams: u32,
    pub rate: u32,
    pub data: *const c_void,
    pub release: Option<unsafe extern "C" fn(*mut c_void)>,
}

#[repr(C)]
#[cfg(member_removed)]
pub struct kinect2_options_t {
    pub struct_size: u32,
    pub rate: u32,
    pub data: *const c_void,
    pub release: Option<unsafe extern "C" fn(*mut c_void)>,
}

#[repr(C)]
#[cfg(member_added)]
pub struct kinect2_options_t {
    pub struct_size: u32,
    pub rate: u32,
    pub streams: u32,
    pub data: *const c_void,
    pub release: Option<unsafe extern "C" fn(*mut c_void)>,
    pub more: u64,
}

/// Only the callback's parameter leads here.
#[repr(C)]
pub struct kinect2_event_t {
    pub struct_size: u32,
    pub time_ns: u64,
    #[cfg(not(array_longer))]
    pub id: [c_char; 256],
    #[cfg(array_longer)]
    pub id: [c_char; 512],
}

#[cfg(not(callback_changed))]
pub type kinect2_event_fn = Option<unsafe extern "C" fn(*mut kinect2_thing_t, *const kinect2_event_t, *mut c_void)>;
#[cfg(callback_changed)]
pub type kinect2_event_fn = Option<unsafe extern "C" fn(*mut kinect2_thing_t, *const kinect2_event_t, u32, *mut c_void)>;

#[unsafe(no_mangle)]
pub extern "C" fn kinect2_thing_create(_options: *const kinect2_options_t, _out: *mut *mut kinect2_thing_t) -> i32 {
    0
}

#[unsafe(no_mangle)]
pub extern "C" fn kinect2_thing_on_event(_thing: *mut kinect2_thing_t, _callback: kinect2_event_fn, _user_data: *mut c_void) -> i32 {
    0
}

#[unsafe(no_mangle)]
#[cfg(not(any(parameter_changed, parameter_added, result_changed)))]
pub extern "C" fn kinect2_thing_name(_thing: *const kinect2_thing_t, _capacity: usize) -> u32 {
    0
}

#[unsafe(no_mangle)]
#[cfg(parameter_changed)]
pub extern "C" fn kinect2_thing_name(_thing: *const kinect2_thing_t, _capacity: u32) -> u32 {
    0
}

#[unsafe(no_mangle)]
#[cfg(parameter_added)]
pub extern "C" fn kinect2_thing_name(_thing: *const kinect2_thing_t, _capacity: usize, _flags: u32) -> u32 {
    0
}

#[unsafe(no_mangle)]
#[cfg(result_changed)]
pub extern "C" fn kinect2_thing_name(_thing: *const kinect2_thing_t, _capacity: usize) -> i32 {
    0
}

#[unsafe(no_mangle)]
#[cfg(not(function_removed))]
pub extern "C" fn kinect2_thing_destroy(_thing: *mut kinect2_thing_t) {}

#[unsafe(no_mangle)]
#[cfg(function_added)]
pub extern "C" fn kinect2_thing_rename(_thing: *mut kinect2_thing_t) {}

#[unsafe(no_mangle)]
#[cfg(foreign_name)]
pub extern "C" fn zmq_socket() {}

#[unsafe(no_mangle)]
#[cfg(rust_type)]
pub extern "C" fn kinect2_thing_is_there(_thing: *const kinect2_thing_t) -> bool {
    true
}
