//! What waits for a browser's callbacks and pollers, and the list that both are about.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;

use super::{ServerCallback, ServerInfo};
use crate::dispatch::{Event, EventKind, EventPort, Mailbox, Registration, Slot, Transitions};
use crate::error::Error;

/// A change of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A server is there.
    Add(ServerInfo),
    /// It is gone.
    Remove(ServerInfo),
}

/// See the module.
#[derive(Default)]
pub struct BrowserMailbox {
    pub on_add: Option<Slot<ServerCallback>>,
    pub on_remove: Option<Slot<ServerCallback>>,
    pub events: EventPort,
    listed: Vec<ServerInfo>,
    /// The addresses of all that are heard of.
    places: HashMap<String, Vec<SocketAddr>>,
    waiting: Transitions<Change>,
    /// What `on_add` was called with and `on_remove` not since: that call must come even if a replay of the add still waits.
    reported: HashSet<ServerInfo>,
    run: u64,
    started: bool,
}

/// A call of one of the callbacks.
pub struct ServerCall {
    callback: Arc<ServerCallback>,
    server: ServerInfo,
}

impl BrowserMailbox {
    /// A new run begins; its number goes with every change.
    pub fn begin(&mut self) -> u64 {
        self.started = true;
        self.run += 1;
        self.run
    }

    /// The run is over: all servers are forgotten.
    pub fn end(&mut self) {
        self.started = false;
        self.run += 1;
        self.listed.clear();
        self.places.clear();
        self.reported.clear();
        self.waiting.retain(|_| false);
    }

    /// What is listed now, in the order of coming.
    pub fn listed(&self) -> &[ServerInfo] {
        &self.listed
    }

    /// A server is at these addresses (none: nowhere any more), unless `run` is over.
    pub fn place(&mut self, run: u64, name: &str, addresses: &[SocketAddr]) {
        if run != self.run {
            return;
        }
        if addresses.is_empty() {
            self.places.remove(name);
        } else {
            self.places.insert(name.to_owned(), addresses.to_vec());
        }
    }

    /// Where `name` is.
    pub fn places(&self, name: &str) -> &[SocketAddr] {
        self.places.get(name).map_or(&[], Vec::as_slice)
    }

    /// The list changes, unless `run` is over.
    pub fn change(&mut self, run: u64, change: Change) {
        if run != self.run {
            return;
        }
        match &change {
            Change::Add(server) => {
                self.listed.push(server.clone());
                self.events.emit(event(EventKind::AddServer, server));
                if self.on_add.is_some() {
                    let undone = Change::Remove(server.clone());
                    self.waiting.push(change, |waiting| *waiting == undone);
                }
            }
            Change::Remove(server) => {
                self.listed.retain(|listed| listed != server);
                self.events.emit(event(EventKind::RemoveServer, server));
                self.remove(change.clone(), server);
            }
        }
    }

    fn remove(&mut self, change: Change, server: &ServerInfo) {
        let undone = Change::Add(server.clone());
        let add_waits = self.waiting.any(|waiting| *waiting == undone);
        self.waiting.retain(|waiting| *waiting != undone);
        if self.on_remove.is_some() && (!add_waits || self.reported.contains(server)) {
            self.waiting.append(change);
        } else {
            self.reported.remove(server);
        }
    }

    /// Something failed on its own, unless `run` is over.
    pub fn fail(&mut self, run: u64, error: &Error) {
        if run == self.run {
            self.events.emit(Event::error(error));
        }
    }

    /// For a new `on_add`: it is called for all that are listed.
    pub fn replay(&mut self) {
        self.drop_unwanted();
        if self.on_add.is_none() {
            return;
        }
        for server in self.listed.iter().rev() {
            let add = Change::Add(server.clone());
            if !self.waiting.any(|waiting| *waiting == add) {
                self.waiting.replay(add, |_| false);
            }
        }
    }

    /// Drops calls of callbacks that have been removed.
    pub fn drop_unwanted(&mut self) {
        let (add, remove) = (self.on_add.is_some(), self.on_remove.is_some());
        self.waiting.retain(|waiting| match waiting {
            Change::Add(_) => add,
            Change::Remove(_) => remove,
        });
    }

    /// For pollers: the next event; none for ever: it is not started and none is left.
    pub fn poll(&mut self) -> Option<Option<Event>> {
        match self.events.pop() {
            Some(event) => Some(Some(event)),
            None => (!self.started).then_some(None),
        }
    }
}

impl Mailbox for BrowserMailbox {
    type Call = ServerCall;

    fn next_call(&mut self) -> Option<(Registration, ServerCall)> {
        while let Some(change) = self.waiting.pop() {
            let (slot, server) = match change {
                Change::Add(server) => {
                    self.reported.insert(server.clone());
                    (&self.on_add, server)
                }
                Change::Remove(server) => {
                    self.reported.remove(&server);
                    (&self.on_remove, server)
                }
            };
            if let Some(slot) = slot {
                return Some(slot.call(|callback| ServerCall { callback, server }));
            }
        }
        None
    }

