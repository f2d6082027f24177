"""A cancel that reaches into the middle of a call."""

from __future__ import annotations

import threading
from collections.abc import Callable

from core.errors import Refused


class Cancelled(Refused):
    """The owner stopped this run."""

    def __init__(self) -> None:
        super().__init__("cancelled")


class CancelToken:
    """Set once; callbacks registered before or after are called exactly once, in the setter's
    thread or the registrar's. Callbacks must not block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._event = threading.Event()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        with self._lock:
            if self._event.is_set():
                return
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> None:
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def check(self) -> None:
        """`Cancelled` when set: for handlers between two pieces of work."""
        if self._event.is_set():
            raise Cancelled
