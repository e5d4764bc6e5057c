//! The asynchronous pipeline on its own: compresses one stream of a device while a callback is set, on the callback's thread, and drops
//! frames when that is too slow.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::codec::options::EncodeOptions;
use crate::codec::{Image, ImageCodec, encode_growing};
use crate::device::{Device, Sink};
use crate::dispatch::{Dispatcher, Mailbox, Registration, Slot};
use crate::error::Result;
use crate::frame::{Frame, FrameFlags, FrameInfo, Stream, StreamInfo};
use crate::log::log;

/// Gets compressed data, and the description of the frame before it was compressed, but for codec and flags.
pub type CompressedFn = dyn Fn(&[u8], &FrameInfo) + Send + Sync;

/// A compressor. Cloning shares it; it ends with [`Compressor::destroy`] or its last clone.
#[derive(Clone)]
pub struct Compressor {
    owner: Arc<Owner>,
}

struct Owner {
    inner: Arc<Inner>,
    device: Device,
    sink: Arc<dyn Sink>,
}

struct Inner {
    stream: Stream,
    dispatcher: Dispatcher<CompressorMailbox>,
}

impl Compressor {
    /// Attaches to a device. The options must be ones that a codec fulfils.
    pub fn new(device: &Device, stream: Stream, options: EncodeOptions) -> Result<Self> {
        let codec = options.codec_for(stream)?;
        let mailbox = CompressorMailbox { codec, options, callback: None, newest: None, dropped: 0, buffer: Arc::default() };
        let inner = Arc::new(Inner { stream, dispatcher: Dispatcher::new("kinect2-compressor", mailbox) });
        let sink: Arc<dyn Sink> = inner.clone();
        device.attach(&sink)?;
        Ok(Self { owner: Arc::new(Owner { inner, device: device.clone(), sink }) })
    }

    /// Sets, replaces or removes the callback.
    pub fn on_compressed_frame(&self, callback: Option<Arc<CompressedFn>>) -> Result<()> {
        self.owner.inner.dispatcher.set_callback(callback, |mailbox| &mut mailbox.callback, CompressorMailbox::settle)
    }

    /// Frames that came while one was being compressed, or the callback was running, and were replaced by newer ones.
    pub fn dropped(&self) -> u64 {
        self.owner.inner.dispatcher.read(|mailbox| mailbox.dropped)
    }

    /// Ends it. Silent: no callback starts any more.
    pub fn destroy(&self) {
        self.owner.end();
    }
}

impl Owner {
    fn end(&self) {
        self.inner.dispatcher.close();
        self.device.detach(&self.sink);
        drop(self.inner.dispatcher.with(|mailbox| mailbox.newest.take()));
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.end();
    }
}

impl Sink for Inner {
    fn frame(&self, frame: &Frame) -> Option<Frame> {
        if frame.info().stream != self.stream {
            return None;
        }
        self.dispatcher.with(|mailbox| mailbox.put(frame))
    }

    fn stream_changed(&self, _: &StreamInfo) {}

    fn device_gone(&self) {}
}

struct CompressorMailbox {
    codec: &'static dyn ImageCodec,
    options: EncodeOptions,
    callback: Option<Slot<CompressedFn>>,
    newest: Option<Frame>,
    dropped: u64,
    /// The output, used again for each frame.
    buffer: Arc<Mutex<Vec<u8>>>,
}

impl CompressorMailbox {
    /// The callback was set or removed: without one, nothing waits for it.
    fn settle(&mut self) -> Option<Frame> {
        if self.callback.is_none() { self.newest.take() } else { None }
    }

    fn put(&mut self, frame: &Frame) -> Option<Frame> {
        self.callback.as_ref()?;
        let frame = frame.in_place_of(self.newest.as_ref());
        let displaced = self.newest.replace(frame);
        self.dropped += u64::from(displaced.is_some());
        displaced
    }
}

struct CompressCall {
    codec: &'static dyn ImageCodec,
    options: EncodeOptions,
    callback: Arc<CompressedFn>,
    frame: Frame,
    buffer: Arc<Mutex<Vec<u8>>>,
}

impl Mailbox for CompressorMailbox {
    type Call = CompressCall;

    fn next_call(&mut self) -> Option<(Registration, CompressCall)> {
        let (registration, callback) = self.callback.as_ref()?.target();
        let &mut Self { codec, options, .. } = self;
        let (frame, buffer) = (self.newest.take()?, Arc::clone(&self.buffer));
        Some((registration, CompressCall { codec, options, callback, frame, buffer }))
    }

    fn has_call(&self) -> bool {
        self.callback.is_some() && self.newest.is_some()
    }

    fn run(call: CompressCall) {
        // Only the dispatcher's thread takes the buffer; it is taken out so that no lock is held while user code runs.
        let mut buffer = std::mem::take(&mut *call.buffer.lock());
        match compress(call.codec, &call.options, &call.frame, &mut buffer) {
            Ok((size, info)) => (call.callback)(&buffer[..size], &info),
            Err(error) => log!(Error, "a frame could not be compressed: {error}"),
        }
        *call.buffer.lock() = buffer;
    }
}

fn compress(codec: &dyn ImageCodec, options: &EncodeOptions, frame: &Frame, buffer: &mut Vec<u8>) -> Result<(usize, FrameInfo)> {
    let mut info = *frame.info();
    let values = frame.values16();
    let encoded = encode_growing(codec, Image::new(&values, info.width, info.height)?, options, buffer)?;
    info.codec = codec.codec();
    info.flags.set(FrameFlags::LOSSY, info.flags.contains(FrameFlags::LOSSY) || encoded.lossy);
    Ok((encoded.size, info))
}
