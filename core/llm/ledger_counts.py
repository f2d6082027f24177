"""What the ledger's rows say of windows: the record behind Redis, and the count while it is away.

Reads `model_calls` and `limit_marks`; writes marks. Rows of calls are written by the ledger. A call
counts its reserve until it is settled, then what it really took; a marked one its reserve for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from core.db import EPOCH, Database, Transaction, insert_or_ignore
from core.llm.gauges import Reading, Readings, Shortage, shortage_of
from core.llm.marks import Bucket, Dimension, Mark
from core.llm.tables import calls, limit_marks
from core.prepared import Prepared
from core.prepared import value as given

#: States of calls that reached a provider, or may have.
COUNTED = ("reserved", "settled", "marked")

_TOKENS = sa.case(
    (
        calls.c.state == "settled",
        sa.func.coalesce(calls.c.prompt_tokens, 0) + sa.func.coalesce(calls.c.completion_tokens, 0),
    ),
    else_=calls.c.reserved_tokens,
)


class LedgerCounts:
    """`core.llm.windows.Record` over the database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def readings(self, buckets: Sequence[Bucket], now: datetime) -> list[Readings]:
        with self._db.read() as tx:
            return [_readings(tx, bucket, now, tuple(Dimension)) for bucket in buckets]

    def remember(self, bucket: str, marks: Sequence[Mark]) -> None:
        with self._db.write() as tx:
            remember(tx, bucket, marks)

    @staticmethod
    def shortage(
        tx: Transaction, buckets: Sequence[Bucket], tokens: int, now: datetime, spare_percent: int
    ) -> Shortage | None:
        """Why a call does not fit, or None; until the transaction ends nobody else decides about
        these buckets, so a row inserted in it keeps what was said true."""
        _hold(tx, buckets)
        for bucket in buckets:
            limited = [each for each in Dimension if each.limit_in(bucket.limits)]
            marked = _marks(tx, bucket.name)
            wanted = tuple({*limited, *marked})
            readings = _readings(tx, bucket, now, wanted)
            found = shortage_of(bucket, readings, tokens, now, spare_percent)
            if found is not None:
                return found
        return None


def remember(tx: Transaction, bucket: str, marks: Sequence[Mark]) -> None:
    """Keep marks unless newer ones are there; a limit that was named stays until another is."""
    for mark in sorted(marks, key=lambda each: each.dimension):
        row = {
            "bucket": bucket,
            "dimension": mark.dimension.value,
            "most": mark.most,
            "left": mark.left,
            "reset_at": mark.reset_at,
            "seen_at": mark.seen_at,
        }
        if not insert_or_ignore(tx, limit_marks, row):
            tx.execute(_KEEP, {**row, "most_said": mark.most})


_KEEP = Prepared(
    sa.update(limit_marks)
    .where(
        limit_marks.c.bucket == given(limit_marks.c.bucket),
        limit_marks.c.dimension == given(limit_marks.c.dimension),
        limit_marks.c.seen_at <= given(limit_marks.c.seen_at),
    )
    .values(
        most=sa.func.coalesce(given(limit_marks.c.most, "most_said"), limit_marks.c.most),
        left=given(limit_marks.c.left),
        reset_at=given(limit_marks.c.reset_at),
        seen_at=given(limit_marks.c.seen_at),
    )
)


def _hold(tx: Transaction, buckets: Sequence[Bucket]) -> None:
    """SQLite has one writer anyway; PostgreSQL needs a lock by name, always in the same order."""
    if tx.connection.dialect.name == "postgresql":
        for name in sorted(bucket.name for bucket in buckets):
            tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(name))))


def _marks(tx: Transaction, bucket: str) -> dict[Dimension, Mark]:
    return {
        Dimension(row.dimension): Mark(
            Dimension(row.dimension), row.most, row.left, row.reset_at, row.seen_at
        )
        for row in tx.execute(_MARKS, {"bucket": bucket})
    }


_MARKS = Prepared(sa.select(limit_marks).where(limit_marks.c.bucket == given(limit_marks.c.bucket)))


def _readings(
    tx: Transaction, bucket: Bucket, now: datetime, wanted: Sequence[Dimension]
) -> Readings:
    marks = _marks(tx, bucket.name)
    by_slot = {
        slot_s: _amounts(tx, bucket, now, slot_s) for slot_s in {each.slot_s for each in wanted}
    }
    found: dict[Dimension, Reading] = {}
    for dimension in wanted:
        mark = marks.get(dimension)
        oldest = mark.oldest_slot(now) if mark else dimension.slot_of(now) - dimension.slots
        amounts = {
            slot: many if dimension.amount(0) else tokens
            for slot, many, tokens in by_slot[dimension.slot_s]
            if slot >= oldest
        }
        spent = _spent(tx, bucket, mark) if mark else 0
        found[dimension] = Reading(sum(amounts.values()), amounts, mark, spent)
    return found


def _amounts(
    tx: Transaction, bucket: Bucket, now: datetime, slot_s: int
) -> list[tuple[int, int, int]]:
    """Slot, requests, tokens."""
    slots = Dimension.RPM.slots if slot_s == 1 else Dimension.RPD.slots
    since = EPOCH + timedelta(seconds=(int(now.timestamp()) // slot_s - slots) * slot_s)
    statement = _by_slot(_kind(bucket), slot_s)
    rows = tx.execute(statement, {**_names(bucket), "since": since})
    return [(int(row.slot), int(row.many), int(row.tokens)) for row in rows]


def _spent(tx: Transaction, bucket: Bucket, mark: Mark) -> int:
    """What was taken after a mark was seen."""
    row = tx.execute(_since(_kind(bucket)), {**_names(bucket), "since": mark.seen_at}).one()
    return int(row.many) if mark.dimension.amount(0) else int(row.tokens)


def _kind(bucket: Bucket) -> str:
    if bucket.service:
        return "service"
    return "credential" if bucket.credential else "bucket"


def _names(bucket: Bucket) -> dict[str, Any]:
    if bucket.service:
        return {"provider": bucket.service}
    if bucket.credential:
        return {"credential": bucket.credential, "endpoint": bucket.endpoint}
    return {"bucket": bucket.name}


def _of(kind: str) -> list[sa.ColumnElement[bool]]:
    columns = {
        "service": [calls.c.provider],
        "credential": [calls.c.credential, calls.c.endpoint],
        "bucket": [calls.c.bucket],
    }[kind]
    return [column == given(column) for column in columns]


@cache
def _by_slot(kind: str, slot_s: int) -> Prepared:
    began = sa.type_coerce(calls.c.began_at, sa.BigInteger)
    slot = (began // sa.literal_column(str(slot_s * 1_000_000), sa.BigInteger)).label("slot")
    return Prepared(
        sa.select(
            slot,
            sa.func.count().label("many"),
            sa.func.coalesce(sa.func.sum(_TOKENS), 0).label("tokens"),
        )
        .where(
            *_of(kind),
            calls.c.state.in_(COUNTED),
            calls.c.began_at >= given(calls.c.began_at, "since"),
        )
        .group_by(slot)
    )


@cache
def _since(kind: str) -> Prepared:
    return Prepared(
        sa.select(
            sa.func.count().label("many"),
            sa.func.coalesce(sa.func.sum(_TOKENS), 0).label("tokens"),
        ).where(
            *_of(kind),
            calls.c.state.in_(COUNTED),
            calls.c.began_at > given(calls.c.began_at, "since"),
        )
    )
