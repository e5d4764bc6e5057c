//! Ids of devices: checking given ones and making up stable ones.

use std::collections::BTreeSet;

use once_cell::sync::Lazy;
use parking_lot::Mutex;

use super::MAX_ID_BYTES;
use crate::error::{Error, Result};
use crate::protocol::host::fnv1a_64;
use crate::system;

/// An id is 1 to 255 bytes without a NUL.
pub fn check(id: &str) -> Result<&str> {
    if id.is_empty() || id.len() > MAX_ID_BYTES || id.contains('\0') {
        return Err(Error::invalid(format!("an id has 1 to {MAX_ID_BYTES} bytes and no NUL; this one has {} bytes", id.len())));
    }
    Ok(id)
}

/// Which numbers made-up ids of this process have now.
static TAKEN: Lazy<Mutex<BTreeSet<(&'static str, u32)>>> = Lazy::new(Default::default);

/// A made-up id, reserved while this exists: the same when the same program makes the same devices again on this machine.
pub struct MadeUp {
    kind: &'static str,
    number: u32,
}

impl MadeUp {
    /// Reserves the lowest free number of its kind.
    pub fn new(kind: &'static str) -> Self {
        let mut taken = TAKEN.lock();
        let number = (0..).find(|number| !taken.contains(&(kind, *number))).unwrap_or(u32::MAX);
        taken.insert((kind, number));
        Self { kind, number }
    }

    /// The id: the kind, and a hash over machine, program and number.
    pub fn id(&self) -> String {
        let program = std::env::current_exe().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
        let hash = fnv1a_64(format!("{}\n{program}\n{}\n{}", system::machine_id(), self.kind, self.number).as_bytes());
        format!("{}-{hash:016x}", self.kind)
    }
}

impl Drop for MadeUp {
    fn drop(&mut self) {
        TAKEN.lock().remove(&(self.kind, self.number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_ids_differ_at_once_and_return_in_turn() {
        let (a, b) = (MadeUp::new("test"), MadeUp::new("test"));
        assert_ne!(a.id(), b.id());
        let first = a.id();
        drop(a);
        assert_eq!(MadeUp::new("test").id(), first);
    }

    #[test]
    fn ids_have_limits() {
        assert!(check("").is_err());
        assert!(check(&"x".repeat(255)).is_ok());
        assert!(check(&"x".repeat(256)).is_err());
        assert!(check("a\0b").is_err());
    }
}
