"""Packets that get lost: frames go on, every one is accounted for, and all is well when the losses end."""

import time

from scenes import FOUND, RECOVERY, NetworkTest, ages

SECONDS = 8
FRAMES = 30 * SECONDS


class Loss(NetworkTest):
    def stream(self, percent):
        """Both hosts lose so many of the packets that reach them, while a client connects and gets all frames that it can."""
        one, other = self.two_addressed_hosts()
        for end in (one, other):
            end.host.lose(percent)
        source = self.serve(one.host, "--no-announce", "--port", 5000, "--frames", FRAMES, program="frame_source")
        sink = self.receive(other.host, "tcp://10.0.0.1:5000")
        frames, _, got = self.end_of_stream(source, sink, SECONDS + 15)
        share = got["received"] / FRAMES
        self.note(f"{share:.0%} of the frames, {ages(frames)}, {len(sink.events('disconnect'))} disconnects")
        self.assertEqual(sink.events("disconnect"), [])
        return share

    # A frame has a hundred packets, and TCP waits at least 200 ms where also a repeated one is lost.

    def test_1_percent(self):
        self.assertGreater(self.stream(1), 0.7)

    def test_5_percent(self):
        self.assertGreater(self.stream(5), 0.15)

    def test_a_quarter_until_it_ends(self):
        """Not much passes. When everything does again, so does the stream."""
        one, other = self.two_addressed_hosts()
        self.serve(one.host, "--no-announce", "--port", 5000)
        sink = self.receive(other.host, "tcp://10.0.0.1:5000")
        sink.wait_flow(time.monotonic(), FOUND)
        for end in (one, other):
            end.host.lose(25)
        time.sleep(5)
        for end in (one, other):
            end.host.filter()
        whole = time.monotonic()
        flow = sink.wait_flow(whole, RECOVERY, frames=25)
        self.note(f"frames {flow - whole:.1f} s after the network was whole, {len(sink.events('disconnect'))} disconnects")

    def test_discovery_alone(self):
        """A fifth of mDNS's packets: the server is found in time, once, and stays."""
        one, other = self.two_addressed_hosts()
        for end in (one, other):
            end.host.lose(20, "udp dport 5353")
        browser = self.start(other.host, "discover")
        sink = self.receive(other.host, "--server", "Lab")
        time.sleep(1)
        began = time.monotonic()
        self.serve(one.host, "--name", "Lab")
        browser.wait_line(r"^\+ Lab tcp://", FOUND)  # by whichever of its addresses came first
        self.note(f"listed after {time.monotonic() - began:.1f} s")
        sink.wait_flow(began, FOUND)
        time.sleep(8)
        self.assertEqual(len(browser.matches("^[+-]")), 1, browser.describe())
        self.assertEqual(sink.events("disconnect"), [])
