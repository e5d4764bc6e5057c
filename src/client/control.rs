//! The client's end of the control port: one request at a time, on a socket that is thrown away when its answer is overdue.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::mailbox::{ClientMailbox, PongFn};
use crate::dispatch::Dispatcher;
use crate::error::{Outcome, Result};
use crate::protocol::control::{self, Request};
use crate::protocol::endpoint::Endpoint;
use crate::system;
use crate::transport::{self, Context, Role, Watched};

/// Shortest and longest pause between sockets that a peer closes at once.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// A ping that waits to be sent or answered. Its end is told once: as it was answered, or as closed when it is dropped without.
pub struct Ping {
    callback: Option<Box<PongFn>>,
    deadline: Instant,
    dispatcher: Option<Dispatcher<ClientMailbox>>,
}

impl Ping {
    /// A ping that was counted in the mailbox.
    pub fn new(callback: Option<Box<PongFn>>, deadline: Instant, dispatcher: &Dispatcher<ClientMailbox>) -> Self {
        Self { callback, deadline, dispatcher: Some(dispatcher.clone()) }
    }

    /// Until when it waits for its answer.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Tells how it ended.
    pub fn end(mut self, outcome: Outcome, round_trip_ns: u64) {
        self.tell(outcome, round_trip_ns);
    }

    fn tell(&mut self, outcome: Outcome, round_trip_ns: u64) {
        if let Some(dispatcher) = self.dispatcher.take() {
            let callback = self.callback.take();
            dispatcher.with(|mailbox| mailbox.pong(callback, outcome, round_trip_ns));
        }
    }
}

impl Drop for Ping {
    fn drop(&mut self) {
        self.tell(Outcome::Closed, 0);
    }
}

/// What was asked and not answered yet.
enum Asked {
    Who,
    Ping(Ping),
}

struct InFlight {
    asked: Asked,
    sent_at: Instant,
    sent_ns: u64,
}

/// What came of a turn.
pub enum Answer {
    /// The parts of a reply to `who`, with the times of sending and receiving.
    Who { parts: Vec<Vec<u8>>, sent_ns: u64, received_ns: u64 },
    /// The parts of a reply to a ping.
    Ping { ping: Ping, parts: Vec<Vec<u8>>, round_trip_ns: u64 },
}

/// See the module.
pub struct Control {
    context: Arc<Context>,
    endpoint: Endpoint,
    socket: Watched,
    in_flight: Option<InFlight>,
    next_who: Instant,
    renewed: Instant,
    back_off: Duration,
    patience: Duration,
    /// The connection was in doubt since the last answer.
    doubted: bool,
}

fn open(context: &Context, endpoint: &Endpoint) -> Result<Watched> {
    let socket = Watched::new(context, Role::ControlClient)?;
    transport::connect(socket.socket(), endpoint)?;
    Ok(socket)
}

impl Control {
    /// Connects to a numeric endpoint; `who` is due at once. After `patience` without an answer a new socket is tried.
    pub fn new(context: &Arc<Context>, endpoint: &Endpoint, patience: Duration) -> Result<Self> {
        let socket = open(context, endpoint)?;
        let now = Instant::now();
        Ok(Self {
            context: Arc::clone(context),
            endpoint: endpoint.clone(),
            socket,
            in_flight: None,
            next_who: now,
            renewed: now,
            back_off: BACK_OFF.0,
            patience,
            doubted: false,
        })
    }

    /// Where it is connected to.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The socket, to wait for.
    pub fn socket(&self) -> &Watched {
        &self.socket
    }

    /// `who` is due now.
    pub fn ask_now(&mut self) {
        self.next_who = Instant::now();
    }

    /// `who` is due after this time, or earlier if it was before.
    pub fn ask_within(&mut self, time: Duration) {
        self.next_who = self.next_who.min(Instant::now() + time);
    }

    /// `who` is due after this time.
    pub fn ask_in(&mut self, time: Duration) {
        self.next_who = Instant::now() + time;
    }

    /// The server has answered: the next `who` is a heartbeat.
    pub fn answered(&mut self, period: Duration) {
        self.next_who = Instant::now() + period;
        self.back_off = BACK_OFF.0;
        self.doubted = false;
    }

    /// Whether an answer is overdue by `time`, told once until the next answer: a server that is just slow must get its time.
    pub fn comes_into_doubt(&mut self, now: Instant, time: Duration) -> bool {
        let late = self.in_flight.as_ref().is_some_and(|in_flight| now >= in_flight.sent_at + time);
        late && !std::mem::replace(&mut self.doubted, true)
    }

