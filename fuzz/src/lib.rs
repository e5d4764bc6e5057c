//! What must hold for any input: of the protocol's readers and writers and of the codecs.
//!
//! Each function takes bytes from anyone and panics when a promise is broken. A program in `fuzz_targets` lets libFuzzer make them up;
//! `tests/fuzz_corpora.rs` of the library calls the same functions with the files in `corpus`, in every run of the tests.

pub mod codecs;
pub mod control;
pub mod endpoint;
pub mod header;
mod json;
pub mod k2d;
pub mod me;

/// That a text for people is one: short, on one line.
fn assert_for_people(text: &str) {
    assert!(!text.is_empty() && text.len() < 2000, "{} bytes: {text:.200}", text.len());
    assert!(!text.contains(char::is_control), "{text:?}");
}
