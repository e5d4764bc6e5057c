//! See `streamkinect2_fuzz::me::text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| streamkinect2_fuzz::me::text(data));
