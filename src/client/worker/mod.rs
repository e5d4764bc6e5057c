//! The client's worker: the thread that owns its sockets, keeps the heartbeat, and receives and decodes frames. It never runs user code.
//!
//! Here are its life, its commands and its timers; what it says to the server and what it does with streams have files of their own.

mod conversation;
mod streams;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::clock::ClockRelation;
use super::control::{Control, Ping};
use super::mailbox::{Awake, ClientMailbox};
use super::options::ClientOptions;
use super::subscription::{Numbers, Subscription};
use super::target::Target;
use crate::browser::{Browser, BrowserOptions, ServerInfo};
use crate::dispatch::{Dispatcher, Event};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::frame::Stream;
use crate::log::log;
use crate::protocol::endpoint::Endpoint;
use crate::protocol::host::host_id;
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
    name: String,
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
        let mut planned = Duration::ZERO;
        loop {
            // Longer than planned: the process was stopped, or the machine asleep, in the meantime.
            let now_ns = system::boottime_ns();
            let overslept = Duration::from_nanos(now_ns.saturating_sub(last_ns)).saturating_sub(planned);
            last_ns = now_ns;
            if let Err(end) = self.turn(overslept) {
                if let End::GaveUp = end {
                    self.dispatcher.with(|mailbox| mailbox.view.trying = false);
                }
                break;
            }
            planned = self.wait();
        }
        self.end();
    }

    fn turn(&mut self, overslept: Duration) -> std::result::Result<(), End> {
        self.watch(overslept);
        while let Some(command) = self.inbox.next() {
            self.obey(command)?;
        }
        if !self.server.connected
            && let Err(error) = self.target.resolve_if_due(Instant::now(), &self.commands)
        {
            self.tell(&error);
        }
        self.converse();
        self.receive();
        self.check_time()
    }

    /// Waits for sockets, commands and timers; at most so long as it then says.
    fn wait(&mut self) -> Duration {
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
        timeout.unwrap_or(Duration::MAX)
    }

    fn obey(&mut self, command: Command) -> std::result::Result<(), End> {
        match command {
            Command::Stop => return Err(End::Asked),
            Command::StreamsChanged => self.reconcile(),
            Command::Ping(ping) => self.pings.push_back(ping),
            Command::Found(server) => {
                if let Some(endpoint) = self.target.found(&server)
                    && self.should_move(&server.name, &endpoint)
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
    fn should_move(&self, name: &str, endpoint: &Endpoint) -> bool {
        match self.current() {
            None => true,
            Some(current) if current == endpoint => false,
            // The same port at another address is the same server by another way, no reason to leave one that answers.
            Some(current) if self.server.connected => name == self.server.name && current.port != endpoint.port,
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
        self.ask_about_silence(now);
        let timed_out = self.waiting_since.is_some_and(|since| now >= since + self.options.response_timeout);
        if timed_out && self.may_be_lost() {
            let because = self.no_answer_because.take().unwrap_or_else(|| "no answer within the response timeout".to_owned());
            self.lost(Outcome::Timeout, &format!("{}: {because}", self.target.describe()), false);
            if !self.options.reconnect {
                return Err(End::GaveUp);
            }
            self.retry();
        }
        if self.control.is_none() && self.server.connected {
            self.lost(Outcome::Failed(ErrorKind::Io), "the control socket failed", false);
        }
        Ok(())
    }

    /// Streams that are silent for a second may be quiet, or cut off: the server's answer tells.
    fn ask_about_silence(&mut self, now: Instant) {
        let silent = self.subscriptions.iter().any(|subscription| subscription.silence() >= EXTENSION_PERIOD);
        let Some(control) = self.control.as_mut().filter(|_| silent) else { return };
        if control.is_in_doubt(now, EXTENSION_PERIOD) {
            // Its connection may be cut off as well, which TCP would take long to find out.
            self.renew_and_ask();
        } else {
            control.ask_within(EXTENSION_PERIOD);
        }
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

    fn lost(&mut self, reason: Outcome, because: &str, restart: bool) {
        for subscription in std::mem::take(&mut self.subscriptions) {
            self.park(&subscription);
        }
        self.server = Server::default();
        self.waiting_since = None;
        log!(Info, "the server is lost: {because}");
        drop(self.dispatcher.with(|mailbox| mailbox.lost(reason, because, restart)));
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
