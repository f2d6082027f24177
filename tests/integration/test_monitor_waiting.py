"""The owner hears once when no worker takes a turn up, and once when that is over."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core.memory.preferences import Preferences
from core.monitor.waiting import WaitingTurns
from core.runs import journal
from core.runs.model import Done, RunState, workflow
from core.runs.notices import Level
from core.runs.ports import NoWake
from core.runs.runs import Runs


@dataclass(frozen=True)
class Words:
    text: str = ""


@workflow("talk", version=1, args=Words)
def talk(_words: Words):
    return Done()
    yield


@pytest.fixture
def told() -> list:
    return []


@pytest.fixture
def waiting(database, clock, told) -> WaitingTurns:
    preferences = Preferences(database, clock)
    return WaitingTurns(database, preferences, lambda _tx, notice: told.append(notice))


@pytest.fixture
def turn(database, clock):
    def begin(lane: str = "chat:1") -> str:
        with database.write() as tx:
            return Runs(clock, NoWake()).start(tx, talk, Words(), lane=lane)

    return begin


def levels(told) -> list:
    return [notice.params["level"] for notice in told]


def test_a_turn_that_nobody_takes_up_is_told_once(waiting, turn, clock, told) -> None:
    turn()
    clock.advance(9)
    assert waiting.check(clock.now()) == 0
    clock.advance(2)
    for _ in range(3):
        assert waiting.check(clock.now()) == 1
    assert levels(told) == [Level.PROBLEM]


def test_when_a_worker_takes_it_up_that_is_told_too(waiting, turn, clock, told, database) -> None:
    run_id = turn()
    clock.advance(11)
    waiting.check(clock.now())
    with database.write() as tx:
        run = journal.load_run(tx, run_id)
        lease = journal.Lease(run_id, "token")
        assert journal.take_lease(tx, run, lease, clock.now(), 4)
    assert waiting.check(clock.now()) == 0
    assert levels(told) == [Level.PROBLEM, Level.RESOLVED]


def test_a_turn_whose_worker_died_counts(waiting, turn, clock, database) -> None:
    run_id = turn()
    with database.write() as tx:
        run = journal.load_run(tx, run_id)
        journal.take_lease(tx, run, journal.Lease(run_id, "token"), clock.now(), 4)
    clock.advance(13)
    assert waiting.check(clock.now()) == 0
    clock.advance(2)
    assert waiting.check(clock.now()) == 1


def test_turns_behind_another_one_of_their_chat_do_not_count(
    waiting, turn, clock, database
) -> None:
    first = turn()
    turn()
    clock.advance(60)
    with database.write() as tx:
        run = journal.load_run(tx, first)
        journal.take_lease(tx, run, journal.Lease(first, "token"), clock.now(), 4)
    assert waiting.check(clock.now()) == 0
    with database.read() as tx:
        assert journal.load_run(tx, first).state is RunState.RUNNING
