"""Servers, which offer kinects to the network, and the browser that finds them."""

from __future__ import annotations

from ctypes import byref
from types import TracebackType
from typing import Any, NamedTuple, Optional, Union

from . import _abi
from ._library import (
    check,
    descriptor,
    encode_options,
    encoded,
    event_of,
    filled,
    lib,
    new_handle,
    options,
    text,
    text_or_none,
    texts,
    values,
    wait,
)
from ._owner import Owner, callback
from ._signals import Signal
from .common import Discovery, EncodeOptions, EndpointType, Event, Poll, Result, ServerStatistics, Stream
from .device import Adapter, Kinect, device_of, id_of

__all__ = ["Server", "ServerBrowser", "ServerInfo"]


class Server(Owner):
    """A server capable of streaming Kinect2 data to interested clients.

    Servers may have their lifetime managed by using them within a with statement:

        with Server() as s:
            # server is running
            pass
        # server has stopped

    `address` (numeric) and `port` are the bind address and port from which to start serving. None: all interfaces, any free port.
    `name` is a human-readable string describing the server; None: one is made up. `zmq_ctx` is accepted and ignored: the library
    carries its own ZeroMQ. `io_loop` is the asyncio or Tornado loop on which `on_event` is emitted; None: on the library's thread. If
    `announce` is true the server is announced over Zeroconf when it starts running.

    `data_port` is the first port for frames, for firewalls and containers; each kinect takes four. None: any free ones.
    """

    on_event = Signal("Emitted for each event of the server: `event`, an Event, as `next_event()` gives it.")

    _destroy = lib.kinect2_server_destroy
    _signals = (on_event,)

    def __init__(
        self,
        address: Optional[str] = None,
        start_immediately: bool = False,
        name: Optional[str] = None,
        zmq_ctx: Any = None,
        io_loop: Any = None,
        announce: bool = True,
        port: Optional[int] = None,
        *,
        data_port: Optional[int] = None,
        discovery: Discovery = Discovery.AUTO,
    ) -> None:
        super().__init__(io_loop)
        self._address = address
        self._devices: dict[
            int, tuple[Any, Union[Kinect, Adapter]]
        ] = {}  # id() of a kinect: it, and what stands for it in the library
        made = options(
            _abi.ServerOptions,
            lib.kinect2_server_options_init,
            announce=int(announce),
            discovery=discovery,
            port=port,
            name=name,
            address=address,
            data_port=data_port,
        )
        self._adopt(new_handle(lib.kinect2_server_create, byref(made)))
        if start_immediately:
            self.start()

    @property
    def address(self) -> Optional[str]:
        """The address bound to, as a decimal-dotted string; before the start the one that was asked for.

        A server on all interfaces has the address in its endpoints, which a client on another host would use.
        """
        bound = text_or_none(lib.kinect2_server_address, self._need())
        if bound in ("::", "0.0.0.0"):
            host, _, _port = self.endpoints[EndpointType.control].rpartition(":")
            return host[len("tcp://") :].strip("[]")
        return bound or self._address

    @property
    def name(self) -> str:
        """The server's name, as it is announced now: another one with the same name makes it "NAME (2)"."""
        return text(lib.kinect2_server_name, self._need())

    @property
    def endpoints(self) -> dict[EndpointType, str]:
        """The ZeroMQ endpoints of this server, keyed by endpoint type; none while it does not run."""
        return self.kinect_endpoints(None)

    def kinect_endpoints(self, kinect_id: Optional[str]) -> dict[EndpointType, str]:
        """The endpoints of one of its kinects."""
        return endpoints_of(lib.kinect2_server_endpoint, self._need(), kinect_id)

    @property
    def is_running(self) -> bool:
        """True when the server is running, False otherwise."""
        return bool(self._handle is not None and lib.kinect2_server_is_running(self._need()))

    @property
    def kinects(self) -> list[Any]:
        """The kinect devices managed by this server. See `add_kinect()`."""
        return [kinect for kinect, _ in list(self._devices.values())]

    @property
    def kinect_ids(self) -> list[str]:
        """The ids of these, as clients see them."""
        return texts(lib.kinect2_server_kinect_count(self._need()), lib.kinect2_server_kinect_id, self._need())

    def add_kinect(self, kinect: Any) -> None:
        """Adds a kinect, before or after the start.

        `kinect` is an object with the interface of `streamkinect2.mock.MockKinect`: one of this package, or any object with
        `unique_kinect_id` and a signal `on_depth_frame`. ValueError if it, or one with its id, is there already.
        """
        if id_of(kinect) in self.kinect_ids:
            raise ValueError(f"there is a kinect {id_of(kinect)} already")
        device = device_of(kinect)
        check(lib.kinect2_server_add_kinect(self._need(), device._need()))
        self._devices[id(kinect)] = kinect, device

    def remove_kinect(self, kinect: Any) -> None:
        """Removes a kinect previously added via `add_kinect()`. The kinect goes on. ValueError if it is not there."""
        device = self._device(kinect)
        del self._devices[id(kinect)]
        check(lib.kinect2_server_remove_kinect(self._need(), device._need()))
        if isinstance(device, Adapter):
            device.close()

    def _device(self, kinect: Any) -> Union[Kinect, Adapter]:
        if id(kinect) not in self._devices:
            raise ValueError(f"{kinect!r} is no kinect of this server")
        return self._devices[id(kinect)][1]

    def start(self) -> None:
        """Explicitly start the server. If the server is already running, this has no effect beyond logging a warning.

        OSError if a port is taken. Kinects are started and stopped by the program.
        """
        check(lib.kinect2_server_start(self._need()))

    def stop(self) -> None:
        """Explicitly stop the server. If the server is not running this has no effect beyond logging a warning."""
        check(lib.kinect2_server_stop(self._need()))

    def set_encoding(self, chosen: Optional[EncodeOptions], kinect: Any = None, streams: int = Stream.DEPTH) -> None:
        """Says how the server compresses from the next frame on: for one kinect, or for all that have no setting of their own.

        None: back to the default. NotImplementedError for a codec that does not carry such streams.
        """
        device = None if kinect is None else self._device(kinect)._need()
        raw = None if chosen is None else encode_options(chosen)
        check(lib.kinect2_server_set_encoding(self._need(), device, streams, raw))

    def statistics(self, kinect_id: str, stream: int = Stream.DEPTH) -> ServerStatistics:
        """Figures of one stream of one kinect, since it was added."""
        raw = filled(_abi.ServerStats(), lib.kinect2_server_stats, self._need(), encoded(kinect_id), stream)
        return ServerStatistics(**values(raw, ServerStatistics))

    def next_event(self, timeout: Optional[float] = None) -> Optional[Event]:
        """The next event; None if none comes within `timeout` seconds (None: wait for ever). Handlers get each event, too."""
        return next_event(lib.kinect2_server_next_event, self, timeout)

    def poll_fd(self) -> int:
        """A descriptor that is readable while an event waits. It is the library's: do not read or close it."""
        return descriptor(lib.kinect2_server_poll_fd, self._need(), Poll.EVENTS)

    def close(self) -> None:
        super().close()
        self._devices = {}  # lets go of what stands for kinects of others

    def __enter__(self) -> Server:
        if not self.is_running:
            self.start()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], traceback: Optional[TracebackType]
    ) -> None:
        if self.is_running:
            self.stop()

    def _listen(self, signal: Signal) -> None:
        check(lib.kinect2_server_on_event(self._need(), _on_event, self._number))


