"""Rows of an export into this memory: what is new is added, what is newer replaces, the rest stays.

Decides by ids and stamps alone. A row that was forgotten or changed here later stays as it is. What
a record was before another place's newer version is in its history (`merged`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction, insert_or_ignore
from core.memory import carrying_rows, loading, record_history
from core.memory.carrying_rows import CARRIED, COVERED
from core.memory.clocks import MOST_AHEAD, clock_of, value_at
from core.memory.fact_model import ProposalKind, ProposalState
from core.memory.forget_walk import in_index
from core.memory.model import Role
from core.memory.ports import Archives, Clocks, Indexes
from core.memory.record_model import (
    FIELDS,
    MOST_TEXT,
    VIEWS,
    Actor,
    Category,
    ChangeKind,
    Source,
    Stamp,
)
from core.memory.record_store import likeness
from core.memory.rest_model import Written
from core.memory.summary_model import SummaryState
from core.memory.tables import messages, records, summaries, thread_moves, threads
from core.runs.model import Label

IMPORTER = Actor("import")
#: What a column's text has to be one of.
NAMES: dict[tuple[str, str], type[enum.StrEnum]] = {
    ("threads", "label"): Label,
    ("messages", "label"): Label,
    ("messages", "role"): Role,
    ("messages", "source"): Source,
    ("records", "label"): Label,
    ("records", "category"): Category,
    ("records", "source"): Source,
    ("record_history", "kind"): ChangeKind,
    ("summaries", "label"): Label,
    ("summaries", "state"): SummaryState,
    ("proposals", "label"): Label,
    ("proposals", "kind"): ProposalKind,
    ("proposals", "state"): ProposalState,
    ("proposals", "source"): Source,
}
INDEXED = (messages, records, summaries)


class Intake:
    """One import, in the caller's transaction."""

    def __init__(
        self, tx: Transaction, clock: Clock, clocks: Clocks, index: Indexes, archives: Archives
    ) -> None:
        self._tx = tx
        self._now = clock.now()
        self._clocks = clocks
        self._index = index
        self._archives = archives
        self._newest = Stamp(0, "")
        self._covered: dict[str, str] = {}
        self._counts = dict.fromkeys(CARRIED, 0)
        self._skipped = 0
        self._unreadable = 0

    def take(self, tables: Mapping[str, Any]) -> Written:
        """Every table that is carried; others are not looked at. The hash is the caller's."""
        for name in CARRIED:
            rows = tables.get(name, ())
            for row in rows if isinstance(rows, list) else ():
                self._row(name, row)
        for thread_id, message_id in self._covered.items():
            mine = sa.update(threads).where(threads.c.id == thread_id)
            self._tx.execute(mine.values(summary_upto=self._seq_of(message_id)))
        if self._newest.value:
            self._clocks.see(self._tx, self._newest)
        taken = {name: many for name, many in self._counts.items() if many}
        return Written(taken, "", self._skipped, self._unreadable)

    # -- inside ----------------------------------------------------------------------------------

    def _row(self, name: str, row: Any) -> None:
        table = carrying_rows.table_of(name)
        try:
            values = self._checked(table, row)
        except (ValueError, TypeError, KeyError, OverflowError):
            self._unreadable += 1
            return
        if name == "preferences" and not carrying_rows.is_memory(values["name"]):
            self._skipped += 1
            return
        known = self._known(table, values)
        if known is None:
            is_taken = self._insert(table, values)
        else:
            is_taken = self._is_newer(table, known, values) and self._replace(table, known, values)
        if not is_taken:
            self._skipped += 1
            return
        self._counts[name] += 1
        if table is threads and row.get(COVERED):
            self._covered[values["id"]] = str(row[COVERED])
        if values.get("clock") is not None and "clock_node" in values:
            self._newest = max(self._newest, Stamp(values["clock"], values["clock_node"] or ""))

    def _checked(self, table: sa.Table, row: Any) -> dict[str, Any]:
        """The row as columns. ValueError when it makes no sense here."""
        if not isinstance(row, dict):
            raise TypeError(table.name)
        values = carrying_rows.read(table, row)
        for (name, column), names in NAMES.items():
            if name == table.name and values[column] is not None:
                values[column] = names(values[column])
        latest = value_at(self._now + MOST_AHEAD)
        if any((values.get(name) or 0) > latest for name in ("clock", "born")):
            raise ValueError("clock")
        if table is records:
            if values["category"] in VIEWS or len(values["text"]) > MOST_TEXT:
                raise ValueError("record")
            values["likeness"] = likeness(values["category"], values["text"])
        if table is messages and self._find(threads, values["thread_id"]) is None:
            raise ValueError("thread")
        if table.name == "summary_sources" and self._find(summaries, values["summary_id"]) is None:
            raise ValueError("summary")
        if table is thread_moves:
            values["ranges"] = [[self._seq_of(each) for each in pair] for pair in values["ranges"]]
        return values

    def _known(self, table: sa.Table, values: Mapping[str, Any]) -> Any:
        keys = ["id"] if "id" in table.c else [column.name for column in table.primary_key]
        same = sa.and_(*(table.c[name] == values[name] for name in keys))
        return self._tx.execute(sa.select(table).where(same)).one_or_none()

    def _find(self, table: sa.Table, row_id: str) -> Any:
        return self._tx.execute(sa.select(table).where(table.c.id == row_id)).one_or_none()

    def _seq_of(self, message_id: Any) -> int | None:
        query = sa.select(messages.c.seq).where(messages.c.id == message_id)
        return self._tx.execute(query).scalar_one_or_none()

    def _insert(self, table: sa.Table, values: dict[str, Any]) -> bool:
        if table not in INDEXED:
            return insert_or_ignore(self._tx, table, values)
        self._tx.execute(sa.insert(table).values(**values))
        row = self._find(table, values["id"])
        if in_index(table, row) and row.text:
            self._index.put(self._tx, loading.item_of_row(table, row, row.text))
        return True

    @staticmethod
    def _is_newer(table: sa.Table, known: Any, values: Mapping[str, Any]) -> bool:
        """Rows without a clock never change, or are this place's own."""
        if "versions" not in table.c:
            return False
        ours = (clock_of(known.clock, known.changed_at), known.clock_node or "")
        theirs = (clock_of(values["clock"], values["changed_at"]), values["clock_node"] or "")
        return theirs > ours

    def _replace(self, table: sa.Table, known: Any, values: dict[str, Any]) -> bool:
        mine = table.c.id == known.id
        former = self._words(table, known)
        packed = table is not summaries and "archive_id" in table.c
        columns = {**values, "archive_id": None} if packed else values
        self._tx.execute(sa.update(table).where(mine).values(**columns))
        if table is records:
            self._note(known, values, former)
        if table in INDEXED:
            self._bring_along(table, known, former)
        return True

    def _words(self, table: sa.Table, known: Any) -> str:
        if table not in INDEXED:
            return ""
        if table is summaries or known.archive_id is None:
            return str(known.text)
        kind = loading.kind_of(table, known)
        entries = self._archives.read(self._tx, known.archive_id)
        found = {(each.kind, each.id): each for each in entries}
        return loading.held({known.archive_id: found}, known.archive_id, kind, known.id).text

    def _note(self, known: Any, values: Mapping[str, Any], former: str) -> None:
        was = {**known._asdict(), "text": former}
        before = {name: was[name] for name in FIELDS if was[name] != values[name]}
        stamp = Stamp(values["clock"], values["clock_node"])
        record_history.write(
            self._tx, known.id, ChangeKind.MERGED, before, IMPORTER, stamp, self._now
        )

    def _bring_along(self, table: sa.Table, known: Any, former: str) -> None:
        row = self._find(table, known.id)
        was_there = in_index(table, known)
        if in_index(table, row):
            item = loading.item_of_row(table, row, row.text)
            self._index.put(self._tx, item, former if was_there else None)
        elif was_there:
            self._index.drop(self._tx, loading.kind_of(table, known), known.seq, former)
