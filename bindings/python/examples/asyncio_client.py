#!/usr/bin/env python
"""
Receives depth frames in an asyncio program: signals are emitted on its event loop, where no lock is needed.

    asyncio_client.py [SERVER_NAME] [FRAMES]

"""

import asyncio
import sys

from streamkinect2.client import Client
from streamkinect2.server import ServerBrowser


async def find(name):
    """The first server that is found, or the one of that name."""
    loop = asyncio.get_running_loop()
    found = loop.create_future()
    browser = ServerBrowser(io_loop=loop)

    @ServerBrowser.on_add_server.connect_via(browser)
    def add_server(browser, server_info):
        if name in (None, server_info.name) and not found.done():
            found.set_result(server_info)

    return await found


async def frames(endpoint):
    """The depth frames of a server, the newest each time: a program that is slow misses some, and never falls behind."""
    loop = asyncio.get_running_loop()
    came = asyncio.Event()
    newest = None
    client = Client(endpoint, connect_immediately=True, io_loop=loop)

    @Client.on_add_kinect.connect_via(client)
    def add_kinect(client, kinect_id):
        client.enable_depth_frames(kinect_id)

    @Client.on_depth_frame.connect_via(client)
    def depth_frame(client, depth_frame, kinect_id):
        nonlocal newest
        newest = depth_frame
        came.set()

    try:
        while True:
            await came.wait()
            came.clear()
            yield newest
    finally:
        client.disconnect()


async def main(name=None, count=None):
    server_info = await find(name)
    print(f'found "{server_info.name}" at {server_info.endpoint}')
    received = 0
    async for frame in frames(server_info.endpoint):
        print(f'frame {frame.sequence}: {frame.array[212, 256]} mm in the middle')
        received += 1
        if received == count:
            break


if __name__ == '__main__':
    try:
        asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else None, int(sys.argv[2]) if len(sys.argv) > 2 else None))
    except KeyboardInterrupt:
        pass
