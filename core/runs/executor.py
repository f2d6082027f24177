"""One try of one step: the handler, and what its end means for the journal.

Called by the engine at home and by a node for its inbox; it touches no rows itself. A gated step
has two halves: `prepare` only reads, `judged` asks the guard about what it found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from core.errors import Broken, MaskError, Refused, Unavailable
from core.runs import actions
from core.runs.cancel import Cancelled
from core.runs.codec import decode, encode
from core.runs.model import Action, Gate, Kind, Label, StepRow, StepSpec, StepState
from core.runs.notices import Notice
from core.runs.ports import Guard, Judgement, StepContext
from core.runs.steps import BoundStep

log = structlog.get_logger(__name__)

#: Seconds before a further try, unless the error names its own wait.
BACKOFF_S = (1.0, 3.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True)
class Ended:
    """How one try ended, to be journaled.

    `pending` with `not_before` asks for another try then; `pending` with `action`, `gate` and
    `judgement` is what the reading half of a gated step found; with `forget` that is not worth
    anything any more, so that it is prepared anew. `label`: of what the try has read. `attempts`
    only where a try counts that did not begin.
    """

    state: StepState
    outcome: Any = None
    error: dict[str, Any] | None = None
    not_before: datetime | None = None
    notices: Sequence[Notice] = ()
    action: dict[str, Any] | None = None
    gate: Gate | None = None
    judgement: Judgement | None = None
    label: Label = Label.OPEN
    attempts: int | None = None
    forget: bool = False


def attempt(bound: BoundStep, context: StepContext, inputs: Any) -> Any:
    """Run the handler; its value as JSON data. Raises `MaskError` only."""
    try:
        args = decode(bound.spec.args, inputs)
        value = bound.run(context, args)
        return encode(bound.spec.result, value)
    except MaskError:
        raise
    except Exception as error:
        log.exception("step-crashed", step=bound.spec.name, run=context.run.id)
        name = type(error).__name__
        raise Broken("step-crashed", step=bound.spec.name, why=name) from error


def run_once(bound: BoundStep, context: StepContext, step: StepRow, now: datetime) -> Ended:
    """One try, as an end or as a wish for another try."""
    try:
        value = attempt(bound, context, step.inputs)
    except MaskError as error:
        # One yes is one try: what was asked about is not repeated by itself.
        may_repeat = step.kind is not Kind.ONCE and step.gate is not Gate.ASK
        ended = failed(bound.spec, step, error, now, may_repeat=may_repeat)
        return replace(ended, label=context.label)
    return Ended(StepState.DONE, value, notices=tuple(context.notices), label=context.label)


def failed(
    spec: StepSpec, step: StepRow, error: MaskError, now: datetime, *, may_repeat: bool
) -> Ended:
    """What an error means: another try, refused, or failed."""
    if isinstance(error, Unavailable) and may_repeat and step.attempts <= spec.retries:
        wait_s = error.retry_after
        if wait_s is None:
            wait_s = BACKOFF_S[min(step.attempts, len(BACKOFF_S)) - 1]
        return Ended(StepState.PENDING, not_before=now + timedelta(seconds=wait_s))
    state = StepState.REFUSED if isinstance(error, Refused) else StepState.FAILED
    if isinstance(error, Cancelled):
        state = StepState.REFUSED
    return Ended(state, error=error.to_json())


def prepare(bound: BoundStep, context: StepContext, inputs: Any, place: str) -> Action:
    """The reading half of a gated step at `place`. Raises `MaskError` only."""
    if bound.prepare is None:
        raise Broken("step-without-prepare", step=bound.spec.name)
    try:
        action = bound.prepare(context, decode(bound.spec.args, inputs))
    except MaskError:
        raise
    except Exception as error:
        log.exception("prepare-crashed", step=bound.spec.name, run=context.run.id)
        why = type(error).__name__
        raise Broken("step-crashed", step=bound.spec.name, why=why) from error
    check(action, place)
    return action


def check(action: Action, place: str) -> None:
    """What is shown, decided on and signed must be one thing, about `place`. Refused(`action-text`)
    and Broken(`action-malformed`) otherwise."""
    fields = actions.read(action.canonical)
    if actions.digest_of(action.canonical) != action.digest or fields.get("place") != place:
        raise Broken("action-malformed", kind=str(fields["kind"]))


def is_same(step: StepRow, action: Action) -> None:
    """Law 3: what runs is what was judged. Refused(`action-changed`)."""
    assert step.action is not None, "judged before"
    was, is_now = str(step.action["digest"]), action.digest
    if was != is_now:
        raise Refused("action-changed", was=was[:8], now=is_now[:8])


def judged(spec: StepSpec, guard: Guard, action: Action, label: Label) -> Judgement:
    """The guard's answer; a denial always names its error."""
    judgement = guard.judge(spec, action, label)
    if judgement.gate is Gate.DENY and judgement.error is None:
        error = Refused("policy-says-no", step=spec.name).to_json()
        return replace(judgement, error=error)
    return judgement


def found(action: Action, judgement: Judgement, label: Label) -> Ended:
    """What the reading half and the guard's answer mean for the journal."""
    seen = {
        "canonical": action.canonical,
        "digest": action.digest,
        "preview": action.preview,
        "judgement": encode(Judgement, judgement),
    }
    state = StepState.REFUSED if judgement.gate is Gate.DENY else StepState.PENDING
    return Ended(
        state,
        error=judgement.error if state is StepState.REFUSED else None,
        action=seen,
        gate=judgement.gate,
        judgement=judgement,
        label=label,
    )
