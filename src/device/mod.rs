//! Sources of frames. A device gives its frames numbers and times and hands them, without waiting, to whoever is attached: servers,
//! compressors and its own callback.

mod hub;
mod id;
mod mailbox;
mod mock;
mod push;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use hub::Hub;
pub use hub::Sink;
use id::MadeUp;
use mailbox::DeviceMailbox;
use mock::MockSource;
pub use mock::{MockMode, MockOptions, scene_frame};
pub use push::DEFAULT_SIZE;

use crate::dispatch::{Dispatcher, Patience};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Frame, NewFrame, StreamInfo};
use crate::log::log;

/// What a device's frames go to.
pub type FrameCallback = Arc<dyn Fn(&Frame) + Send + Sync>;

/// Longest id of a device, in bytes.
pub const MAX_ID_BYTES: usize = 255;

/// A source of frames. Cloning shares it; it ends with [`Device::destroy`] or its last clone.
#[derive(Clone)]
pub struct Device {
    inner: Arc<Inner>,
}

struct Inner {
    hub: Arc<Hub>,
    dispatcher: Dispatcher<DeviceMailbox>,
    source: Mutex<Source>,
    _made_up: Option<MadeUp>,
}

enum Source {
    Push,
    Mock(MockSource),
}

impl Device {
    /// A mock sensor, without hardware: the scene of the protocol's documentation, or a room as a real sensor would see it.
    pub fn mock(options: MockOptions) -> Result<Self> {
        let source = MockSource::new(&options)?;
        Self::new(options.id.as_deref(), "mock", source.streams(), Source::Mock(source))
    }

    /// A device whose frames the caller supplies with [`Device::push`]. Without an id one is made up, the same when the same program
    /// runs again on this machine.
    pub fn push_device(id: Option<&str>) -> Result<Self> {
        Self::new(id, "push", vec![push::default_stream()], Source::Push)
    }

    fn new(id: Option<&str>, kind: &'static str, streams: Vec<StreamInfo>, source: Source) -> Result<Self> {
        let (id, made_up) = match id {
            Some(id) => (id::check(id)?.to_owned(), None),
            None => {
                let made_up = MadeUp::new(kind);
                (made_up.id(), Some(made_up))
            }
        };
        let dispatcher = Dispatcher::new("kinect2-device", DeviceMailbox::default());
        let hub = Arc::new(Hub::new(id.into(), streams, dispatcher.clone()));
        Ok(Self { inner: Arc::new(Inner { hub, dispatcher, source: Mutex::new(source), _made_up: made_up }) })
    }

    /// Its id, 1 to [`MAX_ID_BYTES`] bytes.
    pub fn id(&self) -> &str {
        self.inner.hub.id()
    }

    /// Whether both are the same device.
    pub fn is(&self, other: &Device) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// The streams that it offers now.
    pub fn streams(&self) -> Vec<StreamInfo> {
        self.inner.hub.streams()
    }

    /// Says before the first frame of a push device what a stream will be.
    pub fn declare_stream(&self, info: StreamInfo) -> Result<()> {
        self.only_push("streams can be declared")?;
        push::check_declaration(&info)?;
        self.inner.hub.declare(info)
    }

    /// Pushes a copy of `data` as the newest frame of its stream. Never waits.
    pub fn push(&self, new: NewFrame, data: &[u8]) -> Result<()> {
        self.only_push("frames can be pushed")?;
        self.inner.hub.check_running()?;
        self.inner.hub.publish(&Frame::copy_of(new, data)?)
    }

    /// Pushes a frame without copying it. `frame` stays as it is; what leaves the device shares its pixels.
    pub fn push_frame(&self, frame: &Frame) -> Result<()> {
        self.only_push("frames can be pushed")?;
        self.inner.hub.publish(frame)
    }

    fn only_push(&self, what: &str) -> Result<()> {
        match *self.inner.source.lock() {
            Source::Push => Ok(()),
            Source::Mock(_) => Err(Error::bad_state(format!("only into push devices {what}; this one makes its own"))),
        }
    }

    /// Starts it; its frames are numbered from 0. Started already: a logged warning.
    pub fn start(&self) -> Result<()> {
        let started = {
            let mut source = self.inner.source.lock();
            let started = self.inner.hub.start()?;
            if started
                && let Source::Mock(mock) = &mut *source
                && let Err(error) = mock.start(&self.inner.hub)
            {
                self.inner.hub.stop();
                return Err(error);
            }
            started
        };
        if !started {
            log!(Warn, "device {} is started already", self.id());
        }
        Ok(())
    }

    /// Stops it; returns when its last callback has returned. Stopped already: a logged warning.
    pub fn stop(&self) -> Result<()> {
        if !self.halt() {
            log!(Warn, "device {} is stopped already", self.id());
        }
        if !self.inner.dispatcher.wait_while(Patience::For(Duration::from_secs(1)), |_| false) {
            log!(Warn, "stopping device {} waits for a callback that has been running for over a second", self.id());
            self.inner.dispatcher.wait_while(Patience::Forever, |_| false);
        }
        Ok(())
    }

    /// No frame comes after this; whether it was running.
    fn halt(&self) -> bool {
        let mut source = self.inner.source.lock();
        let was_running = self.inner.hub.stop();
        if let Source::Mock(mock) = &mut *source {
            mock.stop();
        }
        drop(source);
        drop(self.inner.dispatcher.with(DeviceMailbox::clear));
        was_running
    }

    /// Sets, replaces or removes the callback that gets every frame of every stream, the newest where it is slow.
    pub fn on_frame(&self, callback: Option<FrameCallback>) -> Result<()> {
        self.inner.dispatcher.set_callback(callback, |mailbox| &mut mailbox.callback, DeviceMailbox::settle)
    }

    /// Stops it and takes it out of every server and compressor. Silent: no callback starts any more.
    pub fn destroy(&self) {
        self.inner.dispatcher.close();
        self.halt();
        for sink in self.inner.hub.close() {
            sink.device_gone();
        }
    }

    /// Attaches what gets its frames from now on.
    pub(crate) fn attach(&self, sink: &Arc<dyn Sink>) -> Result<()> {
        self.inner.hub.attach(sink)
    }

    /// Detaches it: no call into it comes after this.
    pub(crate) fn detach(&self, sink: &Arc<dyn Sink>) {
        self.inner.hub.detach(sink);
    }

    /// The number of the newest frame of a stream since the device's start.
    pub(crate) fn newest_sequence(&self, stream: crate::frame::Stream) -> Option<u64> {
        self.inner.hub.newest_sequence(stream)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.hub.stop();
        if let Source::Mock(mock) = self.source.get_mut() {
            mock.stop();
        }
        self.hub.close();
        self.dispatcher.close();
    }
}

/// What every call on a destroyed device gets.
fn destroyed() -> Error {
    Error::new(ErrorKind::BadHandle, "the device has been destroyed")
}