    fn has_call(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn run(call: ServerCall) {
        (call.callback)(&call.server);
    }

    fn refresh(&mut self) {
        self.events.refresh();
    }
}

fn event(kind: EventKind, server: &ServerInfo) -> Event {
    Event::new(kind).id(&server.name).text(&server.endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::Dispatcher;
    use parking_lot::Mutex;

    fn server(name: &str, port: u16) -> ServerInfo {
        ServerInfo { name: name.into(), endpoint: format!("tcp://127.0.0.1:{port}") }
    }

    fn add(name: &str) -> Change {
        Change::Add(server(name, 1))
    }

    fn remove(name: &str) -> Change {
        Change::Remove(server(name, 1))
    }

    /// Sets a callback without letting the dispatcher's thread run it: its calls are taken by the test.
    struct Fixture(BrowserMailbox, u64);

    impl Fixture {
        fn new() -> Self {
            let dispatcher = Dispatcher::new("test", BrowserMailbox::default());
            let nothing: Arc<ServerCallback> = Arc::new(|_| ());
            dispatcher.set_callback(Some(nothing.clone()), |m| &mut m.on_add, |_| ()).unwrap();
            dispatcher.set_callback(Some(nothing), |m| &mut m.on_remove, |_| ()).unwrap();
            let mut mailbox = dispatcher.with(std::mem::take);
            dispatcher.close();
            let run = mailbox.begin();
            Self(mailbox, run)
        }

        fn change(&mut self, change: Change) {
            self.0.change(self.1, change);
        }

        fn changes<const N: usize>(&mut self, changes: [Change; N]) {
            changes.into_iter().for_each(|change| self.change(change));
        }

        fn calls(&mut self) -> Vec<Change> {
            std::iter::from_fn(|| self.call()).collect()
        }

        fn call(&mut self) -> Option<Change> {
            let (registration, call) = self.0.next_call()?;
            let is_add = self.0.on_add.as_ref().is_some_and(|slot| slot.target().0 == registration);
            Some(if is_add { Change::Add(call.server) } else { Change::Remove(call.server) })
        }
    }

    #[test]
    fn an_add_and_its_remove_that_both_wait_cancel_out() {
        let mut box_ = Fixture::new();
        box_.changes([add("a"), add("b"), remove("a")]);
        assert_eq!(box_.calls(), [add("b")]);
        box_.changes([remove("b"), add("b")]);
        assert_eq!(box_.calls(), []);
        assert_eq!(box_.0.listed(), [server("b", 1)]);
        box_.changes([remove("b"), Change::Add(server("b", 2)), Change::Remove(server("b", 2))]);
        assert_eq!(box_.calls(), [remove("b")]);
    }

    #[test]
    fn a_changed_endpoint_is_a_remove_and_an_add() {
        let mut box_ = Fixture::new();
        box_.change(add("a"));
        box_.calls();
        box_.changes([remove("a"), Change::Add(server("a", 2))]);
        assert_eq!(box_.calls(), [remove("a"), Change::Add(server("a", 2))]);
    }

    #[test]
    fn a_new_callback_hears_of_all_that_are_listed_in_their_order() {
        let mut box_ = Fixture::new();
        box_.changes([add("a"), add("b")]);
        assert_eq!(box_.call(), Some(add("a")));
        box_.changes([add("c"), remove("x")]);
        box_.0.replay();
        assert_eq!(box_.calls(), [add("a"), add("b"), add("c"), remove("x")]);
        // Told again of a, and of its end once, though the replay still waited.
        box_.0.replay();
        box_.change(remove("a"));
        assert_eq!(box_.calls(), [add("b"), add("c"), remove("a")]);
    }

    #[test]
    fn nothing_waits_for_callbacks_that_are_not_set() {
        let mut box_ = Fixture::new();
        box_.0.on_add = None;
        box_.change(add("a"));
        assert!(!box_.0.has_call());
        box_.change(remove("a"));
        assert_eq!(box_.calls(), [remove("a")]);
        box_.0.on_remove = None;
        box_.changes([add("a"), remove("a")]);
        assert!(!box_.0.has_call());
    }

    #[test]
    fn the_end_forgets_all_but_events() {
        let mut box_ = Fixture::new();
        box_.change(add("a"));
        box_.0.end();
        box_.change(add("b"));
        box_.0.fail(box_.1, &Error::io("late"));
        assert!(box_.0.listed().is_empty() && !box_.0.has_call());
        assert_eq!(box_.0.poll().unwrap().unwrap().kind, EventKind::AddServer);
        assert_eq!(box_.0.poll(), Some(None));
        box_.0.begin();
        assert_eq!(box_.0.poll(), None);
    }

    #[test]
    fn callbacks_run_on_the_dispatcher() {
        let dispatcher = Dispatcher::new("test", BrowserMailbox::default());
        let run = dispatcher.with(BrowserMailbox::begin);
        dispatcher.with(|mailbox| mailbox.change(run, add("a")));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let callback: Arc<ServerCallback> = Arc::new({
            let heard = Arc::clone(&heard);
            move |server| heard.lock().push(server.name.clone())
        });
        dispatcher.set_callback(Some(callback), |m| &mut m.on_add, BrowserMailbox::replay).unwrap();
        dispatcher.wait_while(crate::dispatch::Patience::Forever, |mailbox| mailbox.has_call());
        assert_eq!(*heard.lock(), ["a"]);
        dispatcher.close();
    }
}
