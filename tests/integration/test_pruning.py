"""What is old enough goes, by the ages of `core/runs/pruning.py`; nothing else does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import sqlalchemy as sa

from core.runs import journal, pruning
from core.runs.blobs import Blobs
from core.runs.intake import Intake, IntakeState
from core.runs.mailbox import Mailbox
from core.runs.model import Done, Label, RunState, workflow
from core.runs.notices import Notice
from core.runs.ports import NoWake
from core.runs.runs import Runs
from core.runs.tables import blob_parts, blobs, intake, notices, runs


@dataclass(frozen=True)
class Nothing:
    """No arguments."""


def flow(name: str):
    @workflow(name, version=1, args=Nothing)
    def body(_nothing: Nothing):
        return Done()
        yield

    return body


def prune(db, clock) -> dict[str, int]:
    room = pruning.PruningRoom(clock)
    with db.write() as tx:
        return pruning.prune.handler(room, SimpleNamespace(transaction=tx), pruning.PruneAsked())


def run_of(db, clock, name: str, state: RunState | None) -> str:
    with db.write() as tx:
        run_id = Runs(clock, NoWake()).start(tx, flow(name), Nothing())
        if state is not None:
            run = journal.load_run(tx, run_id)
            lease = journal.Lease(run_id, run_id[:22])
            journal.take_lease(tx, run, lease, clock.now(), 4)
            journal.move_run(tx, journal.still_mine(tx, lease), state, clock.now())
    return run_id


def left(db, column) -> list:
    with db.read() as tx:
        return sorted(tx.execute(sa.select(column)).scalars())


def test_echoes_go_after_a_day_other_runs_after_ninety_and_open_ones_never(database, clock) -> None:
    run_of(database, clock, "echo", RunState.DONE)
    turn = run_of(database, clock, "chat_turn", RunState.FAILED)
    still_open = run_of(database, clock, "chat_turn", None)
    clock.advance(timedelta(days=2).total_seconds())
    assert prune(database, clock)["runs"] == 1
    assert left(database, runs.c.id) == sorted([turn, still_open])
    clock.advance(timedelta(days=90).total_seconds())
    prune(database, clock)
    assert left(database, runs.c.id) == [still_open]


def test_updates_go_a_week_after_their_end(database, clock) -> None:
    kept = Intake(database)
    kept.keep("1", [(1, "{}"), (2, "{}")], clock.now())
    with database.write() as tx:
        first = kept.waiting("1")[0]
        kept.end(tx, first.seq, IntakeState.DONE, clock.now())
    clock.advance(timedelta(days=6).total_seconds())
    assert prune(database, clock)["intake"] == 0
    clock.advance(timedelta(days=2).total_seconds())
    assert prune(database, clock)["intake"] == 1
    assert left(database, intake.c.update_id) == [2]


def test_notices_go_ninety_days_after_they_ended_and_unsent_ones_stay(database, clock) -> None:
    box = Mailbox(database, clock, NoWake())
    sent, unsent = (box.post(Notice("text", {}, chat_id=1)) for _ in range(2))
    with database.write() as tx:
        box.begin(tx, sent)
        box.sent(tx, sent, [10])
    clock.advance(timedelta(days=91).total_seconds())
    assert prune(database, clock)["notices"] == 1
    assert left(database, notices.c.id) == [unsent]


def kept(db, clock, content: bytes) -> str:
    with db.write() as tx:
        return Blobs(db, clock, "home").keep(tx, content, Label.OPEN, "image/png").sha256


def test_a_picture_goes_after_the_run_and_the_notice_that_refer_to_it(database, clock) -> None:
    run_of(database, clock, "cost_chart", RunState.DONE)
    picture = kept(database, clock, b"a picture")
    box = Mailbox(database, clock, NoWake())
    notice = box.post(Notice("cost-chart", {"blob": picture}, chat_id=1))
    clock.advance(timedelta(days=95).total_seconds())
    assert prune(database, clock)["blobs"] == 0, "its notice has not been sent"
    with database.write() as tx:
        box.begin(tx, notice)
        box.sent(tx, notice, [10])
    newer = kept(database, clock, b"another")
    assert prune(database, clock)["blobs"] == 1
    assert left(database, blobs.c.sha256) == [newer]
    assert left(database, blob_parts.c.sha256) == [newer]


def test_content_stays_while_a_run_that_may_refer_to_it_is_open(database, clock) -> None:
    document = kept(database, clock, b"a document")
    clock.advance(timedelta(hours=20).total_seconds())
    run_of(database, clock, "files", None)
    clock.advance(timedelta(days=200).total_seconds())
    prune(database, clock)
    assert left(database, blobs.c.sha256) == [document]


def test_content_that_is_kept_again_stays_as_if_it_were_new(database, clock) -> None:
    same = kept(database, clock, b"the same document")
    clock.advance(timedelta(days=200).total_seconds())
    kept(database, clock, b"the same document")
    prune(database, clock)
    assert left(database, blobs.c.sha256) == [same]
