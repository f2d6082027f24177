"""What came in, raw, before anyone has looked at it.

Law 1: every update ends in exactly one of: done (answered), refused (with a reply), aside (by a
named rule, such as `stranger`), dead (with an alert). The row is committed before Telegram may
forget the update; parsing comes later, row by row, so one bad update hurts nobody else.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa

from core.db import Database, Transaction, insert_or_ignore
from core.prepared import Prepared, value
from core.runs.tables import intake

#: Tries of an update whose handling raised, before it is dead-lettered.
MOST_TRIES = 3
#: What is left of an update that held a secret.
SCRUBBED = "{}"


class IntakeState(enum.StrEnum):
    """Where an update stands."""

    NEW = "new"
    DONE = "done"
    REFUSED = "refused"
    ASIDE = "aside"
    DEAD = "dead"


@dataclass(frozen=True)
class IntakeRow:
    """One raw update."""

    seq: int
    source: str
    update_id: int
    raw: str
    attempts: int


class Intake:
    """The durable queue between Telegram and the handlers."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, source: str, updates: list[tuple[int, str]], now: datetime) -> int:
        """Commit raw updates (id, JSON text); doubles are ignored. Returns how many are new."""
        with self._db.write() as transaction:
            return sum(
                insert_or_ignore(
                    transaction,
                    intake,
                    {
                        "source": source,
                        "update_id": update_id,
                        "raw": raw,
                        "state": IntakeState.NEW,
                        "attempts": 0,
                        "received_at": now,
                    },
                )
                for update_id, raw in updates
            )

    def waiting(self, source: str, most: int = 100, after: int = 0) -> list[IntakeRow]:
        """The oldest updates after seq `after` that have not ended, in order of arrival."""
        values = {"source": source, "after": after, "most": most}
        with self._db.read() as transaction:
            return [IntakeRow(*row) for row in transaction.execute(_waiting(), values)]

    @staticmethod
    def end(
        transaction: Transaction,
        seq: int,
        state: IntakeState,
        now: datetime,
        why: str | None = None,
    ) -> bool:
        """Close an update inside the transaction that holds its effect; False if it was closed."""
        values = {"at": seq, "state": state, "why": why, "finished_at": now}
        return transaction.execute(_end(), values).rowcount == 1

    @staticmethod
    def scrub(transaction: Transaction, seq: int) -> None:
        """Forget what an update said, and keep that it came: it held a secret."""
        transaction.execute(sa.update(intake).where(intake.c.seq == seq).values(raw=SCRUBBED))

    def settle(self, seq: int, now: datetime) -> bool:
        """End an update as done unless its handler has ended it; False if it had. Looks first:
        the usual case takes no write lock."""
        with self._db.read() as transaction:
            if transaction.execute(_state(), {"seq": seq}).scalar_one() != IntakeState.NEW:
                return False
        with self._db.write() as transaction:
            return self.end(transaction, seq, IntakeState.DONE, now)

    def tried(self, seq: int) -> int:
        """Count a failed try; returns how many there were."""
        with self._db.write() as transaction:
            transaction.execute(
                sa.update(intake).where(intake.c.seq == seq).values(attempts=intake.c.attempts + 1)
            )
            query = sa.select(intake.c.attempts).where(intake.c.seq == seq)
            return int(transaction.execute(query).scalar_one())


@cache
def _waiting() -> Prepared:
    columns = intake.c
    return Prepared(
        sa.select(columns.seq, columns.source, columns.update_id, columns.raw, columns.attempts)
        .where(
            columns.state == IntakeState.NEW,
            columns.source == value(columns.source),
            columns.seq > value(columns.seq, "after"),
        )
        .order_by(columns.seq)
        .limit(value(columns.seq, "most"))
    )


@cache
def _end() -> Prepared:
    columns = intake.c
    changed = {name: value(columns[name]) for name in ("state", "why", "finished_at")}
    return Prepared(
        sa.update(intake)
        .where(columns.seq == value(columns.seq, "at"), columns.state == IntakeState.NEW)
        .values(changed)
    )


@cache
def _state() -> Prepared:
    return Prepared(sa.select(intake.c.state).where(intake.c.seq == value(intake.c.seq)))
