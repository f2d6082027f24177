"""What decides at home whether something runs: the guard, and home's incarnation."""

from __future__ import annotations

from core.approvals.guard import PlaceGuard, Surroundings
from core.approvals.incarnation import NAME, Incarnation, Record
from core.approvals.keys import GrantKeys
from core.approvals.policy import judge
from core.approvals.standing import home_standing
from core.db import Transaction
from core.runs.exchange_nodes import HOME
from core.runs.ports import Guard
from core.wiring.house import House


def home_guard(base: House) -> Guard:
    """Home's own policy, the owner's rules here, and the public keys that grants are signed with;
    the key that signs is the bot's alone."""

    def incarnation(tx: Transaction) -> int:
        return int(base.preferences.get(tx, NAME, 1))

    return PlaceGuard(
        base.db,
        base.clock,
        Surroundings(HOME, base.settings.approval_timeout, tuple(base.settings.roots())),
        lambda fields, facts: judge(base.policy, fields, facts),
        base.rules,
        home_standing(GrantKeys(base.clock, base.audit), incarnation, base.owner.owner_id),
        base.audit,
    )


def open_incarnation(base: House) -> Incarnation:
    """Home's incarnation; `settle` it before anything acts."""
    return Incarnation(
        base.db,
        base.clock,
        base.preferences,
        base.audit,
        Record(base.settings.home),
        base.wake,
        base.approvals.forget_past,
        base.mailbox.put,
    )
