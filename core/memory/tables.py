"""Threads, messages, preferences; records with their history; summaries, archives, proposals.

What syncing between places will need is in every row that is not derived: a global id, the place
it arose at (`origin`), a hybrid logical clock (`clock`, with `clock_node` breaking ties), stamps of
the fields that changed after birth (`versions`: name to [clock, node]), a tombstone, a label.
`core.memory.search_tables` has the index over all texts.
"""

from __future__ import annotations

import sqlalchemy as sa

from core.db import BigId, Instant, Json, metadata
from core.memory.search_tables import embeddings, search_items

__all__ = [
    "archives",
    "embeddings",
    "forgettings",
    "memory_state",
    "messages",
    "preferences",
    "proposals",
    "record_history",
    "records",
    "search_items",
    "summaries",
    "summary_sources",
    "thread_moves",
    "threads",
]

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
    sa.Column("joined_into", sa.String(32)),  # the thread that has its messages now
    sa.Column("clock", sa.BigInteger),
    sa.Column("clock_node", sa.String(64)),
    sa.Column("versions", Json),
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
    sa.Column("source", sa.String(16)),  # core.memory.record_model.Source; None: said by `role`
    sa.Column("archive_id", sa.String(32)),  # its text is in that archive, `text` is empty
    sa.Column("clock", sa.BigInteger),
    sa.Column("clock_node", sa.String(64)),
    sa.Column("versions", Json),
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

