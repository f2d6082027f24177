"""How far the owner's talk has been read for facts, and what comes next.

Decides whose words are looked at: the owner's own, as they were said; never an answer, a forwarded
message, a document or the output of a tool. Each label has a mark of its own, so that private talk
waits for a model of the owner's without holding up the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction, insert_or_ignore
from core.memory import state_names
from core.memory.fact_model import Said
from core.memory.model import Role
from core.memory.record_model import Source
from core.memory.tables import memory_state, messages
from core.runs.model import Label


class UnreadTalk:
    """The owner's messages that no extraction has looked at."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def unread(self, tx: Transaction, label: Label, most: int) -> tuple[Said, ...]:
        """The owner's messages of a label that no extraction has looked at, oldest first. What was
        forwarded, answered, withdrawn or archived is not among them."""
        upto = self.read_so_far(tx, label)
        query = _owners().where(messages.c.seq > upto, messages.c.label == label).limit(most)
        return tuple(_said(row) for row in tx.execute(query))

    def again(self, tx: Transaction, message_ids: Sequence[str]) -> tuple[Said, ...]:
        """Those of the messages that still are what they were when a model was asked."""
        query = _owners().where(messages.c.id.in_(message_ids))
        return tuple(_said(row) for row in tx.execute(query))

    def read_so_far(self, tx: Transaction, label: Label) -> int:
        """The seq of the last message of a label that was looked at."""
        found = self._cursor(tx).get(label.value, 0)
        return int(found)

    def read_upto(self, tx: Transaction, label: Label, seq: int) -> None:
        """Messages of a label up to `seq` have been looked at; it never goes back."""
        cursor = self._cursor(tx)
        if int(cursor.get(label.value, 0)) >= seq:
            return
        row = {
            "name": state_names.FACTS_UPTO,
            "value": {**cursor, label.value: seq},
            "changed_at": self._clock.now(),
        }
        if not insert_or_ignore(tx, memory_state, row):
            tx.execute(
                sa.update(memory_state)
                .where(memory_state.c.name == state_names.FACTS_UPTO)
                .values(value=row["value"], changed_at=row["changed_at"])
            )

    def last_said(self, tx: Transaction) -> datetime | None:
        """When the owner last wrote anything."""
        query = (
            sa.select(messages.c.created_at)
            .where(messages.c.role == Role.OWNER)
            .order_by(messages.c.seq.desc())
            .limit(1)
        )
        found: datetime | None = tx.execute(query).scalar_one_or_none()
        return found

    def _cursor(self, tx: Transaction) -> dict[str, Any]:
        query = sa.select(memory_state.c.value).where(memory_state.c.name == state_names.FACTS_UPTO)
        return dict(tx.execute(query.with_for_update()).scalar_one_or_none() or {})


def _owners() -> sa.Select[Any]:
    """The owner's own words, oldest first."""
    return (
        sa.select(messages)
        .where(
            messages.c.role == Role.OWNER,
            sa.or_(messages.c.source.is_(None), messages.c.source == Source.OWNER),
            messages.c.deleted_at.is_(None),
            messages.c.archive_id.is_(None),
        )
        .order_by(messages.c.seq)
    )


def _said(row: Any) -> Said:
    return Said(
        seq=row.seq,
        message_id=row.id,
        thread_id=row.thread_id,
        text=row.text,
        label=Label(row.label),
        source=Source(row.source or Source.OWNER),
        language=row.language,
        at=row.created_at,
    )
