"""Servers, and browsers that find them."""

import gc
import logging
import random
import socket
import threading
import time

import numpy as np
import pytest
from conftest import Calls, Own, OwnFrame, control, unique_name, wait_until

from streamkinect2 import live_objects
from streamkinect2.client import Client
from streamkinect2.common import Codec, EncodeOptions, EndpointType, EventType, Format, Stream, StreamInfo
from streamkinect2.compress import compress_depth
from streamkinect2.device import PushKinect
from streamkinect2.frame import Frame
from streamkinect2.mock import MockKinect
from streamkinect2.server import Server, ServerBrowser, ServerInfo


def free_ports(count):
    """The first of so many free ports, below those that the system gives out by itself."""
    while True:
        first = random.randrange(20000, 30000)
        try:
            for port in range(first, first + count):
                socket.create_server(("127.0.0.1", port)).close()
            return first
        except OSError:
            pass


def test_with_starts_and_stops():
    server = Server("127.0.0.1", announce=False)
    assert not server.is_running and server.endpoints == {} and server.address == "127.0.0.1"
    with server as same:
        assert same is server and server.is_running
        assert control(server).startswith("tcp://127.0.0.1:")
    assert not server.is_running and server.endpoints == {}


def test_start_immediately_and_ports():
    port = free_ports(1)
    server = Server("127.0.0.1", start_immediately=True, zmq_ctx=object(), announce=False, port=port)
    assert control(server) == f"tcp://127.0.0.1:{port}"
    with pytest.raises(OSError, match=str(port)):
        Server("127.0.0.1", True, announce=False, port=port)
    with Server("127.0.0.1", announce=False, data_port=free_ports(4)) as other:
        kinect = MockKinect()
        other.add_kinect(kinect)
        assert EndpointType.depth in other.kinect_endpoints(kinect.unique_kinect_id)


def test_a_server_on_all_interfaces_has_an_address():
    with Server(announce=False) as server:
        assert control(server).startswith("tcp://")
        socket.inet_aton(server.address)  # decimal-dotted
        assert server.name


def test_mistakes():
    with pytest.raises(ValueError):
        Server("not an address")
    with pytest.raises(TypeError):
        Server(io_loop=object())
    server = Server("127.0.0.1", announce=False)
    kinect = MockKinect(kinect_id="twice")
    server.add_kinect(kinect)
    with pytest.raises(ValueError, match="twice"):
        server.add_kinect(kinect)
    with pytest.raises(ValueError, match="twice"):
        server.add_kinect(Own("twice"))
    with pytest.raises(TypeError, match="unique_kinect_id"):
        server.add_kinect(object())
    assert server.kinects == [kinect] and server.kinect_ids == ["twice"]
    server.remove_kinect(kinect)
    for call in (
        lambda: server.remove_kinect(kinect),
        lambda: server.set_encoding(None, kinect),
        lambda: server.statistics("twice"),
    ):
        with pytest.raises(ValueError):
            call()
    server.close()
    server.close()
    with pytest.raises(RuntimeError, match="closed"):
        server.start()


@pytest.mark.parametrize("wrong, error", [(3, TypeError), (b"bytes", TypeError), ("cut\0off", ValueError)])
def test_what_is_no_text_never_reaches_the_library(wrong, error):
    """ctypes would follow a number as a pointer, and the library would see what is before a NUL only."""
    for make in (
        lambda: Server(name=wrong),
        lambda: Server(address=wrong),
        lambda: MockKinect(kinect_id=wrong),
        lambda: PushKinect(wrong),
        lambda: ServerBrowser(address=wrong),
        lambda: Client(wrong),
        lambda: Client(None, follow=wrong),
    ):
        with pytest.raises(error, match="text"):
            make()


def test_numbers_that_do_not_fit_are_refused_and_not_cut():
    pixels = np.zeros((2, 2), np.uint16)
    for make in (
        lambda wrong: Server(port=wrong),
        lambda wrong: Server(data_port=wrong),
        lambda wrong: MockKinect(seed=wrong),
        lambda wrong: compress_depth(pixels, EncodeOptions(Codec.K2D, max_error_mm=wrong)),
        lambda wrong: Frame.from_array(pixels, capture_time_ns=wrong),
    ):
        for wrong in (-1, 2**64 + 80):
            with pytest.raises(ValueError, match=f"(port|seed|max_error_mm|capture_time_ns) is out of range: {wrong}"):
                make(wrong)


def test_what_a_server_stands_in_for_goes_with_it():
    gc.collect()
    before = live_objects()
    kinect = Own("own")
    server = Server("127.0.0.1", announce=False)
    server.add_kinect(kinect)
    assert live_objects() == before + 2
    del server
    assert live_objects() == before
    assert not kinect.on_depth_frame.receivers


