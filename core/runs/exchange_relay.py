"""The threads of the exchange: one that relays, and a small clockwork for what is due each second.

Nothing here decides anything. A pass that fails is logged and the next one comes; that is the
border where errors of a background thread end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from core.errors import Refused, Unavailable
from core.runs.ports import NoWake

log = structlog.get_logger(__name__)


class Ticker:
    """Calls `work` every `every_s` seconds, and at once after `nudge`, until stopped."""

    def __init__(self, name: str, every_s: float, work: Callable[[], object]) -> None:
        self._name = name
        self._every_s = every_s
        self._work = work
        self._due = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def nudge(self) -> None:
        """Do not wait for the rest of the interval."""
        self._due.set()

    def stop(self, wait_s: float = 5.0) -> None:
        """Let the current pass end, for at most `wait_s` seconds."""
        self._stopping = True
        self._due.set()
        if self._thread.is_alive():
            self._thread.join(wait_s)

    def _run(self) -> None:
        while not self._stopping:
            self._due.wait(self._every_s)
            self._due.clear()
            if self._stopping:
                return
            try:
                self._work()
            except (Refused, Unavailable) as error:
                log.info("ticker-waits", ticker=self._name, error=str(error))
            except Exception:
                log.exception("ticker-failed", ticker=self._name)


class Nudge(NoWake):
    """A `Wake` for the exchange of a process that relays itself."""

    def __init__(self, relay_now: Callable[[], None]) -> None:
        self._relay_now = relay_now

    def outbox(self, place: str) -> None:
        del place
        self._relay_now()
