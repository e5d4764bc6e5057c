"""Every public name of the documentation of 2014 is there, with the behaviour that is written beside it."""

import inspect

import blinker
import numpy as np
import pytest
from conftest import Calls, Own, control, is_scene_2014, unique_name, wait_until

import streamkinect2.client
import streamkinect2.common
import streamkinect2.compress
import streamkinect2.mock
import streamkinect2.server
from streamkinect2.client import Client
from streamkinect2.common import EndpointType, ProtocolError
from streamkinect2.compress import DepthFrameCompressor
from streamkinect2.mock import DepthFrame, MockKinect
from streamkinect2.server import Server, ServerBrowser, ServerInfo

# name: what it is
CLASS, SIGNAL, METHOD, ATTRIBUTE, MEMBER = "class", "signal", "method", "attribute", "member"
NAMES = {
    "common.EndpointType": CLASS,
    "common.EndpointType.control": MEMBER,
    "common.EndpointType.depth": MEMBER,
    "common.ProtocolError": CLASS,
    "server.Server": CLASS,
    "server.Server.address": ATTRIBUTE,
    "server.Server.endpoints": ATTRIBUTE,
    "server.Server.is_running": ATTRIBUTE,
    "server.Server.kinects": ATTRIBUTE,
    "server.Server.add_kinect": METHOD,
    "server.Server.remove_kinect": METHOD,
    "server.Server.start": METHOD,
    "server.Server.stop": METHOD,
    "server.ServerBrowser": CLASS,
    "server.ServerBrowser.on_add_server": SIGNAL,
    "server.ServerBrowser.on_remove_server": SIGNAL,
    "server.ServerInfo": CLASS,
    "server.ServerInfo.name": ATTRIBUTE,
    "server.ServerInfo.endpoint": ATTRIBUTE,
    "client.Client": CLASS,
    "client.Client.server_name": ATTRIBUTE,
    "client.Client.endpoints": ATTRIBUTE,
    "client.Client.is_connected": ATTRIBUTE,
    "client.Client.heartbeat_period": ATTRIBUTE,
    "client.Client.response_timeout": ATTRIBUTE,
    "client.Client.connect": METHOD,
    "client.Client.disconnect": METHOD,
    "client.Client.enable_depth_frames": METHOD,
    "client.Client.on_add_kinect": SIGNAL,
    "client.Client.on_connect": SIGNAL,
    "client.Client.on_depth_frame": SIGNAL,
    "client.Client.on_disconnect": SIGNAL,
    "client.Client.on_remove_kinect": SIGNAL,
    "client.Client.ping": METHOD,
    "compress.DepthFrameCompressor": CLASS,
    "compress.DepthFrameCompressor.kinect": ATTRIBUTE,
    "compress.DepthFrameCompressor.on_compressed_frame": SIGNAL,
    "mock.DepthFrame": CLASS,
    "mock.DepthFrame.data": ATTRIBUTE,
    "mock.DepthFrame.shape": ATTRIBUTE,
    "mock.MockKinect": CLASS,
    "mock.MockKinect.unique_kinect_id": ATTRIBUTE,
    "mock.MockKinect.on_depth_frame": SIGNAL,
    "mock.MockKinect.start": METHOD,
    "mock.MockKinect.stop": METHOD,
}


@pytest.mark.parametrize("path", NAMES)
def test_the_name_is_there(path):
    thing = streamkinect2
    for part in path.split("."):
        thing = getattr(thing, part)
    assert {
        CLASS: inspect.isclass(thing),
        SIGNAL: isinstance(thing, blinker.Signal),
        METHOD: inspect.isfunction(thing),
        ATTRIBUTE: inspect.isdatadescriptor(thing),
        MEMBER: isinstance(thing, EndpointType),
    }[NAMES[path]]
    assert thing.__doc__


@pytest.mark.parametrize(
    "function, parameters",
    [
        (Server, "address=None start_immediately=False name=None zmq_ctx=None io_loop=None announce=True port=None"),
        (ServerBrowser, "io_loop=None address=None"),
        (Client, "control_endpoint connect_immediately=False zmq_ctx=None io_loop=None"),
        (DepthFrameCompressor, "kinect io_loop=None"),
        (MockKinect, ""),
        (Client.ping, "self pong_cb=None"),
        (Server.add_kinect, "self kinect"),
        (Server.remove_kinect, "self kinect"),
    ],
)
def test_parameters_are_those_of_the_documentation_in_their_order(function, parameters):
    have = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not parameter.KEYWORD_ONLY:  # what is new is by keyword only
            default = "" if parameter.default is parameter.empty else f"={parameter.default}"
            have.append(parameter.name + default)
    assert " ".join(have) == parameters


