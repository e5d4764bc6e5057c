"""Links that carry less than a stream has, long lines, and subscribers of different speed: what a link does not carry is dropped, never
delayed, and what it does carry arrives whole."""

from network import MBIT
from scenes import NetworkTest, ages

SECONDS = 8
FRAMES = 30 * SECONDS
# 24 Mbit/s: 30 frames of 250 x 200 pixels of 2 bytes.
RAW_24_MBIT = ("--raw", "--width", 250, "--height", 200)
MEDIAN_MS, OLDEST_MS = 150, 250


class Rates(NetworkTest):
    def serve_frames(self, host, *arguments):
        return self.serve(host, "--no-announce", "--port", 5000, "--frames", FRAMES, *arguments, program="frame_source")

    def assert_fresh(self, frames):
        self.note(f"{len(frames)} of {FRAMES} frames, {ages(frames)}")
        self.assertGreater(len(frames), FRAMES // 2)
        values = sorted(frame.age_ms for frame in frames)
        self.assertLess(values[len(values) // 2], MEDIAN_MS)
        self.assertLess(values[-1], OLDEST_MS)

    def stream_too_much(self, server, client, endpoint):
        """24 Mbit/s towards a client that can get 20."""
        source = self.serve_frames(server, *RAW_24_MBIT)
        sink = self.receive(client, endpoint)
        frames, _, got = self.end_of_stream(source, sink, SECONDS + 10)
        self.assert_fresh(frames)
        self.assertEqual(got["received"] + got["lost"], FRAMES)
        self.assertGreater(got["lost"], FRAMES // 10)  # else nothing was limited

    def test_more_than_the_servers_link_carries(self):
        one, other = self.two_addressed_hosts()
        one.limit(20 * MBIT)
        self.stream_too_much(one.host, other.host, "tcp://10.0.0.1:5000")

    def test_more_than_a_link_behind_a_deep_queue_carries(self):
        """A router that keeps packets rather than drop them, and a sender that takes only drops for a sign of too much."""
        one, inner, outer, other = self.routed_hosts()
        for end in (one, other):
            end.host.set("net.ipv4.tcp_congestion_control", "reno")
        outer.limit(20 * MBIT, milliseconds=400)
        self.stream_too_much(one.host, other.host, "tcp://10.0.1.1:5000")

    def routed_hosts(self):
        """Two hosts, 10.0.1.1 and 10.0.2.1, and a router between them."""
        one, inner = self.network.cable(self.network.host("alpha"), self.network.host("router"))
        outer, other = self.network.cable(inner.host, self.network.host("beta"))
        inner.host.set("net.ipv4.ip_forward", 1)
        for end, address in ((one, "10.0.1.1"), (inner, "10.0.1.9"), (outer, "10.0.2.9"), (other, "10.0.2.1")):
            end.add(f"{address}/24")
        one.ip("route", "add", "10.0.2.0/24", "via", "10.0.1.9")
        other.ip("route", "add", "10.0.1.0/24", "via", "10.0.2.9")
        self.network.settle()
        return one, inner, outer, other

    def stream_far(self, control=None):
        """100 Mbit/s with a round trip of 30 ms, 34 Mbit/s of RVL. What is lost in the first second is what TCP does not let out while it
        finds out how much the line takes."""
        one, other = self.two_addressed_hosts(delay_ms=15)
        for end in (one, other):
            end.limit(100 * MBIT)
            if control:
                end.host.set("net.ipv4.tcp_congestion_control", control)
        source = self.serve_frames(one.host)
        sink = self.receive(other.host, "tcp://10.0.0.1:5000")
        frames, sent, _ = self.end_of_stream(source, sink, SECONDS + 10)
        later = [frame for frame in frames if frame.number >= 30]
        self.note(f"{len(frames)} of {FRAMES} frames, then {ages(later)}, {sent['bytes'] * 8 / 1e6 / SECONDS:.0f} Mbit/s")
        self.assertEqual(len(later), FRAMES - 30)
        self.assertGreater(sent["bytes"], 33 * MBIT / 8 * SECONDS)

    def test_a_long_line_carries_all(self):
        self.stream_far()

    def test_a_long_line_carries_all_with_the_oldest_congestion_control(self):
        self.stream_far("reno")

    def test_a_slow_client_harms_no_other(self):
        server = self.network.host("alpha")
        ends = [self.network.cable(server, self.network.host(name)) for name in ("fast", "slow")]
        for number, (one, other) in enumerate(ends, 1):
            one.add(f"10.0.{number}.1/24")
            other.add(f"10.0.{number}.2/24")
        self.network.settle()
        ends[1][0].limit(5 * MBIT)
        slow = self.receive(ends[1][1].host, "tcp://10.0.2.1:5000")
        fast = self.receive(ends[0][1].host, "tcp://10.0.1.1:5000")
        source = self.serve_frames(server, *RAW_24_MBIT, "--subscribers", 2)
        got = {name: self.end_of_stream(source, sink, SECONDS + 10)[2] for name, sink in (("fast", fast), ("slow", slow))}
        self.note(", ".join(f"the {name} one received {seen['received']} and lost {seen['lost']}" for name, seen in got.items()))
        self.assertEqual((got["fast"]["received"], got["fast"]["lost"]), (FRAMES, 0))
        self.assertGreater(got["slow"]["received"], FRAMES // 10)
        self.assertLess(got["slow"]["received"], FRAMES // 2)
