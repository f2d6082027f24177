"""Messages of threads: kept raw, found again, withdrawn.

A message, its stamp and its entry in the index are written together. It is never rewritten: an
edit withdraws it, which takes it out of every later context and out of the index; the row stays.
Every method works inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Transaction
from core.ids import ThreadId, new_id
from core.memory import statements
from core.memory.model import (
    ANSWER_IMPORTANCE,
    SAID_IMPORTANCE,
    NewMessage,
    Role,
    StoredMessage,
)
from core.memory.ports import Clocks, Indexes, Loads
from core.memory.record_model import Category, Source, Stamp
from core.memory.search_model import Item, ItemKind
from core.memory.tables import messages, threads
from core.redaction import Redaction
from core.runs.model import Label


class Messages:
    """The messages of all threads at place `origin`.

    Without an `index` nothing can be found by search; without `loads` archived words are missing.
    """

    def __init__(
        self,
        clock: Clock,
        origin: str,
        clocks: Clocks,
        redact: Redaction,
        index: Indexes | None = None,
        loads: Loads | None = None,
    ) -> None:
        self._clock = clock
        self._origin = origin
        self._clocks = clocks
        self._redact = redact
        self._index = index
        self._loads = loads

    def add(self, tx: Transaction, message: NewMessage) -> StoredMessage:
        """Keep a message, whatever it holds; our own secrets are taken out, from what a model said
        all that look like one. An answer goes where its question is: a thread may have been joined
        or split while it was being written."""
        now, stamp = self._clock.now(), self._clocks.tick(tx)
        redact = self._redact.own if message.role is Role.OWNER else self._redact
        values: dict[str, Any] = {
            "id": message.id or new_id(),
            "thread_id": self._thread_of(tx, message),
            "parent_id": message.parent_id,
            "role": message.role,
            "text": redact(message.text),
            "label": message.label,
            "language": message.language,
            "run_id": message.run_id,
            "telegram_id": message.telegram_id,
            "endpoint": message.endpoint,
            "source": message.source,
            "origin": self._origin,
            "created_at": now,
            "changed_at": now,
            "clock": stamp.value,
            "clock_node": stamp.node,
        }
        seq = tx.execute(statements.insert_message(tuple(values)), values).scalar_one()
        tx.execute(
            statements.touch_thread(),
            {
                "thread": values["thread_id"],
                "changed_at": now,
                "clock": stamp.value,
                "clock_node": stamp.node,
            },
        )
        row = SimpleNamespace(seq=seq, archive_id=None, **values)
        if self._index is not None:
            self._index.put(tx, item_of(row, values["text"]))
        return stored(row)

    @staticmethod
    def _thread_of(tx: Transaction, message: NewMessage) -> str:
        if message.parent_id is None:
            return message.thread_id
        found = tx.execute(statements.thread_of_message(), {"id": message.parent_id}).first()
        return message.thread_id if found is None else str(found.thread_id)

    def get(self, tx: Transaction, message_id: str) -> StoredMessage | None:
        return self._first(tx, sa.select(messages).where(messages.c.id == message_id))

    def last_of_owner(self, tx: Transaction, chat_id: int) -> StoredMessage | None:
        """What the owner wrote last in a chat, in whichever thread."""
        query = (
            sa.select(messages)
            .join(threads, threads.c.id == messages.c.thread_id)
            .where(
                threads.c.chat_id == chat_id,
                messages.c.role == Role.OWNER,
                messages.c.deleted_at.is_(None),
            )
            .order_by(messages.c.seq.desc())
            .limit(1)
        )
        return self._first(tx, query)

    def last(self, tx: Transaction, thread_id: str, most: int) -> list[StoredMessage]:
        """The newest messages of a thread, oldest of them first."""
        query = (
            sa.select(messages)
            .where(messages.c.thread_id == thread_id, messages.c.deleted_at.is_(None))
            .order_by(messages.c.seq.desc())
            .limit(most)
        )
        return self._read(tx, tx.execute(query).all())[::-1]

    def withdraw(self, tx: Transaction, message_id: str) -> None:
        """Take a message and its answers out of every later context and out of the index; the
        rows stay."""
        query = sa.select(messages).where(
            sa.or_(messages.c.id == message_id, messages.c.parent_id == message_id),
            messages.c.deleted_at.is_(None),
        )
        found = tx.execute(query).all()
        if not found:
            return
        now, stamp = self._clock.now(), self._clocks.tick(tx)
        for row, message in zip(found, self._read(tx, found), strict=True):
            tx.execute(
                sa.update(messages)
                .where(messages.c.seq == row.seq)
                .values(
                    deleted_at=now,
                    changed_at=now,
                    clock=stamp.value,
                    clock_node=stamp.node,
                    versions=restamped(row.versions, stamp, "deleted_at"),
                )
            )
            if self._index is not None:
                self._index.drop(tx, kind_of(row.role), row.seq, message.text)

    def _first(self, tx: Transaction, query: sa.Select[Any]) -> StoredMessage | None:
        found = self._read(tx, tx.execute(query).all())
        return found[0] if found else None

    def _read(self, tx: Transaction, rows: Sequence[Any]) -> list[StoredMessage]:
        """Rows with their words, wherever these lie."""
        read = [stored(row) for row in rows]
        away = [(kind_of(each.role), each.seq) for each in read if each.archive_id]
        if not away or self._loads is None:
            return read
        texts = self._loads.texts(tx, away)
        return [
            replace(each, text=texts.get((kind_of(each.role), each.seq), each.text))
            for each in read
        ]


def kind_of(role: str) -> ItemKind:
    """How the index knows a message of that role."""
    return ItemKind.MESSAGE if Role(role) is Role.OWNER else ItemKind.ANSWER


def item_of(row: Any, text: str) -> Item:
    """A row of `messages` as the index knows it. `text`: its words, wherever they lie."""
    kind = kind_of(row.role)
    return Item(
        kind=kind,
        source=row.seq,
        text=text,
        label=Label(row.label),
        category=Category.INTERACTION.value,
        origin=row.origin,
        at=row.created_at,
        importance=SAID_IMPORTANCE if kind is ItemKind.MESSAGE else ANSWER_IMPORTANCE,
        thread_id=row.thread_id,
        is_archived=row.archive_id is not None,
    )


def restamped(versions: Any, stamp: Stamp, *fields: str) -> dict[str, list[Any]]:
    """The stamps of a row's fields, after `fields` have changed."""
    return {**(versions or {}), **{name: [stamp.value, stamp.node] for name in fields}}


def stored(row: Any) -> StoredMessage:
    """A row as a fact; the words of an archived one are not in it."""
    return StoredMessage(
        seq=row.seq,
        id=row.id,
        thread_id=ThreadId(row.thread_id),
        role=Role(row.role),
        text=row.text,
        label=Label(row.label),
        parent_id=row.parent_id,
        run_id=row.run_id,
        telegram_id=row.telegram_id,
        endpoint=row.endpoint,
        created_at=row.created_at,
        source=None if row.source is None else Source(row.source),
        archive_id=row.archive_id,
    )
