"""What was changed lately, at which place, and whether it can still be taken back.

Read from home's journal: every effect that left a change names it there, also those of a machine
that sleeps now. Decides nothing; the place itself says at last whether a change can be undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.conversation import hands
from core.db import Transaction
from core.errors import Refused
from core.runs import actions
from core.runs.model import StepState
from core.runs.tables import steps

#: How long the trash keeps what was there before (issue: seven days).
KEPT = timedelta(days=7)
UNDO = "files.undo"
#: Steps looked at: more than a busy week leaves.
MOST_LOOKED_AT = 2000


@dataclass(frozen=True)
class Change:
    """One change. `kind` is its action's; `what` a path, or a command's arguments on one line."""

    id: str
    place: str
    kind: str
    what: str
    at: datetime
    is_undone: bool

    @property
    def can_be_meant(self) -> bool:
        """Is it what "undo the last one" means? Not what is undone, and not an undoing."""
        return not self.is_undone and self.kind != "undo"

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "place": self.place,
            "kind": self.kind,
            "what": self.what,
            "at": self.at.isoformat(),
            "undone": self.is_undone,
        }


def recent(tx: Transaction, now: datetime, most: int) -> list[Change]:
    """The changes of the last seven days, the newest first."""
    query = (
        sa.select(steps)
        .where(
            steps.c.state == StepState.DONE,
            steps.c.name.in_(sorted(hands.EFFECTS)),
            steps.c.updated_at > now - KEPT,
        )
        .order_by(steps.c.updated_at.desc(), steps.c.run_id.desc())
        .limit(MOST_LOOKED_AT)
    )
    found = [row for row in tx.execute(query) if _change_id(row)]
    undos = [row for row in found if row.name == UNDO]
    undoings = [(str(_inputs(row).get("change_id")), _change_id(row)) for row in undos]
    return [_change(row, undoings) for row in found[:most]]


def find(tx: Transaction, now: datetime, change_id: str) -> Change | None:
    """One of them."""
    changes = recent(tx, now, MOST_LOOKED_AT)
    return next((each for each in changes if each.id == change_id), None)


def _change(row: Any, undoings: list[tuple[str, str]]) -> Change:
    change_id = _change_id(row)
    kind, what = _told(row)
    undone = _is_undone(change_id, undoings)
    return Change(change_id, row.place, kind, what, row.updated_at, undone)


def _is_undone(change_id: str, undoings: list[tuple[str, str]]) -> bool:
    """Was it taken back, by a change that was not taken back itself? Each undoing is newer than
    what it took back, so this ends."""
    return any(
        undone == change_id and not _is_undone(by, undoings)
        for undone, by in undoings
        if by != change_id
    )


def _change_id(row: Any) -> str:
    outcome = row.outcome if isinstance(row.outcome, dict) else {}
    return str(outcome.get("change_id") or "")


def _inputs(row: Any) -> dict[str, Any]:
    return row.inputs if isinstance(row.inputs, dict) else {}


def _told(row: Any) -> tuple[str, str]:
    """Kind and object, from the action that was shown; from the inputs where none was."""
    try:
        action = actions.read(str((row.action or {})["canonical"]))
    except (Refused, KeyError):
        inputs = _inputs(row)
        return row.name.rpartition(".")[2], str(inputs.get("path") or "")
    if isinstance(action.get("argv"), list):
        return str(action["kind"]), " ".join(map(str, action["argv"]))
    return str(action["kind"]), f"{action.get('root', '')}:/{action.get('path', '')}"
