"""What is collected, and when: frames, objects inside their own callbacks, the interpreter's end, children."""

import gc
import os
import subprocess
import sys
import textwrap
import threading
import time
import tracemalloc
import weakref

import numpy as np
import pytest
from conftest import control, is_scene_2014, unique_name, wait_until

from streamkinect2 import _owner, live_objects
from streamkinect2.client import Client
from streamkinect2.common import Stream
from streamkinect2.device import PushKinect
from streamkinect2.frame import DepthFrame, Frame
from streamkinect2.mock import MockKinect
from streamkinect2.server import Server


def run(program, seconds=30):
    """Runs a program of its own; returns what it prints. It must end with 0 and say nothing on stderr."""
    text = textwrap.dedent(program)
    done = subprocess.run([sys.executable, "-X", "dev", "-c", text], capture_output=True, text=True, timeout=seconds)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_views_keep_the_pixels_and_nothing_else_does():
    before = live_objects()
    pixels = np.arange(424 * 512, dtype=np.uint16).reshape(424, 512)
    frame = Frame.from_array(pixels)
    assert isinstance(frame, DepthFrame) and frame.kinect_id is None
    pixels[:] = 0  # it was copied
    assert live_objects() == before + 1
    row = frame.array[100:200, ::7][3]
    data = frame.data
    part = memoryview(data)[5:10]
    del frame, data
    assert live_objects() == before + 1
    assert row.tolist() == [value % 65536 for value in range(103 * 512, 104 * 512, 7)]
    assert part.tolist() == [5, 6, 7, 8, 9]
    del row
    assert live_objects() == before + 1
    del part
    assert live_objects() == before


@pytest.mark.parametrize("stream", [Stream.COLOR, Stream.DEPTH | Stream.INFRARED, 0])
def test_only_depth_and_infrared_are_made_of_arrays(stream):
    pixels = np.zeros((4, 4), np.uint16)
    with PushKinect(unique_name("push")) as kinect:
        for make in (lambda: Frame.from_array(pixels, stream), lambda: kinect.push(pixels, stream)):
            with pytest.raises(ValueError, match="only frames of depth or of infrared"):
                make()


def test_pixels_cannot_be_written():
    frame = Frame.from_array(np.zeros((4, 4), np.uint16))
    with pytest.raises(ValueError):
        frame.array[0, 0] = 1
    with pytest.raises(ValueError):
        frame.array.flags.writeable = True
    with pytest.raises(TypeError):
        frame.data[0] = 1


def test_a_frame_outlives_what_it_came_from(served):
    server, kinect = served
    with Client(control(server)) as client:
        client.enable_depth_frames()
        frame = client.take_frame(10)
    del client
    server.close()
    kinect.close()
    gc.collect()
    assert is_scene_2014(frame.array)


@pytest.mark.parametrize("how", ["handler", "poll"])
def test_nothing_grows_over_2000_frames(how):
    """2000 frames of 512x424 from a server to a client, as fast as they come: no memory of Python's and no frame stays."""
    kinect = PushKinect(unique_name("fast"))
    room = [np.full((424, 512), value, np.uint16) for value in range(8)]
    with Server("127.0.0.1", announce=False) as server, kinect:
        server.add_kinect(kinect)
        with Client(control(server)) as client:
            got = 0
            turn = threading.Semaphore(0)

            def handler(client, depth_frame, kinect_id):
                assert depth_frame.array[0, 0] < 8 and len(depth_frame.data) == 424 * 512
                turn.release()

            if how == "handler":
                client.on_depth_frame.connect(handler, client)
            client.enable_depth_frames()
            wait_until(lambda: server.statistics(kinect.unique_kinect_id).subscribers)

            def frames(count):
                nonlocal got
                for _ in range(count):
                    kinect.push(room[got % 8])
                    got += 1
                    if how == "handler":
                        assert turn.acquire(timeout=10)
                    else:
                        assert client.take_frame(10).shape == (512, 424)

            frames(200)  # what is made once
            tracemalloc.start()
            gc.collect()
            objects, size = live_objects(), tracemalloc.get_traced_memory()[0]
            count = len(gc.get_objects())
            frames(2000)
            gc.collect()
            grown = tracemalloc.get_traced_memory()[0] - size
            tracemalloc.stop()
            assert live_objects() <= objects + 1
            assert grown < 20_000, f"{grown} bytes more after 2000 frames"
            assert len(gc.get_objects()) - count < 100


