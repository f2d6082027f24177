"""Who must be left alone, and until when: in this process's memory, by monotonic seconds.

Decides nothing about order. A provider's own wait is kept to the second; where it names none, waits
grow with repeated failures. A refused key holds for every endpoint at the same address and ends
with the process. A bad request is the request's fault and cools nobody down.
"""

from __future__ import annotations

import threading

from core.clock import Clock
from core.llm.model import Endpoint, Failure, Readiness, Standing
from core.llm.ports import ModelFailed

#: First wait in seconds where the provider names none; doubled at each further failure in a row.
FIRST_WAIT_S = {
    Failure.LIMITED: 10.0,
    Failure.SERVER: 2.0,
    Failure.BROKEN_STREAM: 2.0,
    Failure.TIMEOUT: 5.0,
    Failure.UNREACHABLE: 2.0,
    Failure.MISSING_MODEL: 30.0,
}
#: Waits without a provider's word grow up to here.
LONGEST_OWN_WAIT_S = 60.0


class Cooldowns:
    """What failures have taught this process. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[str, tuple[float, str]] = {}
        self._in_a_row: dict[str, int] = {}
        self._dead: dict[tuple[str, str | None], str] = {}

    def answered(self, endpoint: Endpoint) -> None:
        """It works: what was held against it is forgotten."""
        with self._lock:
            self._until.pop(endpoint.name, None)
            self._in_a_row.pop(endpoint.name, None)

    def failed(self, endpoint: Endpoint, failure: ModelFailed) -> None:
        """It did not answer, for this reason."""
        detail = f"{failure.failure}: {failure.detail}"
        with self._lock:
            if failure.failure is Failure.UNAUTHORISED:
                self._dead[endpoint.provider, endpoint.base_url] = detail
                return
            first_s = FIRST_WAIT_S.get(failure.failure)
            if first_s is None:
                return
            row = self._in_a_row[endpoint.name] = self._in_a_row.get(endpoint.name, 0) + 1
            wait_s = failure.retry_after
            if wait_s is None:
                wait_s = min(first_s * 2.0 ** min(row - 1, 10), LONGEST_OWN_WAIT_S)
            self._until[endpoint.name] = (self._clock.monotonic() + wait_s, detail)

    def standing(self, endpoint: Endpoint) -> Standing:
        """Whether it may be asked now."""
        with self._lock:
            dead = self._dead.get((endpoint.provider, endpoint.base_url))
            if dead is not None:
                return Standing(Readiness.DEAD, detail=dead)
            until, detail = self._until.get(endpoint.name, (0.0, ""))
        left_s = until - self._clock.monotonic()
        if detail and left_s > 0:
            return Standing(Readiness.COOLING, retry_after_s=left_s, detail=detail)
        return Standing()
