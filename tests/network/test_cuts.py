"""Cables that are pulled and addresses that change under a stream: frames flow again within 3 s after the network is whole."""

import time

from scenes import FOUND, RECOVERY, NetworkTest

CUT = 5.0  # seconds


class Cuts(NetworkTest):
    def stream(self):
        """Two hosts, of which the second follows a server on the first."""
        one, other = self.two_addressed_hosts()
        self.serve(one.host, "--name", "Lab")
        return one, other, self.follow(other)

    def follow(self, end):
        """A client and a browser on this host that have found the server."""
        self.browser = self.start(end.host, "discover")
        sink = self.receive(end.host, "--server", "Lab")
        sink.wait_flow(time.monotonic(), FOUND)
        self.browser.wait_line(r"^\+ Lab ", FOUND)
        time.sleep(1)
        return sink

    def assert_recovers(self, sink, whole):
        flow = sink.wait_flow(whole, RECOVERY)
        self.note(f"frames {flow - whole:.1f} s after the network was whole, {len(sink.events('disconnect'))} disconnects")
        self.assertLessEqual(flow - whole, RECOVERY, sink.program.describe())

    def cut(self, end, sink):
        end.down()
        time.sleep(CUT)
        end.up()
        whole = time.monotonic()
        self.assert_recovers(sink, whole)
        return whole

    def assert_listed(self, whole):
        """The server is listed, whether it was removed meanwhile or not."""
        while (last := self.browser.output[-1]).text.startswith("-"):
            self.assertLess(time.monotonic(), whole + RECOVERY, self.browser.describe())
            time.sleep(0.05)
        self.note(f"listed {max(0.0, last.time - whole):.1f} s after, {len(self.browser.matches('^-'))} removals")

    def test_the_servers_link_is_down_for_5_seconds(self):
        one, _, sink = self.stream()
        self.assert_listed(self.cut(one, sink))

    def test_the_clients_link_is_down_for_5_seconds(self):
        _, other, sink = self.stream()
        self.assert_listed(self.cut(other, sink))

    def test_the_link_in_use_is_down_and_another_is_there(self):
        ends = self.two_links()
        self.serve(ends[0][0].host, "--name", "Lab")
        sink = self.follow(ends[0][1])
        used = int(sink.events("connect")[0].split(".")[2])
        ends[used - 1][0].down()
        self.assert_recovers(sink, time.monotonic())

    def test_the_server_gets_another_address(self):
        one, _, sink = self.stream()
        one.remove("10.0.0.1/24")
        one.add("10.0.0.11/24")
        self.assert_recovers(sink, time.monotonic())

    def test_the_client_gets_another_address(self):
        _, other, sink = self.stream()
        other.remove("10.0.0.2/24")
        other.add("10.0.0.12/24")
        self.assert_recovers(sink, time.monotonic())
