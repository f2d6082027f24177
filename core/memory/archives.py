"""Archives: where the words of summarised originals lie, compressed, each in its own category.

Nothing of an original is lost: its row keeps everything but the words, and the index still finds
it. An original's row has not changed in meaning, so neither its clock nor its history moves. Only
originals of a summary that the owner has kept or corrected (or that needed no review) are archived.

Errors: Refused(`archive-missing`, `summary-missing`, `summary-undecided`) and
Broken(`archive-damaged`). Every method works inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction
from core.errors import Refused
from core.ids import new_id
from core.memory import archive_pack, loading, summary_store
from core.memory.archive_pack import Pack
from core.memory.ports import Clocks, Indexes
from core.memory.summary_model import Archive, Archived, Original, SummaryState
from core.memory.summary_store import TABLES, Source
from core.memory.tables import archives, messages, records, summaries
from core.runs.model import Label

#: Archives on one page of a phone screen.
PAGE_ROWS = 6


class Archives:
    """The archives of this place. `origin` is its name."""

    def __init__(self, clock: Clock, clocks: Clocks, index: Indexes, origin: str) -> None:
        self._clock = clock
        self._clocks = clocks
        self._index = index
        self._origin = origin

    def pack(self, tx: Transaction, summary_id: str) -> tuple[Archive, ...]:
        """Move the words of a summary's originals into archives; twice is once. What was pinned,
        deleted or made a fact since stays as it is."""
        summary = _summary(tx, summary_id)
        if not SummaryState(summary.state).has_taken_over:
            raise Refused("summary-undecided")
        if summary.archive_id is None:
            rows = _rows(tx, summary_store.sources_of(tx, summary_id))
            free = [(table, row) for table, row in rows if summary_store.is_free(table, row)]
            facts = {row.id: summary_store.original_of(table, row, "") for table, row in free}
            kept = [self._store(tx, summary, each, facts) for each in self._packs(free)]
            self._empty(tx, kept, free)
            first = kept[0][0] if kept else None
            tx.execute(
                sa.update(summaries).where(summaries.c.id == summary_id).values(archive_id=first)
            )
        return self._of(tx, summary_id)

    def read(self, tx: Transaction, archive_id: str) -> tuple[Archived, ...]:
        """What is inside. Broken(`archive-damaged`) when its digest is wrong."""
        row = _row(tx, archive_id)
        if row.deleted_at is not None:
            return ()
        return archive_pack.unpacked(archive_id, row.codec, row.data, row.size, row.sha256)

    def rewrite(self, tx: Transaction, archive_id: str, entries: Iterable[Archived]) -> None:
        """What is inside from now on, for forgetting; without entries the archive is gone."""
        _row(tx, archive_id)
        pack, stamp = archive_pack.packed(entries), self._clocks.tick(tx)
        gone = {} if pack.entries else {"deleted_at": self._clock.now(), "data": b"", "size": 0}
        values = {**_values(pack), **gone, "clock": stamp.value, "clock_node": stamp.node}
        tx.execute(sa.update(archives).where(archives.c.id == archive_id).values(**values))

    def page(self, tx: Transaction, reader: Label, page: int = 0) -> tuple[Archive, ...]:
        """The newest originals first; pages count from 0."""
        query = sa.select(*_COLUMNS).where(archives.c.deleted_at.is_(None))
        if reader is Label.OPEN:
            query = query.where(archives.c.label == Label.OPEN)
        query = query.order_by(archives.c.until.desc(), archives.c.id)
        rows = tx.execute(query.limit(PAGE_ROWS).offset(max(page, 0) * PAGE_ROWS))
        return tuple(_archive(row) for row in rows)

    def originals(self, tx: Transaction, summary_id: str) -> tuple[Original, ...]:
        """What a summary was made of, with the words, wherever they lie; oldest first. Forgotten
        and withdrawn ones are not among them. The labels are the rows' own: the caller looks."""
        opened: dict[str, dict[Source, Archived]] = {}
        found = [
            summary_store.original_of(table, row, self._text(tx, table, row, opened))
            for table, row in _rows(tx, summary_store.sources_of(tx, summary_id))
            if row.deleted_at is None
        ]
        return tuple(sorted(found, key=lambda each: (each.at, each.seq)))

    # -- inside

    def _text(
        self, tx: Transaction, table: sa.Table, row: Any, opened: dict[str, dict[Source, Archived]]
    ) -> str:
        if row.archive_id is None:
            return str(row.text)
        if row.archive_id not in opened:
            inside = self.read(tx, row.archive_id)
            opened[row.archive_id] = {(each.kind, each.id): each for each in inside}
        kind = summary_store.original_of(table, row, "").kind
        held = opened[row.archive_id].get((kind, row.id))
        return "" if held is None else held.text

    @staticmethod
    def _packs(rows: Sequence[tuple[sa.Table, Any]]) -> Iterable[Pack]:
        return archive_pack.packs(
            Archived(
                kind=summary_store.original_of(table, row, "").kind,
                id=row.id,
                text=row.text,
                content=row.content if table is records else {},
            )
            for table, row in rows
        )

    def _store(
        self, tx: Transaction, summary: Any, pack: Pack, about: Mapping[str, Original]
    ) -> tuple[str, Pack]:
        """A pack as a row of its own, with the category of what is inside."""
        facts = [about[each.id] for each in pack.entries]
        archive_id, stamp = new_id(), self._clocks.tick(tx)
        tx.execute(
            sa.insert(archives).values(
                id=archive_id,
                category=summary.category,
                thread_id=summary.thread_id,
                label=Label.highest(Label(summary.label), *(each.label for each in facts)),
                since=min(each.at for each in facts),
                until=max(each.at for each in facts),
                origin=self._origin,
                clock=stamp.value,
                clock_node=stamp.node,
                created_at=self._clock.now(),
                **_values(pack),
            )
        )
        return archive_id, pack

    def _empty(
        self,
        tx: Transaction,
        kept: Sequence[tuple[str, Pack]],
        rows: Sequence[tuple[sa.Table, Any]],
    ) -> None:
        """The rows give their words up, and the index learns where they are."""
        where = {entry.id: archive_id for archive_id, pack in kept for entry in pack.entries}
        for table, row in rows:
            given: dict[str, Any] = {"text": "", "archive_id": where[row.id]}
            if table is records:
                given["content"] = {}
            tx.execute(sa.update(table).where(table.c.seq == row.seq).values(**given))
        for table in (messages, records):
            ids = [row.id for each, row in rows if each is table]
            texts = {row.id: row.text for each, row in rows if each is table}
            for row in summary_store.rows_of(tx, table, ids):
                self._index.refile(tx, loading.item_of_row(table, row, texts[row.id]))

    @staticmethod
    def _of(tx: Transaction, summary_id: str) -> tuple[Archive, ...]:
        rows = _rows(tx, summary_store.sources_of(tx, summary_id))
        ids = sorted({row.archive_id for _, row in rows if row.archive_id is not None})
        query = sa.select(*_COLUMNS).where(archives.c.id.in_(ids)).order_by(archives.c.since)
        return tuple(_archive(row) for row in tx.execute(query))


