"""The engine: takes a run as far as it can go, and puts it down safely.

`advance` is the main loop. What needs only the database (LOCAL steps, the end, the next plan)
happens in one transaction; for anything else the step is journaled as running, the transaction
ends, the handler works, and its outcome is journaled in the next one. Nothing waits in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from core.db import Transaction
from core.errors import Broken, MaskError
from core.ids import random_token
from core.runs import executor, journal
from core.runs.cancel import CancelToken
from core.runs.executor import Ended
from core.runs.journal import Lease
from core.runs.leases import LEASE_S, Held, LeaseKeeper
from core.runs.model import (
    Gate,
    Kind,
    RunRow,
    RunState,
    StepRow,
    StepState,
    Waiting,
)
from core.runs.parts import Parts
from core.runs.ports import StepContext
from core.runs.replay import Failed, Finished, Planned, Replay, Stale, Wait, Write

#: Leases that ended without an end before the run is given up: something in it kills workers.
MOST_ATTEMPTS = 50


@dataclass
class Work:
    """A run in this process's hands between two transactions."""

    run: RunRow
    held: Held
    replay: Replay
    steps: dict[str, StepRow]
    todo: StepRow | None = None


class Engine:
    """Advances runs of one database."""

    def __init__(self, parts: Parts, keeper: LeaseKeeper) -> None:
        self._ = parts
        self._keeper = keeper

    def advance(self, run_id: str) -> None:
        """Take the run as far as it can go now. Safe to call at any time, from anywhere."""
        lease = Lease(run_id, random_token())
        with self._keeper.hold(lease) as held:
            work = self._take(held)
            while work and work.todo:
                ended = self._perform(work, work.todo)
                with self._.db.write() as tx:
                    run = journal.still_mine(tx, lease)
                    if run is None:
                        return  # somebody else took over; what we did is repeatable or unknown
                    self._save(tx, work, ended)
                    work.run = run
                    self._go_on(tx, work)

    # -- one transaction

    def _take(self, held: Held) -> Work | None:
        with self._.db.write() as tx:
            now = self._.clock.now()
            run = journal.load_run(tx, held.lease.run_id)
            if run is None or not (run.cancel or journal.is_next_in_lane(tx, run)):
                return None
            if not journal.take_lease(tx, run, held.lease, now, LEASE_S):
                return None
            run = replace(run, state=RunState.RUNNING, attempts=run.attempts + 1)
            workflow = self._.registry.workflow(run.workflow)
            steps = journal.load_steps(tx, run.id)
            if workflow is None or (workflow.version != run.version and steps):
                self._.ends.stale(tx, run, "its workflow changed", steps)
                return None
            if run.attempts > MOST_ATTEMPTS:
                self._.ends.failed(tx, run, Broken("run-keeps-crashing"), steps)
                return None
            try:
                replay = Replay(workflow, run.args, self._.registry.spec)
            except Broken:
                self._.ends.stale(tx, run, "its arguments no longer fit", steps)
                return None
            work = Work(run, held, replay, steps)
            self._go_on(tx, work)
            return work

    def _go_on(self, tx: Transaction, work: Work) -> None:
        """Everything that needs only the database; leaves `work.todo` for the rest."""
        work.todo, run = None, work.run
        if run.cancel:
            self._.ends.cancelled(tx, run, work.steps)
            return
        while True:
            match work.replay.next(work.steps):
                case Write(planned):
                    self._write(tx, work, planned)
                case Wait(open_steps):
                    if not self._take_up(tx, work, open_steps):
                        return
                case Finished(end):
                    self._.ends.finished(tx, run, end)
                    return
                case Failed(error):
                    self._.ends.failed(tx, run, error, work.steps)
                    return
                case Stale(why):
                    self._.ends.stale(tx, run, why, work.steps)
                    return
            if work.todo:
                return

    def _write(self, tx: Transaction, work: Work, planned: tuple[Planned, ...]) -> None:
        """Journal the plan; what can be done at once is."""
        now = self._.clock.now()
        alone = len(planned) == 1 and "." not in planned[0].position
        for plan in planned:
            inline = alone and plan.place == self._.home and not plan.spec.gated
            if inline and plan.spec.kind is Kind.LOCAL:
                self._write_done(tx, work, plan)
                continue
            state = StepState.RUNNING if inline else StepState.PENDING
            step = journal.write_step(tx, work.run.id, plan, state, now)
            work.steps[step.position] = step
            work.todo = step if inline else None

    def _write_done(self, tx: Transaction, work: Work, plan: Planned) -> None:
        """A LOCAL step leaves only its end in the journal: effect and mark are one transaction."""
        step = journal.planned_row(work.run.id, plan, StepState.RUNNING)
        ended = self._run_local(tx, work, step)
        work.steps[step.position] = journal.write_row(
            tx,
            replace(
                step,
                state=ended.state,
                outcome=ended.outcome,
                error=ended.error,
                not_before=ended.not_before,
            ),
            self._.clock.now(),
        )
        self._.ends.leave_notices(tx, work.run, ended)

    def _start(self, tx: Transaction, work: Work, step: StepRow) -> None:
        """A running step: LOCAL ones at once, in this transaction; others become `todo`."""
        if step.kind is Kind.LOCAL:
            self._save(tx, work, self._run_local(tx, work, step), step)
        else:
            work.todo = step

    def _run_local(self, tx: Transaction, work: Work, step: StepRow) -> Ended:
        context = self._context(work, step, tx)
        savepoint = tx.connection.begin_nested()
        bound = self._.registry.step(step.name)
        ended = executor.run_once(bound, context, step, self._.clock.now())
        savepoint.commit() if ended.state is StepState.DONE else savepoint.rollback()
        return ended

    def _take_up(self, tx: Transaction, work: Work, open_steps: tuple[StepRow, ...]) -> bool:
        """Go on with the one open step if it can run here now; else park. True to look again."""
        now = self._.clock.now()
        step = open_steps[0]
        if len(open_steps) > 1 or "." in step.position or step.place != self._.home:
            return self._hand_out(tx, work, open_steps)
        if step.state is StepState.RUNNING and step.kind is Kind.ONCE:
            # Its worker died in the middle: nobody knows, so nothing is repeated.
            self._save(tx, work, Ended(StepState.UNKNOWN, error=_cut_off(step)), step)
            return True
        if step.gate is Gate.ASK:
            self._park(tx, work.run, Waiting.OWNER, step.name)
            return False
        if step.not_before and step.not_before > now:
            self._park(tx, work.run, Waiting.TIME, step.name, wake_at=step.not_before)
            return False
        if self._.registry.step(step.name).spec.gated and step.action is None:
            work.todo = step  # prepare only reads: it runs before the step counts as running
            return False
        running = replace(step, state=StepState.RUNNING, attempts=step.attempts + 1)
        if step.state is StepState.PENDING:
            journal.move_step(tx, step, StepState.RUNNING, now, attempts=running.attempts)
        work.steps[step.position] = running
        self._start(tx, work, running)
        return True

    def _hand_out(self, tx: Transaction, work: Work, open_steps: tuple[StepRow, ...]) -> bool:
        """Parallel or distant steps: to the pool, or to the places' outboxes; the run waits.
        True when a step was refused on the way, so that the workflow can be asked again."""
        refused, absent = False, None
        for step in open_steps:
            if step.place == self._.home:
                tx.after_commit(partial(self._.wake.step, step.run_id, step.position))
            elif step.state is StepState.PENDING and not self._send(tx, work, step):
                refused = True
            elif not self._.places.is_present(step.place):
                absent = step.place
        if refused:
            return True
        at_home = any(step.place == self._.home for step in open_steps)
        waiting = Waiting.PLACE if absent and not at_home else Waiting.STEP
        self._park(tx, work.run, waiting, absent or open_steps[0].name)
        return False

    def _send(self, tx: Transaction, work: Work, step: StepRow) -> bool:
        """Into the outbox of its place; False when the place may not have it."""
        savepoint = tx.connection.begin_nested()
        sent = replace(step, attempts=step.attempts + 1)
        try:
            self._.send(tx, work.run, sent)
        except MaskError as error:
            savepoint.rollback()
            self._save(tx, work, Ended(StepState.REFUSED, error=error.to_json()), step)
            return False
        savepoint.commit()
        journal.move_step(tx, step, StepState.SENT, self._.clock.now(), attempts=sent.attempts)
        work.steps[step.position] = replace(sent, state=StepState.SENT)
        return True

    def _park(
        self, tx: Transaction, run: RunRow, waiting: Waiting, what: str, **values: object
    ) -> None:
        now = self._.clock.now()
        journal.move_run(
            tx, run, RunState.WAITING, now, waiting=waiting, waiting_for=what, attempts=0, **values
        )
        if not waiting.holds_lane:
            self._.ends.free_lane(tx, run)

    def _save(self, tx: Transaction, work: Work, ended: Ended, step: StepRow | None = None) -> None:
        """Journal how a try ended, in the row and in memory."""
        step = step or work.todo
        assert step is not None
        self._.ends.step(tx, step, ended, work.run)
        work.steps[step.position] = replace(
            step,
            state=ended.state,
            outcome=ended.outcome,
            error=ended.error,
            not_before=ended.not_before,
            action=ended.action or step.action,
            gate=ended.gate or step.gate,
        )

    # -- between transactions

    def _perform(self, work: Work, step: StepRow) -> Ended:
        """The handler's turn: no transaction is open."""
        bound = self._.registry.step(step.name)
        context = self._context(work, step, None)
        work.held.deadline = self._.clock.monotonic() + bound.spec.timeout_s
        ended = executor.try_step(bound, self._.gate, context, step, self._.clock)
        work.held.deadline = None
        self._.live.end(work.run.id)
        if work.held.timed_out:
            work.held.timed_out, work.held.cancel = False, CancelToken()
            error = Broken("step-timed-out", step=step.name, seconds=bound.spec.timeout_s)
            return (
                ended
                if ended.state is StepState.DONE
                else Ended(StepState.FAILED, error=error.to_json())
            )
        return ended

    def _context(self, work: Work, step: StepRow, tx: Transaction | None) -> StepContext:
        sequence = iter(range(1, 1_000_000_000))
        run_id = work.run.id
        timeout_s = self._.registry.step(step.name).spec.timeout_s
        return StepContext(
            run=work.run,
            position=step.position,
            cancel=work.held.cancel,
            deadline=self._.clock.monotonic() + timeout_s,
            show=lambda text: self._.live.publish(run_id, next(sequence), text),
            transaction=tx,
            label=work.run.label,
        )


def _cut_off(step: StepRow) -> dict[str, object]:
    return Broken("step-cut-off", step=step.name).to_json()
