//! What is known of the instances on the network. Pure: the hub tells it what mdns-sd told, and what time it is.
//!
//! It outlives mdns-sd's cache, which the hub throws away when records are in doubt (see `Hub::refresh`).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::names::same;
use super::{BrowseNews, Found};

/// More instances are not kept: a record is anybody's word.
const MOST_INSTANCES: usize = 1024;

/// mdns-sd also calls an instance removed whose host has lost its addresses, as when another server on that host said goodbye for both.
/// It then asks for them after 200 and 600 ms.
const GRACE: Duration = Duration::from_millis(800);

/// How long after a refresh instances may be called removed only because their records come back one by one.
const UNSETTLED: Duration = Duration::from_secs(2);

/// What they then get.
const UNSETTLED_GRACE: Duration = Duration::from_secs(3);

/// The part of a SRV record by which two instances of one name are told apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The host's full name.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Target {
    /// One with the host in lower case, as DNS compares.
    pub fn new(host: &str, port: u16) -> Self {
        Self { host: host.to_ascii_lowercase(), port }
    }
}

struct Instance {
    target: Target,
    addresses: Vec<SocketAddr>,
    confirmed: Instant,
    /// Lost then, unless it is confirmed before.
    doubted: Option<Instant>,
}

impl Instance {
    fn found(&self, name: &str) -> BrowseNews {
        BrowseNews::Found(Found { name: name.to_owned(), port: self.target.port, addresses: self.addresses.clone() })
    }
}

/// See the module.
#[derive(Default)]
pub struct Instances {
    known: BTreeMap<String, Instance>,
    /// Names that somebody has, whole or not, and when that was last heard.
    claimed: BTreeMap<String, Instant>,
    refreshed: Option<Instant>,
}

impl Instances {
    /// Somebody has `name`; where, is not known yet.
    pub fn claimed(&mut self, name: &str, now: Instant) {
        if self.claimed.len() < MOST_INSTANCES || self.claimed.contains_key(name) {
            self.claimed.insert(name.to_owned(), now);
        }
    }

    /// Records of `name` have come that make it whole.
    pub fn resolved(&mut self, name: &str, target: Target, addresses: Vec<SocketAddr>, now: Instant) -> Option<BrowseNews> {
        let is_new = match self.known.get(name) {
            Some(known) => known.target.port != target.port || known.addresses != addresses,
            None if self.known.len() < MOST_INSTANCES => true,
            None => return None,
        };
        let instance = Instance { target, addresses, confirmed: now, doubted: None };
        let news = is_new.then(|| instance.found(name));
        self.known.insert(name.to_owned(), instance);
        news
    }

    /// mdns-sd says that `name` is no longer there: it is lost soon, unless it is confirmed.
    pub fn removed(&mut self, name: &str, now: Instant) {
        self.claimed.remove(name);
        let unsettled = self.refreshed.is_some_and(|at| now < at + UNSETTLED);
        self.doubt(name, now + if unsettled { UNSETTLED_GRACE } else { GRACE });
    }

    /// Unless `name` is confirmed before `until`, it is lost then.
    pub fn doubt(&mut self, name: &str, until: Instant) {
        if let Some(instance) = self.known.get_mut(name) {
            instance.doubted = Some(instance.doubted.map_or(until, |earlier| earlier.min(until)));
        }
    }

    /// mdns-sd has just been made to forget all and ask again.
    pub fn refreshed(&mut self, now: Instant) {
        self.refreshed = Some(now);
    }

    /// Those whose time to be confirmed is over.
    pub fn expire(&mut self, now: Instant) -> Vec<BrowseNews> {
        let mut lost = Vec::new();
        self.known.retain(|name, instance| {
            let is_over = instance.doubted.is_some_and(|until| until <= now);
            if is_over {
                lost.push(BrowseNews::Lost(name.clone()));
            }
            !is_over
        });
        lost
    }

    /// When [`Instances::expire`] has something to do next.
    pub fn next_expiry(&self) -> Option<Instant> {
        self.known.values().filter_map(|instance| instance.doubted).min()
    }

    /// All, as news for a listener that has just come.
    pub fn all(&self) -> Vec<BrowseNews> {
        self.known.iter().map(|(name, instance)| instance.found(name)).collect()
    }

    /// Names of all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }

    /// Whether anything was ever heard of `name` and not of its end.
    pub fn knows(&self, name: &str) -> bool {
        self.names().chain(self.claimed.keys().map(String::as_str)).any(|known| same(known, name))
    }

