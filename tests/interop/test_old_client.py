"""A client of 2014 with our servers."""

import unittest
from urllib.parse import urlsplit

import depth
from discovery import Browser
from peer import Client
from programs import FAR, NEAR, OurServer, ProgramTest


class OldClientWithOurServer(ProgramTest):
    def test_it_finds_the_mock_server_and_sees_the_mock_scene(self):
        name = self.unique_name("mock")
        with Browser() as browser:
            server = OurServer.of(self.start("mock_server", "--name", name, "--address", "127.0.0.1"))
            self.assertEqual(server.name, name)
            found = browser.find(name)
            self.assertEqual(found.addresses, ("127.0.0.1",))
            self.assertTrue(found.target.endswith(".local."), found)
            self.assertEqual(found.port, urlsplit(server.control).port)

            with Client(found.endpoint) as client:
                client.ping()
                me = client.who()
                self.assertEqual(me["name"], name)
                self.assertEqual([device["id"] for device in me["devices"]], [server.kinect])
                self.assertEqual(me["devices"][0]["endpoints"]["depth"], server.depth)
                with Client(me["endpoints"]["control"]) as again:
                    again.ping()

                stream = client.depth_stream(server.depth)
                shifts = [depth.mock_shift(next(stream)) for _ in range(6)]
                self.assertNotIn(None, shifts, "a frame is not the mock scene")

            self.assert_interrupts(server.program)
            browser.lose(name)

    def test_a_device_gets_the_id_it_was_given(self):
        server = self.start("mock_server", "--no-announce", "--address", "127.0.0.1", "--id", "0123456789abcdef")
        with Client(OurServer.of(server).control) as client:
            self.assertEqual(client.who()["devices"][0]["id"], "0123456789abcdef")

    def test_far_values_arrive_as_invalid_and_others_exactly(self):
        server = self.replay(folder := self.recordings(FAR))
        expected = [depth.without_far_values(frame) for frame in FAR]
        with Client(server.control) as client:
            stream = client.depth_stream(client.who()["devices"][0]["endpoints"]["depth"])
            seen = [self.index_of(next(stream), expected) for _ in range(len(FAR) * 3)]
        self.assertEqual(set(seen), set(range(len(FAR))), "a recording never arrived")

        our_client = self.start("depth_client", server.control, "--frames", "30", "--verify", folder)
        self.assertEqual(our_client.ended(15), 0, our_client.describe())
        our_client.wait_line(r"^verified \d+ frames: bit-exact$", timeout=0)

    def test_two_old_clients_and_a_new_one_are_served_together(self):
        server = self.replay(folder := self.recordings(NEAR))
        our_client = self.start("depth_client", server.control, "--frames", "60", "--verify", folder)
        with Client(server.control) as first, Client(server.control) as second:
            streams = [
                client.depth_stream(client.who()["devices"][0]["endpoints"]["depth"]) for client in (first, second)
            ]
            for _ in range(60):
                for stream in streams:
                    self.index_of(next(stream), NEAR)
        self.assertEqual(our_client.ended(15), 0, our_client.describe())
        our_client.wait_line(r"^verified \d+ frames: bit-exact$", timeout=0)

    def replay(self, folder, *arguments) -> OurServer:
        """Our replay server on the recordings of a folder."""
        program = self.start("replay_server", "--no-announce", "--address", "127.0.0.1", *arguments, folder)
        return OurServer.of(program)


if __name__ == "__main__":
    unittest.main()
