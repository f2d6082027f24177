"""A node's signed hello: every 20 seconds, what it can do and how loaded it is.

Home verifies it like any envelope and stores it; presence, and with it everything that is sent to
the node, follows from it (`core.runs.exchange_nodes`). A hello lost costs nothing: three in a row
may be.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from core.errors import Unavailable
from core.runs.exchange_nodes import HELLO_EVERY_S
from core.runs.exchange_post import Post
from core.runs.exchange_relay import Ticker

log = structlog.get_logger(__name__)


def abilities(steps: Sequence[str]) -> dict[str, Any]:
    """What this machine offers: names of steps, and what it is."""
    return {
        "steps": list(steps),
        "system": platform.system(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "cpus": os.cpu_count() or 1,
    }


def cpu_percent() -> int | None:
    """How busy the processors were in the last minute; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    return round(100 * os.getloadavg()[0] / (os.cpu_count() or 1))


class Presence:
    """Says hello at once and then every `every_s` seconds, until stopped. `busy` is how many steps
    are running; `more` is what else this machine can do (roots, sandbox), `now` what it can do at
    this moment (models), `counts` what else is worth knowing each time."""

    def __init__(
        self,
        post: Post,
        steps: Sequence[str],
        busy: Callable[[], int],
        every_s: float = HELLO_EVERY_S,
        more: Mapping[str, Any] | None = None,
        counts: Callable[[], Mapping[str, Any]] = dict,
        now: Callable[[], Mapping[str, Any]] = dict,
    ) -> None:
        self._post = post
        self._can = {**abilities(steps), **(more or {})}
        self._busy = busy
        self._counts = counts
        self._now = now
        self._ticker = Ticker("presence", every_s, self.say)

    def start(self) -> None:
        self._ticker.start()
        self._ticker.nudge()

    def stop(self) -> None:
        self._ticker.stop()

    def say(self) -> None:
        """One hello; while the broker is away the next one is soon enough."""
        load = {"busy": self._busy(), "cpu_percent": cpu_percent(), **self._counts()}
        try:
            self._post.say_hello({**self._can, **self._now()}, load)
        except Unavailable:
            log.info("hello-not-sent")
