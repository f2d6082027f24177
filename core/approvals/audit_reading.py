"""The audit as it is shown: page by page, and how far its chain has been walked.

Reads only. The walk goes on from the row that was verified last, so that a screen costs what is
new since then; `python3 -m ops audit verify` walks all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from core.approvals.audit_chain import Head, Row, hash_of
from core.approvals.tables import audit
from core.db import Transaction

#: Rows walked at a time: a screen must not wait for years of them.
MOST_WALKED = 20_000


@dataclass(frozen=True)
class Page:
    """Rows, newest first; pages count from 0."""

    rows: list[Row]
    page: int
    pages: int


@dataclass(frozen=True)
class Walk:
    """The chain holds up to `head`; `broken_at` is the first row that does not fit. `is_whole`:
    the walk has reached the newest row."""

    head: Head | None
    broken_at: int | None = None
    is_whole: bool = True


def page(tx: Transaction, wanted: int, size: int) -> Page:
    """One page of the audit."""
    many = int(tx.execute(sa.select(sa.func.count()).select_from(audit)).scalar_one())
    pages = max(1, -(-many // size))
    at = min(max(wanted, 0), pages - 1)
    query = sa.select(audit).order_by(audit.c.seq.desc()).limit(size).offset(at * size)
    return Page([_row(row) for row in tx.execute(query).mappings()], at, pages)


def walk_on(tx: Transaction, verified: Head | None) -> Walk:
    """Walk from `verified` (None: from the first chained row) towards the end."""
    query = sa.select(audit).where(audit.c.hash.is_not(None)).order_by(audit.c.seq)
    if verified is not None:
        known = sa.select(audit.c.hash).where(audit.c.seq == verified.seq)
        if tx.execute(known).scalar_one_or_none() != verified.hash:
            return Walk(None, broken_at=verified.seq)
        query = query.where(audit.c.seq > verified.seq)
    head, walked = verified, 0
    for found in tx.execute(query.limit(MOST_WALKED)).mappings():
        row, walked = _row(found), walked + 1
        prev = head.hash if head is not None else row.prev or ""
        if row.prev != prev or row.hash != hash_of(row, prev):
            return Walk(head, broken_at=row.seq)
        head = Head(row.seq, row.hash)
    return Walk(head, is_whole=walked < MOST_WALKED)


def _row(row: sa.RowMapping) -> Row:
    return Row(**{name: row[name] for name in Row.__dataclass_fields__})
