//! Discovery and browsers on loopback: announced servers are found, conflicts end, the dead are removed. Tests run side by side, each with
//! server names of its own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};
use streamkinect2::browser::{Browser, BrowserOptions, ServerInfo};
use streamkinect2::discovery::{self, AnnounceNews, Announced, Announcement, BrowseNews, Discovery, DiscoveryKind, Found};
use streamkinect2::dispatch::{Event, EventKind, Patience, Polled};
use streamkinect2::error::ErrorKind;

const SECOND: Duration = Duration::from_secs(1);
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SECOND_LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

fn embedded() -> Arc<dyn Discovery> {
    discovery::open(DiscoveryKind::Embedded).unwrap()
}

/// A port that accepts connections, as a server's control port.
fn listen(address: IpAddr) -> (TcpListener, u16) {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn announce(name: &str, port: u16, address: IpAddr) -> (Box<dyn Announced>, Receiver<AnnounceNews>) {
    let (sender, news) = channel();
    let announcement = Announcement { name: name.into(), port, address: Some(address) };
    let announced = embedded().announce(&announcement, Arc::new(move |news| drop(sender.send(news))));
    (announced.unwrap(), news)
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

/// A started browser on loopback.
fn browser() -> Browser {
    let browser = Browser::new(BrowserOptions { address: Some(LOOPBACK), ..BrowserOptions::default() }).unwrap();
    browser.start().unwrap();
    browser
}

fn endpoint(address: IpAddr, port: u16) -> String {
    format!("tcp://{address}:{port}")
}

/// Waits until the server is listed with `wanted`, or not listed; how long that took.
#[track_caller]
fn wait_for(browser: &Browser, name: &str, wanted: Option<String>, limit: Duration) -> Duration {
    let start = Instant::now();
    while browser.endpoint(name).ok() != wanted {
        assert!(start.elapsed() < limit, "\"{name}\": {:?} instead of {wanted:?}; listed: {:?}", browser.endpoint(name), browser.servers());
        std::thread::sleep(Duration::from_millis(10));
    }
    start.elapsed()
}

fn next(browser: &Browser, name: &str, patience: Duration) -> Option<Event> {
    let deadline = Instant::now() + patience;
    loop {
        match browser.next_event(Patience::For(deadline.saturating_duration_since(Instant::now()))) {
            Polled::Ready(event) if event.id == name => return Some(event),
            Polled::Ready(_) => {}
            Polled::TimedOut | Polled::Closed => return None,
        }
    }
}

#[test]
fn a_server_on_loopback_is_found_and_its_goodbye_removes_it() {
    let (_listener, port) = listen(LOOPBACK);
    let browser = browser();
    let (sender, heard) = channel();
    for is_add in [true, false] {
        let sender = sender.clone();
        let callback: Arc<dyn Fn(&ServerInfo) + Send + Sync> = Arc::new(move |server| {
            if server.name == "Goodbye" {
                let _ = sender.send((is_add, server.endpoint.clone()));
            }
        });
        if is_add { browser.on_add_server(Some(callback)) } else { browser.on_remove_server(Some(callback)) }.unwrap();
    }
    let (announced, news) = announce("Goodbye", port, LOOPBACK);
    assert_eq!(final_name("Goodbye", &news), "Goodbye");
    assert_eq!(heard.recv_timeout(2 * SECOND).unwrap(), (true, endpoint(LOOPBACK, port)));
    drop(announced);
    assert_eq!(heard.recv_timeout(5 * SECOND).unwrap(), (false, endpoint(LOOPBACK, port)));
    assert!(news.try_recv().is_err());
    let kinds: Vec<EventKind> = std::iter::from_fn(|| next(&browser, "Goodbye", SECOND)).map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::AddServer, EventKind::RemoveServer]);
}

#[test]
fn of_two_servers_of_one_process_the_second_is_renamed() {
    let (_one, port_one) = listen(LOOPBACK);
    let (_two, port_two) = listen(LOOPBACK);
    let browser = browser();
    let (_first, news_one) = announce("Twin", port_one, LOOPBACK);
    let (_second, news_two) = announce("Twin", port_two, LOOPBACK);
    assert_eq!(final_name("Twin", &news_one), "Twin");
    assert_eq!(final_name("Twin", &news_two), "Twin (2)");
    wait_for(&browser, "Twin", Some(endpoint(LOOPBACK, port_one)), 5 * SECOND);
    wait_for(&browser, "Twin (2)", Some(endpoint(LOOPBACK, port_two)), 5 * SECOND);
}

