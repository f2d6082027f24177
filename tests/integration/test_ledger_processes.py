"""Several processes, one ledger: what fits is decided one by one, also when some are killed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.clock import SystemClock
from core.llm.budget import Span
from core.llm.ledger_calls import CUT_OFF
from core.llm.redis_windows import RedisCounters
from tests.integration.ledger_processes import (
    PATIENCE_S,
    SPAWN,
    address_of,
    settle_until_killed,
    together,
)
from tests.integration.ledger_world import (
    PAID,
    assert_sums_fit,
    budgets_of,
    call,
    ledger_over,
    limited,
    private_redis,
    rows,
)

EACH = 2_000


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    with private_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


def test_ten_calls_at_99_per_cent_exactly_those_that_fit_are_made(
    database, tmp_path, redis_url
) -> None:
    """Law 7. 300 calls fit into a day's budget, 297 are made; five processes try two more each."""
    clock = SystemClock()
    with database.write() as tx:
        budgets_of(database, clock).set(tx, Span.DAY, 300 * EACH)
    ledger = ledger_over(database, clock, api_limit=100_000)
    wide = replace(PAID, limits=replace(PAID.limits, rpm=100_000))
    for _ in range(297):
        ledger.reserve(call(wide))

    granted = together(5, address_of(database, tmp_path), redis_url, wide, 2)

    assert sum(granted) == 3
    assert len(rows(database)) == 300
    assert_sums_fit(database)


@pytest.mark.parametrize("with_redis", [True, False])
def test_no_two_processes_take_the_same_room(database, tmp_path, redis_url, with_redis) -> None:
    endpoint = replace(limited(rpd=25), organisation=tmp_path.name)

    granted = together(
        6, address_of(database, tmp_path), redis_url if with_redis else None, endpoint, 8
    )

    assert sum(granted) == 25
    assert len(rows(database)) == 25


def test_processes_with_and_without_redis_count_together_afterwards(
    database, tmp_path, redis_url
) -> None:
    endpoint = replace(limited(rpd=20), organisation=tmp_path.name)
    address = address_of(database, tmp_path)
    assert sum(together(2, address, None, endpoint, 6)) == 12

    granted = sum(together(2, address, redis_url, endpoint, 12))

    assert granted == 8


def test_killed_processes_leave_calls_that_are_marked_and_sums_that_fit(database, tmp_path) -> None:
    ready = SPAWN.Queue()
    address = address_of(database, tmp_path)
    wide = replace(PAID, limits=replace(PAID.limits, rpm=100_000))
    workers = [
        SPAWN.Process(target=settle_until_killed, args=(address, wide, number, ready))
        for number in range(4)
    ]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.get(timeout=PATIENCE_S)
    for worker in workers:
        worker.kill()
        worker.join(PATIENCE_S)
        assert worker.exitcode
    assert_sums_fit(database)

    marked = ledger_over(database, SystemClock()).recover(older_than_s=0)

    assert marked == 8
    cut_off = [row for row in rows(database) if row.outcome == CUT_OFF]
    assert [row.micros for row in cut_off] == [EACH] * 8
    assert_sums_fit(database)


def test_the_counters_open_nothing_before_they_are_asked() -> None:
    RedisCounters("redis://127.0.0.1:1/0").close()
