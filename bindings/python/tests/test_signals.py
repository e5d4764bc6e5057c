"""Signals by themselves: late handlers get everything once, whatever the threads do; blinker's other ways work."""

import gc
import queue
import sys
import threading
import weakref

import blinker
import pytest

from streamkinect2._signals import Signal


class Sender:
    """What a signal wants of its senders; `library` is a thread like the library's, where late calls are made."""

    def __init__(self, signal):
        self.calls = queue.SimpleQueue()
        self.listened = 0
        self.broken = self.closed = False
        signal.attach(self)

    def _is_open(self):
        return not self.closed

    def _listen(self, signal):
        if self.closed or self.broken:
            raise RuntimeError("closed or broken")
        self.listened += 1

    def _catch_up(self, call):
        self.calls.put(call)

    def run_what_waits(self):
        self.calls.put(None)
        self.run()

    def run(self):
        while (call := self.calls.get()) is not None:
            call()


@pytest.fixture
def impatient():
    """Threads take turns as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize("to_any", [False, True])
def test_each_handler_gets_each_announcement_exactly_once(impatient, to_any):
    signal = Signal("things that are there")
    sender = Sender(signal)
    library = threading.Thread(target=sender.run)
    library.start()
    seen = [[] for _ in range(300)]
    handlers = [lambda _sender, key, keys=keys: keys.append(key) for keys in seen]

    def connect(some):
        for handler in some:
            signal.connect(handler, blinker.ANY if to_any else sender)

    threads = [threading.Thread(target=connect, args=(handlers[part::3],)) for part in range(3)]
    for thread in threads:
        thread.start()
    for key in range(300):
        sender.calls.put(lambda key=key: signal.announce(sender, key, key=key))
    for thread in threads:
        thread.join()
    sender.calls.put(None)
    library.join()
    assert all(sorted(keys) == list(range(300)) for keys in seen)


def test_what_has_gone_is_not_announced_to_late_ones():
    signal = Signal("things that are there")
    sender = Sender(signal)
    signal.announce(sender, 1, key=1)
    signal.announce(sender, 2, key=2)
    signal.announce(sender, 2, key=2)
    signal.withdraw(sender, 1)
    seen = []
    signal.connect(lambda _, key: seen.append(key), sender, weak=False)
    sender.run_what_waits()
    assert seen == [2]
    signal.withdraw_all(sender)
    signal.connect(lambda _, key: seen.append(-key), sender, weak=False)
    assert sender.calls.empty()
    signal.detach(sender)
    signal.announce(sender, 3, key=3)
    assert seen == [2]


@pytest.mark.parametrize("to_any", [False, True])
def test_a_late_call_does_not_reach_a_handler_that_was_disconnected_meanwhile(to_any):
    signal = Signal("things that are there")
    sender = Sender(signal)
    signal.announce(sender, 1, key=1)
    seen = []

    def handler(_sender, key):
        seen.append(key)

    to = blinker.ANY if to_any else sender
    signal.connect(handler, to)
    signal.disconnect(handler, to)
    sender.run_what_waits()
    assert seen == []
    signal.connect(handler, to)
    signal.disconnect(handler, to)
    signal.connect(handler, to)
    sender.run_what_waits()
    assert seen == [1]


def test_a_late_call_reaches_a_handler_that_is_still_connected_otherwise():
    signal = Signal("things that are there")
    sender = Sender(signal)
    signal.announce(sender, 1, key=1)
    seen = []

    def handler(_sender, key):
        seen.append(key)

    signal.connect(handler)
    signal.disconnect(handler, sender)
    sender.run_what_waits()
    assert seen == [1]


@pytest.mark.parametrize("forget", [Signal.withdraw_all, lambda signal, sender: signal.withdraw(sender, 1)])
def test_a_late_call_is_not_made_for_what_has_gone_meanwhile(forget):
    """Not even when it has come again: that is announced to the handler by itself."""
    signal = Signal("things that are there")
    sender = Sender(signal)
    signal.announce(sender, 1, key="before")
    seen = []
    signal.connect(lambda _, key: seen.append(key), sender, weak=False)
    forget(signal, sender)
    signal.announce(sender, 1, key="again")
    sender.run_what_waits()
    assert seen == ["again"]


def test_blinkers_own_ways():
    signal = Signal("a signal")
    sender = Sender(signal)
    seen, connected = [], []
    signal.receiver_connected.connect(lambda _, **kwargs: connected.append(kwargs["sender"]), weak=False)

    def handler(sender, value):
        seen.append(value)

    with signal.connected_to(handler, sender):
        assert connected == [sender] and sender.listened == 1
        signal.emit(sender, value=1)
        signal.send(sender, value=2)
        with signal.muted():
            signal.emit(sender, value=3)
    signal.emit(sender, value=4)
    assert seen == [1, 2]


def test_a_sender_that_comes_after_its_handlers_learns_of_them():
    signal = Signal("a signal")

    def handler(_sender):
        pass

    assert Sender(signal).listened == 0
    signal.connect(handler)
    assert Sender(signal).listened == 1


def test_a_sender_that_is_closed_meanwhile_is_no_matter_of_who_connects_to_any():
    signal = Signal("things that are there")
    closed, sender = Sender(signal), Sender(signal)
    closed.closed = True  # by a thread that has not come to detach() yet
    signal.announce(sender, 1, key=1)
    seen = []
    signal.connect(lambda _, key: seen.append(key), weak=False)
    sender.run_what_waits()
    assert seen == [1] and sender.listened == 1
    with pytest.raises(RuntimeError):
        signal.connect(print, closed)
    sender.broken = True
    with pytest.raises(RuntimeError):
        signal.connect(print)


def test_signals_keep_no_sender_alive():
    signal = Signal("things that are there")
    sender = Sender(signal)
    signal.announce(sender, 1, key=1)
    signal.connect(lambda _, key: None, sender, weak=False)
    reference = weakref.ref(sender)
    sender.calls.get()  # the late call has it
    del sender
    gc.collect()
    assert reference() is None
