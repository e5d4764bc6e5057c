//! The registry of handles: tokens instead of addresses, so that a stale or foreign one is found out and never followed.
//!
//! A token is slot, generation and a lowest bit that is 1 (so that no aligned address is one). Slots are used again in the order in
//! which they became free, and only when many are; the generation tells the uses of one slot apart. The lock is held for looking
//! things up only: what is put in or taken out is used and dropped outside of it.

use std::collections::VecDeque;
use std::ptr;

use once_cell::sync::Lazy;
use parking_lot::{Condvar, Mutex, MutexGuard};

use super::browser::kinect2_browser_t;
use super::client::kinect2_client_t;
use super::compressor::kinect2_compressor_t;
use super::device::kinect2_device_t;
use super::frame::kinect2_frame_t;
use super::server::kinect2_server_t;
use crate::browser::Browser;
use crate::client::Client;
use crate::compressor::Compressor;
use crate::device::Device;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Frame;
use crate::log::log;
use crate::server::Server;

/// What a handle stands for.
pub(super) enum Object {
    Device(Device),
    Server(Server),
    Browser(Browser),
    Client(Client),
    Compressor(Compressor),
    Frame(FrameEntry),
}

/// A frame with those who hold its handle.
pub(super) struct FrameEntry {
    frame: Frame,
    /// References that the host has to give back.
    host: u32,
    /// Whether a callback runs that was given the handle.
    lent: bool,
}

/// The opaque structure of a handle and what it stands for. (Frames are counted and have functions of their own.)
pub(super) trait Handle {
    /// The object of the safe API.
    type Object: Clone;
    /// What to call it in errors.
    const NAME: &'static str;

    fn wrap(object: Self::Object) -> Object;
    fn of(object: &Object) -> Option<&Self::Object>;
}

macro_rules! handles {
    ($($handle:ty => $kind:ident $name:literal),* $(,)?) => {
        $(
            impl Handle for $handle {
                type Object = $kind;
                const NAME: &'static str = $name;

                fn wrap(object: $kind) -> Object {
                    Object::$kind(object)
                }

                fn of(object: &Object) -> Option<&$kind> {
                    if let Object::$kind(object) = object { Some(object) } else { None }
                }
            }
        )*
    };
}

handles! {
    kinect2_device_t => Device "device",
    kinect2_server_t => Server "server",
    kinect2_browser_t => Browser "browser",
    kinect2_client_t => Client "client",
    kinect2_compressor_t => Compressor "compressor",
}

/// Half of a token's bits, but for the one that is always 1, are the generation.
const SLOT_BITS: u32 = usize::BITS / 2;
const GENERATIONS: usize = 1 << (usize::BITS - SLOT_BITS - 1);
/// The last number is left out, so that no token is all ones.
const SLOTS: usize = (1 << SLOT_BITS) - 1;
/// How many slots are free before one of them is used again.
const SPARE_SLOTS: usize = 1024;

static REGISTRY: Lazy<Registry> = Lazy::new(Registry::default);

#[derive(Default)]
struct Registry {
    table: Mutex<Table>,
    destroyed: Condvar,
}

#[derive(Default)]
struct Table {
    slots: Vec<Slot>,
    free: VecDeque<usize>,
    /// Objects that were taken out and whose destroy has not returned yet.
    ending: u32,
}

struct Slot {
    generation: usize,
    object: Option<Object>,
}

impl Table {
    /// The number of a slot without an object.
    fn vacant(&mut self) -> Result<usize> {
        let fresh = self.slots.len();
        if fresh < SLOTS && self.free.len() < SPARE_SLOTS {
            // Generations begin at 1, so that small numbers are no tokens.
            self.slots.push(Slot { generation: 1, object: None });
            return Ok(fresh);
        }
        let full = || Error::limit("too many handles: give back those that are not needed any more");
        self.free.pop_front().ok_or_else(full)
    }

    fn put(&mut self, number: usize, object: Object) -> usize {
        let slot = &mut self.slots[number];
        slot.object = Some(object);
        slot.generation << (SLOT_BITS + 1) | number << 1 | 1
    }

    fn find(&mut self, token: usize) -> Option<(usize, &mut Object)> {
        let (number, generation) = (token >> 1 & SLOTS, token >> (SLOT_BITS + 1));
        let slot = self.slots.get_mut(number).filter(|slot| token & 1 == 1 && slot.generation == generation)?;
        Some((number, slot.object.as_mut()?))
    }

    fn remove(&mut self, number: usize) -> Option<Object> {
        let slot = self.slots.get_mut(number)?;
        let object = slot.object.take()?;
        slot.generation = if slot.generation + 1 == GENERATIONS { 1 } else { slot.generation + 1 };
        self.free.push_back(number);
        Some(object)
    }

    fn find_frame(&mut self, token: usize) -> Result<(usize, &mut FrameEntry)> {
        match self.find(token) {
            Some((number, Object::Frame(entry))) => Ok((number, entry)),
            _ => Err(bad_handle("frame", token)),
        }
    }
}

fn table() -> MutexGuard<'static, Table> {
    REGISTRY.table.lock()
}

fn bad_handle(name: &str, token: usize) -> Error {
    let message = match token {
        0 => format!("the {name} handle is NULL"),
        _ => format!("{token:#x} is not a handle of a {name}: destroyed, of another kind, or never one"),
    };
    Error::new(ErrorKind::BadHandle, message)
}

/// The handle with this token.
pub(super) fn pointer<T>(token: usize) -> *mut T {
    ptr::without_provenance_mut(token)
}

