//! See `streamkinect2_fuzz::codecs::raw`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| streamkinect2_fuzz::codecs::raw(data));
