//! A browser's worker: the thread that hears what multicast DNS says and looks whether servers are really there.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use super::list::{LOOK_TIMEOUT, List};
use super::mailbox::{BrowserMailbox, Change};
use crate::discovery::{BrowseNews, Browsing, Discovery};
use crate::dispatch::Dispatcher;
use crate::error::{Error, Result};
use crate::log::log;
use crate::thread;
use crate::transport::reach::{Probe, Probed};
use crate::transport::{self, Commands, Inbox};

/// Looks taken at once: each needs a descriptor an address.
const MOST_LOOKS: usize = 32;

enum Command {
    News(BrowseNews),
    Stop,
}

/// A running worker.
pub struct Worker {
    commands: Commands<Command>,
    thread: JoinHandle<()>,
}

impl Worker {
    /// Begins to browse on the interface with `address`, or on all. What it finds goes to the mailbox as part of `run`.
    pub fn start(discovery: &dyn Discovery, address: Option<IpAddr>, dispatcher: Dispatcher<BrowserMailbox>, run: u64) -> Result<Self> {
        let (commands, inbox) = transport::command_queue()?;
        let news = Arc::new({
            let commands = commands.clone();
            move |news| commands.send(Command::News(news))
        });
        let browsing = discovery.browse(address, news)?;
        let watch = Watch { browsing, inbox, dispatcher, run, list: List::default(), looks: HashMap::new() };
        let thread = thread::spawn("kinect2-browse", move || watch.run())?;
        Ok(Self { commands, thread })
    }

    /// Ends it. Called by a log callback on its own thread it does not wait.
    pub fn stop(self) {
        self.commands.send(Command::Stop);
        if self.thread.thread().id() != std::thread::current().id() {
            let _ = self.thread.join();
        }
    }
}

struct Watch {
    browsing: Box<dyn Browsing>,
    inbox: Inbox<Command>,
    dispatcher: Dispatcher<BrowserMailbox>,
    run: u64,
    list: List,
    looks: HashMap<String, Probe>,
}

impl Watch {
    fn run(mut self) {
        while self.obey() {
            self.look();
            if let Err(error) = self.wait() {
                self.fail(&error);
                return;
            }
        }
    }

    /// False: it is over.
    fn obey(&mut self) -> bool {
        while let Some(command) = self.inbox.next() {
            match command {
                Command::News(BrowseNews::Found(found)) => {
                    let name = found.name.clone();
                    self.dispatcher.with(|mailbox| mailbox.place(self.run, &name, &found.addresses));
                    if self.list.found(found, Instant::now()) {
                        self.looks.remove(&name);
                    }
                }
                Command::News(BrowseNews::Lost(name)) => {
                    self.looks.remove(&name);
                    self.dispatcher.with(|mailbox| mailbox.place(self.run, &name, &[]));
                    let change = self.list.lost(&name);
                    self.report(change);
                }
                Command::News(BrowseNews::Failed(error)) => self.fail(&error),
                Command::Stop => return false,
            }
        }
        true
    }

    fn look(&mut self) {
        let now = Instant::now();
        for look in self.list.due(now, MOST_LOOKS.saturating_sub(self.looks.len())) {
            self.looks.insert(look.name, Probe::start(look.addresses, look.head_start, LOOK_TIMEOUT, now));
        }
        let mut ended = Vec::new();
        for (name, probe) in &mut self.looks {
            ended.extend(probe.advance(now).map(|probed| (name.clone(), probed)));
        }
        for (name, probed) in ended {
            self.looks.remove(&name);
            match probed {
                Probed::Reached(address) => {
                    let changes = self.list.reached(&name, address, transport::endpoint_of(address).to_string());
                    self.report(changes);
                }
                Probed::Failed(error) => self.failed(&name, &error),
            }
        }
    }

    fn failed(&mut self, name: &str, error: &std::io::Error) {
        let failure = self.list.failed(name);
        if failure.verify {
            log!(Info, "server \"{name}\" is announced but does not answer: {error}");
            self.browsing.verify(name);
        }
        self.report(failure.change);
    }

    fn report(&self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            match &change {
                Change::Add(server) => log!(Info, "server \"{}\" is at {}", server.name, server.endpoint),
                Change::Remove(server) => log!(Info, "server \"{}\" is no longer at {}", server.name, server.endpoint),
            }
            self.dispatcher.with(|mailbox| mailbox.change(self.run, change));
        }
    }

    fn fail(&self, error: &Error) {
        log!(Error, "{error}");
        self.dispatcher.with(|mailbox| mailbox.fail(self.run, error));
    }

    fn wait(&self) -> Result<()> {
        let mut items = vec![self.inbox.poll_item()];
        items.extend(self.looks.values().flat_map(Probe::poll_items));
        // While all places are taken, a look that is due waits for one.
        let next_look = self.list.next_due().filter(|_| self.looks.len() < MOST_LOOKS);
        let due = self.looks.values().map(Probe::due).chain(next_look).min();
        transport::poll(&mut items, due.map(|due| due.saturating_duration_since(Instant::now())))
    }
}
