//! The worker's conversation with the server: heartbeats, pings, and what their answers change.

use std::time::Instant;

use super::super::clock::ClockRelation;
use super::super::control::{Answer, Control, Ping};
use super::super::mailbox::Loss;
use super::super::view;
use super::{EXTENSION_PERIOD, RETRY, Server, Worker};
use crate::error::{Error, ErrorKind, Outcome};
use crate::log::log;
use crate::protocol::control::{Reply, parse_reply};
use crate::protocol::me::{Me, MeError, ParsedMe};

/// Longest name of a server that is kept, in bytes: what the C header's KINECT2_TEXT_CAPACITY has room for.
const MAX_NAME_BYTES: usize = 511;

impl Worker {
    /// Exchanges requests and answers.
    pub(super) fn converse(&mut self) {
        let now = Instant::now();
        let Some(control) = &mut self.control else { return };
        match control.turn(now, &mut self.pings) {
            Ok(Some(Answer::Who { parts, sent_ns, received_ns })) => self.on_who_answer(&parts, sent_ns, received_ns),
            Ok(Some(Answer::Ping { ping, parts, round_trip_ns })) => self.on_ping_answer(ping, &parts, round_trip_ns),
            Ok(None) => {}
            Err(error) => {
                self.tell(&error);
                self.give_back_ping();
                self.control = None;
                self.next_try = Some(now + RETRY);
            }
        }
        if self.waiting_since.is_none() && self.control.as_ref().is_some_and(Control::is_waiting) {
            self.waiting_since = Some(now);
        }
    }

    fn on_ping_answer(&mut self, ping: Ping, parts: &[Vec<u8>], round_trip_ns: u64) {
        // Whoever is not connected, or gets strange answers to `who`, still waits for a `me`.
        if self.server.connected && self.no_answer_because.is_none() {
            self.waiting_since = None;
        }
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let outcome = match parse_reply(&parts) {
            Ok(Reply::Pong) => Outcome::Ok,
            _ => Outcome::Failed(ErrorKind::Protocol),
        };
        ping.end(outcome, round_trip_ns);
    }

    fn on_who_answer(&mut self, parts: &[Vec<u8>], sent_ns: u64, received_ns: u64) {
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let me = match parse_reply(&parts) {
            Ok(Reply::Me(text)) => Me::parse(text),
            Ok(Reply::Error { reason, .. }) => {
                log!(Warn, "the server answered who with an error, which is ignored: {reason}");
                self.no_answer_because = Some(format!("the server answers with an error: {reason}"));
                return self.ask_again();
            }
            Ok(Reply::Pong) => Err(MeError::Malformed("a pong is no answer to who".to_owned())),
            Err(error) => Err(MeError::Malformed(error.message)),
        };
        match me {
            Ok(ParsedMe { me, warnings }) => self.on_me(&me, warnings, sent_ns, received_ns),
            Err(MeError::Version(version)) => {
                let because = MeError::Version(version).to_string();
                log!(Warn, "{because}; it is ignored");
                self.no_answer_because = Some(because);
                self.ask_again();
            }
            Err(malformed) => {
                self.no_answer_because = Some(malformed.to_string());
                self.tell(&Error::protocol(malformed.to_string()));
                self.ask_again();
            }
        }
    }

    /// The answer was none: the server still has until the response timeout.
    fn ask_again(&mut self) {
        let pause = self.options.heartbeat_period.min(RETRY);
        if let Some(control) = &mut self.control {
            control.ask_in(pause);
        }
    }

    fn on_me(&mut self, me: &Me, warnings: Vec<String>, sent_ns: u64, received_ns: u64) {
        self.waiting_since = None;
        self.no_answer_because = None;
        if self.server.connected && me.session != self.server.session {
            self.lost(Outcome::Failed(ErrorKind::Io), "the server was started anew", Loss { restart: true, gives_up: false });
        }
        let name = cut(&me.name, MAX_NAME_BYTES);
        if !self.server.connected {
            let same_clock = me.host.is_some() && me.host == self.own_host;
            let clock = if same_clock { ClockRelation::same() } else { ClockRelation::default() };
            self.server = Server { connected: true, name: name.to_owned(), session: me.session, clock };
            self.dispatcher.with(|mailbox| mailbox.connected(name, &me.endpoints));
            log!(Info, "connected to \"{name}\"");
        }
        self.server.name = name.to_owned();
        self.dispatcher.with(|mailbox| mailbox.update_server(name, &me.endpoints));
        if let Some(server_ns) = me.clock_ns {
            self.server.clock.add(sent_ns, server_ns, received_ns);
        }
        for warning in warnings {
            self.tell_once(ErrorKind::Protocol, warning);
        }
        drop(self.dispatcher.with(|mailbox| mailbox.update_kinects(view::kinects(me))));
        self.reopen_where_missing(me);
        self.reconcile();
        let period = self.options.heartbeat_period;
        let period = if me.session.is_some() { period.min(EXTENSION_PERIOD) } else { period };
        if let Some(control) = &mut self.control {
            control.answered(period);
        }
    }

    /// Asks `who` at once, on a socket whose connection is not in doubt.
    pub(super) fn renew_and_ask(&mut self) {
        let now = Instant::now();
        let Some(control) = &mut self.control else {
            // There was none to be had: another attempt.
            if let Some(place) = self.target.next_place(None) {
                self.connect_to(&place);
            }
            return;
        };
        match control.renew(now) {
            Ok(Some(ping)) => self.pings.push_front(ping),
            Ok(None) => {}
            Err(error) => return self.tell(&error),
        }
        if let Some(control) = &mut self.control {
            control.ask_now();
        }
        self.converse();
    }

    /// A stream's connection was lost, often the first sign of a lost or restarted server. Not more than once a second: a frame port that
    /// closes every connection says nothing new each time.
    pub(super) fn ask_after_lost_stream(&mut self) {
        let now = Instant::now();
        match &mut self.control {
            Some(control) if control.is_fresh(now, EXTENSION_PERIOD) => control.ask_within(EXTENSION_PERIOD),
            _ => self.renew_and_ask(),
        }
    }
}

/// The start of `text`, at most so many bytes.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}
