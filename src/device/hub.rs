//! The middle of a device: what it offers, how its frames are numbered, and who gets them.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use smallvec::SmallVec;

use super::destroyed;
use super::mailbox::DeviceMailbox;
use crate::dispatch::Dispatcher;
use crate::error::{Error, Result};
use crate::frame::{Codec, Frame, FrameFlags, Stream, StreamInfo};

/// Something attached to a device. Its methods are called on the thread that captures, under a lock, so none may block, log or run user
/// code: they put the frame somewhere and wake somebody.
pub trait Sink: Send + Sync {
    /// A new frame. What it displaces is given back, to be dropped outside of the lock (its release may be user code).
    fn frame(&self, frame: &Frame) -> Option<Frame>;

    /// A stream is new, or is not as it was.
    fn stream_changed(&self, info: &StreamInfo);

    /// The device is being destroyed; called without a lock.
    fn device_gone(&self);
}

/// See the module.
pub struct Hub {
    id: Arc<str>,
    dispatcher: Dispatcher<DeviceMailbox>,
    flow: Mutex<Flow>,
}

struct Flow {
    streams: BTreeMap<Stream, Offered>,
    sinks: Vec<Arc<dyn Sink>>,
    running: bool,
    started_before: bool,
    closed: bool,
}

struct Offered {
    info: StreamInfo,
    next_sequence: u64,
    restarted: bool,
}

impl Offered {
    fn new(info: StreamInfo, restarted: bool) -> Self {
        Self { info, next_sequence: 0, restarted }
    }
}

impl Hub {
    pub fn new(id: Arc<str>, streams: Vec<StreamInfo>, dispatcher: Dispatcher<DeviceMailbox>) -> Self {
        let streams = streams.into_iter().map(|info| (info.stream, Offered::new(info, false))).collect();
        let flow = Flow { streams, sinks: Vec::new(), running: false, started_before: false, closed: false };
        Self { id, dispatcher, flow: Mutex::new(flow) }
    }

    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    pub fn streams(&self) -> Vec<StreamInfo> {
        self.flow.lock().streams.values().map(|offered| offered.info).collect()
    }

    pub fn newest_sequence(&self, stream: Stream) -> Option<u64> {
        self.flow.lock().streams.get(&stream)?.next_sequence.checked_sub(1)
    }

    /// Numbers begin at 0; false: it is running already.
    pub fn start(&self) -> Result<bool> {
        let mut flow = self.flow.lock();
        if flow.closed {
            return Err(destroyed());
        }
        if flow.running {
            return Ok(false);
        }
        flow.running = true;
        let restarted = std::mem::replace(&mut flow.started_before, true);
        for offered in flow.streams.values_mut() {
            *offered = Offered::new(offered.info, restarted);
        }
        Ok(true)
    }

    /// No frame passes after this; false: it was not running.
    pub fn stop(&self) -> bool {
        std::mem::replace(&mut self.flow.lock().running, false)
    }

    pub fn check_running(&self) -> Result<()> {
        let flow = self.flow.lock();
        if flow.closed {
            return Err(destroyed());
        }
        if !flow.running {
            return Err(Error::bad_state(format!("device {} is not started: start it, then push", self.id)));
        }
        Ok(())
    }

    /// Says what a stream is before its first frame.
    pub fn declare(&self, info: StreamInfo) -> Result<()> {
        let mut flow = self.flow.lock();
        if flow.closed {
            return Err(destroyed());
        }
        flow.set_stream(info);
        Ok(())
    }

    /// Numbers a frame and hands it to everyone who is attached. Never waits.
    pub fn publish(&self, frame: &Frame) -> Result<()> {
        self.check_running()?;
        let mut displaced = SmallVec::<[Frame; 4]>::new();
        {
            let mut flow = self.flow.lock();
            if !flow.running {
                return Err(Error::bad_state(format!("device {} was stopped meanwhile", self.id)));
            }
            let frame = flow.stamp(frame, &self.id);
            for sink in &flow.sinks {
                displaced.extend(sink.frame(&frame));
            }
            displaced.extend(self.dispatcher.with(|mailbox| mailbox.put(&frame)));
        }
        Ok(())
    }

    pub fn attach(&self, sink: &Arc<dyn Sink>) -> Result<()> {
        let mut flow = self.flow.lock();
        if flow.closed {
            return Err(destroyed());
        }
        flow.sinks.push(Arc::clone(sink));
        Ok(())
    }

    pub fn detach(&self, sink: &Arc<dyn Sink>) {
        self.flow.lock().sinks.retain(|other| !Arc::ptr_eq(other, sink));
    }

    /// Takes no more frames and lets go of the sinks.
    pub fn close(&self) -> Vec<Arc<dyn Sink>> {
        let mut flow = self.flow.lock();
        flow.closed = true;
        flow.running = false;
        std::mem::take(&mut flow.sinks)
    }
}

impl Flow {
    fn set_stream(&mut self, info: StreamInfo) {
        match self.streams.get_mut(&info.stream) {
            Some(offered) if offered.info == info => return,
            Some(offered) => offered.info = info,
            None => {
                self.streams.insert(info.stream, Offered::new(info, false));
            }
        }
        for sink in &self.sinks {
            sink.stream_changed(&info);
        }
    }

    fn stamp(&mut self, frame: &Frame, id: &Arc<str>) -> Frame {
        let mut info = *frame.info();
        let frame_rate = self.streams.get(&info.stream).map_or(0.0, |offered| offered.info.frame_rate);
        let (stream, format, width, height) = (info.stream, info.format, info.width, info.height);
        self.set_stream(StreamInfo { stream, format, codec: Codec::Raw, width, height, frame_rate });
        if let Some(offered) = self.streams.get_mut(&stream) {
            info.sequence = offered.next_sequence;
            offered.next_sequence += 1;
            if std::mem::take(&mut offered.restarted) {
                info.flags |= FrameFlags::RESTARTED;
            }
        }
        frame.with_info(info, Some(Arc::clone(id)))
    }
}
