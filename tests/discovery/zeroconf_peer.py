"""A host that speaks multicast DNS with python-zeroconf, on all of its interfaces.

    zeroconf_peer.py announce NAME PORT    until standard input ends
    zeroconf_peer.py find NAME PORT        exit status 0: found within 5 s
"""

import socket
import sys
import time

from zeroconf import ServiceInfo, Zeroconf

TYPE = "_kinect2._tcp.local."


def own_addresses() -> list[bytes]:
    """Those of the two links of the test."""
    found = []
    for link in (1, 2):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((f"10.77.{link}.1", 9))
            found.append(socket.inet_aton(probe.getsockname()[0]))
    return found


def announce(name: str, port: int) -> None:
    info = ServiceInfo(TYPE, f"{name}.{TYPE}", port=port, addresses=own_addresses(), properties=b"", server="python-host.local.")
    zeroconf = Zeroconf()
    zeroconf.register_service(info)
    print("announced", flush=True)
    sys.stdin.read()
    zeroconf.unregister_service(info)
    zeroconf.close()


def find(name: str, port: int) -> bool:
    zeroconf = Zeroconf()
    deadline = time.monotonic() + 5
    try:
        while time.monotonic() < deadline:
            info = zeroconf.get_service_info(TYPE, f"{name}.{TYPE}", timeout=1000)
            if info is not None and info.port == port:
                return True
        return False
    finally:
        zeroconf.close()


if __name__ == "__main__":
    command, name, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if command == "announce":
        announce(name, port)
    else:
        sys.exit(0 if find(name, port) else 1)
