"""Words out of every table: the walk over the registry, inside one transaction.

Knows tables by their names only. What has an entry in the search index is taken out of it with the
words that it had; an archive is opened, rewritten and packed again; a blob goes whole. A row that
is synced gets a new stamp, so that other places learn of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.db import Json, Transaction, metadata
from core.memory import forget_registry, loading
from core.memory.forget_model import Holder, How
from core.memory.forget_words import Hints, Words
from core.memory.ports import Archives, Indexes
from core.memory.record_model import Stamp
from core.memory.search_model import ItemKind
from core.memory.summary_model import Archived
from core.memory.tables import archives, messages, records, summaries, threads
from core.runs.blobs import Blobs
from core.runs.tables import blob_parts, blobs

#: More pieces than this in one query cost more than reading every row.
MOST_HINTS = 200
#: Words of a needle that a row has to have before its text is read: the more, the fewer are read.
HINT_WORDS = (3, 1)
#: Tables whose rows are in the index.
INDEXED = {table.name: table for table, _kinds in loading.TABLES}
#: The archives' kinds, by table.
ARCHIVED = {ItemKind.RECORD: records, ItemKind.MESSAGE: messages, ItemKind.ANSWER: messages}
#: Journals: which run a row belongs to.
RUN_COLUMNS = {"runs": "id", "steps": "run_id"}


@dataclass
class Walked:
    """What a walk changed: rows by table, and the runs whose journal held the words."""

    counts: dict[str, int] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)

    def add(self, table: str, many: int) -> None:
        if many:
            self.counts[table] = self.counts.get(table, 0) + many


class Walk:
    """One walk. `stamp` and `now` mark what it changes; `look` only counts and changes nothing."""

    def __init__(
        self,
        tx: Transaction,
        words: Words,
        index: Indexes,
        shelf: Archives,
        stamp: Callable[[], Stamp],
        now: datetime,
        *,
        look: bool = False,
    ) -> None:
        self._tx = tx
        self._words = words
        self._index = index
        self._shelf = shelf
        self._stamp = stamp
        self._now = now
        self._look = look
        self._hints = _hints(words)
        self.done = Walked()

    def everywhere(self) -> Walked:
        """Every table that a holder names."""
        if self._words:
            for name, columns in _tables().items():
                table = _table_of(self._tx, name)
                if table is not None:
                    self._table(table, columns)
            self._archives()
            self._blobs()
        return self.done

    # -- rows ------------------------------------------------------------------------------------

    def _table(self, table: sa.Table, columns: Sequence[Holder]) -> None:
        rows = ((row, self._taken_out(table, columns, row)) for row in self._rows(table, columns))
        found = [(row, changed) for row, changed in rows if changed]
        self.done.add(table.name, len(found))
        if table.name in RUN_COLUMNS:
            self.done.runs |= {getattr(row, RUN_COLUMNS[table.name]) for row, _changed in found}
        if self._look:
            return
        for row, changed in found:
            self._write(table, row, changed)

    def _rows(self, table: sa.Table, columns: Sequence[Holder]) -> list[Any]:
        """Rows that may hold the words: their keys, and the columns as plain text."""
        keys = list(table.primary_key.columns)
        more = [table.c[RUN_COLUMNS[table.name]]] if table.name in RUN_COLUMNS else []
        texts = [_text(table.c[each.column]).label(f"as_text_{each.column}") for each in columns]
        query = sa.select(*dict.fromkeys([*keys, *more]), *texts)
        if self._hints:
            query = query.where(sa.or_(*(self._may_hold(table.c[each.column]) for each in columns)))
        return list(self._tx.execute(query))

    def _may_hold(self, column: sa.Column[Any]) -> sa.ColumnElement[bool]:
        text = _text(column)
        is_sqlite = self._tx.connection.dialect.name == "sqlite"  # its LIKE knows no case
        like = text.contains if is_sqlite else text.icontains
        return sa.or_(
            *(
                sa.and_(
                    *(sa.or_(*(like(each, autoescape=True) for each in word)) for word in needle)
                )
                for needle in self._hints
            )
        )

    def _taken_out(self, table: sa.Table, columns: Sequence[Holder], row: Any) -> dict[str, Any]:
        """The columns of a row that held the words, without them."""
        changed: dict[str, Any] = {}
        for each in columns:
            text = getattr(row, f"as_text_{each.column}")
            if text is None:
                continue
            if each.how is How.TEXT:
                without: Any = self._words.out_of(text)
                is_changed = without != text
            elif isinstance(table.c[each.column].type, Json):
                value = json.loads(text)
                without = self._words.out_of_value(value)
                is_changed = without != value
            else:
                without = self._words.out_of_json(text)
                is_changed = without != text
            if is_changed:
                changed[each.column] = without
        return changed

    def _write(self, table: sa.Table, row: Any, changed: dict[str, Any]) -> None:
        key = sa.and_(*(column == getattr(row, column.name) for column in table.primary_key))
        if changed.keys() & _whole_rows(table.name):
            self._tx.execute(sa.delete(table).where(key))
            return
        update = sa.update(table).where(key)
        whole = self._tx.execute(sa.select(table).where(key)).one()
        values = dict(changed)
        if table is records:
            values["likeness"] = None  # a digest of what was forgotten
        if "clock" in table.c and "versions" in table.c:
            values |= stamped(table, whole, changed, self._stamp(), self._now)
        self._tx.execute(update.values(**values))
        if table.name in INDEXED and "text" in changed and in_index(table, whole):
            new = self._tx.execute(sa.select(table).where(key)).one()
            self._index.put(self._tx, loading.item_of_row(table, new, new.text), whole.text)

    # -- archives --------------------------------------------------------------------------------

    def _archives(self) -> None:
        for archive_id in self._tx.execute(sa.select(archives.c.id)).scalars().all():
            before = self._shelf.read(self._tx, archive_id)
            after = [self._without(each) for each in before]
            changed = [each for each in zip(before, after, strict=True) if each[0] != each[1]]
            if not changed:
                continue
            self.done.add(archives.name, 1)
            if not self._look:
                self._shelf.rewrite(self._tx, archive_id, after)
                for was, now in changed:
                    self._reindex(archive_id, was, now)

    def _without(self, entry: Archived) -> Archived:
        text = self._words.out_of(entry.text)
        content = self._words.out_of_value(entry.content)
        return replace(entry, text=text, content=content)

    def _reindex(self, archive_id: str, was: Archived, now: Archived) -> None:
        table = ARCHIVED[was.kind]
        mine = sa.and_(table.c.id == was.id, table.c.archive_id == archive_id)
        row = self._tx.execute(sa.select(table).where(mine)).one_or_none()
        if row is None or not in_index(table, row):
            return
        if table is records:
            self._tx.execute(sa.update(records).where(mine).values(likeness=None))
        self._index.put(self._tx, loading.item_of_row(table, row, now.text), was.text)

    # -- blobs -----------------------------------------------------------------------------------

    def _blobs(self) -> None:
        for sha256 in self._tx.execute(sa.select(blobs.c.sha256)).scalars().all():
            parts = sa.select(blob_parts.c.data).where(blob_parts.c.sha256 == sha256)
            data = b"".join(self._tx.execute(parts.order_by(blob_parts.c.offset)).scalars())
            if self._words.are_in_bytes(data):
                self.done.add(blobs.name, 1)
                if not self._look:
                    Blobs.drop(self._tx, sha256)


def stamped(
    table: sa.Table, row: Any, changed: dict[str, Any], stamp: Stamp, now: datetime
) -> dict[str, Any]:
    """The columns that say when which field of a synced row changed."""
    versions = {**(row.versions or {}), **{name: [stamp.value, stamp.node] for name in changed}}
    values = {"versions": versions, "clock": stamp.value, "clock_node": stamp.node}
    return values if table is threads else {**values, "changed_at": now}


def in_index(table: sa.Table, row: Any) -> bool:
    """Has a row an entry in the index?"""
    is_alive = row.deleted_at is None
    return is_alive and (table is not summaries or row.state in loading.TAKEN_OVER)


def _tables() -> dict[str, list[Holder]]:
    """The holders whose columns are walked row by row, by table."""
    found: dict[str, list[Holder]] = {}
    for each in forget_registry.HOLDERS:
        if each.how in {How.TEXT, How.JSON, How.ROW}:
            found.setdefault(each.table, []).append(each)
    return found


def _table_of(tx: Transaction, name: str) -> sa.Table | None:
    """A table as the code has it, or, of a room that this process has not loaded, as the database
    has it; None when the database has none."""
    if name in metadata.tables:
        return metadata.tables[name]
    if not sa.inspect(tx.connection).has_table(name):
        return None
    return sa.Table(name, sa.MetaData(), autoload_with=tx.connection, resolve_fks=False)


def _hints(words: Words) -> Hints:
    """What rows are chosen by; empty: every row is read."""
    for many in HINT_WORDS:
        hints = words.hints(many)
        if sum(len(word) for needle in hints for word in needle) <= MOST_HINTS:
            return hints
    return ()


def _whole_rows(table: str) -> set[str]:
    """Columns of a table whose row goes when they hold the words."""
    return {each.column for each in forget_registry.holders(How.ROW) if each.table == table}


def _text(column: sa.Column[Any]) -> sa.ColumnElement[str]:
    return sa.type_coerce(column, sa.Text)