def test_a_frame_that_is_on_its_way_when_its_kinect_is_removed_is_no_error(caplog):
    kinect = Own("own")
    server = Server("127.0.0.1", announce=False)
    server.add_kinect(kinect)
    (push,) = kinect.on_depth_frame.receivers_for(kinect)
    push(kinect, depth_frame=object())
    assert "cannot be used" in caplog.text
    server.remove_kinect(kinect)
    caplog.clear()
    push(kinect, depth_frame=OwnFrame(np.zeros((2, 2), np.uint16)))
    assert caplog.text == ""


def test_subscribers_are_told(served):
    server, kinect = served
    events = Calls()
    server.on_event.connect(events, sender=server)
    with Client(control(server)) as client:
        client.enable_depth_frames()
        client.take_frame(10)
    wait_until(lambda: len(events) >= 2)
    first = events.values("event")[0]
    assert (first.type, first.id, first.stream, first.value) == (
        EventType.SUBSCRIBERS,
        kinect.unique_kinect_id,
        Stream.DEPTH,
        1,
    )
    assert server.next_event(1) == first
    assert server.poll_fd() >= 0


def test_declared_streams_are_offered():
    kinect = PushKinect()
    kinect.declare_stream(StreamInfo(Stream.INFRARED, Format.INFRARED16, width=64, height=48, frame_rate=15))
    with Server("127.0.0.1", announce=False) as server:
        server.add_kinect(kinect)
        with Client(control(server)) as client:
            wait_until(lambda: client.kinects)
            info = client.stream_info(kinect.unique_kinect_id, Stream.INFRARED)
            assert (info.width, info.height, info.frame_rate) == (64, 48, 15)


def test_stopping_a_kinect_waits_a_second_at_most(caplog):
    go_on = threading.Event()
    kinect = MockKinect()
    calls = Calls(lambda *_, **__: go_on.wait(10))
    kinect.on_depth_frame.connect(calls, sender=kinect)
    kinect.start()
    calls.wait()
    begin = time.monotonic()
    with caplog.at_level(logging.WARNING, "streamkinect2"):
        kinect.stop()
    assert 0.9 < time.monotonic() - begin < 1.5
    assert "handler still runs" in caplog.text
    go_on.set()
    time.sleep(0.2)
    assert len(calls) == 1


def test_a_kinect_may_be_stopped_inside_its_handler_and_started_again():
    kinect = MockKinect()
    times = []

    def handler(kinect, depth_frame):
        begin = time.monotonic()
        kinect.stop()
        times.append(time.monotonic() - begin)

    kinect.on_depth_frame.connect(handler, sender=kinect)
    kinect.start()
    wait_until(lambda: times)
    assert times[0] < 0.5
    kinect.start()
    wait_until(lambda: len(times) == 2)


def test_a_handler_that_fails_is_logged_and_called_again(caplog):
    kinect = MockKinect()

    def handler(kinect, depth_frame):
        raise KeyError("a mistake in a handler")

    other = Calls()
    kinect.on_depth_frame.connect(handler, sender=kinect)
    kinect.on_depth_frame.connect(other, sender=kinect)
    with caplog.at_level(logging.ERROR, "streamkinect2"), kinect:
        other.wait(3)
    assert caplog.text.count("a mistake in a handler") >= 3
    with kinect.on_depth_frame.muted(), kinect:
        count = len(other)
        time.sleep(0.2)
        assert len(other) == count


# Browsers


def mine(calls, name):
    return [info for info in calls.values("server_info") if info.name == name]


def test_a_browser_finds_servers_and_sees_them_go():
    name = unique_name()
    added, removed = Calls(), Calls()
    browser = ServerBrowser(address="127.0.0.1")
    browser.on_add_server.connect(added, sender=browser)
    browser.on_remove_server.connect(removed, sender=browser)
    with Server("127.0.0.1", name=name) as server:
        wait_until(lambda: mine(added, name))
        assert mine(added, name) == [ServerInfo(name, control(server))]
        assert ServerInfo(name, control(server)) in browser.servers
        # Late ones are called for what is there, once; whether for this browser or for any.
        late, any_sender = Calls(), Calls()
        ServerBrowser.on_add_server.connect(late, browser)
        ServerBrowser.on_add_server.connect(any_sender)
        wait_until(lambda: mine(late, name) and mine(any_sender, name))
        kinds = []
        while (event := browser.next_event(0)) is not None:
            kinds.append((event.type, event.id, event.text))
        assert (EventType.ADD_SERVER, name, control(server)) in kinds
        assert browser.poll_fd() >= 0
    wait_until(lambda: mine(removed, name))
    time.sleep(0.2)
    assert len(mine(added, name)) == len(mine(late, name)) == len(mine(any_sender, name)) == 1
    assert added.seen[0][0] is browser
    browser.stop()
    assert browser.servers == []
    browser.start()


def test_a_browser_stops_when_it_is_collected():
    before = live_objects()
    browser = ServerBrowser(address="127.0.0.1")
    assert live_objects() == before + 1
    del browser
    assert live_objects() == before


def test_a_browsers_address_must_be_an_interfaces():
    with pytest.raises(ValueError):
        ServerBrowser(address="192.0.2.1")