#[test]
fn of_two_servers_in_two_daemons_the_second_is_renamed() {
    let name = "Double Long ".repeat(5) + "123";
    let (_one, port_one) = listen(LOOPBACK);
    let (_two, port_two) = listen(SECOND_LOOPBACK);
    let browser = browser();
    let (_first, news) = announce(&name, port_one, LOOPBACK);
    assert_eq!(final_name(&name, &news), name);
    let (_second, news) = announce(&name, port_two, SECOND_LOOPBACK);
    let second = "Double Long ".repeat(4) + "Double Long (2)";
    assert_eq!(final_name(&name, &news), second);
    wait_for(&browser, &name, Some(endpoint(LOOPBACK, port_one)), 5 * SECOND);
    wait_for(&browser, &second, Some(endpoint(SECOND_LOOPBACK, port_two)), 5 * SECOND);
}

#[test]
fn two_daemons_that_announce_at_once_come_to_agree() {
    let (_one, port_one) = listen(LOOPBACK);
    let (_two, port_two) = listen(SECOND_LOOPBACK);
    let browser = browser();
    let (_first, _news) = announce("Both", port_one, LOOPBACK);
    let (_second, _news) = announce("Both", port_two, SECOND_LOOPBACK);
    let start = Instant::now();
    let endpoints = [endpoint(LOOPBACK, port_one), endpoint(SECOND_LOOPBACK, port_two)];
    loop {
        let listed: Vec<Option<String>> = ["Both", "Both (2)"].map(|name| browser.endpoint(name).ok()).to_vec();
        if endpoints.iter().all(|endpoint| listed.contains(&Some(endpoint.clone()))) {
            break;
        }
        assert!(start.elapsed() < 15 * SECOND, "{listed:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn names_may_have_any_characters_but_control_characters() {
    let (_listener, port) = listen(LOOPBACK);
    let browser = browser();
    let long = "\u{20ac}".repeat(30);
    let names =
        ["dotted. name.", "\"quoted\" 'n' back\\slash\\", "K\u{fc}che \u{1f4f7}", " a;b%c,d/e=f ", "x._kinect2._tcp.local", "(2)", &long];
    let announced: Vec<_> = names.iter().map(|name| announce(name, port, LOOPBACK)).collect();
    for ((_, news), name) in announced.iter().zip(names) {
        assert_eq!(final_name(name, news), name);
        let found = if name == long { "\u{20ac}".repeat(21) } else { name.to_owned() };
        wait_for(&browser, &found, Some(endpoint(LOOPBACK, port)), 5 * SECOND);
    }
    for bad in ["", "a\nb", "a\0"] {
        let announcement = Announcement { name: bad.into(), port, address: Some(LOOPBACK) };
        let error = embedded().announce(&announcement, Arc::new(|_| ())).err().unwrap();
        assert_eq!(error.kind, ErrorKind::InvalidArgument);
    }
    drop(announced);
    for name in names {
        wait_for(&browser, name, None, 5 * SECOND);
    }
}

#[test]
fn who_stops_answering_is_removed_and_returns_when_it_answers_again() {
    let (listener, port) = listen(LOOPBACK);
    let browser = browser();
    let (_announced, news) = announce("Hung", port, LOOPBACK);
    final_name("Hung", &news);
    wait_for(&browser, "Hung", Some(endpoint(LOOPBACK, port)), 5 * SECOND);
    drop(listener);
    let took = wait_for(&browser, "Hung", None, 10 * SECOND);
    assert!(took > 2 * SECOND, "one failure is not enough, but it took {took:?}");
    let _listener = TcpListener::bind((LOOPBACK, port)).unwrap();
    wait_for(&browser, "Hung", Some(endpoint(LOOPBACK, port)), 5 * SECOND);
    // The records were confirmed, so the doubt about them has no consequence.
    std::thread::sleep(8 * SECOND);
    assert!(browser.endpoint("Hung").is_ok());
}

/// Packets of a server as the 2014 implementation sends them, from a hand that answers no questions.
struct Handmade {
    socket: UdpSocket,
    name: &'static str,
}

impl Handmade {
    fn new(name: &'static str) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP)).unwrap();
        socket.set_reuse_address(true).unwrap();
        #[cfg(unix)]
        socket.set_reuse_port(true).unwrap();
        socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5353)).into()).unwrap();
        socket.set_multicast_if_v4(&Ipv4Addr::LOCALHOST).unwrap();
        Self { socket: socket.into(), name }
    }

    fn send(&self, port: u16, host: &str, ttl: u32) {
        let service = labels(&["_kinect2", "_tcp", "local"]);
        let instance = labels(&[self.name, "_kinect2", "_tcp", "local"]);
        let target = labels(&[host, "local"]);
        let srv = [&[0; 4][..], &port.to_be_bytes(), &target].concat();
        let mut packet = vec![0, 0, 0x84, 0, 0, 0, 0, 4, 0, 0, 0, 0];
        for (name, kind, class, data) in [
            (&service, 12_u16, 1_u16, &instance[..]),
            (&instance, 33, 0x8001, &srv),
            (&instance, 16, 0x8001, &[]),
            (&labels(&["ancient", "local"]), 1, 0x8001, &[127, 0, 0, 1]),
        ] {
            packet.extend_from_slice(name);
            packet.extend([kind, class].map(u16::to_be_bytes).concat());
            packet.extend(ttl.to_be_bytes());
            packet.extend((data.len() as u16).to_be_bytes());
            packet.extend_from_slice(data);
        }
        self.socket.send_to(&packet, (Ipv4Addr::new(224, 0, 0, 251), 5353)).unwrap();
    }
}

