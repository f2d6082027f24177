"""The owner's own rules, as rows: what need not be asked again, in which narrow scope, until when.

Decides nothing about an action (`policy.judge` does) and adds nothing by itself: a row is made by
the step `rules.store` alone, which the owner approves with two factors. A rule always ends, and
once it is revoked it is revoked for ever: no call brings it back, and its id is never used again.
At home the rows are those of all places, at a node its own. Every method works inside the caller's
transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from core.approvals.audit import Audit
from core.approvals.model import Rule, Scope
from core.approvals.rule_scopes import check, from_json, to_json
from core.approvals.tables import rules
from core.clock import Clock
from core.db import Transaction, insert_or_ignore
from core.errors import Refused
from core.ids import new_id
from core.runs.model import Gate

#: Rules at one place; more are no rules any more but a policy, which is a file.
MOST_RULES = 200


class Rules:
    """The rules kept at `place`."""

    def __init__(self, clock: Clock, place: str) -> None:
        self._clock = clock
        self._place = place
        self._audit = Audit(clock)

    def add(
        self,
        tx: Transaction,
        *,
        kind: str,
        place: str,
        scope: Scope,
        expires_at: datetime,
        by: str,
        can_rule: bool,
        rule_id: str | None = None,
    ) -> Rule:
        """A new rule that lets actions of `kind` at `place` run without asking. `can_rule` is the
        policy's word about the kind. Refused(`rule-not-allowed`, `rule-too-wide`, `rule-time`,
        `rule-too-many`, `rule-revoked`)."""
        now = self._clock.now()
        check(kind, scope, expires_at, now, can_rule=can_rule)
        if len(self.list(tx)) >= MOST_RULES:
            raise Refused("rule-too-many", most=MOST_RULES)
        rule = Rule(
            id=rule_id or new_id(),
            kind=kind,
            place=place,
            scope=scope,
            gate=Gate.AUTO,
            created_at=now,
            created_by=by,
            expires_at=expires_at,
        )
        row = {**vars(rule), "scope": to_json(scope), "gate": rule.gate.value}
        if not insert_or_ignore(tx, rules, row):
            return self._known(tx, rule)
        self._audit.record(tx, "rule-added", by, rule=rule.id, action=kind, place=place)
        return rule

    def list(self, tx: Transaction) -> list[Rule]:
        """The rules that hold now, the newest first."""
        now = self._clock.now()
        columns = rules.c
        query = (
            sa.select(rules)
            .where(columns.revoked_at.is_(None), columns.expires_at > now)
            .order_by(columns.created_at.desc(), columns.id.desc())
        )
        return [_rule(row) for row in tx.execute(query).mappings()]

    def get(self, tx: Transaction, rule_id: str) -> Rule | None:
        """One rule, also one that has ended."""
        query = sa.select(rules).where(rules.c.id == rule_id)
        row = tx.execute(query).mappings().one_or_none()
        return None if row is None else _rule(row)

    def revoke(self, tx: Transaction, rule_id: str, by: str) -> Rule | None:
        """End a rule for ever; the rule, None when there is none that holds. Doing it again
        changes nothing."""
        ended = tx.execute(
            sa.update(rules)
            .where(rules.c.id == rule_id, rules.c.revoked_at.is_(None))
            .values(revoked_at=self._clock.now())
        )
        if ended.rowcount == 0:
            return None
        self._audit.record(tx, "rule-revoked", by, rule=rule_id)
        return self.get(tx, rule_id)

    def revoke_place(self, tx: Transaction, place: str, by: str) -> int:
        """End all rules of a place, when it is trusted no more; how many."""
        found = [rule.id for rule in self.list(tx) if rule.place == place]
        return sum(self.revoke(tx, rule_id, by) is not None for rule_id in found)

    def used(self, tx: Transaction, rule_id: str) -> None:
        """Something ran because of it."""
        counted = rules.update().where(rules.c.id == rule_id).values(uses=rules.c.uses + 1)
        tx.execute(counted)

    def _known(self, tx: Transaction, rule: Rule) -> Rule:
        """The same rule may be noted twice; a revoked one stays revoked."""
        known = self.get(tx, rule.id)
        same = ("kind", "place", "scope", "gate", "expires_at")
        if known is None or any(getattr(known, name) != getattr(rule, name) for name in same):
            raise Refused("rule-not-allowed", kind=rule.kind)
        if known.revoked_at is not None:
            raise Refused("rule-revoked")
        return known


def until(now: datetime, days: int) -> datetime:
    """When a rule that holds for `days` ends; whole seconds, so that it is spelled one way."""
    return (now + timedelta(days=days)).replace(microsecond=0)


def _rule(row: sa.RowMapping) -> Rule:
    values = {**row, "scope": from_json(row["scope"]), "gate": Gate(row["gate"])}
    return Rule(**values)