@callback(_abi.EventFn)
def _on_event(server: Server, raw: Any) -> None:
    event = event_of(raw.contents)
    server._emit(lambda: server.on_event.emit(server, event=event))


class ServerInfo(NamedTuple):
    """Kinect2 Stream server information: a tuple with named accessors."""

    name: str
    """A server-provided human-readable name for the server."""
    endpoint: str
    """Connection information for control channel which should be passed to `streamkinect2.client.Client`."""


class ServerBrowser(Owner):
    """An object which listens for kinect2 streaming servers on the network.

    The object will keep listening as long as it is alive and so if you want to continue to receive notification of servers, you should
    keep it around.

    `io_loop` is the asyncio or Tornado loop on which signals are emitted; None: on the library's thread. `address` is an explicit bind
    IP address for an interface to listen on as a decimal-dotted string or None to use all.

    A handler that is connected late is called for the servers that are there already, too.
    """

    on_add_server = Signal("Emitted when a new server is discovered on the network: `server_info`, a ServerInfo.")
    on_remove_server = Signal("Emitted when a server removes itself from the network: `server_info`, a ServerInfo.")

    _destroy = lib.kinect2_browser_destroy
    _signals = (on_add_server, on_remove_server)

    def __init__(
        self, io_loop: Any = None, address: Optional[str] = None, *, discovery: Discovery = Discovery.AUTO
    ) -> None:
        super().__init__(io_loop)
        made = options(_abi.BrowserOptions, lib.kinect2_browser_options_init, discovery=discovery, address=address)
        self._adopt(new_handle(lib.kinect2_browser_create, byref(made)))
        check(lib.kinect2_browser_on_remove_server(self._need(), _on_remove_server, self._number))
        self._poke()
        self.start()

    @property
    def servers(self) -> list[ServerInfo]:
        """The servers that are listed now, in the order of their coming."""
        handle = self._need()
        names = texts(lib.kinect2_browser_server_count(handle), lib.kinect2_browser_server_name, handle)
        found = [(name, text_or_none(lib.kinect2_browser_server_endpoint, handle, encoded(name))) for name in names]
        return [ServerInfo(name, endpoint) for name, endpoint in found if endpoint is not None]

    def start(self) -> None:
        """Begins to listen again. If it listens, as it does from the beginning, this has no effect beyond logging a warning."""
        check(lib.kinect2_browser_start(self._need()))

    def stop(self) -> None:
        """Stops listening. All servers are forgotten, without a signal."""
        check(lib.kinect2_browser_stop(self._need()))
        if self._loop is not None:
            self._loop.drop(lambda _key: True)
        self.on_add_server.withdraw_all(self)

    def next_event(self, timeout: Optional[float] = None) -> Optional[Event]:
        """The next event; None if none comes within `timeout` seconds (None: wait for ever). Handlers get each event, too."""
        return next_event(lib.kinect2_browser_next_event, self, timeout)

    def poll_fd(self) -> int:
        """A descriptor that is readable while an event waits. It is the library's: do not read or close it."""
        return descriptor(lib.kinect2_browser_poll_fd, self._need(), Poll.EVENTS)

    def _poke(self) -> None:
        # A callback that is set is called for all servers that are listed: what has been announced is not announced again.
        check(lib.kinect2_browser_on_add_server(self._need(), _on_add_server, self._number))


