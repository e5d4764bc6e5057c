//! Structures across the border: how `struct_size` lets an old program and a new library, or the other way round, understand each
//! other; and outputs through pointers.

use std::ptr;

use libc::size_t;

use crate::error::{Error, Result};

/// Larger structures than this do not exist: a `struct_size` that was never set is found out before memory is read that is not there.
const LARGEST: usize = 1 << 16;

/// A structure of the header that begins with `struct_size`.
///
/// # Safety
/// The type is `repr(C)`, its first member is `struct_size: u32`, and every pattern of bits is a value of it.
pub(super) unsafe trait Versioned: Copy {
    /// Its name in errors.
    const NAME: &'static str;
    /// Its size when it was first in the header: what programs that know no later members give.
    const FIRST: usize;

    /// One whose members are all 0, except `struct_size`.
    fn empty() -> Self {
        // SAFETY: every pattern of bits is a value.
        let mut value: Self = unsafe { std::mem::zeroed() };
        // SAFETY: the first member is a u32.
        unsafe { ptr::from_mut(&mut value).cast::<u32>().write(size_of::<Self>() as u32) };
        value
    }
}

/// Declares structures of the header to be [`Versioned`].
macro_rules! versioned {
    ($($name:ident),* $(,)?) => {
        $($crate::ffi::structs::versioned!($name, first: size_of::<$name>());)*
    };
    ($name:ident, first: $first:expr) => {
        // SAFETY: repr(C), struct_size first; integers, floats, pointers, nullable function pointers and arrays of these only.
        unsafe impl $crate::ffi::structs::Versioned for $name {
            const NAME: &'static str = stringify!($name);
            const FIRST: usize = $first;
        }
    };
}
pub(super) use versioned;

/// Reads a structure that the caller filled in.
///
/// # Safety
/// `given` is NULL or points to `struct_size` readable bytes.
pub(super) unsafe fn read<T: Versioned>(given: *const T) -> Result<T> {
    // SAFETY: the same condition.
    let size = unsafe { checked_size(given) }?;
    let known = size.min(size_of::<T>());
    // SAFETY: the memory reaches to `size`, which is at least `known`.
    let newer = unsafe { std::slice::from_raw_parts(given.cast::<u8>().add(known), size - known) };
    if newer.iter().any(|byte| *byte != 0) {
        let name = T::NAME;
        return Err(Error::unsupported(format!("{name}: a member is set that this version of the library does not know")));
    }
    let mut value = T::empty();
    // SAFETY: `known` bytes are there, not more than a value has, and any bits are a value; a host language may not have aligned them.
    unsafe { ptr::from_mut(&mut value).cast::<u8>().copy_from_nonoverlapping(given.cast(), known) };
    Ok(value)
}

/// Reads a structure that may be left out.
///
/// # Safety
/// As [`read`].
pub(super) unsafe fn read_optional<T: Versioned>(given: *const T) -> Result<Option<T>> {
    // SAFETY: the same condition.
    if given.is_null() { Ok(None) } else { unsafe { read(given) }.map(Some) }
}

/// Checks a reserved member: one that is set has a meaning that this library does not know.
pub(super) fn reserved(member: u32) -> Result<()> {
    if member == 0 { Ok(()) } else { Err(Error::unsupported(format!("a reserved member is {member} and must be 0"))) }
}

/// Fills in options with their defaults: exactly `struct_size` bytes, those of members unknown to this library with 0.
///
/// # Safety
/// `out` is NULL or points to `struct_size` writable bytes.
pub(super) unsafe fn init<T: Versioned>(out: *mut T, struct_size: size_t, defaults: T) -> Result<()> {
    if out.is_null() {
        return Err(Error::invalid(format!("the {} to set up is NULL", T::NAME)));
    }
    let mut defaults = defaults;
    // SAFETY: the first member is a u32.
    unsafe { ptr::from_mut(&mut defaults).cast::<u32>().write(u32::try_from(struct_size).unwrap_or(u32::MAX)) };
    let known = struct_size.min(size_of::<T>());
    // SAFETY: `struct_size` bytes may be written, `known` are not more than that and not more than `defaults` has.
    unsafe {
        let bytes = out.cast::<u8>();
        bytes.copy_from_nonoverlapping(ptr::from_ref(&defaults).cast(), known);
        bytes.add(known).write_bytes(0, struct_size - known);
    }
    Ok(())
}

