"""The runs as the rest of the house sees them: start, cancel, start anew, look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction
from core.errors import Refused
from core.runs import journal, statements
from core.runs.codec import encode
from core.runs.model import FINAL_RUN, Label, RunRow, RunState, StepRow, Workflow
from core.runs.ports import Wake
from core.runs.statements import HOLDS_LANE, RUN_COLUMNS
from core.runs.tables import runs


class Runs:
    """Use cases over runs; every method works inside the caller's transaction."""

    def __init__(self, clock: Clock, wake: Wake) -> None:
        self._clock = clock
        self._wake = wake

    def start(  # noqa: PLR0913 - keyword-only facts of the run
        self,
        tx: Transaction,
        workflow: Workflow,
        args: Any,
        *,
        lane: str | None = None,
        key: str | None = None,
        chat_id: int | None = None,
        reply_to: int | None = None,
        thread_id: str | None = None,
        title: str | None = None,
        label: Label = Label.OPEN,
    ) -> str | None:
        """Commit a READY run and hint it; None when `key` was used before."""
        values = {
            "workflow": workflow.name,
            "version": workflow.version,
            "args": encode(workflow.args, args),
            "title": title,
            "key": key,
            "lane": lane,
            "label": label,
            "chat_id": chat_id,
            "reply_to": reply_to,
            "thread_id": thread_id,
        }
        run_id = journal.insert_run(tx, values, self._clock.now())
        if run_id is not None:
            tx.after_commit(lambda: self._wake.run(run_id))
        return run_id

    def cancel(self, tx: Transaction, run_id: str) -> bool:
        """Ask for the end of a run; False when it has ended. A waiting run is made ready, so that
        a worker ends it; a running one is told within a fraction of a second."""
        now = self._clock.now()
        asked = tx.execute(
            sa.update(runs)
            .where(runs.c.id == run_id, runs.c.state.not_in(list(FINAL_RUN)))
            .values(cancel=True)
        )
        if asked.rowcount == 0:
            return False
        tx.execute(
            sa.update(runs)
            .where(runs.c.id == run_id, runs.c.state == RunState.WAITING)
            .values(state=RunState.READY, updated_at=now)
        )
        tx.after_commit(lambda: self._wake.run(run_id))
        return True

    def again(self, tx: Transaction, run_id: str) -> str | None:
        """Start a failed, stale or cancelled run anew, as a new run; None when it is going."""
        run = self.get(tx, run_id)
        if run is None:
            raise Refused("no-such-run")
        if run.state not in FINAL_RUN:
            return None
        values = {
            "workflow": run.workflow,
            "version": run.version,
            "args": run.args,
            "title": run.title,
            "lane": run.lane,
            "label": run.label,
            "chat_id": run.chat_id,
            "reply_to": run.reply_to,
            "thread_id": run.thread_id,
            "key": f"again:{run.id}",
        }
        new = journal.insert_run(tx, values, self._clock.now())
        if new is not None:
            tx.after_commit(lambda: self._wake.run(new))
        return new

    def get(self, tx: Transaction, run_id: str) -> RunRow | None:
        """One run."""
        return journal.load_run(tx, run_id)

    def steps(self, tx: Transaction, run_id: str) -> list[StepRow]:
        """A run's journal, in order."""
        return sorted(journal.load_steps(tx, run_id).values(), key=journal.by_position)

    def list(
        self,
        tx: Transaction,
        *,
        states: Sequence[RunState] | None = None,
        chat_id: int | None = None,
        workflows: Sequence[str] | None = None,
        limit: int = 20,
        before_seq: int | None = None,
    ) -> list[RunRow]:
        """Runs, newest first."""
        query = sa.select(*RUN_COLUMNS).order_by(runs.c.seq.desc()).limit(limit)
        if states is not None:
            query = query.where(runs.c.state.in_(list(states)))
        if chat_id is not None:
            query = query.where(runs.c.chat_id == chat_id)
        if workflows is not None:
            query = query.where(runs.c.workflow.in_(list(workflows)))
        if before_seq is not None:
            query = query.where(runs.c.seq < before_seq)
        return [journal.run_of(row) for row in tx.execute(query)]

    def released(self, tx: Transaction, chat_id: int) -> RunRow | None:
        """The newest run of a chat that waits for the owner or a place, and so holds nobody up."""
        row = tx.execute(statements.released_in_chat(), {"chat_id": chat_id}).first()
        return journal.run_of(row) if row else None

    def ahead(self, tx: Transaction, run_id: str) -> int:
        """How many runs hold its lane before it."""
        run = self.get(tx, run_id)
        if run is None or run.lane is None:
            return 0
        query = sa.select(sa.func.count()).where(
            runs.c.lane == run.lane, runs.c.seq < run.seq, HOLDS_LANE
        )
        return int(tx.execute(query).scalar_one())
