"""A server behind a packet filter that lets nothing in but its control port and, with a fixed `data_port`, its frame ports."""

import time

from scenes import FOUND, NetworkTest

CONTROL, DATA = 5000, 6000


class Firewall(NetworkTest):
    def behind_a_firewall(self, *arguments):
        """A client of a server, each on its own host; of what comes to the server's host, only its fixed ports pass."""
        one, other = self.two_addressed_hosts()
        one.host.filter("meta l4proto icmpv6 accept", f"tcp dport {{ {CONTROL}, {DATA}-{DATA + 3} }} accept", 'iifname != "lo" drop')
        self.serve(one.host, "--no-announce", "--port", CONTROL, *arguments)
        return self.receive(other.host, f"tcp://10.0.0.1:{CONTROL}")

    def test_data_port_passes(self):
        sink = self.behind_a_firewall("--data-port", DATA)
        began = time.monotonic()
        self.note(f"frames after {sink.wait_flow(began, FOUND) - began:.1f} s")

    def test_other_ports_do_not(self):
        """So that the test above shows something."""
        sink = self.behind_a_firewall()
        sink.program.wait_line(r"^event \S+ add ")
        time.sleep(3)
        self.assertEqual(sink.frames(), [])