def test_a_client_may_be_collected_inside_its_own_callbacks(served):
    """As the ping client of 2014 does it: the pong deletes the client's last reference."""
    server, _ = served
    before = live_objects()
    clients, ended = {}, threading.Event()
    for number in range(20):
        clients[number] = Client(control(server), connect_immediately=True)

        def pong(number=number):
            clients[number].disconnect()
            del clients[number]
            if not clients:
                ended.set()

        clients[number].ping(pong)
    assert ended.wait(20)
    wait_until(lambda: live_objects() == before)


def test_a_kinect_may_be_collected_inside_its_own_handler():
    before = live_objects()
    kinects, ended = [MockKinect(frame_rate=200)], threading.Event()

    def handler(kinect, depth_frame):
        kinects.clear()
        ended.set()

    MockKinect.on_depth_frame.connect(handler, kinects[0])
    kinects[0].start()
    assert ended.wait(10)
    wait_until(lambda: live_objects() == before)


@pytest.mark.parametrize("in_a_cycle", [True, False])
def test_collecting_while_callbacks_run_does_not_deadlock(in_a_cycle):
    """Objects are collected anywhere, here by a thread that holds a lock which the handlers want."""
    lock = threading.RLock()
    called = threading.Event()

    def handler(_, depth_frame):
        called.set()
        with lock:
            pass

    before, known = live_objects(), len(_owner._owners)
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        kinect = MockKinect(frame_rate=1000)
        kinect.on_depth_frame.connect(handler, kinect)
        kinect.cycle = kinect if in_a_cycle else None
        kinect.start()
        called.clear()
        assert called.wait(10)
        reference = weakref.ref(kinect)
        with lock:
            del kinect
            gc.collect()
        wait_until(lambda: gc.collect() is not None and reference() is None)
    wait_until(lambda: live_objects() == before)
    assert len(_owner._owners) == known


@pytest.mark.parametrize("end", [MockKinect.close, lambda kinect: None])
def test_handlers_that_are_kept_go_with_their_kinect(end):
    """blinker itself keeps them for ever, and with them all that they refer to: here the kinect and a frame."""
    before, receivers = live_objects(), len(MockKinect.on_depth_frame.receivers)
    kinect = MockKinect()
    frames = []

    @MockKinect.on_depth_frame.connect_via(kinect)
    def handler(_kinect, depth_frame, kinect=kinect):
        frames.append(depth_frame)

    gone = weakref.ref(handler)
    del handler
    gc.collect()
    with kinect:
        wait_until(lambda: frames)
    assert gone() is not None
    end(kinect)
    del kinect, frames
    gc.collect()
    assert gone() is None and len(MockKinect.on_depth_frame.receivers) == receivers
    assert live_objects() == before


def test_an_object_whose_constructor_fails_leaves_nothing():
    gc.collect()
    before = live_objects()
    for wrong in (lambda: Server("nonsense"), lambda: Client("nonsense"), lambda: MockKinect(frame_rate=-1)):
        with pytest.raises(ValueError):
            wrong()
    gc.collect()
    assert live_objects() == before


EVERYTHING = """
    import logging, sys, threading, time
    logging.basicConfig(level=logging.ERROR)
    from streamkinect2.client import Client
    from streamkinect2.common import EndpointType
    from streamkinect2.compress import DepthFrameCompressor
    from streamkinect2.device import PushKinect
    from streamkinect2.frame import Frame
    from streamkinect2.mock import MockKinect
    from streamkinect2.server import Server, ServerBrowser

    kinect = MockKinect(frame_rate=500)
    server = Server("127.0.0.1", announce=False)
    server.add_kinect(kinect)
    server.start()
    kinect.start()
    browser = ServerBrowser(address="127.0.0.1")
    compressor = DepthFrameCompressor(kinect)
    client = Client(server.endpoints[EndpointType.control], connect_immediately=True)
    frames = []
    came = threading.Event()

    def handler(sender, **kwargs):
        frames.append(kwargs)
        del frames[:-3]
        came.set()

    for signal in (client.on_depth_frame, client.on_frame, client.on_event, compressor.on_compressed_frame, kinect.on_frame):
        signal.connect(handler)
    client.enable_depth_frames()
    came.wait(10)
    time.sleep(0.3)
"""


