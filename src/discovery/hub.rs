//! One mdns-sd daemon, shared by all announcements and browses of this process on the same interfaces, and the thread that listens to it.
//!
//! What mdns-sd 0.21 does not do, the hub does: it decides about names itself (see `announcer`), sends the second announcement (mdns-sd
//! forgets it where a name has capital letters), and asks for records in doubt by making the daemon forget all it knows: after
//! mdns-sd's own verification the pointer record stays in its cache and keeps a server that returns from answering.

use std::collections::{BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mdns_sd::{HostnameResolutionEvent, Receiver, RecvTimeoutError, ResolvedService, ServiceEvent};
use parking_lot::Mutex;

use super::addresses::Networks;
use super::announcer::{Announcer, Step};
use super::daemon::{Daemon, Goodbye, Selection, plain, sighting};
use super::gate::Gate;
use super::instances::{Instances, Target};
use super::names::{confuses_mdns, instance_of};
use super::{AnnounceNews, BrowseNews};
use crate::error::{Error, Result};
use crate::system;
use crate::thread;

/// How long a record in doubt may take to be confirmed (RFC 6762, section 10.4).
const CONFIRMATION: Duration = Duration::from_secs(10);

/// Not more refreshes than one in this time.
const REFRESH_PAUSE: Duration = Duration::from_secs(1);

/// Host names and this host's own addresses are looked at so often; the daemon looks at the addresses as often.
const PULSE: Duration = Duration::from_secs(1);

/// Instances that mdns-sd cannot ask for are asked for with all others, before two thirds of their 120 s are over.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// The daemon repeats a goodbye after 120 ms: it must not end before.
const GOODBYE: Duration = Duration::from_millis(150);

/// See the module. Dropping it ends daemon and thread.
pub struct Hub {
    core: Arc<Core>,
    thread: Option<JoinHandle<()>>,
}

struct Core {
    daemon: Daemon,
    state: Mutex<State>,
}

struct State {
    /// What the daemon tells, oldest subscription first: each new one ends the one before.
    subscriptions: VecDeque<Receiver<ServiceEvent>>,
    host_events: Option<Receiver<HostnameResolutionEvent>>,
    instances: Instances,
    announcer: Announcer,
    announcements: Vec<(u64, Arc<Gate<AnnounceNews>>)>,
    browses: Vec<Browse>,
    next_browse: u64,
    local: BTreeSet<IpAddr>,
    connected: BTreeSet<IpAddr>,
    pulse: Instant,
    refreshed: Option<Instant>,
    kept_alive: Option<Instant>,
    last_goodbye: Option<Instant>,
    failure: Option<Error>,
    ending: bool,
}

struct Browse {
    id: u64,
    gate: Arc<Gate<BrowseNews>>,
    is_new: bool,
}

/// News on its way to a listener, to be told when the lock is released.
enum Letter {
    Announce(Arc<Gate<AnnounceNews>>, AnnounceNews),
    Browse(Arc<Gate<BrowseNews>>, BrowseNews),
}

impl Hub {
    /// Starts a daemon on the selected interfaces.
    pub fn start(selection: Selection) -> Result<Self> {
        let daemon = Daemon::start(selection)?;
        let bound = match selection {
            Selection::All => None,
            Selection::Address(address) => Some(address),
        };
        let state = State {
            subscriptions: VecDeque::new(),
            host_events: None,
            instances: Instances::default(),
            announcer: Announcer::new(system::host_name(), bound),
            announcements: Vec::new(),
            browses: Vec::new(),
            next_browse: 0,
            local: BTreeSet::new(),
            connected: BTreeSet::new(),
            pulse: Instant::now(),
            refreshed: None,
            kept_alive: None,
            last_goodbye: None,
            failure: None,
            ending: false,
        };
        let core = Arc::new(Core { daemon, state: Mutex::new(state) });
        core.subscribe(&mut core.state.lock());
        let thread = thread::spawn("kinect2-mdns", {
            let core = Arc::clone(&core);
            move || core.run()
        })?;
        Ok(Self { core, thread: Some(thread) })
    }

    /// Whether its daemon lives.
    pub fn is_alive(&self) -> bool {
        self.core.state.lock().failure.is_none()
    }

    /// Begins to announce; the result ends it.
    pub fn announce(&self, name: &str, port: u16, address: Option<IpAddr>, gate: Arc<Gate<AnnounceNews>>) -> u64 {
        let mut state = self.core.state.lock();
        let (id, steps) = state.announcer.add(name, port, address, Instant::now());
        state.announcements.push((id, gate));
        self.core.carry_out(&mut state, steps);
        id
    }

    /// Says goodbye, and returns when that has been sent.
    pub fn withdraw(&self, id: u64) {
        let goodbye = {
            let mut state = self.core.state.lock();
            state.announcements.retain(|(other, _)| *other != id);
            let (name, steps) = state.announcer.remove(id, Instant::now());
            let goodbye = name.and_then(|name| self.core.unregister(&mut state, &name));
            self.core.carry_out(&mut state, steps);
            goodbye
        };
        if let Some(goodbye) = goodbye {
            goodbye.wait();
        }
    }

    /// Begins to browse; the result ends it.
    pub fn browse(&self, gate: Arc<Gate<BrowseNews>>) -> u64 {
        let mut state = self.core.state.lock();
        state.next_browse += 1;
        let id = state.next_browse;
        state.browses.push(Browse { id, gate, is_new: true });
        self.core.subscribe(&mut state);
        id
    }

    /// No more news for this browse, except what is on its way already.
    pub fn end_browse(&self, id: u64) {
        self.core.state.lock().browses.retain(|browse| browse.id != id);
    }

    /// Doubts the records of `name`.
    pub fn verify(&self, name: &str) {
        let mut state = self.core.state.lock();
        state.instances.doubt(name, Instant::now() + CONFIRMATION);
        self.core.refresh(&mut state);
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let goodbye = {
            let mut state = self.core.state.lock();
            state.ending = true;
            state.last_goodbye
        };
        if let Some(rest) = goodbye.and_then(|at| (at + GOODBYE).checked_duration_since(Instant::now())) {
            std::thread::sleep(rest);
        }
        // Ends the subscription too, which wakes the thread.
        self.core.daemon.shut_down();
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

impl Core {
    fn run(&self) {
        while let Some((subscription, until)) = self.attend() {
            match subscription.recv_deadline(until) {
                Ok(event) => self.handle(event),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.state.lock().subscriptions.pop_front();
                }
            }
        }
    }

    /// Does what is due; what to wait for next, and until when. None: it is over.
    fn attend(&self) -> Option<(Receiver<ServiceEvent>, Instant)> {
        let mut letters = Vec::new();
        let next = {
            let mut state = self.state.lock();
            let now = Instant::now();
            if !state.ending {
                self.do_what_is_due(&mut state, now, &mut letters);
            }
            let subscription = state.subscriptions.front().cloned();
            let is_over = state.ending || state.failure.is_some();
            subscription.filter(|_| !is_over).map(|subscription| (subscription, state.next_due(now)))
        };
        letters.into_iter().for_each(Letter::deliver);
        next
    }

    fn do_what_is_due(&self, state: &mut State, now: Instant, letters: &mut Vec<Letter>) {
        if state.subscriptions.is_empty() {
            // The daemon ended the subscription because this thread was slow.
            self.subscribe(state);
        }
        for browse in state.browses.iter_mut().filter(|browse| browse.is_new) {
            browse.is_new = false;
            letters.extend(state.instances.all().into_iter().map(|news| Letter::Browse(Arc::clone(&browse.gate), news)));
        }
        for news in state.instances.expire(now) {
            state.broadcast(&news, letters);
        }
        let keep_alive = state.keep_alive_due(now).is_some_and(|due| due <= now);
        if keep_alive {
            state.kept_alive = Some(now);
        }
        if state.has_moved(now) || state.instances.rereads(now) || keep_alive {
            self.subscribe(state);
        }
        state.read_host_events();
        let steps = {
            let State { announcer, instances, local, .. } = state;
            announcer.tick(now, instances, local)
        };
        letters.extend(self.carry_out(state, steps));
        if let Some(error) = &state.failure {
            letters.extend(
                state.announcements.iter().map(|(_, gate)| Letter::Announce(Arc::clone(gate), AnnounceNews::Failed(error.clone()))),
            );
            letters.extend(state.browses.iter().map(|browse| Letter::Browse(Arc::clone(&browse.gate), BrowseNews::Failed(error.clone()))));
        }
    }

    fn handle(&self, event: ServiceEvent) {
        let now = Instant::now();
        let mut letters = Vec::new();
        {
            let mut state = self.state.lock();
            let news = match &event {
                ServiceEvent::ServiceFound(_, full_name) => {
                    instance_of(full_name).into_iter().for_each(|name| state.instances.claimed(name, now));
                    None
                }
                ServiceEvent::ServiceResolved(service) => state.resolved(service, now),
                ServiceEvent::ServiceRemoved(_, full_name) => {
                    state.removed(full_name, now);
                    None
                }
                _ => None,
            };
            if let Some(news) = news {
                state.broadcast(&news, &mut letters);
            }
        }
        letters.into_iter().for_each(Letter::deliver);
    }

    /// Asks the network, and wakes the thread: the subscription that it waits for ends.
    fn subscribe(&self, state: &mut State) {
        match self.daemon.browse() {
            Ok(subscription) => state.subscriptions.push_back(subscription),
            Err(error) => state.failure = Some(error),
        }
    }

    /// Makes the daemon forget all instances and ask anew, unless it has just done so: it then asks again after 1, 2, 4 s anyway, and each
    /// time wakes the thread. What was known stays known here.
    fn refresh(&self, state: &mut State) {
        let now = Instant::now();
        if state.refreshed.is_none_or(|at| now >= at + REFRESH_PAUSE) {
            state.refreshed = Some(now);
            state.instances.refreshed(now);
            let _ = self.daemon.forget();
            self.subscribe(state);
        }
    }

    fn carry_out(&self, state: &mut State, steps: Vec<Step>) -> Vec<Letter> {
        let mut letters = Vec::new();
        for step in steps {
            match step {
                Step::Look(name) => {
                    if state.instances.knows(&name) {
                        self.refresh(state);
                    }
                    self.subscribe(state);
                }
                Step::Recall => self.subscribe(state),
                Step::WatchHost(host) => {
                    state.host_events = self.daemon.watch(&host).ok();
                }
                Step::IgnoreHost(host) => {
                    state.host_events = None;
                    let _ = self.daemon.ignore(&host);
                }
                Step::Register(registration) => {
                    if let Err(error) = self.daemon.register(&registration) {
                        state.failure = Some(error);
                    }
                }
                Step::Withdraw(name) => {
                    self.unregister(state, &name);
                }
                Step::Tell(id, news) => {
                    let gate = state.announcements.iter().find(|(other, _)| *other == id);
                    letters.extend(gate.map(|(_, gate)| Letter::Announce(Arc::clone(gate), news)));
                }
            }
        }
        letters
    }

    fn unregister(&self, state: &mut State, name: &str) -> Option<Goodbye> {
        state.last_goodbye = Some(Instant::now());
        self.daemon.unregister(name)
    }
}

impl State {
    fn next_due(&self, now: Instant) -> Instant {
        let dues = [self.instances.next_due(), self.announcer.next_tick(now), self.keep_alive_due(now)];
        dues.into_iter().flatten().fold(self.pulse, Instant::min)
    }

    /// Whether this host has an address that it did not have, on a network that may not know what is here nor have told what is there:
    /// the daemon asks and announces once, which nobody may hear who is just being plugged in too.
    fn has_moved(&mut self, now: Instant) -> bool {
        if now < self.pulse {
            return false;
        }
        self.pulse = now + PULSE;
        let networks = Networks::read();
        self.local.extend(networks.addresses());
        let before = std::mem::replace(&mut self.connected, networks.connected().collect());
        let moved = !before.is_empty() && !self.connected.is_subset(&before);
        if moved {
            self.announcer.repeat(now);
        }
        moved
    }

    fn keep_alive_due(&self, now: Instant) -> Option<Instant> {
        self.instances.names().any(confuses_mdns).then(|| self.kept_alive.map_or(now, |at| at + KEEP_ALIVE))
    }

    fn resolved(&mut self, service: &ResolvedService, now: Instant) -> Option<BrowseNews> {
        let name = instance_of(&service.fullname)?;
        let networks = Networks::read();
        let addresses = networks.order(service.addresses.iter().map(sighting), service.port);
        self.instances.resolved(name, Target::new(&service.host, service.port), addresses, now)
    }

    fn removed(&mut self, full_name: &str, now: Instant) {
        if let Some(name) = instance_of(full_name) {
            self.announcer.rescue(name, now);
            self.instances.removed(name, now);
        }
    }

    fn read_host_events(&mut self) {
        let Some(events) = &self.host_events else { return };
        let events: Vec<HostnameResolutionEvent> = events.try_iter().collect();
        if !events.is_empty() {
            self.local.extend(Networks::read().addresses());
        }
        for event in events {
            match event {
                HostnameResolutionEvent::AddressesFound(_, found) => self.announcer.host_has(found.iter().map(plain)),
                HostnameResolutionEvent::AddressesRemoved(_, gone) => self.announcer.host_lacks(gone.iter().map(plain)),
                _ => {}
            }
        }
    }

    fn broadcast(&self, news: &BrowseNews, letters: &mut Vec<Letter>) {
        let told = self.browses.iter().filter(|browse| !browse.is_new);
        letters.extend(told.map(|browse| Letter::Browse(Arc::clone(&browse.gate), news.clone())));
    }
}

impl Letter {
    fn deliver(self) {
        match self {
            Letter::Announce(gate, news) => gate.tell(news),
            Letter::Browse(gate, news) => gate.tell(news),
        }
    }
}
