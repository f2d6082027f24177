"""Rows of memory as they are carried to another place: readable, without what is this database's.

Decides what a carried row looks like: no numbers of this database (`seq`; where a message's number
is meant, its id), no packing (words stand in their row, archived or not), no digests. Moments are
ISO 8601. Of the preferences only those that are the owner's own choice about talking are memory:
who may command, keys, budgets and what the house notes for itself are not carried.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.db import Instant, Json, Transaction, metadata
from core.errors import Refused
from core.memory import loading
from core.memory.rest_model import MIRRORED
from core.memory.search_model import ItemKind
from core.memory.summary_model import Archived
from core.memory.tables import messages, preferences, records, thread_moves, threads

#: What is carried, parents before children: archives are a way of packing, and stay.
CARRIED = tuple(name for name in MIRRORED if name != "archives")
#: Columns that are this database's own business.
OWN_COLUMNS = frozenset({"seq", "likeness", "archive_id"})
#: Preferences that are memory: by name, and by the beginning of it.
PREFERENCES = ("language", "rich", "streaming", "summary-review")
PREFERENCE_PREFIXES = ("thread:", "private-thread:")
#: The name under which a message's number is carried as its id.
COVERED = "summary_upto"
#: Archives that are kept open while rows are read in their order.
MOST_OPEN = 16
PORTION = 500


class Reader:
    """Reads carried rows; `archives` gives words back."""

    def __init__(self, tx: Transaction, archives: loading.ReadsArchives) -> None:
        self._tx = tx
        self._archives = archives
        self._opened: OrderedDict[str, dict[tuple[ItemKind, str], Archived]] = OrderedDict()

    def rows(
        self, name: str, chosen: Callable[[Mapping[str, Any]], bool] = lambda _row: True
    ) -> Iterator[dict[str, Any]]:
        """A table's rows in the order they came in."""
        table = table_of(name)
        after: Any = None
        while True:
            portion = self._portion(table, after)
            for row in portion:
                found = self._carried(table, row)
                if (table is not preferences or is_memory(found["name"])) and chosen(found):
                    yield found
            if len(portion) < PORTION:
                return
            after = tuple(getattr(portion[-1], column.name) for column in table.primary_key)

    def _portion(self, table: sa.Table, after: Any) -> list[Any]:
        keys = list(table.primary_key.columns)
        query = sa.select(table).order_by(*keys).limit(PORTION)
        if after is not None:
            query = query.where(sa.tuple_(*keys) > sa.tuple_(*map(sa.literal, after)))
        return list(self._tx.execute(query))

    def _carried(self, table: sa.Table, row: Any) -> dict[str, Any]:
        found = {
            column.name: spelled(getattr(row, column.name))
            for column in table.columns
            if column.name not in OWN_COLUMNS
        }
        if table in (messages, records) and row.archive_id is not None:
            held = self._held(row.archive_id, loading.kind_of(table, row), row.id)
            found["text"] = held.text
            if table is records:
                found["content"] = held.content
        elif table is threads:
            found[COVERED] = self._id_of(row.summary_upto)
        elif table is thread_moves:
            found["ranges"] = [[self._id_of(seq) for seq in pair] for pair in row.ranges]
        return found

    def _held(self, archive_id: str, kind: ItemKind, item_id: str) -> Archived:
        if archive_id not in self._opened:
            entries = self._archives.read(self._tx, archive_id)
            self._opened[archive_id] = {(each.kind, each.id): each for each in entries}
            if len(self._opened) > MOST_OPEN:
                self._opened.popitem(last=False)
        self._opened.move_to_end(archive_id)
        return loading.held(self._opened, archive_id, kind, item_id)

    def _id_of(self, seq: int | None) -> str | None:
        query = sa.select(messages.c.id).where(messages.c.seq == seq)
        return None if seq is None else self._tx.execute(query).scalar_one_or_none()


def table_of(name: str) -> sa.Table:
    """A table that is carried. Refused(`memory-file`) for any other name."""
    if name not in CARRIED:
        raise Refused("memory-file")
    return metadata.tables[name]


def is_memory(preference: str) -> bool:
    """Is this preference carried?"""
    return preference in PREFERENCES or preference.startswith(PREFERENCE_PREFIXES)


def spelled(value: Any) -> Any:
    """A value as JSON has it."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def read(table: sa.Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A carried row as columns of this database. ValueError when it makes no sense: a value of
    another type, a missing one, a moment or a size out of bounds."""
    found: dict[str, Any] = {}
    for column in table.columns:
        if column.name in OWN_COLUMNS or (table is threads and column.name == COVERED):
            continue
        value = row.get(column.name)
        if value is None:
            if not column.nullable:
                raise ValueError(column.name)
            found[column.name] = None
        else:
            found[column.name] = _typed(column, value)
    return found


def _typed(column: sa.Column[Any], value: Any) -> Any:
    kind = column.type
    if isinstance(kind, Json):
        return value
    if isinstance(kind, Instant):
        return _moment(value)
    if isinstance(kind, sa.String):
        if not isinstance(value, str) or len(value) > (kind.length or len(value)):
            raise ValueError(column.name)
        return value
    is_truth = isinstance(kind, sa.Boolean)
    if type(value) is not (bool if is_truth else int) or not -(1 << 63) <= value < 1 << 63:
        raise ValueError(column.name)
    return value


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("moment")  # noqa: TRY004 - one error for whatever makes no sense
    found = datetime.fromisoformat(value)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