@pytest.mark.parametrize(
    "end",
    [
        "pass",
        "frames[0].clear(); sys.modules['kept'] = (client, server, frames, kinect)",
        "cycle = [client, server, kinect, frames]; cycle.append(cycle); client.cycle = cycle",
        "client.on_depth_frame.connect(lambda _, **__: time.sleep(0.3), weak=False); time.sleep(0.05)",
        "threading.excepthook = lambda _: None  # the thread is told that the client is gone\n"
        "threading.Thread(target=lambda: [client.take_frame(0.2) for _ in range(99)], daemon=True).start()",
        "import atexit; atexit.register(kinect.stop)",
        "client.on_frame.connect(lambda client, **_: (time.sleep(0.1), client.disconnect()), weak=False)",
        "sys.exit(0)",
    ],
    ids=[
        "plain",
        "kept by a module",
        "cycle",
        "inside a handler",
        "daemon thread",
        "atexit",
        "a handler disconnects",
        "sys.exit",
    ],
)
def test_the_interpreter_ends_while_everything_runs(end):
    assert run(textwrap.dedent(EVERYTHING) + end + "\n") == ""


def test_ctrl_c_ends_a_wait_without_end():
    program = """
    import os, signal, threading
    from streamkinect2.client import Client
    client = Client("tcp://127.0.0.1:9", connect_immediately=True)
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        client.take_frame()
    except KeyboardInterrupt:
        print("interrupted")
    """
    assert run(program) == "interrupted\n"


def test_nothing_can_be_made_when_the_interpreter_ends():
    program = """
    import atexit

    def late():
        try:
            MockKinect()
        except RuntimeError as error:
            print(error)

    atexit.register(late)  # runs after what is registered later
    from streamkinect2.mock import MockKinect
    """
    assert "interpreter ends" in run(program)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_is_told_and_ends_well():
    program = (
        textwrap.dedent(EVERYTHING)
        + """
import os
frame = Frame.from_array(__import__("numpy").full((2, 2), 7, "u2"))
frame_from_parent = lambda: client.take_frame(1)
child = os.fork()
if child == 0:
    for call in (MockKinect, client.disconnect, server.stop, lambda: client.kinects, frame_from_parent):
        try:
            call()
        except RuntimeError:
            pass
        else:
            os._exit(3)
    if frame.array.tolist() != [[7, 7], [7, 7]]:
        os._exit(4)
    del frame, client, kinect, compressor, browser, server
    sys.exit(5)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
came.clear()
assert came.wait(5) and client.is_connected
print("parent goes on")
"""
    )
    text = program.replace(
        "import logging, sys", "import warnings; warnings.simplefilter('ignore')\nimport logging, sys", 1
    )
    assert run(text) == "parent goes on\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_may_use_it_if_the_parent_has_not():
    program = """
    import os, sys, threading, time, warnings
    from streamkinect2 import _signals
    from streamkinect2.mock import MockKinect
    warnings.simplefilter("ignore")  # that there is a thread

    def connecting():
        with _signals._lock:  # what a thread has at this moment, the child's copy of it has for ever
            time.sleep(0.5)

    threading.Thread(target=connecting).start()
    time.sleep(0.1)
    child = os.fork()
    if child == 0:
        came = threading.Event()
        kinect = MockKinect()
        kinect.on_depth_frame.connect(lambda *_, **__: came.set(), weak=False)
        with kinect:
            sys.exit(0 if came.wait(10) else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    assert run(program) == "0\n"
