//! The one error type of the crate: what kind of failure, and a text that says what was tried and what to do.

/// The cause of a failure. The C ABI gives each a negative number of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A defect of this library, such as a caught panic.
    Internal,
    /// An argument is outside of what the function accepts.
    InvalidArgument,
    /// A handle is stale, foreign or of another type (C ABI only).
    BadHandle,
    /// The call is not possible now: not started, not running, inside a callback.
    BadState,
    /// No such kinect, server, stream or index.
    NotFound,
    /// The caller's buffer is too small.
    BufferTooSmall,
    /// The operating system or the network failed.
    Io,
    /// The peer does not keep to the protocol.
    Protocol,
    /// Known, but not offered by this build, stream or codec.
    Unsupported,
    /// Data does not decode.
    Corrupt,
    /// A port that is taken, an id that is there already.
    InUse,
    /// Memory could not be had.
    OutOfMemory,
    /// Larger or more than is accepted.
    Limit,
    /// Keys or permissions.
    Refused,
}

/// A failure with its kind and a text for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// What was wrong and what to do about it.
    pub message: String,
}

impl Error {
    /// An error of `kind` with its text.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// Short forms for the errors that most modules return.
macro_rules! constructors {
    ($($name:ident => $kind:ident),* $(,)?) => {
        impl Error {
            $(
                #[doc = concat!("An error of kind [`ErrorKind::", stringify!($kind), "`].")]
                pub fn $name(message: impl Into<String>) -> Self {
                    Self::new(ErrorKind::$kind, message)
                }
            )*
        }
    };
}

constructors! {
    internal => Internal,
    invalid => InvalidArgument,
    bad_state => BadState,
    not_found => NotFound,
    io => Io,
    protocol => Protocol,
    unsupported => Unsupported,
    corrupt => Corrupt,
    in_use => InUse,
    limit => Limit,
}

/// The result of whatever can fail here.
pub type Result<T> = std::result::Result<T, Error>;

/// How something that runs on its own ended: what callbacks and events report beside success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As asked.
    Ok,
    /// No answer in time.
    Timeout,
    /// Ended by this side; nothing more will come.
    Closed,
    /// It failed.
    Failed(ErrorKind),
}
