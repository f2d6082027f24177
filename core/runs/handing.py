"""Handing out: list elements go to the pool, distant steps to the outboxes of their places.

Decides what the run then waits for. An element that waits for the owner holds up neither its
siblings nor the lane; only when nothing else goes on does the run wait for the owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from core.db import Transaction
from core.errors import MaskError
from core.runs import journal
from core.runs.executor import Ended
from core.runs.gating import Gating
from core.runs.model import Gate, RunRow, RunState, StepRow, StepState, Waiting
from core.runs.parts import Parts
from core.runs.ports import Permit, Phase


class HandOut:
    """Used by the engine for open steps that it does not run itself."""

    def __init__(self, parts: Parts, gating: Gating) -> None:
        self._ = parts
        self._gating = gating

    def give(self, tx: Transaction, run: RunRow, open_steps: Sequence[StepRow]) -> list[StepRow]:
        """Everything that may go, goes; the rows as they are now. The run is parked unless one of
        them has ended on the way: then the workflow may have something to say."""
        rows = [self._give(tx, run, step) for step in open_steps]
        if not any(row.state.is_final for row in rows):
            self.park(tx, run, *self._gating.waits_for(rows))
        return rows

    def park(
        self, tx: Transaction, run: RunRow, waiting: Waiting, what: str, **values: object
    ) -> None:
        """Put the run down; others of its lane may begin unless it waits for itself."""
        now = self._.clock.now()
        journal.move_run(
            tx, run, RunState.WAITING, now, waiting=waiting, waiting_for=what, attempts=0, **values
        )
        if not waiting.holds_lane:
            self._.ends.free_lane(tx, run)

    # -- inside

    def _give(self, tx: Transaction, run: RunRow, step: StepRow) -> StepRow:
        permit = None
        if step.state is StepState.PENDING and self._gating.is_gated(step):
            turn = self._gating.turn(tx, run, step)
            if turn.may != "go":
                return turn.step
            step, permit = turn.step, turn.permit
        if step.place != self._.home:
            is_pending = step.state is StepState.PENDING
            return self._send(tx, run, step, permit) if is_pending else step
        if step.gate is Gate.ASK and step.not_before is None:
            # Says to sweepers that the owner's yes was seen: the hint may be lost.
            now = self._.clock.now()
            journal.note_step(tx, step, not_before=now)
            step = replace(step, not_before=now)
        tx.after_commit(partial(self._.wake.step, step.run_id, step.position))
        return step

    def _send(self, tx: Transaction, run: RunRow, step: StepRow, permit: Permit | None) -> StepRow:
        """Into the outbox of its place, unless the place may not have it."""
        only_prepares = self._gating.is_gated(step) and step.action is None
        phase: Phase = "prepare" if only_prepares else "perform"
        sent = replace(step, attempts=step.attempts + 1)
        savepoint = tx.connection.begin_nested()
        try:
            self._.send(tx, run, sent, phase, permit)
        except MaskError as error:
            savepoint.rollback()
            refused = Ended(StepState.REFUSED, error=error.to_json())
            return self._.ends.step(tx, step, refused, run)[1]
        savepoint.commit()
        journal.move_step(tx, step, StepState.SENT, self._.clock.now(), attempts=sent.attempts)
        if step.gate is Gate.ASK:
            self._.asking.began(tx, run, sent)
        return replace(sent, state=StepState.SENT)
