"""The words of texts in SQLite: FTS5 without content, and the vocabulary beside it.

A query is built of quoted words only, so nothing that was typed is read as FTS5's language. Rows
come newest first: their numbers rise as texts come in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from core.db import Transaction
from core.memory import search_trigrams
from core.memory.search_ports import Chosen, Match
from core.memory.search_trigrams import quoted

_ADD = "INSERT INTO search_words (rowid, text) VALUES (?, ?)"
_REMOVE = "INSERT INTO search_words (search_words, rowid, text) VALUES ('delete', ?, ?)"
_ANY_LEFT = "SELECT 1 FROM search_words WHERE search_words MATCH ? LIMIT 1"
_NEWEST = "SELECT rowid FROM search_words WHERE search_words MATCH ? ORDER BY rowid DESC LIMIT ?"
_NEWEST_OPEN = (
    "SELECT w.rowid FROM search_words AS w WHERE w.search_words MATCH ? AND NOT EXISTS ("
    "SELECT 1 FROM search_items AS p INDEXED BY ix_search_items_private "
    "WHERE p.is_private AND p.seq = w.rowid) ORDER BY w.rowid DESC LIMIT ?"
)
_NEWEST_AMONG = (
    "SELECT rowid FROM search_words WHERE search_words MATCH ? "
    "AND rowid BETWEEN ? AND ? ORDER BY rowid DESC LIMIT ?"
)
_NEWEST_SUCH = (
    "SELECT w.rowid FROM search_words AS w CROSS JOIN search_items ON search_items.seq = w.rowid "
    "WHERE w.search_words MATCH ? AND {condition} ORDER BY w.rowid DESC LIMIT ?"
)
_HAS = "SELECT 1 FROM search_words WHERE search_words MATCH ? AND rowid = ?"
#: Rows that are looked through for few chosen ones.
MOST_LOOKED_THROUGH = 200_000
#: The tables of FTS5 behind each of ours, with the column that has the bytes.
PARTS = ("search_words", "search_trigrams")


class SqliteWords:
    """`Words` in SQLite."""

    def add(self, tx: Transaction, seq: int, words: Sequence[str]) -> None:
        tx.connection.exec_driver_sql(_ADD, (seq, " ".join(words)))
        search_trigrams.learn(tx, dict.fromkeys(words))

    def remove(self, tx: Transaction, seq: int, words: Sequence[str]) -> None:
        run = tx.connection.exec_driver_sql
        run(_REMOVE, (seq, " ".join(words)))
        gone = [each for each in dict.fromkeys(words) if not run(_ANY_LEFT, (quoted(each),)).all()]
        if gone:
            search_trigrams.unlearn(tx, gone)

    def clear(self, tx: Transaction) -> None:
        tx.connection.exec_driver_sql(
            "INSERT INTO search_words (search_words) VALUES ('delete-all')"
        )
        search_trigrams.clear(tx)

    def matching(self, tx: Transaction, match: Match, chosen: Chosen, most: int) -> list[int]:
        asked = expression(match)
        if not asked:
            return []
        if chosen.among is not None:
            return _among(tx, asked, chosen.among, most)
        if chosen.condition:
            query = _NEWEST_SUCH.format(condition=chosen.condition)
            return _firsts(tx, query, (asked, *chosen.values, most))
        return _firsts(tx, _NEWEST_OPEN if chosen.is_open else _NEWEST, (asked, most))

    def of_stems(
        self, tx: Transaction, stems: Collection[str], most: int
    ) -> Mapping[str, tuple[str, ...]]:
        return search_trigrams.of_stems(tx, stems, most)

    def beginning(self, tx: Transaction, start: str, most: int) -> list[str]:
        return search_trigrams.beginning(tx, start, most)

    def sharing(self, tx: Transaction, word: str, least: int, most: int) -> list[str]:
        return search_trigrams.sharing(tx, word, least, most)

    def rows_of(self, tx: Transaction, seq: int, words: Sequence[str]) -> bool:
        asked = " AND ".join(map(quoted, dict.fromkeys(words)))
        return bool(tx.connection.exec_driver_sql(_HAS, (asked, seq)).all())

    def check(self, tx: Transaction) -> tuple[str, ...]:
        """FTS5's own check of its structure, and that its rows are those of `search_items`."""
        run = tx.connection.exec_driver_sql
        found = []
        for table in PARTS:
            lines = [str(row[0]) for row in run(f"PRAGMA integrity_check('{table}')")]
            found += [f"{table}: {line}" for line in lines if line != "ok"]
        strays = run(
            "SELECT count(*) FROM search_words_docsize "
            "WHERE id NOT IN (SELECT seq FROM search_items)"
        ).scalar_one()
        lacking = run(
            "SELECT count(*) FROM search_items "
            "WHERE seq NOT IN (SELECT id FROM search_words_docsize)"
        ).scalar_one()
        unknown = run(
            "SELECT (SELECT count(*) FROM search_vocabulary) "
            "- (SELECT count(*) FROM search_trigrams_docsize)"
        ).scalar_one()
        for count, sentence in (
            (strays, "rows of words without an item"),
            (lacking, "items without their words"),
            (abs(unknown), "words without their trigrams"),
        ):
            found += [f"{count} {sentence}"] if count else []
        return tuple(found)

    def sizes(self, tx: Transaction) -> dict[str, int]:
        run = tx.connection.exec_driver_sql
        sizes = {
            part: run(f"SELECT total(length(block)) FROM {part}_data").scalar_one()  # noqa: S608
            + run(f"SELECT total(length(sz) + 8) FROM {part}_docsize").scalar_one()  # noqa: S608
            for part in PARTS
        }
        # Each word lies in its row, in the index of words, and its stem twice.
        sizes["search_vocabulary"] = run(
            "SELECT total(2 * length(CAST(word AS BLOB)) + 2 * length(CAST(stem AS BLOB)) + 24) "
            "FROM search_vocabulary"
        ).scalar_one()
        return {name: int(size) for name, size in sizes.items()}


def expression(match: Match) -> str:
    """The match in FTS5's language; empty when there is nothing to match."""
    groups = ["(" + " OR ".join(map(quoted, group)) + ")" for group in match.groups]
    return " AND ".join([*groups, *map(quoted, match.phrases)])


def _among(tx: Transaction, asked: str, among: frozenset[int], most: int) -> list[int]:
    """The chosen ones are known: looking at each match would read its item."""
    if not among:
        return []
    values = (asked, min(among), max(among), MOST_LOOKED_THROUGH)
    return [seq for seq in _firsts(tx, _NEWEST_AMONG, values) if seq in among][:most]


def _firsts(tx: Transaction, sql: str, values: tuple[object, ...]) -> list[int]:
    """The first column, by the driver's own cursor: thousands of rows for each question."""
    cursor = tx.connection.connection.cursor()
    try:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]
    finally:
        cursor.close()
