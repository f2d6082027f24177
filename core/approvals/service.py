"""Approvals: the questions to the owner, from the engine that asks to the phone that answers.

Decides when a question is open, decided, too late or over. The engine's side implements
`core.runs.ports.Asking`; the bot's side takes taps; the two meet only in the `approvals` table, so
a restart of either loses nothing. Never runs anything and never signs anything: a yes becomes a
permission at the mint, and is checked where it runs.
"""

from __future__ import annotations

from functools import partial

from core.approvals import store
from core.approvals.model import Approval, State
from core.approvals.service_board import NOBODY
from core.approvals.service_engine import NO_OUTCOME, Questions
from core.approvals.service_owner import Decisions
from core.db import Transaction
from core.errors import Refused
from core.runs import journal
from core.runs.model import Kind


class Approvals(Questions, Decisions):
    """One per process at home; safe to share between threads."""

    def forget_past(self, tx: Transaction) -> int:
        """The database was restored: nothing in it that was open counts any more; how much. What
        is not final and may have run in the time that is lost is `unknown`."""
        waiting = store.in_states(tx, {State.QUEUED, *store.SHOWN})
        decided = store.in_states(tx, {State.APPROVED, State.RUNNING})
        for approval in waiting:
            self._close(tx, approval, State.EXPIRED)
        for approval in decided:
            self._forget_decided(tx, approval)
        for approval in (*waiting, *decided):
            self._record(tx, "forgotten", NOBODY, approval, was=approval.state.value)
        return len(waiting) + len(decided)

    def _forget_decided(self, tx: Transaction, approval: Approval) -> None:
        step = journal.load_steps(tx, approval.run_id).get(approval.position)
        if step is None or step.kind is not Kind.ONCE:
            self._close(tx, approval, State.LAPSED, grant_body=None, code=None)
            return
        error = Refused("restored-past", step=step.name).to_json()
        unknown = store.move(
            tx,
            approval,
            State.UNKNOWN,
            grant_body=None,
            code=None,
            ended_at=self._clock.now(),
            outcome={**NO_OUTCOME, "state": State.UNKNOWN.value, "error": error},
        )
        self._show(tx, unknown)
        tx.after_commit(partial(self._wake.run, approval.run_id))
