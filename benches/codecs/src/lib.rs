//! What the two programs share: frames to encode, and the library's codecs behind the interface that the others have too.

pub mod contender;
pub mod frames;
pub mod ours;

/// What everything here gives: a measurement that cannot be made ends the program.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;
