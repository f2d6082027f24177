"""The table of records: rows in and out, each with its entry in the search index.

Nothing else writes to that table but forgetting and what restores whole memories. It decides
nothing about what may change: that is `records.py`, with a row of history for each change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import sqlalchemy as sa

from core.db import Transaction, canonical
from core.errors import Refused
from core.memory.ports import Indexes
from core.memory.record_model import Category, Record, Source, Stamp
from core.memory.search_model import Item, ItemKind
from core.memory.tables import records
from core.prepared import Prepared, value
from core.runs.model import Label

#: Which records are weighed for every turn; the condition of the index `ix_records_standing`.
STANDING = "deleted_at IS NULL AND (is_pinned OR category = 'fact')"
#: Bytes of a digest that `likeness` keeps; its highest bit goes, so that it fits in 63.
LIKENESS_BYTES = 8
LIKENESS_MASK = (1 << 63) - 1


class RecordStore:
    """Rows of records in the caller's transaction; what can be found is told to `index`."""

    def __init__(self, index: Indexes) -> None:
        self._index = index

    def insert(self, tx: Transaction, values: dict[str, Any]) -> Record:
        """A new record, indexed unless it is hidden. `values` are all columns but `seq`."""
        values["likeness"] = likeness(values["category"], values["text"])
        seq = tx.execute(_insert(tuple(values)), values).scalar_one()
        record = record_of({**values, "seq": seq})
        if record.deleted_at is None:
            self._index.put(tx, item_of(record))
        return record

    def update(self, tx: Transaction, former: Record, changed: Mapping[str, Any]) -> Record:
        """Write columns of a record whose words `former` holds, and bring the index along."""
        columns = dict(changed)
        if {"text", "category"} & columns.keys():
            category = columns.get("category", former.category)
            columns["likeness"] = likeness(category, columns.get("text", former.text))
        tx.execute(sa.update(records).where(records.c.seq == former.seq).values(**columns))
        record = record_of(self._row(tx, former.id))
        if record.archive_id is not None:  # its words are elsewhere, and have not changed
            record = replace(record, text=former.text, content=former.content)
        self._bring_along(tx, former, record)
        return record

    def _bring_along(self, tx: Transaction, former: Record, record: Record) -> None:
        was_there, is_there = former.deleted_at is None, record.deleted_at is None
        if is_there and (not was_there or former.text != record.text):
            self._index.put(tx, item_of(record), former.text if was_there else None)
        elif was_there and not is_there:
            self._index.drop(tx, ItemKind.RECORD, former.seq, former.text)
        elif is_there and item_of(former) != item_of(record):
            self._index.refile(tx, item_of(record))

    def get(self, tx: Transaction, record_id: str) -> Record:
        """As the table has it: of an archived one without words. Refused(`record-missing`)."""
        return record_of(self._row(tx, record_id))

    def same(self, tx: Transaction, category: Category, text: str) -> Record | None:
        """The oldest record alive that has these very words, or may have: of an archived one the
        words are not looked at here."""
        like = {"likeness": likeness(category, text)}
        for row in tx.execute(_alike(), like):
            found = record_of(row._asdict())
            if found.category is category and (found.archive_id or found.text == text):
                return found
        return None

    @staticmethod
    def _row(tx: Transaction, record_id: str) -> dict[str, Any]:
        row = tx.execute(_by_id(), {"id": record_id}).one_or_none()
        if row is None:
            raise Refused("record-missing")
        return dict(row._asdict())

    def newest(
        self, tx: Transaction, condition: sa.ColumnElement[bool], most: int, skip: int
    ) -> list[Record]:
        """Records by when they happened, the newest first."""
        query = (
            sa.select(records)
            .where(condition)
            .order_by(records.c.happened_at.desc(), records.c.seq.desc())
            .limit(most)
            .offset(skip)
        )
        return [record_of(dict(row)) for row in tx.execute(query).mappings()]

    def standing(self, tx: Transaction, reader: Label, most: int) -> list[Record]:
        """Pinned ones and facts, the pinned, the important and the newest first."""
        query = _standing(is_private=reader is Label.PRIVATE)
        return [record_of(row._asdict()) for row in tx.execute(query, {"most": most})]


def readable(reader: Label) -> sa.ColumnElement[bool]:
    """Records that a reader may know of."""
    alive = records.c.deleted_at.is_(None)
    return alive if reader is Label.PRIVATE else sa.and_(alive, records.c.label == Label.OPEN)


def item_of(record: Record, text: str | None = None) -> Item:
    """A record as the index knows it; `text`: its words, where the record does not hold them."""
    return Item(
        kind=ItemKind.RECORD,
        source=record.seq,
        text=record.text if text is None else text,
        label=record.label,
        category=record.category,
        origin=record.origin,
        at=record.happened_at,
        importance=record.importance,
        thread_id=record.thread_id,
        is_archived=record.archive_id is not None,
    )


def likeness(category: str, text: str) -> int:
    """A number that records of the same category and words share, and few others."""
    digest = hashlib.sha256(canonical([str(category), text]).encode()).digest()
    return int.from_bytes(digest[:LIKENESS_BYTES], "big") & LIKENESS_MASK


def record_of(row: Mapping[str, Any]) -> Record:
    """A row of the table as it is: of an archived one without words."""
    versions = row["versions"] or {}
    return Record(
        seq=row["seq"],
        id=row["id"],
        category=Category(row["category"]),
        text=row["text"],
        label=Label(row["label"]),
        source=Source(row["source"]),
        origin=row["origin"],
        born=Stamp(row["born"], row["origin"]),
        clock=Stamp(row["clock"], row["clock_node"]),
        happened_at=row["happened_at"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        content=row["content"],
        versions={name: Stamp(*stamp) for name, stamp in versions.items()},
        task_id=row["task_id"],
        thread_id=row["thread_id"],
        message_id=row["message_id"],
        run_id=row["run_id"],
        importance=row["importance"],
        is_pinned=row["is_pinned"],
        archive_id=row["archive_id"],
        deleted_at=row["deleted_at"],
    )


@cache
def _insert(names: tuple[str, ...]) -> Prepared:
    """A new record with those values; its seq."""
    given = {name: value(records.c[name]) for name in names}
    return Prepared(sa.insert(records).values(given).returning(records.c.seq))


@cache
def _by_id() -> Prepared:
    """`id`"""
    return Prepared(sa.select(records).where(records.c.id == value(records.c.id)))


@cache
def _alike() -> Prepared:
    """`likeness`"""
    alike = records.c.likeness == value(records.c.likeness)
    query = sa.select(records).where(alike, records.c.deleted_at.is_(None))
    return Prepared(query.order_by(records.c.seq))


@cache
def _standing(*, is_private: bool) -> Prepared:
    """`most`"""
    query = sa.select(records).where(sa.text(STANDING))
    if not is_private:
        query = query.where(records.c.label == Label.OPEN)
    order = (records.c.is_pinned, records.c.importance, records.c.happened_at)
    return Prepared(
        query.order_by(*(column.desc() for column in order)).limit(value(records.c.seq, "most"))
    )
