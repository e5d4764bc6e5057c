"""The C example programs and the server of 2014 as tests start them, and what they print."""

import itertools
import os
import re
import sys
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path

import depth
from program import START, Program

HERE = Path(__file__).resolve().parent

_numbers = itertools.count(1)


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