records = sa.Table(
    "records",
    metadata,
    # What is remembered besides the raw conversation. The words are in `text` alone: `content`
    # holds the structured rest, so that nothing is stored twice.
    sa.Column("seq", BigId, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("task_id", sa.String(64)),
    sa.Column("category", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("content", Json, nullable=False),
    sa.Column("label", sa.String(16), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),  # core.memory.record_model.Source
    sa.Column("thread_id", sa.String(32)),
    sa.Column("message_id", sa.String(32)),  # the message it came from
    sa.Column("run_id", sa.String(32)),
    sa.Column("importance", sa.SmallInteger, nullable=False),
    sa.Column("is_pinned", sa.Boolean, nullable=False),
    sa.Column("archive_id", sa.String(32)),  # its words are in that archive, `text` is empty
    sa.Column("origin", sa.String(64), nullable=False),
    sa.Column("born", sa.BigInteger, nullable=False),  # stamp of every field that never changed
    sa.Column("clock", sa.BigInteger, nullable=False),  # the newest of its stamps
    sa.Column("clock_node", sa.String(64), nullable=False),
    sa.Column("versions", Json),
    sa.Column("happened_at", Instant, nullable=False),  # when it was said or is about
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("deleted_at", Instant),  # hidden; of a forgotten one the words are gone, too
    # 63 bits of a digest of category and words, archived or not: finds what is known already.
    sa.Column("likeness", sa.BigInteger),
    sa.Index("ix_records_happened", "happened_at"),
    sa.Index("ix_records_likeness", "likeness"),
    sa.Index(
        "ix_records_standing",  # the words of `record_store.STANDING`
        "is_pinned",
        "importance",
        "happened_at",
        sqlite_where=sa.text("deleted_at IS NULL AND (is_pinned OR category = 'fact')"),
        postgresql_where=sa.text("deleted_at IS NULL AND (is_pinned OR category = 'fact')"),
    ),
    sa.Index(
        "ix_records_message",
        "message_id",
        sqlite_where=sa.text("message_id IS NOT NULL"),
        postgresql_where=sa.text("message_id IS NOT NULL"),
    ),
    sa.Index("ix_records_clock", "clock"),
)

record_history = sa.Table(
    "record_history",
    metadata,
    # What was there before each change; nothing is overwritten without a row here.
    sa.Column("seq", BigId, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("record_id", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # core.memory.record_model.ChangeKind
    sa.Column("before", Json, nullable=False),  # the fields that changed, as they were
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("message_id", sa.String(32)),
    sa.Column("run_id", sa.String(32)),
    sa.Column("undone_by", sa.String(32)),  # id of the change that took this one back
    sa.Column("clock", sa.BigInteger, nullable=False),
    sa.Column("clock_node", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("ix_record_history_record", "record_id", "seq"),
)

proposals = sa.Table(
    "proposals",
    metadata,
    # Facts found in what was said, and contradictions with what is remembered: the owner decides.
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),  # core.memory.fact_model.ProposalKind
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("category", sa.String(32), nullable=False),
    sa.Column("confidence", sa.SmallInteger, nullable=False),  # 0 to 100
    sa.Column("label", sa.String(16), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("record_id", sa.String(32)),  # the record it contradicts, or became
    sa.Column("thread_id", sa.String(32)),
    sa.Column("message_id", sa.String(32)),
    sa.Column("run_id", sa.String(32)),
    sa.Column("origin", sa.String(64), nullable=False),
    sa.Column("happened_at", Instant, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("decided_at", Instant),
    sa.Index("ix_proposals_state", "state", "created_at"),
    sa.Index("ix_proposals_message", "message_id"),
)

summaries = sa.Table(
    "summaries",
    metadata,
    sa.Column("seq", BigId, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("state", sa.String(16), nullable=False),  # core.memory.summary_model.SummaryState
    sa.Column("category", sa.String(32), nullable=False),  # of the originals
    sa.Column("thread_id", sa.String(32)),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("points", Json, nullable=False),  # [{text, sources: [[kind, id], ...]}, ...]
    sa.Column("missing", Json, nullable=False),  # key facts of the originals that it lacks
    sa.Column("original_count", sa.Integer, nullable=False),
    sa.Column("since", Instant, nullable=False),  # of the originals
    sa.Column("until", Instant, nullable=False),
    sa.Column("label", sa.String(16), nullable=False),
    sa.Column("language", sa.String(8)),
    sa.Column("endpoint", sa.String(128)),
    sa.Column("run_id", sa.String(32)),
    sa.Column("archive_id", sa.String(32)),
    sa.Column("origin", sa.String(64), nullable=False),
    sa.Column("clock", sa.BigInteger, nullable=False),
    sa.Column("clock_node", sa.String(64), nullable=False),
    sa.Column("versions", Json),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("decided_at", Instant),
    sa.Column("deleted_at", Instant),
    sa.Index("ix_summaries_state", "state", "created_at"),
)

summary_sources = sa.Table(
    "summary_sources",
    metadata,
    # An original is in one summary at most: this key is what keeps it from being summarised twice.
    sa.Column("kind", sa.SmallInteger, primary_key=True),  # ItemKind
    sa.Column("source_id", sa.String(32), primary_key=True),  # id of the record or message
    sa.Column(
        "summary_id",
        sa.String(32),
        sa.ForeignKey("summaries.id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Index("ix_summary_sources_summary", "summary_id"),
)

archives = sa.Table(
    "archives",
    metadata,
    # Words of originals that are summarised: JSON lines, compressed, at most 64 KiB each before.
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("category", sa.String(32), nullable=False),  # kept from the originals
    sa.Column("thread_id", sa.String(32)),
    sa.Column("label", sa.String(16), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("since", Instant, nullable=False),
    sa.Column("until", Instant, nullable=False),
    sa.Column("codec", sa.String(16), nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),  # bytes before compression
    sa.Column("sha256", sa.String(64), nullable=False),  # of the bytes before compression
    sa.Column("origin", sa.String(64), nullable=False),
    sa.Column("clock", sa.BigInteger, nullable=False),
    sa.Column("clock_node", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("deleted_at", Instant),
    sa.Index("ix_archives_until", "until"),
)

thread_moves = sa.Table(
    "thread_moves",
    metadata,
    # Joining and splitting threads, so that it can be taken back.
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),  # join, split
    sa.Column("from_id", sa.String(32), nullable=False),
    sa.Column("into_id", sa.String(32), nullable=False),
    sa.Column("ranges", Json, nullable=False),  # [[first seq, last seq], ...] of what moved
    sa.Column("at", Instant, nullable=False),
    sa.Column("undone_at", Instant),
)

forgettings = sa.Table(
    "forgettings",
    metadata,
    # One order to forget and its receipt. `needles` is emptied as the last act: the receipt counts.
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),  # core.memory.forget_model.ForgetState
    sa.Column("needles", Json),  # what must be nowhere afterwards
    sa.Column("targets", Json, nullable=False),  # [[kind, id], ...] forgotten whole
    sa.Column("receipt", Json, nullable=False),  # {place: {holder: count}}
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("done_at", Instant),
)

memory_state = sa.Table(
    "memory_state",
    metadata,
    # How far the upkeep of memory is: one value per name (core.memory.state_names).
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", Json, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
)
