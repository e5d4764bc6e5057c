//! Discovery between two hosts, the same tests for each kind of it. They need the network that `tests/discovery/run.sh` makes, which runs
//! them; what the other host does is done by this program too, started there by the tests.
#![cfg(all(unix, feature = "system-discovery"))]

use std::io::{BufRead, BufReader, Read};
use std::net::{IpAddr, TcpListener};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use streamkinect2::browser::{Browser, BrowserOptions};
use streamkinect2::discovery::{self, AnnounceNews, Announced, Announcement, DiscoveryKind};
use streamkinect2::dispatch::{EventKind, Patience, Polled};
use streamkinect2::error::ErrorKind;

const SECOND: Duration = Duration::from_secs(1);

fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: this is run by tests/discovery/run.sh"))
}

fn kind() -> DiscoveryKind {
    match setting("KINECT2_TEST_DISCOVERY").as_str() {
        "system" => DiscoveryKind::System,
        "embedded" => DiscoveryKind::Embedded,
        _ => DiscoveryKind::Auto,
    }
}

/// A command on the other host.
fn over_there(program: &str) -> Command {
    let prefix = setting("KINECT2_TEST_OTHER_HOST");
    let mut words = prefix.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    command.args(words).arg(program).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// A port on all interfaces that accepts connections.
fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("[::]:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn announce(name: &str, port: u16, address: Option<IpAddr>) -> (Box<dyn Announced>, Receiver<AnnounceNews>) {
    let (sender, news) = channel();
    let announcement = Announcement { name: name.into(), port, address };
    let discovery = discovery::open(kind()).unwrap();
    (discovery.announce(&announcement, Arc::new(move |news| drop(sender.send(news)))).unwrap(), news)
}

/// The name under which it is announced at last.
fn final_name(name: &str, news: &Receiver<AnnounceNews>) -> String {
    let mut name = name.to_owned();
    loop {
        match news.recv_timeout(10 * SECOND).expect("announced") {
            AnnounceNews::Announced => return name,
            AnnounceNews::Renamed(new) => name = new,
            AnnounceNews::Failed(error) => panic!("{error}"),
        }
    }
}

/// A server on the other host: an announced port that accepts connections.
struct Peer {
    child: Child,
    until_end: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    name: String,
    port: u16,
}

impl Peer {
    fn serve(name: &str) -> Self {
        let mut command = over_there(std::env::current_exe().unwrap().to_str().unwrap());
        command.args(["--exact", "what_the_other_host_runs", "--ignored", "--nocapture"]);
        let mut child = command.env("KINECT2_TEST_SERVE", name).spawn().unwrap();
        let (until_end, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut peer = Self { child, until_end, output, name: String::new(), port: 0 };
        let line = peer.line("serving ");
        let (port, name) = line.split_once(' ').unwrap();
        (peer.port, peer.name) = (port.parse().unwrap(), name.to_owned());
        peer
    }

    /// The rest of the next line that begins so.
    fn line(&mut self, beginning: &str) -> String {
        for line in self.output.by_ref().lines() {
            // The harness writes "test ... " before what the test prints.
            if let Some((_, rest)) = line.unwrap().split_once(beginning) {
                return rest.to_owned();
            }
        }
        panic!("the other host's program ended before it said \"{beginning}\"");
    }

    fn end(mut self) {
        drop(self.until_end.take());
        assert!(self.child.wait().unwrap().success());
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
#[ignore = "the tests run it"]
fn what_the_other_host_runs() {
    let name = setting("KINECT2_TEST_SERVE");
    let (_listener, port) = listen();
    let (_announced, news) = announce(&name, port, None);
    println!("serving {port} {}", final_name(&name, &news));
    let _ = std::io::stdin().read(&mut [0]);
}

struct Watched {
    browser: Browser,
    name: &'static str,
}

impl Watched {
    fn start(name: &'static str) -> Self {
        let browser = Browser::new(BrowserOptions { discovery: kind(), ..BrowserOptions::default() }).unwrap();
        browser.start().unwrap();
        Self { browser, name }
    }

    /// The next change of the server's listing; its endpoint's port.
    fn next(&self, patience: Duration) -> Option<(EventKind, u16)> {
        let deadline = Instant::now() + patience;
        loop {
            match self.browser.next_event(Patience::For(deadline.saturating_duration_since(Instant::now()))) {
                Polled::Ready(event) if event.id == self.name => {
                    return Some((event.kind, event.text.rsplit(':').next().unwrap().parse().unwrap()));
                }
                Polled::Ready(event) => assert_ne!(event.kind, EventKind::Error, "{}", event.text),
                Polled::TimedOut | Polled::Closed => return None,
            }
        }
    }

    /// The next change is this one, and soon.
    #[track_caller]
    fn expect(&self, kind: EventKind, port: u16, patience: Duration) {
        let start = Instant::now();
        assert_eq!(self.next(patience), Some((kind, port)), "\"{}\" within {patience:?}", self.name);
        println!("{kind:?} of \"{}\" after {:.1} s", self.name, start.elapsed().as_secs_f64());
    }

    #[track_caller]
    fn expect_nothing(&self, time: Duration) {
        assert_eq!(self.next(time), None, "\"{}\"", self.name);
    }
}

#[test]
#[ignore = "needs the network of tests/discovery/run.sh"]
fn a_server_is_one_add_and_one_remove_however_many_interfaces_and_families_see_it() {
    let watched = Watched::start("Far");
    let peer = Peer::serve("Far");
    watched.expect(EventKind::AddServer, peer.port, 5 * SECOND);
    watched.expect_nothing(4 * SECOND);
    let port = peer.port;
    peer.end();
    watched.expect(EventKind::RemoveServer, port, 6 * SECOND);
    watched.expect_nothing(2 * SECOND);
}

#[test]
#[ignore = "needs the network of tests/discovery/run.sh"]
fn a_server_that_was_there_before_is_found() {
    let peer = Peer::serve("Earlier");
    std::thread::sleep(SECOND);
    Watched::start("Earlier").expect(EventKind::AddServer, peer.port, 5 * SECOND);
    peer.end();
}

#[test]
#[ignore = "needs the network of tests/discovery/run.sh"]
fn of_two_hosts_with_one_name_the_second_is_renamed() {
    let peer = Peer::serve("Twin");
    assert_eq!(peer.name, "Twin");
    let (_listener, port) = listen();
    let (_announced, news) = announce("Twin", port, None);
    let name = final_name("Twin", &news);
    if kind() == DiscoveryKind::Embedded {
        assert_eq!(name, "Twin (2)");
    }
    // A daemon may miss the other's answer, and learn of it when both are announced: then one of the two gives way.
    let browser = Watched::start("Twin").browser;
    let port_of = |name: &str| browser.endpoint(name).ok()?.rsplit(':').next()?.parse().ok();
    let settled = |mut ports: [Option<u16>; 2]| {
        ports.sort_unstable();
        ports == [Some(port.min(peer.port)), Some(port.max(peer.port))]
    };
    let deadline = Instant::now() + 10 * SECOND;
    while !settled(["Twin", "Twin (2)"].map(port_of)) {
        assert!(Instant::now() < deadline, "{:?}", browser.servers());
        std::thread::sleep(SECOND / 20);
    }
    std::thread::sleep(3 * SECOND);
    assert!(settled(["Twin", "Twin (2)"].map(port_of)), "{:?}", browser.servers());
    peer.end();
}

#[test]
#[ignore = "needs the network of tests/discovery/run.sh"]
fn of_two_servers_of_one_host_the_second_is_renamed() {
    let ((_one, port_one), (_two, port_two)) = (listen(), listen());
    let (_first, news) = announce("Pair", port_one, None);
    assert_eq!(final_name("Pair", &news), "Pair");
    let (_second, news) = announce("Pair", port_two, None);
    assert_eq!(final_name("Pair", &news), "Pair (2)");
    Watched::start("Pair").expect(EventKind::AddServer, port_one, 5 * SECOND);
    Watched::start("Pair (2)").expect(EventKind::AddServer, port_two, 5 * SECOND);
}

#[test]
#[ignore = "needs the network of tests/discovery/run.sh"]
fn names_may_have_any_characters_but_control_characters() {
    let (_listener, port) = listen();
    let names = ["dotted. name.", "\"quoted\" back\\slash", "K\u{fc}che \u{1f4f7}", "a;b%c,d/e=f"];
    let announced: Vec<_> = names.iter().map(|name| announce(name, port, None)).collect();
    for ((_, news), name) in announced.iter().zip(names) {
        assert_eq!(final_name(name, news), name);
        Watched::start(name).expect(EventKind::AddServer, port, 5 * SECOND);
    }
    let bad = Announcement { name: "a\nb".into(), port, address: None };
    assert_eq!(discovery::open(kind()).unwrap().announce(&bad, Arc::new(|_| ())).err().unwrap().kind, ErrorKind::InvalidArgument);
}

#[test]
#[ignore = "needs the network of tests/discovery/run.sh"]
fn a_server_that_is_killed_is_removed_and_found_where_it_comes_back() {
    let peer = Peer::serve("Killed");
    let watched = Watched::start("Killed");
    watched.expect(EventKind::AddServer, peer.port, 5 * SECOND);
    let port = peer.port;
    peer.kill();
    watched.expect(EventKind::RemoveServer, port, 10 * SECOND);
    let peer = Peer::serve("Killed");
    assert_eq!(peer.name, "Killed");
    watched.expect(EventKind::AddServer, peer.port, 10 * SECOND);
    peer.end();
}

#[test]
#[ignore = "needs the network of tests/discovery/run.sh"]
fn who_is_bound_to_one_address_is_listed_there() {
    let address: IpAddr = setting("KINECT2_TEST_ADDRESS").parse().unwrap();
    let listener = TcpListener::bind((address, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let announcement = Announcement { name: "Bound".into(), port, address: Some(address) };
    if kind() == DiscoveryKind::System {
        let refused = discovery::open(kind()).unwrap().announce(&announcement, Arc::new(|_| ())).err().unwrap();
        assert_eq!(refused.kind, ErrorKind::Unsupported);
        return;
    }
    let (_announced, news) = announce("Bound", port, Some(address));
    assert_eq!(final_name("Bound", &news), "Bound");
    // The host's name has other addresses too, told by others that serve on all of them: what is listed is where the server is.
    let watched = Watched::start("Bound");
    watched.expect(EventKind::AddServer, port, 5 * SECOND);
    assert_eq!(watched.browser.endpoint("Bound").unwrap(), format!("tcp://{address}:{port}"));
    watched.expect_nothing(4 * SECOND);
}

#[test]
#[ignore = "needs the network of tests/discovery/run.sh"]
fn avahis_own_tools_see_and_are_seen() {
    let (_listener, port) = listen();
    let (_announced, news) = announce("For avahi-browse", port, None);
    final_name("For avahi-browse", &news);
    let deadline = Instant::now() + 5 * SECOND;
    loop {
        let output = over_there("avahi-browse").args(["-rpt", "_kinect2._tcp"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        if text.lines().any(|line| line.starts_with("=;") && line.contains(&format!(";{port};")) && line.contains("avahi-browse")) {
            break;
        }
        assert!(Instant::now() < deadline, "{text}");
    }
    // The service type alone is announced: its port accepts nothing until something listens there.
    let peer = Peer::serve("To keep a port open");
    let published = &mut over_there("avahi-publish").args(["-s", "From avahi-publish", "_kinect2._tcp", &peer.port.to_string()]).spawn();
    let published = published.as_mut().unwrap();
    let watched = Watched::start("From avahi-publish");
    watched.expect(EventKind::AddServer, peer.port, 6 * SECOND);
    published.kill().unwrap();
    published.wait().unwrap();
    watched.expect(EventKind::RemoveServer, peer.port, 6 * SECOND);
    peer.end();
}

/// python-zeroconf on the other host.
fn zeroconf_peer(command: &str, name: &str, port: u16) -> Child {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discovery/zeroconf_peer.py");
    over_there(&setting("KINECT2_TEST_PYTHON")).args([program, command, name, &port.to_string()]).spawn().unwrap()
}

#[test]
#[ignore = "needs the network of tests/discovery/run.sh"]
fn python_zeroconf_sees_and_is_seen() {
    let (_listener, port) = listen();
    let (_announced, news) = announce("For Python", port, None);
    final_name("For Python", &news);
    assert!(zeroconf_peer("find", "For Python", port).wait().unwrap().success());
    let peer = Peer::serve("To keep another port open");
    let mut published = zeroconf_peer("announce", "From Python", peer.port);
    let watched = Watched::start("From Python");
    watched.expect(EventKind::AddServer, peer.port, 6 * SECOND);
    drop(published.stdin.take());
    assert!(published.wait().unwrap().success());
    watched.expect(EventKind::RemoveServer, peer.port, 6 * SECOND);
    peer.end();
}

#[test]
#[ignore = "needs the network of tests/discovery/run.sh, and kills its daemon"]
fn a_daemon_that_dies_takes_no_server_along() {
    let (_listener, port) = listen();
    let (announced, news) = announce("Survivor", port, None);
    assert_eq!(final_name("Survivor", &news), "Survivor");
    let peer = Peer::serve("Elsewhere");
    let (own, other) = (Watched::start("Survivor"), Watched::start("Elsewhere"));
    own.expect(EventKind::AddServer, port, 5 * SECOND);
    other.expect(EventKind::AddServer, peer.port, 5 * SECOND);
    let killed = Command::new("kill").args(["-KILL", &setting("KINECT2_TEST_DAEMON")]).status().unwrap();
    assert!(killed.success());
    let start = Instant::now();
    assert_eq!(news.recv_timeout(5 * SECOND), Ok(AnnounceNews::Announced), "announced again, under the same name");
    println!("announced again after {:.1} s", start.elapsed().as_secs_f64());
    Watched::start("Survivor").expect(EventKind::AddServer, port, (5 * SECOND).saturating_sub(start.elapsed()));
    // Neither was ever removed, nor is one there twice.
    own.expect_nothing(8 * SECOND);
    other.expect_nothing(SECOND);
    assert_eq!(own.browser.servers().len(), 2);
    let elsewhere = peer.port;
    peer.end();
    other.expect(EventKind::RemoveServer, elsewhere, 6 * SECOND);
    drop(announced);
    own.expect(EventKind::RemoveServer, port, 6 * SECOND);
}
