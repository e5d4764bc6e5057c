"""Starting the C example programs, following what they print, and ending them on every path."""

import atexit
import itertools
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from dataclasses import dataclass
from pathlib import Path

import depth

HERE = Path(__file__).resolve().parent
START = 10.0  # seconds within which a program is up

_running: set["Program"] = set()
_numbers = itertools.count(1)


@atexit.register
def _kill_leftovers():
    for program in list(_running):
        program.kill()


# Ended from outside, Python must still come by the line above.
signal.signal(signal.SIGTERM, signal.default_int_handler)


@dataclass(frozen=True)
class Line:
    """A line of output, and when it came."""

    time: float
    text: str


class Program:
    """A running process whose output is read by threads, so that it never blocks on a full pipe."""

    def __init__(self, *command):
        self.command = [str(part) for part in command]
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        _running.add(self)
        self._changed = threading.Condition()
        self._open_pipes = 2
        self.output: list[Line] = []
        self.errors: list[Line] = []
        self._readers = [
            threading.Thread(target=self._read, args=(pipe, lines), daemon=True)
            for pipe, lines in ((self._process.stdout, self.output), (self._process.stderr, self.errors))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, pipe, lines: list[Line]):
        with pipe:
            for text in pipe:
                with self._changed:
                    lines.append(Line(time.monotonic(), text.rstrip("\n")))
                    self._changed.notify_all()
        with self._changed:
            self._open_pipes -= 1
            self._changed.notify_all()

    def wait_line(self, pattern: str, timeout: float = START, since: float = 0.0, where=None) -> re.Match:
        """The first line of output that matches, printed after `since` and for which `where(match)` holds."""
        deadline = time.monotonic() + timeout
        position = 0
        wanted = f"line {pattern!r}" + (" with the right values" if where else "")
        with self._changed:
            while True:
                for line in self.output[position:]:
                    match = re.search(pattern, line.text)
                    if match and line.time > since and (where is None or where(match)):
                        return match
                position = len(self.output)
                if self._open_pipes == 0:
                    raise AssertionError(f"ended without the expected {wanted}\n{self.describe()}")
                if not self._changed.wait(deadline - time.monotonic()) and time.monotonic() >= deadline:
                    raise AssertionError(f"did not print the expected {wanted} in {timeout} s\n{self.describe()}")

    def matches(self, pattern: str) -> list[re.Match]:
        """All lines of output so far that match."""
        found = (re.search(pattern, line.text) for line in list(self.output))
        return [match for match in found if match]

    def ended(self, timeout: float) -> int:
        """The exit code of a program that ends by itself; negative if a signal ended it."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still runs after {timeout} s\n{self.describe()}") from None
        self._collect()
        return code

    def interrupt(self, timeout: float = 5.0) -> int:
        """Ends the program as Ctrl-C does, and gives the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self.ended(timeout)

    def kill(self):
        """Ends the program at once (SIGKILL)."""
        self._process.kill()
        self._process.wait()
        self._collect()

    def _collect(self):
        for reader in self._readers:
            reader.join(5)
        _running.discard(self)

    @property
    def runs(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None

    def describe(self) -> str:
        """The command and the end of its output, for messages of failed tests."""
        last = [f"  {line.text}" for line in self.output[-15:]]
        wrong = [f"  ! {line.text}" for line in self.errors[-15:]]
        return "\n".join([" ".join(self.command), f"  exit code {self._process.poll()}", *last, *wrong])


class ProgramTest(unittest.TestCase):
    """A test that starts programs; all are ended with it."""

    def start(self, name: str, *arguments) -> Program:
        """Starts one of the C examples, from the folder that the environment variable EXAMPLES names."""
        return self._keep(Program(Path(os.environ["EXAMPLES"]).resolve() / name, *arguments))

    def start_old_server(self, *arguments) -> Program:
        """Starts the 2014-style server as a process of its own."""
        return self._keep(Program(sys.executable, HERE / "peer.py", *arguments))

    def _keep(self, program: Program) -> Program:
        self.addCleanup(program.kill)
        return program

    def assert_interrupts(self, program: Program):
        """Ctrl-C must end the program with exit code 0."""
        self.assertEqual(program.interrupt(), 0, program.describe())

    def index_of(self, frame: bytes, frames: list[bytes]) -> int:
        """Which of the frames this is, bit for bit; fails by naming the first pixel that differs from the closest."""
        if frame in frames:
            return frames.index(frame)
        values = depth.to_values(frame)
        wrong = [[p for p, (a, b) in enumerate(zip(values, depth.to_values(other))) if a != b] for other in frames]
        closest = min(range(len(frames)), key=lambda index: len(wrong[index]))
        row, column = divmod(wrong[closest][0], depth.WIDTH)
        got, expected = (depth.to_values(one)[wrong[closest][0]] for one in (frame, frames[closest]))
        self.fail(
            f"{len(wrong[closest])} pixels differ from the closest frame, number {closest}; "
            f"the first at column {column}, row {row}: {got} instead of {expected}"
        )

    def unique_name(self, kind: str) -> str:
        """A server's name that no other server on this loopback has; with characters beyond ASCII."""
        return f"Bob's {kind} é {os.getpid()}-{next(_numbers)}"

    def folder(self) -> Path:
        """A new empty folder that is removed after the test."""
        folder = tempfile.TemporaryDirectory(prefix="kinect2-interop-")
        self.addCleanup(folder.cleanup)
        return Path(folder.name)

    def recordings(self, frames: list[bytes]) -> Path:
        """A folder with these frames as recordings."""
        folder = self.folder()
        for number, frame in enumerate(frames):
            (folder / f"depth_{number:04}.u16").write_bytes(frame)
        return folder


@dataclass(frozen=True)
class OurServer:
    """What mock_server and replay_server print when they are up."""

    program: Program
    name: str
    control: str
    kinect: str
    depth: str
    frames_depth: str

    @classmethod
    def of(cls, program: Program) -> "OurServer":
        """Waits until the server is up."""
        serving = program.wait_line(r'^serving "(.*)" at (\S+)$')
        facts = [
            program.wait_line(pattern)[1] for pattern in (r"^kinect (\S+)$", r"^depth (\S+)$", r"^frames\.depth (\S+)$")
        ]
        return cls(program, serving[1], serving[2], *facts)


# The line that depth_client prints once a second.
STATISTICS = (
    r"^fps (?P<fps>[\d.]+) +Mbit/s (?P<rate>[\d.]+) +lost (?P<lost>\S+) +dropped (?P<dropped>\S+)"
    r" +corrupt (?P<corrupt>\S+) +latency (?P<latency>.*)$"
)


def frames_flow(match: re.Match) -> bool:
    """Whether a line of statistics tells of frames in that second."""
    return float(match["fps"]) > 0


# Recordings that fit in 12 bits, and such that do not; made once, since that takes a moment.
NEAR = depth.recording(6, depth.LARGEST)
FAR = depth.recording(3, 8191) + depth.recording(3, 65535)
