"""The outbox and the inbox: what is to be sent, and what was ever received.

Rows and their moves only; the protocol is `exchange.py`. Every function works inside the caller's
transaction. An inbox row is the memory that makes a second delivery harmless, so it is kept far
longer (`KEPT_DAYS`) than any envelope is valid (ten minutes).
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.db import Transaction, canonical, insert_or_ignore
from core.runs.tables import inbox, outbox

#: Days that finished rows stay; marks that must never be forgotten stay for ever.
KEPT_DAYS = 90
#: Kind of an inbox row that is a mark and not a message.
MARK = "mark"


class OutState(enum.StrEnum):
    """Where a message to another place stands."""

    OPEN = "open"  # to be sent, again and again, until the receiver has accepted it
    ACCEPTED = "accepted"  # in the receiver's inbox
    DEAD = "dead"  # given up, or withdrawn before it was ever sent


class InState(enum.StrEnum):
    """Where a received message stands."""

    NEW = "new"  # nothing has happened yet
    RUNNING = "running"  # a step is at work
    DONE = "done"  # its effect is committed


@dataclass(frozen=True)
class OutRow:
    """A message to another place."""

    id: str
    place: str
    kind: str
    body: dict[str, Any]
    state: OutState
    attempts: int
    created_at: datetime


@dataclass(frozen=True)
class InRow:
    """A received message."""

    id: str
    place: str
    kind: str
    body: dict[str, Any]
    state: InState


def message_id(*parts: str | int) -> str:
    """The id of a message that can exist only once: 128 bits of a digest of what it is about."""
    return hashlib.sha256(canonical(["the-mask/message", *parts]).encode()).hexdigest()[:32]


# -- outbox --------------------------------------------------------------------------------------


def put(tx: Transaction, row: OutRow) -> bool:
    """Add a message. False when it is there already; a dead one is opened again (True)."""
    values = {
        "id": row.id,
        "place": row.place,
        "kind": row.kind,
        "body": row.body,
        "state": OutState.OPEN,
        "attempts": 0,
        "next_at": row.created_at,
        "created_at": row.created_at,
    }
    if insert_or_ignore(tx, outbox, values):
        return True
    return reopen(tx, row.id, row.created_at, OutState.DEAD)


def reopen(tx: Transaction, message: str, now: datetime, *states: OutState) -> bool:
    """Send again a message that is in one of `states`, with a new day to be accepted in."""
    opened = tx.execute(
        sa.update(outbox)
        .where(outbox.c.id == message, outbox.c.state.in_(states))
        .values(state=OutState.OPEN, attempts=0, next_at=now, created_at=now, accepted_at=None)
    )
    return opened.rowcount == 1


def due(tx: Transaction, places: Iterable[str], now: datetime, most: int) -> list[OutRow]:
    """Open messages whose time has come, oldest first."""
    query = (
        sa.select(outbox)
        .where(
            outbox.c.state == OutState.OPEN,
            outbox.c.next_at <= now,
            outbox.c.place.in_(list(places)),
        )
        .order_by(outbox.c.created_at, outbox.c.id)
        .limit(most)
    )
    return [_out(row) for row in tx.execute(query).mappings()]


def claim(tx: Transaction, row: OutRow, next_at: datetime) -> bool:
    """Count a sending; False when another relay was faster."""
    claimed = tx.execute(
        sa.update(outbox)
        .where(
            outbox.c.id == row.id,
            outbox.c.state == OutState.OPEN,
            outbox.c.attempts == row.attempts,
        )
        .values(attempts=row.attempts + 1, next_at=next_at)
    )
    return claimed.rowcount == 1


def postpone(tx: Transaction, rows: Sequence[OutRow], next_at: datetime) -> None:
    """The broker was away: these sendings did not happen."""
    for row in rows:
        tx.execute(
            sa.update(outbox)
            .where(outbox.c.id == row.id, outbox.c.attempts == row.attempts + 1)
            .values(attempts=row.attempts, next_at=next_at)
        )


def accept(tx: Transaction, message: str, place: str, now: datetime) -> bool:
    """The receiver has it."""
    accepted = tx.execute(
        sa.update(outbox)
        .where(outbox.c.id == message, outbox.c.place == place, outbox.c.state == OutState.OPEN)
        .values(state=OutState.ACCEPTED, accepted_at=now)
    )
    return accepted.rowcount == 1


def send_now(tx: Transaction, place: str, now: datetime) -> None:
    """The place has come back: what is open for it is due at once."""
    tx.execute(
        sa.update(outbox)
        .where(outbox.c.place == place, outbox.c.state == OutState.OPEN)
        .values(next_at=now)
    )


def overdue(tx: Transaction, before: datetime, tries: int, most: int) -> list[OutRow]:
    """Open messages that are older than `before` and were sent at least `tries` times."""
    query = (
        sa.select(outbox)
        .where(
            outbox.c.state == OutState.OPEN,
            outbox.c.created_at <= before,
            outbox.c.attempts >= tries,
        )
        .order_by(outbox.c.created_at)
        .limit(most)
    )
    return [_out(row) for row in tx.execute(query).mappings()]


def kill(tx: Transaction, message: str) -> bool:
    """Give a message up; False when it was not open."""
    killed = tx.execute(
        sa.update(outbox)
        .where(outbox.c.id == message, outbox.c.state == OutState.OPEN)
        .values(state=OutState.DEAD)
    )
    return killed.rowcount == 1


def open_of_kind(tx: Transaction, kind: str) -> list[OutRow]:
    """Every open message of one kind."""
    query = sa.select(outbox).where(outbox.c.state == OutState.OPEN, outbox.c.kind == kind)
    return [_out(row) for row in tx.execute(query).mappings()]


def find_out(tx: Transaction, message: str) -> OutRow | None:
    row = tx.execute(sa.select(outbox).where(outbox.c.id == message)).mappings().one_or_none()
    return None if row is None else _out(row)


# -- inbox ---------------------------------------------------------------------------------------


def receive(tx: Transaction, row: InRow, now: datetime, *, finished: bool = False) -> bool:
    """Keep a message; False when it was received before."""
    values = {
        "id": row.id,
        "place": row.place,
        "kind": row.kind,
        "body": row.body,
        "state": row.state,
        "received_at": now,
        "finished_at": now if finished else None,
    }
    return insert_or_ignore(tx, inbox, values)


def mark(tx: Transaction, name: str, about: dict[str, Any], now: datetime) -> bool:
    """Leave a mark that is never removed; False when it was there. `name` is a message id."""
    return receive(tx, InRow(name, "", MARK, about, InState.DONE), now, finished=True)


def find_in(tx: Transaction, message: str) -> InRow | None:
    row = tx.execute(sa.select(inbox).where(inbox.c.id == message)).mappings().one_or_none()
    return None if row is None else _in(row)


def waiting(tx: Transaction, kind: str, state: InState, most: int = 1000) -> list[InRow]:
    """Messages of one kind in one state, oldest first."""
    query = (
        sa.select(inbox)
        .where(inbox.c.state == state, inbox.c.kind == kind)
        .order_by(inbox.c.received_at, inbox.c.id)
        .limit(most)
    )
    return [_in(row) for row in tx.execute(query).mappings()]


def move(tx: Transaction, message: str, old: InState, new: InState, now: datetime) -> bool:
    """Change a message's state; False when it was not `old`."""
    finished_at = now if new is InState.DONE else None
    moved = tx.execute(
        sa.update(inbox)
        .where(inbox.c.id == message, inbox.c.state == old)
        .values(state=new, finished_at=finished_at)
    )
    return moved.rowcount == 1


def purge(tx: Transaction, now: datetime) -> int:
    """Forget what ended long ago; returns how many rows went."""
    before = now - timedelta(days=KEPT_DAYS)
    sent = sa.delete(outbox).where(outbox.c.state != OutState.OPEN, outbox.c.created_at < before)
    received = sa.delete(inbox).where(
        inbox.c.state == InState.DONE, inbox.c.kind != MARK, inbox.c.received_at < before
    )
    return tx.execute(sent).rowcount + tx.execute(received).rowcount


def _out(row: sa.RowMapping) -> OutRow:
    return OutRow(
        row["id"],
        row["place"],
        row["kind"],
        row["body"],
        OutState(row["state"]),
        row["attempts"],
        row["created_at"],
    )


def _in(row: sa.RowMapping) -> InRow:
    return InRow(row["id"], row["place"], row["kind"], row["body"], InState(row["state"]))
