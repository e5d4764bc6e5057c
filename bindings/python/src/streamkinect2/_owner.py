"""What everything with a handle of the library has in common: its end, its callbacks, and where its signals are emitted.

Callbacks of the library are a few functions that live as long as the process and get a number, by which they find the object. So an
object can be collected at any time, even inside its own callback, and nothing that the library might still call goes with it.
"""

from __future__ import annotations

import atexit
import itertools
import os
import threading
import weakref
from collections import deque
from typing import Any, Callable, ClassVar, Hashable, Optional, TypeVar

from . import _library, _signals
from ._delivery import Call, LoopDelivery
from ._library import check_usable, log, usable
from ._signals import Signal

_numbers = itertools.count(1)
_owners: dict[int, weakref.ref[Owner]] = {}
_running: set[int] = set()  # threads that run a callback


class Owner:
    """Owns a handle, which is destroyed when the object is collected or closed."""

    _destroy: ClassVar[Callable[[int], int]]
    _signals: tuple[Signal, ...] = ()

    def __init__(self, io_loop: Any = None) -> None:
        self._handle: Optional[int] = None
        self._loop = None if io_loop is None else LoopDelivery(io_loop)
        self._late: deque[Call] = deque()
        self._inside: Optional[int] = None  # the thread that runs a callback
        self._number = self._also_known()

    def _also_known(self) -> int:
        """A new number by which callbacks find the object when it is their user_data."""
        number = next(_numbers)
        _owners[number] = weakref.ref(self)
        return number

    def _adopt(self, handle: int) -> None:
        """Owns this handle from now on. Signals are attached here: from here on callbacks can be set."""
        self._handle = handle
        for signal in self._signals:
            signal.attach(self)

    def _need(self) -> int:
        """The handle, for calls. RuntimeError if there is none any more."""
        check_usable()
        if self._handle is None:
            raise RuntimeError(f"this {type(self).__name__} is closed")
        return self._handle

    def _is_open(self) -> bool:
        """Whether it has a handle: close() takes that before anything that is done with it fails."""
        return self._handle is not None

    def close(self) -> None:
        """Gives the library's object back, now and not when this one is collected; waits for a handler that runs. Closing twice is fine.

        No signals come any more, not even those that would tell of this end.
        """
        # The number goes first: a callback that begins now finds nothing to bring back to life.
        forget_number(self._number)
        handle, self._handle = self._handle, None
        for signal in self._signals:
            signal.detach(self)
        if self._loop is not None:
            self._loop.drop(lambda _key: True)
        if handle is not None and usable():
            type(self)._destroy(handle)

    def __del__(self, owners: dict[int, weakref.ref[Owner]] = _owners) -> None:
        # The constructor may have failed anywhere; _let_go() leaves nothing to do.
        if getattr(self, "_handle", None) is not None:
            self.close()
        elif hasattr(self, "_number"):
            owners.pop(self._number, None)

    def _listen(self, signal: Signal) -> None:
        """Called when a signal has got a receiver: sets the library's callback where that is not set from the beginning."""

    def _poke(self) -> None:
        """Has the library call back soon, so that what is late is emitted on its thread."""

    def _catch_up(self, call: Call) -> None:
        """Emits something late to one receiver, where this object's signals are emitted."""
        if self._loop is not None:
            self._loop.put(call)
            return
        self._late.append(call)
        if threading.get_ident() in _running and not self._is_inside():
            # Setting a callback waits for the one that runs, and that may be doing the same to the object whose callback this is.
            threading.Thread(target=self._poke_if_open, name="streamkinect2-late", daemon=True).start()
        else:
            self._poke()

    def _poke_if_open(self) -> None:
        try:
            self._poke()
        except RuntimeError:
            pass  # closed meanwhile: no signals come any more

    def _emit(self, call: Call, key: Optional[Hashable] = None) -> None:
        """Makes a call that emits a signal; on a loop only the newest with the same key."""
        if self._loop is not None:
            self._loop.put(call, key)
        else:
            call()

    def _is_inside(self) -> bool:
        """Whether this thread runs a callback of this object: nothing may wait for that."""
        return self._inside == threading.get_ident()


def forget_number(number: int) -> None:
    """Callbacks with this number find nothing any more."""
    _owners.pop(number, None)


T = TypeVar("T", bound=Callable[..., None])


def callback(prototype: Any, numbered: bool = False) -> Callable[[T], Any]:
    """Makes a C callback of a function that gets the object, whose number is user_data, and what is between handle and user_data.

    `numbered`: and user_data, for objects that are known by several numbers.
    """
    last = None if numbered else -1

    def decorate(function: T) -> Any:
        def called(*arguments: Any) -> None:
            reference = _owners.get(arguments[-1])
            owner = None if reference is None else reference()
            if owner is None:
                return
            owner._inside = threading.get_ident()
            _running.add(owner._inside)
            try:
                while owner._late:
                    owner._late.popleft()()
                function(owner, *arguments[1:last])
            except Exception:
                log.exception("%s of %r failed", function.__name__, owner)
            finally:
                _running.discard(threading.get_ident())
                owner._inside = None

        return prototype(called)

    return decorate


def _let_go() -> None:
    """What is collected from now on has nothing to destroy."""
    for reference in list(_owners.values()):
        owner = reference()
        if owner is not None:
            owner._handle = None


def _at_exit() -> None:
    _library.end()
    _let_go()


def _after_fork_in_child() -> None:
    _signals.renew_lock()
    _library.forked()
    if not usable():
        _let_go()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