    /// Whether that was told, and no answer has come since.
    pub fn is_in_doubt(&self) -> bool {
        self.doubted
    }

    /// Whether an answer is awaited.
    pub fn is_waiting(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Whether a new socket was made within `time`, or an answer has been awaited for less: no reason to make another.
    pub fn is_fresh(&self, now: Instant, time: Duration) -> bool {
        now < self.renewed + time || self.in_flight.as_ref().is_some_and(|in_flight| now < in_flight.sent_at + time)
    }

    /// Throws the socket away and asks again on a new one; gives back the ping that was on its way.
    pub fn renew(&mut self, now: Instant) -> Result<Option<Ping>> {
        // First the new one: where it cannot be had, the old one stays as it is.
        self.socket = open(&self.context, &self.endpoint)?;
        self.renewed = now;
        let asked = self.in_flight.take().map(|in_flight| in_flight.asked);
        Ok(match asked {
            Some(Asked::Ping(ping)) => Some(ping),
            Some(Asked::Who) => {
                self.next_who = now;
                None
            }
            None => None,
        })
    }

    /// Receives, sees to lost connections and overdue answers, and sends what is due: `who`, else the first of `pings`.
    pub fn turn(&mut self, now: Instant, pings: &mut VecDeque<Ping>) -> Result<Option<Answer>> {
        let answer = if self.socket.has_messages() { self.receive()? } else { None };
        let disconnected = self.socket.has_events() && self.socket.lost_connection();
        let overdue = self.in_flight.as_ref().is_some_and(|in_flight| now >= in_flight.sent_at + self.patience);
        if disconnected || overdue {
            // What was sent on the old connection will not be answered.
            let in_a_hurry = now >= self.renewed + self.back_off;
            if let Some(ping) = self.renew(now)? {
                pings.push_front(ping);
            }
            if disconnected {
                // A server that closes every connection at once is not hurried.
                self.next_who = if in_a_hurry { now } else { now + self.back_off };
                self.back_off = (self.back_off * 2).min(BACK_OFF.1);
            }
        }
        self.send(now, pings)?;
        Ok(answer)
    }

    fn receive(&mut self) -> Result<Option<Answer>> {
        let parts = match transport::retry(|| self.socket.socket().recv_multipart(zmq::DONTWAIT)) {
            Ok(parts) => parts,
            // EFSM: nothing was asked, so nothing can come.
            Err(zmq::Error::EAGAIN | zmq::Error::EFSM) => return Ok(None),
            Err(e) => return transport::setup("cannot receive an answer", Err(e)),
        };
        let received_ns = system::monotonic_ns();
        let Some(InFlight { asked, sent_ns, .. }) = self.in_flight.take() else { return Ok(None) };
        Ok(Some(match asked {
            Asked::Who => Answer::Who { parts, sent_ns, received_ns },
            Asked::Ping(ping) => Answer::Ping { ping, parts, round_trip_ns: received_ns - sent_ns },
        }))
    }

    fn send(&mut self, now: Instant, pings: &mut VecDeque<Ping>) -> Result<()> {
        if self.in_flight.is_some() {
            return Ok(());
        }
        let asked = if now >= self.next_who {
            Asked::Who
        } else if let Some(ping) = pings.pop_front() {
            Asked::Ping(ping)
        } else {
            return Ok(());
        };
        let request = control::request(match &asked {
            Asked::Who => Request::Who,
            Asked::Ping(_) => Request::Ping,
        });
        let sent_ns = system::monotonic_ns();
        transport::setup("cannot ask", transport::retry(|| self.socket.socket().send_multipart(&request, zmq::DONTWAIT)))?;
        if let Asked::Who = asked {
            self.next_who = now + self.patience; // the answer says when the next is due
        }
        self.in_flight = Some(InFlight { asked, sent_at: now, sent_ns });
        Ok(())
    }

    /// Takes the ping on its way if its time is over (`all`: in any case). The socket goes with it: the answer would be taken for that of
    /// the next request.
    pub fn take_ping(&mut self, now: Instant, all: bool) -> Result<Option<Ping>> {
        match &self.in_flight {
            Some(InFlight { asked: Asked::Ping(ping), .. }) if all || now >= ping.deadline => self.renew(now),
            _ => Ok(None),
        }
    }

    /// When there is something to do without anything being received.
    pub fn next_timer(&self) -> Instant {
        match &self.in_flight {
            None => self.next_who,
            Some(InFlight { asked: Asked::Ping(ping), sent_at, .. }) => ping.deadline.min(*sent_at + self.patience),
            Some(InFlight { sent_at, .. }) => *sent_at + self.patience,
        }
    }
}
