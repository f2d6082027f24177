"""The words of texts in PostgreSQL: correct as in SQLite; no promise about speed.

Neither PostgreSQL's parser nor pg_trgm sees Bengali or Arabic letters in every locale (in C they
are no letters). So the tsvector is made of the words as they are, without the parser, and trigrams
are compared by LIKE, which pg_trgm's index speeds up where it can. Writers take turns: a word must
not leave the vocabulary while another transaction is about to use it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from core.db import Transaction
from core.memory.normalise import stem
from core.memory.search_ports import Chosen, Match, trigrams

#: One number for the lock of writers: "mask" and "srch" as bytes.
_LOCK = "SELECT pg_advisory_xact_lock(1835103083, 1936876392)"
_VECTOR = "array_to_tsvector(string_to_array(text, ' '))"
_OF_STEMS = (
    "SELECT stem, word FROM search_vocabulary WHERE stem = ANY(%s) ORDER BY length(word), word"
)
_BEGINNING = (
    "SELECT word FROM search_vocabulary WHERE word >= %s AND word < %s "
    "ORDER BY length(word), word LIMIT %s"
)
_SHARING = (
    "SELECT word FROM (SELECT word, (SELECT count(*) FROM unnest(%s::text[]) AS part "
    "WHERE position(part IN ' ' || word || ' ') > 0) AS shared FROM search_vocabulary "
    "WHERE (' ' || word || ' ') LIKE ANY (%s)) AS few WHERE shared >= %s "
    "ORDER BY shared * 2.0 / (length(word) + %s) DESC, word LIMIT %s"
)
_LAST = chr(0x10FFFF)
TABLES = ("search_texts", "search_vocabulary")


class PostgresWords:
    """`Words` in PostgreSQL."""

    def add(self, tx: Transaction, seq: int, words: Sequence[str]) -> None:
        run = tx.connection.exec_driver_sql
        run(_LOCK)
        run(
            "INSERT INTO search_texts (seq, text) VALUES (%s, %s) "
            "ON CONFLICT (seq) DO UPDATE SET text = excluded.text",
            (seq, " ".join(words)),
        )
        different = list(dict.fromkeys(words))
        run(
            "INSERT INTO search_vocabulary (word, stem) "
            "SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT (word) DO NOTHING",
            (different, [stem(word) for word in different]),
        )

    def remove(self, tx: Transaction, seq: int, words: Sequence[str]) -> None:
        run = tx.connection.exec_driver_sql
        run(_LOCK)
        run("DELETE FROM search_texts WHERE seq = %s", (seq,))
        has = f"SELECT 1 FROM search_texts WHERE {_VECTOR} @@ (%s)::tsquery LIMIT 1"  # noqa: S608
        gone = [each for each in dict.fromkeys(words) if not run(has, (quoted(each),)).all()]
        run("DELETE FROM search_vocabulary WHERE word = ANY(%s)", (gone,))

    def clear(self, tx: Transaction) -> None:
        tx.connection.exec_driver_sql(_LOCK)
        for table in TABLES:
            tx.connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608

    def matching(self, tx: Transaction, match: Match, chosen: Chosen, most: int) -> list[int]:
        """A tsvector without the parser has no positions: phrases are compared as text."""
        groups = [*match.groups, *((word,) for each in match.phrases for word in each.split())]
        if not groups:
            return []
        asked = " & ".join("(" + " | ".join(map(quoted, group)) + ")" for group in groups)
        sql = f"SELECT t.seq FROM search_texts AS t JOIN search_items USING (seq) WHERE {_VECTOR} @@ (%s)::tsquery"  # noqa: E501, S608
        values: list[object] = [asked]
        for phrase in match.phrases:
            sql += " AND position(%s IN ' ' || t.text || ' ') > 0"
            values.append(f" {phrase} ")
        if chosen.among is not None:
            sql += " AND t.seq = ANY(%s)"
            values.append(sorted(chosen.among))
        elif chosen.is_open:
            sql += " AND NOT is_private"
        elif chosen.condition:
            sql += " AND " + chosen.condition.replace("?", "%s")
            values += chosen.values
        found = tx.connection.exec_driver_sql(
            sql + " ORDER BY t.seq DESC LIMIT %s", (*values, most)
        )
        return [row[0] for row in found]

    def of_stems(
        self, tx: Transaction, stems: Collection[str], most: int
    ) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for row in tx.connection.exec_driver_sql(_OF_STEMS, (list(stems),)):
            found.setdefault(row[0], []).append(row[1])
        return {each: tuple(words[:most]) for each, words in found.items()}

    def beginning(self, tx: Transaction, start: str, most: int) -> list[str]:
        values = (start, start + _LAST, most)
        return [row[0] for row in tx.connection.exec_driver_sql(_BEGINNING, values)]

    def sharing(self, tx: Transaction, word: str, least: int, most: int) -> list[str]:
        parts = list(trigrams(word))
        patterns = [f"%{part}%" for part in parts]  # words have no sign that LIKE reads
        values = (parts, patterns, least, len(word), most)
        return [row[0] for row in tx.connection.exec_driver_sql(_SHARING, values)]

    def rows_of(self, tx: Transaction, seq: int, words: Sequence[str]) -> bool:
        has = f"SELECT 1 FROM search_texts WHERE seq = %s AND {_VECTOR} @@ (%s)::tsquery"  # noqa: S608
        asked = " & ".join(map(quoted, dict.fromkeys(words)))
        return bool(tx.connection.exec_driver_sql(has, (seq, asked)).all())

    def check(self, tx: Transaction) -> tuple[str, ...]:
        lacking = tx.connection.exec_driver_sql(
            "SELECT count(*) FROM search_items WHERE seq NOT IN (SELECT seq FROM search_texts)"
        ).scalar_one()
        return (f"{lacking} items without their words",) if lacking else ()

    def sizes(self, tx: Transaction) -> dict[str, int]:
        run = tx.connection.exec_driver_sql
        return {
            table: int(run("SELECT pg_total_relation_size(%s)", (table,)).scalar_one())
            for table in TABLES
        }


def quoted(word: str) -> str:
    """A lexeme of a tsquery, whatever it holds."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
