"""Kinects on the machine that has them: sources of frames. Servers and compressors take frames from them."""

from __future__ import annotations

import threading
from ctypes import byref
from types import TracebackType
from typing import Any, Optional, TypeVar, Union

import numpy as np
import numpy.typing as npt

from . import _abi
from ._library import check, encoded, lib, log, new_handle, text
from ._owner import Owner, callback
from ._signals import Signal
from .common import Codec, Stream, StreamInfo
from .frame import DepthFrame, Frame, borrowed_frame, format_of, handle_of, pixels_of

__all__ = ["Kinect", "PushKinect"]

_Self = TypeVar("_Self", bound="Kinect")


class Kinect(Owner):
    """What every kinect of this package has. Its handlers are called on a thread of the library's.

    Use `start()` and `stop()`, or wrap it in a with statement.
    """

    on_depth_frame: Signal
    on_frame: Signal

    _destroy = lib.kinect2_device_destroy

    def __init__(self, handle: int) -> None:
        super().__init__()
        self._signals = (self.on_depth_frame, self.on_frame)
        self._id = text(lib.kinect2_device_id, handle)
        self._listening = False
        self._adopt(handle)

    @property
    def unique_kinect_id(self) -> str:
        """A string with an opaque, unique id for this kinect."""
        return self._id

    def start(self) -> None:
        """Starts the device. If it runs already, this has no effect beyond logging a warning."""
        check(lib.kinect2_device_start(self._need()))

    def stop(self) -> None:
        """Stops the device. Waits for a handler that runs, but for no more than a second. It can be started again.

        If it does not run, this has no effect beyond logging a warning.
        """
        handle = self._need()
        if self._is_inside():
            check(lib.kinect2_device_stop(handle))
            return
        # The library waits for as long as the handler takes, so that is another thread's business.
        stopping = threading.Thread(
            target=lib.kinect2_device_stop, args=(handle,), name="streamkinect2-stop", daemon=True
        )
        try:
            stopping.start()
        except RuntimeError:  # the interpreter ends: there are no new threads
            check(lib.kinect2_device_stop(handle))
            return
        stopping.join(1.0)
        if stopping.is_alive():
            log.warning("kinect %s: a handler still runs; no more are called, but this one is not waited for", self._id)

    def __enter__(self: _Self) -> _Self:
        self.start()
        return self

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], traceback: Optional[TracebackType]
    ) -> None:
        if self._handle is not None:
            self.stop()

    def _listen(self, signal: Signal) -> None:
        if not self._listening:
            self._listening = True
            check(lib.kinect2_device_on_frame(self._need(), _on_frame, self._number))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._id}>"


@callback(_abi.DeviceFrameFn)
def _on_frame(kinect: Kinect, handle: int) -> None:
    frame = borrowed_frame(handle)
    if isinstance(frame, DepthFrame):
        kinect.on_depth_frame.emit(kinect, depth_frame=frame)
    kinect.on_frame.emit(kinect, frame=frame)


class PushKinect(Kinect):
    """A kinect whose frames the program supplies, from wherever it has them.

    It offers 512x424 depth from its creation, and other streams from their first frame on; `declare_stream()` says it before that.
    `kinect_id` is 1 to 255 bytes; None: one is made up, the same when the same program runs again on this machine.
    """

    on_depth_frame = Signal("Emitted for each depth frame that is pushed: `depth_frame`, a DepthFrame.")
    on_frame = Signal("Emitted for each frame of any stream that is pushed: `frame`, a Frame.")

    def __init__(self, kinect_id: Optional[str] = None) -> None:
        super().__init__(new_handle(lib.kinect2_device_create_push, encoded(kinect_id)))

    def declare_stream(self, info: StreamInfo) -> None:
        """Says what a stream is before its first frame. A frame that is different changes the stream; it is not refused."""
        raw = _abi.StreamInfo(**info._replace(codec=Codec.RAW)._asdict())
        check(lib.kinect2_device_declare_stream(self._need(), byref(raw)))

    def push(self, array: npt.ArrayLike, stream: int = Stream.DEPTH, capture_time_ns: int = 0) -> None:
        """Gives the kinect its next frame, a uint16 array of shape (height, width), which is copied. Never waits for the network.

        `capture_time_ns` is in `clock_ns()`; 0: now. RuntimeError if the kinect is not started.
        """
        pixels = pixels_of(array)
        height, width = pixels.shape
        pixel_format, data, size = format_of(stream), pixels.ctypes.data, pixels.nbytes
        check(
            lib.kinect2_device_push(self._need(), stream, pixel_format, width, height, 0, data, size, capture_time_ns)
        )

    def push_frame(self, frame: Frame) -> None:
        """Gives the kinect its next frame without a copy, such as one that a client received."""
        check(lib.kinect2_device_push_frame(self._need(), handle_of(frame)))


class Adapter:
    """Makes any object with `unique_kinect_id` and a signal `on_depth_frame` a kinect: its frames go through a push device."""

    def __init__(self, kinect: Any) -> None:
        self.kinect = kinect
        self.device = PushKinect(id_of(kinect))
        self.device.start()
        kinect.on_depth_frame.connect(self._push, sender=kinect)

    def _push(self, _sender: Any, depth_frame: Any) -> None:
        try:
            width, height = depth_frame.shape
            pixels = np.frombuffer(depth_frame.data, np.uint16)
            self.device.push(pixels.reshape(height, width))
        except Exception:
            if self.device._is_open():  # else: it was on its way when the kinect was let go
                log.exception("a depth frame of %r cannot be used", self.kinect)

    def _need(self) -> int:
        return self.device._need()

    def close(self) -> None:
        """Lets go of the object."""
        self.kinect.on_depth_frame.disconnect(self._push, sender=self.kinect)
        self.device.close()


def id_of(kinect: Any) -> str:
    """The id of anything that is like a kinect. TypeError for what is not."""
    if not hasattr(kinect, "unique_kinect_id") or not hasattr(kinect, "on_depth_frame"):
        raise TypeError(f"a kinect has unique_kinect_id and a signal on_depth_frame; {type(kinect).__name__} has not")
    return str(kinect.unique_kinect_id)


def device_of(kinect: Any) -> Union[Kinect, Adapter]:
    """A kinect of this package as it is; for anything else that is like one, what stands for it in the library."""
    return kinect if isinstance(kinect, Kinect) else Adapter(kinect)
