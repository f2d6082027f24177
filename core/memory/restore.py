"""Rows of a mirror into a database: the whole of its memory, in place of what is there.

Ids, sequence numbers and stamps stay as they were. The clock of this place is raised above every
stamp that comes in. The search index is derived: its state is forgotten, so that it is built anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.memory import content_rows, state_names
from core.memory.rest_model import MIRRORED
from core.memory.tables import memory_state

#: What is said of the database, not of memory, and made anew.
DERIVED_STATE = (state_names.INDEX, state_names.MIRROR, state_names.EMBEDDED_UPTO)


def refill(
    tx: Transaction,
    rows: Iterable[tuple[str, dict[str, object]]],
    carried: Mapping[str, Any],
    now: datetime,
) -> dict[str, int]:
    """Take all memory out and put `rows` in, tables in the order of MIRRORED; how many of each.
    `carried`: how far upkeep was. Refused(`mirror-damaged`)."""
    content_rows.clear(tx)
    counts = dict.fromkeys(MIRRORED, 0)
    for name, found in groupby(rows, key=itemgetter(0)):
        counts[name] = counts.get(name, 0) + content_rows.put_rows(
            tx, name, (row for _, row in found)
        )
    renumber(tx)
    keep_state(tx, carried, now)
    return counts


def renumber(tx: Transaction) -> None:
    """What is written next gets a higher number than what came in (PostgreSQL's sequences do not
    notice rows that bring their own)."""
    if tx.connection.dialect.name != "postgresql":
        return
    for name in MIRRORED:
        if "seq" in content_rows.table_of(name).c:
            tx.connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'seq'), "  # noqa: S608 - ours
                f"greatest((SELECT max(seq) FROM {name}), 1))"
            )


def keep_state(tx: Transaction, carried: Mapping[str, Any], now: datetime) -> None:
    """How far upkeep was, and a clock above every stamp; the derived is forgotten."""
    query = sa.select(memory_state.c.value).where(memory_state.c.name == state_names.CLOCK)
    clocks = (tx.execute(query).scalar(), carried.get(state_names.CLOCK))
    newest = max(content_rows.newest_clock(tx), *(int(each or 0) for each in clocks))
    values = {**carried, state_names.CLOCK: newest}
    gone = (*DERIVED_STATE, *values)
    tx.execute(sa.delete(memory_state).where(memory_state.c.name.in_(gone)))
    for name, value in values.items():
        row = {"name": name, "value": value, "changed_at": now}
        tx.execute(sa.insert(memory_state).values(**row))
