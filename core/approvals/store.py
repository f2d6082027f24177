"""Rows of the `approvals` table: reading them, and the one way to move them.

Every move is one UPDATE that names the state it leaves, so of two that decide only one does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.approvals.audit import lock_chain
from core.approvals.model import MOVES, WAITING, Approval, State
from core.approvals.tables import approvals
from core.db import Transaction
from core.errors import Broken, Refused
from core.runs.model import Gate, Label
from core.runs.ports import Judgement, Risk

#: Cards on the phone: these count against MOST_OPEN.
SHOWN = frozenset({State.OPEN, State.CONFIRM, State.CODE})


def get(tx: Transaction, approval_id: str) -> Approval:
    """Refused(`approval-unknown`)."""
    found = select(tx, approvals.c.id == approval_id)
    if not found:
        raise Refused("approval-unknown")
    return found[0]


def of_step(tx: Transaction, run_id: str, position: str) -> Approval | None:
    """The newest question about a step."""
    found = select(tx, approvals.c.run_id == run_id, approvals.c.position == position)
    return found[-1] if found else None


def select(tx: Transaction, *conditions: sa.ColumnElement[bool]) -> list[Approval]:
    """All that meet the conditions, in order of asking."""
    query = sa.select(approvals).where(*conditions).order_by(approvals.c.seq)
    return [_read(row) for row in tx.execute(query).mappings()]


def in_states(tx: Transaction, states: Iterable[State]) -> list[Approval]:
    """Every approval in one of `states`."""
    return select(tx, approvals.c.state.in_(list(states)))


def merged_into(tx: Transaction, approval_id: str) -> list[Approval]:
    """The equal questions that wait behind this one's card."""
    return select(
        tx, approvals.c.merged_into == approval_id, approvals.c.state == State.QUEUED.value
    )


def equal_waiting(tx: Transaction, digest: str, place: str) -> Approval | None:
    """The question about the same action at the same place that waits for the owner."""
    found = select(
        tx,
        approvals.c.digest == digest,
        approvals.c.place == place,
        approvals.c.merged_into.is_(None),
        approvals.c.state.in_(list(WAITING)),
    )
    return found[0] if found else None


def queued(tx: Transaction) -> list[Approval]:
    """Those without a card yet, first come first."""
    return select(tx, approvals.c.state == State.QUEUED.value, approvals.c.merged_into.is_(None))


def count(tx: Transaction, *conditions: sa.ColumnElement[bool]) -> int:
    """How many meet the conditions."""
    query = sa.select(sa.func.count()).select_from(approvals).where(*conditions)
    return int(tx.execute(query).scalar_one())


def insert(tx: Transaction, approval: Approval) -> Approval:
    """Keep a new question; its `seq` is the next one."""
    lock_chain(tx)
    newest = tx.execute(sa.select(sa.func.max(approvals.c.seq))).scalar_one()
    kept = replace(approval, seq=(newest or 0) + 1)
    row = {**vars(kept), "judgement": asdict(kept.judgement)}
    tx.execute(sa.insert(approvals).values(**row))
    return kept


def move(
    tx: Transaction,
    approval: Approval,
    state: State,
    *,
    before: datetime | None = None,
    **values: Any,
) -> Approval:
    """Move it; with `before` only while its card has not expired then. Refused(`approval-closed`)
    when somebody was faster or it is too late; Broken(`illegal-move`) is a defect."""
    if state not in MOVES.get(approval.state, frozenset()):
        raise Broken("illegal-move", what="approval", old=approval.state.value, new=state.value)
    conditions = [approvals.c.id == approval.id, approvals.c.state == approval.state.value]
    if before is not None:
        conditions.append(approvals.c.expires_at > before)
    changed = tx.execute(
        sa.update(approvals).where(*conditions).values(state=state.value, **values)
    )
    if changed.rowcount != 1:
        raise Refused("approval-closed")
    return replace(approval, state=state, **values)


def note(tx: Transaction, approval: Approval, **values: Any) -> Approval:
    """Record what is known without moving; nothing when it has moved meanwhile."""
    tx.execute(
        sa.update(approvals)
        .where(approvals.c.id == approval.id, approvals.c.state == approval.state.value)
        .values(**values)
    )
    return replace(approval, **values)


def _read(row: sa.RowMapping) -> Approval:
    values = dict(row)
    judged = dict(values["judgement"])
    values["judgement"] = Judgement(
        **{**judged, "gate": Gate(judged["gate"]), "risk": Risk(judged["risk"])}
    )
    values["label"] = Label(values["label"])
    values["state"] = State(values["state"])
    return Approval(**values)
