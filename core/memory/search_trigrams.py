"""The vocabulary of the index in SQLite: each word once, with its stem and its trigrams.

`search_trigrams` keeps no positions: a query names trigrams, and how many of them a word shares is
counted here. Knows words only, not which texts have them: `search_words` tells it when the last
text with a word has gone.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from core.db import Transaction
from core.memory.normalise import stem
from core.memory.search_ports import trigrams

_KNOWN = "SELECT word FROM search_vocabulary WHERE word IN (SELECT value FROM json_each(?))"
_LEARN = (
    "INSERT INTO search_vocabulary (word, stem) "
    "SELECT value ->> 0, value ->> 1 FROM json_each(?) RETURNING id, word"
)
_LEARN_TRIGRAMS = (
    "INSERT INTO search_trigrams (rowid, text) SELECT value ->> 0, value ->> 1 FROM json_each(?)"
)
_UNLEARN = (
    "DELETE FROM search_vocabulary "
    "WHERE word IN (SELECT value FROM json_each(?)) RETURNING id, word"
)
_UNLEARN_TRIGRAMS = (
    "INSERT INTO search_trigrams (search_trigrams, rowid, text) VALUES ('delete', ?, ?)"
)
_OF_STEMS = (
    "SELECT stem, word FROM search_vocabulary "
    "WHERE stem IN (SELECT value FROM json_each(?)) ORDER BY length(word), word"
)
_BEGINNING = (
    "SELECT word FROM search_vocabulary WHERE word >= ? AND word < ? "
    "ORDER BY length(word), word LIMIT ?"
)
_WITH_TRIGRAM = "SELECT rowid FROM search_trigrams WHERE search_trigrams MATCH ?"
#: The last character there is: no word that begins with a start is beyond it.
_LAST = chr(0x10FFFF)


def learn(tx: Transaction, words: Collection[str]) -> None:
    """Take up those that are new."""
    run = tx.connection.exec_driver_sql
    known = {row[0] for row in run(_KNOWN, (_json(words),))}
    new = [[word, stem(word)] for word in words if word not in known]
    if new:
        learnt = [[row[0], f" {row[1]} "] for row in run(_LEARN, (_json(new),))]
        run(_LEARN_TRIGRAMS, (_json(learnt),))


def unlearn(tx: Transaction, words: Collection[str]) -> None:
    """No text has them any more."""
    run = tx.connection.exec_driver_sql
    for row in run(_UNLEARN, (_json(words),)).all():
        run(_UNLEARN_TRIGRAMS, (row[0], f" {row[1]} "))


def clear(tx: Transaction) -> None:
    run = tx.connection.exec_driver_sql
    run("DELETE FROM search_vocabulary")
    run("INSERT INTO search_trigrams (search_trigrams) VALUES ('delete-all')")


def of_stems(tx: Transaction, stems: Collection[str], most: int) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in tx.connection.exec_driver_sql(_OF_STEMS, (_json(stems),)):
        found.setdefault(row[0], []).append(row[1])
    return {each: tuple(words[:most]) for each, words in found.items()}


def beginning(tx: Transaction, start: str, most: int) -> list[str]:
    found = tx.connection.exec_driver_sql(_BEGINNING, (start, start + _LAST, most))
    return [row[0] for row in found]


def sharing(tx: Transaction, word: str, least: int, most: int) -> list[str]:
    """Dice's measure orders: twice the shared trigrams by those of both words."""
    wanted = trigrams(word)
    union = " UNION ALL ".join([_WITH_TRIGRAM] * len(wanted))
    query = (
        "SELECT word FROM search_vocabulary JOIN ("  # noqa: S608 - only its own parts, repeated
        f"SELECT rowid AS id, count(*) AS shared FROM ({union}) GROUP BY rowid "
        "HAVING count(*) >= ?) USING (id) "
        "ORDER BY shared * 2.0 / (length(word) + ?) DESC, word LIMIT ?"
    )
    values = (*map(quoted, wanted), least, len(word), most)
    return [row[0] for row in tx.connection.exec_driver_sql(query, values)]


def quoted(text: str) -> str:
    """A string of FTS5's query language, whatever it holds."""
    return '"' + text.replace('"', '""') + '"'


def _json(values: Iterable[Any]) -> str:
    return json.dumps(list(values), ensure_ascii=False)
