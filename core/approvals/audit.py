"""The audit: who did what, as ids, decisions, digests and outcomes. Never text.

Rows are only ever added, each with a hash over itself and the row before it (`audit_chain`), one
writer at a time. Every place tells the others where its chain ends, and notes what they tell: a
chain that was cut or rewritten no longer holds what another place has noted of it. Missing
guarantee: who has the database's key and rewrites all of it before the next hello is seen only by
the places that noted the former head.

Record last in a transaction: on PostgreSQL the chain is locked from the record to the commit.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.approvals.audit_chain import Findings, Head, OlderRows, Row, hash_of, verify
from core.approvals.tables import audit, audit_heads
from core.clock import Clock
from core.db import Transaction, canonical

#: PostgreSQL's number of the lock that lets one transaction at a time add to the chain.
CHAIN_LOCK = 0x6D61_736B_6175_6474


class PeerHead(enum.StrEnum):
    """What the head that another place told of its own chain means."""

    NEW = "new"  # its chain has grown
    SAME = "same"  # known already
    CUT = "cut"  # shorter than it was, or another row under a number that was noted


@dataclass(frozen=True)
class Noted:
    """What another place said that its chain ends with."""

    place: str
    head: Head
    seen_at: datetime


class Audit:
    """Adds rows inside the caller's transaction. `seen` is told the new head after the commit."""

    def __init__(self, clock: Clock, seen: Callable[[Head], None] | None = None) -> None:
        self._clock = clock
        self._seen = seen

    def record(self, tx: Transaction, kind: str, actor: str, **detail: Any) -> None:
        """`kind` is two or three words joined by hyphens, `actor` e.g. `telegram:42` or `owner`."""
        lock_chain(tx)
        last = _last(tx)
        prev = last.hash if last and last.hash else _older_digest(tx)
        plain = json.loads(canonical(detail))
        row = Row(last.seq + 1 if last else 1, self._clock.now(), kind, actor, plain)
        digest = hash_of(row, prev)
        tx.execute(sa.insert(audit).values(**{**vars(row), "prev": prev, "hash": digest}))
        seen = self._seen
        if seen is not None:
            tx.after_commit(lambda: seen(Head(row.seq, digest)))

    # -- this place's own chain

    @staticmethod
    def head(tx: Transaction) -> Head | None:
        """The end of this place's chain, None while it has no chained row."""
        last = _last(tx)
        return Head(last.seq, last.hash) if last and last.hash else None

    @staticmethod
    def knows(tx: Transaction, head: Head) -> bool:
        """Does this place's chain hold that row with that hash?"""
        query = sa.select(audit.c.hash).where(audit.c.seq == head.seq)
        return bool(tx.execute(query).scalar_one_or_none() == head.hash)

    @staticmethod
    def rows(tx: Transaction) -> Iterator[Row]:
        """Every row in order."""
        columns = sa.select(audit).order_by(audit.c.seq)
        for row in tx.execute(columns).mappings():
            yield _row(row)

    def verify(self, tx: Transaction) -> Findings:
        """Walk along this place's chain."""
        return verify(self.rows(tx))

    # -- what other places say

    def note_peer_head(self, tx: Transaction, place: str, seq: int, hash: str) -> PeerHead:  # noqa: A002
        """Keep what `place` says that its chain ends with. CUT when its chain became shorter or
        another: that is recorded here, with the head that is gone, and from then on it may grow
        again."""
        told, last = Head(seq, hash), self.noted(tx, place)
        if told == last:
            return PeerHead.SAME
        is_cut = last is not None and seq <= last.seq
        gone = (audit_heads.c.place == place, audit_heads.c.seq >= seq)
        tx.execute(sa.delete(audit_heads).where(*gone))
        row = {"place": place, "seq": seq, "hash": hash, "seen_at": self._clock.now()}
        tx.execute(sa.insert(audit_heads).values(**row))
        if last is None or not is_cut:
            return PeerHead.NEW
        was = {"was_seq": last.seq, "was_hash": last.hash}
        self.record(tx, "peer-audit-cut", place, seq=seq, hash=hash, **was)
        return PeerHead.CUT

    @staticmethod
    def noted(tx: Transaction, place: str) -> Head | None:
        """The newest head noted of `place`: sent back to it with every hello."""
        query = (
            sa.select(audit_heads.c.seq, audit_heads.c.hash)
            .where(audit_heads.c.place == place)
            .order_by(audit_heads.c.seq.desc())
            .limit(1)
        )
        row = tx.execute(query).one_or_none()
        return None if row is None else Head(row.seq, row.hash)

    @staticmethod
    def all_noted(tx: Transaction) -> list[Noted]:
        """Everything noted of other places."""
        query = sa.select(audit_heads).order_by(audit_heads.c.place, audit_heads.c.seq)
        return [Noted(r.place, Head(r.seq, r.hash), r.seen_at) for r in tx.execute(query)]


def lock_chain(tx: Transaction) -> None:
    """One transaction at a time, until it ends. SQLite has one writer anyway."""
    if tx.connection.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(CHAIN_LOCK)))


def _last(tx: Transaction) -> Row | None:
    query = sa.select(audit).order_by(audit.c.seq.desc()).limit(1)
    row = tx.execute(query).mappings().one_or_none()
    return None if row is None else _row(row)


def _older_digest(tx: Transaction) -> str:
    older = OlderRows()
    for row in Audit.rows(tx):
        older.add(row)
    return older.digest()


def _row(row: sa.RowMapping) -> Row:
    return Row(**{name: row[name] for name in Row.__dataclass_fields__})
