"""The recorded control messages of 2014 as test cases: what is sent, and of which type each reply is."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from protocol import ERROR, ME, PING, PONG

RECORDING = Path(__file__).resolve().parent.parent / "golden" / "control.json"
MIB = 1 << 20
LEVELS = 50_000

# Requests that the recording abbreviates to "first bytes... (length)".
LONG_PAYLOADS = {
    "ping_1MiB_payload": b'"' + b"a" * (MIB - 2) + b'"',
    "deeply_nested_json": b"[" * LEVELS + b"]" * LEVELS,
}


@dataclass(frozen=True)
class Case:
    """Messages as a DEALER sends them (a REQ adds the empty delimiter itself), and the allowed types of each reply."""

    name: str
    requests: list[list[bytes]]
    replies: list[set[bytes]]


def recorded() -> list[Case]:
    """Every recorded case with a request. The recording of deep nesting shows a defect: a server should answer it."""
    cases = [_recorded_case(entry) for entry in json.loads(RECORDING.read_text("utf-8")) if "request" in entry]
    return [
        Case(case.name, case.requests, [{ERROR, PONG}]) if case.name == "deeply_nested_json" else case for case in cases
    ]


def _recorded_case(entry: dict) -> Case:
    name, request, reply = entry["name"], entry["request"], entry["reply"]
    if name.startswith("dealer_"):
        # Of a bare delimiter the recording lists no frame at all.
        requests, replies = [_frames(request) if request else [b""]], []
    elif name == "pipelined_dealer":
        requests, replies = [_frames(one) for one in request], [{_frames(one)[1]} for one in reply]
    else:
        frames = request[:1] + [LONG_PAYLOADS[name].hex()] if "..." in request[-1] else request
        if frames != request:
            _check_abbreviation(name, request[-1])
        requests, replies = [[b""] + _frames(frames)], [{_frames(reply)[0]}] if reply else [set()]
    return Case(name, requests, replies)


def _frames(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def _check_abbreviation(name: str, abbreviated: str):
    start, length = re.fullmatch(r"([0-9a-f]+)\.\.\. \((\d+) bytes\)", abbreviated).groups()
    payload = LONG_PAYLOADS[name]
    if len(payload) != int(length) or not payload.startswith(bytes.fromhex(start)):
        raise AssertionError(f"the payload made for {name} is not the recorded one")


def of_ours() -> list[Case]:
    """The recorded cases with the deliberate differences of our server, and what else it promises."""
    nan = "ping_nan_payload"
    cases = [Case(case.name, case.requests, [{ERROR}]) if case.name == nan else case for case in recorded()]
    return cases + [
        _request("ping_infinity_payload", [PING, b"[-Infinity]"], ERROR),
        _request("ping_unclosed_nesting", [PING, b"[" * 2 * LEVELS], ERROR),
        _request("ping_nested_objects", [PING, b'{"a":' * LEVELS + b"1" + b"}" * LEVELS], ERROR, PONG),
        _request("ping_lone_surrogate_bytes", [PING, b'"\xed\xa0\x80"'], ERROR),
        _request("five_parts", [PING, b"{}", b"{}", b"{}", b"{}"], ERROR),
        _request("five_large_parts", [PING] + [bytes(300_000)] * 4, ERROR),
        _request("thousand_parts", [PING] * 1000, ERROR),
        _request("largest_type_frame", [bytes(MIB)], ERROR),
        _request("me_of_a_foreign_server", [ME, b'{"version": 2}'], ERROR),
        Case(
            "pipelined_with_errors",
            [[b"", PING], [b"", b"\x09"], [b"", PING, b"no json"], [b"", b"\x03"]] * 16,
            [{PONG}, {ERROR}, {ERROR}, {ME}] * 16,
        ),
        Case("undelimited_between_requests", [[b"", PING], [PING], [PING, PING], [b"", PING]], [{PONG}, {PONG}]),
    ]


def _request(name: str, frames: list[bytes], *kinds: bytes) -> Case:
    return Case(name, [[b""] + frames], [set(kinds)])
