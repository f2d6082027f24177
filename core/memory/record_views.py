"""Lists and counts over what is remembered, for screens: records, and the views of other tables.

Reads only, and counts nothing private for an open reader.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.memory.loading import TAKEN_OVER
from core.memory.record_model import VIEWS, Category, RecordPage
from core.memory.record_store import RecordStore, readable
from core.memory.tables import messages, records, summaries
from core.runs.model import Label

#: Records on one page of a phone screen.
PAGE_ROWS = 6
#: Pinned records and facts that are weighed for a turn.
MOST_STANDING = 200


def page(
    tx: Transaction, store: RecordStore, reader: Label, number: int, category: Category | None
) -> RecordPage:
    """Page `number` of the records of a category, or of all; without the words of archived ones."""
    chosen = sa.and_(readable(reader), _of(category))
    total = tx.execute(sa.select(sa.func.count()).select_from(records).where(chosen)).scalar_one()
    pages = max(1, -(-total // PAGE_ROWS))
    number = min(max(number, 0), pages - 1)
    rows = store.newest(tx, chosen, PAGE_ROWS, number * PAGE_ROWS)
    return RecordPage(tuple(rows), number, pages, total)


def counts(tx: Transaction, reader: Label) -> dict[str, int]:
    """How many of each category that has any; the views by their own names."""
    query = (
        sa.select(records.c.category, sa.func.count().label("many"))
        .where(readable(reader))
        .group_by(records.c.category)
    )
    found = {str(row.category): int(row.many) for row in tx.execute(query)}
    views = {
        Category.INTERACTION: _count(tx, messages, reader),
        Category.SUMMARY: _count(tx, summaries, reader, summaries.c.state.in_(TAKEN_OVER)),
        Category.ARCHIVED: _count(tx, records, reader, records.c.archive_id.is_not(None))
        + _count(tx, messages, reader, messages.c.archive_id.is_not(None)),
    }
    return found | {view.value: many for view, many in views.items() if many}


def _of(category: Category | None) -> sa.ColumnElement[bool]:
    if category is Category.ARCHIVED:
        return records.c.archive_id.is_not(None)
    if category in VIEWS:
        return sa.false()
    return sa.true() if category is None else records.c.category == category


def _count(
    tx: Transaction, table: sa.Table, reader: Label, *conditions: sa.ColumnElement[Any]
) -> int:
    alive = [table.c.deleted_at.is_(None), *conditions]
    if reader is Label.OPEN:
        alive.append(table.c.label == Label.OPEN)
    query = sa.select(sa.func.count()).select_from(table).where(*alive)
    return int(tx.execute(query).scalar_one())
