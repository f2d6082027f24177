"""Home's end of the gate: what a gated step may do now, and the one way into its handler.

    pending, no action   -> prepare (reads only) -> the guard judges -> action and gate journaled
    gate auto            -> enter
    gate ask             -> the verdict: waits, refused, lapsed (prepare and ask again), granted
    enter                -> prepare again, compare, then in one transaction, committed before the
                            handler: the guard admits, the step is running

So a gated step that runs was admitted, and one that is found running by the next process has used
its yes up. Never runs a handler itself, and never decides what needs a yes: the guard does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.db import Transaction
from core.errors import Broken, MaskError, Refused
from core.runs import executor, journal
from core.runs.cancel import Cancelled
from core.runs.exchange_results import NodeResult
from core.runs.executor import Ended
from core.runs.journal import Lease
from core.runs.judging import is_about_permit, strictest
from core.runs.model import Action, Gate, Kind, Label, RunRow, StepRow, StepState, Waiting
from core.runs.parts import Parts
from core.runs.ports import Permit, StepContext

#: Tries of one step after which permits that are refused, or lapse, again and again are given up.
MOST_TRIES = 40


@dataclass(frozen=True)
class Turn:
    """What a pending gated step may do now: `go` (prepare when it has no action, else enter with
    `permit`), `wait` for the owner, or it has `ended` by the owner's word."""

    step: StepRow
    may: Literal["go", "wait", "ended"]
    permit: Permit | None = None


@dataclass(frozen=True)
class Entry:
    """The step is running by right: `action` is what it was found to be about to do."""

    step: StepRow
    action: Action


