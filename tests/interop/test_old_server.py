"""Our clients with a server of 2014."""

import re
import time
import unittest

import depth
import protocol
from discovery import Announcement
from peer import Device, Server
from programs import NEAR, STATISTICS, Program, ProgramTest, frames_flow

NEAR_MESSAGES = [depth.encode(frame) for frame in NEAR]
UNRESOLVABLE = "no-such-node-2014.local"


class OurClientWithOldServer(ProgramTest):
    def server(self, **options) -> Server:
        """A running server with one device; it ends with the test."""
        return self.enterContext(Server(self.unique_name("old"), [Device("kinect-2014", NEAR_MESSAGES)], **options))

    def test_frames_are_exact_whatever_name_the_server_gives_itself(self):
        folder = self.recordings(NEAR)
        for host in ("127.0.0.1", "localhost", UNRESOLVABLE):
            with self.subTest(host=host):
                server = self.server(host=host)
                client = self.start("depth_client", server.endpoint, "--frames", "20", "--verify", folder)
                self.assert_verified(client)

    def test_frames_are_exact_from_a_server_found_by_zeroconf(self):
        folder = self.recordings(NEAR)
        server = self.server(host=UNRESOLVABLE)
        with Announcement(server.name, server.port, UNRESOLVABLE + "."):
            arguments = ["--server", server.name, "--address", "127.0.0.1", "--frames", "20", "--verify", folder]
            self.assert_verified(self.start("depth_client", *arguments))

    def assert_verified(self, client: Program):
        """The client must end by itself and have found nothing wrong."""
        self.assertEqual(client.ended(20), 0, client.describe())
        client.wait_line(r"^verified \d+ frames: bit-exact$", timeout=0)

    def test_what_version_1_cannot_tell_is_unknown(self):
        client = self.start("depth_client", self.server().endpoint)
        statistics = client.wait_line(STATISTICS, where=frames_flow)
        self.assertIn("unknown", statistics["latency"])
        self.assertNotRegex(statistics["latency"], r"\d")
        self.assertEqual(statistics["corrupt"], "0")
        self.assert_interrupts(client)

    def test_ping_client_gets_a_pong_and_notices_the_old_goodbye(self):
        server = self.server()
        name = re.escape(server.name)
        with Announcement(server.name, server.port):
            client = self.start("ping_client", "--address", "127.0.0.1", "--seconds", "30")
            discovered = client.wait_line(f'^Discovered server "{name}" at "(.*)"$')
            self.assertTrue(discovered[1].endswith(f":{server.port}"), discovered[0])
            client.wait_line(f'^Got pong from "{name}" after [0-9.]+ ms$')
        client.wait_line(f'^Server "{name}" at "{re.escape(discovered[1])}" went away$')
        self.assert_interrupts(client)

    def test_discover_sees_the_server_come_and_go(self):
        server = self.server()
        name = re.escape(server.name)
        browser = self.start("discover", "--address", "127.0.0.1", "--seconds", "30")
        with Announcement(server.name, server.port):
            browser.wait_line(rf"^\+ {name} tcp://\S+:{server.port}$")
        browser.wait_line(rf"^- {name} tcp://\S+:{server.port}$")
        self.assert_interrupts(browser)

    def test_a_ping_that_is_refused_is_no_pong(self):
        server = self.server()
        server.answer = lambda request: protocol.error("not today")
        name = re.escape(server.name)
        with Announcement(server.name, server.port):
            client = self.start("ping_client", "--address", "127.0.0.1", "--seconds", "30")
            client.wait_line(f'^Discovered server "{name}"')
            self.assertTrue(server.wait_requests(1, 10), client.describe())
        client.wait_line(f'^Server "{name}" at ".*" went away$')
        self.assertEqual(client.matches(f'^Got pong from "{name}"'), [])
        self.assertIn(client.interrupt(), (0, 1), client.describe())


class OldServerComesBack(ProgramTest):
    """The old server is killed and comes back at its control port; frames must flow within 3 s, without a call."""

    LIMIT = 3.0

    def setUp(self):
        self.folder = self.recordings(NEAR)
        self.frames = sorted(self.folder.iterdir())

    def test_after_no_time_at_its_old_depth_port(self):
        self.check(seconds_away=0, same_depth_port=True)

    def test_after_no_time_at_another_depth_port(self):
        self.check(seconds_away=0, same_depth_port=False)

    def test_after_a_while_at_its_old_depth_port(self):
        self.check(seconds_away=3, same_depth_port=True)

    def test_after_long_at_another_depth_port(self):
        self.check(seconds_away=12, same_depth_port=False)

    def check(self, seconds_away: int, same_depth_port: bool):
        server = self.start_old_server("--name", "Old", *self.frames)
        endpoint = server.wait_line(r'^serving "Old" at (\S+)$')[1]
        port, depth_port = (one.rsplit(":", 1)[1] for one in (endpoint, server.wait_line(r"^depth (\S+)$")[1]))
        client = self.start("depth_client", endpoint, "--timeout", "60", "--verify", self.folder)
        client.wait_line(STATISTICS, where=frames_flow)

        server.kill()
        for _ in range(seconds_away):
            client.wait_line(STATISTICS, timeout=5, since=time.monotonic(), where=lambda match: not frames_flow(match))
        again = ["--depth-port", depth_port] if same_depth_port else []
        server = self.start_old_server("--name", "Old", "--port", port, *again, *self.frames)
        server.wait_line(r"^serving")

        # The client's line sums up a second: one that comes over a second from now tells of new frames only.
        back = time.monotonic()
        client.wait_line(STATISTICS, timeout=self.LIMIT + 1.1, since=back + 1.1, where=frames_flow)
        self.assertEqual(client.interrupt(), 0, client.describe())


if __name__ == "__main__":
    unittest.main()
