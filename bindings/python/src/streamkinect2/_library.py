"""The loaded library: where it is found, how its errors become exceptions, its log, and its end with the interpreter."""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import time
from ctypes import byref, c_char_p, c_size_t, c_ssize_t, c_void_p
from pathlib import Path
from typing import Any, Callable, NamedTuple, Optional

from . import _abi
from ._version import __version__
from .common import EncodeOptions, Event, EventType, ProtocolError, Result, known

log = logging.getLogger("streamkinect2")

NAME = "libstreamkinect2.so"
_VERSION = tuple(int(number) for number in __version__.split(".")[:2])


def _load() -> ctypes.CDLL:
    """STREAMKINECT2_LIBRARY_DIR, if it is set; else the library in this package, as wheels have it; else the system's."""
    folder = os.environ.get("STREAMKINECT2_LIBRARY_DIR")
    carried = Path(__file__).with_name(NAME)
    if folder:
        path = str(Path(folder) / NAME)
    elif carried.exists():
        path = str(carried)
    else:
        path = "{}.{}.{}".format(NAME, *_VERSION)  # below 1.0 the soname has the minor version
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(
            f"cannot load {path}: {error}. Install a wheel, which carries it, or install the library, "
            "or set STREAMKINECT2_LIBRARY_DIR to the folder that has it"
        ) from error
    try:
        _abi.declare(library)
    except AttributeError as error:
        raise ImportError(f"{path} is too old for this package: {error}") from error
    version: int = library.kinect2_version()
    if (version >> 16, version >> 8 & 0xFF) != _VERSION:
        has = library.kinect2_version_string().decode()
        raise ImportError(f"{path} is of version {has}, and this package of {__version__}: they do not fit together")
    return library


lib = _load()


# Errors

_EXCEPTIONS: dict[int, Callable[[str], Exception]] = {
    Result.ERROR_INVALID_ARGUMENT: ValueError,
    Result.ERROR_BAD_HANDLE: RuntimeError,
    Result.ERROR_BAD_STATE: RuntimeError,
    Result.ERROR_NOT_FOUND: ValueError,
    Result.ERROR_IO: OSError,
    Result.ERROR_PROTOCOL: ProtocolError,
    Result.ERROR_UNSUPPORTED: NotImplementedError,
    Result.ERROR_CORRUPT: ValueError,
    Result.ERROR_IN_USE: lambda text: OSError(errno.EADDRINUSE, text),
    Result.ERROR_OUT_OF_MEMORY: MemoryError,
    Result.ERROR_LIMIT: ValueError,
    Result.ERROR_REFUSED: PermissionError,
}


def check(result: int) -> int:
    """Raises the library's last error as an exception if a result is negative; gives it back if not."""
    if result >= 0:
        return result
    buffer = ctypes.create_string_buffer(1024)
    lib.kinect2_last_error(buffer, len(buffer), None)
    name = lib.kinect2_result_name(result).decode()
    raise _EXCEPTIONS.get(result, RuntimeError)(f"{buffer.value.decode()} ({name})")


# Calls that give something out


def text(function: Callable[..., int], *arguments: Any) -> str:
    """What a function writes to its last three parameters, a buffer, its capacity and the length."""
    capacity = _abi.TEXT_CAPACITY
    while True:
        buffer, length = ctypes.create_string_buffer(capacity), c_size_t()
        result = function(*arguments, buffer, capacity, byref(length))
        if result != Result.ERROR_BUFFER_TOO_SMALL:
            check(result)
            return buffer.value.decode()
        capacity = length.value + 1


def text_or_none(function: Callable[..., int], *arguments: Any) -> Optional[str]:
    """The same; None if there is no such thing now."""
    try:
        return text(function, *arguments)
    except (ValueError, RuntimeError):
        return None


def texts(count: int, function: Callable[..., int], handle: int) -> list[str]:
    """What a function gives for the indices below `count`; shorter if the list became so meanwhile."""
    found = (text_or_none(function, handle, index) for index in range(count))
    return [one for one in found if one is not None]


def new_handle(function: Callable[..., int], *arguments: Any) -> int:
    """The handle that a function writes to its last parameter."""
    global _used
    if _ending or _unusable:
        raise RuntimeError(_ending or _unusable)
    _used = True
    handle = c_void_p()
    check(function(*arguments, byref(handle)))
    assert handle.value is not None
    return handle.value


def filled(structure: _abi.Sized, function: Callable[..., int], *arguments: Any) -> Any:
    """The structure, filled in by a function whose last parameter it is."""
    check(function(*arguments, byref(structure)))
    return structure


_LIMITS: dict[Any, int] = {ctypes.c_uint32: 2**32, ctypes.c_uint64: 2**64}


