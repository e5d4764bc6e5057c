"""blinker's signals, for senders whose signals come from threads that Python did not start."""

from __future__ import annotations

import itertools
import threading
import weakref
from functools import partial
from typing import Any, Callable, Hashable, Iterable, TypeVar

import blinker

from ._library import ending, log

F = TypeVar("F", bound=Callable[..., Any])

# One for all signals; a GC run within it may connect or disconnect, so it is reentrant. No handler runs under it.
_lock = threading.RLock()


def renew_lock() -> None:
    """In a child, after a fork: another thread of the parent's may have had the lock."""
    global _lock
    _lock = threading.RLock()


class _Late:
    """What a handler that came late is yet to be called for."""

    __slots__ = ("receiver", "sender", "key", "kwargs", "__weakref__")

    def __init__(self, receiver: Callable[..., Any], sender: Any, key: Hashable, kwargs: dict[str, Any]) -> None:
        self.receiver, self.sender, self.key, self.kwargs = receiver, sender, key, kwargs


class Signal(blinker.Signal):
    """A signal of a class, sent by its instances.

    It can be about things that are there: a handler that is connected when they are is called for them too, each exactly once.
    """

    def __init__(self, doc: str) -> None:
        super().__init__(doc)
        # What each sender has announced: key -> keyword arguments.
        self._present: weakref.WeakKeyDictionary[Any, dict[Hashable, dict[str, Any]]] = weakref.WeakKeyDictionary()
        # What is on its way to late handlers, and still wanted.
        self._late: weakref.WeakSet[_Late] = weakref.WeakSet()

    def _kept_by(self, sender: Any) -> list[Any]:
        """The handlers of one sender that are to be kept. blinker would keep them for ever; so they go with the sender, or its close()."""
        kept: list[Any] = vars(sender).setdefault("_kept_handlers", {}).setdefault(id(self), [])
        return kept

    def attach(self, sender: Any) -> None:
        """A new sender: it learns by its `_listen` that this signal has receivers, now or as soon as it has."""
        with _lock:
            self._present[sender] = {}
            wanted = self.has_receivers_for(sender)
        if wanted:
            sender._listen(self)

    def detach(self, sender: Any) -> None:
        """The sender has come to its end."""
        with _lock:
            self._present.pop(sender, None)
            kept = vars(sender).get("_kept_handlers", {}).pop(id(self), [])
        del kept  # what is collected by this may run anything

    def connect(self, receiver: F, sender: Any = blinker.ANY, weak: bool = True) -> F:
        """As blinker's; what the senders have announced already is delivered to the new receiver, as signals are."""
        with _lock:  # so that each announcement is either in `late` or sees the receiver, and never both
            if not weak and any(one is sender for one in self._present):
                self._kept_by(sender).append(receiver)
                weak = True
            super().connect(receiver, sender, weak)
            senders = [one for one in self._present if sender is blinker.ANY or one is sender]
            late = {one: [_Late(receiver, one, *announced) for announced in self._present[one].items()] for one in senders}
            self._late.update(itertools.chain(*late.values()))
        for one, calls in late.items():
            try:
                one._listen(self)
                for call in calls:
                    one._catch_up(partial(self._deliver, call))
            except RuntimeError:
                if sender is one or one._is_open():
                    raise
                # Another thread has closed it meanwhile: nothing to those who connect to any sender.
        return receiver

    def _deliver(self, late: _Late) -> None:
        with _lock:
            there = self._present.get(late.sender, {}).get(late.key) is late.kwargs  # and has not gone and come again
            wanted = there and late in self._late
            self._late.discard(late)
        if wanted:
            _call([late.receiver], late.sender, late.kwargs)

    def disconnect(self, receiver: Callable[..., Any], sender: Any = blinker.ANY) -> None:
        """As blinker's."""
        with _lock:
            super().disconnect(receiver, sender)
            for one in [one for one in self._present if sender is blinker.ANY or one is sender]:
                kept = self._kept_by(one)
                kept[:] = [handler for handler in kept if handler != receiver]
            for late in [late for late in self._late if late.receiver == receiver]:
                if receiver not in list(self.receivers_for(late.sender)):  # it may be connected otherwise, too
                    self._late.discard(late)

    def emit(self, sender: Any, /, **kwargs: Any) -> None:
        """Calls the receivers. Unlike with send(), what one of them raises is logged, and the others are called."""
        if not self.is_muted:
            with _lock:
                receivers = list(self.receivers_for(sender))
            _call(receivers, sender, kwargs)

    def announce(self, sender: Any, key: Hashable, /, **kwargs: Any) -> None:
        """Something is there from now on: as emit(), also for receivers that come later. Again: no one is called."""
        with _lock:
            present = self._present.get(sender)
            if present is None or key in present:
                return
            present[key] = kwargs
            receivers = [] if self.is_muted else list(self.receivers_for(sender))
        _call(receivers, sender, kwargs)

    def withdraw(self, sender: Any, key: Hashable) -> None:
        """It is there no more."""
        with _lock:
            self._present.get(sender, {}).pop(key, None)

    def withdraw_all(self, sender: Any) -> None:
        """Nothing is there any more."""
        with _lock:
            self._present.get(sender, {}).clear()


def call_logged(function: Callable[..., Any], /, *arguments: Any, **kwargs: Any) -> None:
    """Calls what a program has handed over. What it raises is logged: no thread of the library's ends by it."""
    try:
        function(*arguments, **kwargs)
    except Exception:
        if not ending():
            log.exception("%r failed", function)


def _call(receivers: Iterable[Callable[..., Any]], sender: Any, kwargs: dict[str, Any]) -> None:
    for receiver in receivers:
        call_logged(receiver, sender, **kwargs)
