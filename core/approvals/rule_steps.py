"""Storing a rule of the owner at the place where it shall hold, and ending one there.

    rules.store   gated, once: kind `rule`, the highest class, so two taps, and at a node a code
    rules.drop    ends a rule; it only closes, so it needs no yes

A place lets actions run without a grant only by rules that it stored itself, through the grant of
`rules.store`: home's word alone is not enough for a node. Decides nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.approvals.model import Scope
from core.approvals.policy import Policy
from core.approvals.rule_scopes import check, to_json
from core.approvals.rules import Rules
from core.clock import Clock
from core.db import Database
from core.errors import Refused
from core.runs import actions
from core.runs.model import Action, Gate, Kind
from core.runs.ports import StepContext
from core.runs.steps import step

KIND = "rule"


@dataclass(frozen=True)
class RuleRoom:
    """What the steps need of their place."""

    db: Database
    clock: Clock
    place: str
    rules: Rules
    policy: Policy


@dataclass(frozen=True)
class NewRule:
    """Let actions of `kind` in `scope` at `place` run without asking until `expires_at`."""

    kind: str
    place: str
    scope: Scope
    expires_at: datetime

    @property
    def ends(self) -> str:
        """The one spelling of when it ends."""
        return self.expires_at.astimezone(UTC).isoformat()


@dataclass(frozen=True)
class Stored:
    """The rule that a place keeps now; `text` and `summary` are for the card."""

    rule_id: str
    text: str = ""
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Drop:
    """End the rule; `by` is who asked, as the audit names people."""

    rule_id: str
    by: str


@step("rules.store", kind=Kind.ONCE, gated=True, timeout_s=30)
def store(room: RuleRoom, ctx: StepContext, new: NewRule) -> Stored:
    """Keep the rule. Refused as `Rules.add` says."""
    by = str(ctx.permit.grant["approver"]) if ctx.permit else room.place
    with room.db.write() as tx:
        rule = room.rules.add(
            tx,
            kind=new.kind,
            place=new.place,
            scope=new.scope,
            expires_at=new.expires_at,
            by=by,
            can_rule=_can_rule(room, new.kind),
        )
    return Stored(rule.id, summary={"rule_id": rule.id, "expires_at": new.ends})


@store.prepare
def prepare_store(room: RuleRoom, _ctx: StepContext, new: NewRule) -> Action:
    """The rule as an action: what the owner approves is exactly this scope and end."""
    if new.place != room.place or new.expires_at.tzinfo is None:
        raise Refused("rule-not-allowed", kind=new.kind)
    now = room.clock.now()
    check(new.kind, new.scope, new.expires_at, now, can_rule=_can_rule(room, new.kind))
    rule = {
        "kind": new.kind,
        "place": new.place,
        "scope": to_json(new.scope),
        "gate": Gate.AUTO.value,
        "expires_at": new.ends,
    }
    # It can be revoked at any time; what it has let through by then cannot.
    return actions.make(KIND, room.place, undo="none", preview={}, rule=rule)


@step("rules.drop", kind=Kind.LOCAL)
def drop(room: RuleRoom, ctx: StepContext, what: Drop) -> bool:
    """True when a rule ended by this."""
    assert ctx.transaction is not None, "a LOCAL step has a transaction"
    return room.rules.revoke(ctx.transaction, what.rule_id, what.by) is not None


def _can_rule(room: RuleRoom, kind: str) -> bool:
    return room.policy.error is None and room.policy.entry(kind).can_rule
