//! Which servers are listed, by what multicast DNS says and by who accepts connections. Pure: the worker tells it what happened and when.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::ServerInfo;
use super::mailbox::Change;
use crate::discovery::Found;
use crate::transport::reach::HEAD_START;

/// From one look at a listed server to the next.
const PERIOD: Duration = Duration::from_secs(3);

/// The same of one that is not listed, because it does not answer: when a cable is back, it soon is.
const RETRY: Duration = Duration::from_secs(1);

/// How long a look may take: two in a row that fail must be over within ten seconds of the server's end.
pub const LOOK_TIMEOUT: Duration = Duration::from_millis(2500);

/// So many failures in a row, and a server counts as gone.
const PATIENCE: u32 = 2;

/// The head start of the address that a listed server has over its others: it shall not change for a slow answer.
const INCUMBENT: Duration = Duration::from_secs(1);

/// A look to be taken: connect to any of the addresses.
#[derive(Debug, PartialEq, Eq)]
pub struct Look {
    /// The server.
    pub name: String,
    /// Where it may be, the most promising first.
    pub addresses: Vec<SocketAddr>,
    /// Of each address over the next.
    pub head_start: Duration,
}

/// What a failure leads to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The server is no longer listed.
    pub change: Option<Change>,
    /// Multicast DNS should ask whether its records still hold.
    pub verify: bool,
}

struct Server {
    found: Found,
    listed: Option<(SocketAddr, ServerInfo)>,
    failures: u32,
    /// When to look next; none: a look is being taken.
    due: Option<Instant>,
    /// When the last look began.
    looked: Instant,
}

/// See the module.
#[derive(Default)]
pub struct List {
    servers: BTreeMap<String, Server>,
}

impl List {
    /// A server is announced, or announced with another port or other addresses. True: it is to be looked at at once, instead of a look
    /// that is being taken. Not so one that is listed at an address that still holds: news of its other addresses must not make two
    /// failures of one.
    pub fn found(&mut self, found: Found, now: Instant) -> bool {
        let server = self.servers.entry(found.name.clone()).or_insert_with(|| Server {
            found: found.clone(),
            listed: None,
            failures: 0,
            due: None,
            looked: now,
        });
        server.found = found;
        let look = !server.is_where_it_was();
        if look {
            server.failures = 0;
            server.due = Some(now);
        }
        look
    }

    /// Its records are gone.
    pub fn lost(&mut self, name: &str) -> Option<Change> {
        let (_, info) = self.servers.remove(name)?.listed?;
        Some(Change::Remove(info))
    }

    /// The looks that are due, at most `most`.
    pub fn due(&mut self, now: Instant, most: usize) -> Vec<Look> {
        let due = self.servers.iter_mut().filter(|(_, server)| server.due.is_some_and(|due| due <= now));
        // Those that have waited longest, so that many servers that do not answer never keep another from its turn.
        let mut due: Vec<_> = due.collect();
        due.sort_by_key(|(_, server)| server.due);
        due.into_iter().take(most).map(|(name, server)| server.look(name, now)).collect()
    }

    /// When the next look is due.
    pub fn next_due(&self) -> Option<Instant> {
        self.servers.values().filter_map(|server| server.due).min()
    }

    /// A look has ended: `address` accepted; `endpoint`: that in writing.
    pub fn reached(&mut self, name: &str, address: SocketAddr, endpoint: String) -> Vec<Change> {
        let Some(server) = self.servers.get_mut(name) else { return Vec::new() };
        server.due = Some(server.looked + PERIOD);
        if server.listed.as_ref().is_some_and(|(listed, _)| *listed == address) {
            server.failures = 0;
            return Vec::new();
        }
        if server.is_where_it_was() && server.failures + 1 < PATIENCE {
            // Another address of the same server: one missed answer is no reason to move.
            server.failures += 1;
            return Vec::new();
        }
        server.failures = 0;
        let info = ServerInfo { name: name.to_owned(), endpoint };
        let old = server.listed.replace((address, info.clone()));
        let removed = old.map(|(_, info)| Change::Remove(info));
        removed.into_iter().chain([Change::Add(info)]).collect()
    }

    /// A look has ended: no address accepted.
    pub fn failed(&mut self, name: &str) -> Failure {
        let Some(server) = self.servers.get_mut(name) else { return Failure::default() };
        server.failures = server.failures.saturating_add(1);
        let is_over = server.failures == PATIENCE;
        let removed = if is_over { server.listed.take() } else { None };
        server.due = Some(server.looked + if server.listed.is_some() { PERIOD } else { RETRY });
        Failure { change: removed.map(|(_, info)| Change::Remove(info)), verify: is_over }
    }
}

impl Server {
    /// Whether it is listed under an address that its records still name.
    fn is_where_it_was(&self) -> bool {
        self.listed.as_ref().is_some_and(|(address, _)| self.found.addresses.contains(address))
    }

