"""The usual ways to search what was said: FTS5 as it comes, and LIKE.

Both get a fair chance: every word first, then any of them; FTS5 ranks by bm25, LIKE by how many
words are in the text. Nothing is normalised.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.db import Database


class DefaultFts:
    """FTS5 with its default tokenizer."""

    def __init__(self, db: Database, texts: Sequence[str]) -> None:
        self._db = db
        with db.write() as tx:
            run = tx.connection.exec_driver_sql
            run("CREATE VIRTUAL TABLE plain_words USING fts5(text)")
            for number, text in enumerate(texts):
                run("INSERT INTO plain_words (rowid, text) VALUES (?, ?)", (number + 1, text))

    def find(self, words: str, most: int = 10) -> list[int]:
        quoted = ['"' + word.replace('"', '""') + '"' for word in words.split()]
        found: dict[int, None] = {}
        for joined in (" AND ".join(quoted), " OR ".join(quoted)):
            found.update(dict.fromkeys(self._matching(joined, most)))
        return list(found)[:most]

    def _matching(self, asked: str, most: int) -> list[int]:
        with self._db.read() as tx:
            rows = tx.connection.exec_driver_sql(
                "SELECT rowid FROM plain_words WHERE plain_words MATCH ? ORDER BY rank LIMIT ?",
                (asked, most),
            )
            return [row[0] - 1 for row in rows]


class PlainLike:
    """LIKE over the texts."""

    def __init__(self, db: Database, texts: Sequence[str]) -> None:
        self._db = db
        with db.write() as tx:
            run = tx.connection.exec_driver_sql
            run("CREATE TABLE plain_texts (number INTEGER PRIMARY KEY, text TEXT)")
            for number, text in enumerate(texts):
                run("INSERT INTO plain_texts VALUES (?, ?)", (number, text))

    def find(self, words: str, most: int = 10) -> list[int]:
        parts = ["%" + word + "%" for word in words.split()]
        counted = " + ".join(["(text LIKE ?)"] * len(parts))
        query = (
            f"SELECT number FROM plain_texts WHERE {counted} > 0 "  # noqa: S608 - only its own parts
            f"ORDER BY {counted} DESC, number DESC LIMIT ?"
        )
        with self._db.read() as tx:
            rows = tx.connection.exec_driver_sql(query, (*parts, *parts, most))
            return [row[0] for row in rows]
