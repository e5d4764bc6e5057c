"""Hosts in network namespaces, cables between them, and what can go wrong with these.

The namespaces belong to a mount namespace that run.sh made, so nobody else sees them, and they are gone with the last
process in it however that ends.
"""

import json
import os
import subprocess
import time
from pathlib import Path

from program import Program

EXAMPLES = Path(os.environ["EXAMPLES"])
PROGRAMS = EXAMPLES.parent / "tests" / "network"

MBIT = 1_000_000
SETTLED = 10.0  # seconds within which interfaces have their addresses


def run(*command, text: str | None = None) -> str:
    """Runs a command that must succeed; gives what it printed."""
    done = subprocess.run([str(part) for part in command], input=text, capture_output=True, encoding="utf-8")
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


class Interface:
    """A host's end of a cable."""

    def __init__(self, host: "Host", name: str):
        self.host, self.name = host, name

    def ip(self, *arguments):
        """An `ip` command about this interface's host."""
        return run("ip", "-n", self.host.namespace, *arguments)

    def add(self, address: str):
        """Gives it an address, as in 10.0.0.1/24. It is usable when this returns."""
        self.ip("address", "add", address, "dev", self.name, *(["nodad"] if ":" in address else []))

    def remove(self, address: str):
        """Takes the address away."""
        self.ip("address", "delete", address, "dev", self.name)

    def down(self):
        """Switches it off: packets are lost at both ends."""
        self.ip("link", "set", "dev", self.name, "down")

    def up(self):
        """Switches it on."""
        self.ip("link", "set", "dev", self.name, "up")

    def link_local(self) -> str:
        """Its IPv6 address that begins with fe80."""
        return next(a["local"] for a in self._addresses() if a["scope"] == "link" and a["family"] == "inet6")

    def is_settled(self) -> bool:
        """Whether it has a carrier and no address that is still being looked for elsewhere."""
        state = json.loads(self.ip("-json", "link", "show", "dev", self.name))[0]
        return "LOWER_UP" in state["flags"] and not any(a.get("tentative") for a in self._addresses())

    def _addresses(self):
        return json.loads(self.ip("-json", "address", "show", "dev", self.name))[0]["addr_info"]

    def limit(self, bits_per_second: float, milliseconds: float = 50):
        """Sends at most at this rate; packets that would wait longer are dropped."""
        shape = ("tbf", "rate", f"{bits_per_second:.0f}bit", "burst", 16_000, "latency", f"{milliseconds}ms")
        run("tc", "-n", self.host.namespace, "qdisc", "replace", "dev", self.name, "root", *shape)


class Host:
    """A machine: interfaces, a name, a firewall, and programs that run on it."""

    def __init__(self, name: str):
        self.name, self.namespace = name, f"kinect2-{os.getpid()}-{name}"
        self.interfaces: dict[str, Interface] = {}
        run("ip", "netns", "add", self.namespace)
        run("ip", "-n", self.namespace, "link", "set", "dev", "lo", "up")

    def set(self, name: str, value):
        """Sets a parameter of its kernel, as sysctl does."""
        write = ("sh", "-c", 'echo "$1" >"$0"', f"/proc/sys/{name.replace('.', '/')}", value)
        run("ip", "netns", "exec", self.namespace, *write)

    def start(self, program: str, *arguments) -> Program:
        """Starts an example program or one of this folder's."""
        path = next(folder / program for folder in (EXAMPLES, PROGRAMS) if (folder / program).exists())
        as_host = ("unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name)
        return Program("ip", "netns", "exec", self.namespace, *as_host, path, *arguments)

    def filter(self, *rules: str):
        """Its packet filter: `rules` (of nft) for what comes in, instead of those before."""
        lines = ["add table inet filter", "delete table inet filter", "add table inet filter"]
        lines += ["add chain inet filter input { type filter hook input priority 0; }"]
        lines += [f"add rule inet filter input {rule}" for rule in rules]
        run("ip", "netns", "exec", self.namespace, "nft", "-f", "-", text="\n".join(lines) + "\n")

    def lose(self, percent: int, which: str = ""):
        """Loses so many of the packets that come in, of all but loopback's or of those that `which` (of nft) names."""
        self.filter(f'iifname != "lo" {which} numgen random mod 100 < {percent} drop')


class Network:
    """Hosts and cables; `close` ends all."""

    def __init__(self):
        self.hosts: list[Host] = []
        self._cables: list[Program] = []

    def host(self, name: str) -> Host:
        """A new host without any cable."""
        host = Host(name)
        self.hosts.append(host)
        return host

    def cable(self, one: Host, other: Host, delay_ms: float = 0) -> tuple[Interface, Interface]:
        """Connects two hosts; each packet takes `delay_ms`."""
        ends = self._interface(one), self._interface(other)
        if delay_ms == 0:
            self._connect(*ends)
        else:
            self._connect_slowly(ends, delay_ms)
        return ends

    def _interface(self, host: Host) -> Interface:
        interface = Interface(host, f"eth{len(host.interfaces)}")
        host.interfaces[interface.name] = interface
        return interface

    def _connect(self, one: Interface, other: Interface):
        ends = ("name", one.name, "netns", one.host.namespace), ("name", other.name, "netns", other.host.namespace)
        run("ip", "link", "add", *ends[0], "type", "veth", "peer", *ends[1])
        for end in (one, other):
            # Packets of a wire's size: otherwise loss and limits would meet 64 KiB at a time.
            end.ip("link", "set", "dev", end.name, "gso_max_segs", "1")
            end.up()

    def _connect_slowly(self, ends: tuple[Interface, Interface], delay_ms: float):
        line = self.host(f"line{len(self.hosts)}")
        line.set("net.ipv6.conf.default.disable_ipv6", 1)
        inner = [self._interface(line) for _ in ends]
        for outer, end in zip(ends, inner):
            self._connect(outer, end)
        cable = line.start("delay_link", *(end.name for end in inner), delay_ms)
        cable.wait_line("^passing$")
        self._cables.append(cable)

    def settle(self):
        """Waits until all interfaces can be used."""
        deadline = time.monotonic() + SETTLED
        while not all(end.is_settled() for host in self.hosts for end in host.interfaces.values()):
            if time.monotonic() > deadline:
                raise RuntimeError("the interfaces do not get their addresses")
            time.sleep(0.05)

    def close(self):
        """Removes everything; programs must have ended."""
        for cable in self._cables:
            cable.kill()
        for host in self.hosts:
            run("ip", "netns", "delete", host.namespace)
