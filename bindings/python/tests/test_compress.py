"""Compression: the depth messages of 2014, and the codecs of the library."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from conftest import Calls, Own, is_scene_2014, unique_name

from streamkinect2 import live_objects
from streamkinect2.common import Codec, EncodeOptions, Profile
from streamkinect2.compress import DepthFrameCompressor, compress_depth, decompress_depth
from streamkinect2.mock import MockKinect

GOLDEN = Path(__file__).parents[3] / "tests" / "golden"
RECORDED = json.loads((GOLDEN / "depth.json").read_text())


def message_v1(data):
    """Decodes a depth message as the protocol's description says, with no code of the library: for images of one LZ4 block."""
    size = int.from_bytes(data[:4], "little")
    out, place = bytearray(), 4
    while place < len(data):
        token = data[place]
        place += 1

        def length(nibble, place):
            if nibble == 15:
                while True:
                    nibble += data[place]
                    place += 1
                    if data[place - 1] != 255:
                        break
            return nibble, place

        literals, place = length(token >> 4, place)
        out += data[place : place + literals]
        place += literals
        if place >= len(data):
            break
        offset = int.from_bytes(data[place : place + 2], "little")
        match, place = length(token & 15, place + 2)
        for _ in range(match + 4):
            out.append(out[-offset])
    assert len(out) == size
    packed = np.frombuffer(bytes(out), np.uint8).astype(np.uint16)
    count = size * 2 // 3
    high, low = packed[:count], packed[count:]
    pixels = high << 4
    pixels[0::2] |= low >> 4
    pixels[1::2] |= low & 15
    return pixels


@pytest.mark.parametrize("name", [path.stem for path in sorted(GOLDEN.glob("depth/*.msg"))])
def test_recorded_messages_of_2014_decode(name):
    about = next(entry for entry in RECORDED if entry["name"] == name)

    width, height = about["width"], about["height"]
    data = (GOLDEN / "depth" / f"{name}.msg").read_bytes()
    pixels = decompress_depth(data, shape=(width, height))
    assert pixels.shape == (height, width)
    assert hashlib.sha256(pixels.astype("<u2").tobytes()).hexdigest() == about["decoded_sha256"]
    assert (decompress_depth(compress_depth(pixels), shape=(width, height)) == pixels).all()


@pytest.mark.parametrize("make", [MockKinect, lambda: Own(unique_name("own"))], ids=["mock", "any object"])
def test_the_compressors_data_are_messages_of_version_1(make):
    kinect = make()
    compressor = DepthFrameCompressor(kinect)
    assert compressor.kinect is kinect
    calls = Calls()
    compressor.on_compressed_frame.connect(calls, sender=compressor)
    pixels = (np.arange(424 * 512) % 4096).astype(np.uint16).reshape(424, 512)
    if isinstance(kinect, Own):
        kinect.show(pixels)
        calls.wait()
    else:
        with kinect:
            calls.wait(2)
    data = calls.values("compressed_frame")[0]
    assert bytes(memoryview(data)) == data and int.from_bytes(data[:4], "little") == 325632
    decoded = message_v1(data).reshape(424, 512)
    assert (decoded == decompress_depth(data)).all()
    if isinstance(kinect, Own):
        assert (decoded == pixels).all()
    else:
        assert is_scene_2014(decoded)
    assert compressor.dropped >= 0


@pytest.mark.parametrize("end", [DepthFrameCompressor.close, lambda compressor: None], ids=["closed", "collected"])
def test_a_compressor_lets_go_of_any_object_when_it_ends(end):
    kinect, before = Own(unique_name("own")), live_objects()
    compressor = DepthFrameCompressor(kinect)
    assert live_objects() == before + 2 and list(kinect.on_depth_frame.receivers_for(kinect))
    end(compressor)
    end(compressor)
    if end is not DepthFrameCompressor.close:
        del compressor
    assert live_objects() == before and not list(kinect.on_depth_frame.receivers_for(kinect))


def test_what_does_not_fit_in_12_bits_is_invalid():
    pixels = np.array([[4095, 4096], [65535, 1]], np.uint16)
    assert decompress_depth(compress_depth(pixels), shape=(2, 2)).tolist() == [[4095, 0], [0, 1]]


@pytest.mark.parametrize("codec", [Codec.RAW, Codec.RVL, Codec.K2D])
def test_other_codecs_keep_16_bits(codec):
    pixels = np.random.default_rng(1).integers(0, 65536, (424, 512), np.uint16)
    data = compress_depth(pixels, codec)
    if codec == Codec.K2D:
        assert (decompress_depth(compress_depth(pixels, Codec.AUTO), codec) == pixels).all()
    out = np.zeros((424, 512), np.uint16)
    assert decompress_depth(data, codec, out=out) is out
    assert (out == pixels).all()


def test_an_error_bound_is_kept():
    pixels = np.random.default_rng(1).integers(500, 8000, (424, 512)).astype(np.uint16)
    pixels[::7] = 0
    data = compress_depth(pixels, EncodeOptions(Codec.K2D, Profile.RATIO, max_error_mm=5))
    assert len(data) < len(compress_depth(pixels, Codec.K2D))
    decoded = decompress_depth(data, Codec.K2D)
    error = np.abs(decoded.astype(int) - pixels)
    assert 0 < error.max() <= 5
    assert ((decoded == 0) == (pixels == 0)).all()


def test_errors_say_what_is_wrong():
    with pytest.raises(ValueError, match="CORRUPT"):
        decompress_depth(b"\0\0\0\0nonsense")
    with pytest.raises(ValueError, match="shape"):
        compress_depth(np.zeros((4, 4), np.int32))
    with pytest.raises(NotImplementedError, match="UNSUPPORTED"):
        compress_depth(np.zeros((4, 4), np.uint16), Codec.JPEG)
    with pytest.raises(ValueError, match="even number"):
        compress_depth(np.zeros((3, 3), np.uint16))
    with pytest.raises(ValueError, match="writeable"):
        decompress_depth(b"", out=np.zeros((4, 4), np.uint16))
    with pytest.raises(TypeError, match="on_depth_frame"):
        DepthFrameCompressor(object())
