"""What the tests here are made of: hosts with programs of ours, and how their output is judged."""

import re
import statistics
import time
import unittest
from dataclasses import dataclass

from network import Host, Interface, Network
from program import Program

RECOVERY = 3.0  # seconds after the network is whole within which frames flow again
FOUND = 5.0  # seconds within which a server that starts is found
FRESH_MS = 500.0  # of a network that is whole: frames that are older waited in a cut


@dataclass(frozen=True)
class Frame:
    """A frame as frame_sink tells it: when it came, in seconds of the monotonic clock, its number, and how old it was."""

    time: float
    number: int
    age_ms: float


def figures(program: Program, timeout: float) -> dict[str, int]:
    """The line of figures that a program prints when it has done its work."""
    words = program.wait_line(r"^figures (.*)$", timeout)[1].split()
    return {name: int(value) for name, value in zip(words[::2], words[1::2])}


class Sink:
    """A running frame_sink."""

    def __init__(self, program: Program):
        self.program = program

    def frames(self, since: float = 0.0) -> list[Frame]:
        """The frames that have come so far."""
        found = (re.match(r"frame (\S+) (\d+) (\S+)$", line.text) for line in list(self.program.output))
        frames = [Frame(float(m[1]), int(m[2]), float(m[3])) for m in found if m]
        return [frame for frame in frames if frame.time > since]

    def events(self, what: str) -> list[str]:
        """What was told of such events so far."""
        return [match[1] for match in self.program.matches(rf"^event \S+ {what} ?(.*)$")]

    def wait_flow(self, since: float, within: float, frames: int = 15) -> float:
        """Waits until so many fresh frames have come after `since` within a second; when the first of them came."""
        deadline = since + within + 1
        while True:
            fresh = [frame for frame in self.frames(since) if frame.age_ms < FRESH_MS]
            for first, last in zip(fresh, fresh[frames - 1 :]):
                if last.time - first.time < 1:
                    return first.time
            if time.monotonic() > deadline:
                raise AssertionError(f"no flow of frames within {within} s\n{self.program.describe()}")
            time.sleep(0.05)

    def wait_number(self, number: int, within: float):
        """Waits until the frame of this number has come."""
        deadline = time.monotonic() + within
        while not any(frame.number == number for frame in self.frames()):
            if time.monotonic() > deadline:
                raise AssertionError(f"frame {number} did not come\n{self.program.describe()}")
            time.sleep(0.05)

    def end(self) -> dict[str, int]:
        """Ends it; its figures."""
        if self.program.interrupt() != 0:
            raise AssertionError(f"ended badly\n{self.program.describe()}")
        return figures(self.program, 0)


class NetworkTest(unittest.TestCase):
    """A test with hosts of its own; `note` is what the run shows beside its name."""

    def setUp(self):
        self.notes: list[str] = []
        self.network = Network()
        self.addCleanup(self.network.close)

    def note(self, text: str):
        """A figure that was measured."""
        self.notes.append(text)

    def start(self, host: Host, program: str, *arguments) -> Program:
        """Starts a program that ends with the test."""
        started = host.start(program, *arguments)
        self.addCleanup(started.kill)
        return started

    def two_hosts(self, delay_ms: float = 0) -> tuple[Interface, Interface]:
        """Two hosts at the ends of a cable; without addresses beyond IPv6's link-local ones."""
        return self.network.cable(self.network.host("alpha"), self.network.host("beta"), delay_ms)

    def two_addressed_hosts(self, delay_ms: float = 0) -> tuple[Interface, Interface]:
        """Two hosts, 10.0.0.1 and 10.0.0.2."""
        one, other = self.two_hosts(delay_ms)
        one.add("10.0.0.1/24")
        other.add("10.0.0.2/24")
        self.network.settle()
        return one, other

    def two_links(self) -> list[tuple[Interface, Interface]]:
        """Two hosts with two cables between them: 10.0.1.1 and 10.0.1.2, 10.0.2.1 and 10.0.2.2."""
        alpha, beta = self.network.host("alpha"), self.network.host("beta")
        ends = [self.network.cable(alpha, beta) for _ in range(2)]
        for number, (one, other) in enumerate(ends, 1):
            one.add(f"10.0.{number}.1/24")
            other.add(f"10.0.{number}.2/24")
        self.network.settle()
        return ends

    def serve(self, host: Host, *arguments, program: str = "mock_server") -> Program:
        """A server that is up when this returns."""
        server = self.start(host, program, *arguments)
        server.wait_line(r"^frames\.depth ")
        return server

    def receive(self, host: Host, *arguments) -> Sink:
        """A client that enables the depth stream of what it finds."""
        return Sink(self.start(host, "frame_sink", *arguments))

    def end_of_stream(self, source: Program, sink: Sink, within: float) -> tuple[list[Frame], dict[str, int], dict[str, int]]:
        """Waits until a frame_source has pushed all its frames and the last has come; the frames that came, and the figures of both, which
        account for every frame."""
        sent = figures(source, within)
        sink.wait_number(sent["frames_in"] - 1, within)
        frames, got = sink.frames(), sink.end()
        self.assertEqual(sent["encoded"] + sent["dropped"], sent["frames_in"], sent)
        self.assertEqual(got["delivered"] + got["dropped"], got["received"], got)
        self.assertEqual(got["corrupt"], 0, got)
        # It counts from the first that it received, which is the first that it shows or, on bad lines, one dropped before that.
        since = sent["frames_in"] - frames[0].number
        counted = got["received"] + got["lost"]
        self.assertTrue(since <= counted <= since + got["dropped"], f"{counted} of {since}: {got}")
        return frames, sent, got


def ages(frames: list[Frame]) -> str:
    """Ages of frames in words."""
    values = sorted(frame.age_ms for frame in frames)
    return f"median {statistics.median(values):.0f} ms, oldest {values[-1]:.0f} ms"