/// The parameter outlives the lock: where there is no room for it, it is dropped after the lock is released.
fn register<T>(object: Object) -> Result<*mut T> {
    let mut table = table();
    let number = table.vacant()?;
    Ok(pointer(table.put(number, object)))
}

/// A new handle for `object`.
pub(super) fn insert<T: Handle>(object: T::Object) -> Result<*mut T> {
    register(T::wrap(object))
}

/// What `handle` stands for.
pub(super) fn get<T: Handle>(handle: *const T) -> Result<T::Object> {
    let token = handle.addr();
    let mut table = table();
    let object = table.find(token).and_then(|(_, object)| T::of(object).cloned());
    drop(table);
    object.ok_or_else(|| bad_handle(T::NAME, token))
}

/// [`get`], where NULL has a meaning of its own.
pub(super) fn get_optional<T: Handle>(handle: *const T) -> Result<Option<T::Object>> {
    if handle.is_null() { Ok(None) } else { get(handle).map(Some) }
}

/// Takes `handle` out, so that it is bad from now on, and ends what it stood for. NULL is fine.
pub(super) fn destroy<T: Handle>(handle: *mut T, end: impl FnOnce(T::Object)) -> Result<()> {
    if handle.is_null() {
        return Ok(());
    }
    let token = handle.addr();
    let mut table = table();
    let found = table.find(token).and_then(|(number, object)| Some((number, T::of(object)?.clone())));
    let Some((number, object)) = found else {
        drop(table);
        return Err(bad_handle(T::NAME, token));
    };
    let registered = table.remove(number);
    table.ending += 1;
    drop(table);
    let _ending = Ending(1);
    drop(registered);
    end(object);
    Ok(())
}

/// Takes out everything but frames and gives it to `end`.
pub(super) fn destroy_all(end: impl FnOnce(Vec<Object>)) {
    let mut table = table();
    let numbers: Vec<usize> = (0..table.slots.len())
        .filter(|number| matches!(&table.slots[*number].object, Some(object) if !matches!(object, Object::Frame(_))))
        .collect();
    let objects: Vec<Object> = numbers.into_iter().filter_map(|number| table.remove(number)).collect();
    let count = objects.len() as u32;
    table.ending += count;
    drop(table);
    let _ending = Ending(count);
    end(objects);
}

/// Waits for the destroying that other threads have begun.
pub(super) fn wait_for_destroyed() {
    let mut table = table();
    while table.ending > 0 {
        REGISTRY.destroyed.wait(&mut table);
    }
}

/// So many objects are being destroyed, until it is dropped.
struct Ending(u32);

impl Drop for Ending {
    fn drop(&mut self) {
        table().ending -= self.0;
        REGISTRY.destroyed.notify_all();
    }
}

/// Handles and frame references that the host has to give back, and objects that are being destroyed.
pub(super) fn live() -> u32 {
    let table = table();
    let count = |slot: &Slot| match &slot.object {
        None => 0,
        Some(Object::Frame(entry)) => entry.host,
        Some(_) => 1,
    };
    table.slots.iter().map(count).sum::<u32>() + table.ending
}

/// A handle with one reference, the host's.
pub(super) fn give_frame(frame: Frame) -> Result<*mut kinect2_frame_t> {
    register(Object::Frame(FrameEntry { frame, host: 1, lent: false }))
}

/// The frame of a handle.
pub(super) fn frame(handle: *const kinect2_frame_t) -> Result<Frame> {
    table().find_frame(handle.addr()).map(|(_, entry)| entry.frame.clone())
}

/// One reference more for the host.
pub(super) fn retain_frame(handle: *mut kinect2_frame_t) -> Result<()> {
    let mut table = table();
    let (_, entry) = table.find_frame(handle.addr())?;
    entry.host = entry.host.checked_add(1).ok_or_else(|| Error::limit("too many references to one frame"))?;
    Ok(())
}

/// One reference of the host less; the last one takes the handle with it, unless a callback still has it.
pub(super) fn release_frame(handle: *mut kinect2_frame_t) -> Result<()> {
    let mut table = table();
    let (number, entry) = table.find_frame(handle.addr())?;
    entry.host = entry.host.checked_sub(1).ok_or_else(|| {
        Error::new(ErrorKind::BadHandle, "the callback that was given the frame holds no reference to release: retain it first")
    })?;
    let removed = if entry.host == 0 && !entry.lent { table.remove(number) } else { None };
    drop(table);
    drop(removed);
    Ok(())
}

/// A handle for the time of one callback, in which the host may make it its own by retaining it.
pub(super) struct LentFrame(*mut kinect2_frame_t);

impl LentFrame {
    pub(super) fn new(frame: &Frame) -> Option<Self> {
        let entry = FrameEntry { frame: frame.clone(), host: 0, lent: true };
        let handle = register(Object::Frame(entry)).inspect_err(|error| log!(Error, "a frame cannot go to its callback: {error}"));
        handle.ok().map(Self)
    }

    pub(super) fn handle(&self) -> *mut kinect2_frame_t {
        self.0
    }
}

impl Drop for LentFrame {
    fn drop(&mut self) {
        let mut table = table();
        // It is there for as long as `lent` is set, which nobody else clears.
        let Ok((number, entry)) = table.find_frame(self.0.addr()) else { return };
        entry.lent = false;
        let removed = if entry.host == 0 { table.remove(number) } else { None };
        drop(table);
        drop(removed);
    }
}
