//! The client's worker: the thread that owns its sockets, keeps the heartbeat, and receives and decodes frames. It never runs user code.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::clock::ClockRelation;
use super::control::{Answer, Control, Ping};
use super::mailbox::{Awake, ClientMailbox};
use super::options::ClientOptions;
use super::subscription::{Numbers, Subscription, Wire};
use super::target::{Target, stream_endpoint};
use super::view;
use crate::browser::{Browser, BrowserOptions, ServerInfo};
use crate::dispatch::{Dispatcher, Event};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::frame::Stream;
use crate::log::log;
use crate::protocol::control::{Reply, parse_reply};
use crate::protocol::endpoint::{Endpoint, EndpointKind};
use crate::protocol::host::host_id;
use crate::protocol::me::{Me, MeError, ParsedMe};
use crate::system;
use crate::transport::{self, Commands, Context, Inbox};

/// Servers that speak the extension are asked at least this often, so that devices appear soon.
const EXTENSION_PERIOD: Duration = Duration::from_secs(1);

/// A lost server is tried anew this often.
const LOST_RETRY: Duration = Duration::from_secs(2);

/// With enabled streams the worker wakes at least this often, to notice when the process was stopped.
const WATCH_PERIOD: Duration = Duration::from_millis(100);

/// What the worker is asked to do, or told.
pub enum Command {
    /// The host has enabled or disabled streams.
    StreamsChanged,
    /// The host pings.
    Ping(Ping),
    /// Discovery has found a server.
    Found(ServerInfo),
    /// Discovery says that a server is gone.
    Gone(ServerInfo),
    /// A host name was resolved and tried.
    Resolved(Result<Endpoint>),
    /// End.
    Stop,
}

/// See the module.
pub struct Worker {
    context: Arc<Context>,
    dispatcher: Dispatcher<ClientMailbox>,
    options: ClientOptions,
    commands: Commands<Command>,
    inbox: Inbox<Command>,
    target: Target,
    browser: Option<Browser>,
    control: Option<Control>,
    pings: VecDeque<Ping>,
    subscriptions: Vec<Subscription>,
    numbers: BTreeMap<(Arc<str>, Stream), Numbers>,
    server: Server,
    awake: Arc<Awake>,
    own_host: Option<u64>,
    /// Since when an answer has been awaited.
    waiting_since: Option<Instant>,
    /// Why the last answer was none.
    no_answer_because: Option<String>,
    /// Warnings about the server's messages that were told already: each once.
    told: Vec<String>,
}

/// What is known of the server that answers.
#[derive(Default)]
struct Server {
    connected: bool,
    /// None: a server of version 1.
    session: Option<u64>,
    clock: ClockRelation,
}

/// Why the worker ends.
enum End {
    Asked,
    /// The server is lost and the host does not want it tried again.
    GaveUp,
}

/// What a worker is made from.
pub struct Setup {
    pub context: Arc<Context>,
    pub dispatcher: Dispatcher<ClientMailbox>,
    pub options: ClientOptions,
    pub endpoint: Option<Endpoint>,
}

/// A worker that is to run on a thread of its own, and how to talk to it.
pub fn prepare(setup: Setup) -> Result<(Commands<Command>, Worker)> {
    let (commands, inbox) = transport::command_queue()?;
    let browser = match &setup.options.server_name {
        Some(_) => Some(browse(&setup.options, &commands)?),
        None => None,
    };
    let worker = Worker {
        target: Target::new(setup.endpoint, setup.options.server_name.as_deref()),
        awake: setup.dispatcher.with(|mailbox| mailbox.awake()),
        context: setup.context,
        dispatcher: setup.dispatcher,
        options: setup.options,
        commands: commands.clone(),
        inbox,
        browser,
        control: None,
        pings: VecDeque::new(),
        subscriptions: Vec::new(),
        numbers: BTreeMap::new(),
        server: Server::default(),
        own_host: system::boot_id().and_then(|id| host_id(&id)),
        waiting_since: None,
        no_answer_because: None,
        told: Vec::new(),
    };
    Ok((commands, worker))
}

