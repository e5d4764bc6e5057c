//! Conflicts of names, with invented records and an invented clock.

use super::*;

const MS: Duration = Duration::from_millis(1);

struct Network {
    announcer: Announcer,
    instances: Instances,
    local: BTreeSet<IpAddr>,
    start: Instant,
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

impl Network {
    fn new(bound: Option<&str>, local: &[&str]) -> Self {
        let announcer = Announcer::new("vm".into(), bound.map(ip));
        Self { announcer, instances: Instances::default(), local: local.iter().map(|text| ip(text)).collect(), start: Instant::now() }
    }

    fn add(&mut self, name: &str, port: u16, at: u32) -> u64 {
        self.announcer.add(name, port, None, self.start + at * MS).0
    }

    fn see(&mut self, name: &str, host: &str, port: u16, at: u32) {
        self.instances.resolved(name, Target::new(host, port), vec![], self.start + at * MS);
    }

    /// What is decided about names that were looked for until then.
    fn decide(&mut self, at: u32) -> Vec<Step> {
        assert_eq!(self.tick(at - 100), [Step::Recall]);
        self.tick(at)
    }

    fn tick(&mut self, at: u32) -> Vec<Step> {
        self.announcer.tick(self.start + at * MS, &self.instances, &self.local)
    }
}

fn register(name: &str, host: &str, port: u16) -> Step {
    Step::Register(Registration { name: name.into(), host: host.into(), port, address: None })
}

fn announced(id: u64) -> Step {
    Step::Tell(id, AnnounceNews::Announced)
}

fn renamed(id: u64, name: &str) -> Step {
    Step::Tell(id, AnnounceNews::Renamed(name.into()))
}

#[test]
fn a_free_name_is_announced_twice() {
    let mut network = Network::new(None, &["10.0.0.1"]);
    let (id, steps) = network.announcer.add("Lab", 5, None, network.start);
    assert_eq!(steps, [Step::WatchHost("vm.local.".into()), Step::Look("Lab".into())]);
    assert_eq!(network.tick(1100), []);
    assert_eq!(network.decide(1250), [register("Lab", "vm.local.", 5), announced(id)]);
    assert_eq!(network.tick(2300), []);
    assert_eq!(network.tick(2350), [register("Lab", "vm.local.", 5)]);
    assert_eq!(network.tick(200_000), []);
    let (name, steps) = network.announcer.remove(id, network.start);
    assert_eq!((name.as_deref(), steps), (Some("Lab"), vec![Step::IgnoreHost("vm.local.".into())]));
}

#[test]
fn a_taken_name_gets_a_number() {
    let mut network = Network::new(None, &["10.0.0.1"]);
    network.see("Gone", "other.local.", 5, 0);
    let lab = network.add("Lab", 5, 10);
    let gone = network.add("Gone", 6, 10);
    network.see("LAB", "other.local.", 5, 100);
    network.see("Lab (2)", "vm.local.", 7, 100);
    let wanted =
        [renamed(lab, "Lab (3)"), register("Lab (3)", "vm.local.", 5), announced(lab), register("Gone", "vm.local.", 6), announced(gone)];
    assert_eq!(network.decide(1300), wanted);
}

#[test]
fn two_of_one_process_do_not_share_a_name() {
    let mut network = Network::new(None, &["10.0.0.1"]);
    let (a, b) = (network.add("Lab", 5, 0), network.add("lab", 6, 0));
    let wanted = [register("Lab", "vm.local.", 5), announced(a), renamed(b, "lab (2)"), register("lab (2)", "vm.local.", 6), announced(b)];
    assert_eq!(network.decide(1250), wanted);
}

#[test]
fn of_two_that_clash_later_the_greater_target_gives_way() {
    let mut network = Network::new(None, &["10.0.0.1"]);
    let id = network.add("Lab", 5, 0);
    network.decide(1250);
    network.tick(2350);
    network.see("Lab", "vm.local.", 6, 5000);
    assert_eq!(network.tick(5000), []);
    assert_eq!(network.tick(5001), [register("Lab", "vm.local.", 5)]);
    assert_eq!(network.tick(6101), [register("Lab", "vm.local.", 5)]);
    assert_eq!(network.tick(9000), []);
    network.see("Lab", "vm.local.", 4, 10_000);
    assert_eq!(network.tick(10_000), [Step::Withdraw("Lab".into()), Step::Look("Lab".into())]);
    network.see("Lab", "vm.local.", 4, 10_500);
    assert_eq!(network.decide(11_250), [renamed(id, "Lab (2)"), register("Lab (2)", "vm.local.", 5), announced(id)]);
}

#[test]
fn a_goodbye_in_our_name_is_contradicted() {
    let mut network = Network::new(None, &["10.0.0.1"]);
    network.add("Lab", 5, 0);
    network.decide(1250);
    network.tick(2350);
    network.announcer.rescue("lab", network.start + 2400 * MS);
    assert_eq!(network.tick(3400), []);
    assert_eq!(network.tick(3450), [register("Lab", "vm.local.", 5)]);
    assert_eq!(network.tick(4550), [register("Lab", "vm.local.", 5)]);
    assert_eq!(network.tick(9000), []);
}

#[test]
fn who_joins_while_we_defend_a_name_hears_it_once_more() {
    let mut network = Network::new(None, &["10.0.0.1"]);
    network.add("Lab", 5, 0);
    network.decide(1250);
    network.tick(2350);
    network.announcer.repeat(network.start + 5000 * MS);
    network.see("Lab", "vm.local.", 6, 5002);
    network.tick(5002);
    assert_eq!(network.tick(5003), [register("Lab", "vm.local.", 5)]);
    assert_eq!(network.tick(6103), [register("Lab", "vm.local.", 5)]);
    assert_eq!(network.tick(9000), []);
}

#[test]
fn the_goodbye_of_one_does_not_take_the_addresses_of_the_others() {
    let mut network = Network::new(None, &["10.0.0.1"]);
    let gone = network.add("Gone", 5, 0);
    network.add("Lab", 6, 0);
    network.decide(1250);
    network.tick(2350);
    network.announcer.remove(gone, network.start + 5000 * MS);
    assert_eq!(network.tick(5100), []);
    assert_eq!(network.tick(5200), [register("Lab", "vm.local.", 6)]);
    assert_eq!(network.tick(6300), [register("Lab", "vm.local.", 6)]);
    // The same by another process of this host.
    network.announcer.host_lacks([ip("10.0.0.1")].into_iter());
    assert_eq!(network.tick(8000), [register("Lab", "vm.local.", 6)]);
    assert_eq!(network.tick(9100), [register("Lab", "vm.local.", 6)]);
    assert_eq!(network.tick(9900), []);
}

#[test]
fn a_name_that_nobody_can_ask_for_is_kept_alive() {
    let mut network = Network::new(None, &["10.0.0.1"]);
    network.add("a.b", 5, 0);
    network.decide(1250);
    assert_eq!(network.tick(2350).len(), 1);
    assert_eq!(network.tick(62_000), []);
    assert_eq!(network.tick(62_350), [register("a.b", "vm.local.", 5)]);
}

#[test]
fn another_host_of_our_name_keeps_it() {
    let mut network = Network::new(None, &["10.0.0.2", "127.0.0.1"]);
    let id = network.add("Lab", 5, 0);
    network.announcer.host_has([ip("10.0.0.2"), ip("10.0.0.1")].into_iter());
    let wanted = [Step::IgnoreHost("vm.local.".into()), Step::WatchHost("vm-2.local.".into())];
    assert_eq!(network.decide(1250), wanted);
    assert_eq!(network.tick(2400), []);
    assert_eq!(network.tick(2500), [register("Lab", "vm-2.local.", 5), announced(id)]);
}

#[test]
fn of_two_hosts_that_clash_later_the_smaller_address_stays() {
    let (one, two) = (ip("10.0.0.1"), ip("10.0.0.2"));
    for (own, stays) in [("10.0.0.1", true), ("10.0.0.2", false)] {
        let mut network = Network::new(None, &[own]);
        network.add("Lab", 5, 0);
        network.decide(1250);
        network.tick(2350);
        network.announcer.host_has([one, two].into_iter());
        let steps = network.tick(5000);
        if stays {
            assert_eq!(steps, [register("Lab", "vm.local.", 5)]);
        } else {
            let label = |label: &str| format!("{label}.local.");
            let wanted =
                [Step::Withdraw("Lab".into()), Step::Look("Lab".into()), Step::IgnoreHost(label("vm")), Step::WatchHost(label("vm-2"))];
            assert_eq!(steps, wanted);
        }
        assert_eq!(network.tick(5100), []);
    }
}

#[test]
fn records_of_the_same_host_do_not_clash_unless_they_hide_our_address() {
    let all = ["10.0.0.1", "10.0.0.2", "fe80::1"];
    for (bound, seen, clash) in [
        (None, &all[..1], false),
        (None, &all[..], false),
        (Some("10.0.0.2"), &all[..], false),
        (Some("10.0.0.2"), &all[..1], true),
        (Some("127.0.0.2"), &["127.0.0.1"][..], true),
        (None, &["127.0.0.2"][..], false),
        (Some("127.0.0.1"), &["127.0.0.1"][..], false),
        (Some("10.0.0.2"), &["10.0.0.2", "10.0.0.9"][..], true),
    ] {
        let mut network = Network::new(bound, &all);
        network.add("Lab", 5, 0);
        network.announcer.host_has(seen.iter().map(|text| ip(text)));
        let steps = network.decide(1250);
        let renames = steps.iter().any(|step| matches!(step, Step::WatchHost(_)));
        assert_eq!(renames, clash, "{bound:?} {seen:?}");
    }
}
