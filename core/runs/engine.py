"""The engine: takes a run as far as it can go, and puts it down safely.

`advance` is the main loop. What needs only the database (LOCAL steps, the end, the next plan)
happens in one transaction; for anything else the step is journaled as running, the transaction
ends, the handler works, and its outcome is journaled in the next one. Nothing waits in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.db import Transaction
from core.errors import Broken
from core.ids import random_token
from core.runs import executor, journal
from core.runs.cancel import CancelToken
from core.runs.executor import Ended
from core.runs.gating import Entry, Gating
from core.runs.handing import HandOut
from core.runs.journal import Lease
from core.runs.leases import LEASE_S, Held, LeaseKeeper
from core.runs.model import Action, Kind, RunRow, RunState, StepRow, StepState, Waiting
from core.runs.parts import Parts
from core.runs.ports import Permit, StepContext
from core.runs.replay import Failed, Finished, Planned, Replay, Stale, Wait, Write

#: Leases that ended without an end before the run is given up: something in it kills workers.
MOST_ATTEMPTS = 50


@dataclass
class Work:
    """A run in this process's hands between two transactions. `permit` and `action` belong to a
    gated `todo`."""

    run: RunRow
    held: Held
    replay: Replay
    steps: dict[str, StepRow]
    todo: StepRow | None = None
    permit: Permit | None = None
    action: Action | None = None


class Engine:
    """Advances runs of one database."""

    def __init__(self, parts: Parts, keeper: LeaseKeeper) -> None:
        self._ = parts
        self._keeper = keeper
        self._gating = Gating(parts)
        self._hands = HandOut(parts, self._gating)

    def advance(self, run_id: str) -> None:
        """Take the run as far as it can go now. Safe to call at any time, from anywhere."""
        lease = Lease(run_id, random_token())
        with self._keeper.hold(lease) as held:
            work = self._take(held)
            while work and work.todo:
                ended = self._perform(work, work.todo)
                with self._.db.write() as tx:
                    run = journal.still_mine(tx, lease)
                    if run is None or ended is None:
                        return  # somebody else took over; what we did is repeatable or unknown
                    work.run = run
                    if ended.state is StepState.RUNNING:  # LOCAL: effect and mark together
                        ended = self._run_local(tx, work, work.todo)
                    self._save(tx, work, work.todo, ended)
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
        work.todo = work.permit = work.action = None
        if work.run.cancel:
            self._.ends.cancelled(tx, work.run, work.steps)
            return
        while True:
            match work.replay.next(work.steps):
                case Write(planned):
                    self._write(tx, work, planned)
                case Wait(open_steps):
                    if not self._take_up(tx, work, open_steps):
                        return
                case Finished(end):
                    self._.ends.finished(tx, work.run, end)
                    return
                case Failed(error):
                    self._.ends.failed(tx, work.run, error, work.steps)
                    return
                case Stale(why):
                    self._.ends.stale(tx, work.run, why, work.steps)
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
        if ended.state.is_final:
            work.run = self._.ends.raise_label(tx, work.run, ended.label)
        self._.ends.leave_notices(tx, work.run, ended)

    def _start(self, tx: Transaction, work: Work, step: StepRow) -> None:
        """A running step: LOCAL ones at once, in this transaction; others become `todo`."""
        if step.kind is Kind.LOCAL:
            self._save(tx, work, step, self._run_local(tx, work, step))
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
        step = open_steps[0]
        if len(open_steps) > 1 or "." in step.position or step.place != self._.home:
            rows = self._hands.give(tx, work.run, open_steps)
            work.steps |= {row.position: row for row in rows}
            return any(row.state.is_final for row in rows)
        if step.state is StepState.RUNNING:  # its worker died in the middle
            self._save(tx, work, step, self._gating.cut_off(tx, work.run, step))
            return True
        if step.not_before and step.not_before > self._.clock.now():
            self._hands.park(tx, work.run, Waiting.TIME, step.name, wake_at=step.not_before)
            return False
        if self._gating.is_gated(step):
            return self._take_up_gated(tx, work, step)
        running = replace(step, state=StepState.RUNNING, attempts=step.attempts + 1)
        now = self._.clock.now()
        journal.move_step(tx, step, StepState.RUNNING, now, attempts=running.attempts)
        work.steps[step.position] = running
        self._start(tx, work, running)
        return True

    def _take_up_gated(self, tx: Transaction, work: Work, step: StepRow) -> bool:
        """A gated step counts as running only from its admission on."""
        turn = self._gating.turn(tx, work.run, step)
        work.steps[step.position] = turn.step
        if turn.may == "go":
            work.todo, work.permit = turn.step, turn.permit
        elif turn.may == "wait":
            self._hands.park(tx, work.run, Waiting.OWNER, step.name)
        return turn.may == "ended"

    def _save(self, tx: Transaction, work: Work, step: StepRow, ended: Ended) -> None:
        """Journal how a try ended, in the row and in memory."""
        work.run, work.steps[step.position] = self._.ends.step(tx, step, ended, work.run)

    # -- between transactions

    def _perform(self, work: Work, step: StepRow) -> Ended | None:
        """The handler's turn: no transaction is open. None when somebody else has the run."""
        spec = self._.registry.step(step.name).spec
        work.held.deadline = self._.clock.monotonic() + spec.timeout_s
        ended = self._through_the_gate(work, step) if spec.gated else self._try(work, step)
        work.held.deadline = None
        self._.live.end(work.run.id)
        if work.held.timed_out:
            work.held.timed_out, work.held.cancel = False, CancelToken()
            if ended is not None and ended.state not in {StepState.DONE, StepState.RUNNING}:
                error = Broken("step-timed-out", step=step.name, seconds=spec.timeout_s)
                return Ended(StepState.FAILED, error=error.to_json(), label=ended.label)
        return ended

    def _through_the_gate(self, work: Work, step: StepRow) -> Ended | None:
        context = self._context(work, step, None)
        entry = self._gating.enter(work.held.lease, step, context, work.permit)
        if not isinstance(entry, Entry):
            return entry
        work.todo, work.action = entry.step, entry.action
        if entry.step.kind is Kind.LOCAL:
            return Ended(StepState.RUNNING)
        return self._try(work, entry.step)

    def _try(self, work: Work, step: StepRow) -> Ended:
        bound = self._.registry.step(step.name)
        return executor.run_once(bound, self._context(work, step, None), step, self._.clock.now())

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
            permit=work.permit,
            action=work.action,
        )
