"""Home's side of the owner's rules: have one stored where it shall hold, and remember it here.

    card -> keep_rule -> rules.store (gated, at its place) -> rules.note (home)
    /rules -> drop_rule -> rules.drop (at its place)

Home keeps a copy of a node's rules, because it judges the node's actions too and would ask anyway.
The copy opens nothing at the node. Bound at home only: a node that ran `rules.note` would take a
rule on home's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.approvals.rule_steps import Drop, NewRule, RuleRoom, drop, store
from core.errors import MaskError
from core.runs import journal
from core.runs.model import (
    Done,
    Farewell,
    Gate,
    Kind,
    RunRow,
    RunState,
    StepFailed,
    StepRow,
    StepState,
    WorkflowBody,
    workflow,
)
from core.runs.notices import Notice
from core.runs.ports import StepContext
from core.runs.steps import step

#: Where `keep_rule` stores.
POSITION = "0"


@dataclass(frozen=True)
class Dropped:
    """End this rule at its place."""

    rule_id: str
    place: str
    by: str


@workflow("keep_rule", version=1, args=NewRule)
def keep_rule(new: NewRule) -> WorkflowBody:
    """Ask for the rule, store it where it shall hold, remember it."""
    try:
        yield store(new, place=new.place)
    except StepFailed as failed:
        yield note(new)
        return Done({"state": failed.outcome.state.value})
    yield note(new)
    return Done({"state": StepState.DONE.value})


@keep_rule.farewell
def leave(
    run: RunRow, _new: NewRule, state: RunState, error: MaskError | None, steps: list[StepRow]
) -> Farewell:
    """Stopped, or given up by the engine; a card that waited for a yes tells it by itself."""
    was_asked = bool(steps) and steps[0].gate is Gate.ASK
    if was_asked or state is not RunState.FAILED or error is None:
        return Farewell()
    return Farewell(notices=[_failed(run.id, error.to_json())])


@workflow("drop_rule", version=1, args=Dropped)
def drop_rule(what: Dropped) -> WorkflowBody:
    """End a rule at its place; it waits there for a place that is away."""
    yield drop(Drop(what.rule_id, what.by), place=what.place)
    return Done()


@step("rules.note", kind=Kind.LOCAL)
def note(room: RuleRoom, ctx: StepContext, new: NewRule) -> str | None:
    """Remember a rule that its place has stored, by this run's journal; the rule's id. What did not
    come about and has no card is told."""
    tx = ctx.transaction
    assert tx is not None, "a LOCAL step has a transaction"
    stored = journal.load_steps(tx, ctx.run.id)[POSITION]
    if stored.state is not StepState.DONE:
        if stored.gate is not Gate.ASK:
            ctx.notices.append(_failed(ctx.run.id, stored.error or {}))
        return None
    rule = room.rules.add(
        tx,
        kind=new.kind,
        place=new.place,
        scope=new.scope,
        expires_at=new.expires_at,
        by=room.place,
        can_rule=room.policy.entry(new.kind).can_rule,
        rule_id=str(stored.outcome["rule_id"]),
    )
    return rule.id


def _failed(run_id: str, error: dict[str, Any]) -> Notice:
    return Notice("failed", {"error": error, "run_id": run_id})
