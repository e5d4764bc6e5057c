"""Signals on an event loop: asyncio's and Tornado's."""

import asyncio
import gc
import threading
import time
import weakref

import pytest
import tornado.ioloop
from conftest import Calls, control, unique_name, wait_until

from streamkinect2._delivery import LoopDelivery
from streamkinect2.client import Client
from streamkinect2.compress import DepthFrameCompressor
from streamkinect2.device import PushKinect
from streamkinect2.server import Server, ServerBrowser


class LoopThread:
    """An event loop in a thread of its own."""

    def __init__(self, kind):
        if kind == "asyncio":
            self.loop = asyncio.new_event_loop()
            self._run, self._stop = self.loop.run_forever, self.loop.stop
            self.call = self.loop.call_soon_threadsafe
            self._close = self.loop.close
        else:
            self.loop = tornado.ioloop.IOLoop(make_current=False)
            self._run, self._stop = self.loop.start, self.loop.stop
            self.call = self.loop.add_callback
            self._close = self.loop.close
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        self.ident = self._thread.ident
        return self

    def __exit__(self, *_):
        self.call(self._stop)
        self._thread.join()
        self._close()


@pytest.fixture(params=["asyncio", "tornado"])
def loop(request):
    with LoopThread(request.param) as running:
        yield running


def test_every_signal_arrives_on_the_loop(served, loop):
    server, _ = served
    handlers = {}
    with Client(control(server), io_loop=loop.loop) as client:
        for name in ("on_connect", "on_add_kinect", "on_depth_frame", "on_frame", "on_pong", "on_event"):
            handlers[name] = Calls()
            getattr(Client, name).connect(handlers[name], client)
        pong = Calls()
        client.enable_depth_frames()
        client.ping(pong)
        for name, calls in [*handlers.items(), ("pong", pong)]:
            calls.wait()
            assert {thread for _, _, thread in calls.seen} == {loop.ident}, name
        handlers["on_disconnect"] = Calls()
        client.on_disconnect.connect(handlers["on_disconnect"], client)
    handlers["on_disconnect"].wait()
    assert handlers["on_disconnect"].seen[0][2] == loop.ident
    assert len(handlers["on_connect"]) == len(handlers["on_add_kinect"]) == 1


def test_browsers_servers_and_compressors_have_a_loop_too(served, loop):
    name = unique_name()
    _, kinect = served
    browser = ServerBrowser(loop.loop, "127.0.0.1")
    compressor = DepthFrameCompressor(kinect, loop.loop)
    found, compressed, events, gone = Calls(), Calls(), Calls(), Calls()
    browser.on_add_server.connect(found, browser)
    browser.on_remove_server.connect(gone, browser)
    compressor.on_compressed_frame.connect(compressed, compressor)
    with Server("127.0.0.1", name=name, io_loop=loop.loop) as server:
        server.on_event.connect(events, server)
        server.add_kinect(kinect)
        with Client(control(server)) as client:
            client.enable_depth_frames()
            events.wait(), compressed.wait()
        wait_until(lambda: name in [info.name for info in found.values("server_info")])
    wait_until(lambda: name in [info.name for info in gone.values("server_info")])
    for calls in (found, compressed, events, gone):
        assert {thread for _, _, thread in calls.seen} == {loop.ident}


def test_a_slow_loop_gets_the_newest_frame_and_gathers_none(loop):
    kinect = PushKinect("slow")
    with Server("127.0.0.1", announce=False) as server, kinect:
        server.add_kinect(kinect)
        with Client(control(server), io_loop=loop.loop) as client:
            frames, late = Calls(), Calls()
            client.on_depth_frame.connect(frames, client)
            client.enable_depth_frames()
            wait_until(lambda: server.statistics("slow").subscribers)
            go_on = threading.Event()
            loop.call(go_on.wait, 10)
            pixels = __import__("numpy").zeros((424, 512), "u2")
            for number in range(20):
                pixels[0, 0] = number
                kinect.push(pixels)
                time.sleep(0.01)
            wait_until(lambda: client.statistics("slow").received >= 15)
            time.sleep(0.1)
            go_on.set()
            frames.wait()
            time.sleep(0.1)
            assert [frame.array[0, 0] for frame in frames.values("depth_frame")] == [19]
            # What waits for the loop when the client disconnects is not delivered after it.
            go_on.clear()
            loop.call(go_on.wait, 10)
            before = client.statistics("slow").delivered
            kinect.push(pixels)
            wait_until(lambda: client.statistics("slow").delivered > before)
            time.sleep(0.1)
        loop.call(late)
        go_on.set()
        late.wait()
        time.sleep(0.1)
        assert len(frames) == 1


def test_a_closed_loop_loses_signals_and_nothing_else(served):
    server, _ = served
    closed = asyncio.new_event_loop()
    closed.close()
    with Client(control(server), io_loop=closed) as client:
        frames = Calls()
        client.on_depth_frame.connect(frames, client)
        client.enable_depth_frames()
        assert client.take_frame(10) is not None
    assert not frames.seen


def test_inside_asyncio(served):
    """All in one thread: handlers are called by the running loop, and may disconnect."""
    server, _ = served

    async def main():
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        client = Client(control(server), connect_immediately=True, io_loop=loop)

        def add_kinect(client, kinect_id):
            client.enable_depth_frames(kinect_id)

        def depth_frame(client, depth_frame, kinect_id):
            client.disconnect()
            done.set_result(depth_frame.shape)

        client.on_add_kinect.connect(add_kinect, client)
        client.on_depth_frame.connect(depth_frame, client)
        return await asyncio.wait_for(done, 10)

    assert asyncio.run(main()) == (512, 424)


def test_on_asyncio_a_handler_that_is_disconnected_at_once_is_not_called(served):
    server, _ = served

    async def main():
        client = Client(control(server), connect_immediately=True, io_loop=asyncio.get_running_loop())
        connected, gone = Calls(), Calls()
        client.on_connect.connect(connected, client)
        while not connected.seen:
            await asyncio.sleep(0.01)
        client.on_connect.connect(gone, client)
        client.on_connect.disconnect(gone, client)
        await asyncio.sleep(0.1)
        client.disconnect()
        return gone.seen

    assert asyncio.run(main()) == []


def test_nothing_gathers_for_a_loop_that_is_closed():
    loop = asyncio.new_event_loop()
    delivery = LoopDelivery(loop)
    loop.close()
    lost = [Calls() for _ in range(3)]
    for call in lost:
        delivery.put(call)
    gone = [weakref.ref(call) for call in lost]
    del lost, call
    gc.collect()
    assert [one() for one in gone] == [None] * 3
