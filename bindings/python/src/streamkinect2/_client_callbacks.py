"""The callbacks that a `Client` gives to the library: each tells it what happened, and emits a signal of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from . import _abi
from ._library import event_of, log
from ._owner import callback, forget_number
from ._signals import call_logged
from .common import Result, known
from .frame import borrowed_frame

if TYPE_CHECKING:
    from .client import Client


@callback(_abi.ClientFn)
def on_connect(client: Client) -> None:
    client._change.set()
    client._emit(lambda: client.on_connect.announce(client, None))


@callback(_abi.ClientLostFn)
def on_disconnect(client: Client, _reason: int) -> None:
    if not client._options.reconnect:
        client._trying = False
    client._change.set()

    def emit() -> None:
        client.on_connect.withdraw(client, None)
        client.on_disconnect.emit(client)

    client._emit(emit)


@callback(_abi.ClientKinectFn)
def on_add_kinect(client: Client, raw: bytes) -> None:
    kinect_id = raw.decode()
    client._emit(lambda: client.on_add_kinect.announce(client, kinect_id, kinect_id=kinect_id))


@callback(_abi.ClientKinectFn)
def on_remove_kinect(client: Client, raw: bytes) -> None:
    kinect_id = raw.decode()

    def emit() -> None:
        client.on_add_kinect.withdraw(client, kinect_id)
        client.on_remove_kinect.emit(client, kinect_id=kinect_id)

    client._emit(emit)


@callback(_abi.ClientFrameFn)
def on_depth_frame(client: Client, raw: bytes, handle: int) -> None:
    kinect_id, frame = raw.decode(), borrowed_frame(handle)
    call = partial(client.on_depth_frame.emit, client, depth_frame=frame, kinect_id=kinect_id)
    client._emit(call, ("depth_frame", frame.stream, kinect_id))


@callback(_abi.ClientFrameFn)
def on_frame(client: Client, raw: bytes, handle: int) -> None:
    kinect_id, frame = raw.decode(), borrowed_frame(handle)
    call = partial(client.on_frame.emit, client, frame=frame, kinect_id=kinect_id)
    client._emit(call, ("frame", frame.stream, kinect_id))


@callback(_abi.EventFn)
def on_event(client: Client, raw: Any) -> None:
    event = event_of(raw.contents)
    client._emit(lambda: client.on_event.emit(client, event=event))


@callback(_abi.ClientPongFn, numbered=True)
def on_pong(client: Client, raw: int, round_trip_ns: int, number: int) -> None:
    forget_number(number)
    pong_cb, result = client._pongs.pop(number, None), known(Result, raw)

    def emit() -> None:
        if result != Result.OK:
            log.warning("no pong from %s: %s", client.server_name or client._endpoint, getattr(result, "name", result))
        elif pong_cb is not None:
            call_logged(pong_cb)
        client.on_pong.emit(client, result=result, round_trip_ns=round_trip_ns)

    client._emit(emit)
