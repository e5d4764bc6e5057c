//! Which names this process announces, decided as RFC 6762 (sections 8 and 9) asks: look first, step aside for whoever has a name already,
//! and settle clashes that come later so that exactly one side gives way. Pure: the hub carries out its steps.
//!
//! mdns-sd 0.21 could do this by itself, but it renames in ways that cannot be undone in a daemon that others share, answers no questions
//! about a renamed instance with capital letters in its name, and neither probes for nor defends a name with dots.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::AnnounceNews;
use super::instances::{Instances, Target};
use super::names::{confuses_mdns, host_record, next_host_label, next_instance_name, same};

/// How long to look before a name is taken: mdns-sd asks at once and after a second, others have a tenth of a second to answer, and what
/// they multicast in the last second they do not repeat.
pub const LOOK: Duration = Duration::from_millis(1250);

/// mdns-sd keeps silent about records that come back just before they would have expired, as those of a name that was just given up do:
/// it is made to tell what it knows shortly before the decision.
const RECALL: Duration = Duration::from_millis(100);

/// Announcements are sent twice, one second apart (section 8.3); a record is not multicast more often than that (section 6).
const REPEAT: Duration = Duration::from_millis(1100);

/// mdns-sd says goodbye also for the host's addresses, twice in 120 ms, though other instances are still there.
const AFTER_GOODBYE: Duration = Duration::from_millis(200);

/// Records that nobody can ask for are announced before two thirds of their 120 s are over.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// What the hub is to do, in this order.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask the network who has this instance name.
    Look(String),
    /// Have all told again that was heard of instances.
    Recall,
    /// Ask for the addresses of this host record, and go on asking.
    WatchHost(String),
    /// No longer.
    IgnoreHost(String),
    /// Announce this, or announce it again.
    Register(Registration),
    /// Say goodbye for the instance of this name.
    Withdraw(String),
    /// Tell the listener of this announcement.
    Tell(u64, AnnounceNews),
}

/// The records of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The instance's name.
    pub name: String,
    /// The host's full name.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The one address; none: all of the selected interfaces.
    pub address: Option<IpAddr>,
}

struct Entry {
    id: u64,
    name: String,
    port: u16,
    address: Option<IpAddr>,
    stage: Stage,
}

#[derive(Clone, Copy)]
enum Stage {
    /// Looking whether the name is free.
    Looking { since: Instant, recalled: Option<Instant> },
    /// On the network; to be announced `again`, and once more after that if `twice`.
    Announced { last: Instant, again: Option<Instant>, twice: bool, answered: Instant },
}

/// The host name that all announcements share, and who has it.
struct Host {
    label: String,
    looking_since: Option<Instant>,
    seen: BTreeSet<IpAddr>,
    /// Somebody told addresses since the last look at them.
    told: bool,
    /// Somebody said goodbye for addresses.
    robbed: bool,
}

/// See the module.
pub struct Announcer {
    own_label: String,
    bound: Option<IpAddr>,
    host: Host,
    entries: Vec<Entry>,
    next_id: u64,
}

impl Announcer {
    /// For a host called `label` and, if not all interfaces are selected, the one address.
    pub fn new(label: String, bound: Option<IpAddr>) -> Self {
        let host = Host { label: label.clone(), looking_since: None, seen: BTreeSet::new(), told: false, robbed: false };
        Self { own_label: label, bound, host, entries: Vec::new(), next_id: 0 }
    }

    /// Begins to announce `name`.
    pub fn add(&mut self, name: &str, port: u16, address: Option<IpAddr>, now: Instant) -> (u64, Vec<Step>) {
        let mut steps = if self.entries.is_empty() { self.look_for_host(self.own_label.clone(), now) } else { Vec::new() };
        steps.push(Step::Look(name.to_owned()));
        self.next_id += 1;
        let stage = Stage::Looking { since: now, recalled: None };
        self.entries.push(Entry { id: self.next_id, name: name.to_owned(), port, address, stage });
        (self.next_id, steps)
    }

