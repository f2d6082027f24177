"""A workflow's steps, one after another, without the engine's journal: for rehearsals and proofs.

What has a gate is denied: nobody is there to be asked. Nothing that is driven here is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime
from typing import Any

from core.errors import MaskError, Refused
from core.ids import new_id
from core.llm.model import Reply
from core.runs.cancel import CancelToken
from core.runs.model import Label, Outcome, RunRow, RunState, StepCall, StepFailed, StepState
from core.runs.ports import StepContext
from core.runs.steps import BoundStep

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def context(
    step: BoundStep, label: Label, on_text: Callable[[str], None] = lambda _text: None
) -> StepContext:
    """What the engine gives a step of a run of its own."""
    run = RunRow(new_id(), 1, "rehearsal", 1, None, RunState.RUNNING, label, _NOW, _NOW)
    return StepContext(run, "1", CancelToken(), step.spec.timeout_s, show=on_text, label=label)


def drive(
    flow: Generator[StepCall, Any, Reply],
    bound: Mapping[str, BoundStep],
    label: Label,
    on_text: Callable[[str], None] = lambda _text: None,
) -> Reply:
    """Run a workflow's steps one after another, as the engine would."""
    value: Any = None
    failed: StepFailed | None = None
    while True:
        try:
            call = flow.send(value) if failed is None else flow.throw(failed)
        except StopIteration as end:
            reply: Reply = end.value
            return reply
        step = bound[call.name]
        ctx = context(step, label, on_text)
        value, failed = None, None
        try:
            if step.spec.gated:
                raise Refused("policy-says-no", step=call.name)
            value = step.run(ctx, call.args)
        except MaskError as error:
            state = StepState.REFUSED if isinstance(error, Refused) else StepState.FAILED
            failed = StepFailed(Outcome(state, error=error.to_json()))
