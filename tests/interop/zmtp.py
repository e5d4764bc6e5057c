"""A subscriber that speaks ZMTP 3.0 over a plain TCP socket.

libzmq's own sockets keep back an unsubscription that no subscription preceded; a foreign or hostile peer does not.
"""

import socket
import struct

SIGNATURE = b"\xff" + bytes(8) + b"\x7f"
GREETING = SIGNATURE + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
MORE, LONG, COMMAND = 1, 2, 4


class RawSubscriber:
    """Sends subscriptions and unsubscriptions exactly as told."""

    def __init__(self, endpoint: str, timeout: float = 5.0):
        host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), timeout)
        self._stream = self._socket.makefile("rb")
        try:
            self._socket.sendall(GREETING)
            self._read(len(GREETING))
            kind = b"SUB"
            ready = b"\x05READY" + b"\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
            self._socket.sendall(bytes([COMMAND, len(ready)]) + ready)
            flags, body = self._receive()
            if not flags & COMMAND or not body.startswith(b"\x05READY"):
                raise ConnectionError(f"expected READY, got {body!r}")
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the connection."""
        self._stream.close()
        self._socket.close()

    def send(self, *bodies: bytes):
        """Sends short messages, such as b"\\x01" (subscribe to all) or b"\\x00" (unsubscribe from all)."""
        self._socket.sendall(b"".join(bytes([0, len(body)]) + body for body in bodies))

    def receive(self) -> bytes:
        """The body of the next message part; TimeoutError when none comes."""
        while True:
            flags, body = self._receive()
            if not flags & COMMAND:
                return body

    def _receive(self) -> tuple[int, bytes]:
        flags = self._read(1)[0]
        length = struct.unpack(">Q", self._read(8))[0] if flags & LONG else self._read(1)[0]
        return flags, self._read(length)

    def _read(self, count: int) -> bytes:
        data = self._stream.read(count)
        if len(data) != count:
            raise ConnectionError("the server closed the connection")
        return data
