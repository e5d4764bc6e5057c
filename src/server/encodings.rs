//! How the streams of a server are encoded: a default for each stream, and settings of single devices that go before it.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use super::feed::Feed;
use crate::codec::options::EncodeOptions;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::frame::{Stream, StreamInfo, Streams};

/// See the module. Settings for a device last as long as it is in the server, and for streams that it does not have yet too.
#[derive(Default)]
pub struct Encodings {
    settings: Mutex<Settings>,
}

#[derive(Default)]
struct Settings {
    defaults: BTreeMap<Stream, EncodeOptions>,
    devices: BTreeMap<(String, Stream), EncodeOptions>,
}

impl Encodings {
    /// A feed for a stream that has come, under the settings as they are.
    pub fn feed(&self, info: StreamInfo, device: &Device) -> Feed {
        let settings = self.settings.lock();
        let default = settings.defaults.get(&info.stream).copied().unwrap_or_default();
        let own = settings.devices.get(&(device.id().to_owned(), info.stream)).copied();
        Feed::new(info, default, own)
    }

    /// Sets (none: resets) how `streams` of one device, or by default of all, are encoded.
    pub fn set(&self, device: Option<&str>, streams: Streams, options: Option<EncodeOptions>) -> Result<()> {
        let wanted = checked(streams, options.as_ref())?;
        let mut settings = self.settings.lock();
        for stream in wanted {
            match (device, options) {
                (None, Some(options)) => drop(settings.defaults.insert(stream, options)),
                (None, None) => drop(settings.defaults.remove(&stream)),
                (Some(id), Some(options)) => drop(settings.devices.insert((id.to_owned(), stream), options)),
                (Some(id), None) => drop(settings.devices.remove(&(id.to_owned(), stream))),
            }
        }
        Ok(())
    }

    /// Brings a feed up to date after a change.
    pub fn apply(&self, feed: &Feed, device: &str) {
        let settings = self.settings.lock();
        feed.set_default_encoding(settings.defaults.get(&feed.stream()).copied().unwrap_or_default());
        feed.set_own_encoding(settings.devices.get(&(device.to_owned(), feed.stream())).copied());
    }

    /// A device has left: its settings go with it.
    pub fn forget(&self, device: &str) {
        self.settings.lock().devices.retain(|(id, _), _| id != device);
    }
}

/// The streams that are meant, if the options suit them all. All bits set means those that the options suit.
fn checked(streams: Streams, options: Option<&EncodeOptions>) -> Result<Vec<Stream>> {
    if streams.is_empty() {
        return Err(Error::invalid("no stream is named: give one or several stream bits"));
    }
    let all = streams == Streams::all();
    let unknown = streams.bits() & !Stream::ALL.iter().fold(0, |bits, stream| bits | stream.number());
    if unknown != 0 && !all {
        return Err(Error::unsupported(format!("stream bits {unknown:#x} are not known to this version")));
    }
    let Some(options) = options else { return Ok(streams.known().collect()) };
    let mut wanted = Vec::new();
    let mut refusal = None;
    for stream in streams.known() {
        match options.codec_for(stream) {
            Ok(_) => wanted.push(stream),
            Err(error) if all => refusal = Some(error),
            Err(error) => return Err(error),
        }
    }
    match refusal {
        Some(error) if wanted.is_empty() => Err(error),
        _ => Ok(wanted),
    }
}
