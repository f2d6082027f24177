"""Rows of changes: what was changed, by which step, and how it can be taken back.

Decides the states of a change and their moves. It never touches a file. A row is written (`begun`)
before anything is changed, and says afterwards which of the two states, before or after, holds.
"""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.db import Transaction, canonical
from core.errors import Broken, Refused
from core.execution.tables import changes

#: How long what was there before is kept.
KEPT_FOR = timedelta(days=7)
#: Letters of a row's path: a command may name many folders.
MOST_PATH = 2000
#: What `core.ids.new_id` makes.
CHANGE_ID = re.compile(r"[0-9a-f]{32}")


class ChangeState(enum.StrEnum):
    """Where a change stands."""

    BEGUN = "begun"  # being made; after a crash `Trash.recover` finds out which state holds
    KEPT = "kept"  # made; what was there before is in the trash
    UNDONE = "undone"  # taken back by another change
    GONE = "gone"  # made, and cannot be taken back: never kept, or no longer
    VOID = "void"  # it did not happen: everything is as before


MOVES: dict[ChangeState, frozenset[ChangeState]] = {
    ChangeState.BEGUN: frozenset({ChangeState.KEPT, ChangeState.GONE, ChangeState.VOID}),
    ChangeState.KEPT: frozenset({ChangeState.UNDONE, ChangeState.GONE}),
    ChangeState.UNDONE: frozenset({ChangeState.KEPT, ChangeState.GONE}),
    ChangeState.GONE: frozenset(),
    ChangeState.VOID: frozenset(),
}


@dataclass(frozen=True)
class Part:
    """One spot of a change. `before` and `after` are digests of `file_tree` (None: nothing is
    there); `archive` names the sealed file with the former state, None when there was none or it
    was not kept; `shape` is what was there before."""

    root: str
    path: tuple[str, ...]
    before: str | None
    after: str | None
    shape: str | None = None
    archive: str | None = None
    size: int = 0

    @property
    def shown(self) -> str:
        return f"{self.root}:/{'/'.join(self.path)}"


@dataclass(frozen=True)
class Change:
    """One change as the database holds it. `restores`: the change that this one takes back."""

    id: str
    run_id: str
    position: str
    kind: str
    parts: tuple[Part, ...]
    state: ChangeState
    size: int
    created_at: datetime
    expires_at: datetime
    is_kept: bool = True
    restores: str | None = None

    @property
    def after(self) -> str | None:
        """One digest for what it left, of several spots together."""
        if len(self.parts) == 1:
            return self.parts[0].after
        return hashlib.sha256(canonical([part.after for part in self.parts]).encode()).hexdigest()


def begun(
    change_id: str, run_id: str, position: str, kind: str, parts: Sequence[Part], now: datetime
) -> Change:
    """A change that is about to be made."""
    size, until = sum(part.size for part in parts), now + KEPT_FOR
    state = ChangeState.BEGUN
    return Change(change_id, run_id, position, kind, tuple(parts), state, size, now, until)


def add(tx: Transaction, change: Change) -> None:
    tx.execute(sa.insert(changes).values(**_row(change)))


def find(tx: Transaction, change_id: str) -> Change:
    """Refused(`change-missing`)."""
    if not CHANGE_ID.fullmatch(change_id):
        raise Refused("change-missing")
    row = tx.execute(sa.select(changes).where(changes.c.id == change_id)).mappings().first()
    if row is None:
        raise Refused("change-missing")
    return _read(row)


def last(tx: Transaction) -> Change:
    """The newest change that stands and is not itself an undo. Refused(`change-missing`)."""
    query = (
        sa.select(changes)
        .where(changes.c.state == ChangeState.KEPT, changes.c.kind != "undo")
        .order_by(changes.c.created_at.desc(), changes.c.id.desc())
        .limit(1)
    )
    row = tx.execute(query).mappings().first()
    if row is None:
        raise Refused("change-missing")
    return _read(row)


def in_state(tx: Transaction, state: ChangeState) -> list[Change]:
    """The oldest first."""
    query = sa.select(changes).where(changes.c.state == state).order_by(changes.c.id)
    return [_read(row) for row in tx.execute(query).mappings()]


