"""Redis is losable at any moment: limits hold without it, and it is filled when it is back."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from core.llm.budget import BudgetUsedUp, Span
from core.llm.ledger_calls import ANSWERED, Settlement
from core.llm.marks import Dimension
from core.llm.model import Usage
from core.llm.redis_windows import RedisCounters
from core.llm.windows import REST_S, LimitReached
from tests.integration.ledger_world import (
    FREE,
    PAID,
    budgets_of,
    call,
    ledger_over,
    limited,
    private_redis,
    rows,
)


@pytest.fixture
def server(tmp_path):
    with private_redis(tmp_path) as found:
        yield found


@pytest.fixture
def counters(server):
    found = RedisCounters(server.url)
    yield found
    found.close()


def take(ledger, endpoint, times: int) -> None:
    for _ in range(times):
        ledger.reserve(call(endpoint))


def test_a_limit_holds_while_redis_dies_and_after_it_is_back_empty(
    sqlite_database, clock, server, counters
) -> None:
    ledger = ledger_over(sqlite_database, clock, counters)
    endpoint = limited(rpm=10, rpd=1000, tpm=1_000_000)
    take(ledger, endpoint, 4)
    server.kill()
    clock.advance(1)
    take(ledger, endpoint, 3)
    server.start()
    clock.advance(REST_S + 1)
    take(ledger, endpoint, 3)

    with pytest.raises(LimitReached) as reached:
        ledger.reserve(call(endpoint))

    assert reached.value.shortage.dimension is Dimension.RPM
    assert len(rows(sqlite_database)) == 10
    assert server.client.hget("mask:limits:groq:org_1:fast", "rpmn") == b"10"
    ledger.rooms([endpoint])


def test_what_was_counted_without_redis_is_known_to_it_afterwards(
    sqlite_database, clock, server, counters
) -> None:
    """Redis was never empty: only this process could not reach it for a while."""
    endpoint = limited(rpm=10)
    with_redis = ledger_over(sqlite_database, clock, counters)
    lost = RedisCounters("redis://127.0.0.1:1/0")
    without = ledger_over(sqlite_database, clock, lost)
    take(with_redis, endpoint, 2)
    take(without, endpoint, 5)
    without._windows._counters = counters  # the way is open again
    clock.advance(REST_S + 1)
    take(without, endpoint, 1)

    assert with_redis.rooms([endpoint])[endpoint.name].left(Dimension.RPM) == 2
    lost.close()


def test_a_redis_that_is_away_is_not_asked_for_every_call(
    sqlite_database, clock, server, counters, monkeypatch
) -> None:
    ledger = ledger_over(sqlite_database, clock, counters)
    asked = []
    take_ = counters.take
    monkeypatch.setattr(counters, "take", lambda *args: (asked.append(1), take_(*args))[1])
    server.kill()

    take(ledger, FREE, 5)
    clock.advance(REST_S)
    take(ledger, FREE, 5)

    assert len(asked) <= 2
    server.start()


def test_marks_reach_other_processes_through_redis_before_the_call_is_settled(
    sqlite_database, clock, counters
) -> None:
    endpoint = limited(rpm=100)
    ledger = ledger_over(sqlite_database, clock, counters)
    other = ledger_over(sqlite_database, clock, counters)
    held = ledger.reserve(call(endpoint))

    ledger.learn(held, {"x-ratelimit-remaining-requests-minute": "1"})

    clock.advance(1)
    other.reserve(call(endpoint))
    with pytest.raises(LimitReached):
        other.reserve(call(endpoint))


def test_marks_survive_a_redis_that_lost_everything(database, clock, server, counters) -> None:
    endpoint = limited(rpm=100)
    ledger = ledger_over(database, clock, counters)
    held = ledger.reserve(call(endpoint))
    ledger.learn(held, {"x-ratelimit-remaining-requests-minute": "1"})
    ledger.settle(held, Settlement(ANSWERED, Usage(1, 1)))
    server.client.flushall()

    assert ledger.rooms([endpoint])[endpoint.name].left(Dimension.RPM) == 1


def test_a_call_that_the_budget_refuses_gives_its_room_back(
    sqlite_database, clock, counters
) -> None:
    ledger = ledger_over(sqlite_database, clock, counters)
    endpoint = replace(limited(PAID, rpm=1))
    with sqlite_database.write() as tx:
        budgets_of(sqlite_database, clock).set(tx, Span.DAY, 1)
    with pytest.raises(BudgetUsedUp):
        ledger.reserve(call(endpoint))
    with sqlite_database.write() as tx:
        budgets_of(sqlite_database, clock).set(tx, Span.DAY, None)

    ledger.reserve(call(endpoint))


def test_a_call_that_could_not_be_written_gives_its_room_back(
    sqlite_database, clock, counters
) -> None:
    ledger = ledger_over(sqlite_database, clock, counters)
    endpoint = limited(rpm=1)
    ledger.rooms([endpoint])
    with sqlite_database.write() as tx:
        tx.connection.exec_driver_sql("ALTER TABLE model_calls RENAME TO lost")
    with pytest.raises(sa.exc.DBAPIError):
        ledger.reserve(call(endpoint))
    with sqlite_database.write() as tx:
        tx.connection.exec_driver_sql("ALTER TABLE lost RENAME TO model_calls")

    ledger.reserve(call(endpoint))


def test_settling_gives_back_what_was_not_used(sqlite_database, clock, counters) -> None:
    ledger = ledger_over(sqlite_database, clock, counters)
    endpoint = limited(tpm=3000)
    held = ledger.reserve(call(endpoint, prompt=1000, output=1000))
    assert ledger.rooms([endpoint])[endpoint.name].left(Dimension.TPM) == 1000

    ledger.settle(held, Settlement(ANSWERED, Usage(300, 200)))

    assert ledger.rooms([endpoint])[endpoint.name].left(Dimension.TPM) == 2500


def test_nothing_in_redis_names_money_or_outlives_its_use(
    sqlite_database, clock, server, counters
) -> None:
    ledger = ledger_over(sqlite_database, clock, counters)
    ledger.reserve(call(replace(PAID, credential="k1")))

    names = server.client.keys("*")
    assert names
    for name in names:
        assert 0 < server.client.ttl(name) <= 26 * 3600
        fields = set(server.client.hgetall(name))
        assert not {field for field in fields if b"micros" in field}
