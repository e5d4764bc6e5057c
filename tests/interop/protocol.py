"""Control messages of version 1, written from the documentation of the 2014 implementation alone."""

import json

ERROR, PING, PONG, WHO, ME = b"\x00", b"\x01", b"\x02", b"\x03", b"\x04"


class ProtocolError(ValueError):
    """A control message that breaks the documented rules."""


def parse(message: list[bytes]) -> tuple[bytes, object]:
    """Type and payload (None without one) of a message; ProtocolError where the documentation does not allow it."""
    if len(message) not in (1, 2):
        raise ProtocolError("multipart message must have 1 or 2 frames")
    kind = message[0]
    if kind not in (ERROR, PING, PONG, WHO, ME):
        raise ProtocolError(f"{kind!r} is no message type")
    if len(message) == 1:
        return kind, None
    try:
        # The 2014 implementation hands text to the parser, which then refuses a byte order mark.
        return kind, json.loads(message[1].decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"the payload is not JSON: {error}") from error


def error(reason: str) -> list[bytes]:
    """An error reply as the 2014 server words it."""
    return [ERROR, json.dumps({"code": 400, "reason": reason}).encode()]


def faults_of_error(message: list[bytes]) -> list[str]:
    """What is wrong with an error reply; its `code` is undocumented, but sent by every server."""
    kind, payload = parse(message)
    if kind != ERROR or not isinstance(payload, dict):
        return [f"{message!r} is no error with an object as payload"]
    faults = []
    if payload.get("code") != 400:
        faults.append(f"code is {payload.get('code')!r}")
    if not isinstance(payload.get("reason"), str) or not payload["reason"]:
        faults.append(f"reason is {payload.get('reason')!r}")
    return faults


def faults_of_me(me: object) -> list[str]:
    """Which MUST of the documentation the payload of a `me` breaks."""
    if not isinstance(me, dict):
        return ["the payload is no object"]
    faults = []
    if isinstance(me.get("version"), bool) or me.get("version") != 1:
        faults.append(f"version is {me.get('version')!r}")
    if not isinstance(me.get("name"), str):
        faults.append(f"name is {me.get('name')!r}")
    faults += _faults_of_endpoints("endpoints", me.get("endpoints"))
    if isinstance(me.get("endpoints"), dict) and "control" not in me["endpoints"]:
        faults.append("endpoints has no control")
    devices = me.get("devices")
    if not isinstance(devices, list):
        return faults + [f"devices is {devices!r}"]
    ids = []
    for number, device in enumerate(devices):
        if not isinstance(device, dict) or not isinstance(device.get("id"), str):
            faults.append(f"device {number} has no id")
            continue
        ids.append(device["id"])
        faults += _faults_of_endpoints(f"endpoints of device {number}", device.get("endpoints"))
    if len(set(ids)) != len(ids):
        faults.append(f"ids are not unique: {ids}")
    return faults


def _faults_of_endpoints(where: str, endpoints: object) -> list[str]:
    if not isinstance(endpoints, dict):
        return [f"{where} is {endpoints!r}"]
    return [
        f"{where}: {name} is {address!r}"
        for name, address in endpoints.items()
        if not isinstance(address, str) or "://" not in address
    ]