fn browse(options: &ClientOptions, commands: &Commands<Command>) -> Result<Browser> {
    let browser = Browser::new(BrowserOptions { discovery: options.discovery, address: None })?;
    let (found, gone) = (commands.clone(), commands.clone());
    browser.on_add_server(Some(Arc::new(move |server: &ServerInfo| found.send(Command::Found(server.clone())))))?;
    browser.on_remove_server(Some(Arc::new(move |server: &ServerInfo| gone.send(Command::Gone(server.clone())))))?;
    browser.start()?;
    Ok(browser)
}

impl Worker {
    /// Runs until it is told to stop, or gives up.
    pub fn run(mut self) {
        self.waiting_since = Some(Instant::now());
        if let Some(endpoint) = self.target.alternative(None) {
            self.connect_to(&endpoint);
        }
        let mut last_ns = system::boottime_ns();
        loop {
            let slept = Duration::from_nanos(system::boottime_ns().saturating_sub(last_ns));
            last_ns = system::boottime_ns();
            if let Err(end) = self.turn(slept) {
                if let End::GaveUp = end {
                    self.dispatcher.with(|mailbox| mailbox.view.trying = false);
                }
                break;
            }
            self.wait();
        }
        self.end();
    }

    fn turn(&mut self, slept: Duration) -> std::result::Result<(), End> {
        self.watch(slept);
        while let Some(command) = self.inbox.next() {
            self.obey(command)?;
        }
        if let Err(error) = self.target.resolve_if_due(Instant::now(), &self.commands) {
            self.tell(&error);
        }
        self.converse();
        self.receive();
        self.check_time()
    }

    /// Waits for sockets, commands and timers.
    fn wait(&mut self) {
        let now = Instant::now();
        let timers = [
            self.control.as_ref().map(Control::next_timer),
            self.waiting_since.map(|since| since + self.options.response_timeout).filter(|_| self.may_be_lost()),
            self.pings.iter().map(|ping| ping.deadline).min(),
            self.target.next_timer().filter(|_| !self.server.connected),
            (!self.subscriptions.is_empty()).then(|| now + WATCH_PERIOD),
        ];
        let timeout = timers.into_iter().flatten().min().map(|due| due.saturating_duration_since(now));
        let mut items = vec![self.inbox.poll_item()];
        items.extend(self.control.iter().flat_map(Control::poll_items));
        items.extend(self.subscriptions.iter().flat_map(Subscription::poll_items));
        if let Err(error) = transport::poll(&mut items, timeout) {
            drop(items);
            self.tell(&error);
        }
    }

    /// Notices when the process was stopped or the machine slept: what waits in sockets is as old as the sleep, and silence says nothing
    /// about the server.
    fn watch(&mut self, slept: Duration) {
        if self.subscriptions.is_empty() {
            self.awake.rest();
            return;
        }
        let limit = self.pause_limit();
        if slept > limit {
            log!(Info, "this process did not run for {} ms: streams are opened anew", slept.as_millis());
            for subscription in &mut self.subscriptions {
                if let Err(error) = subscription.reopen(&self.context) {
                    log!(Error, "cannot open a stream anew: {error}");
                }
            }
            if !self.server.clock.is_same() {
                self.server.clock = ClockRelation::default();
            }
            // Answers that have come meanwhile still count; if there is none, the server gets a whole response timeout from now.
            self.converse();
            if self.waiting_since.is_some() {
                self.waiting_since = Some(Instant::now());
            }
            self.renew_and_ask();
        }
        self.awake.mark(limit);
    }

    /// A pause of the worker that is longer than this was a sleep of the process.
    fn pause_limit(&self) -> Duration {
        let rate = self.dispatcher.read(|mailbox| {
            let streams = mailbox.view.kinects.iter().flat_map(|kinect| &kinect.streams);
            streams.map(|info| if info.frame_rate > 0.0 { info.frame_rate } else { 30.0 }).fold(f64::NAN, f64::max)
        });
        let periods = if rate.is_finite() { Duration::from_secs_f64(6.0 / rate) } else { Duration::ZERO };
        periods.max(Duration::from_millis(200))
    }

