//! See `streamkinect2_fuzz::k2d::data`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| streamkinect2_fuzz::k2d::data(data));
