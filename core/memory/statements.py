"""Statements that every message waits for, built once; values are bound by the names given."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from core.memory.tables import messages, threads
from core.prepared import Prepared, value


@cache
def insert_message(names: tuple[str, ...]) -> Prepared:
    """A new message with those values; its seq."""
    given = {name: value(messages.c[name]) for name in names}
    return Prepared(sa.insert(messages).values(given).returning(messages.c.seq))


@cache
def touch_thread() -> Prepared:
    """`thread`, `changed_at`, `clock`, `clock_node`"""
    return Prepared(
        sa.update(threads)
        .where(threads.c.id == value(threads.c.id, "thread"))
        .values(
            changed_at=value(threads.c.changed_at),
            clock=value(threads.c.clock),
            clock_node=value(threads.c.clock_node),
        )
    )


@cache
def thread_of_message() -> Prepared:
    """`id`"""
    query = sa.select(messages.c.thread_id)
    return Prepared(query.where(messages.c.id == value(messages.c.id)))


@cache
def thread_of_chat() -> Prepared:
    """`chat_id`, `id`"""
    return Prepared(
        sa.select(threads).where(
            threads.c.chat_id == value(threads.c.chat_id),
            threads.c.id == value(threads.c.id),
            threads.c.deleted_at.is_(None),
        )
    )
