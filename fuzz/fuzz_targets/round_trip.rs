//! See `streamkinect2_fuzz::codecs::round_trip`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| streamkinect2_fuzz::codecs::round_trip(data));
