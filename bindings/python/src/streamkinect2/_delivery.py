"""Where signals are emitted: on the library's thread, or on an event loop."""

from __future__ import annotations

import threading
from typing import Any, Callable, Hashable, Optional

from ._library import log

Call = Callable[[], None]


def _scheduler(io_loop: Any) -> Callable[[Call], Any]:
    """How to run something on a loop from another thread."""
    for method in ("call_soon_threadsafe", "add_callback"):  # asyncio's, Tornado's
        if hasattr(io_loop, method):
            schedule: Callable[[Call], Any] = getattr(io_loop, method)
            return schedule
    raise TypeError(f"io_loop is to be an asyncio or Tornado loop, not {type(io_loop).__name__}")


class LoopDelivery:
    """Hands calls over to a loop, in their order. Of calls with one key only the newest waits, so a slow loop gathers nothing."""

    def __init__(self, io_loop: Any) -> None:
        self._schedule = _scheduler(io_loop)
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, Call] = {}
        self._scheduled = False

    def put(self, call: Call, key: Optional[Hashable] = None) -> None:
        """Has the loop make a call soon."""
        with self._lock:
            if key is not None:
                self._waiting.pop(key, None)
            self._waiting[object() if key is None else key] = call
        self._go_on()

    def drop(self, unwanted: Callable[[Hashable], bool]) -> None:
        """Takes calls back whose key is `unwanted`."""
        with self._lock:
            for key in [key for key in self._waiting if unwanted(key)]:
                del self._waiting[key]

    def _go_on(self) -> None:
        with self._lock:
            if self._scheduled or not self._waiting:
                return
            self._scheduled = True
        try:
            self._schedule(self._run)
        except RuntimeError as error:  # the loop is closed
            with self._lock:
                self._scheduled = False
                self._waiting.clear()
            log.debug("signals are lost: %s", error)

    def _run(self) -> None:
        """One call, so that what else the loop has to do gets its turn."""
        with self._lock:
            self._scheduled = False
            call = self._waiting.pop(next(iter(self._waiting))) if self._waiting else None
        try:
            if call is not None:
                call()
        finally:
            self._go_on()
