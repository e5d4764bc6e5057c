"""Our client with servers that break the rules: it must survive, say what is wrong, and go on."""

import json
import random
import struct
import threading
import time
import unittest

import lz4.block

import depth
import protocol
from peer import Device, Server
from programs import NEAR, START, STATISTICS, ProgramTest, frames_flow

MESSAGES = [depth.encode(frame) for frame in NEAR]
RATE = 10.0  # frames/s; many clients run at a time


def changed(me: dict, **members) -> dict:
    """The payload with some members replaced; one that is `...` is left out."""
    return {name: value for name, value in (me | members).items() if value is not ...}


def first_device(me: dict, **members) -> dict:
    """The payload with members of the first device replaced."""
    first, *rest = me["devices"]
    return changed(me, devices=[changed(first, **members), *rest])


def said(me: dict) -> list[bytes]:
    """The message that carries a payload."""
    return [protocol.ME, json.dumps(me).encode()]


# Replies to `who` that tell the client nothing it may use: from the payload of the true `me` to the whole message.
USELESS = {
    "version_2": lambda me: said(changed(me, version=2)),
    "version_text": lambda me: said(changed(me, version="1")),
    "version_true": lambda me: said(changed(me, version=True)),
    "version_almost_1": lambda me: said(changed(me, version=1.5)),
    "version_huge": lambda me: said(changed(me, version=10**400)),
    "no_version": lambda me: said(changed(me, version=...)),
    "no_name": lambda me: said(changed(me, name=...)),
    "name_number": lambda me: said(changed(me, name=1)),
    "no_endpoints": lambda me: said(changed(me, endpoints=...)),
    "endpoints_list": lambda me: said(changed(me, endpoints=[])),
    "no_devices": lambda me: said(changed(me, devices=...)),
    "devices_object": lambda me: said(changed(me, devices={})),
    "no_payload": lambda me: [protocol.ME],
    "empty_payload": lambda me: [protocol.ME, b""],
    "not_json": lambda me: [protocol.ME, b"{"],
    "not_utf8": lambda me: [protocol.ME, b'{"version": 1, "name": "\xff"}'],
    "null": lambda me: [protocol.ME, b"null"],
    "list": lambda me: [protocol.ME, b"[1]"],
    "deeply_nested": lambda me: [protocol.ME, b"[" * 100_000],
    "three_parts": lambda me: said(me) + [b"{}"],
    "empty_message": lambda me: [b""],
    "unknown_type": lambda me: [b"\x09", b"{}"],
    "long_type": lambda me: [b"\x04\x04", json.dumps(me).encode()],
    "pong": lambda me: [protocol.PONG],
    "error": lambda me: protocol.error("out of order"),
    "error_without_payload": lambda me: [protocol.ERROR],
    "error_not_json": lambda me: [protocol.ERROR, b"no"],
    "error_without_reason": lambda me: [protocol.ERROR, b"[]"],
    "question": lambda me: [protocol.WHO],
}

DEVICE = {"id": "other", "endpoints": {}}

# Replies with strange parts beside a sound device, whose frames must flow.
STRANGE = {
    "version_float": lambda me: said(changed(me, version=1.0)),
    "extra_members": lambda me: said(first_device(changed(me, colour="red", extra={"a": [1]}), serial=7)),
    "unknown_endpoints": lambda me: said(
        first_device(me, endpoints=me["devices"][0]["endpoints"] | {"sound": "tcp://h:1"})
    ),
    "unknown_endpoint_number": lambda me: said(changed(me, endpoints=me["endpoints"] | {"sound": 7})),
    "duplicate_device": lambda me: said(
        changed(me, devices=me["devices"] + [first_device(me, endpoints={})["devices"][0]])
    ),
    "device_without_id": lambda me: said(changed(me, devices=[changed(DEVICE, id=...)] + me["devices"])),
    "device_empty_id": lambda me: said(changed(me, devices=[changed(DEVICE, id="")] + me["devices"])),
    "device_long_id": lambda me: said(changed(me, devices=[changed(DEVICE, id="x" * 256)] + me["devices"])),
    "device_id_number": lambda me: said(changed(me, devices=[changed(DEVICE, id=1)] + me["devices"])),
    "other_device_without_depth": lambda me: said(changed(me, devices=me["devices"] + [DEVICE])),
    "long_name": lambda me: said(changed(me, name="é" * 5000)),
    "name_with_escapes": lambda me: said(changed(me, name='a\u0000\u001b[31m\n"b')),
}

# Devices that are there, but whose frames cannot be had.
WITHOUT_FRAMES = {
    "device_no_endpoints": lambda me: said(first_device(me, endpoints=...)),
    "device_endpoints_text": lambda me: said(first_device(me, endpoints="depth")),
    "device_null": lambda me: said(changed(me, devices=[None])),
    "no_devices_yet": lambda me: said(changed(me, devices=[])),
    "depth_number": lambda me: said(first_device(me, endpoints={"depth": 1236})),
    "depth_empty": lambda me: said(first_device(me, endpoints={"depth": ""})),
    "depth_no_port": lambda me: said(first_device(me, endpoints={"depth": "tcp://127.0.0.1"})),
    "depth_port_too_large": lambda me: said(first_device(me, endpoints={"depth": "tcp://127.0.0.1:99999"})),
    "depth_ipc": lambda me: said(first_device(me, endpoints={"depth": "ipc:///nowhere/socket"})),
    "depth_inproc": lambda me: said(first_device(me, endpoints={"depth": "inproc://depth"})),
}