_COLUMNS = [column for column in archives.c if column.name != "data"]


def _rows(tx: Transaction, sources: Sequence[Source]) -> list[tuple[sa.Table, Any]]:
    """The rows of these originals, in their tables' order."""
    found = []
    for table in (messages, records):
        ids = [source_id for kind, source_id in sources if TABLES[kind] is table]
        rows = sorted(summary_store.rows_of(tx, table, ids), key=lambda row: int(row.seq))
        found += [(table, row) for row in rows]
    return found


def _summary(tx: Transaction, summary_id: str) -> Any:
    query = sa.select(summaries).where(
        summaries.c.id == summary_id, summaries.c.deleted_at.is_(None)
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        raise Refused("summary-missing")
    return row


def _row(tx: Transaction, archive_id: str) -> Any:
    row = tx.execute(sa.select(archives).where(archives.c.id == archive_id)).one_or_none()
    if row is None:
        raise Refused("archive-missing")
    return row


def _values(pack: Pack) -> dict[str, Any]:
    return {
        "codec": pack.codec,
        "data": pack.data,
        "size": pack.size,
        "sha256": pack.sha256,
        "count": len(pack.entries),
    }


def _archive(row: Any) -> Archive:
    return Archive(
        id=row.id,
        category=row.category,
        label=Label(row.label),
        count=row.count,
        since=row.since,
        until=row.until,
        size=row.size,
        thread_id=row.thread_id,
    )
