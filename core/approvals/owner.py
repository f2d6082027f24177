"""Who the owner is, and how the bot learns it.

The owner is the Telegram id from the settings, else the one that was paired. Pairing: a code of
128 random bits, valid ten minutes, stored only as its sha256, used once; a newer code kills the
older ones. A person has five tries per code: counted per person, so that a stranger cannot use up
the owner's. Once there is an owner, no code pairs anybody. A stranger is answered once.
Every method works inside the caller's transaction.
"""

from __future__ import annotations

import enum
import hashlib
from datetime import timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from core.approvals.audit import Audit
from core.approvals.tables import audit, pairings
from core.clock import Clock
from core.db import Transaction
from core.ids import random_token

CODE_LIFE = timedelta(minutes=10)
MOST_TRIES = 5


class Pairing(enum.StrEnum):
    """How a try to pair ended."""

    PAIRED = "paired"  # this person is the owner now
    WRONG = "wrong"  # no such code, or one that has been used
    EXPIRED = "expired"  # the right code, too late
    TOO_MANY = "too-many"  # this person has no tries left
    TAKEN = "taken"  # there is an owner already


class OwnerRows(Protocol):
    """Where the owner's id and the strangers met are kept; `core.memory.Preferences` is one."""

    def owner_id(self, tx: Transaction) -> int | None: ...

    def set_owner_id(self, tx: Transaction, user_id: int) -> None: ...

    def get(self, tx: Transaction, name: str, default: Any = None) -> Any: ...

    def set(self, tx: Transaction, name: str, value: Any) -> None: ...


class Owner:
    """Answers who the owner is. `configured` is MASK_OWNER_ID and beats what was paired."""

    def __init__(self, rows: OwnerRows, clock: Clock, configured: int | None = None) -> None:
        self._rows = rows
        self._clock = clock
        self._configured = configured
        self._audit = Audit(clock)
        #: The owner as read last in this process: an owner, once known, stays the owner.
        self.remembered = configured

    def owner_id(self, tx: Transaction) -> int | None:
        """The owner's Telegram id, None before pairing."""
        if self._configured is None:
            self.remembered = self._rows.owner_id(tx)
        return self.remembered

    def is_owner(self, tx: Transaction, user_id: int) -> bool:
        return self.owner_id(tx) == user_id

    def new_code(self, tx: Transaction) -> str:
        """A fresh pairing code; the only copy of its text is the one returned."""
        now = self._clock.now()
        tx.execute(sa.delete(pairings).where(pairings.c.used_at.is_(None)))
        code = random_token()
        tx.execute(
            sa.insert(pairings).values(
                code_hash=_hash(code), created_at=now, expires_at=now + CODE_LIFE
            )
        )
        self._audit.record(tx, "pairing-code", "home", expires_at=(now + CODE_LIFE).isoformat())
        return code

    def pair(self, tx: Transaction, user_id: int, code: str) -> Pairing:
        """Try to become the owner with `code`. Exactly one try in the life of a code succeeds."""
        if self.owner_id(tx) is not None:
            return Pairing.TAKEN
        actor = actor_of(user_id)
        if self._tries(tx, actor) >= MOST_TRIES:
            return Pairing.TOO_MANY
        now = self._clock.now()
        used = tx.execute(
            sa.update(pairings)
            .where(
                pairings.c.code_hash == _hash(code),
                pairings.c.used_at.is_(None),
                pairings.c.expires_at > now,
            )
            .values(used_at=now)
        )
        if used.rowcount == 1:
            self._rows.set_owner_id(tx, user_id)
            self._audit.record(tx, "paired", actor)
            return Pairing.PAIRED
        late = sa.select(pairings.c.used_at).where(pairings.c.code_hash == _hash(code))
        row = tx.execute(late).one_or_none()
        ended = Pairing.EXPIRED if row is not None and row.used_at is None else Pairing.WRONG
        self._audit.record(tx, "pairing-failed", actor, why=ended.value)
        return ended

    def stranger_seen(self, tx: Transaction, user_id: int) -> bool:
        """True the first time this person appears: answer then, and never again."""
        name = f"stranger:{user_id}"
        if self._rows.get(tx, name) is not None:
            return False
        self._rows.set(tx, name, self._clock.now().isoformat())
        self._audit.record(tx, "stranger", actor_of(user_id))
        return True

    def _tries(self, tx: Transaction, actor: str) -> int:
        newest = sa.select(sa.func.max(pairings.c.created_at)).scalar_subquery()
        query = sa.select(sa.func.count()).where(
            audit.c.kind == "pairing-failed", audit.c.actor == actor, audit.c.at >= newest
        )
        return int(tx.execute(query).scalar_one())


def actor_of(user_id: int) -> str:
    """How the audit names a person on Telegram."""
    return f"telegram:{user_id}"


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
