"""The search index as writers know it: a text in, in place of the former one, or out.

Only stores of tables write here, in the transaction that writes the row. The texts are not kept:
SQLite takes words out only when it is told which they were, so a digest of the indexed words is
compared with the former text first. Errors: Broken(`index-former`): it is not what was indexed;
nothing is changed then, because the wrong words taken out leave others behind for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.errors import Broken
from core.memory import normalise, state_names
from core.memory.search_model import Item, ItemKind
from core.memory.search_ports import Words
from core.memory.search_postgres import PostgresWords
from core.memory.search_tables import embeddings, search_items
from core.memory.search_words import SqliteWords
from core.memory.tables import memory_state
from core.prepared import Prepared, value
from core.runs.model import Label

_COLUMNS = ("kind", "source", "is_private", "category", "thread_id", "origin", "at", "importance",
            "is_archived", "digest")  # fmt: skip
#: Bytes of a digest: one integer of either dialect.
_DIGEST_BYTES = 8


class Index:
    """`Indexes` over the tables of `core.memory.search_tables`, in either dialect."""

    def __init__(self) -> None:
        given = {name: value(search_items.c[name]) for name in _COLUMNS}
        self._insert = Prepared(sa.insert(search_items).values(given).returning(search_items.c.seq))
        self._update = Prepared(
            sa.update(search_items)
            .where(search_items.c.seq == value(search_items.c.seq, "row"))
            .values(given)
        )
        self._find = Prepared(
            sa.select(search_items.c.seq, search_items.c.digest).where(
                search_items.c.kind == value(search_items.c.kind),
                search_items.c.source == value(search_items.c.source),
            )
        )

    def put(self, tx: Transaction, item: Item, former: str | None = None) -> None:
        """Index a text, in place of `former`. A text of no words leaves the index."""
        words = words_of(item.text)
        entry = self._entry(tx, item.kind, item.source)
        if entry is None:
            if words:
                seq = tx.execute(self._insert, _values(item, words)).scalar_one()
                words_in(tx).add(tx, seq, words)
            return
        if entry.digest == digest(words) and words:
            tx.execute(self._update, {**_values(item, words), "row": entry.seq})
            return
        self._take_out(tx, entry, former, item.kind, item.source)
        if not words:
            _delete(tx, entry.seq)
            return
        tx.execute(self._update, {**_values(item, words), "row": entry.seq})
        tx.execute(sa.delete(embeddings).where(embeddings.c.seq == entry.seq))
        words_in(tx).add(tx, entry.seq, words)

    def drop(self, tx: Transaction, kind: ItemKind, source: int, former: str) -> None:
        """Take an item out, words and all. Without an entry it does nothing."""
        entry = self._entry(tx, kind, source)
        if entry is not None:
            self._take_out(tx, entry, former, kind, source)
            _delete(tx, entry.seq)

    def refile(self, tx: Transaction, item: Item) -> None:
        """The words stayed, something else of the item changed. `item.text` is not read."""
        entry = self._entry(tx, item.kind, item.source)
        if entry is not None:
            values = {**_values(item, ()), "digest": entry.digest, "row": entry.seq}
            tx.execute(self._update, values)

    def _entry(self, tx: Transaction, kind: ItemKind, source: int) -> Any:
        return tx.execute(self._find, {"kind": int(kind), "source": source}).one_or_none()

    def _take_out(
        self, tx: Transaction, entry: Any, former: str | None, kind: ItemKind, source: int
    ) -> None:
        words = words_of(former or "")
        if entry.digest == digest(words):
            words_in(tx).remove(tx, entry.seq, words)
        elif not is_outdated(tx):  # the normal form changed: the rebuild that is due clears all
            raise Broken("index-former", kind=kind.name.lower(), source=source)


def words_of(text: str) -> list[str]:
    """The words of a text as they are indexed, in their order."""
    return normalise.words_of(normalise.normal(text))


def digest(words: Sequence[str]) -> int:
    """Of the words of a text: tells whether another text has the same."""
    made = hashlib.blake2b(" ".join(words).encode(), digest_size=_DIGEST_BYTES).digest()
    return int.from_bytes(made, "little", signed=True)


def words_in(tx: Transaction) -> Words:
    """The words of a transaction's dialect."""
    return PostgresWords() if tx.connection.dialect.name == "postgresql" else SqliteWords()


def is_outdated(tx: Transaction) -> bool:
    """Was it begun with another normal form? An index that nobody has built yet was not."""
    state = state_of(tx)
    return state is not None and state.get("fingerprint") != normalise.fingerprint()


def state_of(tx: Transaction) -> dict[str, Any] | None:
    """What `memory_state` says of the index: `fingerprint`, and `is_whole` once it is built."""
    query = sa.select(memory_state.c.value).where(memory_state.c.name == state_names.INDEX)
    found = tx.execute(query).scalar_one_or_none()
    return found if isinstance(found, dict) else None


def _delete(tx: Transaction, seq: int) -> None:
    tx.execute(sa.delete(search_items).where(search_items.c.seq == seq))


def _values(item: Item, words: Sequence[str]) -> dict[str, Any]:
    return {
        "kind": int(item.kind),
        "source": item.source,
        "is_private": item.label is Label.PRIVATE,
        "category": str(item.category),
        "thread_id": item.thread_id,
        "origin": item.origin,
        "at": item.at,
        "importance": item.importance,
        "is_archived": item.is_archived,
        "digest": digest(words),
    }
