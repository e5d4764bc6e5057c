"""The client: connecting, waiting, settings, errors, polling, and what the log says."""

import logging
import select
import socket
import threading
import time

import numpy as np
import pytest
from conftest import Calls, control, is_scene_2014, unique_name, wait_until

from streamkinect2 import clock_ns, set_log_level
from streamkinect2.client import Client
from streamkinect2.common import Codec, EncodeOptions, EndpointType, EventType, Format, Poll, Result, Stream
from streamkinect2.device import PushKinect
from streamkinect2.frame import Frame
from streamkinect2.mock import MockKinect, Scene
from streamkinect2.server import Server


@pytest.fixture
def silent():
    """An endpoint that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"


def test_with_waits_for_the_response_timeout_and_no_longer(silent):
    client = Client(silent)
    client.response_timeout = 400
    begin = time.monotonic()
    with pytest.raises(TimeoutError, match="within 400 ms"), client:
        pytest.fail("not connected")
    assert 0.35 < time.monotonic() - begin < 2
    with pytest.raises(RuntimeError):  # it does not go on trying
        client.ping()


def test_a_client_that_is_not_to_reconnect_gives_up_once_and_can_be_used_again(silent):
    client = Client(silent, connect_immediately=True, reconnect=False)
    client.close()
    client = Client(silent, reconnect=False)
    client.response_timeout = 200
    lost = Calls()
    client.on_disconnect.connect(lost, client)
    client.connect()
    lost.wait()
    with pytest.raises(RuntimeError):
        client.ping()
    with pytest.raises(TimeoutError), client:  # connects anew
        pytest.fail("not connected")
    assert len(lost) == 2


def test_with_waits_for_a_server_that_has_been_lost(served):
    server, _ = served
    client = Client(control(server))
    client.response_timeout = 1500
    client.connect()
    wait_until(lambda: client.is_connected)
    endpoint = control(server)
    server.stop()
    wait_until(lambda: not client.is_connected)
    again = Server("127.0.0.1", announce=False, port=int(endpoint.rpartition(":")[2]))
    threading.Timer(0.3, again.start).start()
    with client:
        assert client.is_connected
    again.close()


def test_connect_returns_at_once_and_a_ping_waits_for_the_connection(served):
    server, _ = served
    client = Client(control(server), connect_immediately=True)
    pong = Calls()
    client.ping(pong)
    pong.wait()
    client.disconnect()


def test_settings_are_kept_until_connect_and_ignored_afterwards(silent, caplog):
    client = Client(silent)
    client.enable_depth_frames()  # all kinects, before connect: is not lost with the next lines
    client.heartbeat_period = 250
    client.response_timeout = 300
    for wrong in (0, 0.5, -1, 2**32, float("nan")):
        with pytest.raises(ValueError, match="response_timeout .* not"):
            client.response_timeout = wrong
    assert (client.heartbeat_period, client.response_timeout) == (250, 300)
    lost = Calls()
    client.on_disconnect.connect(lost, sender=client)
    client.connect()
    with caplog.at_level(logging.WARNING, "streamkinect2"):
        client.heartbeat_period = 9999
        client.response_timeout = 9999
    assert (client.heartbeat_period, client.response_timeout) == (250, 300)
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    lost.wait(1, seconds=3)  # with 9999 ms it would take longer
    client.close()


def test_a_setting_that_the_library_refuses_is_as_it_was(silent, monkeypatch):
    client = Client(silent)
    monkeypatch.setattr(client, "_endpoint", "as if the library could not make it anew")
    with pytest.raises(ValueError):
        client.heartbeat_period = 250
    assert client.heartbeat_period == 10000
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.heartbeat_period = 250
    assert client.heartbeat_period == 10000


def test_streams_enabled_before_connect_flow_with_any_settings(served):
    server, _ = served
    client = Client(control(server))
    client.enable_depth_frames()
    client.response_timeout = 4000  # the library's client is made anew here
    with client:
        assert is_scene_2014(client.take_frame(10).array)


def test_mistakes_are_found_when_the_client_is_made():
    with pytest.raises(ValueError, match="tcp://"):
        Client("ipc:///tmp/x")
    with pytest.raises(ValueError):
        Client(None)


def test_not_connected(served):
    server, kinect = served
    client = Client(control(server))
    assert not client.is_connected and client.server_name is None
    assert client.endpoints == {} and client.kinects == []
    assert client.streams(kinect.unique_kinect_id) == Stream(0)
    for call in (
        client.ping,
        lambda: client.enable_depth_frames(kinect.unique_kinect_id),
        lambda: client.take_frame(0.1),
    ):
        with pytest.raises(RuntimeError):
            call()
    with pytest.raises(ValueError):
        client.statistics(kinect.unique_kinect_id)


def test_what_has_no_effect_is_logged_as_a_warning(served, caplog):
    server, kinect = served
    client = Client(control(server))
    caplog.set_level(logging.WARNING, "streamkinect2")
    with client:
        for call in (client.connect, server.start, kinect.start):
            caplog.clear()
            call()
            wait_until(lambda: [record for record in caplog.records if record.levelname == "WARNING"])
    kinect.stop()
    server.stop()
    for call in (server.stop, kinect.stop):
        caplog.clear()
        call()
        wait_until(lambda: [record for record in caplog.records if record.levelname == "WARNING"])


def test_the_level_of_the_log_can_be_chosen(caplog):
    caplog.set_level(logging.DEBUG, "streamkinect2")
    server = Server("127.0.0.1", announce=False)
    try:
        set_log_level(logging.ERROR)
        server.stop()
        time.sleep(0.1)
        assert caplog.records == []
        set_log_level(logging.WARNING)
        server.stop()
        wait_until(lambda: [record.levelname for record in caplog.records] == ["WARNING"])
    finally:
        set_log_level()


def test_late_handlers_are_called_for_what_is_there(served):
    server, kinect = served
    with Client(control(server)) as client:
        wait_until(lambda: client.kinects)
        connected, added, again = Calls(), Calls(), Calls()
        client.on_connect.connect(connected, sender=client)
        client.on_add_kinect.connect(added, sender=client)
        Client.on_add_kinect.connect(again)  # of any client
        connected.wait(), added.wait(), again.wait()
        other = PushKinect(unique_name("other"))
        server.add_kinect(other)
        added.wait(2)
        time.sleep(0.3)
        expected = [kinect.unique_kinect_id, other.unique_kinect_id]
        assert added.values("kinect_id") == expected and len(connected) == 1
        assert [kwargs["kinect_id"] for sender, kwargs, _ in again.seen if sender is client] == expected
        assert len({thread for _, _, thread in added.seen + connected.seen}) == 1  # always the library's
        assert threading.get_ident() not in {thread for _, _, thread in added.seen}


def test_kinects_come_and_go_and_so_does_the_server(served):
    server, kinect = served
    events = []
    client = Client(control(server))
    handlers = {}
    for name in ("on_connect", "on_add_kinect", "on_remove_kinect", "on_disconnect"):
        handlers[name] = lambda _sender, name=name, **_: events.append(name)
        getattr(client, name).connect(handlers[name], sender=client)
    with client:
        wait_until(lambda: "on_add_kinect" in events)
        server.remove_kinect(kinect)
        wait_until(lambda: "on_remove_kinect" in events)
        server.add_kinect(kinect)
        wait_until(lambda: events.count("on_add_kinect") == 2)
    assert events == [
        "on_connect",
        "on_add_kinect",
        "on_remove_kinect",
        "on_add_kinect",
        "on_remove_kinect",
        "on_disconnect",
    ]


def test_no_frame_arrives_after_disconnect_or_disable(served):
    server, kinect = served
    frames = Calls()
    with Client(control(server)) as client:
        client.on_depth_frame.connect(frames, sender=client)
        client.enable_depth_frames()
        frames.wait(2)
        client.disable_depth_frames()
        time.sleep(0.1)
        count = len(frames)
        time.sleep(0.3)
        assert len(frames) == count
        client.enable_depth_frames(kinect.unique_kinect_id)
        frames.wait(count + 2)
    count = len(frames)
    time.sleep(0.2)
    assert len(frames) == count


def test_infrared_statistics_and_descriptions():
    kinect = MockKinect(
        scene=Scene.REALISTIC, streams=Stream.DEPTH | Stream.INFRARED, frame_rate=60, seed=3, kinect_id="real"
    )
    with Server("127.0.0.1", announce=False) as server, kinect:
        server.add_kinect(kinect)
        server.set_encoding(EncodeOptions(Codec.RVL))
        server.set_encoding(EncodeOptions(Codec.RAW), kinect, Stream.INFRARED)
        with Client(control(server)) as client:
            wait_until(lambda: client.kinects)
            assert client.streams("real") == Stream.DEPTH | Stream.INFRARED
            assert EndpointType.frames_infrared in client.kinect_endpoints("real")
            assert client.kinect_endpoints("real") == server.kinect_endpoints("real")
            info = client.stream_info("real", Stream.INFRARED)
            assert (info.format, info.width, info.height, info.frame_rate) == (Format.INFRARED16, 512, 424, 60)
            with pytest.raises(NotImplementedError):
                client.stream_info("real", Stream.COLOR)
            with pytest.raises(NotImplementedError):
                client.enable_stream(Stream.COLOR, "real")
            client.enable_stream(Stream.DEPTH | Stream.INFRARED, "real")
            calls = Calls()
            client.on_frame.connect(calls, sender=client)
            wait_until(lambda: {frame.stream for frame in calls.values("frame")} == {Stream.DEPTH, Stream.INFRARED})
            infrared = client.take_frame(10, "real", Stream.INFRARED)
            assert infrared.info.codec == Codec.RAW and infrared.array.max() > 0 and infrared.kinect_id == "real"
            depth = client.take_frame(10, streams=Stream.DEPTH)
            assert depth.info.codec == Codec.RVL
            assert 0 < depth.info.capture_time_local_ns < depth.info.receive_time_ns <= clock_ns()
            figures = client.statistics("real", Stream.INFRARED)
            assert figures.received >= 1 and figures.taken >= 1 and figures.latency_p50_ns > 0
            assert server.statistics("real", Stream.INFRARED).sent >= 1
            client.disable_stream(Stream.INFRARED)
            with pytest.raises(ValueError):
                client.statistics("other")


def test_handlers_may_connect_to_each_others_clients(served):
    """Setting a callback waits for the one that runs, which here does the same at the same time."""
    server, _ = served
    clients = Client(control(server)), Client(control(server))
    both, late = threading.Barrier(2), Calls()

    def handler(client):
        both.wait(10)
        Client.on_connect.connect(late, sender=clients[client is clients[0]])

    for client in clients:
        Client.on_connect.connect(handler, sender=client)
    for client in clients:
        client.connect()
    late.wait(2)
    assert sorted(id(sender) for sender in (seen[0] for seen in late.seen)) == sorted(map(id, clients))


def test_polling_beside_handlers_and_without(served):
    server, kinect = served
    with Client(control(server)) as client:
        frames_fd, events_fd = client.poll_fd(Poll.FRAMES), client.poll_fd(Poll.EVENTS)
        assert client.next_event(5).type == EventType.CONNECT
        added = client.next_event(5)
        assert (added.type, added.id, added.result) == (EventType.ADD_KINECT, kinect.unique_kinect_id, Result.OK)
        assert client.next_event(0) is None and not select.select([events_fd], [], [], 0)[0]
        assert client.take_frame(0) is None
        client.enable_depth_frames()
        assert select.select([frames_fd], [], [], 10)[0]
        assert is_scene_2014(client.take_frame(0).array)
        assert is_scene_2014(client.take_frame(float("inf")).array)
        figures = client.statistics(kinect.unique_kinect_id)
        assert figures.delivered == figures.taken  # no handler, so nothing is said to have gone to one
        pongs, events = Calls(), Calls()
        client.on_pong.connect(pongs, sender=client)
        client.on_event.connect(events, sender=client)
        client.ping()
        pongs.wait()
        assert pongs.seen[0][1]["result"] == Result.OK and pongs.seen[0][1]["round_trip_ns"] > 0
        assert client.next_event(5).type == EventType.PONG
        wait_until(lambda: [event.type for event in events.values("event")] == [EventType.PONG])


def test_a_wait_inside_a_handler_of_the_same_client_does_not_wait(served):
    server, _ = served
    taken = []
    with Client(control(server)) as client:

        def handler(client, kinect_id):
            begin = time.monotonic()
            taken.append((client.take_frame(), client.next_event(5), time.monotonic() - begin))

        client.next_event(5), client.next_event(5)
        client.on_add_kinect.connect(handler, sender=client)
        wait_until(lambda: taken)
        assert taken[0][:2] == (None, None) and taken[0][2] < 1


def test_a_frame_travels_through_a_second_server(served):
    """What a client receives can be pushed without a copy, and keeps its pixels."""
    server, _ = served
    relay = PushKinect("relay")
    with Server("127.0.0.1", announce=False) as second, relay:
        second.add_kinect(relay)
        with Client(control(server)) as client, Client(control(second)) as other:
            client.on_depth_frame.connect(
                lambda _, depth_frame, **__: relay.push_frame(depth_frame), client, weak=False
            )
            client.enable_depth_frames()
            other.enable_depth_frames()
            assert is_scene_2014(other.take_frame(10).array)


def test_pushed_frames_of_other_sizes_and_streams():
    kinect = PushKinect("push")
    with Server("127.0.0.1", announce=False) as server, kinect:
        server.add_kinect(kinect)
        with Client(control(server)) as client:
            pixels = np.random.default_rng(1).integers(0, 65536, (100, 60), np.uint16)[:, ::2]
            kinect.push(pixels, Stream.INFRARED)
            wait_until(lambda: Stream.INFRARED in client.streams("push"))
            client.enable_stream(Stream.INFRARED)
            wait_until(lambda: server.statistics("push", Stream.INFRARED).subscribers)
            captured = clock_ns()
            kinect.push_frame(Frame.from_array(pixels, Stream.INFRARED, captured, 77))
            frame = client.take_frame(10)
            assert (frame.array == pixels).all() and frame.shape == (30, 100)
            assert (frame.info.capture_time_local_ns, frame.info.device_time_ns) == (captured, 77)
            for wrong in (np.zeros((4, 4)), np.zeros(4, np.uint16)):
                with pytest.raises(ValueError):
                    kinect.push(wrong)
    with pytest.raises(RuntimeError):
        kinect.push(pixels)  # it has been stopped


def test_following_a_server_by_name():
    name = unique_name("Followed")
    with Server("127.0.0.1", name=name) as server, Client(None, follow=name) as client:
        assert client.server_name == name == server.name
