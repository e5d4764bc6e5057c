#!/usr/bin/env python
"""
Shows the nearest and the median distance in depth frames, a line a second, by numpy and polling.

    nearest.py                       the first server that is found
    nearest.py --server NAME         the server of that name
    nearest.py tcp://HOST:PORT       the server at that endpoint
    nearest.py --frames 30           ends after 30 frames

"""

import argparse
import sys
import time

import numpy as np

from streamkinect2 import clock_ns
from streamkinect2.client import Client


def describe(frame):
    """What is in a depth frame, as text. `frame.array` is the library's memory, not a copy."""
    depth = frame.array
    seen = depth[depth > 0]  # 0 is where the sensor has seen nothing
    if seen.size == 0:
        return 'nothing in sight'
    row, column = np.unravel_index(np.where(depth > 0, depth, 65535).argmin(), depth.shape)
    return f'nearest {depth[row, column]} mm at ({column}, {row}), median {np.median(seen):.0f} mm, {100.0 * seen.size / depth.size:.1f} % seen'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('endpoint', nargs='?')
    parser.add_argument('--server', default='*')
    parser.add_argument('--frames', type=int, default=0)
    arguments = parser.parse_args()

    follow = None if arguments.endpoint else arguments.server
    client = Client(arguments.endpoint, follow=follow)
    client.enable_depth_frames()  # of every kinect, those that come later too
    count, shown = 0, 0.0
    with client:
        print(f'connected to "{client.server_name}"')
        while not arguments.frames or count < arguments.frames:
            frame = client.take_frame(timeout=5)
            if frame is None:
                sys.exit('no frame has come for 5 s')
            count += 1
            if time.monotonic() - shown >= 1:
                shown = time.monotonic()
                captured = frame.info.capture_time_local_ns  # 0: servers of 2014 do not tell
                age = f'{(clock_ns() - captured) / 1e6:.1f} ms' if captured else 'unknown'
                print(f'frame {frame.sequence}: {describe(frame)}; age {age}')
        for kinect_id in client.kinects:
            print(f'{kinect_id}: {client.statistics(kinect_id)}')


if __name__ == '__main__':
    try:
        main()
    except TimeoutError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        pass