def options(structure: type[_abi.Sized], init: Callable[[Any, int], None], **changes: Any) -> _abi.Sized:
    """Options with the library's defaults, but for the changes that are not None. ValueError for a number that is out of range."""
    made, types = structure(), {field[0]: field[1] for field in structure._fields_}
    init(byref(made), ctypes.sizeof(made))
    for name, value in changes.items():
        if value is not None:
            # ctypes would take an int for a pointer to text, and follow it; and of too large a number it would take the lowest bits.
            if types[name] is c_char_p:
                value = encoded(value)
            elif types[name] in _LIMITS and not 0 <= value < _LIMITS[types[name]]:
                raise ValueError(f"{name} is out of range: {value!r}")
            setattr(made, name, value)
    return made


def encode_options(chosen: EncodeOptions) -> Any:
    """How to compress, as the library takes it."""
    return byref(options(_abi.EncodeOptions, lib.kinect2_encode_options_init, **chosen._asdict()))


def encoded(optional: Optional[str]) -> Optional[bytes]:
    """Text as the library takes it. TypeError for what is no text, ValueError if the library would see only its beginning."""
    if optional is None:
        return None
    if not isinstance(optional, str):
        raise TypeError(f"text (str) is needed, not {type(optional).__name__}")
    if "\0" in optional:
        raise ValueError(f"text with a NUL character cannot be used: {optional!r}")
    return optional.encode()


def descriptor(function: Callable[..., int], handle: int, what: int) -> int:
    """The descriptor that a *_poll_fd function writes."""
    place = c_ssize_t()
    check(function(handle, what, byref(place)))
    return place.value


def values(structure: _abi.Sized, names: type[NamedTuple]) -> dict[str, Any]:
    """The members of a structure that a named tuple has too."""
    return {name: getattr(structure, name) for name in names._fields}


def event_of(raw: _abi.Event) -> Event:
    """An event as programs get it."""
    return Event(
        type=known(EventType, raw.type),
        result=known(Result, raw.result),
        stream=raw.stream,
        time_ns=raw.time_ns,
        value=raw.value,
        id=raw.id.decode(),
        text=raw.text.decode(),
    )


# Waiting

_SLICE_MS = 100  # how long Ctrl-C may take


def wait(call: Callable[[int], int], timeout: Optional[float], at_once: bool) -> int:
    """Repeats `call`, which takes milliseconds, until it gives something else than TIMEOUT or `timeout` seconds are over.

    None waits for ever. Python's signal handlers run between two calls. `at_once`: one call that does not wait.
    """
    if at_once:
        return check(call(0))
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        left = _SLICE_MS if end is None else max(0, round(min(_SLICE_MS, (end - time.monotonic()) * 1000)))
        result = check(call(left))
        if result != Result.TIMEOUT or (end is not None and time.monotonic() >= end):
            return result


# The log

_LEVELS = {1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO, 4: logging.DEBUG}


def _log(level: int, message: bytes, _user_data: Optional[int]) -> None:
    log.log(_LEVELS.get(level, logging.DEBUG), "%s", message.decode("utf-8", "replace"))


_on_log = _abi.LogFn(_log)


def set_log_level(level: int = logging.INFO) -> None:
    """Sets which messages the library hands to the logger "streamkinect2": those of a level of `logging` and above.

    INFO is what it begins with. The logger's own level and filters come after that.
    """
    wanted = [number for number, name in _LEVELS.items() if name >= level]
    check(lib.kinect2_set_log_callback(max(wanted, default=0), _on_log, None))


set_log_level()


# The end of the interpreter, and fork: a callback must not find the interpreter gone, and a child has handles without the threads behind
# them. _owner.py has the hooks, since objects are concerned as well.

_used = False  # something has been made in this process
_ending: Optional[str] = None  # why nothing can be made any more
_unusable: Optional[str] = None  # why nothing that was made can be used


def check_usable() -> None:
    """RuntimeError if nothing that has been made can be used."""
    if _unusable:
        raise RuntimeError(_unusable)


def usable() -> bool:
    """Whether handles may be given to the library."""
    return _unusable is None


def ending() -> bool:
    """Whether the interpreter is about to end: handlers that run now find that what they use is gone."""
    return _ending is not None


def end() -> None:
    """Shuts the library down, waiting for handlers that run: they get the interpreter's lock, which ctypes lets go."""
    global _ending, _unusable
    if _unusable is None:
        _ending = "the interpreter ends: nothing of streamkinect2 can be made or used any more"
        lib.kinect2_shutdown()
        _unusable = _ending


def forked() -> None:
    """In a child, after a fork: what the parent has made is not the child's."""
    global _unusable
    if _used:
        _unusable = (
            "streamkinect2 was used before this process was forked, and its threads are the parent's. "
            "Use it in the child only, or start children by multiprocessing's method 'spawn'"
        )
