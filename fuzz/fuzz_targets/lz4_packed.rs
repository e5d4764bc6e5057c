//! See `streamkinect2_fuzz::codecs::lz4_packed`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| streamkinect2_fuzz::codecs::lz4_packed(data));
