"""A thread as a person reads it: all of it, page by page, in the order of time.

Reads only. Words that lie in archives are read there. What was withdrawn is not shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.errors import Refused
from core.memory.message_store import kind_of, stored
from core.memory.model import StoredMessage
from core.memory.ports import Loads
from core.memory.tables import messages, threads
from core.memory.threads import NAME_CHARACTERS
from core.runs.model import Label

#: Messages on one page of a phone screen.
PAGE_ROWS = 8
#: Threads that were joined one into the other, followed to where their messages are.
MOST_JOINED = 20


@dataclass(frozen=True)
class ThreadPage:
    """One page of a thread, oldest first; pages count from 0, the oldest one."""

    rows: tuple[StoredMessage, ...]
    page: int
    pages: int
    total: int


class ThreadReading:
    """Whole threads, and where in them something was said."""

    def __init__(self, loads: Loads) -> None:
        self._loads = loads

    def page(
        self, tx: Transaction, chat_id: int, thread_id: str, page: int | None = None
    ) -> ThreadPage:
        """One page; None, and a page beyond the end: the newest. Refused(`thread-missing`)."""
        there = sa.select(threads.c.id).where(
            threads.c.id == thread_id, threads.c.chat_id == chat_id
        )
        if tx.execute(there).one_or_none() is None:
            raise Refused("thread-missing")
        alive = _of(thread_id).where(messages.c.deleted_at.is_(None))
        count = sa.select(sa.func.count()).select_from(alive.subquery())
        total = tx.execute(count).scalar_one()
        pages = max(1, -(-total // PAGE_ROWS))
        page = pages - 1 if page is None else min(max(page, 0), pages - 1)
        found = tx.execute(
            alive.order_by(messages.c.seq).limit(PAGE_ROWS).offset(page * PAGE_ROWS)
        ).all()
        return ThreadPage(self._with_words(tx, found), page, pages, total)

    def name_of(self, tx: Transaction, thread_id: str) -> str | None:
        """What a thread is called, or how it begins; of a joined one, that which has it now."""
        query = sa.select(threads.c.name, threads.c.joined_into)
        for _ in range(MOST_JOINED):
            row = tx.execute(query.where(threads.c.id == thread_id)).one_or_none()
            if row is None or row.name is not None or row.joined_into is None:
                break
            thread_id = row.joined_into
        if row is None or row.name is not None:
            return None if row is None else str(row.name)
        first = self._first(tx, _of(thread_id), newest=False)
        return None if first is None else " ".join(first.text.split())[:NAME_CHARACTERS]

    def summary_of(self, tx: Transaction, thread_id: str) -> str | None:
        """The summary of a thread; None where there is no such thread, or no summary."""
        query = sa.select(threads.c.summary).where(threads.c.id == thread_id)
        return tx.execute(query).scalar_one_or_none()

    def label_of(self, tx: Transaction, thread_id: str) -> Label:
        """The highest label of what was said."""
        private = _of(thread_id).where(
            messages.c.label == Label.PRIVATE, messages.c.deleted_at.is_(None)
        )
        found = tx.execute(private.with_only_columns(messages.c.seq).limit(1)).first()
        return Label.OPEN if found is None else Label.PRIVATE

    def said_with(self, tx: Transaction, chat_id: int, telegram_id: int) -> StoredMessage | None:
        """The owner's message that has this number in the chat, the newest of it."""
        return self._first(
            tx,
            sa.select(messages)
            .join(threads, threads.c.id == messages.c.thread_id)
            .where(threads.c.chat_id == chat_id, messages.c.telegram_id == telegram_id),
        )

    def answer_of(self, tx: Transaction, run_id: str) -> StoredMessage | None:
        """The newest message of a run: its answer, where it gave one."""
        return self._first(tx, sa.select(messages).where(messages.c.run_id == run_id))

    def _first(
        self, tx: Transaction, query: sa.Select[Any], *, newest: bool = True
    ) -> StoredMessage | None:
        order = messages.c.seq.desc() if newest else messages.c.seq
        alive = query.where(messages.c.deleted_at.is_(None)).order_by(order)
        row = tx.execute(alive.limit(1)).one_or_none()
        return None if row is None else self._with_words(tx, [row])[0]

    def _with_words(self, tx: Transaction, rows: Sequence[Any]) -> tuple[StoredMessage, ...]:
        away = [(kind_of(row.role), row.seq) for row in rows if row.archive_id]
        texts = self._loads.texts(tx, away) if away else {}
        return tuple(
            replace(stored(row), text=texts.get((kind_of(row.role), row.seq), row.text))
            for row in rows
        )


def _of(thread_id: str) -> sa.Select[Any]:
    return sa.select(messages).where(messages.c.thread_id == thread_id)