    /// Ends the announcement `id`; the name that it had on the network, if it got that far.
    pub fn remove(&mut self, id: u64, now: Instant) -> (Option<String>, Vec<Step>) {
        let Some(at) = self.entries.iter().position(|entry| entry.id == id) else { return (None, Vec::new()) };
        let entry = self.entries.remove(at);
        self.entries.iter_mut().for_each(|other| other.announce_again(now + AFTER_GOODBYE));
        let steps = if self.entries.is_empty() { vec![Step::IgnoreHost(host_record(&self.host.label))] } else { Vec::new() };
        (entry.is_announced().then_some(entry.name), steps)
    }

    /// Somebody, perhaps this process, says that the watched host has these addresses.
    pub fn host_has(&mut self, addresses: impl Iterator<Item = IpAddr>) {
        self.host.seen.extend(addresses);
        self.host.told = true;
    }

    /// These addresses of the watched host have expired.
    pub fn host_lacks(&mut self, addresses: impl Iterator<Item = IpAddr>) {
        addresses.for_each(|address| {
            self.host.seen.remove(&address);
        });
        self.host.robbed = true;
    }

    /// The instance `name` was called removed: if it is ours, somebody said goodbye in its name, and the network is told otherwise.
    pub fn rescue(&mut self, name: &str, now: Instant) {
        self.entries.iter_mut().filter(|entry| same(&entry.name, name)).for_each(|entry| entry.announce_again(now));
    }

    /// This host has come to another network: who was not there yet to hear the announcements hears them again.
    pub fn repeat(&mut self, now: Instant) {
        self.entries.iter_mut().for_each(|entry| entry.announce_again(now + REPEAT));
    }

    /// When [`Announcer::tick`] has something to do, apart from what others say.
    pub fn next_tick(&self, now: Instant) -> Option<Instant> {
        let dues = self.entries.iter().filter_map(|entry| match entry.stage {
            Stage::Looking { since, recalled } => {
                let due = recalled.map_or(since + LOOK - RECALL, |at| at + RECALL);
                Some(due.max(now + Duration::from_millis(1)))
            }
            Stage::Announced { again, .. } => again,
        });
        dues.min()
    }

    /// What is to be done now; `local`: all addresses that this host has or had.
    pub fn tick(&mut self, now: Instant, instances: &Instances, local: &BTreeSet<IpAddr>) -> Vec<Step> {
        if self.entries.is_empty() {
            return Vec::new();
        }
        let mut steps = self.settle_host(now, local);
        steps.extend(self.recall(now));
        for at in 0..self.entries.len() {
            match self.entries[at].stage {
                Stage::Looking { since, recalled: Some(at_last) } if now >= at_last + RECALL && self.host.looking_since.is_none() => {
                    self.announce(at, since, now, instances, &mut steps);
                }
                Stage::Looking { .. } => {}
                Stage::Announced { .. } => self.defend(at, now, instances, &mut steps),
            }
        }
        steps
    }

    fn recall(&mut self, now: Instant) -> Option<Step> {
        let mut due = false;
        for entry in &mut self.entries {
            if let Stage::Looking { since, recalled: recalled @ None } = &mut entry.stage
                && now >= *since + LOOK - RECALL
            {
                *recalled = Some(now);
                due = true;
            }
        }
        due.then_some(Step::Recall)
    }

    fn look_for_host(&mut self, label: String, now: Instant) -> Vec<Step> {
        let watch = Step::WatchHost(host_record(&label));
        self.host = Host { label, looking_since: Some(now), seen: BTreeSet::new(), told: false, robbed: false };
        vec![watch]
    }

    fn settle_host(&mut self, now: Instant, local: &BTreeSet<IpAddr>) -> Vec<Step> {
        let rival = self.host.rival(self.bound, local);
        match (self.host.looking_since, rival) {
            (Some(since), _) if now < since + LOOK => Vec::new(),
            (Some(_), Some(_)) => self.rename_host(now),
            (Some(_), None) => {
                self.host.looking_since = None;
                Vec::new()
            }
            (None, Some(rival)) if self.host.mine(self.bound, local).is_some_and(|mine| mine > rival) => self.rename_host(now),
            (None, rival) => {
                let contested = std::mem::take(&mut self.host.told) && rival.is_some();
                if std::mem::take(&mut self.host.robbed) || contested {
                    self.entries.iter_mut().for_each(|entry| entry.announce_again(now));
                }
                Vec::new()
            }
        }
    }