class Gating:
    """Used by whoever runs steps at home, and by whoever hears of those at nodes."""

    def __init__(self, parts: Parts) -> None:
        self._ = parts

    # -- inside the engine's transaction

    def is_gated(self, step: StepRow) -> bool:
        spec = self._.registry.spec(step.name)
        return spec is not None and spec.gated

    def turn(self, tx: Transaction, run: RunRow, step: StepRow) -> Turn:
        """Where a pending gated step stands; a refusal and a lapse are journaled."""
        if step.action is None or step.gate is not Gate.ASK:
            return Turn(step, "go")
        verdict = self._.asking.verdict(tx, step)
        match verdict.state:
            case "granted":
                return Turn(step, "go", verdict.permit)
            case "waits":
                return Turn(step, "wait")
            case "refused":
                error = verdict.error or Refused("policy-says-no", step=step.name).to_json()
                _, fresh = self._.ends.step(tx, step, Ended(StepState.REFUSED, error=error), run)
                return Turn(fresh, "ended")
            case "lapsed":
                return self._lapsed(tx, run, step)

    def cut_off(self, tx: Transaction, run: RunRow, step: StepRow) -> Ended:
        """What to make of a step whose worker died in the middle: unknown when it must not be
        repeated; of what was asked about the yes is used up, so it is asked anew."""
        error = Broken("step-cut-off", step=step.name).to_json()
        if step.kind is Kind.ONCE:
            return Ended(StepState.UNKNOWN, error=error)
        if step.gate is Gate.ASK:
            self._.asking.ended(tx, run, replace(step, state=StepState.FAILED, error=error))
        return Ended(StepState.PENDING, forget=step.gate is Gate.ASK)

    def heard(self, tx: Transaction, run: RunRow, step: StepRow, result: NodeResult) -> Ended:
        """What a node's word about a step means."""
        only_prepares = self.is_gated(step) and step.action is None
        if result.prepared is not None and only_prepares:
            return self._judged_twice(run, step, result)
        if result.prepared is not None or (only_prepares and result.state is StepState.DONE):
            error = Broken("step-answer-unfit", step=step.name, place=step.place).to_json()
            return Ended(StepState.FAILED, error=error, label=result.label)
        refused = result.state is StepState.REFUSED and is_about_permit(result.error)
        if refused and not only_prepares and step.gate is not None:
            return self._not_taken(tx, run, step, result.error or {})
        notices = tuple(result.notices)
        return Ended(
            result.state, result.value, error=result.error, notices=notices, label=result.label
        )

    def waits_for(self, steps: Sequence[StepRow]) -> tuple[Waiting, str]:
        """What a run with these open steps waits for: itself while anything goes on, else the
        owner, else a place that is away; and its name."""
        found = [self._waits(step) for step in steps]
        for waiting in (Waiting.STEP, Waiting.OWNER, Waiting.PLACE):
            for kind, what in found:
                if kind is waiting:
                    return waiting, what
        raise Broken("nothing-is-open", run=steps[0].run_id if steps else "")

    def _lapsed(self, tx: Transaction, run: RunRow, step: StepRow) -> Turn:
        """Prepared and asked anew, though not for ever."""
        ended = Ended(step.state, forget=True, attempts=step.attempts + 1)
        if step.attempts >= MOST_TRIES:
            error = Refused("asked-too-often", step=step.name, times=step.attempts)
            ended = Ended(StepState.REFUSED, error=error.to_json())
        _, fresh = self._.ends.step(tx, step, ended, run)
        return Turn(fresh, "ended" if fresh.state.is_final else "go")

    # -- between transactions

    def enter(
        self,
        lease: Lease,
        step: StepRow,
        context: StepContext,
        permit: Permit | None,
    ) -> Entry | Ended | None:
        """Prepare a step that may go. Judged for the first time, that is its end for now; else it
        enters, or not. None when somebody else has it by now."""
        bound = self._.registry.step(step.name)
        reading = replace(context, notices=[], transaction=None)
        try:
            action = executor.prepare(bound, reading, step.inputs, step.place)
            if step.action is None:
                judgement = executor.judged(bound.spec, self._.guard, action, reading.label)
                return executor.found(action, judgement, reading.label)
            executor.is_same(step, action)
        except MaskError as error:
            tried = replace(step, attempts=step.attempts + 1)
            now = self._.clock.now()
            ended = executor.failed(bound.spec, tried, error, now, may_repeat=True)
            return replace(ended, attempts=tried.attempts, label=reading.label)
        return self._admitted(lease, step, action, reading, permit)

    # -- inside

    def _admitted(
        self,
        lease: Lease,
        step: StepRow,
        action: Action,
        reading: StepContext,
        permit: Permit | None,
    ) -> Entry | Ended | None:
        """The transaction that is committed before the handler starts. Also when the guard refuses:
        what it has counted stays counted."""
        spec = self._.registry.step(step.name).spec
        started = replace(step, state=StepState.RUNNING, attempts=step.attempts + 1)
        with self._.db.write() as tx:
            run = self._still_mine(tx, lease)
            if run is None:
                return None
            if run.cancel:
                return Ended(StepState.REFUSED, error=Cancelled().to_json())
            try:
                self._.guard.admit(tx, spec, action, reading.label, permit)
            except MaskError as error:
                tried = replace(step, attempts=started.attempts)
                return self._not_admitted(tx, run, tried, error)
            now = self._.clock.now()
            journal.move_step(tx, step, StepState.RUNNING, now, attempts=started.attempts)
            if step.gate is Gate.ASK:
                self._.asking.began(tx, run, started)
        return Entry(started, action)

    def _still_mine(self, tx: Transaction, lease: Lease) -> RunRow | None:
        if lease.position is None:
            return journal.still_mine(tx, lease)
        return journal.load_run(tx, lease.run_id) if journal.holds_step(tx, lease) else None

    def _not_admitted(self, tx: Transaction, run: RunRow, step: StepRow, error: MaskError) -> Ended:
        if is_about_permit(error.to_json()):
            return self._not_taken(tx, run, step, error.to_json())
        state = StepState.REFUSED if isinstance(error, Refused) else StepState.FAILED
        return Ended(state, error=error.to_json())

    def _not_taken(
        self, tx: Transaction, run: RunRow, step: StepRow, error: dict[str, Any]
    ) -> Ended:
        """The permit was refused and is not used up. Of an auto step its guard thinks otherwise by
        now: it is prepared and judged anew."""
        if step.attempts < MOST_TRIES:
            if step.gate is not Gate.ASK:
                return Ended(StepState.PENDING, forget=True, attempts=step.attempts)
            if self._.asking.retry(tx, run, step, error):
                return Ended(StepState.PENDING, attempts=step.attempts)
        return Ended(StepState.REFUSED, error=error, attempts=step.attempts)

    def _judged_twice(self, run: RunRow, step: StepRow, result: NodeResult) -> Ended:
        """The node's judgement and home's own; a node that shows one thing and signs for another
        is refused."""
        assert result.prepared is not None, "asked before"
        said = result.prepared
        action = Action(said.canonical, said.digest, said.preview)
        spec = self._.registry.spec(step.name)
        assert spec is not None, "it is gated"
        label = Label.highest(run.label, result.label)
        try:
            executor.check(action, step.place)
            ours = executor.judged(spec, self._.guard, action, label)
        except MaskError as error:
            return Ended(StepState.REFUSED, error=error.to_json(), label=result.label)
        return executor.found(action, strictest(said.judgement, ours), result.label)

    def _waits(self, step: StepRow) -> tuple[Waiting, str]:
        """An asked step at home whose yes was seen has a time to start at (`not_before`)."""
        is_asked = step.state is StepState.PENDING and step.gate is Gate.ASK
        if is_asked and not (step.place == self._.home and step.not_before):
            return Waiting.OWNER, step.name
        if step.place == self._.home or self._.places.is_present(step.place):
            return Waiting.STEP, step.name
        return Waiting.PLACE, step.place
