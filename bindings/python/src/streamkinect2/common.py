"""What servers, clients and devices have in common: names of the protocol and of the library, and its clock.

Numbers that a later library may add stay plain integers: ignore those that you do not know.
"""

from __future__ import annotations

from enum import Enum, IntEnum, IntFlag
from typing import NamedTuple, TypeVar, Union

__all__ = [
    "ClientStatistics",
    "Codec",
    "Discovery",
    "EncodeOptions",
    "EndpointType",
    "Event",
    "EventType",
    "Format",
    "FrameFlag",
    "FrameInfo",
    "Poll",
    "Profile",
    "ProtocolError",
    "Result",
    "ServerStatistics",
    "Stream",
    "StreamInfo",
]


class ProtocolError(Exception):
    """Raised when some low-level error in the network protocol has been detected."""


class EndpointType(Enum):
    """Endpoints of a server (control) and of its kinects (the others)."""

    control = 1
    """A REP endpoint which accepts JSON-formatted control messages."""
    depth = 2
    """A PUB endpoint which broadcasts compressed depth frames, as peers of 2014 know them."""
    frames_depth = 3
    """Depth frames with all that belongs to them: number, times, checksums."""
    frames_infrared = 4
    """Infrared frames, likewise."""
    frames_color = 5
    """Colour frames, likewise."""


class Stream(IntFlag):
    """What a kinect sees. A parameter `streams` takes several, or'ed."""

    DEPTH = 1
    """Distance along the optical axis."""
    INFRARED = 2
    COLOR = 4
    ALL = 0xFFFFFFFF
    """Every stream, those of later versions too."""


class Format(IntEnum):
    """What the bytes of a frame are. Row 0 is the top one."""

    DEPTH16_MM = 1
    """16 bits a pixel, millimetres, 0 is invalid."""
    INFRARED16 = 2
    """16 bits a pixel."""
    JPEG = 3
    """A JPEG file."""
    RGBA8 = 4
    """4 bytes a pixel: red, green, blue, alpha."""
    BGRA8 = 5
    """4 bytes a pixel: blue, green, red, alpha."""
    YUY2 = 6
    """4 bytes for two pixels: Y0 U Y1 V."""


class Codec(IntEnum):
    """How frames are compressed."""

    AUTO = 0
    """The library chooses."""
    RAW = 1
    """Little-endian values as they are."""
    LZ4_PACKED = 2
    """The depth message of protocol version 1: 12 bits a pixel, LZ4."""
    RVL = 3
    """Run length and variable length (Wilson 2017): lossless, 16 bits."""
    K2D = 4
    """The library's own: lossless, or lossy within bounds."""
    JPEG = 5
    """For colour."""


class Profile(IntEnum):
    """What K2D is to be best at."""

    AUTO = 0
    """Ratio where the processor makes it cheap, else speed."""
    SPEED = 1
    """Least time."""
    RATIO = 2
    """Fewest bytes."""


class Discovery(IntEnum):
    """How servers are announced and found."""

    AUTO = 0
    """By the system's service where the library is built with it and it answers, else by the library itself."""
    SYSTEM = 1
    """By the system's service only (Avahi, Bonjour)."""
    EMBEDDED = 2
    """By the library itself only."""


class FrameFlag(IntFlag):
    """What is special about a frame."""

    LOSSY = 1
    """Its pixels may differ from the sensor's."""
    RESTARTED = 2
    """Sequence or clocks begin anew: the first frame after device or server was started again."""


class Poll(IntEnum):
    """What a descriptor is readable for."""

    EVENTS = 1
    """An event waits."""
    FRAMES = 2
    """A frame waits, of any kinect and stream."""


class Result(IntEnum):
    """How a call of the library ended: 0 success, negative an error, positive "no value (now)"."""

    OK = 0
    TIMEOUT = 1
    CLOSED = 2
    ERROR_INTERNAL = -1
    ERROR_INVALID_ARGUMENT = -2
    ERROR_BAD_HANDLE = -3
    ERROR_BAD_STATE = -4
    ERROR_NOT_FOUND = -5
    ERROR_BUFFER_TOO_SMALL = -6
    ERROR_IO = -7
    ERROR_PROTOCOL = -8
    ERROR_UNSUPPORTED = -9
    ERROR_CORRUPT = -10
    ERROR_IN_USE = -11
    ERROR_OUT_OF_MEMORY = -12
    ERROR_LIMIT = -13
    ERROR_REFUSED = -14


