"""Support for a mock kinect when testing."""

from __future__ import annotations

from ctypes import byref
from enum import IntEnum
from typing import Optional

from . import _abi
from ._library import lib, new_handle, options
from ._signals import Signal
from .device import Kinect
from .frame import DepthFrame

__all__ = ["DepthFrame", "MockKinect", "Scene"]


class Scene(IntEnum):
    """What a mock kinect shows."""

    SCENE = 0
    """The mock of 2014: a cone that moves before a wall."""
    REALISTIC = 1
    """Depth and infrared of a furnished room in which a person walks, as noisy as a real Kinect v2's. The pixels of a frame depend on
    width, height, seed, frame_rate and the frame's sequence number alone, on every machine."""


class MockKinect(Kinect):
    """A mock Kinect device.

    This class implements a "virtual" Kinect which generates some mock data. It can be used for testing or benchmarking.

    Use `start()` and `stop()` to start and stop the device or wrap it in a with statement:

        with MockKinect() as kinect:
            # kinect is running here
            pass
        # kinect has stopped running

    Handlers are called on a thread of the library's. What is None is the library's default: the scene of 2014, 512x424 pixels, the
    stream DEPTH (the realistic scene has INFRARED too), seed 0 of the realistic noise, 30 frames a second, an id that is made up.
    """

    on_depth_frame = Signal("Emitted when a new depth frame is available: `depth_frame`, a DepthFrame.")
    on_frame = Signal("Emitted when a new frame of any stream is available: `frame`, a Frame.")

    def __init__(
        self,
        *,
        scene: Scene = Scene.SCENE,
        width: Optional[int] = None,
        height: Optional[int] = None,
        streams: Optional[int] = None,
        seed: Optional[int] = None,
        frame_rate: Optional[float] = None,
        kinect_id: Optional[str] = None,
    ) -> None:
        made = options(
            _abi.MockOptions,
            lib.kinect2_mock_options_init,
            mode=scene,
            width=width,
            height=height,
            streams=streams,
            seed=seed,
            frame_rate=frame_rate,
            id=kinect_id,
        )
        super().__init__(new_handle(lib.kinect2_device_create_mock, byref(made)))