def recent(tx: Transaction, most: int = 10) -> list[Change]:
    """What /undo offers: changes that stand, the newest first."""
    query = (
        sa.select(changes)
        .where(changes.c.state == ChangeState.KEPT)
        .order_by(changes.c.created_at.desc(), changes.c.id.desc())
        .limit(most)
    )
    return [_read(row) for row in tx.execute(query).mappings()]


def move(tx: Transaction, change_id: str, state: ChangeState) -> None:
    """Broken(`illegal-move`) for a move that MOVES does not have."""
    old = find(tx, change_id).state
    if state not in MOVES[old]:
        raise Broken("illegal-move", what="change", old=old.value, new=state.value)
    tx.execute(sa.update(changes).where(changes.c.id == change_id).values(state=state.value))


def end(tx: Transaction, change_id: str, state: ChangeState) -> None:
    """A change was made, or did not happen. One that takes back another says so there; and what
    that one had taken back itself stands again."""
    move(tx, change_id, state)
    restored = find(tx, change_id).restores
    if restored is None or state is ChangeState.VOID:
        return
    undone = find(tx, restored)
    move(tx, restored, ChangeState.UNDONE)
    if undone.restores is not None and find(tx, undone.restores).state is ChangeState.UNDONE:
        move(tx, undone.restores, ChangeState.KEPT)


def rewrite(tx: Transaction, change: Change, parts: Sequence[Part]) -> Change:
    """The same change with what is known of its spots by now."""
    changed = replace(change, parts=tuple(parts), size=sum(part.size for part in parts))
    tx.execute(sa.update(changes).where(changes.c.id == change.id).values(**_row(changed)))
    return changed


def expire(tx: Transaction, now: datetime) -> int:
    """What was kept long enough can no longer be taken back; how many."""
    old = sa.update(changes).where(
        changes.c.state.in_([ChangeState.KEPT.value, ChangeState.UNDONE.value]),
        changes.c.expires_at <= now,
    )
    return tx.execute(old.values(state=ChangeState.GONE.value)).rowcount


def give_up(tx: Transaction, change_id: str) -> None:
    """What was kept of a change goes before its time: it stands, and cannot be taken back."""
    mine = sa.update(changes).where(
        changes.c.id == change_id,
        changes.c.state.in_([ChangeState.KEPT.value, ChangeState.UNDONE.value]),
    )
    tx.execute(mine.values(state=ChangeState.GONE.value))


def forget(tx: Transaction, before: datetime) -> int:
    """Delete rows that tell of nothing any more; how many."""
    over = [ChangeState.GONE.value, ChangeState.VOID.value]
    old = sa.delete(changes).where(changes.c.state.in_(over), changes.c.created_at < before)
    return tx.execute(old).rowcount


def with_archives(tx: Transaction) -> set[str]:
    """Ids of the changes whose archives are still wanted."""
    live = [ChangeState.BEGUN.value, ChangeState.KEPT.value, ChangeState.UNDONE.value]
    return set(tx.execute(sa.select(changes.c.id).where(changes.c.state.in_(live))).scalars())


def _row(change: Change) -> dict[str, Any]:
    parts = [asdict(part) | {"path": list(part.path)} for part in change.parts]
    return {
        "id": change.id,
        "run_id": change.run_id,
        "position": change.position,
        "kind": change.kind,
        "root": change.parts[0].root if change.parts else "",
        "path": "; ".join("/".join(part.path) for part in change.parts)[:MOST_PATH],
        "before": {"parts": parts, "is_kept": change.is_kept, "restores": change.restores},
        "after": change.after,
        "state": change.state.value,
        "size": change.size,
        "created_at": change.created_at,
        "expires_at": change.expires_at,
    }


def _read(row: Any) -> Change:
    before = row["before"]
    parts = tuple(Part(**(part | {"path": tuple(part["path"])})) for part in before["parts"])
    return Change(
        id=row["id"],
        run_id=row["run_id"],
        position=row["position"],
        kind=row["kind"],
        parts=parts,
        state=ChangeState(row["state"]),
        size=row["size"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        is_kept=before["is_kept"],
        restores=before["restores"],
    )
