"""Servers on other hosts are found, listed once, and reached by the address that works."""

import time

from scenes import FOUND, NetworkTest


class Finding(NetworkTest):
    def browse(self, host):
        return self.start(host, "discover")

    def assert_found(self, browser, sink, name, began):
        """The server is listed, once, and its frames come."""
        endpoint = browser.wait_line(rf"^\+ {name} (\S+)$", FOUND)[1]
        listed = time.monotonic() - began
        flow = sink.wait_flow(began, FOUND) - began
        self.note(f"listed at {endpoint} after {listed:.1f} s, frames after {flow:.1f} s")
        return endpoint

    def assert_listed_once(self, browser, name, seconds):
        """No second listing and no removal in so long."""
        time.sleep(seconds)
        lines = browser.matches("^[+-] ")
        self.assertEqual([match.string.split()[:2] for match in lines], [["+", name]], browser.describe())

    def find(self, server_end, client_end):
        """A server starts on one host while another looks for it."""
        browser = self.browse(client_end.host)
        sink = self.receive(client_end.host, "--server", "Lab")
        time.sleep(1)
        began = time.monotonic()
        self.serve(server_end.host, "--name", "Lab")
        endpoint = self.assert_found(browser, sink, "Lab", began)
        self.assert_listed_once(browser, "Lab", 2)
        return endpoint

    def test_two_hosts(self):
        self.assertIn("10.0.0.1", self.find(*self.two_addressed_hosts()))

    def test_link_local_ipv4(self):
        one, other = self.two_hosts()
        one.add("169.254.7.1/16")
        other.add("169.254.9.2/16")
        self.network.settle()
        self.assertIn("169.254.7.1", self.find(one, other))

    def test_link_local_ipv6_only(self):
        one, other = self.two_hosts()
        self.network.settle()
        self.assertIn(one.link_local(), self.find(one, other))

    def test_ipv6_only(self):
        one, other = self.two_hosts()
        one.add("fd00:1::1/64")
        other.add("fd00:1::2/64")
        self.network.settle()
        self.assertIn("fd00:1::1", self.find(one, other))

    def test_two_links(self):
        self.assertIn("10.0.", self.find(*self.two_links()[0]))

    def test_two_links_of_which_the_first_passes_no_connections(self):
        one, other = self.two_links()[0]
        one.host.filter('iifname "eth0" meta l4proto tcp drop')
        self.assertIn("10.0.2.1", self.find(one, other))

    def test_two_links_of_which_the_second_passes_no_connections(self):
        one, other = self.two_links()[0]
        one.host.filter('iifname "eth1" meta l4proto tcp drop')
        self.assertIn("10.0.1.1", self.find(one, other))


class OneName(NetworkTest):
    """Two servers called Lab end up as `Lab` and `Lab (2)`, by exactly one of them giving way."""

    def assert_two(self, browser, servers):
        for name in ("Lab", r"Lab \(2\)"):
            browser.wait_line(rf"^\+ {name} tcp://", FOUND)
        renamed = [match[1] for server in servers for match in server.matches(r'^renamed "(.*)"')]
        self.assertEqual(renamed, ["Lab (2)"], [server.describe() for server in servers])

    def test_one_comes_later(self):
        one, other = self.two_addressed_hosts()
        first = self.serve(one.host, "--name", "Lab")
        browser = self.start(other.host, "discover")
        browser.wait_line(r"^\+ Lab tcp://10.0.0.1:", FOUND)
        second = self.serve(other.host, "--name", "Lab")
        self.assert_two(browser, [first, second])
        self.assertEqual(first.matches("^renamed"), [])
        sink = self.receive(one.host, "--server", "Lab (2)")
        sink.wait_flow(time.monotonic(), FOUND)

    def test_both_were_there_before_the_cable(self):
        one, other = self.two_addressed_hosts()
        one.down()
        servers = [self.serve(end.host, "--name", "Lab") for end in (one, other)]
        browser = self.start(other.host, "discover")
        browser.wait_line(r"^\+ Lab tcp://", FOUND)
        time.sleep(1)
        one.up()
        began = time.monotonic()
        deadline = began + 10
        while not any(server.matches("^renamed") for server in servers) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.note(f"settled {time.monotonic() - began:.1f} s after the cable")
        self.assert_two(browser, servers)
