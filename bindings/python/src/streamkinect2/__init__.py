"""streamkinect2 - streams the depth and infrared frames of a Kinect v2 from one machine to others.

`streamkinect2.server` has Server, ServerBrowser and ServerInfo, `.client` Client, `.mock` MockKinect and DepthFrame, `.device` PushKinect,
`.compress` DepthFrameCompressor, `.common` names and numbers.
"""

from __future__ import annotations

from ._library import lib as _lib
from ._library import set_log_level
from ._version import __version__

__all__ = ["__version__", "clock_ns", "library_version", "live_objects", "set_log_level"]


def library_version() -> str:
    """The version of the library that runs, such as "0.1.0"."""
    version: str = _lib.kinect2_version_string().decode()
    return version


def clock_ns() -> int:
    """This host's monotonic clock in nanoseconds, in which all times called local are."""
    return int(_lib.kinect2_clock_ns())


def live_objects() -> int:
    """How many of the library's objects and frames this process holds. A program that expects 0 at its end finds its leaks."""
    return int(_lib.kinect2_live_objects())
