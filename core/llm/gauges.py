"""What counted amounts mean: what is left, since when, until when; pure.

The same rules in Lua are in `redis_windows`; `tests/integration/test_ledger_counters.py` holds them
together. What a provider said beats our own count until its reset; after it only what came since
the reset counts.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.llm import forecast
from core.llm.marks import Bucket, Dimension, Mark

#: Others are asked first once so little of a limit is left, per cent.
SPARE_PERCENT = 10
#: Others are asked first when a limit is forecast to be reached within so many seconds.
HORIZON_S = 5


@dataclass(frozen=True)
class Reading:
    """One dimension of a bucket as counters have it. `used`: all that counts still; `amounts`: by
    slot, of which the old ones may be left out while less than half is used; `spent`: since the
    mark was seen."""

    used: int = 0
    amounts: Mapping[int, int] = field(default_factory=dict)
    mark: Mark | None = None
    spent: int = 0


Readings = Mapping[Dimension, Reading]


@dataclass(frozen=True)
class Gauge:
    """One dimension as it stands: the limit, what is left (None: unlimited), seconds until more is
    there, and seconds until nothing is left if calls go on as they did (None: never)."""

    dimension: Dimension
    most: int | None
    left: int | None
    more_in_s: float
    runs_out_in_s: int | None = None

    @property
    def is_near(self) -> bool:
        """So little is left, or so soon nothing, that others are asked first."""
        if self.left is None:
            return False
        is_scarce = self.most is not None and self.left * 100 <= self.most * SPARE_PERCENT
        is_soon = self.runs_out_in_s is not None and self.runs_out_in_s <= HORIZON_S
        return is_scarce or is_soon


class Level(enum.StrEnum):
    """What a request would find."""

    ROOMY = "roomy"  # nothing stands in the way
    NEAR = "near"  # it fits, but others are asked first
    FULL = "full"  # it does not fit before `until`


@dataclass(frozen=True)
class Room:
    """What is left for one endpoint, over all buckets that it counts in."""

    level: Level = Level.ROOMY
    gauges: tuple[Gauge, ...] = ()  # the scarcest of each dimension that has a limit
    until: datetime | None = None  # of a full one; None: such a request never fits
    limit_in_s: int | None = None  # "limit in about N s"

    wait_s: float | None = 0.0  # until it fits; None: it never does

    @property
    def share(self) -> float:
        """What is left of the scarcest limit, 0 to 1; 1 where nothing limits."""
        parts = [g.left / g.most for g in self.gauges if g.left is not None and g.most]
        return min(1.0, *parts) if parts else 1.0

    def left(self, dimension: Dimension) -> int | None:
        found = (gauge.left for gauge in self.gauges if gauge.dimension is dimension)
        return next(found, None)


@dataclass(frozen=True)
class Shortage:
    """Why a call does not fit. `wait_s` None: a request of this size never does."""

    bucket: str
    dimension: Dimension
    wait_s: float | None


def gauge_of(dimension: Dimension, limit: int | None, reading: Reading, now: datetime) -> Gauge:
    """One dimension of one bucket. What a provider said holds until its reset, then our count."""
    mark = reading.mark
    most = (mark.limit(now) if mark else None) or limit
    recent = _recent(dimension, reading.amounts, now)
    if mark is not None and mark.left is not None and mark.holds(now):
        left = max(0, mark.left - reading.spent)
        reset_s = (mark.reset_at - now).total_seconds()
        runs_out = forecast.seconds_at_rate(left, recent, reset_s)
        return Gauge(dimension, most, left, reset_s, runs_out)
    if most is None:
        return Gauge(dimension, None, None, 0.0)
    left = max(0, most - reading.used)
    more_in_s = wait_for(dimension, reading.amounts, 1, now) if reading.used else 0.0
    if left * 2 >= most:
        return Gauge(dimension, most, left, more_in_s)
    if dimension.is_daily:
        runs_out = forecast.seconds_at_rate(left, recent, float(dimension.window_s))
    else:
        slot = dimension.slot_of(now)
        runs_out = forecast.seconds_to_limit(reading.amounts, slot, left, dimension.slots)
    return Gauge(dimension, most, left, more_in_s, runs_out)


@dataclass(frozen=True)
class Measure:
    """A bucket at one moment: each dimension's gauge, and what it was read from."""

    bucket: Bucket
    now: datetime
    dimensions: tuple[tuple[Gauge, Reading], ...]

    @classmethod
    def of(cls, bucket: Bucket, readings: Readings, now: datetime) -> Measure:
        """Only dimensions that are limited are kept."""
        found = []
        for dimension in Dimension:
            limit, reading = dimension.limit_in(bucket.limits), readings.get(dimension)
            if limit is None and (reading is None or reading.mark is None):
                continue
            reading = reading or _NOTHING
            gauge = gauge_of(dimension, limit, reading, now)
            if gauge.left is not None:
                found.append((gauge, reading))
        return cls(bucket, now, tuple(found))

    def shortage(self, tokens: int, spare_percent: int = 0) -> Shortage | None:
        """Why a call does not fit, or None."""
        for gauge, reading in self.dimensions:
            amount, left = gauge.dimension.amount(tokens), gauge.left or 0
            is_scarce = gauge.most is not None and left * 100 <= gauge.most * spare_percent
            if amount > left or (is_scarce and spare_percent):
                wait_s = _wait(gauge, reading, amount, self.now)
                return Shortage(self.bucket.name, gauge.dimension, wait_s)
        return None