def test_kinds():
    assert issubclass(ProtocolError, Exception)
    assert issubclass(ServerInfo, tuple) and ServerInfo._fields == ("name", "endpoint")
    name, endpoint = ServerInfo("name", "tcp://127.0.0.1:1")
    assert (name, endpoint) == ("name", "tcp://127.0.0.1:1")
    assert Client("tcp://127.0.0.1:1").heartbeat_period == 10000
    assert Client("tcp://127.0.0.1:1").response_timeout == 5000


def test_class_level_connect_with_the_mock():
    kinect = MockKinect()
    other = MockKinect(kinect_id="other")
    calls, of_other = Calls(), Calls()

    def handler_func(kinect, depth_frame):
        calls(kinect, depth_frame=depth_frame)

    MockKinect.on_depth_frame.connect(handler_func, kinect)
    MockKinect.on_depth_frame.connect(of_other, other)
    with kinect:
        calls.wait(2)
    assert all(sender is kinect for sender, _, _ in calls.seen)
    assert not of_other.seen


def test_connect_via_with_the_mock():
    kinect = MockKinect()
    calls = Calls()

    @MockKinect.on_depth_frame.connect_via(kinect)
    def handler_func(kinect, depth_frame):
        calls(kinect, depth_frame=depth_frame)

    with kinect:
        calls.wait(2)
    frame = calls.values("depth_frame")[0]
    assert isinstance(frame, DepthFrame)


def test_depth_frames():
    kinect = MockKinect()
    calls = Calls()
    kinect.on_depth_frame.connect(calls, sender=kinect)
    with kinect:
        calls.wait(1)
    frame = calls.values("depth_frame")[0]
    assert frame.shape == (512, 424)
    view = memoryview(frame.data)
    assert view.readonly and view.c_contiguous and view.format == "H" and view.nbytes == 512 * 424 * 2
    pixels = np.frombuffer(frame.data, np.uint16).reshape(424, 512)
    assert (pixels == frame.array).all()
    assert frame.array.shape == (424, 512) and frame.array.dtype == np.uint16 and not frame.array.flags.writeable
    assert np.shares_memory(pixels, frame.array)
    assert is_scene_2014(frame.array)


def test_handlers_are_weak_references():
    class Listener:
        calls = Calls()

        def __init__(self, kinect):
            kinect.on_depth_frame.connect(self.handle, sender=kinect)

        def handle(self, kinect, depth_frame):
            self.calls(kinect, depth_frame=depth_frame)

    kinect = MockKinect()
    listener = Listener(kinect)
    with kinect:
        Listener.calls.wait(1)
        del listener
        count = len(Listener.calls)
        other = Calls()
        kinect.on_depth_frame.connect(other, sender=kinect)
        other.wait(3)
        assert len(Listener.calls) <= count + 1


def test_a_program_of_2014(served):
    """Server, client and a handler that enables what comes, in the documentation's words alone."""
    server, kinect = served
    assert server.kinects == [kinect] and server.is_running and server.address == "127.0.0.1"
    frames = Calls()
    with Client(control(server)) as client:
        assert client.is_connected
        assert client.server_name == server.name
        assert client.endpoints[EndpointType.control] == control(server)

        def add_kinect(client, kinect_id):
            client.enable_depth_frames(kinect_id)

        client.on_add_kinect.connect(add_kinect, sender=client)
        client.on_depth_frame.connect(frames, sender=client)
        frames.wait(3)
        assert set(frames.values("kinect_id")) == {kinect.unique_kinect_id}
        assert all(isinstance(frame, DepthFrame) for frame in frames.values("depth_frame"))
        pong = Calls()
        client.ping(pong)
        pong.wait()
        assert pong.seen[0][:2] == (None, {})
        with pytest.raises(ValueError):
            client.enable_depth_frames("no such kinect")
    assert not client.is_connected
    with pytest.raises(RuntimeError):
        client.ping()
    with pytest.raises(RuntimeError):
        client.enable_depth_frames(kinect.unique_kinect_id)


def test_anything_like_a_kinect_is_a_kinect():
    kinect = Own(unique_name("own"))
    pixels = np.arange(424 * 512, dtype=np.uint16).reshape(424, 512)
    with Server("127.0.0.1", announce=False) as server:
        server.add_kinect(kinect)
        assert server.kinects == [kinect]
        with Client(control(server)) as client:
            wait_until(lambda: client.kinects)
            assert client.kinects == [kinect.unique_kinect_id]
            client.enable_depth_frames(kinect.unique_kinect_id)
            wait_until(lambda: server.statistics(kinect.unique_kinect_id).subscribers)
            kinect.show(pixels)
            frame = client.take_frame(10)
            assert (frame.array == pixels).all()
            server.remove_kinect(kinect)
            wait_until(lambda: not client.kinects)
            kinect.show(pixels)  # nobody listens any more
    assert server.kinects == []