fn labels(labels: &[&str]) -> Vec<u8> {
    let mut bytes: Vec<u8> = labels.iter().flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat()).collect();
    bytes.push(0);
    bytes
}

#[test]
fn a_server_of_2014_is_found_and_its_goodbye_understood() {
    let (_listener, port) = listen(LOOPBACK);
    let browser = browser();
    let server = Handmade::new("Ancient");
    std::thread::sleep(SECOND / 2);
    server.send(port, "ancient", 3600);
    wait_for(&browser, "Ancient", Some(endpoint(LOOPBACK, port)), 5 * SECOND);
    // Again and again, since other tests make the daemon forget what it has heard.
    for _ in 0..5 {
        (0..3).for_each(|_| {
            server.send(port, "something-else", 0);
            std::thread::sleep(SECOND / 8);
        });
        std::thread::sleep(2 * SECOND);
        if browser.endpoint("Ancient").is_err() {
            return;
        }
    }
    panic!("\"Ancient\" has said goodbye and is still listed");
}

#[test]
fn a_restart_without_goodbye_is_one_remove_and_one_add() {
    let (before, port) = listen(LOOPBACK);
    let (_after, new_port) = listen(LOOPBACK);
    let browser = browser();
    let server = Handmade::new("Restarted");
    std::thread::sleep(SECOND / 2);
    server.send(port, "ancient", 3600);
    wait_for(&browser, "Restarted", Some(endpoint(LOOPBACK, port)), 5 * SECOND);
    drop(before);
    server.send(new_port, "ancient", 3600);
    wait_for(&browser, "Restarted", Some(endpoint(LOOPBACK, new_port)), 5 * SECOND);
    let texts: Vec<_> = (0..3).filter_map(|_| next(&browser, "Restarted", SECOND)).map(|event| (event.kind, event.text)).collect();
    let (old, new) = (endpoint(LOOPBACK, port), endpoint(LOOPBACK, new_port));
    assert_eq!(texts, [(EventKind::AddServer, old.clone()), (EventKind::RemoveServer, old), (EventKind::AddServer, new)]);
}