NOISE = random.Random(1)
PACKED = depth.PACKED_BYTES

# Messages on a depth endpoint that are no frames.
GARBAGE = {
    "empty": b"",
    "too_short": MESSAGES[0][:3],
    "only_length": MESSAGES[0][:4],
    "length_0": struct.pack("<I", 0) + MESSAGES[0][4:],
    "length_1_less": struct.pack("<I", PACKED - 1) + MESSAGES[0][4:],
    "length_4_GiB": struct.pack("<I", 0xFFFFFFFF) + MESSAGES[0][4:],
    "other_size": struct.pack("<I", 12) + lz4.block.compress(bytes(12), store_size=False),
    "block_too_short": struct.pack("<I", PACKED) + lz4.block.compress(bytes(PACKED - 3), store_size=False),
    "block_too_long": struct.pack("<I", PACKED) + lz4.block.compress(bytes(PACKED + 3), store_size=False),
    "truncated": MESSAGES[0][: len(MESSAGES[0]) // 2],
    "bytes_after_the_block": MESSAGES[0] + b"\x00",
    "random": NOISE.randbytes(50_000),
    "random_block": struct.pack("<I", PACKED) + NOISE.randbytes(50_000),
    "uncompressed": struct.pack("<I", PACKED) + bytes(PACKED),
    "two_parts": [MESSAGES[0][:4], MESSAGES[0][4:]],
}


class Misbehaving(Server):
    """Answers every request by one strange reply until it is told to come to its senses."""

    def __init__(self, name: str, reply):
        super().__init__(name, [Device("kinect-2014", MESSAGES)], rate=RATE)
        self._reply = reply
        self.sane = threading.Event()

    def answer(self, request):
        return super().answer(request) if self.sane.is_set() else self._reply(self.me())


class StrangeReplies(ProgramTest):
    """All cases of a test at a time: each may take the client a heartbeat."""

    FRAMES = ["--frames", "5", "--timeout", "60"]
    HEARTBEAT = 15.0  # at most this long until the client asks again
    ENOUGH = 1.5  # seconds in which a client that took a reply for good has its frames and ends

    def serve(self, cases: dict) -> dict:
        """A server and a client for each case."""
        pairs = {}
        for name, reply in cases.items():
            server = self.enterContext(Misbehaving(f"{name} of 2014", reply))
            pairs[name] = server, self.start("depth_client", server.endpoint, *self.FRAMES)
        return pairs

    def test_frames_flow_beside_strange_parts(self):
        for name, (_, client) in self.serve(STRANGE).items():
            with self.subTest(name):
                self.assertEqual(client.ended(20), 0, client.describe())

    def test_the_client_survives_useless_replies_and_recovers(self):
        self.check_recovery(USELESS)

    def test_the_client_survives_devices_without_frames_and_recovers(self):
        self.check_recovery(WITHOUT_FRAMES)

    def check_recovery(self, cases: dict):
        pairs = self.serve(cases)
        for server, client in pairs.values():
            self.assertTrue(server.wait_requests(1, START), client.describe())
        time.sleep(self.ENOUGH)  # only time shows that nothing happens
        for name, (server, client) in pairs.items():
            with self.subTest(name, part="survives and asks again"):
                self.assertTrue(server.wait_requests(2, self.HEARTBEAT), client.describe())
                self.assertTrue(client.runs, client.describe())
                self.assertFalse(any(map(frames_flow, client.matches(STATISTICS))), client.describe())
            server.sane.set()
        for name, (_, client) in pairs.items():
            with self.subTest(name, part="recovers"):
                self.assertEqual(client.ended(30), 0, client.describe())


class CorruptFrames(ProgramTest):
    def test_garbage_is_counted_and_the_frames_beside_it_are_exact(self):
        folder = self.recordings(NEAR)
        devices = [
            Device(name, [MESSAGES[0], garbage, MESSAGES[1], garbage, MESSAGES[2]]) for name, garbage in GARBAGE.items()
        ]
        with Server("Garbage of 2014", devices, rate=RATE) as server:
            clients = {
                name: self.start(
                    "depth_client", server.endpoint, "--kinect", name, "--seconds", "4", "--verify", folder
                )
                for name in GARBAGE
            }
            for name, client in clients.items():
                with self.subTest(name):
                    corrupt = client.wait_line(STATISTICS, where=lambda match: match["corrupt"] not in ("0", "unknown"))
                    self.assertGreater(int(corrupt["corrupt"]), 0)
                    self.assertEqual(client.ended(15), 0, client.describe())
                    verified = client.wait_line(r"^verified (\d+) frames: bit-exact$", timeout=0)
                    self.assertGreater(int(verified[1]), 3)


if __name__ == "__main__":
    unittest.main()