/// A structure that is filled in for the caller: checked first, written when there is a value.
pub(super) struct StructOut<T> {
    out: *mut T,
    size: usize,
}

impl<T: Versioned> StructOut<T> {
    /// # Safety
    /// `out` is NULL or points to `struct_size` bytes that may be read and written until the last use of the value.
    pub(super) unsafe fn new(out: *mut T) -> Result<Self> {
        // SAFETY: the same condition.
        let size = unsafe { checked_size(out.cast_const()) }?;
        Ok(Self { out, size })
    }

    /// Writes `value`, all but `struct_size` and members that the caller does not know; those that this library does not know become 0.
    pub(super) fn write(self, value: &T) {
        let (head, known) = (size_of::<u32>(), self.size.min(size_of::<T>()));
        // SAFETY: `new` was promised `size` writable bytes; `known` are not more than these and not more than `value` has.
        unsafe {
            let bytes = self.out.cast::<u8>();
            bytes.add(head).copy_from_nonoverlapping(ptr::from_ref(value).cast::<u8>().add(head), known - head);
            bytes.add(known).write_bytes(0, self.size - known);
        }
    }
}

/// `struct_size` of the structure at `given`, if it can be one of a `T`.
///
/// # Safety
/// `given` is NULL or points to a readable u32.
unsafe fn checked_size<T: Versioned>(given: *const T) -> Result<usize> {
    let (name, first) = (T::NAME, T::FIRST);
    if given.is_null() {
        return Err(Error::invalid(format!("the {name} is NULL")));
    }
    // SAFETY: not NULL, and the first member is a u32; a host language may not have aligned it.
    let size = unsafe { given.cast::<u32>().read_unaligned() } as usize;
    if !(first..=LARGEST).contains(&size) {
        return Err(Error::invalid(format!("{name}: struct_size is {size} and must be its size, at least {first}: set it first")));
    }
    Ok(size)
}

/// An output that is not a structure.
pub(super) struct ValueOut<T>(*mut T);

impl<T> ValueOut<T> {
    /// `what` names the parameter in errors.
    ///
    /// # Safety
    /// `out` is NULL or may be written to until the last use of the value.
    pub(super) unsafe fn new(out: *mut T, what: &str) -> Result<Self> {
        if out.is_null() {
            return Err(Error::invalid(format!("{what} is NULL: it receives the result")));
        }
        Ok(Self(out))
    }

    /// Writes the value.
    pub(super) fn write(self, value: T) {
        // SAFETY: `new` was promised that it may be written to.
        unsafe { self.0.write_unaligned(value) };
    }
}

/// A handle that goes out: NULL from the start, so that it is NULL however the call ends, except well.
pub(super) struct HandleOut<T>(*mut *mut T);

impl<T> HandleOut<T> {
    /// # Safety
    /// `out` is NULL or may be written to until the last use of the value.
    pub(super) unsafe fn new(out: *mut *mut T) -> Self {
        if !out.is_null() {
            // SAFETY: not NULL, and otherwise as the caller promises.
            unsafe { out.write_unaligned(ptr::null_mut()) };
        }
        Self(out)
    }

    /// That there is a place for the handle: asked before anything is made that would be lost.
    pub(super) fn checked(self) -> Result<ValueOut<*mut T>> {
        // SAFETY: as `new` was promised.
        unsafe { ValueOut::new(self.0, "the output for the handle") }
    }
}
