"""Zeroconf on loopback, as the 2014 implementation used it: one announcement, one browser."""

import queue
import socket
import time
from dataclasses import dataclass

from zeroconf import ServiceBrowser, ServiceInfo, ServiceStateChange, Zeroconf

SERVICE_TYPE = "_kinect2._tcp.local."
LOOPBACK = "127.0.0.1"
TTL = 3600  # of every record, in 2014


@dataclass(frozen=True)
class Found:
    """What a browser learns of a server."""

    name: str
    target: str  # host name in the SRV record
    addresses: tuple[str, ...]
    port: int

    @property
    def endpoint(self) -> str:
        """The control endpoint. The address record stands in for the system's resolver of .local names."""
        return f"tcp://{self.addresses[0]}:{self.port}"


class Announcement:
    """Announces a control port under a name, with an empty TXT record."""

    def __init__(self, name: str, port: int, host: str = "old-node.local."):
        self._port = port
        self._instance = f"{name}.{SERVICE_TYPE}"
        self._info = self._service(host)

    def _service(self, target: str) -> ServiceInfo:
        address = socket.inet_aton(LOOPBACK)
        return ServiceInfo(
            SERVICE_TYPE,
            self._instance,
            port=self._port,
            addresses=[address],
            properties=b"",
            server=target,
            host_ttl=TTL,
            other_ttl=TTL,
        )

    def __enter__(self):
        self._zeroconf = Zeroconf(interfaces=[LOOPBACK])
        self._zeroconf.register_service(self._info)
        return self

    def __exit__(self, *_):
        # The 2014 goodbye names the instance where the SRV record names the host.
        goodbye = self._zeroconf.generate_service_broadcast(self._service(self._instance), 0)
        self._zeroconf.registry.async_remove(self._info)
        self._zeroconf.send(goodbye)
        self._zeroconf.close()


class Browser:
    """Waits for servers to come and go by name; others on the same network are passed over."""

    def __init__(self):
        self._changes = queue.Queue()
        self._zeroconf = Zeroconf(interfaces=[LOOPBACK])
        ServiceBrowser(self._zeroconf, SERVICE_TYPE, handlers=[self._note])

    def _note(self, zeroconf, service_type, name, state_change):
        self._changes.put((state_change, name))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._zeroconf.close()

    def find(self, name: str, timeout: float = 10.0) -> Found:
        """The server of this name; TimeoutError when none appears in time."""
        self._wait(name, ServiceStateChange.Added, timeout)
        info = self._zeroconf.get_service_info(SERVICE_TYPE, f"{name}.{SERVICE_TYPE}", timeout=timeout * 1000)
        if info is None:
            raise TimeoutError(f"no SRV record of {name!r}")
        return Found(name, info.server, tuple(info.parsed_addresses()), info.port)

    def lose(self, name: str, timeout: float = 10.0):
        """Waits until the server of this name says goodbye."""
        self._wait(name, ServiceStateChange.Removed, timeout)

    def _wait(self, name: str, change: ServiceStateChange, timeout: float):
        deadline = time.monotonic() + timeout
        while True:
            try:
                seen = self._changes.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"{name!r} was not {change.name.lower()} in {timeout} s") from None
            if seen == (change, f"{name}.{SERVICE_TYPE}"):
                return
