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

/// mdns-sd does not notice that an instance is whole when a record of it comes back just before it would have expired: its cache has to be
/// read again, so long before an instance in doubt is given up ...
const LAST_CHANCE: Duration = Duration::from_millis(300);

/// ... and for one that has a name and nothing else after this time, then after twice as long, up to a minute.
const INCOMPLETE: Duration = Duration::from_secs(2);

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
    doubt: Option<Doubt>,
}

struct Doubt {
    /// Lost then, unless it is confirmed before.
    until: Instant,
    /// When to read the cache again for it.
    reread: Option<Instant>,
}

/// A name that somebody has.
struct Claim {
    heard: Instant,
    reread: Instant,
    pause: Duration,
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
    /// Names that somebody has, whole or not.
    claimed: BTreeMap<String, Claim>,
    refreshed: Option<Instant>,
}

impl Instances {
    /// Somebody has `name`; where, is not known yet.
    pub fn claimed(&mut self, name: &str, now: Instant) {
        if let Some(claim) = self.claimed.get_mut(name) {
            claim.heard = now;
        } else if self.claimed.len() < MOST_INSTANCES {
            self.claimed.insert(name.to_owned(), Claim { heard: now, reread: now + INCOMPLETE, pause: INCOMPLETE });
        }
    }

    /// Records of `name` have come that make it whole.
    pub fn resolved(&mut self, name: &str, target: Target, addresses: Vec<SocketAddr>, now: Instant) -> Option<BrowseNews> {
        let is_new = match self.known.get(name) {
            Some(known) => known.target.port != target.port || known.addresses != addresses,
            None if self.known.len() < MOST_INSTANCES => true,
            None => return None,
        };
        let instance = Instance { target, addresses, confirmed: now, doubt: None };
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
        if let Some(instance) = self.known.get_mut(name)
            && instance.doubt.as_ref().is_none_or(|doubt| until < doubt.until)
        {
            instance.doubt = Some(Doubt { until, reread: Some(until - LAST_CHANCE) });
        }
    }

    /// mdns-sd has just been made to forget all and ask again.
    pub fn refreshed(&mut self, now: Instant) {
        self.refreshed = Some(now);
        self.claimed.clear();
    }

    /// Those whose time to be confirmed is over.
    pub fn expire(&mut self, now: Instant) -> Vec<BrowseNews> {
        let mut lost = Vec::new();
        self.known.retain(|name, instance| {
            let is_over = instance.doubt.as_ref().is_some_and(|doubt| doubt.until <= now);
            if is_over {
                lost.push(BrowseNews::Lost(name.clone()));
            }
            !is_over
        });
        lost
    }

    /// Whether mdns-sd should read its cache again now.
    pub fn rereads(&mut self, now: Instant) -> bool {
        let mut due = false;
        for doubt in self.known.values_mut().filter_map(|instance| instance.doubt.as_mut()) {
            due |= doubt.reread.take_if(|reread| *reread <= now).is_some();
        }
        for claim in self.claimed.iter_mut().filter(|(name, _)| !self.known.contains_key(*name)).map(|(_, claim)| claim) {
            if claim.reread <= now {
                claim.pause = (claim.pause * 2).min(Duration::from_secs(60));
                claim.reread = now + claim.pause;
                due = true;
            }
        }
        due
    }

    /// When [`Instances::expire`] or [`Instances::rereads`] has something to do next.
    pub fn next_due(&self) -> Option<Instant> {
        let doubts = self.known.values().filter_map(|instance| instance.doubt.as_ref());
        let doubts = doubts.map(|doubt| doubt.reread.unwrap_or(doubt.until));
        let claims = self.claimed.iter().filter(|(name, _)| !self.known.contains_key(*name)).map(|(_, claim)| claim.reread);
        doubts.chain(claims).min()
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
        let is_claimed = self.claimed.iter().any(|(claimed, claim)| same(claimed, name) && claim.heard >= since);
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
        assert_eq!(instances.next_due(), Some(now + SECOND - LAST_CHANCE));
        assert!(!instances.rereads(now) && instances.rereads(now + SECOND - LAST_CHANCE));
        assert_eq!(instances.next_due(), Some(now + SECOND));
        assert!(!resolve(&mut instances, "b", 5, now));
        assert_eq!(instances.expire(now + SECOND), [BrowseNews::Lost("a".into())]);
        assert_eq!(instances.next_due(), None);
        assert_eq!(instances.all().len(), 1);
    }

    #[test]
    fn a_name_without_records_has_the_cache_read_again_ever_more_rarely() {
        let (mut instances, now) = (Instances::default(), Instant::now());
        instances.claimed("Lab", now);
        let mut times = Vec::new();
        while times.len() < 7 {
            let due = instances.next_due().unwrap();
            assert!(instances.rereads(due));
            instances.claimed("Lab", due);
            times.push((due - now).as_secs());
        }
        assert_eq!(times, [2, 6, 14, 30, 62, 122, 182]);
        resolve(&mut instances, "Lab", 5, now);
        assert_eq!(instances.next_due(), None);
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
