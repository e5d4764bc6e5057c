//! The client's worker: the thread that owns its sockets, keeps the heartbeat, and receives and decodes frames. It never runs user code.
//!
//! Here are its life, its commands and its timers; what it says to the server and what it does with streams have files of their own.

mod conversation;
mod search;
mod streams;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::clock::ClockRelation;
use super::control::{Control, Ping};
use super::mailbox::{Awake, ClientMailbox, Loss};
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
use crate::transport::{self, Commands, Context, Inbox, Waiter};
use search::Search;

/// Servers that speak the extension are asked at least this often, so that devices appear soon.
const EXTENSION_PERIOD: Duration = Duration::from_secs(1);

/// What failed for lack of something on this host, and an answer that was none, is tried again after this.
const RETRY: Duration = Duration::from_secs(2);

/// Streams that one client receives at a time: each takes several descriptors.
const MAX_SUBSCRIPTIONS: usize = 128;

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
    search: Option<Search>,
    control: Option<Control>,
    pings: VecDeque<Ping>,
    subscriptions: Vec<Subscription>,
    numbers: BTreeMap<(Arc<str>, Stream), Numbers>,
    server: Server,
    awake: Arc<Awake>,
    own_host: Option<u64>,
    /// A frame has come since streams were last opened anew because the process did not run.
    received_since_anew: bool,
    /// Since when an answer has been awaited.
    waiting_since: Option<Instant>,
    /// Why the last answer was none.
    no_answer_because: Option<String>,
    /// Warnings about the server's messages that were told already: each once.
    told: Vec<String>,
    /// When a control socket that could not be had is tried again.
    next_try: Option<Instant>,
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