    fn obey(&mut self, command: Command) -> std::result::Result<(), End> {
        match command {
            Command::Stop => return Err(End::Asked),
            Command::StreamsChanged => self.reconcile(),
            Command::Ping(ping) => self.pings.push_back(ping),
            Command::Found(server) => {
                if let Some(endpoint) = self.target.found(&server)
                    && self.should_move(&endpoint)
                {
                    self.connect_to(&endpoint);
                }
            }
            Command::Gone(server) => self.target.gone(&server),
            Command::Resolved(result) => {
                self.target.resolved(Instant::now());
                match result {
                    Ok(endpoint) if !self.server.connected && self.current() != Some(&endpoint) => self.connect_to(&endpoint),
                    Ok(_) => {}
                    Err(error) => self.no_answer_because = Some(error.message),
                }
            }
        }
        Ok(())
    }

    fn current(&self) -> Option<&Endpoint> {
        self.control.as_ref().map(Control::endpoint)
    }

    /// A server to follow is at `endpoint`: somewhere else than where we are?
    fn should_move(&self, endpoint: &Endpoint) -> bool {
        match self.current() {
            None => true,
            Some(current) if current == endpoint => false,
            // The same port at another address is the same server by another way, no reason to leave one that answers.
            Some(current) if self.server.connected => self.options.server_name.as_deref() != Some("*") && current.port != endpoint.port,
            Some(_) => true,
        }
    }

    fn connect_to(&mut self, endpoint: &Endpoint) {
        self.give_back_ping();
        match Control::new(&self.context, endpoint, self.options.response_timeout) {
            Ok(control) => self.control = Some(control),
            Err(error) => {
                self.control = None;
                self.tell(&error);
            }
        }
    }

    fn give_back_ping(&mut self) {
        if let Some(control) = &mut self.control
            && let Ok(Some(ping)) = control.take_ping(Instant::now(), true)
        {
            self.pings.push_front(ping);
        }
    }

    /// Exchanges requests and answers.
    fn converse(&mut self) {
        let now = Instant::now();
        let Some(control) = &mut self.control else { return };
        let answer = control.turn(now, &mut self.pings);
        if control.is_waiting() && self.waiting_since.is_none() {
            self.waiting_since = Some(now);
        }
        match answer {
            Ok(Some(Answer::Who { parts, sent_ns, received_ns })) => self.on_who_answer(&parts, sent_ns, received_ns),
            Ok(Some(Answer::Ping { ping, parts, round_trip_ns })) => self.on_ping_answer(ping, &parts, round_trip_ns),
            Ok(None) => {}
            Err(error) => {
                self.tell(&error);
                self.control = None;
            }
        }
    }

    fn on_ping_answer(&mut self, ping: Ping, parts: &[Vec<u8>], round_trip_ns: u64) {
        self.waiting_since = None;
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let outcome = match parse_reply(&parts) {
            Ok(Reply::Pong) => Outcome::Ok,
            _ => Outcome::Failed(ErrorKind::Protocol),
        };
        self.dispatcher.with(|mailbox| mailbox.pong(ping.callback, outcome, round_trip_ns));
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
        let pause = self.options.heartbeat_period.min(LOST_RETRY);
        if let Some(control) = &mut self.control {
            control.ask_in(pause);
        }
    }