    fn rename_host(&mut self, now: Instant) -> Vec<Step> {
        let mut steps = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.is_announced()) {
            steps.extend([Step::Withdraw(entry.name.clone()), Step::Look(entry.name.clone())]);
            entry.stage = Stage::Looking { since: now, recalled: None };
        }
        steps.push(Step::IgnoreHost(host_record(&self.host.label)));
        steps.extend(self.look_for_host(next_host_label(&self.host.label), now));
        steps
    }

    fn announce(&mut self, at: usize, since: Instant, now: Instant, instances: &Instances, steps: &mut Vec<Step>) {
        let own = self.target(at);
        let is_taken = |name: &str| {
            let in_process = self.entries.iter().any(|other| other.is_announced() && same(&other.name, name));
            in_process || instances.is_taken(name, &own, since)
        };
        let mut name = self.entries[at].name.clone();
        while is_taken(&name) {
            name = next_instance_name(&name);
        }
        let entry = &mut self.entries[at];
        if entry.name != name {
            entry.name.clone_from(&name);
            steps.push(Step::Tell(entry.id, AnnounceNews::Renamed(name)));
        }
        entry.stage = Stage::Announced { last: now, again: Some(now + REPEAT), twice: false, answered: now };
        let told = Step::Tell(entry.id, AnnounceNews::Announced);
        steps.push(Step::Register(self.registration(at)));
        steps.push(told);
    }

    /// Of two with one name the one with the smaller host and port keeps it: both sides come to the same result.
    fn defend(&mut self, at: usize, now: Instant, instances: &Instances, steps: &mut Vec<Step>) {
        let own = self.target(at);
        let entry = &mut self.entries[at];
        let Stage::Announced { again, answered, .. } = &mut entry.stage else { return };
        let due = again.is_some_and(|again| again <= now);
        match instances.rival(&entry.name, &own) {
            Some((rival, confirmed)) if confirmed > *answered => {
                if own > *rival {
                    steps.extend([Step::Withdraw(entry.name.clone()), Step::Look(entry.name.clone())]);
                    entry.stage = Stage::Looking { since: now, recalled: None };
                    return;
                }
                *answered = confirmed;
                entry.announce_again(now);
            }
            _ => {}
        }
        if due {
            let Stage::Announced { twice, answered, .. } = entry.stage else { return };
            let again = if twice { Some(now + REPEAT) } else { confuses_mdns(&entry.name).then_some(now + KEEP_ALIVE) };
            entry.stage = Stage::Announced { last: now, again, twice: false, answered };
            steps.push(Step::Register(self.registration(at)));
        }
    }

    fn target(&self, at: usize) -> Target {
        Target::new(&host_record(&self.host.label), self.entries[at].port)
    }

    fn registration(&self, at: usize) -> Registration {
        let entry = &self.entries[at];
        Registration { name: entry.name.clone(), host: host_record(&self.host.label), port: entry.port, address: entry.address }
    }
}

impl Entry {
    fn is_announced(&self) -> bool {
        matches!(self.stage, Stage::Announced { .. })
    }

    /// Twice, for one may get lost or come before somebody is there to hear it.
    fn announce_again(&mut self, now: Instant) {
        if let Stage::Announced { last, again, twice, .. } = &mut self.stage {
            let soon = now.max(*last + REPEAT);
            *again = Some(again.map_or(soon, |earlier| earlier.min(soon)));
            *twice = true;
        }
    }
}

impl Host {
    /// The smallest address that shows that the name is somebody else's. Records of this host's other programs (Avahi, a server on all
    /// interfaces) are welcome as long as they do not hide the address that is ours.
    fn rival(&self, bound: Option<IpAddr>, local: &BTreeSet<IpAddr>) -> Option<IpAddr> {
        let is_foreign = |address: &&IpAddr| match bound {
            Some(bound) if !self.seen.contains(&bound) => true,
            _ => !local.contains(address) && !address.is_loopback(),
        };
        self.seen.iter().find(is_foreign).copied()
    }

    fn mine(&self, bound: Option<IpAddr>, local: &BTreeSet<IpAddr>) -> Option<IpAddr> {
        bound.or_else(|| self.seen.intersection(local).next().or(local.first()).copied())
    }
}

#[cfg(test)]
#[path = "announcer_tests.rs"]
mod tests;
