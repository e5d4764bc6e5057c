//! Where the server is: at a given endpoint, or wherever discovery says that a name is.

use std::time::{Duration, Instant};

use crate::browser::ServerInfo;
use crate::dispatch::DetachedThread;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::endpoint::{Endpoint, Host};
use crate::transport::{self, reach};

/// Any server will do.
const ANY: &str = "*";

/// How long the addresses of a name are tried.
const REACH_TIMEOUT: Duration = Duration::from_secs(2);

/// See the module.
pub struct Target {
    given: Option<Endpoint>,
    follow: Option<String>,
    listed: Vec<(String, Endpoint)>,
    resolving: bool,
    next_resolve: Instant,
}

impl Target {
    pub fn new(given: Option<Endpoint>, follow: Option<&str>) -> Self {
        // Servers with longer names announce them cut.
        let follow = follow.map(|name| crate::discovery::instance_name(name).to_owned());
        Self { given, follow, listed: Vec::new(), resolving: false, next_resolve: Instant::now() }
    }

    fn follows(&self, name: &str) -> bool {
        self.follow.as_deref().is_some_and(|wanted| wanted == ANY || wanted == name)
    }

    /// Discovery has found a server; the endpoint, if it is one to follow.
    pub fn found(&mut self, server: &ServerInfo) -> Option<Endpoint> {
        let endpoint = Endpoint::parse(&server.endpoint).ok().filter(|_| self.follows(&server.name))?;
        self.listed.retain(|(name, _)| *name != server.name);
        self.listed.push((server.name.clone(), endpoint.clone()));
        Some(endpoint)
    }

    /// Discovery says that a server has gone.
    pub fn gone(&mut self, server: &ServerInfo) {
        self.listed.retain(|(name, _)| *name != server.name);
    }

    /// Where to try next when `current` does not answer: the places that are known, in turn.
    pub fn next_place(&self, current: Option<&Endpoint>) -> Option<Endpoint> {
        let given = self.given.iter().filter(|given| !given.host.is_name());
        let places: Vec<&Endpoint> = given.chain(self.listed.iter().map(|(_, endpoint)| endpoint)).collect();
        let after = places.iter().position(|place| Some(*place) == current).map_or(0, |at| at + 1);
        places.get(after).or(places.first()).map(|place| (*place).clone())
    }

    /// The given endpoint is a name that is to be resolved, now or anew: `report` is told of what came of it, on another thread.
    pub fn resolve_if_due(&mut self, now: Instant, report: impl FnOnce(Result<Endpoint>) + Send + 'static) -> Result<()> {
        let Some(Endpoint { host: Host::Name(name), port }) = &self.given else { return Ok(()) };
        if self.resolving || now < self.next_resolve {
            return Ok(());
        }
        let (name, port) = (name.clone(), *port);
        self.next_resolve = now + Duration::from_secs(1);
        std::thread::Builder::new()
            .name("kinect2-resolve".to_owned())
            .spawn(move || {
                let _running = DetachedThread::new();
                report(reachable_endpoint(&name, port));
            })
            .map_err(|e| Error::new(ErrorKind::OutOfMemory, format!("cannot start a thread to resolve a name: {e}")))?;
        self.resolving = true;
        Ok(())
    }

    /// The name was resolved, or not; it is tried again in a while.
    pub fn resolved(&mut self, now: Instant) {
        self.resolving = false;
        self.next_resolve = now + Duration::from_secs(1);
    }

    /// When a name is to be resolved anew.
    pub fn next_timer(&self) -> Option<Instant> {
        let named = self.given.as_ref().is_some_and(|given| given.host.is_name());
        (named && !self.resolving).then_some(self.next_resolve)
    }

    /// What is being looked for, for messages.
    pub fn describe(&self) -> String {
        match (&self.given, self.follow.as_deref()) {
            (Some(given), _) => given.to_string(),
            (None, Some(ANY) | None) => "any server that announces itself".to_owned(),
            (None, Some(name)) => format!("a server named \"{name}\""),
        }
    }
}

/// The address of a named host that accepts connections: libzmq gets numeric ones only, and which of several works is found out here.
fn reachable_endpoint(name: &str, port: u16) -> Result<Endpoint> {
    let addresses = reach::resolve(name, port)?;
    reach::first_reachable(&addresses, REACH_TIMEOUT).map(transport::endpoint_of)
}

/// Where a stream's frames come from: the advertised port, at a host that this client can reach.
pub fn stream_endpoint(control: &Endpoint, advertised: &Endpoint, speaks_extension: bool) -> Endpoint {
    let host = &advertised.host;
    let unusable = host.is_wildcard() || host.is_name() || host.is_link_local() || (host.is_loopback() && !control.host.is_loopback());
    let host = if speaks_extension || unusable { control.host.clone() } else { host.clone() };
    Endpoint { host, port: advertised.port }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::parse(text).unwrap()
    }

    #[test]
    fn streams_are_looked_for_where_they_can_be_reached() {
        let control = endpoint("tcp://192.168.1.4:1000");
        for (advertised, ours, expected) in [
            ("tcp://10.0.0.1:2", true, "tcp://192.168.1.4:2"),
            ("tcp://10.0.0.1:2", false, "tcp://10.0.0.1:2"),
            ("tcp://vm.local:2", false, "tcp://192.168.1.4:2"),
            ("tcp://0.0.0.0:2", false, "tcp://192.168.1.4:2"),
            ("tcp://127.0.0.1:2", false, "tcp://192.168.1.4:2"),
            ("tcp://169.254.3.4:2", false, "tcp://192.168.1.4:2"),
            ("tcp://[fe80::1]:2", false, "tcp://192.168.1.4:2"),
        ] {
            assert_eq!(stream_endpoint(&control, &endpoint(advertised), ours), endpoint(expected), "{advertised}");
        }
        let here = endpoint("tcp://127.0.0.1:1000");
        assert_eq!(stream_endpoint(&here, &endpoint("tcp://127.0.0.2:2"), false), endpoint("tcp://127.0.0.2:2"));
        let zone = endpoint("tcp://[fe80::1%eth0]:1000");
        assert_eq!(stream_endpoint(&zone, &endpoint("tcp://[fe80::1]:2"), false), endpoint("tcp://[fe80::1%eth0]:2"));
    }
}
