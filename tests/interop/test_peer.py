"""The peer against the recordings of 2014 and against itself: only a peer known to be right can judge others."""

import hashlib
import json
import unittest
from pathlib import Path

import zmq

import control_cases
import depth
import protocol
import zmtp
from discovery import Announcement, Browser
from peer import Client, Device, Server
from programs import ProgramTest
from test_control import exchange

GOLDEN = Path(__file__).resolve().parent.parent / "golden"


class Depth(unittest.TestCase):
    def test_recorded_messages_decode_to_the_recorded_frames(self):
        records = json.loads((GOLDEN / "depth.json").read_text("utf-8"))
        self.assertTrue(records)
        for record in records:
            with self.subTest(record["name"]):
                message = (GOLDEN / "depth" / f"{record['name']}.msg").read_bytes()
                packed_bytes = record["width"] * record["height"] * 3 // 2
                frame = depth.decode(message, packed_bytes)
                self.assertEqual(hashlib.sha256(frame).hexdigest(), record["decoded_sha256"])
                self.assertTrue(depth.decode(depth.encode(frame), packed_bytes) == frame)

    def test_the_mock_scene_is_the_recorded_one(self):
        for shift in (0, 37, -100):
            message = (GOLDEN / "depth" / f"mock_dx{shift}.msg").read_bytes()
            self.assertEqual(depth.mock_shift(depth.decode(message)), shift)
        self.assertIsNone(depth.mock_shift(bytes(2 * depth.PIXELS)))

    def test_the_made_recordings_hold_every_value(self):
        for largest in (depth.LARGEST, 65535):
            self.assertEqual(set(depth.to_values(depth.recording(1, largest)[0])), set(range(largest + 1)))

    def test_far_values_become_invalid(self):
        frame = depth.from_values([0, 4095, 4096, 65535])
        self.assertEqual(depth.without_far_values(frame), depth.from_values([0, 4095, 0, 0]))

    def test_corrupt_messages_are_told_apart(self):
        good = depth.encode(depth.mock_frame(0))
        for message in (b"", good[:3], good[:4], good[:-1], b"\0\0\0\0" + good[4:], good + b"\0"):
            self.assertRaises(depth.CorruptFrame, depth.decode, message)


class Control(unittest.TestCase):
    def test_the_old_server_answers_as_recorded(self):
        with Server("Old", [Device("one", [])]) as server:
            for case in control_cases.recorded():
                with self.subTest(case.name):
                    exchange(self, server.endpoint, case)

    def test_a_faulty_me_is_noticed(self):
        good = {"version": 1, "name": "n", "endpoints": {"control": "tcp://h:1"}, "devices": []}
        self.assertEqual(protocol.faults_of_me(good), [])
        device = {"id": "a", "endpoints": {}}
        for change in (
            {"version": 2},
            {"version": True},
            {"name": None},
            {"endpoints": {}},
            {"endpoints": {"control": 1}},
            {"devices": {}},
            {"devices": [device, device]},
            {"devices": [{"id": 1, "endpoints": {}}]},
            {"devices": [{"id": "a"}]},
        ):
            self.assertEqual(len(protocol.faults_of_me(good | change)), 1, change)
        self.assertTrue(protocol.faults_of_me([]))


class OldClientWithOldServer(ProgramTest):
    def setUp(self):
        self.frames = [depth.mock_frame(shift) for shift in (0, 50)]
        self.device = Device("kinect", [depth.encode(frame) for frame in self.frames])

    def test_depth_frames_arrive(self):
        with Server("Old", [self.device]) as server, Client(server.endpoint) as client:
            client.ping()
            me = client.who()
            stream = client.depth_stream(me["devices"][0]["endpoints"]["depth"])
            for _ in range(4):
                self.index_of(next(stream), self.frames)

    def test_a_corrupt_message_is_refused(self):
        self.device.messages = [b"\1\2\3"]
        with Server("Old", [self.device]) as server, Client(server.endpoint) as client:
            stream = client.depth_stream(client.who()["devices"][0]["endpoints"]["depth"])
            self.assertRaises(depth.CorruptFrame, next, stream)

    def test_zeroconf_finds_and_loses_the_server(self):
        name = self.unique_name("peer")
        with Server(name, [self.device]) as server, Browser() as browser:
            with Announcement(name, server.port):
                found = browser.find(name)
                self.assertEqual((found.target, found.endpoint), ("old-node.local.", server.endpoint))
            browser.lose(name)

    def test_a_killed_server_comes_back_at_its_port(self):
        folder = self.recordings(self.frames)
        arguments = ["--name", "Old", folder / "depth_0000.u16"]
        server = self.start_old_server(*arguments)
        endpoint = server.wait_line(r'^serving "Old" at (\S+)$')[1]
        with Client(endpoint) as client:
            client.ping()
        server.kill()
        with Client(endpoint, timeout=0.3) as client:
            self.assertRaises(zmq.Again, client.ping)
        server = self.start_old_server("--port", endpoint.rsplit(":", 1)[1], *arguments)
        with Client(endpoint) as client:
            self.assertEqual(client.who()["name"], "Old")
            stream = client.depth_stream(server.wait_line(r"^depth (\S+)$")[1])
            self.index_of(next(stream), self.frames[:1])

    def test_the_raw_subscriber_gets_what_it_subscribes(self):
        with Server("Old", [self.device]) as server:
            with zmtp.RawSubscriber(f"tcp://127.0.0.1:{server.depth_ports[0]}") as subscriber:
                subscriber.send(b"\x00", b"\x01")
                self.index_of(depth.decode(subscriber.receive()), self.frames)


if __name__ == "__main__":
    unittest.main()
