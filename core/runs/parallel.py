"""Steps that are not the run's own next line: elements of a list, and results from other places.

Each takes its own lease; the last one to end makes the run ready.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from core.db import Transaction
from core.errors import Refused
from core.ids import random_token
from core.runs import executor, journal
from core.runs.exchange_results import NodeResult
from core.runs.executor import Ended
from core.runs.gating import Entry, Gating, Turn
from core.runs.journal import Lease
from core.runs.leases import LEASE_S, Held, LeaseKeeper
from core.runs.model import Gate, Kind, RunRow, RunState, StepRow, StepState
from core.runs.parts import Parts
from core.runs.ports import StepContext

log = structlog.get_logger(__name__)


class Parallel:
    """Runs one step of a waiting run at home, or takes its result from elsewhere."""

    def __init__(self, parts: Parts, keeper: LeaseKeeper) -> None:
        self._ = parts
        self._keeper = keeper
        self._gating = Gating(parts)

    def run_step(self, run_id: str, position: str) -> None:
        """One try of a pending step at home. Safe to call at any time."""
        lease = Lease(run_id, random_token(), position)
        with self._keeper.hold(lease) as held:
            while found := self._take(lease):
                run, turn = found
                ended, step = self._perform(held, run, turn)
                if ended is None or not self._save(lease, step, ended):
                    return

    def on_result(self, tx: Transaction, result: NodeResult) -> None:
        """A node's word about a step it was sent; a second word changes nothing, but that it may
        tell the owner of what nobody knew."""
        run = journal.load_run(tx, result.run_id)
        step = journal.load_steps(tx, result.run_id).get(result.position) if run else None
        if run is None or step is None:
            return
        if step.state.is_final:
            self._heard_late(tx, run, step, result)
            return
        if step.state is StepState.PENDING and step.attempts == 0:
            # A restored journal may not know that it was sent.
            journal.move_step(tx, step, StepState.SENT, self._.clock.now())
            step = replace(step, state=StepState.SENT, attempts=result.attempt)
        if step.state is not StepState.SENT or step.attempts != result.attempt:
            log.info("result-late", run=run.id, step=step.position, attempt=result.attempt)
            return
        self._end(tx, step, self._gating.heard(tx, run, step, result))

    def on_given_up(self, tx: Transaction, run_id: str, position: str, place: str) -> None:
        """The place was away for too long: its step fails, and the workflow decides. What must not
        be repeated may have reached it all the same."""
        run = journal.load_run(tx, run_id)
        step = journal.load_steps(tx, run_id).get(position) if run else None
        if run is None or step is None or step.state is not StepState.SENT:
            return
        only_prepares = self._gating.is_gated(step) and step.action is None
        may_have_run = step.kind is Kind.ONCE and not only_prepares
        state = StepState.UNKNOWN if may_have_run else StepState.FAILED
        error = Refused("place-stayed-away", place=place).to_json()
        self._end(tx, step, Ended(state, error=error))

    def settle(self, tx: Transaction, run_id: str) -> None:
        """All ended: ready. Else the run says what it waits for now, and frees its lane when that
        is not itself."""
        open_steps = journal.open_steps(tx, run_id)
        if not open_steps:
            self._make_ready(tx, run_id)
            return
        run = journal.load_run(tx, run_id)
        if run is None or run.state is not RunState.WAITING or run.waiting is None:
            return
        waiting, what = self._gating.waits_for(open_steps)
        if (waiting, what) != (run.waiting, run.waiting_for):
            journal.wait_otherwise(tx, run, waiting, what, self._.clock.now())
            if run.waiting.holds_lane and not waiting.holds_lane:
                self._.ends.free_lane(tx, run)

    # -- inside

    def _take(self, lease: Lease) -> tuple[RunRow, Turn] | None:
        now = self._.clock.now()
        with self._.db.write() as tx:
            run = journal.load_run(tx, lease.run_id)
            if run is None or run.state is not RunState.WAITING or run.cancel:
                return None
            step = journal.load_steps(tx, run.id).get(str(lease.position))
            if step is None or step.place != self._.home:
                return None
            if step.state is StepState.RUNNING:
                if step.lease_until is None or step.lease_until >= now:
                    return None
                step = self._end(tx, step, self._gating.cut_off(tx, run, step))
            return self._claimed(tx, lease, run, step)

    def _claimed(
        self, tx: Transaction, lease: Lease, run: RunRow, step: StepRow
    ) -> tuple[RunRow, Turn] | None:
        """The step under `lease`: running, or with a gate still pending until it is admitted."""
        now = self._.clock.now()
        if step.state is not StepState.PENDING:
            return None
        if not self._gating.is_gated(step):
            if not journal.take_step(tx, step, lease, now, LEASE_S):
                return None
            running = replace(step, state=StepState.RUNNING, attempts=step.attempts + 1)
            return run, Turn(running, "go")
        turn = self._gating.turn(tx, run, step)
        if turn.may == "wait" and step.not_before:  # its yes was seen, and holds no more
            journal.note_step(tx, step, not_before=None)
        if turn.may != "go":
            self.settle(tx, run.id)
        if turn.may != "go" or not journal.claim_step(tx, turn.step, lease, now, LEASE_S):
            return None
        return run, turn

    def _perform(self, held: Held, run: RunRow, turn: Turn) -> tuple[Ended | None, StepRow]:
        """The handler's turn; and the step as it is then."""
        step, bound = turn.step, self._.registry.step(turn.step.name)
        context = self._context(held, run, step)
        held.deadline = context.deadline
        if bound.spec.gated:
            entry = self._gating.enter(held.lease, step, context, turn.permit)
            if not isinstance(entry, Entry):
                return entry, step
            step = entry.step
            context = replace(context, permit=turn.permit, action=entry.action)
        if bound.spec.kind is Kind.LOCAL:
            return self._local(held.lease, step, context), step
        return executor.run_once(bound, context, step, self._.clock.now()), step

    def _local(self, lease: Lease, step: StepRow, context: StepContext) -> Ended | None:
        """A LOCAL step's effect and its done-mark share one transaction; None when that was all."""
        bound = self._.registry.step(step.name)
        with self._.db.write() as tx:
            if not journal.holds_step(tx, lease):
                return None
            savepoint = tx.connection.begin_nested()
            inside = replace(context, transaction=tx)
            ended = executor.run_once(bound, inside, step, self._.clock.now())
            if ended.state is not StepState.DONE:
                savepoint.rollback()
                return ended
            savepoint.commit()
            self._end(tx, step, ended)
        return None

    def _save(self, lease: Lease, step: StepRow, ended: Ended) -> bool:
        """Journal the end; True when the step should be taken again at once (it was prepared)."""
        with self._.db.write() as tx:
            if not journal.holds_step(tx, lease):
                return False  # somebody else took over
            fresh = self._end(tx, step, ended)
        return fresh.state is StepState.PENDING and fresh.not_before is None

    def _end(self, tx: Transaction, step: StepRow, ended: Ended) -> StepRow:
        """Journal an end of `step` (or that it is pending again) in its run as it is now."""
        run = journal.load_run(tx, step.run_id)
        assert run is not None, "its step was there"
        _, fresh = self._.ends.step(tx, step, ended, run)
        is_at_home = step.place == self._.home
        if fresh.state is StepState.PENDING and not is_at_home:
            self._make_ready(tx, run.id)  # the engine sends it on, or waits for the owner
        else:
            self.settle(tx, run.id)
        return fresh

    def _make_ready(self, tx: Transaction, run_id: str) -> None:
        journal.make_ready(tx, run_id, self._.clock.now())
        tx.after_commit(lambda: self._.wake.run(run_id))

    def _heard_late(self, tx: Transaction, run: RunRow, step: StepRow, result: NodeResult) -> None:
        """A step was given up as unknown, and its node says now what became of it."""
        was_asked = step.state is StepState.UNKNOWN and step.gate is Gate.ASK
        if was_asked and result.prepared is None and result.attempt == step.attempts:
            known = replace(step, state=result.state, outcome=result.value, error=result.error)
            self._.asking.ended(tx, run, known)

    def _context(self, held: Held, run: RunRow, step: StepRow) -> StepContext:
        timeout_s = self._.registry.step(step.name).spec.timeout_s
        return StepContext(
            run=run,
            position=step.position,
            cancel=held.cancel,
            deadline=self._.clock.monotonic() + timeout_s,
            label=run.label,
        )
