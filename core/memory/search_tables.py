"""The search index: one row per text that can be found, and each dialect's own index over it.

All of it is derived: dropped and built again from records, messages and summaries whenever it is
damaged or the normaliser has changed. It is never synced, mirrored or exported.

SQLite: FTS5 tables without content, so that a text is stored once, by its own table. Whoever
removes or changes an entry hands in the text that was indexed; with `secure-delete` its words then
leave the index's pages at once (measured; rows deleted by `contentless_delete` stay until a merge).
`search_words` has the words of texts with their positions; its tokenizer keeps Bengali and Arabic
marks inside words. `search_vocabulary` has each different word once, with its stem, and
`search_trigrams` the trigrams of those words: inflections, beginnings and parts of words, and
typing mistakes are looked up among words, not among texts, of which there are far more. A word
leaves the vocabulary with the last text that has it.

PostgreSQL: `search_texts` with the words of a text, over them a tsvector that is made of exactly
these words (its parser splits Bengali at its marks, depending on the locale), the same vocabulary,
and pg_trgm over it.

These are no tables of `metadata`: it knows one dialect's words only. `create_all` makes them too.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.db import BigId, Instant, metadata

search_items = sa.Table(
    "search_items",
    metadata,
    # `seq` is the row of the index; it rises as texts come in, so the newest matches come first.
    sa.Column("seq", BigId, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.SmallInteger, nullable=False),  # core.memory.search_model.ItemKind
    sa.Column("source", BigId, nullable=False),  # seq of the row of that kind's table
    sa.Column("is_private", sa.Boolean, nullable=False),
    sa.Column("category", sa.String(32), nullable=False),
    sa.Column("thread_id", sa.String(32)),
    sa.Column("origin", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),  # when it was said or happened, not when stored
    sa.Column("importance", sa.SmallInteger, nullable=False),  # 0 to 100
    sa.Column("is_archived", sa.Boolean, nullable=False, default=False),
    sa.Column("digest", sa.BigInteger, nullable=False),  # of the words that are indexed
    sa.UniqueConstraint("kind", "source"),
    sa.Index("ix_search_items_category_at", "category", "at"),
    sa.Index("ix_search_items_at", "at"),
    sa.Index(
        # What an open reader must not find: small enough to be asked for each of 2,000 matches.
        "ix_search_items_private",
        "seq",
        sqlite_where=sa.text("is_private"),
        postgresql_where=sa.text("is_private"),
    ),
    sa.Index(
        "ix_search_items_thread_at",
        "thread_id",
        "at",
        sqlite_where=sa.text("thread_id IS NOT NULL"),
        postgresql_where=sa.text("thread_id IS NOT NULL"),
    ),
)

embeddings = sa.Table(
    "embeddings",
    metadata,
    # Off by default. `vector` is little-endian float16, unit length.
    sa.Column(
        "seq", BigId, sa.ForeignKey("search_items.seq", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("model", sa.String(128), nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)

#: What each dialect makes besides; `migrations` has a copy, and a test keeps both equal.
SQLITE_INDEX = (
    (
        "CREATE VIRTUAL TABLE search_words USING fts5("
        "text, content='', "
        "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'\")"
    ),
    (
        "CREATE VIRTUAL TABLE search_trigrams USING fts5("
        "text, content='', detail=none, tokenize='trigram case_sensitive 1')"
    ),
    (
        "CREATE TABLE search_vocabulary (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, "
        "stem TEXT NOT NULL)"
    ),
    "CREATE INDEX ix_search_vocabulary_stem ON search_vocabulary (stem)",
    "INSERT INTO search_words(search_words, rank) VALUES('secure-delete', 1)",
    "INSERT INTO search_trigrams(search_trigrams, rank) VALUES('secure-delete', 1)",
)
POSTGRESQL_INDEX = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    (
        "CREATE TABLE search_texts (text TEXT NOT NULL, "
        "seq BIGINT PRIMARY KEY REFERENCES search_items (seq) ON DELETE CASCADE)"
    ),
    (
        "CREATE INDEX ix_search_texts_words ON search_texts "
        "USING gin (array_to_tsvector(string_to_array(text, ' ')))"
    ),
    (
        "CREATE TABLE search_vocabulary (id BIGSERIAL PRIMARY KEY, "
        'word TEXT COLLATE "C" NOT NULL UNIQUE, stem TEXT NOT NULL)'
    ),
    "CREATE INDEX ix_search_vocabulary_stem ON search_vocabulary (stem)",
    (
        "CREATE INDEX ix_search_vocabulary_trigrams ON search_vocabulary "
        "USING gin ((' ' || word || ' ') gin_trgm_ops)"
    ),
)
#: Names, and beginnings of names, of the tables that these make.
INDEX_TABLES = ("search_words", "search_trigrams", "search_vocabulary", "search_texts")

for _dialect, _statements in (("sqlite", SQLITE_INDEX), ("postgresql", POSTGRESQL_INDEX)):
    for _statement in _statements:
        _ddl: Any = sa.DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
        sa.event.listen(search_items, "after_create", _ddl.execute_if(dialect=_dialect))


def is_index_table(name: str | None) -> bool:
    """Is this table part of the derived index, and so none of `metadata`?"""
    return name is not None and name.startswith(INDEX_TABLES)