class EventType(IntEnum):
    """What happened to a server, a browser or a client."""

    OVERFLOW = 1
    """Older events had to go; `value`: how many. Read the state anew."""
    ERROR = 2
    """Something failed on its own: `result`, `text`. Never fatal."""
    CONNECT = 3
    """The server answers."""
    DISCONNECT = 4
    """The server is lost; `result`: the reason."""
    ADD_KINECT = 5
    """A kinect came; `id`."""
    REMOVE_KINECT = 6
    """A kinect went; `id`."""
    PONG = 7
    """A ping ended: `result`, `value`: the round trip in nanoseconds."""
    ADD_SERVER = 8
    """A server came; `id`: its name, `text`: its endpoint."""
    REMOVE_SERVER = 9
    """A server went; likewise."""
    NAME = 10
    """The server has a new name because another one had the old; `id`: the new one."""
    SUBSCRIBERS = 11
    """Subscribers of a kinect's stream came or went: `id`, `stream`, `value`: how many there are now."""


class Event(NamedTuple):
    """What happened, for `next_event()` and the signals `on_event`."""

    type: Union[EventType, int]
    result: Union[Result, int]
    """How it ended, where the type says so; else OK."""
    stream: int
    """A `Stream`; 0: none in particular."""
    time_ns: int
    """When, in `clock_ns()`."""
    value: int
    id: str
    text: str


class FrameInfo(NamedTuple):
    """All about a frame but its pixels. Times are in nanoseconds; 0 is unknown (peers of 2014 tell none)."""

    stream: int
    """A `Stream`."""
    format: int
    """A `Format`."""
    width: int
    """Pixels in a row."""
    height: int
    """Rows."""
    stride_bytes: int
    """Bytes from one row to the next; 0 for compressed formats."""
    codec: int
    """The `Codec` that it travelled in; RAW where it did not."""
    flags: int
    """`FrameFlag`s."""
    sequence: int
    """The device's number of the frame: per stream, from 0 at its start. A gap is a frame that was lost or dropped."""
    capture_time_ns: int
    """When it was captured, on the producer's monotonic clock."""
    capture_time_local_ns: int
    """The same instant in this host's `clock_ns()`."""
    clock_error_ns: int
    """Bound on the error of that conversion."""
    capture_unix_ns: int
    """The same instant on the producer's wall clock, since 1970."""
    device_time_ns: int
    """The same instant on the sensor's own clock."""
    receive_time_ns: int
    """When it was received, in `clock_ns()`; 0: it was not."""
    size: int
    """Bytes of data."""


class StreamInfo(NamedTuple):
    """What a stream is."""

    stream: int
    """A `Stream`, one bit."""
    format: int
    """The `Format` of its frames."""
    codec: int = Codec.RAW
    """The `Codec` on the wire; RAW in a declaration."""
    width: int = 512
    """Pixels in a row."""
    height: int = 424
    """Rows."""
    frame_rate: float = 0.0
    """Frames a second, nominal; 0: not known."""


class EncodeOptions(NamedTuple):
    """How to compress. With both errors set, the larger of the two is allowed; invalid pixels stay invalid."""

    codec: int = Codec.AUTO
    profile: int = Profile.AUTO
    """A `Profile`, of K2D only."""
    max_error_mm: int = 0
    """Largest error of a pixel in millimetres (infrared: in units), of K2D only; 0 with `max_error_ppm` 0: lossless."""
    max_error_ppm: int = 0
    """Largest error of a pixel in millionths of its distance, of K2D only."""


class ServerStatistics(NamedTuple):
    """Figures of one stream of one kinect, since it was added to the server."""

    subscribers: int
    """How many there are now."""
    frames_in: int
    """Frames that came from the device."""
    encoded: int
    """Frames that were encoded, in however many codecs."""
    sent: int
    """Frames that were sent: once each, however many subscribers there are."""
    dropped: int
    """Frames that were wanted, but a newer one came first."""
    bytes: int
    """Encoded bytes in all."""
    encode_time_ns: int
    """Time spent on encoding in all."""


class ClientStatistics(NamedTuple):
    """Figures of one stream of one kinect, since it was enabled."""

    received: int
    """Frames that came and decoded."""
    lost: int
    """Frames that did not come, by gaps in the sequence."""
    dropped: int
    """Frames that were replaced by a newer one before anyone got them."""
    corrupt: int
    """Messages that did not decode."""
    bytes: int
    """Bytes of all messages that came."""
    latency_p50_ns: int
    """Median time from capture to delivery, of the last few seconds; 0: unknown."""
    latency_p99_ns: int
    """The same, of which one frame in a hundred takes longer."""
    delivered: int
    """Frames that reached a handler or `take_frame()`."""
    taken: int
    """Of these, by `take_frame()`."""
    decode_time_ns: int
    """Time spent decoding."""


_Number = TypeVar("_Number", bound=IntEnum)


def known(enumeration: type[_Number], value: int) -> Union[_Number, int]:
    """The member with this value, or the value itself where a later library has more of them."""
    try:
        return enumeration(value)
    except ValueError:
        return value
