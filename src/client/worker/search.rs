//! The search for a server whose answer is overdue: a client that follows a name tries all addresses that discovery has for it. Its host
//! may have been given another one, or one of several ways to it be cut off. What is listed is not enough here: a browser leaves a listed
//! address after two looks only, three seconds apart.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::super::control::Control;
use super::Worker;
use crate::discovery::instance_name;
use crate::log::log;
use crate::transport;
use crate::transport::reach::{HEAD_START, Probe, Probed};

/// How long all addresses are tried before it begins anew.
const PATIENCE: Duration = Duration::from_secs(1);

/// Attempts to connect to each of a server's addresses.
pub struct Search {
    addresses: Vec<SocketAddr>,
    /// None: it has ended, and begins anew when it is due.
    probe: Option<Probe>,
    due: Instant,
}

impl Search {
    fn begin(addresses: Vec<SocketAddr>, now: Instant) -> Self {
        Self { probe: Some(Probe::start(addresses.clone(), HEAD_START, PATIENCE, now)), addresses, due: now + PATIENCE }
    }

    /// What to wait for.
    pub fn poll_items(&self) -> impl Iterator<Item = zmq::PollItem<'static>> + '_ {
        self.probe.iter().flat_map(Probe::poll_items)
    }

    /// When it goes on even if nothing happens.
    pub fn due(&self) -> Instant {
        self.probe.as_ref().map_or(self.due, Probe::due)
    }

    /// The address that has accepted first, once.
    fn advance(&mut self, now: Instant) -> Option<SocketAddr> {
        let probed = self.probe.as_mut()?.advance(now)?;
        self.probe = None;
        match probed {
            Probed::Reached(address) => Some(address),
            Probed::Failed(_) => None,
        }
    }
}

impl Worker {
    /// Searches while the connection is in doubt, and moves to where the server is found.
    pub(super) fn search(&mut self) {
        let in_doubt = self.server.connected && self.control.as_ref().is_some_and(Control::is_in_doubt);
        let Some(browser) = self.browser.as_ref().filter(|_| in_doubt) else {
            self.search = None;
            return;
        };
        let now = Instant::now();
        let addresses = browser.places(instance_name(&self.server.name));
        let goes_on =
            self.search.as_ref().is_some_and(|search| search.addresses == addresses && (search.probe.is_some() || now < search.due));
        if !goes_on {
            self.search = Some(Search::begin(addresses, now));
        }
        let Some(reached) = self.search.as_mut().and_then(|search| search.advance(now)) else { return };
        let endpoint = transport::endpoint_of(reached);
        if self.current() != Some(&endpoint) {
            log!(Info, "the server does not answer where it was, but is at {endpoint}");
            self.connect_to(&endpoint);
        }
    }
}
