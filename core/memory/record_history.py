"""What was there before each change of a record: written with the change, never changed after.

Decides which change can still be taken back. Only forgetting empties a row. Errors:
Refused(`memory-change-missing`, `change-superseded`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.errors import Refused
from core.ids import new_id
from core.memory.record_model import Actor, Change, ChangeKind, Stamp
from core.memory.tables import record_history
from core.prepared import Prepared, value

#: Fields whose values are moments: in `before` they are ISO 8601.
MOMENTS = frozenset({"happened_at", "deleted_at"})


def write(
    tx: Transaction,
    record_id: str,
    kind: ChangeKind,
    before: Mapping[str, Any],
    actor: Actor,
    stamp: Stamp,
    at: datetime,
) -> str:
    """Note a change; its id."""
    values = {
        "id": new_id(),
        "record_id": record_id,
        "kind": kind,
        "before": {name: _stored(name, was) for name, was in before.items()},
        "actor": actor.name,
        "message_id": actor.message_id,
        "run_id": actor.run_id,
        "undone_by": None,
        "clock": stamp.value,
        "clock_node": stamp.node,
        "at": at,
    }
    tx.execute(_insert(tuple(values)), values)
    return str(values["id"])


def of_record(tx: Transaction, record_id: str) -> tuple[Change, ...]:
    """Everything that happened to a record, newest first."""
    query = _history(record_id).order_by(record_history.c.seq.desc())
    return tuple(_change(row) for row in tx.execute(query))


def find(tx: Transaction, change_id: str) -> Change | None:
    query = sa.select(record_history).where(record_history.c.id == change_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else _change(row)


def to_take_back(tx: Transaction, change_id: str) -> Change:
    """A change that is in force and the newest of its fields.

    Refused(`memory-change-missing`, `change-superseded`).
    """
    change = find(tx, change_id)
    if change is None or change.kind is ChangeKind.FORGOTTEN:
        raise Refused("memory-change-missing")
    if change.undone_by is not None or _later(tx, change):
        raise Refused("change-superseded")
    return change


def is_untouched(tx: Transaction, record_id: str, field: str) -> bool:
    """Has no change of this field been made since the record's birth, or has each been undone?"""
    return not any(
        field in each.before
        for each in of_record(tx, record_id)
        if each.undone_by is None and each.kind is not ChangeKind.UNDONE
    )


def taken_back(tx: Transaction, change: Change, by: str) -> None:
    """Note that change `by` took this one back; what this one had taken back is in force again."""
    update = sa.update(record_history)
    tx.execute(update.where(record_history.c.id == change.id).values(undone_by=by))
    if change.kind is ChangeKind.UNDONE:
        again = record_history.c.undone_by == change.id
        tx.execute(update.where(again).values(undone_by=None))


def empty(tx: Transaction, record_id: str) -> int:
    """Forget what former versions said; how many rows had words."""
    had = sa.and_(record_history.c.record_id == record_id, record_history.c.before != {})
    return tx.execute(sa.update(record_history).where(had).values(before={})).rowcount


def moment(name: str, stored: Any) -> Any:
    """A value of `before` as the record's column has it."""
    return datetime.fromisoformat(stored) if name in MOMENTS and stored is not None else stored


def _stored(name: str, was: Any) -> Any:
    return was.isoformat() if name in MOMENTS and was is not None else was


def _later(tx: Transaction, change: Change) -> bool:
    """Is a newer change of the same fields in force? Takings-back come in pairs with what they took
    back, so they count only against one of their own kind."""
    newer: list[Change] = []
    for each in of_record(tx, change.record_id):
        if each.id == change.id:
            break
        newer.append(each)
    return any(
        each.before.keys() & change.before.keys()
        for each in newer
        if each.undone_by is None
        and (each.kind is not ChangeKind.UNDONE or change.kind is ChangeKind.UNDONE)
    )


def _history(record_id: str) -> sa.Select[Any]:
    return sa.select(record_history).where(record_history.c.record_id == record_id)


def _change(row: Any) -> Change:
    return Change(
        id=row.id,
        record_id=row.record_id,
        kind=ChangeKind(row.kind),
        before=row.before,
        actor=Actor(row.actor, row.message_id, row.run_id),
        stamp=Stamp(row.clock, row.clock_node),
        at=row.at,
        undone_by=row.undone_by,
    )


@cache
def _insert(names: tuple[str, ...]) -> Prepared:
    """A new change with those values."""
    return Prepared(
        sa.insert(record_history)
        .values({name: value(record_history.c[name]) for name in names})
        .inline()
    )
