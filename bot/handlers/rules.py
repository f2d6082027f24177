"""/rules: what runs by itself, what asks, what never happens; the owner's own rules.

A rule is only ever made from an approval card, in a scope that fits that card's action, and by the
gated step `rules.store` at its place: the tap here asks, the card that follows decides. Revoking
needs no second thought: it holds here at once, and at the rule's place as soon as that is there.
Never changes the policy file, never widens a rule.
"""

from __future__ import annotations

from typing import Any

from bot.handlers.incoming import Answer, Command, Incoming, Tapped, Verb, Word
from bot.handlers.screens import show
from core.approvals import rule_scopes, store
from core.approvals.model import Approval, Rule, Scope
from core.approvals.owner import actor_of
from core.approvals.rule_keeping import Dropped, drop_rule, keep_rule
from core.approvals.rule_steps import NewRule
from core.approvals.rules import until
from core.db import Transaction
from core.errors import Refused
from core.runs import actions
from core.runs.buttons import Tap
from core.runs.exchange_nodes import HOME
from core.runs.model import Gate
from core.runs.ports import Risk
from core.wiring import House

#: Rules on one page; each has a button.
ROWS = 5
#: What /jobs calls the runs that keep and drop rules.
TITLE = "/rules"


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/rules`"""
    show(house, tx, said.chat_id, "rules", screen(house, tx))


def turn_page(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    """`rules.page`"""
    page = int(tap.params.get("page") or 0)
    show(house, tx, tapped.said.chat_id, "rules", screen(house, tx, page), tap.card_key)


def revoke(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`rules.revoke`: from now on the same asks again."""
    by = actor_of(tapped.said.user_id)
    rule = house.rules.revoke(tx, str(tap.params["id"]), by)
    if rule is not None and rule.place != HOME:
        what = Dropped(rule.id, rule.place, by)
        house.runs.start(tx, drop_rule, what, key=f"drop-rule:{rule.id}", title=TITLE)
    turn_page(house, tx, tapped, tap)
    return Word("rules-said-revoked")


def offer(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`approval.rule`: which scopes and durations there are for this card's action."""
    approval = store.get(tx, str(tap.params["id"]))
    show(house, tx, tapped.said.chat_id, "rule-choice", choice(house, approval))
    return None


def add(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`rules.add`: ask for the rule with its own card."""
    approval = store.get(tx, str(tap.params["id"]))
    why, offered = _offered(house, approval)
    name, days = str(tap.params["scope"]), tap.params["days"]
    if why is not None or name not in offered or days not in rule_scopes.DAYS:
        raise Refused("rule-not-allowed", kind=approval.kind)
    ends = until(house.clock.now(), days)
    house.runs.start(
        tx,
        keep_rule,
        NewRule(approval.kind, approval.place, offered[name], ends),
        key=tapped.said.key,
        chat_id=tapped.said.chat_id,
        title=TITLE,
        label=approval.label,
    )
    params = {**choice(house, approval), "state": "asked"}
    show(house, tx, tapped.said.chat_id, "rule-choice", params, tap.card_key)
    return Word("rules-said-asked")


COMMANDS: dict[str, Command] = {"rules": command}
VERBS: dict[str, Verb] = {
    "rules.page": turn_page,
    "rules.revoke": revoke,
    "rules.add": add,
    "approval.rule": offer,
}
ANSWERS: dict[str, Answer] = {}


def screen(house: House, tx: Transaction, page: int = 0) -> dict[str, Any]:
    """The facts of the screen: the policy in classes, and one page of the owner's rules."""
    policy, found = house.policy, house.rules.list(tx)
    pages = max(1, -(-len(found) // ROWS))
    page = min(max(page, 0), pages - 1)
    return {
        "version": policy.version,
        "error": None if policy.error is None else policy.error.params,
        "classes": _classes(house),
        "rows": [_row(rule) for rule in found[page * ROWS : (page + 1) * ROWS]],
        "first": page * ROWS + 1,
        "count": len(found),
        "page": page,
        "pages": pages,
    }


def choice(house: House, approval: Approval) -> dict[str, Any]:
    """The facts of the choice: each scope by its name, narrowest first, or why there is none."""
    why, offered = _offered(house, approval)
    return {
        "id": approval.id,
        "kind": approval.kind,
        "place": approval.place,
        "why": why,
        "scopes": [{"name": name, **_scope(scope)} for name, scope in offered.items()],
        "days": list(rule_scopes.DAYS),
        "state": "open",
    }


def _offered(house: House, approval: Approval) -> tuple[str | None, dict[str, Scope]]:
    fields = actions.read(approval.canonical)
    why = house.policy.why_no_rule(fields, approval.judgement.risk)
    return why, {} if why else rule_scopes.choices(fields)


def _classes(house: House) -> dict[str, list[str]]:
    """Kinds of action by what is done about them."""
    classes: dict[str, list[str]] = {"auto": [], "ask": [], "twice": [], "deny": []}
    for entry in house.policy.entries.values():
        is_twice = entry.gate is Gate.ASK and entry.risk is Risk.HIGHEST
        classes["twice" if is_twice else entry.gate.value].append(entry.kind)
    return classes


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "kind": rule.kind,
        "place": rule.place,
        **_scope(rule.scope),
        "expires_at": rule.expires_at.isoformat() if rule.expires_at else None,
        "uses": rule.uses if rule.place == HOME else None,  # a node counts its own
    }


def _scope(scope: Scope) -> dict[str, Any]:
    return {"root": scope.root, "folder": scope.folder, "argv": list(scope.argv)}
