"""One try of one step: the handler, and what its end means for the journal.

Called by the engine at home and by a node for its inbox; it touches no run rows itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from core.clock import Clock
from core.errors import Broken, MaskError, Refused, Unavailable
from core.runs.cancel import Cancelled
from core.runs.codec import decode, encode
from core.runs.model import Action, Gate, Kind, Label, StepRow, StepSpec, StepState
from core.runs.notices import Notice
from core.runs.ports import GatePolicy, StepContext
from core.runs.steps import BoundStep

log = structlog.get_logger(__name__)

#: Seconds before a further try, unless the error names its own wait.
BACKOFF_S = (1.0, 3.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True)
class Ended:
    """How one try ended. `pending` with `not_before` asks for another try then; `pending` with
    `action` and `gate` is what the reading half of a gated step found."""

    state: StepState
    outcome: Any = None
    error: dict[str, Any] | None = None
    not_before: datetime | None = None
    notices: Sequence[Notice] = ()
    action: dict[str, Any] | None = None
    gate: Gate | None = None


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
        return failed(bound.spec, step, error, now)
    return Ended(StepState.DONE, value, notices=tuple(context.notices))


def failed(spec: StepSpec, step: StepRow, error: MaskError, now: datetime) -> Ended:
    """What an error means: another try, refused, or failed."""
    may_repeat = spec.kind is not Kind.ONCE and step.attempts <= spec.retries
    if isinstance(error, Unavailable) and may_repeat:
        wait_s = error.retry_after
        if wait_s is None:
            wait_s = BACKOFF_S[min(step.attempts, len(BACKOFF_S)) - 1]
        return Ended(StepState.PENDING, not_before=now + timedelta(seconds=wait_s))
    state = StepState.REFUSED if isinstance(error, Refused) else StepState.FAILED
    if isinstance(error, Cancelled):
        state = StepState.REFUSED
    return Ended(state, error=error.to_json())


def try_step(
    bound: BoundStep, policy: GatePolicy, context: StepContext, step: StepRow, clock: Clock
) -> Ended:
    """One try of any step, through the gate where it has one: the first try of a gated step only
    prepares, and what runs later must be what was judged (law 3)."""
    if not bound.spec.gated:
        return run_once(bound, context, step, clock.now())
    try:
        action = prepare(bound, context, step.inputs)
        if step.action is None:
            return _judged(bound.spec, policy, action, context.label)
        if step.action["digest"] != action.digest:
            raise Refused("action-changed", was=step.action["digest"][:8], now=action.digest[:8])
    except MaskError as error:
        return failed(bound.spec, step, error, clock.now())
    return run_once(bound, context, step, clock.now())


def prepare(bound: BoundStep, context: StepContext, inputs: Any) -> Action:
    """The reading half of a gated step. Raises `MaskError` only."""
    if bound.prepare is None:
        raise Broken("step-without-prepare", step=bound.spec.name)
    try:
        return bound.prepare(context, decode(bound.spec.args, inputs))
    except MaskError:
        raise
    except Exception as error:
        log.exception("prepare-crashed", step=bound.spec.name, run=context.run.id)
        why = type(error).__name__
        raise Broken("step-crashed", step=bound.spec.name, why=why) from error


def _judged(spec: StepSpec, policy: GatePolicy, action: Action, label: Label) -> Ended:
    """Policy's answer: pending with auto or ask, or refused."""
    gate = policy.judge(spec, action, label)
    error = Refused("policy-says-no", step=spec.name).to_json() if gate is Gate.DENY else None
    state = StepState.REFUSED if error else StepState.PENDING
    seen = {"canonical": action.canonical, "digest": action.digest, "preview": action.preview}
    return Ended(state, error=error, action=seen, gate=gate)