@callback(_abi.BrowserFn)
def _on_add_server(browser: ServerBrowser, raw: Any) -> None:
    info = ServerInfo(raw.contents.name.decode(), raw.contents.endpoint.decode())
    browser._emit(lambda: browser.on_add_server.announce(browser, info, server_info=info))


@callback(_abi.BrowserFn)
def _on_remove_server(browser: ServerBrowser, raw: Any) -> None:
    info = ServerInfo(raw.contents.name.decode(), raw.contents.endpoint.decode())

    def emit() -> None:
        browser.on_add_server.withdraw(browser, info)
        browser.on_remove_server.emit(browser, server_info=info)

    browser._emit(emit)


def endpoints_of(function: Any, handle: int, kinect_id: Optional[str]) -> dict[EndpointType, str]:
    """What there is of the endpoints that a function of the library tells."""
    found = {kind: text_or_none(function, handle, encoded(kinect_id), kind.value) for kind in EndpointType}
    return {kind: endpoint for kind, endpoint in found.items() if endpoint is not None}


def next_event(function: Any, owner: Owner, timeout: Optional[float]) -> Optional[Event]:
    """The next event of a server, browser or client; None if there is none."""
    raw, handle = _abi.Event(), owner._need()
    result = wait(lambda timeout_ms: function(handle, timeout_ms, byref(raw)), timeout, owner._is_inside())
    return event_of(raw) if result == Result.OK else None
