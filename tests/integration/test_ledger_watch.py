"""The watcher tells of a day's limit once, and once when there is room again."""

from __future__ import annotations

from core.llm.limit_watch import LimitWatch
from tests.integration.ledger_world import call, ledger_over, limited


def test_a_daily_limit_is_told_once_when_near_and_once_when_over(sqlite_database, clock) -> None:
    ledger = ledger_over(sqlite_database, clock)
    endpoint, told = limited(rpd=10, rpm=1000), []
    watch = LimitWatch(
        sqlite_database,
        lambda: ledger.rooms([endpoint]),
        lambda _tx, notice: told.append((notice.params["level"], notice.params["values"]["left"])),
    )
    for _ in range(9):
        assert watch.look() == {}
        ledger.reserve(call(endpoint))

    for _ in range(3):
        watch.look()
    clock.advance(24 * 3600 + 60)
    for _ in range(3):
        watch.look()

    assert told == [("notice", 1), ("resolved", 1)]


def test_a_limit_per_minute_is_no_news(sqlite_database, clock) -> None:
    ledger = ledger_over(sqlite_database, clock)
    endpoint, told = limited(rpm=2), []
    watch = LimitWatch(
        sqlite_database,
        lambda: ledger.rooms([endpoint]),
        lambda _tx, notice: told.append(notice),
    )
    for _ in range(2):
        ledger.reserve(call(endpoint))

    assert watch.look() == {}
    assert told == []
