//! See `streamkinect2_fuzz::control::messages`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| streamkinect2_fuzz::control::messages(data));
