"""When a worker counts as deaf: the pure half of the watchdog."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.monitor.watchdog import Verdict, Watch, follow, judge

START = datetime(2026, 1, 1, tzinfo=UTC)


class Day:
    """Checks every ten seconds; echoes and the broker as the test says."""

    def __init__(self) -> None:
        self.now = START
        self.watch = Watch(START, START)
        self.echo_at: datetime | None = None
        self.verdicts: list[tuple[int, Verdict]] = []

    def run(self, seconds: int, *, echoes: bool, broker_is_up: bool = True) -> None:
        for _ in range(0, seconds, 10):
            self.now += timedelta(seconds=10)
            passed = int((self.now - START).total_seconds())
            if echoes and passed % 60 == 0:
                self.echo_at = self.now
            verdict = judge(self.watch, self.echo_at, self.now, broker_is_up=broker_is_up)
            self.watch = follow(self.watch, verdict, self.now, broker_is_up=broker_is_up)
            if verdict is not Verdict.WELL:
                self.verdicts.append((passed, verdict))


def test_a_worker_that_echoes_is_left_alone():
    day = Day()
    day.run(3600, echoes=True)
    assert day.verdicts == []


def test_three_missed_echoes_are_deafness_found_within_180_seconds():
    day = Day()
    day.run(600, echoes=True)
    day.run(180, echoes=False)
    assert day.verdicts == [(780, Verdict.DEAF)]


def test_a_worker_that_never_echoed_is_deaf_three_minutes_after_the_start():
    day = Day()
    day.run(180, echoes=False)
    assert day.verdicts == [(180, Verdict.DEAF)]


def test_it_is_asked_again_every_three_minutes_but_told_once_and_resolved_once():
    day = Day()
    day.run(600, echoes=False)
    day.run(600, echoes=True)
    kinds = [verdict for _, verdict in day.verdicts]
    assert kinds == [Verdict.DEAF, Verdict.STILL_DEAF, Verdict.STILL_DEAF, Verdict.BACK]


def test_a_broker_that_is_away_is_not_the_workers_fault():
    day = Day()
    day.run(600, echoes=True)
    day.run(1200, echoes=False, broker_is_up=False)
    assert day.verdicts == []
    day.run(170, echoes=False)
    assert day.verdicts == []
    day.run(10, echoes=False)
    assert [verdict for _, verdict in day.verdicts] == [Verdict.DEAF]


def test_a_machine_that_slept_gets_three_minutes_before_it_is_judged():
    day = Day()
    day.run(600, echoes=True)
    day.now += timedelta(hours=8)
    day.run(170, echoes=False)
    assert day.verdicts == []
