"""The fast counters: one hash per bucket in Redis, every question one Lua script.

Holds counts and marks, no text, no keys of providers, no money. Whoever can write to Redis can at
most make a limit look full or empty: budgets are in the database alone.

A hash has, per dimension `d` (rpm, tpm, rpd, tpd): `do` the oldest slot that counts, `dw` the
newest, `dn` the sum, `d:<slot>` the amounts; of the mark `dM` limit, `dL` left, `dR` reset, `dS`
seen (milliseconds), `dP` spent since. `warm` says that it was filled from the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import redis

from core.broker import KEY_PREFIX, SOCKET_OPTIONS
from core.db import EPOCH
from core.llm.gauges import Reading, Readings, Shortage
from core.llm.marks import Bucket, Dimension, Mark
from core.llm.redis_scripts import FILL, GIVE, LOOK, MARK, TAKE
from core.llm.windows import Cold, CountersAway

#: A call does not wait longer for a Redis that hangs; the record counts instead.
PATIENCE_S = 0.5
#: A bucket that nobody asks for is forgotten after so long.
KEPT_S = 26 * 3600

_MILLISECOND = timedelta(milliseconds=1)


class RedisCounters:
    """`core.llm.windows.Counters` over Redis. Opens nothing before the first question."""

    def __init__(self, url: str) -> None:
        options = {
            **SOCKET_OPTIONS,
            "socket_timeout": PATIENCE_S,
            "socket_connect_timeout": PATIENCE_S,
        }
        self._redis = redis.Redis.from_url(url, **options)
        self._names: dict[str, str] = {}  # scripts by their text, once Redis knows them

    def take(
        self, buckets: Sequence[Bucket], tokens: int, now: datetime, spare_percent: int
    ) -> Shortage | None:
        args = [_ms(now), tokens, spare_percent, *_limits(buckets)]
        state, *more = self._ask(TAKE, _keys(buckets), args)
        if state == b"cold":
            raise Cold([buckets[at - 1].name for at in more])
        if state == b"taken":
            return None
        at, dimension, wait_ms = more
        wait_s = None if wait_ms < 0 else wait_ms / 1000
        return Shortage(buckets[at - 1].name, Dimension(dimension.decode()), wait_s)

    def give(self, buckets: Sequence[Bucket], requests: int, tokens: int, began: datetime) -> None:
        self._ask(GIVE, _keys(buckets), [_ms(began), requests, tokens])

    def mark(self, bucket: str, marks: Sequence[Mark], now: datetime) -> None:
        args = [each for mark in marks for each in _written(mark)]
        self._ask(MARK, [_key(bucket)], [_ms(now), KEPT_S, *args])

    def look(self, buckets: Sequence[Bucket], now: datetime) -> list[Readings]:
        found = self._ask(LOOK, _keys(buckets), [_ms(now), *_limits(buckets)])
        cold = [bucket.name for bucket, each in zip(buckets, found, strict=True) if not each]
        if cold:
            raise Cold(cold)
        return [dict(_readings(each)) for each in found]

    def fill(self, bucket: str, readings: Readings, now: datetime) -> None:
        args: list[Any] = [_ms(now), KEPT_S]
        for dimension in Dimension:
            reading = readings.get(dimension, Reading())
            mark = [*_written(reading.mark)[1:], reading.spent] if reading.mark else []
            pairs = [value for pair in reading.amounts.items() for value in pair]
            args += [dimension.value, len(mark), *mark, len(pairs), *pairs]
        self._ask(FILL, [_key(bucket)], args)

    def close(self) -> None:
        self._redis.close()

    def _ask(self, script: str, keys: list[str], args: list[Any]) -> Any:
        """Run a script. All are loaded ahead: the practice Redis closes the connection of whoever
        names one that it does not know."""
        try:
            if script not in self._names:
                self._load()
            try:
                return self._redis.evalsha(self._names[script], len(keys), *keys, *args)
            except redis.exceptions.NoScriptError:
                self._load()  # it was started anew
                return self._redis.evalsha(self._names[script], len(keys), *keys, *args)
        except (redis.RedisError, OSError) as error:
            raise CountersAway(type(error).__name__) from error

    def _load(self) -> None:
        for script in (TAKE, GIVE, MARK, LOOK, FILL):
            self._names[script] = str(self._redis.script_load(script))


def _key(bucket: str) -> str:
    return f"{KEY_PREFIX}limits:{bucket}"


def _keys(buckets: Sequence[Bucket]) -> list[str]:
    return [_key(bucket.name) for bucket in buckets]


def _limits(buckets: Sequence[Bucket]) -> list[int]:
    """Four figures a bucket, in the dimensions' order; 0: no limit."""
    return [each.limit_in(bucket.limits) or 0 for bucket in buckets for each in Dimension]


def _ms(moment: datetime) -> int:
    return (moment - EPOCH) // _MILLISECOND


def _written(mark: Mark) -> list[Any]:
    most = -1 if mark.most is None else mark.most
    left = -1 if mark.left is None else mark.left
    return [mark.dimension.value, most, left, _ms(mark.reset_at), _ms(mark.seen_at)]


def _readings(answer: bytes) -> Iterator[tuple[Dimension, Reading]]:
    """Per dimension, divided by `;`: used, limit, left, reset, seen, spent, then slot and amount in
    turns; nothing where nothing limits it."""
    moment = partial(datetime.fromtimestamp, tz=UTC)
    for dimension, values in zip(Dimension, answer.split(b";"), strict=True):
        if not values:
            continue
        used, most, left, reset_ms, seen_ms, spent, *pairs = map(int, values.split())
        mark = None
        if seen_ms:
            mark = Mark(
                dimension,
                None if most < 0 else most,
                None if left < 0 else left,
                moment(reset_ms / 1000),
                moment(seen_ms / 1000),
            )
        amounts = dict(zip(pairs[::2], pairs[1::2], strict=True))
        yield dimension, Reading(used, amounts, mark, spent)
