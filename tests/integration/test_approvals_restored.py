"""Law 11: a restored past does not act."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.approvals.audit import Audit
from core.approvals.audit_chain import Head
from core.approvals.incarnation import Incarnation, Mark, Record
from core.approvals.model import State
from core.approvals.tables import audit
from core.clock import ManualClock
from core.db import Database, open_sqlite
from core.errors import Refused
from core.runs.model import Kind, RunState, StepState
from core.runs.tables import steps
from tests.conftest import TEST_KEY
from tests.integration.approvals_world import World


class Home(World):
    """A world whose audit feeds the record, as wiring does it."""

    def __init__(self, db: Database, clock: ManualClock, folder: Path) -> None:
        self.record = Record(folder)
        super().__init__(db, clock)
        self.life = Incarnation(
            db,
            clock,
            self.values,
            self.audit,
            self.record,
            self.wakes,
            self.approvals.forget_past,
            self.mailbox.put,
        )

    def settle(self) -> int:
        self.incarnation = self.life.settle()
        return self.incarnation

    def head(self) -> Head:
        with self.db.read() as tx:
            found = self.audit.head(tx)
        assert found is not None
        return found


@pytest.fixture
def home(database: Database, clock: ManualClock, tmp_path: Path) -> Home:
    found = Home(database, clock, tmp_path)
    found.settle()
    return found


def follow(home: Home) -> None:
    """What `Audit(seen=...)` does after each commit."""
    home.record.seen(home.head())


def test_a_first_start_is_the_first_incarnation_and_further_ones_change_nothing(
    home: Home,
) -> None:
    assert [home.settle(), home.settle()] == [1, 1]
    home.ask()
    follow(home)
    assert home.settle() == 1


def test_a_database_behind_its_record_was_restored(home: Home) -> None:
    step, open_ = home.ask()
    decided_step, decided = home.ask(argv=["echo", "yes"])
    home.approve(decided)
    permit = home.verdict(decided_step).permit
    home.record.keep(Mark(1, Head(home.head().seq + 5, "f" * 64)))  # it has been further than this
    assert home.settle() == 2
    assert home.get(open_).state is State.EXPIRED
    assert home.get(decided).state is State.UNKNOWN
    assert state_of(home, step) == state_of(home, decided_step) == StepState.UNKNOWN
    assert home.run_of(step).state is RunState.READY
    assert home.mailbox.params(decided)["outcome"]["error"]["code"] == "restored-past"
    with home.db.write() as tx, pytest.raises(Refused, match="grant-boot"):
        guard_admits(home, tx, decided_step, permit)
    assert home.settle() == 2


def guard_admits(home: Home, tx, step, permit) -> None:
    from core.runs.model import Action, Label
    from tests.integration.approvals_world import SPEC

    action = Action(step.action["canonical"], step.action["digest"])
    home.guard().admit(tx, SPEC, action, Label.OPEN, permit)


def state_of(home: Home, step) -> StepState:
    with home.db.read() as tx:
        query = sa.select(steps.c.state).where(steps.c.run_id == step.run_id)
        return StepState(tx.execute(query).scalar_one())


def test_what_may_be_repeated_is_asked_anew_after_a_restore(home: Home) -> None:
    step, approval = home.ask(kind=Kind.READ)
    home.approve(approval)
    home.record.keep(Mark(1, Head(99, "f" * 64)))
    home.settle()
    assert home.get(approval).state is State.LAPSED
    assert home.verdict(step).state == "lapsed"
    assert state_of(home, step) is StepState.PENDING


def test_a_step_without_a_question_becomes_unknown_too(home: Home) -> None:
    with home.db.write() as tx:
        run = home.run(tx)
        step = home.step(tx, run, state=StepState.RUNNING)
    home.record.keep(Mark(1, Head(99, "f" * 64)))
    home.settle()
    assert state_of(home, step) is StepState.UNKNOWN


def test_a_database_on_another_disk_without_a_record_was_restored(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    Home(database, clock, tmp_path / "old").settle()
    assert Home(database, clock, tmp_path / "new").settle() == 2


def test_an_empty_database_beside_an_old_record_goes_on_counting(
    empty: Database, clock: ManualClock, tmp_path: Path
) -> None:
    Record(tmp_path).keep(Mark(7, Head(100, "a" * 64)))
    assert Home(empty, clock, tmp_path).settle() == 8


@pytest.fixture
def empty(sqlite_database: Database) -> Database:
    return sqlite_database


def test_a_database_from_before_there_were_incarnations_is_the_first(
    sqlite_database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    with sqlite_database.write() as tx:
        Audit(clock).record(tx, "paired", "telegram:42")
    assert Home(sqlite_database, clock, tmp_path).settle() == 1


def test_the_file_put_back_over_a_newer_one_is_noticed(
    clock: ManualClock, tmp_path: Path, sqlite_database: Database
) -> None:
    """The whole thing with files, as a restore does it."""
    home = Home(sqlite_database, clock, tmp_path)
    home.settle()
    step, approval = home.ask()
    home.approve(approval)
    follow(home)
    with sqlite_database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    file = tmp_path / "memory.db"
    shutil.copy(file, tmp_path / "backup.db")
    with home.db.write() as tx:  # it runs, and ends
        home.approvals.began(tx, home_run(home, tx, step), step)
    follow(home)
    sqlite_database.close()
    for name in ("memory.db-wal", "memory.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup.db", file)
    restored = open_sqlite(file, TEST_KEY)
    try:
        again = Home(restored, clock, tmp_path)
        assert again.settle() == 2
        assert again.get(approval).state is State.UNKNOWN
        assert state_of(again, step) is StepState.UNKNOWN
        assert again.mint.mint_due() == 0
    finally:
        restored.close()


def home_run(home: Home, tx, step):
    from core.runs import journal

    run = journal.load_run(tx, step.run_id)
    assert run is not None
    return run


def test_a_node_that_knows_more_than_home_raises_the_incarnation_once(home: Home) -> None:
    _, approval = home.ask()
    known, newer = home.head(), Head(home.head().seq + 3, "e" * 64)
    with home.db.write() as tx:
        assert not home.life.reported(tx, "pc", known)
        assert home.life.reported(tx, "pc", newer)
        assert not home.life.reported(tx, "pc", newer)
        assert home.life.current(tx) == 2
        kinds = tx.execute(sa.select(audit.c.kind)).scalars().all()
    assert home.get(approval).state is State.EXPIRED
    assert {"head-unknown", "restored"} <= set(kinds)
    assert "alert:node-pc:audit-behind" in home.mailbox.cards
    assert home.settle() == 2


def test_a_row_that_was_changed_behind_a_nodes_back_is_reported_too(home: Home) -> None:
    home.ask()
    head = home.head()
    with home.db.write() as tx:
        assert home.life.reported(tx, "pc", Head(head.seq, "0" * 64))


def test_the_record_only_rises_and_survives_nonsense(tmp_path: Path) -> None:
    record = Record(tmp_path)
    assert record.read() is None
    record.keep(Mark(2, Head(5, "a" * 64)))
    record.keep(Mark(1, Head(9, "b" * 64)))
    record.keep(Mark(2, Head(4, "c" * 64)))
    assert record.read() == Mark(2, Head(5, "a" * 64))
    record.seen(Head(6, "d" * 64))
    assert record.read() == Mark(2, Head(6, "d" * 64))
    (tmp_path / "keys" / "incarnation").write_text("{}", "utf-8")
    with pytest.raises(Refused, match="incarnation-damaged"):
        record.read()


def test_a_start_cut_off_while_raising_raises_again_and_never_less(home: Home) -> None:
    home.record.keep(Mark(1, Head(99, "f" * 64)))
    home.record.keep(Mark(2))  # written first; then the process was killed
    assert home.settle() == 3
