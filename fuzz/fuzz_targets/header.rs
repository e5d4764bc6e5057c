//! See `streamkinect2_fuzz::header::frame`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| streamkinect2_fuzz::header::frame(data));