    fn on_me(&mut self, me: &Me, warnings: Vec<String>, sent_ns: u64, received_ns: u64) {
        self.waiting_since = None;
        self.no_answer_because = None;
        if self.server.connected && me.session != self.server.session {
            self.lost(Outcome::Failed(ErrorKind::Io), "the server was started anew");
        }
        if !self.server.connected {
            let same_clock = me.host.is_some() && me.host == self.own_host;
            let clock = if same_clock { ClockRelation::same() } else { ClockRelation::default() };
            self.server = Server { connected: true, session: me.session, clock };
            self.dispatcher.with(|mailbox| mailbox.connected(&me.name, &me.endpoints));
            log!(Info, "connected to \"{}\"", me.name);
        }
        if let Some(server_ns) = me.clock_ns {
            self.server.clock.add(sent_ns, server_ns, received_ns);
        }
        for warning in warnings {
            if !self.told.contains(&warning) && self.told.len() < 64 {
                self.told.push(warning.clone());
                self.tell(&Error::protocol(warning));
            }
        }
        self.dispatcher.with(|mailbox| mailbox.update_kinects(view::kinects(me)));
        self.reopen_where_missing(me);
        self.reconcile();
        let period = self.options.heartbeat_period;
        let period = if me.session.is_some() { period.min(EXTENSION_PERIOD) } else { period };
        if let Some(control) = &mut self.control {
            control.set_patience(self.options.response_timeout);
            control.answered(period);
        }
    }

    /// Opens those streams anew whose frames the server makes and nobody gets.
    fn reopen_where_missing(&mut self, me: &Me) {
        for subscription in &mut self.subscriptions {
            let device = me.devices.iter().find(|device| *device.id == *subscription.kinect);
            let record = device.and_then(|device| device.streams.iter().find(|record| record.stream == subscription.stream));
            if subscription.misses(record.and_then(|record| record.sequence)) {
                log!(Info, "frames of kinect {} do not arrive: its {} stream is opened anew", subscription.kinect, subscription.stream);
                if let Err(error) = subscription.reopen(&self.context) {
                    log!(Error, "cannot open a stream anew: {error}");
                }
            }
        }
    }

    /// Opens and closes sockets so that they are those of the enabled streams of the kinects that there are.
    fn reconcile(&mut self) {
        let Some(control) = self.current().cloned() else { return };
        let ours = self.server.session.is_some();
        let wanted = self.dispatcher.with(|mailbox| {
            let mut wanted = Vec::new();
            for kinect in &mailbox.view.kinects {
                for stream in kinect.streams.iter().map(|info| info.stream).filter(|stream| mailbox.wanted.has(&kinect.id, *stream)) {
                    if let Some((kind, advertised)) = kinect.source(stream).and_then(|kind| Some((kind, kinect.endpoints.get(&kind)?))) {
                        let wire = if kind == EndpointKind::Depth { Wire::Version1 } else { Wire::Extension };
                        wanted.push((Arc::clone(&kinect.id), stream, wire, stream_endpoint(&control, advertised, ours)));
                        mailbox.slots.ensure(&kinect.id, stream);
                    }
                }
            }
            wanted
        });
        let is_wanted = |subscription: &Subscription| {
            wanted.iter().any(|(id, stream, wire, endpoint)| subscription.is_for(id, *stream, *wire, endpoint))
        };
        for subscription in std::mem::take(&mut self.subscriptions) {
            if is_wanted(&subscription) {
                self.subscriptions.push(subscription);
            } else {
                self.park(&subscription);
            }
        }
        for (id, stream, wire, endpoint) in wanted {
            if self.subscriptions.iter().any(|subscription| subscription.is_for(&id, stream, wire, &endpoint)) {
                continue;
            }
            let numbers = self.numbers.remove(&(Arc::clone(&id), stream)).unwrap_or_default();
            match Subscription::new(&self.context, &id, stream, wire, endpoint, numbers) {
                Ok(subscription) => self.subscriptions.push(subscription),
                Err(error) => self.tell(&error),
            }
        }
        let Self { dispatcher, numbers, .. } = self;
        // What was disabled begins anew when it is enabled again.
        dispatcher.read(|mailbox| numbers.retain(|(id, stream), _| mailbox.wanted.has(id, *stream)));
    }

    fn park(&mut self, subscription: &Subscription) {
        self.numbers.insert((Arc::clone(&subscription.kinect), subscription.stream), subscription.numbers());
    }