    /// Whether somebody else was heard to have `name` since then.
    pub fn is_taken(&self, name: &str, own: &Target, since: Instant) -> bool {
        let is_own = self.known.iter().any(|(known, instance)| same(known, name) && instance.confirmed >= since && instance.target == *own);
        let is_claimed = self.claimed.iter().any(|(claimed, heard)| same(claimed, name) && *heard >= since);
        (is_claimed && !is_own) || self.rival(name, own).is_some_and(|(_, confirmed)| confirmed >= since)
    }

    /// An instance called `name` that is somebody else's, with the last time it was confirmed.
    pub fn rival(&self, name: &str, own: &Target) -> Option<(&Target, Instant)> {
        let mut others = self.known.iter().filter(|(known, instance)| same(known, name) && instance.target != *own);
        others.next().map(|(_, instance)| (&instance.target, instance.confirmed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn resolve(instances: &mut Instances, name: &str, port: u16, now: Instant) -> bool {
        let addresses = vec![SocketAddr::from(([127, 0, 0, 1], port))];
        instances.resolved(name, Target::new("VM.local.", port), addresses, now).is_some()
    }

    #[test]
    fn the_same_again_is_no_news_but_another_port_is() {
        let (mut instances, now) = (Instances::default(), Instant::now());
        assert!(resolve(&mut instances, "Lab", 5, now));
        assert!(!resolve(&mut instances, "Lab", 5, now));
        assert!(resolve(&mut instances, "Lab", 6, now));
    }

    #[test]
    fn what_is_removed_is_lost_soon_and_later_in_the_wake_of_a_refresh() {
        let (mut instances, now) = (Instances::default(), Instant::now());
        resolve(&mut instances, "Lab", 5, now);
        instances.removed("Lab", now);
        assert_eq!(instances.expire(now), []);
        assert!(!resolve(&mut instances, "Lab", 5, now));
        assert_eq!(instances.expire(now + SECOND), []);
        instances.removed("Lab", now);
        assert_eq!(instances.expire(now + SECOND), [BrowseNews::Lost("Lab".into())]);
        resolve(&mut instances, "Lab", 5, now);
        instances.refreshed(now);
        instances.removed("Lab", now + SECOND);
        assert_eq!(instances.expire(now + 3 * SECOND), []);
        assert_eq!(instances.expire(now + 4 * SECOND), [BrowseNews::Lost("Lab".into())]);
    }

    #[test]
    fn what_is_doubted_is_lost_unless_confirmed() {
        let (mut instances, now) = (Instances::default(), Instant::now());
        for name in ["a", "b"] {
            resolve(&mut instances, name, 5, now);
            instances.doubt(name, now + SECOND);
            instances.doubt(name, now + 5 * SECOND);
        }
        assert_eq!(instances.next_expiry(), Some(now + SECOND));
        assert!(!resolve(&mut instances, "b", 5, now));
        assert_eq!(instances.expire(now + SECOND), [BrowseNews::Lost("a".into())]);
        assert_eq!(instances.next_expiry(), None);
        assert_eq!(instances.all().len(), 1);
    }

    #[test]
    fn a_rival_has_the_name_in_any_case_and_another_target() {
        let (mut instances, now) = (Instances::default(), Instant::now());
        resolve(&mut instances, "Lab", 5, now);
        assert!(instances.rival("lab", &Target::new("vm.local.", 5)).is_none());
        assert!(instances.rival("LAB", &Target::new("vm.local.", 6)).is_some());
        assert!(instances.rival("Lab", &Target::new("vm-2.local.", 5)).is_some());
        assert!(instances.rival("Lab 2", &Target::new("vm.local.", 6)).is_none());
    }

    #[test]
    fn a_name_is_taken_by_whoever_was_heard_of_last_even_without_an_address() {
        let (mut instances, now) = (Instances::default(), Instant::now());
        let own = Target::new("vm.local.", 5);
        instances.claimed("LAB", now);
        assert!(instances.knows("Lab") && instances.is_taken("Lab", &own, now));
        assert!(!instances.is_taken("Lab", &own, now + SECOND) && !instances.is_taken("Lab 2", &own, now));
        resolve(&mut instances, "LAB", 5, now);
        assert!(!instances.is_taken("Lab", &own, now));
        resolve(&mut instances, "LAB", 6, now);
        assert!(instances.is_taken("Lab", &own, now));
        instances.removed("LAB", now);
        instances.expire(now + SECOND);
        assert!(!instances.knows("Lab") && !instances.is_taken("Lab", &own, now));
    }

    #[test]
    fn a_flood_of_names_is_not_kept() {
        let (mut instances, now) = (Instances::default(), Instant::now());
        for i in 0..2 * MOST_INSTANCES {
            resolve(&mut instances, &i.to_string(), 5, now);
        }
        assert_eq!(instances.all().len(), MOST_INSTANCES);
        assert!(resolve(&mut instances, "0", 6, now));
    }
}
