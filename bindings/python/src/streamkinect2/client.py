"""The client: a connection to one server, its kinects and their frames."""

from __future__ import annotations

import threading
import time
from ctypes import byref, c_void_p
from types import TracebackType
from typing import Any, Callable, Optional

from . import _abi
from . import _client_callbacks as callbacks
from ._library import (
    check,
    descriptor,
    encoded,
    filled,
    lib,
    log,
    new_handle,
    options,
    text_or_none,
    texts,
    values,
    wait,
)
from ._owner import Owner, forget_number
from ._signals import Signal
from .common import ClientStatistics, Discovery, EndpointType, Event, Poll, Result, Stream, StreamInfo
from .frame import Frame, frame_of
from .server import endpoints_of, next_event

__all__ = ["Client"]


class Client(Owner):
    """Client for a streaming kinect2 server.

    Usually the client will be used with a with statement:

        with Client(endpoint) as c:
            # c is connected here
            pass
        # c is disconnected here

    The with statement waits for the server's first answer, at most `response_timeout`, then raises TimeoutError. `connect()` returns at
    once. A server that is lost is tried again until `disconnect()`.

    `control_endpoint` is the ZeroMQ control endpoint for the server which should be connected to. `zmq_ctx` is accepted and ignored: the
    library carries its own ZeroMQ. `io_loop` is the asyncio or Tornado loop on which signals are emitted and `pong_cb` is called; None:
    on the library's thread. If `connect_immediately` is True then the client attempts to connect when constructed. If False then
    `connect()` must be used explicitly.

    `follow` names a server to follow to any endpoint ("*": the first one that is found, then always that); `control_endpoint` may then
    be None. With `reconnect` False the client gives up when the server does not answer.

    Handlers of `on_connect` and `on_add_kinect` that are connected late are called for what is there already, too.
    """

    on_connect = Signal("Emitted when the client connects to a server.")
    on_disconnect = Signal("Emitted when the client disconnects from a server, or the server is lost.")
    on_add_kinect = Signal("Emitted when a new kinect device is available: `kinect_id`, its unique id.")
    on_remove_kinect = Signal("Emitted when a kinect device is removed: `kinect_id`, its unique id.")
    on_depth_frame = Signal(
        "Emitted when a new depth frame is available: `depth_frame`, a DepthFrame, and `kinect_id`."
    )
    on_frame = Signal("Emitted when a new frame of any enabled stream is available: `frame`, a Frame, and `kinect_id`.")
    on_pong = Signal("Emitted when a ping has ended: `result`, a Result, and `round_trip_ns`, 0 if it is not OK.")
    on_event = Signal("Emitted for each event of the client: `event`, an Event, as `next_event()` gives it.")

    _destroy = lib.kinect2_client_destroy
    _signals = (on_connect, on_disconnect, on_add_kinect, on_remove_kinect, on_depth_frame, on_frame, on_pong, on_event)

    def __init__(
        self,
        control_endpoint: Optional[str],
        connect_immediately: bool = False,
        zmq_ctx: Any = None,
        io_loop: Any = None,
        *,
        follow: Optional[str] = None,
        reconnect: bool = True,
        discovery: Discovery = Discovery.AUTO,
    ) -> None:
        super().__init__(io_loop)
        self._endpoint = control_endpoint
        self._options = options(
            _abi.ClientOptions,
            lib.kinect2_client_options_init,
            server_name=follow,
            reconnect=int(reconnect),
            discovery=discovery,
        )
        self._settled = False  # connect() has been called
        self._trying = False
        self._change = threading.Event()  # the server has answered, or was lost
        self._pongs: dict[int, Optional[Callable[[], Any]]] = {}
        self._listening: set[Signal] = set()
        self._early: list[tuple[Any, ...]] = []  # calls before connect() that a handle made anew needs again
        self._adopt(self._create())
        self._set_callbacks()
        if connect_immediately:
            self.connect()

    def _create(self) -> int:
        return new_handle(lib.kinect2_client_create, encoded(self._endpoint), byref(self._options))

    def _set_callbacks(self) -> None:
        handle, number = self._need(), self._number
        self._poke()
        check(lib.kinect2_client_on_disconnect(handle, callbacks.on_disconnect, number))
        check(lib.kinect2_client_on_add_kinect(handle, callbacks.on_add_kinect, number))
        check(lib.kinect2_client_on_remove_kinect(handle, callbacks.on_remove_kinect, number))

    def _poke(self) -> None:
        # A callback that is set is called if the server answers: that has been announced, and is not again.
        check(lib.kinect2_client_on_connect(self._need(), callbacks.on_connect, self._number))

    def _listen(self, signal: Signal) -> None:
        # Only where there are handlers: the library counts a frame that goes to a callback as delivered.
        setters = {
            Client.on_depth_frame: (lib.kinect2_client_on_depth_frame, callbacks.on_depth_frame),
            Client.on_frame: (lib.kinect2_client_on_frame, callbacks.on_frame),
            Client.on_event: (lib.kinect2_client_on_event, callbacks.on_event),
        }
        if signal in setters and signal not in self._listening:
            self._listening.add(signal)
            setter, function = setters[signal]
            check(setter(self._need(), function, self._number))

    # Settings

    @property
    def heartbeat_period(self) -> int:
        """The delay, in milliseconds, between "heartbeat" requests to the server. These are used to ensure the server is still alive.

        Changes to this attribute are ignored once `connect()` has been called. Servers of this library are asked once a second at least.
        """
        return int(self._options.heartbeat_period_ms)

    @heartbeat_period.setter
    def heartbeat_period(self, milliseconds: int) -> None:
        self._set("heartbeat_period", milliseconds)

    @property
    def response_timeout(self) -> int:
        """The maximum wait time, in milliseconds, the client waits for the server to reply before giving up.

        Changes to this attribute are ignored once `connect()` has been called.
        """
        return int(self._options.response_timeout_ms)

    @response_timeout.setter
    def response_timeout(self, milliseconds: int) -> None:
        self._set("response_timeout", milliseconds)

    def _set(self, name: str, milliseconds: int) -> None:
        if self._settled:
            log.warning("a client's %s is ignored once connect() has been called", name)
            return
        if not 1 <= milliseconds < 2**32:
            raise ValueError(f"{name} is in milliseconds, 1 at least, not {milliseconds!r}")
        old, before = self._need(), getattr(self._options, name + "_ms")
        setattr(self._options, name + "_ms", int(milliseconds))
        try:
            self._handle = self._create()  # the library knows these from the client's making on
        except BaseException:
            setattr(self._options, name + "_ms", before)
            raise
        lib.kinect2_client_destroy(old)
        self._set_callbacks()
        listening, self._listening = self._listening, set()
        for signal in listening:
            self._listen(signal)
        for function, *arguments in self._early:
            check(function(self._handle, *arguments))

    # The connection

    @property
    def server_name(self) -> Optional[str]:
        """A string giving a human-readable name for the server or None if the server has not yet replied to our initial query."""
        return text_or_none(lib.kinect2_client_server_name, self._need())

    @property
    def endpoints(self) -> dict[EndpointType, str]:
        """A dict of the server's endpoint addresses keyed by `streamkinect2.common.EndpointType`; empty before its first answer."""
        return self.kinect_endpoints(None)

    def kinect_endpoints(self, kinect_id: Optional[str]) -> dict[EndpointType, str]:
        """The endpoints of one of its kinects."""
        return endpoints_of(lib.kinect2_client_endpoint, self._need(), kinect_id)

    @property
    def is_connected(self) -> bool:
        """True if the client is connected: the server answers. False otherwise."""
        return bool(self._handle is not None and lib.kinect2_client_is_connected(self._need()))

    def connect(self) -> None:
        """Explicitly connect the client. Returns at once; `on_connect` tells when the server has answered.

        If it is connected, or tries, this has no effect beyond logging a warning.
        """
        self._settled = True
        self._early.clear()
        self._trying = True
        check(lib.kinect2_client_connect(self._need()))

    def disconnect(self) -> None:
        """Explicitly disconnect the client. Streams that are enabled flow again after the next `connect()`.

        If it is not connected and does not try, this has no effect.
        """
        self._trying = False
        check(lib.kinect2_client_disconnect(self._need()))
        self._drop_frames()

    def __enter__(self) -> Client:
        if not self._trying:
            self.connect()
        end = time.monotonic() + self.response_timeout / 1000
        while True:
            self._change.clear()
            if self.is_connected:
                return self
            if not self._trying or not self._change.wait(max(0.0, end - time.monotonic())):
                break
        self.disconnect()
        raise TimeoutError(f"no answer from {self._endpoint or 'any server'} within {self.response_timeout} ms")

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], traceback: Optional[TracebackType]
    ) -> None:
        if self._trying and self._handle is not None:
            self.disconnect()

    def close(self) -> None:
        super().close()
        for number in list(self._pongs):
            forget_number(number)

    def ping(self, pong_cb: Optional[Callable[[], Any]] = None) -> None:
        """Send a 'ping' request to the server. Possible from `connect()` on, also before the server has answered.

        If pong_cb is not None, it is a callable which is called with no arguments when the pong response has been received. That there
        is none is logged. RuntimeError if the client is not connected and does not try.
        """
        number = self._also_known()
        self._pongs[number] = pong_cb
        try:
            check(lib.kinect2_client_ping(self._need(), callbacks.on_pong, number))
        except BaseException:
            self._pongs.pop(number)
            forget_number(number)
            raise

    # Kinects and their frames

    @property
    def kinects(self) -> list[str]:
        """The ids of the kinects that there are, in the order of their coming."""
        handle = self._need()
        return texts(lib.kinect2_client_kinect_count(handle), lib.kinect2_client_kinect_id, handle)

    def streams(self, kinect_id: str) -> Stream:
        """The streams that a kinect offers; none if it is not there."""
        return Stream(lib.kinect2_client_streams(self._need(), encoded(kinect_id)))

    def stream_info(self, kinect_id: str, stream: int = Stream.DEPTH) -> StreamInfo:
        """What a stream of a kinect is. ValueError if there is no such kinect; NotImplementedError if it lacks the stream."""
        raw = filled(_abi.StreamInfo(), lib.kinect2_client_stream_info, self._need(), encoded(kinect_id), stream)
        return StreamInfo(**values(raw, StreamInfo))

    def enable_depth_frames(self, kinect_id: Optional[str] = None) -> None:
        """Enable streaming of depth frames.

        kinect_id is the id of the device which should have streaming enabled; None: every kinect, now and later, allowed before
        `connect()` too. It lasts until it is disabled, also over the loss and return of kinect or server.

        ValueError if kinect_id does not correspond to a connected device; RuntimeError if the client is not connected.
        """
        self._apply(kinect_id, lib.kinect2_client_enable_depth_frames, encoded(kinect_id))

    def disable_depth_frames(self, kinect_id: Optional[str] = None) -> None:
        """Disable streaming of depth frames; None: of every kinect, now and later."""
        self._apply(kinect_id, lib.kinect2_client_disable_depth_frames, encoded(kinect_id))
        self._drop_frames(kinect_id, Stream.DEPTH)

    def enable_stream(self, streams: int, kinect_id: Optional[str] = None, pixel_format: int = 0) -> None:
        """Enable streams, as `enable_depth_frames()` does for depth. `pixel_format` is a `Format`; 0: as it comes.

        NotImplementedError for a stream that the kinect lacks, or a format that this version cannot make of it.
        """
        wanted = options(_abi.StreamOptions, lib.kinect2_stream_options_init, format=pixel_format)
        self._apply(kinect_id, lib.kinect2_client_enable_stream, encoded(kinect_id), streams, byref(wanted))

    def disable_stream(self, streams: int, kinect_id: Optional[str] = None) -> None:
        """Disable streams; frames of them that wait are dropped."""
        self._apply(kinect_id, lib.kinect2_client_disable_stream, encoded(kinect_id), streams)
        self._drop_frames(kinect_id, streams)

    def _apply(self, kinect_id: Optional[str], function: Any, *arguments: Any) -> None:
        if kinect_id is not None and not self.is_connected:
            raise RuntimeError("this client is not connected: no kinect is known")
        check(function(self._need(), *arguments))
        if not self._settled:
            self._early.append((function, *arguments))

    def _drop_frames(self, kinect_id: Optional[str] = None, streams: int = Stream.ALL) -> None:
        def unwanted(key: Any) -> bool:
            return isinstance(key, tuple) and key[1] & streams != 0 and kinect_id in (None, key[2])

        if self._loop is not None:
            self._loop.drop(unwanted)

    def take_frame(
        self, timeout: Optional[float] = None, kinect_id: Optional[str] = None, streams: int = Stream.ALL
    ) -> Optional[Frame]:
        """The newest frame of enabled streams; None if none comes within `timeout` seconds (None: wait for ever).

        An alternative to handlers, or beside them: each frame goes to both. For each kinect and stream the newest one waits.
        RuntimeError if the client is not connected and does not try.
        """
        handle, out = self._need(), c_void_p()
        take, wanted = lib.kinect2_client_take_frame, encoded(kinect_id)
        result = wait(
            lambda timeout_ms: take(handle, wanted, streams, timeout_ms, byref(out)), timeout, self._is_inside()
        )
        if result == Result.CLOSED:
            raise RuntimeError("this client is not connected: no frames will come")
        return None if out.value is None else frame_of(out.value)

    def statistics(self, kinect_id: str, stream: int = Stream.DEPTH) -> ClientStatistics:
        """Figures of one stream of one kinect, since it was enabled. ValueError if there is no such kinect."""
        raw = filled(_abi.ClientStats(), lib.kinect2_client_stats, self._need(), encoded(kinect_id), stream)
        return ClientStatistics(**values(raw, ClientStatistics))

    def next_event(self, timeout: Optional[float] = None) -> Optional[Event]:
        """The next event; None if none comes within `timeout` seconds (None: wait for ever). Handlers get each event, too."""
        return next_event(lib.kinect2_client_next_event, self, timeout)

    def poll_fd(self, what: Poll) -> int:
        """A descriptor that is readable while an event or a frame waits: take them with a timeout of 0.

        It is the library's: do not read or close it. Ask after heartbeat_period and response_timeout have been set.
        """
        return descriptor(lib.kinect2_client_poll_fd, self._need(), what)