    /// Takes what has come on all streams.
    fn receive(&mut self) {
        let mut trouble = Vec::new();
        let mut ask = false;
        for subscription in &mut self.subscriptions {
            ask |= subscription.lost_connection();
            match subscription.receive(&self.server.clock, &mut trouble) {
                Ok(Some(arrival)) => {
                    let (kinect, stream) = (&subscription.kinect, subscription.stream);
                    drop(self.dispatcher.with(|mailbox| mailbox.put(kinect, stream, arrival)));
                }
                Ok(None) => {}
                Err(error) => trouble.push(error),
            }
        }
        for error in trouble {
            self.tell(&error);
        }
        if ask {
            // A lost connection is often the first sign of a lost or restarted server.
            self.renew_and_ask();
        }
    }

    /// Asks `who` at once, on a socket whose connection is not in doubt.
    fn renew_and_ask(&mut self) {
        let now = Instant::now();
        let Some(control) = &mut self.control else { return };
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

    /// Whether a response timeout would be news: connected, or no notice yet of a server that never answered.
    fn may_be_lost(&self) -> bool {
        self.server.connected || self.dispatcher.read(|mailbox| !mailbox.noticed())
    }

    fn check_time(&mut self) -> std::result::Result<(), End> {
        let now = Instant::now();
        let mut overdue = Vec::new();
        if let Some(control) = &mut self.control {
            // A failing socket fails again at the next turn, which tells.
            overdue.extend(control.take_ping(now, false).ok().flatten());
        }
        while self.pings.front().is_some_and(|ping| now >= ping.deadline) {
            overdue.extend(self.pings.pop_front());
        }
        for ping in overdue {
            self.dispatcher.with(|mailbox| mailbox.pong(ping.callback, Outcome::Timeout, 0));
        }
        if self.subscriptions.iter().any(|subscription| subscription.silence() >= Duration::from_secs(1))
            && let Some(control) = &mut self.control
        {
            control.ask_within(EXTENSION_PERIOD);
        }
        let timed_out = self.waiting_since.is_some_and(|since| now >= since + self.options.response_timeout);
        if timed_out && self.may_be_lost() {
            let because = self.no_answer_because.take().unwrap_or_else(|| "no answer within the response timeout".to_owned());
            self.lost(Outcome::Timeout, &format!("{}: {because}", self.target.describe()));
            if !self.options.reconnect {
                return Err(End::GaveUp);
            }
            self.retry();
        }
        if self.control.is_none() && self.server.connected {
            self.lost(Outcome::Failed(ErrorKind::Io), "the control socket failed");
        }
        Ok(())
    }

    /// Tries anew, somewhere else where discovery knows another place.
    fn retry(&mut self) {
        match self.target.alternative(self.current()) {
            Some(other) => self.connect_to(&other),
            None => self.renew_and_ask(),
        }
        if let Some(control) = &mut self.control {
            control.set_patience(self.options.response_timeout.min(LOST_RETRY));
        }
    }

    fn lost(&mut self, reason: Outcome, because: &str) {
        for subscription in std::mem::take(&mut self.subscriptions) {
            self.park(&subscription);
        }
        self.server = Server::default();
        self.waiting_since = None;
        log!(Info, "the server is lost: {because}");
        self.dispatcher.with(|mailbox| mailbox.lost(reason, because));
    }

    /// Something failed on its own.
    fn tell(&self, error: &Error) {
        log!(Warn, "client: {error}");
        self.dispatcher.with(|mailbox| mailbox.events.emit(Event::error(error)));
    }

    fn end(mut self) {
        self.give_back_ping();
        self.awake.rest();
        for ping in self.pings.drain(..) {
            self.dispatcher.with(|mailbox| mailbox.pong(ping.callback, Outcome::Closed, 0));
        }
        while let Some(command) = self.inbox.next() {
            if let Command::Ping(ping) = command {
                self.dispatcher.with(|mailbox| mailbox.pong(ping.callback, Outcome::Closed, 0));
            }
        }
        if let Some(browser) = self.browser.take() {
            browser.destroy();
        }
    }
}
