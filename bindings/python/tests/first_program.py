"""Finds a server by its name, pings it and receives depth frames.

    first_program.py SERVER_NAME FRAMES

Prints "pong", then "depth SEQUENCE CRC32" for each frame, the CRC-32 of zlib over the pixels as little-endian bytes. Ends with 0 after
FRAMES frames, with 1 if that takes longer than 30 seconds.
"""

import queue
import sys
import time
import zlib

from streamkinect2.client import Client
from streamkinect2.server import ServerBrowser

LIMIT = 30.0


def find(name, until):
    """Where the server of that name answers."""
    found = queue.Queue()
    browser = ServerBrowser()

    @ServerBrowser.on_add_server.connect_via(browser)
    def add_server(_browser, server_info):
        if server_info.name == name:
            found.put(server_info.endpoint)

    return found.get(timeout=max(0.0, until - time.monotonic()))


def main():
    name, count = sys.argv[1], int(sys.argv[2])
    until = time.monotonic() + LIMIT
    try:
        endpoint = find(name, until)
    except queue.Empty:
        sys.exit(f'no server "{name}" was found within {LIMIT:.0f} s')
    with Client(endpoint) as client:
        pongs = queue.Queue()
        client.ping(lambda: pongs.put("pong"))
        try:
            print(pongs.get(timeout=max(0.0, until - time.monotonic())), flush=True)
        except queue.Empty:
            sys.exit(f"no pong from {endpoint} within {LIMIT:.0f} s")
        while not client.kinects and time.monotonic() < until:
            time.sleep(0.01)
        if not client.kinects:
            sys.exit(f"{endpoint} has shown no kinect within {LIMIT:.0f} s")
        client.enable_depth_frames(client.kinects[0])
        for number in range(count):
            frame = client.take_frame(timeout=max(0.0, until - time.monotonic()))
            if frame is None:
                sys.exit(f"only {number} of {count} frames came within {LIMIT:.0f} s")
            pixels = frame.array.astype("<u2", copy=False)
            print(f"depth {frame.sequence} {zlib.crc32(pixels):08x}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except TimeoutError as error:
        sys.exit(str(error))
