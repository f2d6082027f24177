"""Steps that are not the run's own next line: elements of a list, and results from other places.

Each takes its own lease; the last one to end makes the run ready.
"""

from __future__ import annotations

from dataclasses import replace

from core.db import Transaction
from core.errors import Refused
from core.ids import random_token
from core.runs import executor, journal
from core.runs.exchange_results import NodeResult
from core.runs.executor import Ended
from core.runs.journal import Lease
from core.runs.leases import LEASE_S, Held, LeaseKeeper
from core.runs.model import Gate, Kind, RunRow, RunState, StepRow, StepState
from core.runs.parts import Parts
from core.runs.ports import StepContext


class Parallel:
    """Runs one step of a waiting run at home, or takes its result from elsewhere."""

    def __init__(self, parts: Parts, keeper: LeaseKeeper) -> None:
        self._ = parts
        self._keeper = keeper

    def run_step(self, run_id: str, position: str) -> None:
        """One try of a pending step at home. Safe to call at any time."""
        lease = Lease(run_id, random_token(), position)
        with self._keeper.hold(lease) as held:
            while True:
                found = self._take(lease)
                if found is None:
                    return
                run, step = found
                ended = self._perform(held, run, step)
                if not self._save(lease, run, step, ended):
                    return

    def on_result(self, tx: Transaction, result: NodeResult) -> None:
        """A node's word about a step it was sent; a second word changes nothing."""
        run = journal.load_run(tx, result.run_id)
        if run is None:
            return
        step = journal.load_steps(tx, run.id).get(result.position)
        if step is None or step.state.is_final:
            return
        if step.state is StepState.PENDING:  # a restored journal may not know it was sent
            journal.move_step(tx, step, StepState.SENT, self._.clock.now())
            step = replace(step, state=StepState.SENT)
        notices = tuple(result.notices)
        ended = Ended(result.state, result.value, error=result.error, notices=notices)
        self._end(tx, run, step, ended)

    def on_given_up(self, tx: Transaction, run_id: str, position: str, place: str) -> None:
        """The place was away for too long: its step fails, and the workflow decides."""
        run = journal.load_run(tx, run_id)
        step = journal.load_steps(tx, run_id).get(position) if run else None
        if run is None or step is None or step.state.is_final:
            return
        error = Refused("place-stayed-away", place=place).to_json()
        self._end(tx, run, step, Ended(StepState.FAILED, error=error))

    def _take(self, lease: Lease) -> tuple[RunRow, StepRow] | None:
        now = self._.clock.now()
        with self._.db.write() as tx:
            run = journal.load_run(tx, lease.run_id)
            if run is None or run.state is not RunState.WAITING or run.cancel:
                return None
            step = journal.load_steps(tx, run.id).get(str(lease.position))
            if step is None or step.place != self._.home or step.gate is Gate.ASK:
                return None
            if not journal.take_step(tx, step, lease, now, LEASE_S):
                return None
            return run, replace(step, state=StepState.RUNNING, attempts=step.attempts + 1)

    def _perform(self, held: Held, run: RunRow, step: StepRow) -> Ended:
        bound = self._.registry.step(step.name)
        if bound.spec.kind is Kind.LOCAL:
            return self._local(run, step, held)
        context = self._context(held, run, step)
        held.deadline = context.deadline
        return executor.try_step(bound, self._.gate, context, step, self._.clock)

    def _local(self, run: RunRow, step: StepRow, held: Held) -> Ended:
        """A LOCAL step's effect and its done-mark share one transaction."""
        bound = self._.registry.step(step.name)
        with self._.db.write() as tx:
            savepoint = tx.connection.begin_nested()
            context = replace(self._context(held, run, step), transaction=tx)
            ended = executor.run_once(bound, context, step, self._.clock.now())
            if ended.state is not StepState.DONE:
                savepoint.rollback()
                return ended
            savepoint.commit()
            self._end(tx, run, step, ended)
        return ended

    def _save(self, lease: Lease, run: RunRow, step: StepRow, ended: Ended) -> bool:
        """Journal the end; True when the step should be taken again at once (it was prepared)."""
        with self._.db.write() as tx:
            if not journal.holds_step(tx, lease):
                return False  # a LOCAL step that is done, or somebody else took over
            self._end(tx, run, step, ended)
        return ended.gate is Gate.AUTO and ended.state is StepState.PENDING

    def _end(self, tx: Transaction, run: RunRow, step: StepRow, ended: Ended) -> None:
        self._.ends.step(tx, step, ended, run)
        self._ready_when_all_ended(tx, run)

    def _ready_when_all_ended(self, tx: Transaction, run: RunRow) -> None:
        now = self._.clock.now()
        if not journal.open_steps(tx, run.id):
            journal.make_ready(tx, run.id, now)
            tx.after_commit(lambda: self._.wake.run(run.id))

    def _context(self, held: Held, run: RunRow, step: StepRow) -> StepContext:
        timeout_s = self._.registry.step(step.name).spec.timeout_s
        return StepContext(
            run=run,
            position=step.position,
            cancel=held.cancel,
            deadline=self._.clock.monotonic() + timeout_s,
            label=run.label,
        )
