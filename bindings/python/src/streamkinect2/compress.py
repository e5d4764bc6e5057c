"""Compression of depth frames, for other uses than a server."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_size_t
from typing import Any, Optional, Union

import numpy as np
import numpy.typing as npt

from . import _abi
from ._library import check, encode_options, lib, new_handle
from ._owner import Owner, callback
from ._signals import Signal
from .common import Codec, EncodeOptions, Stream
from .device import Adapter, device_of, id_of
from .frame import pixels_of

__all__ = ["DepthFrameCompressor", "compress_depth", "decompress_depth"]


class DepthFrameCompressor(Owner):
    """Asynchronous compression pipeline for depth frames.

    `kinect` is a `streamkinect2.mock.MockKinect`-like object: one of this package, or any object with `unique_kinect_id` and a signal
    `on_depth_frame`. Depth frames emitted by `on_depth_frame` will be compressed with frame-drop if the compressor becomes overloaded.
    While there is no handler nothing is compressed.

    If `io_loop` is provided, it is the asyncio or Tornado loop on which the signal is emitted. If not provided, it is emitted on the
    library's thread.

    Data are depth messages of protocol version 1 (12 bits: larger values become 0, invalid); `options` chooses another codec.
    """

    on_compressed_frame = Signal(
        "Emitted when a new compressed frame is available: `compressed_frame`, a bytes object."
    )

    _destroy = lib.kinect2_compressor_destroy
    _signals = (on_compressed_frame,)

    def __init__(
        self, kinect: Any, io_loop: Any = None, *, options: EncodeOptions = EncodeOptions(Codec.LZ4_PACKED)
    ) -> None:
        super().__init__(io_loop)
        id_of(kinect)
        self._kinect = kinect
        self._device = device_of(kinect)
        raw = encode_options(options)
        self._adopt(new_handle(lib.kinect2_compressor_create, self._device._need(), Stream.DEPTH, raw))

    @property
    def kinect(self) -> Any:
        """Kinect object associated with this compressor."""
        return self._kinect

    @property
    def dropped(self) -> int:
        """How many frames were dropped because newer ones came first."""
        return int(lib.kinect2_compressor_dropped(self._need()))

    def close(self) -> None:
        super().close()
        if isinstance(self._device, Adapter):
            self._device.close()

    def _listen(self, signal: Signal) -> None:
        check(lib.kinect2_compressor_on_compressed_frame(self._need(), _on_compressed_frame, self._number))


@callback(_abi.CompressedFn)
def _on_compressed_frame(compressor: DepthFrameCompressor, data: int, size: int, _frame: Any) -> None:
    compressed = ctypes.string_at(data, size)
    compressor._emit(
        lambda: compressor.on_compressed_frame.emit(compressor, compressed_frame=compressed), key="compressed_frame"
    )


def compress_depth(depth: npt.ArrayLike, codec: Union[int, EncodeOptions] = Codec.LZ4_PACKED) -> bytes:
    """Compresses one 16-bit image of shape (height, width), lossless as far as the codec can.

    `codec` is a `Codec` (AUTO is K2D), or options with profile and error bound. LZ4_PACKED makes a whole depth message of protocol
    version 1: an even number of pixels of 12 bits, larger values become 0. Any thread may call it.
    """
    pixels = pixels_of(depth)
    height, width = pixels.shape
    options = codec if isinstance(codec, EncodeOptions) else EncodeOptions() if codec == Codec.AUTO else None
    number = codec if options is None else (options.codec or Codec.K2D)
    capacity = lib.kinect2_compress_bound(number, width, height)  # 0: there is no such image, and compressing it says why
    out, size = ctypes.create_string_buffer(max(capacity, 1)), c_size_t()
    if options is None:
        check(lib.kinect2_compress_depth(number, pixels.ctypes.data, width, height, out, capacity, byref(size)))
    else:
        raw = encode_options(options)
        check(lib.kinect2_compress_depth_with(raw, pixels.ctypes.data, width, height, out, capacity, byref(size)))
    return ctypes.string_at(out, size.value)


def decompress_depth(
    data: Any,
    codec: int = Codec.LZ4_PACKED,
    shape: tuple[int, int] = (512, 424),
    out: Optional[npt.NDArray[np.uint16]] = None,
) -> npt.NDArray[np.uint16]:
    """Decompresses one 16-bit image of `shape`, width and height. The result, an array of shape (height, width), is `out` where given.

    ValueError for whatever does not decode to exactly such an image: data may come from anyone.
    """
    width, height = shape
    pixels = np.empty((height, width), np.uint16) if out is None else out
    if pixels.shape != (height, width) or pixels.dtype != np.uint16 or not pixels.flags.carray:
        raise ValueError(f"out is to be a writeable C-ordered array of shape {(height, width)} and type uint16")
    source = np.frombuffer(data, np.uint8)
    check(
        lib.kinect2_decompress_depth(
            codec, source.ctypes.data, source.nbytes, width, height, pixels.ctypes.data, pixels.size
        )
    )
    return pixels
