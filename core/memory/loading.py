"""The words of what was found, wherever they lie now: in their row, or in an archive.

Also says how rows of messages and summaries look to the search index, and goes through everything
that belongs in it. Reads only; which of it a reader may see was decided before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from core.db import Transaction
from core.errors import Broken
from core.memory import message_store, record_store
from core.memory.record_model import USUAL_IMPORTANCE
from core.memory.search_model import Item, ItemKind
from core.memory.summary_model import Archived, SummaryState
from core.memory.tables import messages, records, summaries
from core.runs.model import Label

#: Sources in one query: SQLite takes 32,766 values, and plans of fewer are reused.
MOST_IN_QUERY = 500
#: `all_items` counts through its tables in one number: the table above this bit, `seq` below.
CURSOR_BITS = 48
#: The tables with texts, in the order they are gone through; an ItemKind each belongs to.
TABLES: tuple[tuple[sa.Table, tuple[ItemKind, ...]], ...] = (
    (messages, (ItemKind.MESSAGE, ItemKind.ANSWER)),
    (records, (ItemKind.RECORD,)),
    (summaries, (ItemKind.SUMMARY,)),
)
TAKEN_OVER = [state for state in SummaryState if state.has_taken_over]


class ReadsArchives(Protocol):
    """All that is needed of `core.memory.archives`."""

    def read(self, tx: Transaction, archive_id: str) -> Sequence[Archived]: ...


class Loads:
    """Reads texts by (kind, source)."""

    def __init__(self, archives: ReadsArchives) -> None:
        self._archives = archives

    def texts(
        self, tx: Transaction, items: Sequence[tuple[ItemKind, int]]
    ) -> dict[tuple[ItemKind, int], str]:
        """By (kind, source seq), of those that are there; archives are opened once each."""
        opened: dict[str, dict[tuple[ItemKind, str], Archived]] = {}
        found: dict[tuple[ItemKind, int], str] = {}
        for table, kinds in TABLES:
            wanted = {int(source): kind for kind, source in items if kind in kinds}
            for row in _rows(tx, table, sorted(wanted)):
                found[wanted[row.seq], row.seq] = self._text(tx, row, wanted[row.seq], opened)
        return found

    def original(self, tx: Transaction, archive_id: str, kind: ItemKind, item_id: str) -> Archived:
        """One original as its archive holds it. Broken(`archive-lacks`)."""
        return held({archive_id: self._open(tx, archive_id)}, archive_id, kind, item_id)

    def all_items(self, tx: Transaction, after: int, most: int) -> Iterator[Item]:
        """Every text that belongs in the index, in the order of TABLES; at most `most`, those
        after the cursor `after` (`cursor_of` the last one given; 0: from the beginning)."""
        opened: dict[str, dict[tuple[ItemKind, str], Archived]] = {}
        begin, seq = after >> CURSOR_BITS, after & ((1 << CURSOR_BITS) - 1)
        for at, (table, _kinds) in enumerate(TABLES[begin:], begin):
            query = (
                sa.select(table)
                .where(table.c.seq > (seq if at == begin else 0), *_indexed(table))
                .order_by(table.c.seq)
                .limit(most)
            )
            for row in tx.execute(query).all():
                most -= 1
                yield item_of_row(table, row, self._text(tx, row, kind_of(table, row), opened))
            if most <= 0:
                return

    def _text(
        self,
        tx: Transaction,
        row: Any,
        kind: ItemKind,
        opened: dict[str, dict[tuple[ItemKind, str], Archived]],
    ) -> str:
        if kind is ItemKind.SUMMARY or row.archive_id is None:
            return str(row.text)  # of a summary, archive_id is where its originals are
        if row.archive_id not in opened:
            opened[row.archive_id] = self._open(tx, row.archive_id)
        return held(opened, row.archive_id, kind, row.id).text

    def _open(self, tx: Transaction, archive_id: str) -> dict[tuple[ItemKind, str], Archived]:
        return {(each.kind, each.id): each for each in self._archives.read(tx, archive_id)}


def cursor_of(item: Item) -> int:
    """Where `all_items` goes on after this one."""
    at = next(at for at, (_table, kinds) in enumerate(TABLES) if item.kind in kinds)
    return (at << CURSOR_BITS) | item.source


def item_of_row(table: sa.Table, row: Any, text: str) -> Item:
    """A row of one of TABLES as the index knows it; `text` are its words, wherever they lie."""
    if table is messages:
        return message_store.item_of(row, text)
    if table is records:
        return record_store.item_of(record_store.record_of(row._asdict()), text)
    return Item(
        kind=ItemKind.SUMMARY,
        source=row.seq,
        text=text,
        label=Label(row.label),
        category=row.category,
        origin=row.origin,
        at=row.until,
        importance=USUAL_IMPORTANCE,
        thread_id=row.thread_id,
    )


def kind_of(table: sa.Table, row: Any) -> ItemKind:
    if table is messages:
        return message_store.kind_of(row.role)
    return ItemKind.RECORD if table is records else ItemKind.SUMMARY


def _indexed(table: sa.Table) -> list[sa.ColumnElement[bool]]:
    """What is withdrawn, deleted or forgotten is not in the index, nor is a draft."""
    alive: list[sa.ColumnElement[bool]] = [table.c.deleted_at.is_(None)]
    if table is summaries:
        alive.append(summaries.c.state.in_(TAKEN_OVER))
    return alive


def _rows(tx: Transaction, table: sa.Table, seqs: Sequence[int]) -> Iterable[Any]:
    columns = [table.c.seq, table.c.id, table.c.text, table.c.archive_id]
    for at in range(0, len(seqs), MOST_IN_QUERY):
        few = seqs[at : at + MOST_IN_QUERY]
        yield from tx.execute(sa.select(*columns).where(table.c.seq.in_(few)))


def held(
    opened: Mapping[str, dict[tuple[ItemKind, str], Archived]],
    archive_id: str,
    kind: ItemKind,
    item_id: str,
) -> Archived:
    """One original of opened archives. Broken(`archive-lacks`)."""
    try:
        return opened[archive_id][kind, item_id]
    except KeyError:
        raise Broken("archive-lacks", archive=archive_id, item=item_id) from None
