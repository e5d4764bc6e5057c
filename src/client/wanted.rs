//! Which streams the host wants: a wish for every kinect, and wishes for single ones that go before it. They outlive kinects and servers.

use std::collections::BTreeMap;

use crate::frame::{Stream, Streams};

/// See the module.
#[derive(Debug, Default)]
pub struct Wanted {
    everywhere: Streams,
    single: BTreeMap<String, Single>,
}

#[derive(Debug, Default)]
struct Single {
    enabled: Streams,
    disabled: Streams,
}

impl Wanted {
    /// Enables streams of one kinect, or (none) of every one, now and later.
    pub fn enable(&mut self, kinect: Option<&str>, streams: Streams) {
        match kinect {
            None => {
                self.everywhere |= streams;
                self.single.values_mut().for_each(|single| single.disabled -= streams);
            }
            Some(id) => {
                let single = self.single.entry(id.to_owned()).or_default();
                single.enabled |= streams;
                single.disabled -= streams;
            }
        }
    }

    /// Disables them.
    pub fn disable(&mut self, kinect: Option<&str>, streams: Streams) {
        match kinect {
            None => {
                self.everywhere -= streams;
                for single in self.single.values_mut() {
                    single.enabled -= streams;
                    single.disabled -= streams;
                }
            }
            Some(id) => {
                let single = self.single.entry(id.to_owned()).or_default();
                single.enabled -= streams;
                single.disabled |= streams & self.everywhere;
            }
        }
        self.single.retain(|_, single| !single.enabled.is_empty() || !single.disabled.is_empty());
    }

    /// Whether the stream of this kinect is wanted.
    pub fn has(&self, kinect: &str, stream: Stream) -> bool {
        match self.single.get(kinect) {
            Some(single) if single.enabled.has(stream) => true,
            Some(single) if single.disabled.has(stream) => false,
            _ => self.everywhere.has(stream),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_for_one_goes_before_the_wish_for_all() {
        let mut wanted = Wanted::default();
        wanted.enable(None, Streams::DEPTH);
        assert!(wanted.has("a", Stream::Depth) && !wanted.has("a", Stream::Infrared));
        wanted.disable(Some("a"), Streams::DEPTH);
        assert!(!wanted.has("a", Stream::Depth) && wanted.has("b", Stream::Depth));
        wanted.enable(Some("a"), Streams::INFRARED);
        assert!(wanted.has("a", Stream::Infrared) && !wanted.has("a", Stream::Depth));
        wanted.enable(None, Streams::DEPTH);
        assert!(wanted.has("a", Stream::Depth));
        wanted.disable(None, Streams::all());
        assert!(!wanted.has("a", Stream::Infrared) && !wanted.has("b", Stream::Depth));
        assert!(wanted.single.is_empty());
    }
}
