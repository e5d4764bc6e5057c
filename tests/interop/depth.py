"""Depth frames as version 1 carries them, and the scene of the mock device.

A frame is `bytes`: unsigned 16-bit little-endian values in millimetres, row-major, top-left first, 512x424, the form
of the recordings. All packing works on whole byte strings (`translate`, slices), which keeps up with 30 frames/s
without numpy.
"""

import array
import math
import random
import struct
import sys
from functools import cache

import lz4.block

WIDTH, HEIGHT = 512, 424
PIXELS = WIDTH * HEIGHT
PACKED_BYTES = PIXELS + PIXELS // 2
LARGEST = 4095

UP = bytes((value << 4) & 0xFF for value in range(256))
DOWN = bytes(value >> 4 for value in range(256))
LOW_NIBBLE = bytes(value & 0x0F for value in range(256))


class CorruptFrame(ValueError):
    """A message on the depth endpoint that is no depth frame."""


def encode(frame: bytes) -> bytes:
    """The message for a frame; bits 12 to 15 are lost, as they were in 2014."""
    low, high = frame[0::2], frame[1::2]
    coarse = _either(low.translate(DOWN), high.translate(UP))
    fine = _either(low[0::2].translate(UP), low[1::2].translate(LOW_NIBBLE))
    packed = coarse + fine
    return struct.pack("<I", len(packed)) + lz4.block.compress(packed, store_size=False)


def decode(message: bytes, packed_bytes: int = PACKED_BYTES) -> bytes:
    """The frame in a message, whose uncompressed length must be the expected one."""
    if len(message) < 4:
        raise CorruptFrame(f"{len(message)} bytes hold no length")
    (announced,) = struct.unpack_from("<I", message)
    if announced != packed_bytes:
        raise CorruptFrame(f"announces {announced} bytes instead of {packed_bytes}")
    try:
        packed = lz4.block.decompress(message[4:], uncompressed_size=announced)
    except lz4.block.LZ4BlockError as error:
        raise CorruptFrame(str(error)) from error
    if len(packed) != announced:
        raise CorruptFrame(f"unpacks to {len(packed)} bytes instead of {announced}")

    pixels = announced * 2 // 3
    coarse, fine = packed[:pixels], packed[pixels:]
    nibbles = bytearray(pixels)
    nibbles[0::2] = fine.translate(DOWN)
    nibbles[1::2] = fine.translate(LOW_NIBBLE)
    frame = bytearray(2 * pixels)
    frame[0::2] = _either(coarse.translate(UP), bytes(nibbles))
    frame[1::2] = coarse.translate(DOWN)
    return bytes(frame)


def _either(left: bytes, right: bytes) -> bytes:
    """Bitwise or of two byte strings of one length."""
    union = int.from_bytes(left, "little") | int.from_bytes(right, "little")
    return union.to_bytes(len(left), "little")


def to_values(frame: bytes) -> array.array:
    """The frame's depths in millimetres."""
    values = array.array("H", frame)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def from_values(values) -> bytes:
    """The frame that holds these depths."""
    values = array.array("H", values)
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def without_far_values(frame: bytes) -> bytes:
    """The frame as a careful server sends it in 12 bits: what does not fit becomes 0, invalid."""
    return from_values(value if value <= LARGEST else 0 for value in to_values(frame))


def recording(count: int, largest: int) -> list[bytes]:
    """Different frames that hold every value from 0 to `largest`, some smooth areas and some noise."""
    noise = random.Random(2014)
    frames = []
    for index in range(count):
        # 7 has no factor in common with any 2^n, so the steps reach every value.
        values = [(7 * position + 1009 * index) % (largest + 1) for position in range(PIXELS)]
        values[:4096] = [largest] * 4096
        values[4096:8192] = [noise.randint(0, largest) for _ in range(4096)]
        frames.append(from_values(values))
    return frames


@cache
def _cone_row(row: int) -> list[int]:
    """The mock's cone before it is moved."""
    return [math.isqrt((column - 256) ** 2 + (row - 212) ** 2) + 500 for column in range(WIDTH)]


def _mock_row(row: int, shift: int) -> list[int]:
    cone, wall = _cone_row(row), 1000 + row // 2
    start = -shift % WIDTH
    return [min(wall, depth) for depth in cone[start:] + cone[:start]]


def mock_frame(shift: int) -> bytes:
    """The mock scene: a cone, rolled right by `shift` columns, before a slanted wall."""
    return from_values(value for row in range(HEIGHT) for value in _mock_row(row, shift))


def mock_shift(frame: bytes) -> int | None:
    """By how many columns the cone of this mock frame is moved; None if it is no mock frame."""
    row = HEIGHT // 2
    seen = to_values(frame[2 * WIDTH * row : 2 * WIDTH * (row + 1)]).tolist()
    for shift in range(-100, 101):
        if _mock_row(row, shift) == seen:
            return shift if mock_frame(shift) == frame else None
    return None
