"""The audit as a chain of hashes: what a row's hash covers, and what does not hold; pure.

The hash of a row is sha256 over its number, time, kind, actor, detail and the hash of the row
before it, so that nobody changes, adds or takes away a row in the middle unseen. Rows from before
there was a chain have no hash; the first chained row's `prev` covers them all. Taking rows away
from the end, or writing the whole chain anew, is not seen here: that is what the heads are for
that other places have noted (`audit_heads`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from core.db import EPOCH, MICROSECOND, canonical

ROW = b"the-mask/audit/v1\0"
OLDER = b"the-mask/audit-older/v1\0"
#: Breaks that are told apart; a database rewritten as a whole would fill pages.
MOST_BREAKS = 20

#: altered: the row is not what was hashed. gap: the row before it is not the one it followed.
#: unsealed: a row without a hash behind chained ones. older: rows from before the chain changed.
Why = Literal["altered", "gap", "unsealed", "older"]


@dataclass(frozen=True)
class Row:
    """One row of the audit."""

    seq: int
    at: datetime
    kind: str
    actor: str
    detail: dict[str, Any]
    prev: str | None = None
    hash: str | None = None


@dataclass(frozen=True)
class Head:
    """Where a chain ends: the number of its newest row, and that row's hash (64 hex digits)."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Break:
    """A row that does not fit, and why."""

    seq: int
    why: Why


@dataclass
class Findings:
    """What a walk along the chain found. `older` counts rows from before there was a chain."""

    rows: int = 0
    older: int = 0
    head: Head | None = None
    breaks: list[Break] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.breaks


def hash_of(row: Row, prev: str) -> str:
    """The hash of a row that follows the one with the hash `prev`."""
    return hashlib.sha256(ROW + _text(row, prev)).hexdigest()


class OlderRows:
    """The one digest over rows that have no hash, in their order."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256(OLDER)

    def add(self, row: Row) -> None:
        self._digest.update(_text(row, "") + b"\n")

    def digest(self) -> str:
        return self._digest.hexdigest()


def verify(rows: Iterable[Row]) -> Findings:
    """Walk along all rows, in order of their numbers."""
    found, older, prev = Findings(), OlderRows(), None
    for row in rows:
        found.rows += 1
        if row.hash is None and prev is None:
            older.add(row)
            found.older += 1
            continue
        expected = older.digest() if prev is None else prev
        if why := _wrong(row, expected, is_first=prev is None):
            found.breaks.append(Break(row.seq, why))
            if len(found.breaks) >= MOST_BREAKS:
                break
        prev = row.hash or expected
        found.head = Head(row.seq, prev)
    return found


def _wrong(row: Row, expected: str, *, is_first: bool) -> Why | None:
    if row.hash is None:
        return "unsealed"
    if row.prev != expected:
        return "older" if is_first else "gap"
    return None if row.hash == hash_of(row, expected) else "altered"


def _text(row: Row, prev: str) -> bytes:
    at = (row.at - EPOCH) // MICROSECOND
    return canonical([row.seq, at, row.kind, row.actor, row.detail, prev]).encode()
