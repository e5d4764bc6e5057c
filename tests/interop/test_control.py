"""Our server's control port against the recorded messages, and against what a hostile or clumsy peer sends."""

import json
import unittest

import zmq
from zmq.utils.monitor import recv_monitor_message

import control_cases
import protocol
import zmtp
from peer import Client
from programs import OurServer, ProgramTest

PATIENCE = 5000  # milliseconds that a reply may take


class Dealer:
    """A client that may send what a REQ cannot."""

    def __init__(self, endpoint: str):
        self._context = zmq.Context()
        self.socket = self._context.socket(zmq.DEALER)
        self.socket.rcvtimeo = self.socket.sndtimeo = PATIENCE
        self._monitor = self.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self.socket.connect(endpoint)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.disable_monitor()
        self._context.destroy(linger=0)

    def ping(self):
        """Expects that the next message is a delimited pong, which also proves that nothing else came before."""
        self.socket.send_multipart([b"", protocol.PING])
        reply = self.socket.recv_multipart()
        if reply != [b"", protocol.PONG]:
            raise protocol.ProtocolError(f"ping was answered by {reply!r}")

    def wait_dropped(self):
        """Waits until the server has closed the connection."""
        if not self._monitor.poll(PATIENCE):
            raise AssertionError("the server kept the connection")
        recv_monitor_message(self._monitor)


def exchange(test: unittest.TestCase, endpoint: str, case: control_cases.Case):
    """Sends a case's messages and checks the replies, then that the port serves this client and the next."""
    with Dealer(endpoint) as dealer:
        for request in case.requests:
            dealer.socket.send_multipart(request)
        for kinds in case.replies:
            delimiter, *reply = dealer.socket.recv_multipart()
            test.assertEqual(delimiter, b"")
            test.assertIn(reply[0], kinds, reply)
            test.assertEqual(faults_of_reply(reply), [])
        dealer.ping()
        with Client(endpoint) as client:
            client.ping()


def faults_of_reply(reply: list[bytes]) -> list[str]:
    """What the documentation does not allow in a reply."""
    if reply[0] == protocol.ME:
        return protocol.faults_of_me(protocol.parse(reply)[1])
    if reply[0] == protocol.ERROR:
        return protocol.faults_of_error(reply)
    return [] if reply == [protocol.PONG] else [f"{reply!r} is no reply"]


class ControlPort(ProgramTest):
    """One server for all tests of the class: what one of them does must not harm the next."""

    @classmethod
    def setUpClass(cls):
        cls.holder = ProgramTest()
        cls.addClassCleanup(cls.holder.doCleanups)
        program = cls.holder.start("mock_server", "--no-announce", "--address", "127.0.0.1")
        cls.server = OurServer.of(program)

    def setUp(self):
        self.addCleanup(lambda: self.assertTrue(self.server.program.runs, self.server.program.describe()))

    def test_recorded_cases_are_answered(self):
        for case in control_cases.of_ours():
            with self.subTest(case.name):
                exchange(self, self.server.control, case)

    def test_a_frame_over_one_mebibyte_ends_only_its_connection(self):
        with Client(self.server.control) as bystander, Dealer(self.server.control) as dealer:
            bystander.ping()
            dealer.ping()
            for size in (control_cases.MIB + 1, 8 * control_cases.MIB):
                with self.subTest(size=size):
                    dealer.socket.send_multipart([b"", protocol.PING, b'"' + b"a" * (size - 2) + b'"'])
                    dealer.wait_dropped()
                    bystander.ping()
                    # libzmq has connected anew.
                    dealer.ping()

    def test_the_first_request_need_not_be_who(self):
        with Client(self.server.control) as client:
            client.ping()
            self.assertEqual(client.who()["devices"][0]["id"], self.server.kinect)

    def test_a_client_that_does_not_wait_for_its_reply_harms_nobody(self):
        for _ in range(50):
            with Dealer(self.server.control) as dealer:
                dealer.ping()  # connected, so that the next message goes out at once
                dealer.socket.send_multipart([b"", protocol.WHO])
        with Client(self.server.control) as client:
            client.ping()

    def test_every_type_byte_is_answered(self):
        with Client(self.server.control) as client:
            for value in range(256):
                kind = bytes([value])
                reply = client.request([kind])
                expected = {protocol.PING: protocol.PONG, protocol.WHO: protocol.ME}.get(kind, protocol.ERROR)
                self.assertEqual(reply[0], expected)
                self.assertEqual(faults_of_reply(reply), [])

    def test_me_is_plain_json(self):
        with Client(self.server.control) as client:
            reply = client.request([protocol.WHO])
        self.assertEqual(len(reply), 2)

        def refuse(name):
            self.fail(f"{name} is not JSON")

        def no_duplicates(members):
            names = [name for name, _ in members]
            self.assertEqual(len(names), len(set(names)), names)
            return dict(members)

        json.loads(reply[1].decode(), parse_constant=refuse, object_pairs_hook=no_duplicates)

    def test_an_unsubscription_without_subscription_stops_nobody(self):
        with Client(self.server.control) as client:
            stream = client.depth_stream(self.server.depth)
            next(stream)
            for endpoint in (self.server.depth, self.server.frames_depth):
                with zmtp.RawSubscriber(endpoint) as hostile:
                    hostile.send(b"\x00", b"\x00", b"\x00", b"\x01")
                    hostile.receive()  # so the messages before it have been seen
                    hostile.send(*[b"\x00"] * 5)
                    for _ in range(30):
                        next(stream)
            our_client = self.start("depth_client", self.server.control, "--frames", "10", "--timeout", "5")
            self.assertEqual(our_client.ended(10), 0, our_client.describe())


if __name__ == "__main__":
    unittest.main()
