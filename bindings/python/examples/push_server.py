#!/usr/bin/env python
"""
Serves depth that the program makes itself with numpy: a wall that comes nearer, with a hole that nothing is seen through.

    push_server.py [SERVER_NAME] [SECONDS]

"""

import logging
import sys
import time

import numpy as np

from streamkinect2.device import PushKinect
from streamkinect2.server import Server


def wall(distance):
    """Depth in millimetres, uint16, rows first; 0 is invalid."""
    depth = np.full((424, 512), distance, np.uint16)
    depth[180:240, 200:300] = 0
    return depth


def main(name='Wall', seconds=None):
    logging.basicConfig(level=logging.INFO)
    kinect = PushKinect()
    server = Server(name=name)
    server.add_kinect(kinect)
    with server, kinect:
        begin = time.monotonic()
        frame = 0
        while seconds is None or time.monotonic() - begin < seconds:
            kinect.push(wall(4000 - frame % 3000))
            frame += 1
            time.sleep(max(0.0, begin + frame / 30 - time.monotonic()))


if __name__ == '__main__':
    try:
        main(*sys.argv[1:2], *(float(text) for text in sys.argv[2:3]))
    except KeyboardInterrupt:
        pass
