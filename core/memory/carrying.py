"""Carrying memory out and in: export, import, and the hash that says that two are the same.

Decides what is exported for whom, and what of a file is taken. An export in JSON has everything
that an import needs; Markdown is for reading. An import is taken wholly or not at all: it adds what
is not there, replaces what it knows a newer version of, with history, and skips the rest. Rows that
make no sense are counted. Nothing it holds can change who may command, or what is private here.
Errors: Refused(`memory-file`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.clock import Clock
from core.db import Transaction, canonical
from core.errors import Refused
from core.memory import carrying_markdown, carrying_old
from core.memory.carrying_choice import Choice, chosen
from core.memory.carrying_intake import Intake
from core.memory.carrying_rows import CARRIED, Reader
from core.memory.ports import Archives, Clocks, Indexes, Records, Search
from core.memory.record_model import Actor
from core.memory.rest_model import Written
from core.memory.rest_ports import Form
from core.memory.search_model import ItemKind, Query
from core.runs.model import Label

FORMAT, VERSION = "the-mask/memory", 1
EVERYTHING = Query(reader=Label.PRIVATE)
IMPORTER = Actor("import")


class Carries:
    """Memory of place `origin` as files. `search` finds what a query chooses."""

    def __init__(
        self,
        clock: Clock,
        clocks: Clocks,
        index: Indexes,
        archives: Archives,
        records: Records,
        search: Search,
        origin: str,
    ) -> None:
        self._clock = clock
        self._clocks = clocks
        self._index = index
        self._archives = archives
        self._records = records
        self._search = search
        self._origin = origin

    def export(
        self,
        tx: Transaction,
        form: Form,
        query: Query = EVERYTHING,
        items: Sequence[tuple[ItemKind, str]] = (),
        counts: dict[str, int] | None = None,
    ) -> Iterator[bytes]:
        """The chosen memories, of which the query's reader may know; everything with a query that
        chooses nothing and no `items` (kind and id). JSON can be imported again. `counts` gets
        rows by table while they are written."""
        choice = chosen(tx, self._search, query, items, {} if counts is None else counts)
        reader = Reader(tx, self._archives)
        if form == "markdown":
            made_at = self._clock.now()
            return carrying_markdown.written(reader, choice, made_at)
        return self._json(tx, reader, choice)

    def take(self, tx: Transaction, content: bytes) -> Written:
        """An export, or an old `memory.json`. Refused(`memory-file`) when it is neither."""
        data = _parsed(content)
        if isinstance(data, dict) and data.get("format") == FORMAT:
            tables = data.get("tables")
            if data.get("version") != VERSION or not isinstance(tables, dict):
                raise Refused("memory-file")
            taken = Intake(tx, self._clock, self._clocks, self._index, self._archives).take(tables)
        else:
            taken = carrying_old.take(tx, self._records, data, IMPORTER)
        return replace(taken, content_hash=self.content_hash(tx))

    def content_hash(self, tx: Transaction) -> str:
        """sha256 over every carried row in canonical JSON, tables in their order, rows in theirs:
        equal memories have equal hashes, archived or not, wherever they are."""
        hasher = hashlib.sha256()
        reader = Reader(tx, self._archives)
        for name in CARRIED:
            hasher.update(f"{name}\n".encode())
            for row in reader.rows(name):
                hasher.update(canonical(row).encode() + b"\n")
        return hasher.hexdigest()

    def _json(self, tx: Transaction, reader: Reader, choice: Choice) -> Iterator[bytes]:
        """One row a line, so that two exports can be compared by eye."""
        head = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": self._clock.now().isoformat(),
            "place": self._origin,
        }
        if choice.is_whole:
            head["content_hash"] = self.content_hash(tx)
        yield _line(head)[:-1].encode() + b',\n"tables": {'
        for at, name in enumerate(CARRIED):
            yield ("," if at else "").encode() + f"\n{json.dumps(name)}: [".encode()
            for number, row in enumerate(choice.rows(reader, name)):
                yield (",\n" if number else "\n").encode() + _line(row).encode()
            yield b"\n]"
        yield b"\n}}\n"


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Refused("memory-file") from None
