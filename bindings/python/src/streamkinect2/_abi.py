"""include/streamkinect2.h for ctypes: structures, callbacks and functions, under the header's names and nothing more.

ctypes rather than cffi: it is in the standard library, and calls of which there are a few a frame need no more.

Handles are plain integers (void pointers that are never followed), text is bytes.
"""

from __future__ import annotations

import ctypes
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char,
    c_char_p,
    c_double,
    c_int32,
    c_size_t,
    c_ssize_t,
    c_uint32,
    c_uint64,
    c_void_p,
    sizeof,
)
from typing import Any

WAIT_FOREVER = 0xFFFFFFFF
ID_CAPACITY = 256
TEXT_CAPACITY = 512


class Sized(Structure):
    """A structure that begins with its own size."""

    def __init__(self, **members: Any) -> None:
        super().__init__(struct_size=sizeof(self), **members)


class FrameOptions(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("stream", c_uint32),
        ("format", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("stride_bytes", c_uint32),
        ("capture_time_ns", c_uint64),
        ("device_time_ns", c_uint64),
        ("data", c_void_p),
        ("size", c_size_t),
        ("release", c_void_p),
        ("user_data", c_void_p),
    ]


class FrameInfo(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("stream", c_uint32),
        ("format", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("stride_bytes", c_uint32),
        ("codec", c_uint32),
        ("flags", c_uint32),
        ("sequence", c_uint64),
        ("capture_time_ns", c_uint64),
        ("capture_time_local_ns", c_uint64),
        ("clock_error_ns", c_uint64),
        ("capture_unix_ns", c_uint64),
        ("device_time_ns", c_uint64),
        ("receive_time_ns", c_uint64),
        ("size", c_size_t),
    ]


class MockOptions(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("mode", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("streams", c_uint32),
        ("seed", c_uint32),
        ("frame_rate", c_double),
        ("id", c_char_p),
    ]


class StreamInfo(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("stream", c_uint32),
        ("format", c_uint32),
        ("codec", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("frame_rate", c_double),
    ]


class ServerOptions(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("announce", c_uint32),
        ("discovery", c_uint32),
        ("port", c_uint32),
        ("name", c_char_p),
        ("address", c_char_p),
        ("data_port", c_uint32),
        ("reserved", c_uint32),
    ]


class Event(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("type", c_uint32),
        ("result", c_int32),
        ("stream", c_uint32),
        ("time_ns", c_uint64),
        ("value", c_uint64),
        ("id", c_char * ID_CAPACITY),
        ("text", c_char * TEXT_CAPACITY),
    ]


class EncodeOptions(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("codec", c_uint32),
        ("profile", c_uint32),
        ("max_error_mm", c_uint32),
        ("max_error_ppm", c_uint32),
    ]


class ServerStats(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("subscribers", c_uint32),
        ("frames_in", c_uint64),
        ("encoded", c_uint64),
        ("sent", c_uint64),
        ("dropped", c_uint64),
        ("bytes", c_uint64),
        ("encode_time_ns", c_uint64),
    ]


class BrowserOptions(Sized):
    _fields_ = [("struct_size", c_uint32), ("discovery", c_uint32), ("address", c_char_p)]


class ServerInfo(Sized):
    _fields_ = [("struct_size", c_uint32), ("reserved", c_uint32), ("name", c_char_p), ("endpoint", c_char_p)]


class ClientOptions(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("heartbeat_period_ms", c_uint32),
        ("response_timeout_ms", c_uint32),
        ("reconnect", c_uint32),
        ("discovery", c_uint32),
        ("reserved", c_uint32),
        ("server_name", c_char_p),
    ]


class StreamOptions(Sized):
    _fields_ = [("struct_size", c_uint32), ("format", c_uint32)]


class ClientStats(Sized):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("received", c_uint64),
        ("lost", c_uint64),
        ("dropped", c_uint64),
        ("corrupt", c_uint64),
        ("bytes", c_uint64),
        ("latency_p50_ns", c_uint64),
        ("latency_p99_ns", c_uint64),
        ("delivered", c_uint64),
        ("taken", c_uint64),
        ("decode_time_ns", c_uint64),
    ]


# Callbacks. All end with user_data; but for the log's all begin with the handle.
LogFn = CFUNCTYPE(None, c_uint32, c_char_p, c_void_p)
DeviceFrameFn = CFUNCTYPE(None, c_void_p, c_void_p, c_void_p)
EventFn = CFUNCTYPE(None, c_void_p, POINTER(Event), c_void_p)  # of servers and of clients
BrowserFn = CFUNCTYPE(None, c_void_p, POINTER(ServerInfo), c_void_p)
ClientFn = CFUNCTYPE(None, c_void_p, c_void_p)
ClientLostFn = CFUNCTYPE(None, c_void_p, c_int32, c_void_p)
ClientKinectFn = CFUNCTYPE(None, c_void_p, c_char_p, c_void_p)
ClientFrameFn = CFUNCTYPE(None, c_void_p, c_char_p, c_void_p, c_void_p)
ClientPongFn = CFUNCTYPE(None, c_void_p, c_int32, c_uint64, c_void_p)
CompressedFn = CFUNCTYPE(None, c_void_p, c_void_p, c_size_t, POINTER(FrameInfo), c_void_p)

_handle, _id, _number, _result = c_void_p, c_char_p, c_uint32, c_int32
_out_handle, _out_number, _out_place = POINTER(c_void_p), POINTER(c_size_t), POINTER(c_ssize_t)
_text = (c_char_p, c_size_t, POINTER(c_size_t))  # buffer, capacity, length
_init = (None, c_void_p, c_size_t)  # options, struct_size

FUNCTIONS: dict[str, tuple[Any, ...]] = {
    # name: result, parameters
    "kinect2_result_name": (c_char_p, c_int32),
    "kinect2_last_error": (_result, *_text),
    "kinect2_version": (c_uint32,),
    "kinect2_version_string": (c_char_p,),
    "kinect2_live_objects": (c_uint32,),
    "kinect2_clock_ns": (c_uint64,),
    "kinect2_shutdown": (_result,),
    "kinect2_set_log_callback": (_result, _number, LogFn, c_void_p),
    "kinect2_frame_options_init": _init,
    "kinect2_frame_create": (_result, POINTER(FrameOptions), _out_handle),
    "kinect2_frame_retain": (_handle, _handle),
    "kinect2_frame_release": (_result, _handle),
    "kinect2_frame_info": (_result, _handle, POINTER(FrameInfo)),
    "kinect2_frame_data": (c_void_p, _handle),
    "kinect2_frame_kinect_id": (_result, _handle, *_text),
    "kinect2_mock_options_init": _init,
    "kinect2_device_create_mock": (_result, POINTER(MockOptions), _out_handle),
    "kinect2_device_create_push": (_result, _id, _out_handle),
    "kinect2_device_declare_stream": (_result, _handle, POINTER(StreamInfo)),
    "kinect2_device_push": (_result, _handle, *[_number] * 5, c_void_p, c_size_t, c_uint64),
    "kinect2_device_push_frame": (_result, _handle, _handle),
    "kinect2_device_start": (_result, _handle),
    "kinect2_device_stop": (_result, _handle),
    "kinect2_device_id": (_result, _handle, *_text),
    "kinect2_device_on_frame": (_result, _handle, DeviceFrameFn, c_void_p),
    "kinect2_device_destroy": (_result, _handle),
    "kinect2_server_options_init": _init,
    "kinect2_server_create": (_result, POINTER(ServerOptions), _out_handle),
    "kinect2_server_start": (_result, _handle),
    "kinect2_server_stop": (_result, _handle),
    "kinect2_server_is_running": (c_int32, _handle),
    "kinect2_server_name": (_result, _handle, *_text),
    "kinect2_server_address": (_result, _handle, *_text),
    "kinect2_server_endpoint": (_result, _handle, _id, _number, *_text),
    "kinect2_server_on_event": (_result, _handle, EventFn, c_void_p),
    "kinect2_server_next_event": (_result, _handle, _number, POINTER(Event)),
    "kinect2_server_poll_fd": (_result, _handle, _number, _out_place),
    "kinect2_server_destroy": (_result, _handle),
    "kinect2_server_add_kinect": (_result, _handle, _handle),
    "kinect2_server_remove_kinect": (_result, _handle, _handle),
    "kinect2_server_set_encoding": (_result, _handle, _handle, _number, POINTER(EncodeOptions)),
    "kinect2_server_kinect_count": (c_uint32, _handle),
    "kinect2_server_kinect_id": (_result, _handle, _number, *_text),
    "kinect2_server_stats": (_result, _handle, _id, _number, POINTER(ServerStats)),
    "kinect2_browser_options_init": _init,
    "kinect2_browser_create": (_result, POINTER(BrowserOptions), _out_handle),
    "kinect2_browser_on_add_server": (_result, _handle, BrowserFn, c_void_p),
    "kinect2_browser_on_remove_server": (_result, _handle, BrowserFn, c_void_p),
    "kinect2_browser_start": (_result, _handle),
    "kinect2_browser_stop": (_result, _handle),
    "kinect2_browser_next_event": (_result, _handle, _number, POINTER(Event)),
    "kinect2_browser_poll_fd": (_result, _handle, _number, _out_place),
    "kinect2_browser_server_count": (c_uint32, _handle),
    "kinect2_browser_server_name": (_result, _handle, _number, *_text),
    "kinect2_browser_server_endpoint": (_result, _handle, c_char_p, *_text),
    "kinect2_browser_destroy": (_result, _handle),
    "kinect2_client_options_init": _init,
    "kinect2_client_create": (_result, c_char_p, POINTER(ClientOptions), _out_handle),
    "kinect2_client_connect": (_result, _handle),
    "kinect2_client_disconnect": (_result, _handle),
    "kinect2_client_is_connected": (c_int32, _handle),
    "kinect2_client_server_name": (_result, _handle, *_text),
    "kinect2_client_endpoint": (_result, _handle, _id, _number, *_text),
    "kinect2_client_take_frame": (_result, _handle, _id, _number, _number, _out_handle),
    "kinect2_client_next_event": (_result, _handle, _number, POINTER(Event)),
    "kinect2_client_poll_fd": (_result, _handle, _number, _out_place),
    "kinect2_client_destroy": (_result, _handle),
    "kinect2_client_on_connect": (_result, _handle, ClientFn, c_void_p),
    "kinect2_client_on_disconnect": (_result, _handle, ClientLostFn, c_void_p),
    "kinect2_client_on_add_kinect": (_result, _handle, ClientKinectFn, c_void_p),
    "kinect2_client_on_remove_kinect": (_result, _handle, ClientKinectFn, c_void_p),
    "kinect2_client_on_depth_frame": (_result, _handle, ClientFrameFn, c_void_p),
    "kinect2_client_on_frame": (_result, _handle, ClientFrameFn, c_void_p),
    "kinect2_client_on_event": (_result, _handle, EventFn, c_void_p),
    "kinect2_client_ping": (_result, _handle, ClientPongFn, c_void_p),
    "kinect2_stream_options_init": _init,
    "kinect2_client_kinect_count": (c_uint32, _handle),
    "kinect2_client_kinect_id": (_result, _handle, _number, *_text),
    "kinect2_client_streams": (c_uint32, _handle, _id),
    "kinect2_client_stream_info": (_result, _handle, _id, _number, POINTER(StreamInfo)),
    "kinect2_client_enable_depth_frames": (_result, _handle, _id),
    "kinect2_client_disable_depth_frames": (_result, _handle, _id),
    "kinect2_client_enable_stream": (_result, _handle, _id, _number, POINTER(StreamOptions)),
    "kinect2_client_disable_stream": (_result, _handle, _id, _number),
    "kinect2_client_stats": (_result, _handle, _id, _number, POINTER(ClientStats)),
    "kinect2_encode_options_init": _init,
    "kinect2_compress_bound": (c_size_t, _number, _number, _number),
    "kinect2_compress_depth": (_result, _number, c_void_p, _number, _number, c_void_p, c_size_t, _out_number),
    "kinect2_compress_depth_with": (
        _result,
        POINTER(EncodeOptions),
        c_void_p,
        _number,
        _number,
        c_void_p,
        c_size_t,
        _out_number,
    ),
    "kinect2_decompress_depth": (_result, _number, c_void_p, c_size_t, _number, _number, c_void_p, c_size_t),
    "kinect2_compressor_create": (_result, _handle, _number, POINTER(EncodeOptions), _out_handle),
    "kinect2_compressor_on_compressed_frame": (_result, _handle, CompressedFn, c_void_p),
    "kinect2_compressor_dropped": (c_uint64, _handle),
    "kinect2_compressor_destroy": (_result, _handle),
}


def declare(library: ctypes.CDLL) -> None:
    """Tells ctypes what the functions of a loaded library take and give; AttributeError if one is missing."""
    for name, (result, *parameters) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = parameters