_NOTHING = Reading()


def shortage_of(
    bucket: Bucket, readings: Readings, tokens: int, now: datetime, spare_percent: int
) -> Shortage | None:
    """Why a call does not fit into a bucket, or None."""
    return Measure.of(bucket, readings, now).shortage(tokens, spare_percent)


def _wait(gauge: Gauge, reading: Reading, amount: int, now: datetime) -> float | None:
    """Seconds until `amount` fits; None: it is larger than the limit."""
    if gauge.most is not None and amount > gauge.most:
        return None
    if reading.mark is not None and reading.mark.holds(now):
        return gauge.more_in_s
    needed = max(1, amount - (gauge.left or 0))
    return wait_for(gauge.dimension, reading.amounts, needed, now)


def wait_for(dimension: Dimension, amounts: Mapping[int, int], needed: int, now: datetime) -> float:
    """Seconds until so much has left the window; its whole length where that is not known."""
    gone = 0
    for slot in sorted(amounts):
        gone += amounts[slot]
        if gone >= needed:
            leaves = (slot + dimension.slots + 1) * dimension.slot_s
            return max(0.0, leaves - now.timestamp())
    return float(dimension.window_s)


def _recent(dimension: Dimension, amounts: Mapping[int, int], now: datetime) -> int:
    """What the last `forecast.RECENT_S` seconds took; of a day's slots, the last minute's share."""
    slot = dimension.slot_of(now)
    if dimension.is_daily:
        lately = amounts.get(slot, 0) + amounts.get(slot - 1, 0)
        return lately * forecast.RECENT_S // (2 * dimension.slot_s)
    return sum(amounts.get(slot - back, 0) for back in range(forecast.RECENT_S))


def room_of(measures: Sequence[Measure], tokens: int) -> Room:
    """What an endpoint has left over all its buckets, for a request of so many tokens."""
    scarcest: dict[Dimension, Gauge] = {}
    for measure in measures:
        for gauge, _ in measure.dimensions:
            known = scarcest.get(gauge.dimension)
            if known is None or (gauge.left or 0) < (known.left or 0):
                scarcest[gauge.dimension] = gauge
    gauges = tuple(scarcest.values())
    soonest = min((g.runs_out_in_s for g in gauges if g.runs_out_in_s is not None), default=None)
    shortages = [short for measure in measures if (short := measure.shortage(tokens))]
    if not shortages:
        is_near = any(gauge.is_near for gauge in gauges)
        return Room(Level.NEAR if is_near else Level.ROOMY, gauges, None, soonest)
    waits = [short.wait_s for short in shortages]
    longest = None if None in waits else max(wait for wait in waits if wait is not None)
    until = None if longest is None else measures[0].now + timedelta(seconds=longest)
    return Room(Level.FULL, gauges, until, soonest, longest)