#[test]
fn the_killed_are_removed_and_their_records_forgotten() {
    let (listener, port) = listen(LOOPBACK);
    let browser = browser();
    let (sender, news) = channel();
    let browsing = embedded().browse(Some(LOOPBACK), Arc::new(move |news| drop(sender.send(news)))).unwrap();
    let server = Handmade::new("Killed");
    std::thread::sleep(SECOND / 2);
    server.send(port, "ancient", 3600);
    wait_for(&browser, "Killed", Some(endpoint(LOOPBACK, port)), 5 * SECOND);
    let start = Instant::now();
    drop(listener);
    wait_for(&browser, "Killed", None, 10 * SECOND);
    let wanted = [
        BrowseNews::Found(Found { name: "Killed".into(), port, addresses: vec![SocketAddr::new(LOOPBACK, port)] }),
        BrowseNews::Lost("Killed".into()),
    ];
    for wanted in wanted {
        let patience = (25 * SECOND).saturating_sub(start.elapsed());
        while news.recv_timeout(patience).expect("news of the killed") != wanted {}
    }
    drop(browsing);
    let _listener = TcpListener::bind((LOOPBACK, port)).unwrap();
    std::thread::sleep(4 * SECOND);
    assert!(browser.endpoint("Killed").is_err());
}

#[test]
fn a_browser_can_be_stopped_started_and_polled() {
    let (_listener, port) = listen(LOOPBACK);
    let (_announced, news) = announce("Polled", port, LOOPBACK);
    final_name("Polled", &news);
    let browser = Browser::new(BrowserOptions { address: Some(LOOPBACK), ..BrowserOptions::default() }).unwrap();
    assert!(matches!(browser.next_event(Patience::Forever), Polled::Closed));
    let fd = browser.poll_fd().unwrap();
    let is_readable = |wait| zmq::poll(&mut [zmq::PollItem::from_fd(fd, zmq::POLLIN)], wait).unwrap() == 1;
    assert!(!is_readable(0));
    for _ in 0..2 {
        browser.stop().unwrap();
        browser.start().unwrap();
        browser.start().unwrap();
        assert!(is_readable(5000));
        let event = next(&browser, "Polled", 5 * SECOND).unwrap();
        assert_eq!((event.kind, event.text), (EventKind::AddServer, endpoint(LOOPBACK, port)));
        browser.stop().unwrap();
        assert!(browser.servers().is_empty());
        while let Polled::Ready(_) = browser.next_event(Patience::Forever) {}
        assert!(!is_readable(0));
    }
    browser.destroy();
    assert_eq!(browser.start().unwrap_err().kind, ErrorKind::BadHandle);
    assert_eq!(browser.on_add_server(None).unwrap_err().kind, ErrorKind::BadHandle);
}

#[test]
fn everything_is_allowed_in_a_callback() {
    let (_listener, port) = listen(LOOPBACK);
    let (_announced, news) = announce("Inside", port, LOOPBACK);
    final_name("Inside", &news);
    let (sender, done) = channel();
    let browser = browser();
    let callback: Arc<dyn Fn(&ServerInfo) + Send + Sync> = Arc::new({
        let browser = browser.clone();
        move |server| {
            if server.name != "Inside" {
                return;
            }
            assert_eq!(browser.endpoint("Inside").unwrap(), server.endpoint);
            browser.on_remove_server(None).unwrap();
            while let Polled::Ready(_) = browser.next_event(Patience::Forever) {}
            browser.stop().unwrap();
            browser.start().unwrap();
            browser.destroy();
            sender.send(()).unwrap();
        }
    });
    browser.on_add_server(Some(callback)).unwrap();
    done.recv_timeout(10 * SECOND).unwrap();
    assert!(browser.servers().is_empty());
}

#[test]
fn an_address_that_no_interface_has_is_refused() {
    let address = Some("192.0.2.77".parse().unwrap());
    let browser = Browser::new(BrowserOptions { address, ..BrowserOptions::default() }).unwrap();
    assert_eq!(browser.start().unwrap_err().kind, ErrorKind::InvalidArgument);
}

#[test]
fn the_systems_service_is_refused_for_one_address() {
    let options = BrowserOptions { discovery: DiscoveryKind::System, address: Some(LOOPBACK) };
    // Without the feature system-discovery at once, with it when the browser starts.
    let error = Browser::new(options).and_then(|browser| browser.start()).err().unwrap();
    assert_eq!(error.kind, ErrorKind::Unsupported);
}
