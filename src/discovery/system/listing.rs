//! What the system's service has told, put together. Pure: it is told what time it is.
//!
//! The service tells of an instance once for each interface and address family, of its end likewise without saying which, and nothing when
//! the port of a known instance changes. So whatever may mean that something has ended starts a new look: a new watch, which is told all
//! that there is. What it does not see has gone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::service::Record;
use crate::discovery::addresses::{Networks, Sighting};
use crate::discovery::instances::Target;
use crate::discovery::{BrowseNews, Found};

/// More instances are not kept: a record is anybody's word.
const MOST_INSTANCES: usize = 1024;

/// More addresses of one neither.
const MOST_ADDRESSES: usize = 64;

/// How long a look takes: the service answers from its cache at once, resolving takes a question and an answer.
const LOOK: Duration = Duration::from_millis(1500);

/// After a sign that something has gone: what belongs together comes together.
const PAUSE: Duration = Duration::from_millis(200);

/// After an instance that could not be resolved.
const UNRESOLVED_PAUSE: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Instance {
    target: Target,
    addresses: BTreeSet<IpAddr>,
}

type Instances = BTreeMap<String, Instance>;

struct Look {
    until: Instant,
    seen: Instances,
}

/// See the module.
#[derive(Default)]
pub struct Listing {
    known: Instances,
    look: Option<Look>,
    next_look: Option<Instant>,
}

impl Listing {
    /// A new watch has begun: what it does not tell of has gone.
    pub fn look_again(&mut self, now: Instant) {
        self.look = Some(Look { until: now + LOOK, seen: Instances::new() });
        self.next_look = None;
    }

    /// The watch tells of an address.
    pub fn heard(&mut self, record: Record, networks: &Networks) -> Option<BrowseNews> {
        if record.name.is_empty() || record.name.contains(char::is_control) {
            return None;
        }
        if let Some(look) = &mut self.look {
            add(&mut look.seen, &record);
        }
        add(&mut self.known, &record).then(|| found(&record.name, &self.known[&record.name], networks))
    }

    /// The watch no longer sees an instance by one of the ways that it had.
    pub fn gone(&mut self, name: &str, now: Instant) {
        if let Some(look) = &mut self.look {
            look.seen.remove(name);
        }
        self.look_within(now, PAUSE);
    }

    /// There is an instance that could not be resolved.
    pub fn unresolved(&mut self, now: Instant) {
        self.look_within(now, UNRESOLVED_PAUSE);
    }

    /// An instance does not answer: perhaps its port is another one by now.
    pub fn doubt(&mut self, now: Instant) {
        self.look_within(now, Duration::ZERO);
    }

    fn look_within(&mut self, now: Instant, pause: Duration) {
        let due = now + pause;
        self.next_look = Some(self.next_look.map_or(due, |earlier| earlier.min(due)));
    }

    /// Whether a new watch should begin; not while one is still being told what there is.
    pub fn look_is_due(&self, now: Instant) -> bool {
        self.look.is_none() && self.next_look.is_some_and(|due| due <= now)
    }

    /// Ends a look whose time is over.
    pub fn settle(&mut self, now: Instant, networks: &Networks) -> Vec<BrowseNews> {
        let Some(Look { seen, .. }) = self.look.take_if(|look| look.until <= now) else { return Vec::new() };
        let old = std::mem::replace(&mut self.known, seen);
        let lost = old.keys().filter(|name| !self.known.contains_key(*name)).map(|name| BrowseNews::Lost(name.clone()));
        let changed = self.known.iter().filter(|(name, instance)| old.get(*name).is_some_and(|old| old != *instance));
        lost.chain(changed.map(|(name, instance)| found(name, instance, networks))).collect()
    }
}

/// Whether that was new.
fn add(instances: &mut Instances, Record { name, target, address }: &Record) -> bool {
    if !instances.contains_key(name) && instances.len() >= MOST_INSTANCES {
        return false;
    }
    let instance = instances.entry(name.clone()).or_insert_with(|| Instance { target: target.clone(), addresses: BTreeSet::new() });
    if instance.target != *target {
        *instance = Instance { target: target.clone(), addresses: BTreeSet::new() };
    }
    instance.addresses.len() < MOST_ADDRESSES && instance.addresses.insert(*address)
}

