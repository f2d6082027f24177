"""What the parts of memory take in the database, for the bench and for `ops memory sizes`.

PostgreSQL says it. This SQLite has no table of pages, so a part is the sum of what its rows hold:
without the page's own bytes and free room, which are the difference to the file's whole size.
"""

from __future__ import annotations

import sqlalchemy as sa

from core.db import Transaction
from core.memory.search_index import words_in
from core.memory.search_model import Part
from core.memory.search_tables import embeddings, search_items
from core.memory.tables import archives, messages, record_history, records, summaries

#: Tables of memory that grow with what is remembered.
TABLES = (messages, records, record_history, summaries, archives, search_items, embeddings)
TEXTS = (messages, records, summaries)
#: A row's number, its header and its share of the page's directory.
ROW_BYTES = 12


def sizes(tx: Transaction) -> tuple[Part, ...]:
    """The texts alone, each table with its indexes' columns once, each part of the index, and
    the whole database."""
    is_postgres = tx.connection.dialect.name == "postgresql"
    parts = [Part("texts", sum(_text_bytes(tx, table) for table in TEXTS))]
    for table in TABLES:
        size = _relation(tx, table.name) if is_postgres else _row_bytes(tx, table)
        parts.append(Part(table.name, size))
    parts += [Part(name, size) for name, size in words_in(tx).sizes(tx).items()]
    return (*parts, Part("database", _whole(tx)))


def _text_bytes(tx: Transaction, table: sa.Table) -> int:
    query = sa.select(sa.func.sum(sa.func.octet_length(table.c.text)))
    return int(tx.execute(query).scalar_one() or 0)


def _row_bytes(tx: Transaction, table: sa.Table) -> int:
    columns = (
        sa.func.coalesce(sa.func.octet_length(column), 0)
        for column in table.columns
        if not column.primary_key or not isinstance(column.type, sa.Integer)
    )
    whole = sum(columns, sa.literal(ROW_BYTES))
    return int(tx.execute(sa.select(sa.func.sum(whole)).select_from(table)).scalar_one() or 0)


def _relation(tx: Transaction, name: str) -> int:
    found = tx.connection.exec_driver_sql("SELECT pg_total_relation_size(%s)", (name,))
    return int(found.scalar_one())


def _whole(tx: Transaction) -> int:
    run = tx.connection.exec_driver_sql
    if tx.connection.dialect.name == "postgresql":
        return int(run("SELECT pg_database_size(current_database())").scalar_one())
    pages = int(run("PRAGMA page_count").scalar_one()) - int(
        run("PRAGMA freelist_count").scalar_one()
    )
    return pages * int(run("PRAGMA page_size").scalar_one())
