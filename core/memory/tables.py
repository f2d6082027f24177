"""Threads, messages and preferences.

Every record carries what syncing between places will need: a global id, the place it arose at,
a clock (`changed_at` with `origin` breaking ties), a tombstone, a label.
"""

from __future__ import annotations

import sqlalchemy as sa

from core.db import BigId, Instant, Json, metadata

threads = sa.Table(
    "threads",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("summary", sa.Text),
    sa.Column("summary_upto", BigId),  # seq of the last message the summary covers
    sa.Column("label", sa.String(16), nullable=False),
    sa.Column("origin", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("deleted_at", Instant),
    sa.Index("ix_threads_chat", "chat_id", "changed_at"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("seq", BigId, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("thread_id", sa.String(32), sa.ForeignKey("threads.id"), nullable=False),
    sa.Column("parent_id", sa.String(32)),  # the message it answers
    sa.Column("role", sa.String(16), nullable=False),  # owner, assistant
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("label", sa.String(16), nullable=False),
    sa.Column("language", sa.String(8)),
    sa.Column("run_id", sa.String(32)),
    sa.Column("telegram_id", sa.BigInteger),
    sa.Column("endpoint", sa.String(128)),  # who answered
    sa.Column("origin", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("deleted_at", Instant),
    sa.Index("ix_messages_thread_seq", "thread_id", "seq"),
    sa.Index("ix_messages_run", "run_id"),
)

preferences = sa.Table(
    "preferences",
    metadata,
    # What the chat changes: language, current thread of a chat, owner id, model preferences.
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("value", Json, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
)
