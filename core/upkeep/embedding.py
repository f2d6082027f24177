"""Vectors for what has none, hour by hour; only while MASK_EMBED_MODEL is set.

The model is asked outside any transaction; what is a private item is given to it on the owner's
machine only (`core.memory.embedding` decides). A text that changed has lost its vector and gets a
new one; vectors of another model go first. When the model does not answer, the run ends and the
next hour tries again: search finds by words meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction
from core.errors import Unavailable
from core.memory import state_names
from core.memory.embedding import Meaning
from core.memory.ports import Loads
from core.memory.search_model import ItemKind
from core.memory.tables import memory_state
from core.runs.model import Again, Done, Kind, StepFailed, WorkflowBody, workflow
from core.runs.ports import StepContext
from core.runs.steps import step
from core.upkeep.model import EmbedItems

#: Items of a step, and steps of a run.
PORTION, PORTIONS = 64, 200


@dataclass(frozen=True)
class EmbedRoom:
    """What the step needs; `meaning` is None while no model is set."""

    db: Database
    clock: Clock
    loads: Loads
    meaning: Meaning | None


@dataclass(frozen=True)
class Embedded:
    """How many items got a vector, and whether there may be more."""

    count: int
    is_done: bool


@step("search.embed", kind=Kind.IDEMPOTENT, timeout_s=600, retries=1)
def embed(room: EmbedRoom, _ctx: StepContext, _asked: EmbedItems) -> Embedded:
    """The next portion: read, ask the model, store."""
    meaning = room.meaning
    if meaning is None:
        return Embedded(0, is_done=True)
    with room.db.write() as tx:
        meaning.forget_others(tx)
        rows = _next(tx, meaning)
        items = [(ItemKind(kind), source) for _, kind, source, _ in rows]
        texts = room.loads.texts(tx, items)
    known = [(row[0], item) for row, item in zip(rows, items, strict=True) if item in texts]
    if not known:
        return Embedded(0, is_done=True)
    vectors = meaning.vectors([texts[item] for _, item in known])
    with room.db.write() as tx:
        count = meaning.keep(tx, [seq for seq, _ in known], vectors)
        _note(tx, rows[-1][0], room.clock)
    return Embedded(count, is_done=len(rows) < PORTION)


@workflow("embed_items", version=1, args=EmbedItems)
def embed_items(asked: EmbedItems) -> WorkflowBody:
    """Until nothing lacks a vector, or nobody makes them."""
    count = 0
    for _ in range(PORTIONS):
        try:
            done: Embedded = yield embed(asked)
        except (StepFailed, Unavailable):  # the model does not answer now
            return Done(result={"embedded": count, "is_done": False})
        count += done.count
        if done.is_done:
            return Done(result={"embedded": count, "is_done": True})
    return Again(asked)


def _next(tx: Transaction, meaning: Meaning) -> list[tuple[int, int, int, bool]]:
    """Beyond the last one; then those before it that lost theirs."""
    query = sa.select(memory_state.c.value).where(memory_state.c.name == state_names.EMBEDDED_UPTO)
    upto = int(tx.execute(query).scalar_one_or_none() or 0)
    return meaning.lacking(tx, upto, PORTION) or meaning.lacking(tx, 0, PORTION)


def _note(tx: Transaction, seq: int, clock: Clock) -> None:
    named = memory_state.c.name == state_names.EMBEDDED_UPTO
    values: dict[str, Any] = {"value": seq, "changed_at": clock.now()}
    if not tx.execute(sa.update(memory_state).where(named).values(**values)).rowcount:
        tx.execute(sa.insert(memory_state).values(name=state_names.EMBEDDED_UPTO, **values))
