"""How much of each limit is left: sliding windows that all processes share.

Decides whether a call fits into the windows of its buckets, and takes its room at once and in all
of them, or in none. Never decides whom to ask. Redis counts where it answers; the ledger's rows in
the database are the record, from which Redis is filled anew, and count by themselves while Redis
is away. What a provider's answer says beats our own count until its reset.

Missing guarantees: in the instant in which Redis loses everything, calls that are reserved there
and not yet in the ledger are forgotten; a provider's own refusal is what is left then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from core.clock import Clock
from core.errors import Unavailable
from core.llm.gauges import SPARE_PERCENT, Measure, Readings, Room, Shortage, room_of
from core.llm.marks import Bucket, Mark

#: Seconds for which a Redis that did not answer is not asked again.
REST_S = 2.0


class LimitReached(Unavailable):
    """A limit leaves no room for this call now; nothing was taken. Ask another, or wait."""

    def __init__(self, shortage: Shortage) -> None:
        super().__init__(
            "limit-reached",
            retry_after=shortage.wait_s,
            bucket=shortage.bucket,
            dimension=shortage.dimension.value,
        )
        self.shortage = shortage


class CountersAway(Exception):
    """The fast counters do not answer; never leaves this room."""


class Cold(Exception):
    """These buckets must be filled from the record first; never leaves this room."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(*names)
        self.names = tuple(names)


class Counters(Protocol):
    """Fast shared counters. Every method may raise `CountersAway`; `take` and `look` raise `Cold`
    for buckets that `fill` has not been called for. Each call is one atomic step."""

    def take(
        self, buckets: Sequence[Bucket], tokens: int, now: datetime, spare_percent: int
    ) -> Shortage | None:
        """Count one request in all buckets, or say why it does not fit and count nothing."""

    def give(self, buckets: Sequence[Bucket], requests: int, tokens: int, began: datetime) -> None:
        """Correct what was taken at `began` by so many requests and tokens (less: negative)."""

    def mark(self, bucket: str, marks: Sequence[Mark], now: datetime) -> None:
        """Keep what was said, unless something newer was."""

    def look(self, buckets: Sequence[Bucket], now: datetime) -> list[Readings]: ...

    def fill(self, bucket: str, readings: Readings, now: datetime) -> None:
        """Bring up to at least what the record has."""


class Record(Protocol):
    """The ledger's own count; `core.llm.ledger_counts` is one."""

    def readings(self, buckets: Sequence[Bucket], now: datetime) -> list[Readings]: ...

    def remember(self, bucket: str, marks: Sequence[Mark]) -> None: ...


class Windows:
    """Room, over Redis or the record. Thread-safe; one per process."""

    def __init__(self, record: Record, counters: Counters | None, clock: Clock) -> None:
        """`counters` None: the record alone counts."""
        self._record = record
        self._counters = counters
        self._clock = clock
        self._rests_until = 0.0
        self._behind: set[str] = set()  # counted without Redis since it last answered

    def take(self, buckets: Sequence[Bucket], tokens: int, *, spare: bool = False) -> bool:
        """Take room for one call; True when Redis did, False when the record must, in the ledger's
        transaction. `spare`: leave the last tenth to others. Raises `LimitReached`."""
        percent = SPARE_PERCENT if spare else 0
        shortage: list[Shortage | None] = []

        def ask(counters: Counters) -> None:
            shortage.append(counters.take(buckets, tokens, self._clock.now(), percent))

        if not buckets:
            return True
        if not self._try(buckets, ask):
            self._behind.update(bucket.name for bucket in buckets)
            return False
        if shortage[-1] is not None:
            raise LimitReached(shortage[-1])
        return True

    def give(self, buckets: Sequence[Bucket], requests: int, tokens: int, began: datetime) -> None:
        """Correct a call's room by what it really took; the record is right by itself."""
        if buckets and (requests or tokens):
            done = self._try(buckets, lambda c: c.give(buckets, requests, tokens, began))
            if not done:
                self._behind.update(bucket.name for bucket in buckets)

    def learn(self, buckets: Sequence[Bucket], marks: Sequence[Mark]) -> None:
        """Keep what a provider said, for the organisation and for the key. Where Redis is away the
        record learns it at once; else with the call's settling."""
        told = [bucket for bucket in buckets if not bucket.service]
        if not marks or not told:
            return

        def ask(counters: Counters) -> None:
            for bucket in told:
                counters.mark(bucket.name, marks, self._clock.now())

        if not self._try(told, ask):
            for bucket in told:
                self._record.remember(bucket.name, marks)

    def rooms(
        self, wanted: Mapping[str, Sequence[Bucket]], tokens: Mapping[str, int]
    ) -> dict[str, Room]:
        """What each endpoint by name has left for a request of so many tokens; one look for all."""
        now = self._clock.now()
        every = {bucket.name: bucket for buckets in wanted.values() for bucket in buckets}
        named = self._readings(list(every.values()), now)
        measures = {
            name: Measure.of(every[name], readings, now) for name, readings in named.items()
        }
        return {
            name: room_of([measures[bucket.name] for bucket in buckets], tokens.get(name, 0))
            for name, buckets in wanted.items()
        }

    def _readings(self, buckets: Sequence[Bucket], now: datetime) -> dict[str, Readings]:
        found: list[Readings] = []
        if not buckets:
            return {}
        if not self._try(buckets, lambda c: found.extend(c.look(buckets, now))):
            found = self._record.readings(buckets, now)
        return dict(zip((bucket.name for bucket in buckets), found, strict=True))

    def _try(self, buckets: Sequence[Bucket], ask: Callable[[Counters], None]) -> bool:
        """Ask Redis, filling it first where it knows nothing; False when it is away."""
        counters = self._counters
        if counters is None or self._clock.monotonic() < self._rests_until:
            return False
        try:
            self._catch_up(counters, buckets)
            try:
                ask(counters)
            except Cold as cold:
                self._fill(counters, [each for each in buckets if each.name in cold.names])
                ask(counters)
        except (CountersAway, Cold):
            self._rests_until = self._clock.monotonic() + REST_S
            return False
        return True

    def _catch_up(self, counters: Counters, buckets: Sequence[Bucket]) -> None:
        behind = [bucket for bucket in buckets if bucket.name in self._behind]
        if behind:
            self._fill(counters, behind)
            self._behind.difference_update(bucket.name for bucket in behind)

    def _fill(self, counters: Counters, buckets: Sequence[Bucket]) -> None:
        now = self._clock.now()
        readings = self._record.readings(buckets, now)
        for bucket, reading in zip(buckets, readings, strict=True):
            counters.fill(bucket.name, reading, now)
