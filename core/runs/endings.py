"""How runs and steps end: the mark, the notices, the next in the lane, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog

from core.clock import Clock
from core.db import Transaction
from core.errors import MaskError, Refused
from core.runs import executor, journal
from core.runs.cancel import CancelToken
from core.runs.codec import decode, encode
from core.runs.executor import Ended
from core.runs.model import (
    Again,
    Done,
    Farewell,
    Gate,
    Kind,
    Label,
    RunRow,
    RunState,
    StepCall,
    StepRow,
    StepState,
)
from core.runs.notices import Level, Notice, alert
from core.runs.ports import Asking, StepContext, Wake
from core.runs.registry import Registry

log = structlog.get_logger(__name__)


class Endings:
    """Called by the engine inside its transaction. `put` stores a notice; `halt` tells a place to
    stop a step it was sent; `asking` hears how asked steps end."""

    def __init__(
        self,
        registry: Registry,
        clock: Clock,
        wake: Wake,
        put: Callable[[Transaction, Notice], Any],
        halt: Callable[[Transaction, StepRow], None],
        asking: Asking,
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._wake = wake
        self._put = put
        self._halt = halt
        self._asking = asking

    # -- steps

    def step(
        self, tx: Transaction, step: StepRow, ended: Ended, run: RunRow
    ) -> tuple[RunRow, StepRow]:
        """Journal how one try ended, with the notices it left; run and step as they are now. What
        was prepared and needs a yes is asked about, what was asked about and is over is told."""
        values: dict[str, Any] = {"not_before": ended.not_before}
        if ended.state.is_final:
            run = self.raise_label(tx, run, ended.label)
            values |= {"outcome": ended.outcome, "error": ended.error}
        if ended.action or ended.forget:
            values |= {"action": ended.action, "gate": ended.gate}
        if ended.attempts is not None:
            values |= {"attempts": ended.attempts}
        if ended.state is step.state:  # a gated step was prepared: it is pending as before
            journal.note_step(tx, step, lease=None, lease_until=None, **values)
        else:
            journal.move_step(tx, step, ended.state, self._clock.now(), **values)
        fresh = replace(step, state=ended.state, lease_until=None, **values)
        self.leave_notices(tx, run, ended)
        if ended.state is StepState.PENDING and ended.judgement and ended.gate is Gate.ASK:
            about = replace(run, label=Label.highest(run.label, ended.label))
            self._asking.ask(tx, about, fresh, ended.judgement)
        elif ended.state.is_final and step.gate is Gate.ASK:
            self._asking.ended(tx, run, fresh)
        return run, fresh

    def raise_label(self, tx: Transaction, run: RunRow, label: Label) -> RunRow:
        """A run is at least as private as what its steps have read; it never sinks."""
        if Label.highest(run.label, label) is run.label:
            return run
        journal.label_run(tx, run.id, label)
        return replace(run, label=label)

    def leave_notices(self, tx: Transaction, run: RunRow, ended: Ended) -> None:
        """What a step's handler wanted to tell."""
        for notice in ended.notices:
            self._put_for(tx, run, notice)

    # -- runs

    def finished(self, tx: Transaction, run: RunRow, end: Done | Again) -> None:
        """The workflow returned."""
        now = self._clock.now()
        if isinstance(end, Again):
            journal.move_run(tx, run, RunState.DONE, now)
            self._next_round(tx, run, end)
        else:
            journal.move_run(tx, run, RunState.DONE, now, result=end.result)
            for notice in end.notices:
                self._put_for(tx, run, notice)
        self.free_lane(tx, run)

    def failed(
        self, tx: Transaction, run: RunRow, error: MaskError, steps: dict[str, StepRow]
    ) -> None:
        """The workflow, or a step it did not catch, failed."""
        log.warning("run-failed", run=run.id, workflow=run.workflow, error=str(error))
        self._close_open_steps(tx, run, steps)
        state = RunState.FAILED
        journal.move_run(tx, run, state, self._clock.now(), error=error.to_json())
        self._part(tx, run, state, error, steps)

    def cancelled(self, tx: Transaction, run: RunRow, steps: dict[str, StepRow]) -> None:
        """The owner stopped it: what has not begun never will."""
        self._close_open_steps(tx, run, steps)
        state = RunState.CANCELLED
        journal.move_run(tx, run, state, self._clock.now())
        self._part(tx, run, state, None, steps)

    def stale(self, tx: Transaction, run: RunRow, why: str, steps: dict[str, StepRow]) -> None:
        """Its journal does not fit the code any more."""
        self._close_open_steps(tx, run, steps)
        log.warning("run-stale", run=run.id, workflow=run.workflow, why=why)
        error = Refused("run-stale", why=why)
        journal.move_run(tx, run, RunState.STALE, self._clock.now(), error=error.to_json())
        self._put_for(
            tx,
            run,
            Notice(
                kind="stale",
                key=f"stale:{run.id}",
                params={"run_id": run.id, "title": run.title or run.workflow},
            ),
        )
        self.free_lane(tx, run)

    def free_lane(self, tx: Transaction, run: RunRow) -> None:
        """Hint the run that may begin now that this one is out of the way."""
        if run.lane is None:
            return
        following = journal.next_in_lane(tx, run.lane)
        if following is not None and following != run.id:
            tx.after_commit(lambda: self._wake.run(following))

    # -- inside

    def _part(
        self,
        tx: Transaction,
        run: RunRow,
        state: RunState,
        error: MaskError | None,
        steps: dict[str, StepRow],
    ) -> None:
        """The workflow's farewell, else an alert for a failure nobody would hear of."""
        workflow = self._registry.workflow(run.workflow)
        if workflow is not None and workflow.say_farewell is not None:
            in_order = sorted(steps.values(), key=journal.by_position)
            args = decode(workflow.args, run.args)
            words = workflow.say_farewell(run, args, state, error, in_order)
            self._leave(tx, run, words)
        elif error is not None:
            values = {**error.params, "workflow": run.workflow}
            self._put_for(tx, run, alert(Level.PROBLEM, run.workflow, error.code, **values))
        self.free_lane(tx, run)

    def _leave(self, tx: Transaction, run: RunRow, words: Farewell) -> None:
        for call in words.calls:
            self._run_local(tx, run, call)
        for notice in words.notices:
            self._put_for(tx, run, notice)

    def _run_local(self, tx: Transaction, run: RunRow, call: StepCall) -> None:
        bound = self._registry.step(call.name)
        assert bound.spec.kind is Kind.LOCAL, call.name
        context = StepContext(
            run=run,
            position="end",
            cancel=CancelToken(),
            deadline=0,
            transaction=tx,
            label=run.label,
        )
        executor.attempt(bound, context, encode(bound.spec.args, call.args))

    def _close_open_steps(self, tx: Transaction, run: RunRow, steps: dict[str, StepRow]) -> None:
        """What has begun and must not be repeated is unknown; the rest never will begin."""
        now = self._clock.now()
        for position, step in steps.items():
            if step.state.is_final:
                continue
            if step.state is StepState.SENT:
                self._halt(tx, step)
            state = StepState.REFUSED
            if step.kind is Kind.ONCE and self._has_begun(step):
                state = StepState.UNKNOWN
            error = Refused("cancelled").to_json()
            journal.move_step(tx, step, state, now, error=error)
            steps[position] = replace(step, state=state, error=error)
            if step.gate is Gate.ASK and self._has_begun(step):
                self._asking.ended(tx, run, steps[position])
        self._asking.withdraw(tx, run.id)

    def _has_begun(self, step: StepRow) -> bool:
        """Its order to be performed is on its way, or it runs; preparing only reads."""
        spec = self._registry.spec(step.name)
        only_prepares = spec is not None and spec.gated and step.action is None
        return step.state is not StepState.PENDING and not only_prepares

    def _next_round(self, tx: Transaction, run: RunRow, end: Again) -> None:
        workflow = self._registry.workflow(run.workflow)
        assert workflow is not None
        following = journal.begin_round(tx, run, encode(workflow.args, end.args), self._clock.now())
        tx.after_commit(lambda: self._wake.run(following))

    def _put_for(self, tx: Transaction, run: RunRow, notice: Notice) -> None:
        """A run's notice goes to its chat and is at least as private as the run."""
        self._put(
            tx,
            replace(
                notice,
                chat_id=notice.chat_id if notice.chat_id is not None else run.chat_id,
                label=notice.label.highest(notice.label, run.label),
                run_id=notice.run_id or run.id,
            ),
        )
