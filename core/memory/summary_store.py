"""The tables of summaries and their sources: which originals are due, and rows to facts.

Decides nothing about summaries; `core.memory.old_summaries` does. Every function works inside the
caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.memory.message_store import kind_of
from core.memory.record_model import Category
from core.memory.search_model import ItemKind
from core.memory.summary_model import (
    KeyFact,
    KeyFactKind,
    Original,
    Point,
    Summary,
    SummaryState,
)
from core.memory.tables import messages, records, summaries, summary_sources
from core.runs.model import Label

#: Kinds that a summary can be made of, each with the table it lies in.
TABLES = {ItemKind.RECORD: records, ItemKind.MESSAGE: messages, ItemKind.ANSWER: messages}
#: Ids in one query: SQLite takes 32,766 values, and plans of fewer are reused.
MOST_IN_QUERY = 500
#: A summary of this state sets its originals free after an interval.
SETS_FREE = (SummaryState.DISCARDED, SummaryState.REFUSED)

Source = tuple[ItemKind, str]


@dataclass(frozen=True)
class Due:
    """An original that is due, without its words."""

    kind: ItemKind
    id: str
    category: str
    thread_id: str | None
    label: Label
    at: datetime
    seq: int

    @property
    def group(self) -> tuple[str, str, str]:
        """What shares a summary."""
        return (self.label, self.category, self.thread_id or "")


def due(
    tx: Transaction, before: datetime, freed: datetime, label: Label | None, most: int
) -> list[Due]:
    """The oldest originals from before `before`, at most `most` of each table; those of a discarded
    or refused summary when that is from before `freed`."""
    found = []
    for table in (messages, records):
        query = sa.select(table).with_only_columns(*_columns(table))
        query = query.where(*_is_due(table, before, freed)).order_by(_at(table), table.c.seq)
        if label is not None:
            query = query.where(table.c.label == label)
        found += [_due(table, row) for row in tx.execute(query.limit(most))]
    return sorted(found, key=lambda each: (each.at, each.seq))


def count_due(tx: Transaction, before: datetime, freed: datetime) -> int:
    """How many originals `due` would bring in all."""
    return sum(
        tx.execute(
            sa.select(sa.func.count()).select_from(table).where(*_is_due(table, before, freed))
        ).scalar_one()
        for table in (messages, records)
    )


def originals(tx: Transaction, wanted: Sequence[Source]) -> list[Original]:
    """Those that are there as rows with their words and may be summarised, in the given order."""
    found: dict[Source, Original] = {}
    for table in (messages, records):
        ids = [each_id for kind, each_id in wanted if TABLES[kind] is table]
        for row in rows_of(tx, table, ids):
            if is_free(table, row):
                original = original_of(table, row, row.text)
                found[original.kind, original.id] = original
    return [found[each] for each in wanted if each in found]


def rows_of(tx: Transaction, table: sa.Table, ids: Sequence[str]) -> Iterable[Any]:
    """Rows by id."""
    for at in range(0, len(ids), MOST_IN_QUERY):
        few = ids[at : at + MOST_IN_QUERY]
        yield from tx.execute(sa.select(table).where(table.c.id.in_(few)))


def is_free(table: sa.Table, row: Any) -> bool:
    """May it be summarised and archived? Pinned records and facts never are."""
    is_kept = table is records and (row.is_pinned or row.category == Category.FACT)
    return not is_kept and row.deleted_at is None and row.archive_id is None and bool(row.text)


def original_of(table: sa.Table, row: Any, text: str) -> Original:
    is_record = table is records
    return Original(
        kind=ItemKind.RECORD if is_record else kind_of(row.role),
        id=row.id,
        seq=row.seq,
        text=text,
        label=Label(row.label),
        category=row.category if is_record else Category.INTERACTION.value,
        at=row.happened_at if is_record else row.created_at,
        thread_id=row.thread_id,
        role=None if is_record else row.role,
    )


def sources_of(tx: Transaction, summary_id: str) -> list[Source]:
    """The originals of a summary, oldest id first."""
    query = (
        sa.select(summary_sources.c.kind, summary_sources.c.source_id)
        .where(summary_sources.c.summary_id == summary_id)
        .order_by(summary_sources.c.source_id)
    )
    return [(ItemKind(row.kind), row.source_id) for row in tx.execute(query)]


def holders_of(tx: Transaction, sources: Sequence[Source]) -> list[Any]:
    """The summaries that have some of these originals: id, state, decided_at, created_at."""
    found: dict[str, Any] = {}
    ids = [source_id for _, source_id in sources]
    for at in range(0, len(ids), MOST_IN_QUERY):
        query = (
            sa.select(
                summaries.c.id,
                summaries.c.state,
                summaries.c.decided_at,
                summaries.c.created_at,
                summaries.c.versions,
            )
            .join(summary_sources, summary_sources.c.summary_id == summaries.c.id)
            .where(summary_sources.c.source_id.in_(ids[at : at + MOST_IN_QUERY]))
            .distinct()
        )
        found |= {row.id: row for row in tx.execute(query)}
    return list(found.values())


def let_go(tx: Transaction, summary_id: str, sources: Sequence[Source]) -> None:
    """A summary gives these originals up."""
    ids = [source_id for _, source_id in sources]
    for at in range(0, len(ids), MOST_IN_QUERY):
        tx.execute(
            sa.delete(summary_sources).where(
                summary_sources.c.summary_id == summary_id,
                summary_sources.c.source_id.in_(ids[at : at + MOST_IN_QUERY]),
            )
        )


def summary_of(row: Any) -> Summary:
    return Summary(
        seq=row.seq,
        id=row.id,
        state=SummaryState(row.state),
        category=row.category,
        text=row.text,
        points=tuple(_point(each) for each in row.points),
        original_count=row.original_count,
        since=row.since,
        until=row.until,
        label=Label(row.label),
        created_at=row.created_at,
        thread_id=row.thread_id,
        missing=tuple(
            KeyFact(KeyFactKind(each["kind"]), each["value"], each["said"]) for each in row.missing
        ),
        language=row.language,
        endpoint=row.endpoint,
        run_id=row.run_id,
        archive_id=row.archive_id,
        decided_at=row.decided_at,
    )


def points_json(points: Iterable[Point]) -> list[dict[str, Any]]:
    return [
        {"text": point.text, "sources": [[kind.value, each] for kind, each in point.sources]}
        for point in points
    ]


def facts_json(facts: Iterable[KeyFact]) -> list[dict[str, Any]]:
    return [{"kind": fact.kind.value, "value": fact.value, "said": fact.said} for fact in facts]


def _point(stored: dict[str, Any]) -> Point:
    return Point(stored["text"], tuple((ItemKind(kind), each) for kind, each in stored["sources"]))


def _at(table: sa.Table) -> sa.Column[Any]:
    """In this order they are looked through; messages as they came in, which needs no index."""
    return table.c.happened_at if table is records else table.c.seq


def _is_due(table: sa.Table, before: datetime, freed: datetime) -> list[sa.ColumnElement[bool]]:
    kinds = [kind for kind, where in TABLES.items() if where is table]
    taken = (
        sa.select(summary_sources.c.summary_id)
        .join(summaries, summaries.c.id == summary_sources.c.summary_id)
        .where(
            summary_sources.c.kind.in_(kinds),
            summary_sources.c.source_id == table.c.id,
            sa.or_(
                summaries.c.state.not_in(SETS_FREE),
                sa.func.coalesce(summaries.c.decided_at, summaries.c.created_at) >= freed,
            ),
        )
    )
    since = table.c.happened_at if table is records else table.c.created_at
    chosen = [since < before, table.c.deleted_at.is_(None), table.c.archive_id.is_(None)]
    chosen += [table.c.text != "", ~taken.exists()]
    if table is records:
        chosen += [table.c.is_pinned.is_(False), table.c.category != Category.FACT]
    return chosen


def _columns(table: sa.Table) -> list[sa.Column[Any]]:
    common = [table.c.seq, table.c.id, table.c.thread_id, table.c.label]
    if table is records:
        return [*common, table.c.category, table.c.happened_at]
    return [*common, table.c.role, table.c.created_at]


def _due(table: sa.Table, row: Any) -> Due:
    is_record = table is records
    return Due(
        kind=ItemKind.RECORD if is_record else kind_of(row.role),
        id=row.id,
        category=row.category if is_record else Category.INTERACTION.value,
        thread_id=row.thread_id,
        label=Label(row.label),
        at=row.happened_at if is_record else row.created_at,
        seq=row.seq,
    )
