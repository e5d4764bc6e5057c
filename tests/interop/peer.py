"""A server and a client as they were in 2014: version 1 and nothing else.

As a program it is such a server in a process of its own, which can be killed: `peer.py --help`.
"""

import argparse
import contextlib
import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import zmq

import depth
import protocol


@dataclass
class Device:
    """A Kinect of a server: its id and the messages that its depth endpoint repeats.

    A message is normally one encoded frame; a list stands for several ZeroMQ frames.
    """

    id: str
    messages: list[bytes | list[bytes]]
    port: int = 0


class Server:
    """REP for control and one PUB a device, with the socket options that libzmq starts with.

    `host` is what the server believes to be its name: it stands in the endpoints of `me`. The 2014 server wrote
    `localhost` or `<node>.local` there, whether or not a client can resolve that.
    """

    def __init__(self, name: str, devices: list[Device], host: str = "localhost", port: int = 0, rate: float = 30.0):
        self.name, self.devices, self.host, self.rate = name, devices, host, rate
        self._requests = 0
        self._asked = threading.Condition()
        self._stopping = threading.Event()
        self._context = zmq.Context()
        self._control = self._context.socket(zmq.REP)
        self.port = _bind(self._control, port)
        self._publishers = [self._context.socket(zmq.PUB) for _ in devices]
        self.depth_ports = [_bind(socket, device.port) for socket, device in zip(self._publishers, devices)]
        # A daemon, so that a test run that is cut short can end.
        self._thread = threading.Thread(target=self._run, name=f"server {name}", daemon=True)

    @property
    def endpoint(self) -> str:
        """Where the control endpoint really is."""
        return f"tcp://127.0.0.1:{self.port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join()
        self._context.destroy(linger=0)

    def me(self) -> dict:
        """The payload of `me`; tests replace it."""
        return {
            "version": 1,
            "name": self.name,
            "endpoints": {"control": f"tcp://{self.host}:{self.port}"},
            "devices": [
                {"id": device.id, "endpoints": {"depth": f"tcp://{self.host}:{port}"}}
                for device, port in zip(self.devices, self.depth_ports)
            ],
        }

    def answer(self, request: list[bytes]) -> list[bytes]:
        """The reply to a request; tests replace it."""
        try:
            kind, _ = protocol.parse(request)
        except protocol.ProtocolError as error:
            return protocol.error(str(error))
        if kind == protocol.PING:
            return [protocol.PONG]
        if kind == protocol.WHO:
            return [protocol.ME, json.dumps(self.me()).encode()]
        return protocol.error(f"{kind!r} is not for a server")

    def wait_requests(self, count: int, timeout: float) -> bool:
        """Waits until so many requests have been answered since the start; False if they do not come in time."""
        with self._asked:
            return self._asked.wait_for(lambda: self._requests >= count, timeout)

    def _run(self):
        due = time.monotonic()
        tick = 0
        while not self._stopping.is_set():
            wait = max(0.0, due - time.monotonic())
            if self._control.poll(wait * 1000):
                self._control.send_multipart(self.answer(self._control.recv_multipart()))
                with self._asked:
                    self._requests += 1
                    self._asked.notify_all()
            if time.monotonic() < due:
                continue
            for device, publisher in zip(self.devices, self._publishers):
                if device.messages:
                    message = device.messages[tick % len(device.messages)]
                    publisher.send_multipart(message if isinstance(message, list) else [message])
            tick += 1
            due = max(due + 1 / self.rate, time.monotonic())


def _bind(socket: zmq.Socket, port: int) -> int:
    socket.bind(f"tcp://127.0.0.1:{port or '*'}")
    return int(socket.last_endpoint.rsplit(b":", 1)[1])


class Client:
    """REQ for control: `who`, `ping` or any other message, each with its reply."""

    def __init__(self, endpoint: str, timeout: float = 5.0):
        self._context = zmq.Context()
        self._timeout = timeout
        self._control = self._context.socket(zmq.REQ)
        self._control.rcvtimeo = self._control.sndtimeo = int(timeout * 1000)
        self._control.connect(endpoint)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._context.destroy(linger=0)

    def request(self, message: list[bytes]) -> list[bytes]:
        """Sends a request and waits for the reply; zmq.Again after the timeout."""
        self._control.send_multipart(message)
        return self._control.recv_multipart()

    def ping(self):
        """Expects a pong, which carries nothing."""
        reply = self.request([protocol.PING])
        if reply != [protocol.PONG]:
            raise protocol.ProtocolError(f"ping was answered by {reply!r}")

    def who(self) -> dict:
        """The payload of the server's `me`, which must keep every rule of the documentation."""
        reply = self.request([protocol.WHO])
        kind, me = protocol.parse(reply)
        if kind != protocol.ME:
            raise protocol.ProtocolError(f"who was answered by {reply!r}")
        faults = protocol.faults_of_me(me)
        if faults:
            raise protocol.ProtocolError("; ".join(faults))
        return me

    def depth_stream(self, endpoint: str) -> "DepthStream":
        """Subscribes to a depth endpoint."""
        return DepthStream(self._context, endpoint, self._timeout)


class DepthStream:
    """SUB with an empty subscription; iterating gives decoded frames, zmq.Again when none comes in time."""

    def __init__(self, context: zmq.Context, endpoint: str, timeout: float):
        self._socket = context.socket(zmq.SUB)
        self._socket.rcvtimeo = int(timeout * 1000)
        self._socket.subscribe(b"")
        self._socket.connect(endpoint)

    def __iter__(self):
        return self

    def __next__(self) -> bytes:
        message = self._socket.recv_multipart()
        if len(message) != 1:
            raise depth.CorruptFrame(f"a depth message has 1 part, not {len(message)}")
        return depth.decode(message[0])


def main():
    """Serves one device until killed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--name", default="Old server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--depth-port", type=int, default=0)
    parser.add_argument("frame", nargs="+", type=Path, help="recorded 512x424 frame, raw little-endian 16 bit")
    options = parser.parse_args()
    messages = [depth.encode(path.read_bytes()) for path in options.frame]
    with Server(options.name, [Device("old", messages, options.depth_port)], port=options.port) as server:
        print(f'serving "{server.name}" at {server.endpoint}', flush=True)
        print(f"depth tcp://127.0.0.1:{server.depth_ports[0]}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
