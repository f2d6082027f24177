"""What probes found, remembered for half a minute and shared by the whole process.

A probe blocks its first asker for at most two seconds; later askers get what is known at once,
while a stale answer is renewed behind their back. Nothing probes unless somebody asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from core.clock import Clock
from core.llm.model import Endpoint, Health, Standing

#: Seconds that an answer counts as fresh.
FRESH_S = 30.0
#: Seconds that an asker waits for endpoints that were never probed.
PATIENCE_S = 2.5
#: Probes at once; catalogs are short.
AT_ONCE = 8


@dataclass(frozen=True)
class EndpointHealth:
    """One line of /status."""

    endpoint: str
    place: str
    is_mine: bool
    is_up: bool
    standing: Standing
    detail: str = ""


class Probes:
    """Remembers `probe(endpoint)` by endpoint name. `probe` never raises."""

    def __init__(self, clock: Clock, probe: Callable[[Endpoint], Health]) -> None:
        self._clock = clock
        self._probe = probe
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Health]] = {}
        self._under_way: dict[str, Future[None]] = {}
        self._threads: ThreadPoolExecutor | None = None

    def known(self, endpoint: Endpoint) -> Health | None:
        """What the last probe said, however old; None when there was none."""
        with self._lock:
            found = self._known.get(endpoint.name)
        return found[1] if found else None

    def ask(self, endpoints: Iterable[Endpoint], *, fresh: bool = False) -> None:
        """Probe what is not known or stale. Waits for what was never probed; with `fresh` also for
        what is stale."""
        awaited: list[Future[None]] = []
        for endpoint in endpoints:
            with self._lock:
                found = self._known.get(endpoint.name)
                if found and self._clock.monotonic() - found[0] < FRESH_S:
                    continue
                future = self._under_way.get(endpoint.name) or self._start(endpoint)
            if fresh or not found:
                awaited.append(future)
        wait(awaited, PATIENCE_S)

    def _start(self, endpoint: Endpoint) -> Future[None]:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="probe")
        future = self._threads.submit(self._run, endpoint)
        self._under_way[endpoint.name] = future
        return future

    def _run(self, endpoint: Endpoint) -> None:
        try:
            health = self._probe(endpoint)
            with self._lock:
                self._known[endpoint.name] = (self._clock.monotonic(), health)
        finally:
            with self._lock:
                self._under_way.pop(endpoint.name, None)

    def close(self) -> None:
        """End the threads; probes under way are not waited for."""
        with self._lock:
            threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)
