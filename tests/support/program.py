"""Starting programs, following what they print, and ending them on every path."""

import atexit
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

START = 10.0  # seconds within which a program is up

_running: set["Program"] = set()


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