/// The worker ends: asked to, or because the server is lost and the host does not want it tried again.
struct End;

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
        search: None,
        control: None,
        pings: VecDeque::new(),
        subscriptions: Vec::new(),
        numbers: BTreeMap::new(),
        server: Server::default(),
        own_host: system::boot_id().and_then(|id| host_id(&id)),
        received_since_anew: true,
        waiting_since: None,
        no_answer_because: None,
        told: Vec::new(),
        next_try: None,
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
        if let Some(endpoint) = self.target.next_place(None) {
            self.connect_to(&endpoint);
        }
        let mut waiter = Waiter::default();
        let (mut last, mut used) = (system::boottime_ns(), system::thread_cpu_ns());
        let (mut worked, mut planned) = (Duration::ZERO, Duration::ZERO);
        loop {
            // Longer than planned, and not by working: the process was stopped, or the machine asleep. On a busy machine work takes a
            // multiple of its processor time.
            let now = system::boottime_ns();
            let overslept = Duration::from_nanos(now.saturating_sub(last)).saturating_sub(planned).saturating_sub(4 * worked);
            last = now;
            if self.turn(overslept).is_err() {
                break;
            }
            if !self.subscriptions.is_empty() {
                self.awake.mark(self.pause_limit() + WATCH_PERIOD);
            }
            // Asked for here, not after the wait: then a frame would wait for the answer.
            let used_before = std::mem::replace(&mut used, system::thread_cpu_ns());
            worked = Duration::from_nanos(used.saturating_sub(used_before));
            planned = self.wait(&mut waiter);
        }
        self.end();
    }

    fn turn(&mut self, overslept: Duration) -> std::result::Result<(), End> {
        self.watch(overslept);
        while let Some(command) = self.inbox.next() {
            self.obey(command)?;
        }
        if !self.server.connected {
            let commands = self.commands.clone();
            let report = move |resolved| commands.send(Command::Resolved(resolved));
            if let Err(error) = self.target.resolve_if_due(Instant::now(), report) {
                self.tell(&error);
            }
        }
        self.converse();
        self.search();
        self.receive();
        self.check_time()
    }

    /// Waits for sockets, commands and timers; at most so long as it then says.
    fn wait(&mut self, waiter: &mut Waiter) -> Duration {
        let now = Instant::now();
        let timers = [
            self.control.as_ref().map(Control::next_timer),
            self.waiting_since.map(|since| since + self.options.response_timeout),
            self.next_try,
            self.pings.iter().map(Ping::deadline).min(),
            self.target.next_timer().filter(|_| !self.server.connected),
            (!self.subscriptions.is_empty()).then(|| now + WATCH_PERIOD),
            self.search.as_ref().map(Search::due),
        ];
        let timeout = timers.into_iter().flatten().min().map(|due| due.saturating_duration_since(now));
        let others = std::iter::once(self.inbox.poll_item()).chain(self.search.iter().flat_map(Search::poll_items));
        let sockets = self.control.iter().map(Control::socket).chain(self.subscriptions.iter().map(Subscription::socket));
        if let Err(error) = waiter.wait(others, sockets, timeout) {
            self.tell(&error);
            std::thread::sleep(WATCH_PERIOD); // it may fail again at once
        }
        timeout.unwrap_or(Duration::MAX)
    }

    fn obey(&mut self, command: Command) -> std::result::Result<(), End> {
        match command {
            Command::Stop => return Err(End),
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
            Some(current) if self.server.connected => {
                name == crate::discovery::instance_name(&self.server.name) && current.port != endpoint.port
            }
            Some(_) => true,
        }
    }

    fn connect_to(&mut self, endpoint: &Endpoint) {
        self.give_back_ping();
        match Control::new(&self.context, endpoint, self.options.response_timeout) {
            Ok(control) => {
                self.control = Some(control);
                self.next_try = None;
            }
            Err(error) => {
                self.tell(&error);
                self.control = None;
                self.next_try = Some(Instant::now() + RETRY);
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

    fn check_time(&mut self) -> std::result::Result<(), End> {
        let now = Instant::now();
        let mut overdue = Vec::new();
        if let Some(control) = &mut self.control {
            // A failing socket fails again at the next turn, which tells.
            overdue.extend(control.take_ping(now, false).ok().flatten());
        }
        while self.pings.front().is_some_and(|ping| now >= ping.deadline()) {
            overdue.extend(self.pings.pop_front());
        }
        for ping in overdue {
            ping.end(Outcome::Timeout, 0);
        }
        self.ask_about_silence(now);
        if self.control.is_none() && self.server.connected {
            self.give_up_or_go_on(Outcome::Failed(ErrorKind::Io), "the control socket failed")?;
        }
        if self.waiting_since.is_some_and(|since| now >= since + self.options.response_timeout) {
            let because = self.no_answer_because.take().unwrap_or_else(|| "no answer within the response timeout".to_owned());
            let text = format!("{}: {because}", self.target.describe());
            self.give_up_or_go_on(Outcome::Timeout, &text)?;
            self.retry();
        } else if self.next_try.is_some_and(|due| now >= due) {
            self.retry();
        }
        Ok(())
    }

    /// The server is lost, or was not there in the first place: told once. Where the host wants no more attempts, this is the end.
    fn give_up_or_go_on(&mut self, reason: Outcome, because: &str) -> std::result::Result<(), End> {
        self.lost(reason, because, Loss { restart: false, gives_up: !self.options.reconnect });
        if self.options.reconnect { Ok(()) } else { Err(End) }
    }

    /// Streams that are silent for a second may be quiet, or cut off: the server's answer tells.
    fn ask_about_silence(&mut self, now: Instant) {
        let silent = self.subscriptions.iter().any(|subscription| subscription.silence() >= EXTENSION_PERIOD);
        let Some(control) = self.control.as_mut().filter(|_| silent) else { return };
        if control.comes_into_doubt(now, EXTENSION_PERIOD) {
            // Its connection may be cut off as well, which TCP would take long to find out.
            self.renew_and_ask();
        } else {
            control.ask_within(EXTENSION_PERIOD);
        }
    }

    /// Tries anew, at the next of the places where the server may be.
    fn retry(&mut self) {
        self.waiting_since = Some(Instant::now());
        match self.target.next_place(self.current()) {
            Some(place) if self.current() != Some(&place) => self.connect_to(&place),
            _ => self.renew_and_ask(),
        }
    }

    fn lost(&mut self, reason: Outcome, because: &str, loss: Loss) {
        for subscription in std::mem::take(&mut self.subscriptions) {
            self.park(&subscription);
        }
        if loss.restart {
            self.numbers.values_mut().for_each(Numbers::mark_restarted);
        }
        if self.server.connected {
            log!(Info, "the server is lost: {because}");
        }
        self.server = Server::default();
        self.waiting_since = None;
        drop(self.dispatcher.with(|mailbox| mailbox.lost(reason, because, loss)));
    }

    /// Something is odd, and stays so: told the first time.
    fn tell_once(&mut self, kind: ErrorKind, text: String) {
        if !self.told.contains(&text) && self.told.len() < 64 {
            self.tell(&Error::new(kind, text.clone()));
            self.told.push(text);
        }
    }

    /// Something failed on its own.
    fn tell(&self, error: &Error) {
        log!(Warn, "client: {error}");
        self.dispatcher.with(|mailbox| mailbox.events.emit(Event::error(error)));
    }

    /// Pings that wait are told that they are closed when they are dropped with the rest.
    fn end(mut self) {
        self.awake.rest();
        if let Some(browser) = self.browser.take() {
            browser.destroy();
        }
    }
}
