"""Rows of memory as plain JSON values, as the mirror holds them and a restored database gets them.

Decides how a stored value is spelled: instants as microseconds since 1970, JSON as its canonical
text, bytes in base64; everything else as it is. The spelling is exact both ways, and the same in
both dialects. Rows come in the order of their primary key, a portion at a time: a million of them
never lie in memory at once.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.db import Instant, Json, Transaction, metadata
from core.errors import Refused
from core.memory import tables
from core.memory.rest_model import MIRRORED

__all__ = [
    "MIRRORED",
    "clear",
    "newest_clock",
    "put_rows",
    "replace_row",
    "row_count",
    "rows",
    "table_of",
]

#: Rows that are read, and written, at once.
PORTION = 1000

#: An index without content does not notice that its rows went.
FORGET_INDEX = (
    "INSERT INTO search_words(search_words) VALUES('delete-all')",
    "INSERT INTO search_trigrams(search_trigrams) VALUES('delete-all')",
)

Spell = Callable[[Any], Any]


class _Shape(NamedTuple):
    """A table's columns without their types' conversions, and the ones of our own."""

    table: sa.Table
    query: sa.Select[Any]
    names: tuple[str, ...]
    spelled: tuple[tuple[int, Spell], ...]
    read: Mapping[str, Spell]


def table_of(name: str) -> sa.Table:
    """A table of memory. Refused(`mirror-damaged`) for any other name."""
    if name not in MIRRORED:
        raise Refused("mirror-damaged")
    return metadata.tables[name]


def rows(tx: Transaction, name: str) -> Iterator[dict[str, Any]]:
    """Every row of a table; deleted ones too."""
    shape = _shape(name)
    for row in tx.execute(shape.query.execution_options(yield_per=PORTION)):
        values = list(row)
        for at, spell in shape.spelled:
            if values[at] is not None:
                values[at] = spell(values[at])
        yield dict(zip(shape.names, values, strict=True))


def put_rows(tx: Transaction, name: str, found: Iterable[Mapping[str, Any]]) -> int:
    """Insert such rows; how many. A column that a row does not know stays empty, one that this
    database does not know is left out. Refused(`mirror-damaged`) for what is no row."""
    shape = _shape(name)
    insert = sa.insert(shape.table)
    many, portion = 0, []
    for row in found:
        portion.append(_values(shape, row))
        if len(portion) == PORTION:
            tx.execute(insert, portion)
            many, portion = many + PORTION, []
    if portion:
        tx.execute(insert, portion)
    return many + len(portion)


def replace_row(tx: Transaction, name: str, row: Mapping[str, Any]) -> None:
    """Such a row in place of the one with the same primary key."""
    shape = _shape(name)
    values = _values(shape, row)
    same = [column == values[column.name] for column in shape.table.primary_key.columns]
    tx.execute(sa.update(shape.table).where(*same).values(**values))


def clear(tx: Transaction) -> None:
    """Take all memory out, and the index over it, which is derived."""
    for table in (tables.embeddings, tables.search_items):
        tx.execute(sa.delete(table))
    if tx.connection.dialect.name == "sqlite":
        for words in FORGET_INDEX:
            tx.connection.exec_driver_sql(words)
    for name in reversed(MIRRORED):
        tx.execute(sa.delete(_shape(name).table))


def row_count(tx: Transaction, name: str) -> int:
    """How many rows a table of memory has."""
    count = sa.select(sa.func.count()).select_from(_shape(name).table)
    return int(tx.execute(count).scalar_one())


def newest_clock(tx: Transaction) -> int:
    """The newest stamp of any row; 0 when there is none."""
    clocks = [_shape(name).table.c.get("clock") for name in MIRRORED]
    newest = (
        tx.execute(sa.select(sa.func.max(clock))).scalar() for clock in clocks if clock is not None
    )
    return max((int(value) for value in newest if value is not None), default=0)


def _values(shape: _Shape, row: Mapping[str, Any]) -> dict[str, Any]:
    return {column: _value(shape, row, column) for column in shape.names}


def _value(shape: _Shape, row: Mapping[str, Any], column: str) -> Any:
    value, read = row.get(column), shape.read.get(column)
    if value is None or read is None:
        return value
    try:
        return read(value)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise Refused("mirror-damaged") from None


@cache
def _shape(name: str) -> _Shape:
    table = table_of(name)
    chosen: list[Any] = []
    spelled: list[tuple[int, Spell]] = []
    read: dict[str, Spell] = {}
    for at, column in enumerate(table.c):
        kind = column.type
        if isinstance(kind, Instant):
            chosen.append(sa.type_coerce(column, sa.BigInteger).label(column.name))
            read[column.name] = _instant
        elif isinstance(kind, Json):
            chosen.append(sa.type_coerce(column, sa.Text).label(column.name))
            read[column.name] = _json
        else:
            chosen.append(column)
        if isinstance(kind, sa.LargeBinary):
            spelled.append((at, _base64))
            read[column.name] = _bytes
    query = sa.select(*chosen).order_by(*table.primary_key.columns)
    names = tuple(column.name for column in table.c)
    return _Shape(table, query, names, tuple(spelled), read)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


def _instant(value: int) -> Any:
    return Instant().process_result_value(int(value), None)


def _json(value: str) -> Any:
    return Json().process_result_value(value, None)
