"""The examples and the first program do what they say, as processes of their own."""

import re
import socket
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import pytest
from conftest import unique_name

from streamkinect2.common import Stream
from streamkinect2.mock import MockKinect, Scene
from streamkinect2.server import Server

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "examples"
isolated = pytest.mark.skipif(
    [name for _, name in socket.if_nameindex()] != ["lo"],
    reason="what serves on all interfaces runs only where there is nothing but loopback",
)


class Program:
    """A program that runs; its stdin is open, and stdout and stderr are one."""

    def __init__(self, path, *arguments):
        command = [sys.executable, "-X", "dev", "-u", str(path), *arguments]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.output = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self.output += line

    def wait_for(self, pattern, seconds=20):
        """Waits until what it has printed matches; returns the match."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern, self.output)
            if found:
                return found
            time.sleep(0.02)
        pytest.fail(f"no {pattern!r} in\n{self.output}")

    def press_enter(self):
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def end(self, seconds=20):
        """Waits for the end; returns the exit status."""
        status = self._process.wait(seconds)
        self._reader.join(seconds)
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        self._process.stdin.close()


@pytest.fixture
def room():
    """A server with a realistic mock: (name, what it has captured: sequence -> CRC-32)."""
    sent = {}
    name = unique_name("Room")
    kinect = MockKinect(scene=Scene.REALISTIC, streams=Stream.DEPTH, kinect_id=name)

    @MockKinect.on_depth_frame.connect_via(kinect)
    def remember(_kinect, depth_frame):
        sent[depth_frame.sequence] = zlib.crc32(depth_frame.array.astype("<u2", copy=False))

    with Server("127.0.0.1", name=name) as server:
        server.add_kinect(kinect)
        with kinect:
            yield name, sent


def test_the_first_program_gets_the_pixels_that_were_sent(room):
    name, sent = room
    with Program(HERE / "first_program.py", name, "20") as program:
        status = program.end()
    lines = program.output.splitlines()
    assert status == 0 and lines[0] == "pong", program.output
    frames = [re.fullmatch(r"depth (\d+) ([0-9a-f]{8})", line) for line in lines[1:]]
    assert len(frames) == 20 and all(frames)
    for frame in frames:
        assert sent[int(frame[1])] == int(frame[2], 16)


@isolated
def test_the_programs_of_the_documentation():
    """mock_server serves, ping_client finds it, pings it and sees it go; Enter ends both."""
    with Program(EXAMPLES / "ping_client.py") as client, Program(EXAMPLES / "mock_server.py") as server:
        client.wait_for("Press Enter to exit")
        server.wait_for("Running server")
        name, endpoint = client.wait_for(r'Discovered server "(.*)" at "(.*)"').groups()
        client.wait_for(f'Got pong from "{re.escape(name)}"')
        server.press_enter()
        server.wait_for("Stopped")
        assert server.end() == 0
        client.wait_for(f'Server "{re.escape(name)}" at "{endpoint}" went away')
        client.press_enter()
        client.wait_for("Stopping")
        assert client.end() == 0
    assert "Traceback" not in client.output + server.output


def programs(folder):
    """What a README has in Python."""
    return re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text("utf-8"), re.S)


@isolated
def test_the_first_programs_of_the_readmes(tmp_path):
    (client_of_the_project,) = programs(HERE.parents[2])
    client, server, *_ = programs(HERE.parent)
    said = {client: r"<DepthFrame \d+ 512x424> - \d+ mm in the middle", client_of_the_project: r"^\d+ mm in the middle"}
    (tmp_path / "server.py").write_text(server, "utf-8")
    with Program(tmp_path / "server.py") as serving:
        for text, pattern in said.items():
            (tmp_path / "client.py").write_text(text, "utf-8")
            with Program(tmp_path / "client.py") as program:
                assert program.end() == 0 and re.search(pattern, program.output), program.output
        serving.press_enter()
        assert serving.end() == 0, serving.output


@isolated
@pytest.mark.parametrize("example", ["nearest.py", "asyncio_client.py"])
def test_examples_receive_what_an_example_pushes(example):
    name = unique_name("Wall")
    with Program(EXAMPLES / "push_server.py", name, "15"):
        arguments = ["--server", name, "--frames", "10"] if example == "nearest.py" else [name, "10"]
        with Program(EXAMPLES / example, *arguments) as client:
            assert client.end() == 0, client.output
    assert re.search(r"frame \d+: (nearest \d{4} mm|0 mm in the middle)", client.output), client.output
    assert "Traceback" not in client.output


def test_what_is_not_there_is_an_error():
    with Program(EXAMPLES / "nearest.py", "tcp://127.0.0.1:9") as program:
        assert program.end() == 1
    assert "no answer from tcp://127.0.0.1:9 within 5000 ms" in program.output
