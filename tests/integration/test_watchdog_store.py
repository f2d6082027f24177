"""The watchdog over a database: restart requests, one alert, and back to normal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.clock import SystemClock
from core.ids import new_id
from core.memory.preferences import Preferences
from core.monitor.echo import last_echo
from core.monitor.steps import FactsWanted, Room, node_facts
from core.monitor.watchdog import Verdict, Watchdog
from core.runs.model import Label, RunState
from core.runs.tables import runs


def echo_came(database, now, *, workflow="echo", state=RunState.DONE):
    with database.write() as tx:
        tx.execute(
            sa.insert(runs).values(
                id=new_id(),
                workflow=workflow,
                version=1,
                args={},
                round=0,
                state=state,
                label=Label.OPEN,
                cancel=False,
                attempts=0,
                created_at=now,
                updated_at=now,
            )
        )


@pytest.fixture
def told():
    return []


@pytest.fixture
def make(database, clock, tmp_path, told):
    def build():
        return Watchdog(
            database,
            Preferences(database, clock),
            lambda _tx, notice: told.append(notice),
            tmp_path / "run",
            clock.now(),
        )

    return build


def test_only_a_finished_echo_counts(database, clock):
    with database.read() as tx:
        assert last_echo(tx) is None
    echo_came(database, clock.now(), workflow="chat")
    echo_came(database, clock.now(), state=RunState.FAILED)
    with database.read() as tx:
        assert last_echo(tx) is None
    echo_came(database, clock.now())
    echo_came(database, clock.now() - timedelta(hours=1))
    with database.read() as tx:
        assert last_echo(tx) == clock.now()


def test_a_deaf_worker_is_restarted_and_told_once_and_resolved(
    make, database, clock, tmp_path, told
):
    dog = make()
    request = tmp_path / "run" / "restart-worker"
    for _ in range(40):
        clock.advance(10)
        dog.check(clock.now())
    assert request.exists()
    request.unlink()
    assert [notice.params["level"] for notice in told] == ["problem"]
    dog = make()  # the bot was restarted meanwhile: the owner is not told again
    for _ in range(20):
        clock.advance(10)
        dog.check(clock.now())
    assert request.exists()
    assert len(told) == 1
    echo_came(database, clock.now())
    clock.advance(10)
    assert dog.check(clock.now()) is Verdict.BACK
    assert [notice.params["level"] for notice in told] == ["problem", "resolved"]
    assert len({notice.key for notice in told}) == 1
    assert [path.name for path in request.parent.iterdir()] == ["restart-worker"]


def test_the_facts_of_this_machine_are_read_and_true(tmp_path):
    room = Room(SystemClock(), tmp_path / "not" / "yet" / "there")
    facts = node_facts.handler(room, None, FactsWanted())
    assert facts.free_disk_bytes > 0
    assert facts.cpus >= 1
    assert not Path(room.home).exists()
