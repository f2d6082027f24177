"""Turns that wait too long for a worker: the owner hears of it once, and of the end of it.

Nothing is lost meanwhile: the turn is in the database and goes on when a worker comes. A turn that
is being worked on, or waits for its own place in the chat's order, for the owner or for a machine,
does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from core.db import Database, Transaction
from core.memory.preferences import Preferences
from core.runs.model import RunState
from core.runs.notices import Level, Notice, alert
from core.runs.tables import runs

#: A turn that nobody has taken up for this long is worth a word.
PATIENCE = timedelta(seconds=10)
PREFERENCE = "watchdog:turns-wait"


class WaitingTurns:
    """`put` stores a notice (`Mailbox.put`)."""

    def __init__(
        self,
        db: Database,
        preferences: Preferences,
        put: Callable[[Transaction, Notice], object],
    ) -> None:
        self._db = db
        self._preferences = preferences
        self._put = put

    def check(self, now: datetime) -> int:
        """Look once, every few seconds; how many turns wait too long."""
        with self._db.read() as tx:
            many = waiting_since(tx, now - PATIENCE)
            was_told = bool(self._preferences.get(tx, PREFERENCE))
        if bool(many) != was_told:
            with self._db.write() as tx:
                self._preferences.set(tx, PREFERENCE, bool(many) or None)
                level = Level.PROBLEM if many else Level.RESOLVED
                self._put(tx, alert(level, "worker", "turns-wait", many=many))
        return many


def waiting_since(tx: Transaction, before: datetime) -> int:
    """Turns at the head of their chat that have been ready, or left behind, since `before`."""
    heads = (
        sa.select(sa.func.min(runs.c.seq))
        .where(runs.c.lane.is_not(None), runs.c.state.in_([RunState.READY, RunState.RUNNING]))
        .group_by(runs.c.lane)
    )
    query = (
        sa.select(sa.func.count())
        .select_from(runs)
        .where(
            runs.c.seq.in_(heads),
            sa.or_(
                sa.and_(runs.c.state == RunState.READY, runs.c.updated_at < before),
                sa.and_(runs.c.state == RunState.RUNNING, runs.c.lease_until < before),
            ),
        )
    )
    return int(tx.execute(query).scalar_one())
