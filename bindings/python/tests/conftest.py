"""What the tests share: servers on loopback, and waiting for what comes."""

import itertools
import os
import threading
import time

import numpy as np
import pytest

from streamkinect2.common import EndpointType
from streamkinect2.mock import MockKinect
from streamkinect2.server import Server

_numbers = itertools.count(1)


def unique_name(kind="Server"):
    """A name that no other test on this machine has; not only ASCII."""
    return f"{kind} é {os.getpid()}-{next(_numbers)}"


def wait_until(condition, seconds=10):
    """What `condition` gives as soon as that is true; fails the test if it never is."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        time.sleep(0.005)


class Calls:
    """A handler that keeps what it is called with: (sender, keyword arguments, thread)."""

    def __init__(self, action=None):
        self.seen = []
        self._action = action

    def __call__(self, *senders, **kwargs):
        self.seen.append((senders[0] if senders else None, kwargs, threading.current_thread().ident))
        if self._action:
            self._action(*senders, **kwargs)

    def __len__(self):
        return len(self.seen)

    def values(self, name):
        """The keyword arguments of this name."""
        return [kwargs[name] for _, kwargs, _ in self.seen]

    def wait(self, count=1, seconds=10):
        """Waits for so many calls."""
        wait_until(lambda: len(self.seen) >= count, seconds)
        return self.seen


class Own:
    """A kinect that has nothing to do with this package, but the interface of the documentation."""

    def __init__(self, kinect_id):
        import blinker

        self.unique_kinect_id = kinect_id
        self.on_depth_frame = blinker.Signal()

    def show(self, array):
        self.on_depth_frame.send(self, depth_frame=OwnFrame(array))


class OwnFrame:
    def __init__(self, array):
        self.data = memoryview(np.ascontiguousarray(array)).toreadonly()
        self.shape = array.shape[::-1]


def scene_2014(dx):
    """A frame of the mock of 2014, whose cone has moved by dx columns."""
    y, x = np.mgrid[0:424, 0:512]
    cone = (np.sqrt((x - 256) ** 2 + (y - 212) ** 2)).astype(np.uint16) + 500
    return np.minimum(1000 + (y >> 1), np.roll(cone, dx, axis=1)).astype(np.uint16)


def is_scene_2014(array):
    """Whether this is a frame of the mock of 2014, bit for bit."""
    dx = int(array[212].argmin()) - 256
    return (array == scene_2014(dx)).all()


def control(server):

    return server.endpoints[EndpointType.control]


@pytest.fixture
def served():
    """A server that runs, with a mock kinect that runs: (server, kinect)."""
    kinect = MockKinect(kinect_id=unique_name("kinect"))
    server = Server("127.0.0.1", name=unique_name(), announce=False)
    server.add_kinect(kinect)
    with server, kinect:
        yield server, kinect
    server.close()
    kinect.close()