    fn look(&mut self, name: &str, now: Instant) -> Look {
        self.due = None;
        self.looked = now;
        let mut addresses = self.found.addresses.clone();
        let mut head_start = HEAD_START;
        if let Some((listed, _)) = &self.listed
            && self.is_where_it_was()
        {
            addresses.retain(|address| address != listed);
            addresses.insert(0, *listed);
            head_start = INCUMBENT;
        }
        Look { name: name.to_owned(), addresses, head_start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, host], port))
    }

    fn info(host: u8, port: u16) -> ServerInfo {
        ServerInfo { name: "Lab".into(), endpoint: endpoint(host, port) }
    }

    fn endpoint(host: u8, port: u16) -> String {
        format!("tcp://10.0.0.{host}:{port}")
    }

    fn found(hosts: &[u8], port: u16) -> Found {
        Found { name: "Lab".into(), port, addresses: hosts.iter().map(|host| address(*host, port)).collect() }
    }

    struct Network(List, Instant);

    impl Network {
        fn new() -> Self {
            Self(List::default(), Instant::now())
        }

        fn at(&self, seconds: f64) -> Instant {
            self.1 + Duration::from_secs_f64(seconds)
        }

        fn look(&mut self, seconds: f64) -> Option<Vec<SocketAddr>> {
            let looks = self.0.due(self.at(seconds), 9);
            assert!(looks.len() < 2);
            looks.into_iter().next().map(|look| look.addresses)
        }

        fn reached(&mut self, host: u8, port: u16) -> Vec<Change> {
            self.0.reached("Lab", address(host, port), endpoint(host, port))
        }

        fn listed() -> Self {
            let mut network = Self::new();
            network.0.found(found(&[1, 2], 5), network.1);
            network.look(0.0);
            assert_eq!(network.reached(1, 5), [Change::Add(info(1, 5))]);
            network
        }
    }

    #[test]
    fn a_server_is_listed_when_it_accepts_and_looked_at_every_three_seconds() {
        let mut network = Network::new();
        network.0.found(found(&[1, 2], 5), network.1);
        assert_eq!(network.look(0.0), Some(vec![address(1, 5), address(2, 5)]));
        assert_eq!((network.look(9.0), network.0.next_due()), (None, None));
        assert_eq!(network.reached(2, 5), [Change::Add(info(2, 5))]);
        assert_eq!(network.0.next_due(), Some(network.at(3.0)));
        assert_eq!(network.look(2.9), None);
        assert_eq!(network.look(3.1), Some(vec![address(2, 5), address(1, 5)]));
        assert_eq!(network.reached(2, 5), []);
        assert_eq!(network.0.next_due(), Some(network.at(6.1)));
    }

    #[test]
    fn two_failures_in_a_row_remove_it_and_an_answer_brings_it_back() {
        let mut network = Network::listed();
        assert_eq!(network.0.failed("Lab"), Failure::default());
        assert_eq!(network.reached(1, 5), []);
        assert_eq!(network.0.failed("Lab"), Failure::default());
        assert!(network.look(3.0).is_some());
        assert_eq!(network.0.failed("Lab"), Failure { change: Some(Change::Remove(info(1, 5))), verify: true });
        assert_eq!(network.0.next_due(), Some(network.at(4.0)));
        assert!(network.look(4.0).is_some());
        assert_eq!(network.0.failed("Lab"), Failure::default());
        assert_eq!(network.0.next_due(), Some(network.at(5.0)));
        assert!(network.look(60.0).is_some());
        assert_eq!(network.reached(1, 5), [Change::Add(info(1, 5))]);
    }

    #[test]
    fn a_new_port_is_one_remove_and_one_add_as_soon_as_it_accepts() {
        let mut network = Network::listed();
        assert!(network.0.found(found(&[1, 2], 6), network.at(1.0)));
        assert_eq!(network.look(1.0), Some(vec![address(1, 6), address(2, 6)]));
        assert_eq!(network.reached(2, 6), [Change::Remove(info(1, 5)), Change::Add(info(2, 6))]);
    }

    #[test]
    fn an_address_that_answers_late_once_is_kept() {
        let mut network = Network::listed();
        assert_eq!(network.reached(2, 5), []);
        assert_eq!(network.reached(1, 5), []);
        assert_eq!(network.reached(2, 5), []);
        assert_eq!(network.reached(2, 5), [Change::Remove(info(1, 5)), Change::Add(info(2, 5))]);
    }

    #[test]
    fn more_addresses_are_no_change() {
        let mut network = Network::listed();
        assert!(!network.0.found(found(&[3, 1], 5), network.at(1.0)));
        assert_eq!(network.look(1.0), None);
        assert_eq!(network.look(3.0), Some(vec![address(1, 5), address(3, 5)]));
        assert_eq!(network.reached(1, 5), []);
    }

    #[test]
    fn a_goodbye_removes_it_at_once_and_a_late_look_changes_nothing() {
        let mut network = Network::listed();
        assert_eq!(network.0.lost("Lab"), Some(Change::Remove(info(1, 5))));
        assert_eq!(network.0.lost("Lab"), None);
        assert_eq!(network.reached(1, 5), []);
        assert_eq!(network.0.failed("Lab"), Failure::default());
    }
}
