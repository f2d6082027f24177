"""What an export holds: everything, or what a query or the owner chose; by reader's label.

Whatever hangs on a chosen row comes along (the thread of a message, the history of a record), and
nothing private for an open reader: of a private thread only that it is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.memory.carrying_rows import Reader
from core.memory.ports import Search
from core.memory.search_model import ItemKind, Query
from core.memory.tables import messages
from core.runs.model import Label

#: Hits asked for at once.
PAGE = 200
#: Tables of things with an id of their own, by what a hit is called.
TABLES = {
    ItemKind.RECORD: "records",
    ItemKind.MESSAGE: "messages",
    ItemKind.ANSWER: "messages",
    ItemKind.SUMMARY: "summaries",
}
#: Tables whose rows hang on a row of another: by which column.
HANG_ON = {
    "record_history": ("records", "record_id"),
    "summary_sources": ("summaries", "summary_id"),
}
#: Tables that only a whole export has.
WHOLE_ONLY = frozenset({"proposals", "thread_moves", "preferences"})
#: What an open reader does not learn of a private thread.
OF_A_THREAD = {"name": None, "summary": None, "summary_upto": None}


@dataclass
class Choice:
    """Ids by table; None: all that the reader may know."""

    reader: Label
    ids: Mapping[str, set[str]] | None = None
    counts: dict[str, int] = field(default_factory=dict)
    _given: dict[str, set[str]] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        return self.ids is None and self.reader is Label.PRIVATE

    def rows(self, reader: Reader, name: str) -> Iterator[dict[str, Any]]:
        """The chosen rows of a table; tables are asked for in the order of CARRIED."""
        for row in self._rows(reader, name):
            self.counts[name] = self.counts.get(name, 0) + 1
            yield row

    def _rows(self, reader: Reader, name: str) -> Iterator[dict[str, Any]]:
        if self.is_whole:
            yield from reader.rows(name)
            return
        if name in WHOLE_ONLY:
            return
        given = self._given.setdefault(name, set())
        for row in reader.rows(name, lambda found: self._has(name, found)):
            if "id" in row:
                given.add(row["id"])
            is_hidden = name == "threads" and self.reader is Label.OPEN and _is_private(row)
            yield {**row, **OF_A_THREAD} if is_hidden else row

    def _has(self, name: str, row: Mapping[str, Any]) -> bool:
        if name in HANG_ON:
            parent, column = HANG_ON[name]
            return row[column] in self._given.get(parent, ())
        if self.ids is not None and row["id"] not in self.ids.get(name, ()):
            return False
        return name == "threads" or self.reader is Label.PRIVATE or not _is_private(row)


def chosen(
    tx: Transaction,
    search: Search,
    query: Query,
    items: Sequence[tuple[ItemKind, str]],
    counts: dict[str, int],
) -> Choice:
    """What a query and a list of items choose together; `counts` is filled as rows are read."""
    plain = Query(reader=query.reader)
    if not items and replace(query, limit=plain.limit, offset=0) == plain:
        return Choice(query.reader, None, counts)
    ids: dict[str, set[str]] = {name: set() for name in (*TABLES.values(), "threads")}
    for kind, item_id in items or _found(tx, search, query):
        ids[TABLES[kind]].add(item_id)
    said = sa.select(messages.c.thread_id).where(messages.c.id.in_(sorted(ids["messages"])))
    ids["threads"] = set(tx.execute(said).scalars())
    return Choice(query.reader, ids, counts)


def _found(tx: Transaction, search: Search, query: Query) -> Iterator[tuple[ItemKind, str]]:
    offset = 0
    while True:
        hits = search.find(tx, replace(query, limit=PAGE, offset=offset)).hits
        yield from ((hit.kind, hit.id) for hit in hits)
        if len(hits) < PAGE:
            return
        offset += PAGE


def _is_private(row: Mapping[str, Any]) -> bool:
    return bool(row["label"] != Label.OPEN)