fn found(name: &str, Instance { target, addresses }: &Instance, networks: &Networks) -> BrowseNews {
    let sightings = addresses.iter().map(|address| Sighting {
        address: *address,
        // The service does not say by which interface: a link-local address is tried on each that has such addresses.
        interfaces: networks.link_local(),
    });
    BrowseNews::Found(Found { name: name.to_owned(), port: target.port, addresses: networks.order(sightings, target.port) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str, port: u16, address: &str) -> Record {
        Record { name: name.into(), target: Target::new("vm.local", port), address: address.parse().unwrap() }
    }

    /// A listing with its first look over, and the time.
    fn listing(records: &[Record]) -> (Listing, Instant) {
        let (mut listing, now) = (Listing::default(), Instant::now());
        listing.look_again(now);
        for record in records {
            listing.heard(record.clone(), &Networks::default());
        }
        assert!(listing.settle(now + LOOK, &Networks::default()).is_empty());
        (listing, now + LOOK)
    }

    fn addresses(news: Option<BrowseNews>) -> Vec<String> {
        match news {
            Some(BrowseNews::Found(found)) => found.addresses.iter().map(ToString::to_string).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_instance_seen_in_many_ways_is_one_with_all_its_addresses() {
        let (mut listing, _) = listing(&[]);
        let networks = Networks::default();
        assert_eq!(addresses(listing.heard(record("Lab", 5, "10.0.0.1"), &networks)), ["10.0.0.1:5"]);
        assert_eq!(listing.heard(record("Lab", 5, "10.0.0.1"), &networks), None);
        assert_eq!(addresses(listing.heard(record("Lab", 5, "fd00::1"), &networks)), ["10.0.0.1:5", "[fd00::1]:5"]);
        assert_eq!(addresses(listing.heard(record("Lab", 6, "10.0.0.1"), &networks)), ["10.0.0.1:6"]);
        assert_eq!(listing.heard(record("a\tb", 6, "10.0.0.1"), &networks), None);
    }

    #[test]
    fn what_a_new_look_does_not_see_is_lost_and_the_rest_stays() {
        let (mut listing, now) = listing(&[record("Lab", 5, "10.0.0.1"), record("Lab", 5, "10.1.0.1"), record("Hall", 5, "10.0.0.2")]);
        let networks = Networks::default();
        assert!(!listing.look_is_due(now));
        listing.gone("Lab", now);
        assert!(!listing.look_is_due(now) && listing.look_is_due(now + PAUSE));
        listing.look_again(now + PAUSE);
        assert_eq!(listing.heard(record("Hall", 5, "10.0.0.2"), &networks), None);
        assert!(listing.settle(now + PAUSE, &networks).is_empty());
        assert_eq!(listing.settle(now + PAUSE + LOOK, &networks), [BrowseNews::Lost("Lab".into())]);
        assert_eq!(listing.known.len(), 1);
    }

    #[test]
    fn an_interface_that_goes_takes_its_addresses_and_not_the_instance() {
        let (mut listing, now) = listing(&[record("Lab", 5, "10.0.0.1"), record("Lab", 5, "10.1.0.1")]);
        let networks = Networks::default();
        listing.gone("Lab", now);
        listing.look_again(now);
        listing.heard(record("Lab", 5, "10.1.0.1"), &networks);
        let news = listing.settle(now + LOOK, &networks);
        assert_eq!(addresses(news.into_iter().next()), ["10.1.0.1:5"]);
    }

    #[test]
    fn what_ends_during_a_look_is_looked_at_once_more() {
        let (mut listing, now) = listing(&[record("Lab", 5, "10.0.0.1")]);
        listing.doubt(now);
        assert!(listing.look_is_due(now));
        listing.look_again(now);
        listing.heard(record("Lab", 5, "10.0.0.1"), &Networks::default());
        listing.gone("Lab", now);
        assert!(!listing.look_is_due(now + PAUSE));
        assert_eq!(listing.settle(now + LOOK, &Networks::default()), [BrowseNews::Lost("Lab".into())]);
        assert!(listing.look_is_due(now + LOOK));
    }

    #[test]
    fn a_flood_of_names_is_not_kept() {
        let (mut listing, _) = listing(&[]);
        for i in 0..2 * MOST_INSTANCES {
            listing.heard(record(&i.to_string(), 5, "10.0.0.1"), &Networks::default());
        }
        assert_eq!(listing.known.len(), MOST_INSTANCES);
    }
}
