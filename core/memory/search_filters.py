"""What a query asks besides words, as a condition on `search_items`.

The reader's label is always part of it: an open reader's condition leaves private rows out before
anything is counted. Where a field with an index chooses few rows, they are read once, so that a
common word is not compared with all its matches.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from core.db import EPOCH, MICROSECOND, Transaction
from core.memory.record_model import Category
from core.memory.search_model import ItemKind, Query
from core.memory.search_ports import Chosen
from core.runs.model import Label

#: Rows that are read at once.
FEW = 20_000
NOT_PRIVATE = "NOT is_private"

Clause = tuple[str, tuple[object, ...]]


def clauses(query: Query) -> list[Clause]:
    """Every condition, with its values."""
    return [*_scanned(query), *_indexed(query)]


def chosen(tx: Transaction, query: Query) -> Chosen:
    """The rows themselves where an index says that they are few, the condition otherwise."""
    every = clauses(query)
    indexed = list(_indexed(query))
    condition, values = _together(every)
    if condition == NOT_PRIVATE:
        return Chosen(is_open=True)
    if indexed and _are_few(tx, indexed):
        rows = run(tx, f"SELECT seq FROM search_items WHERE {condition}", values)  # noqa: S608
        return Chosen(among=frozenset(int(row[0]) for row in rows))
    return Chosen(condition, values)


def run(tx: Transaction, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """The rows of a statement with a `?` for each value, in either dialect."""
    if tx.connection.dialect.name == "postgresql":
        sql = sql.replace("?", "%s")
    return [tuple(row) for row in tx.connection.exec_driver_sql(sql, values)]


def where(query: Query) -> Clause:
    """Everything but the words, as one condition; `TRUE` when there is none."""
    condition, values = _together(clauses(query))
    return condition or "TRUE", values


def _scanned(query: Query) -> Iterator[Clause]:
    if query.reader is Label.OPEN:
        yield NOT_PRIVATE, ()
    if query.label is Label.OPEN:
        yield NOT_PRIVATE, ()
    if query.origin is not None:
        yield "origin = ?", (query.origin,)
    if query.is_archived is not None:
        yield "is_archived" if query.is_archived else "NOT is_archived", ()
    if query.kinds:
        yield _in("kind", [int(kind) for kind in query.kinds])


def _indexed(query: Query) -> Iterator[Clause]:
    if query.label is Label.PRIVATE:
        yield "is_private", ()
    if query.thread_id is not None:
        yield "thread_id = ?", (query.thread_id,)
    if query.since is not None:
        yield "at >= ?", (_micros(query.since),)
    if query.until is not None:
        yield "at < ?", (_micros(query.until),)
    if query.categories:
        parts = [_category(each) for each in dict.fromkeys(query.categories)]
        values = tuple(value for _, each in parts for value in each)
        yield "(" + " OR ".join(sql for sql, _ in parts) + ")", values


def _category(name: str) -> Clause:
    """A category of rows, or one of the views: messages, summaries, what is archived."""
    if name == Category.INTERACTION:
        return _in("kind", [int(ItemKind.MESSAGE), int(ItemKind.ANSWER)])
    if name == Category.SUMMARY:
        return "kind = ?", (int(ItemKind.SUMMARY),)
    if name == Category.ARCHIVED:
        return "is_archived", ()
    return "category = ?", (str(name),)


def _in(column: str, values: list[int]) -> Clause:
    return f"{column} IN ({', '.join('?' * len(values))})", tuple(values)


def _together(parts: list[Clause]) -> Clause:
    values = tuple(value for _, each in parts for value in each)
    return " AND ".join(dict.fromkeys(sql for sql, _ in parts)), values


def _are_few(tx: Transaction, parts: list[Clause]) -> bool:
    condition, values = _together(parts)
    counted = f"SELECT count(*) FROM (SELECT 1 FROM search_items WHERE {condition} LIMIT ?) AS few"  # noqa: S608
    counts = run(tx, counted, (*values, FEW + 1))
    return int(counts[0][0]) <= FEW


def _micros(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND
