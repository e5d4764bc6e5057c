//! Text across the border: in as NUL-terminated UTF-8 that is copied, out into the caller's buffer.

use std::ffi::{CStr, CString, c_char};

use libc::size_t;

use crate::error::{Error, ErrorKind, Result};

/// Reads text that may be left out. `what` names the parameter in errors.
///
/// # Safety
/// `text` is NULL or ends with a NUL and does not change during the call.
pub(super) unsafe fn optional(text: *const c_char, what: &str) -> Result<Option<String>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, and otherwise as the caller promises.
    let text = unsafe { CStr::from_ptr(text) };
    match text.to_str() {
        Ok(text) => Ok(Some(text.to_owned())),
        Err(_) => Err(Error::invalid(format!("{what} is not UTF-8: {text:?}"))),
    }
}

/// Reads text that must be there.
///
/// # Safety
/// As [`optional`].
pub(super) unsafe fn required(text: *const c_char, what: &str) -> Result<String> {
    // SAFETY: the same condition.
    unsafe { optional(text, what) }?.ok_or_else(|| Error::invalid(format!("{what} is NULL: it is needed here")))
}

/// Text for a callback, which reads it to its first NUL anyway.
pub(super) fn lent(text: &str) -> CString {
    let before_nul: Vec<u8> = text.bytes().take_while(|byte| *byte != 0).collect();
    CString::new(before_nul).unwrap_or_default()
}

/// Fills a text member of a structure: cut at a character's border if it must be, ended with a NUL, the rest zero.
pub(super) fn fill<const N: usize>(text: &str) -> [c_char; N] {
    let mut member = [0; N];
    for (place, byte) in member.iter_mut().zip(cut(text, N - 1).bytes()) {
        *place = byte as c_char;
    }
    member
}

/// The longest start of `text` that fits into `room` bytes without splitting a character.
fn cut(text: &str, room: usize) -> &str {
    let mut end = room.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The three parameters by which text goes out.
pub(super) struct TextOut {
    buffer: *mut c_char,
    capacity: usize,
    length: *mut size_t,
}

impl TextOut {
    /// # Safety
    /// `buffer` is NULL or `capacity` bytes may be written there; `length` is NULL or may be written to; both until the last use of
    /// the value.
    pub(super) unsafe fn new(buffer: *mut c_char, capacity: size_t, length: *mut size_t) -> Self {
        Self { buffer, capacity, length }
    }

    /// Writes all of `text` or, where there is no room for it, its length and an empty text.
    pub(super) fn write(&self, text: &str) -> Result<()> {
        self.check()?;
        self.put_length(text.len());
        if self.buffer.is_null() {
            return Ok(());
        }
        if text.len() >= self.capacity {
            self.put_text("");
            let message = format!("{} bytes of text and a NUL do not fit into a buffer of {}", text.len(), self.capacity);
            return Err(Error::new(ErrorKind::BufferTooSmall, message));
        }
        self.put_text(text);
        Ok(())
    }

    /// Writes one of `items`.
    pub(super) fn write_item(&self, items: &[impl AsRef<str>], index: u32) -> Result<()> {
        let absent = || Error::not_found(format!("there is no index {index}: the count is {}", items.len()));
        self.write(items.get(index as usize).ok_or_else(absent)?.as_ref())
    }

    /// Writes as much of `text` as there is room for.
    pub(super) fn write_cut(&self, text: &str) -> Result<()> {
        self.check()?;
        let text = if self.buffer.is_null() { text } else { cut(text, self.capacity.saturating_sub(1)) };
        self.put_length(text.len());
        self.put_text(text);
        Ok(())
    }

    fn check(&self) -> Result<()> {
        if self.buffer.is_null() && self.capacity > 0 {
            return Err(Error::invalid("buffer is NULL, but its capacity is not 0: (NULL, 0, &length) asks for the length"));
        }
        Ok(())
    }

    fn put_length(&self, length: usize) {
        if !self.length.is_null() {
            // SAFETY: not NULL, and `new` was promised that it may be written to.
            unsafe { self.length.write(length) };
        }
    }

    fn put_text(&self, text: &str) {
        if self.buffer.is_null() || self.capacity <= text.len() {
            return;
        }
        // SAFETY: `text` and its NUL fit into the capacity that `new` was promised; a caller's buffer and our text do not overlap.
        unsafe {
            self.buffer.copy_from_nonoverlapping(text.as_ptr().cast(), text.len());
            self.buffer.add(text.len()).write(0);
        }
    }
}
