"""Frames: images with their times and numbers, which stay where the library has them.

A frame's pixels are immutable and shared: `data`, `array` and every view of them keep them alive, and the library gets them back when the
last of these is collected.
"""

from __future__ import annotations

from ctypes import byref
from typing import Any, Optional, cast

import numpy as np
import numpy.typing as npt

from . import _abi
from ._library import filled, lib, new_handle, options, text_or_none, usable, values
from .common import Format, FrameInfo, Stream

__all__ = ["DepthFrame", "Frame"]

# Shape behind (height, width) and type of a pixel.
_PIXELS: dict[int, tuple[tuple[int, ...], str]] = {
    Format.DEPTH16_MM: ((), "=u2"),
    Format.INFRARED16: ((), "=u2"),
    Format.RGBA8: ((4,), "|u1"),
    Format.BGRA8: ((4,), "|u1"),
    Format.YUY2: ((2,), "|u1"),
}


class _Reference:
    """One reference to a frame of the library's, and what numpy wants to know of its bytes."""

    __slots__ = ("__array_interface__", "handle")

    def __init__(self, handle: int, info: FrameInfo) -> None:
        self.handle = handle
        extra, kind = _PIXELS.get(info.format, ((), "|u1"))
        shape: tuple[int, ...] = (info.height, info.width, *extra)
        strides: Optional[tuple[int, ...]] = None
        if info.format not in _PIXELS:  # a file, such as a JPEG
            shape = (info.size,)
        else:
            item = int(kind[2:])
            strides = (info.stride_bytes, item * (extra[0] if extra else 1), *(item for _ in extra))
        self.__array_interface__ = {
            "version": 3,
            "shape": shape,
            "typestr": np.dtype(kind).str,
            "strides": strides,
            "data": (lib.kinect2_frame_data(handle), True),  # True: read-only
        }

    def __del__(self, usable: Any = usable, release: Any = lib.kinect2_frame_release) -> None:
        if usable():
            release(self.handle)


class Frame:
    """An image of any stream.

    `from_array()` makes one; signals and `take_frame()` give those that come.
    """

    __slots__ = ("_reference", "info", "__weakref__")

    info: FrameInfo
    """All about the frame but its pixels."""

    def __init__(self, handle: int, info: FrameInfo) -> None:
        """For this package's own use: takes over a reference to the library's frame."""
        self.info = info
        self._reference = _Reference(handle, info)

    @staticmethod
    def from_array(
        array: npt.ArrayLike, stream: int = Stream.DEPTH, capture_time_ns: int = 0, device_time_ns: int = 0
    ) -> Frame:
        """Makes a frame (a `DepthFrame` if it is of depth) of the pixels of a uint16 array of shape (height, width), which are copied.

        Depth is in millimetres, 0: invalid. Times are in `clock_ns()` (0: now) and on the sensor's own clock (0: none). ValueError for
        what is no such image, and for other streams than depth and infrared.
        """
        pixels = pixels_of(array)
        # The library could use the memory as it is. It would then call back when it is done, perhaps after the interpreter's end, so
        # that a copy, 20 microseconds of a depth frame, is what is safe.
        made = options(
            _abi.FrameOptions,
            lib.kinect2_frame_options_init,
            stream=stream,
            format=format_of(stream),
            width=pixels.shape[1],
            height=pixels.shape[0],
            data=pixels.ctypes.data,
            size=pixels.nbytes,
            capture_time_ns=capture_time_ns,
            device_time_ns=device_time_ns,
        )
        return frame_of(new_handle(lib.kinect2_frame_create, byref(made)))

    @property
    def shape(self) -> tuple[int, int]:
        """Width and height."""
        return self.info.width, self.info.height

    @property
    def array(self) -> npt.NDArray[Any]:
        """The pixels as a read-only numpy array of shape (height, width), without a copy; row 0 is the top one."""
        return np.asarray(cast(Any, self._reference))

    @property
    def data(self) -> memoryview:
        """The pixels as a flat read-only buffer in C order, without a copy; for depth and infrared of uint16."""
        return memoryview(self.array.reshape(-1))  # type: ignore[arg-type]

    @property
    def stream(self) -> int:
        """The `Stream` that it is of."""
        return self.info.stream

    @property
    def sequence(self) -> int:
        """The device's number of the frame; see `FrameInfo`."""
        return self.info.sequence

    @property
    def kinect_id(self) -> Optional[str]:
        """The id of the kinect that it came from; None: it was made here."""
        return text_or_none(lib.kinect2_frame_kinect_id, self._reference.handle)

    def __repr__(self) -> str:
        width, height = self.shape
        return f"<{type(self).__name__} {self.sequence} {width}x{height}>"


class DepthFrame(Frame):
    """A single frame of depth data: uint16, millimetres, 0 is invalid. Of a Kinect v2, `shape` is (512, 424)."""

    __slots__ = ()


def format_of(stream: int) -> int:
    """What the pixels of an array for a stream are. ValueError if frames of it cannot be made of arrays."""
    formats: dict[int, int] = {Stream.DEPTH: Format.DEPTH16_MM, Stream.INFRARED: Format.INFRARED16}
    if stream not in formats:
        raise ValueError(f"only frames of depth or of infrared can be made of arrays, not of {stream!r}")
    return formats[stream]


def pixels_of(array: npt.ArrayLike) -> npt.NDArray[np.uint16]:
    """An array of (height, width) 16-bit values as the library takes it: tight rows. ValueError if it is something else."""
    pixels = np.asarray(array)
    if pixels.ndim != 2 or pixels.dtype != np.uint16:
        raise ValueError(
            f"an image of shape (height, width) and type uint16 is needed, not {pixels.shape} of {pixels.dtype}"
        )
    return np.require(pixels, requirements=("C", "ALIGNED"))


def frame_of(handle: int) -> Frame:
    """A frame of the class of its stream, which takes over a reference."""
    raw = filled(_abi.FrameInfo(), lib.kinect2_frame_info, handle)
    info = FrameInfo(**values(raw, FrameInfo))
    return (DepthFrame if info.stream == Stream.DEPTH else Frame)(handle, info)


def borrowed_frame(handle: int) -> Frame:
    """A frame that a callback was given."""
    lib.kinect2_frame_retain(handle)
    return frame_of(handle)


def handle_of(frame: Frame) -> int:
    """For calls with the frame."""
    return frame._reference.handle
