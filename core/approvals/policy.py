"""The policy: what runs by itself, what is asked, what never happens. Pure but for `load`.

    floor -> broken file -> the kind's entry -> what it would do -> the owner's rules -> judgement

`judge` reads an action's canonical fields and facts of its place; it never sees what a model said.
The floor is first and last: nothing below opens it. What an action would do raises its risk and
may turn auto into ask, never the other way. Only then may a rule of the owner spare a question,
and only for what `unruled.why_not` lets a rule cover.

It fails closed. A file with any mistake in it is not used at all: every action asks, what is of
the highest class is refused, rules count for nothing, everything is private; `Policy.error` says
where the mistake is. An action of a kind without an entry asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.approvals import policy_file, rule_scopes
from core.approvals.effects import DELETES, effects, highest
from core.approvals.floor import Floor
from core.approvals.model import Facts, Rule
from core.approvals.policy_file import HIGHEST_VALIDITY_S, SHIPPED, Entry
from core.approvals.unruled import why_not
from core.errors import Broken, MaskError, Refused
from core.runs.model import Gate, Label
from core.runs.ports import Judgement, Risk


@dataclass(frozen=True)
class Policy:
    """One policy file, with the floor of the place that applies it.

    `version` is 0 and `error` a Broken(`policy-broken`, file, line, name, why) when the file cannot
    be used.
    """

    version: int
    entries: Mapping[str, Entry] = field(default_factory=dict)
    open_roots: frozenset[str] = frozenset()
    floor: Floor = field(default_factory=Floor)
    error: Broken | None = None

    @classmethod
    def load(cls, path: Path | None = None, floor: Floor | None = None) -> Policy:
        """The policy at `path`, else the shipped one. Never raises: what is wrong is in `error`."""
        floor = floor or Floor()
        try:
            found = policy_file.read(path or SHIPPED)
        except Broken as error:
            return cls(0, floor=floor, error=error)
        return cls(found.version, found.entries, found.open_roots, floor=floor)

    def entry(self, kind: str) -> Entry:
        """The kind's entry; an unknown kind asks."""
        return self.entries.get(kind) or Entry(kind, Gate.ASK, Risk.HIGH)

    def label_of(self, root: str) -> Label:
        """Whether contents of files below this root may leave the owner's machines."""
        return Label.OPEN if root in self.open_roots else Label.PRIVATE

    def why_no_rule(self, fields: Mapping[str, Any], risk: Risk = Risk.LOW) -> str | None:
        """The Fluent key that says why the owner cannot add a rule for this; None when he can.
        `risk` is what somebody else found; here it only rises."""
        if self.error is not None:
            return "rules-why-broken"
        entry = self.entry(str(fields.get("kind")))
        risk = highest(risk, entry.risk, *(effect.risk for effect in effects(fields)))
        return why_not(fields, risk, can_rule=entry.can_rule)


def judge(policy: Policy, fields: Mapping[str, Any], facts: Facts) -> Judgement:
    """The policy's answer about an action with these canonical fields."""
    kind = str(fields.get("kind"))
    is_here = fields.get("place") == facts.place  # another place has roots of its own
    forbidden = policy.floor.forbids(fields, facts.roots if is_here else ())
    if forbidden is not None:
        return _denied(f"floor:{forbidden}", Refused(f"floor-{forbidden}"))
    base = _raised(policy.entry(kind), fields)
    judgement = Judgement(
        base.gate,
        f"policy:{kind}",
        base.risk,
        facts.timeout_s or base.validity_s,
        base.second_factor,
    )
    if _lacks_backup(policy, base, fields, facts):
        return _denied("policy:no-backup", Refused("no-backup"))
    if policy.error is not None:
        return _closed(policy.error, judgement)
    if judgement.gate is Gate.DENY:
        return _denied(judgement.rule, Refused("policy-denies", kind=kind))
    return _ruled(policy, fields, facts, judgement)


def _raised(entry: Entry, fields: Mapping[str, Any]) -> Entry:
    """The entry, raised by what the action would do."""
    found = list(effects(fields))
    risk = highest(entry.risk, *(effect.risk for effect in found))
    asks = any(effect.asks for effect in found) or risk is Risk.HIGHEST
    gate = Gate.ASK if entry.gate is Gate.AUTO and asks else entry.gate
    if risk is not Risk.HIGHEST:
        return replace(entry, gate=gate, risk=risk)
    validity_s = min(entry.validity_s, HIGHEST_VALIDITY_S)
    return replace(entry, gate=gate, risk=risk, validity_s=validity_s, second_factor=True)


def _lacks_backup(policy: Policy, entry: Entry, fields: Mapping[str, Any], facts: Facts) -> bool:
    """A delete that nothing could bring back. A broken file counts as if it demanded it."""
    needs = entry.requires_backup or (policy.error is not None and entry.kind in DELETES)
    return needs and fields.get("undo", "none") == "none" and not facts.has_backup


def _closed(error: Broken, judgement: Judgement) -> Judgement:
    """Without a policy that can be read: ask about everything, refuse the highest class."""
    if judgement.gate is Gate.DENY or judgement.risk is Risk.HIGHEST:
        return _denied("policy:broken", error)
    return replace(judgement, gate=Gate.ASK, rule="policy:broken")


def _ruled(
    policy: Policy, fields: Mapping[str, Any], facts: Facts, judgement: Judgement
) -> Judgement:
    """What the owner's own rules make of it: stricter ones always count, one that opens only
    where a question would be asked that a rule may spare."""
    matching = [rule for rule in facts.rules if rule_scopes.covers(rule, fields, facts)]
    for rule in matching:
        if rule.gate is Gate.DENY:
            return _denied(_named(rule), Refused("policy-denies", kind=rule.kind))
    stricter = [rule for rule in matching if rule.gate is Gate.ASK]
    if stricter:
        return replace(judgement, gate=Gate.ASK, rule=_named(stricter[0]))
    if judgement.gate is Gate.ASK and policy.why_no_rule(fields) is None:
        for rule in matching:
            return replace(judgement, gate=Gate.AUTO, rule=_named(rule), second_factor=False)
    return judgement


def _named(rule: Rule) -> str:
    return f"owner:{rule.id}"


def _denied(rule: str, error: MaskError) -> Judgement:
    return Judgement(Gate.DENY, rule, Risk.HIGHEST, error=error.to_json())
