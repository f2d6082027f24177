"""A memory for proofs and benches: the real stores over an encrypted SQLite file of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.clock import ManualClock
from core.db import Database, Transaction, open_sqlite
from core.memory.archives import Archives
from core.memory.clocks import Clocks
from core.memory.embedding import Meaning
from core.memory.links import Links
from core.memory.loading import Loads
from core.memory.ports import Embedder
from core.memory.record_model import Actor, Category, NewRecord, Source, Stored
from core.memory.records import Records
from core.memory.search import Search
from core.memory.search_index import Index
from core.memory.search_model import Found, Query, Vectors
from core.runs.model import Label
from ops import metadata

KEY = bytes(range(48))
ACTOR = Actor("proof")


@dataclass(frozen=True)
class Room:
    """Stores, index and search of one memory."""

    db: Database
    clock: ManualClock
    index: Index
    records: Records
    loads: Loads
    search: Search
    meaning: Meaning | None = None

    def remember(
        self, tx: Transaction, text: str, at: datetime | None = None, label: Label = Label.OPEN
    ) -> Stored:
        new = NewRecord(Category.NOTE, text, label, Source.OWNER, happened_at=at)
        return self.records.remember(tx, new, ACTOR)

    def find(self, words: str, meant: Vectors | None = None, limit: int = 10) -> Found:
        with self.db.read() as tx:
            return self.search.find(tx, Query(words=words, limit=limit), meant)

    def searching(self, most_ranked: int) -> Search:
        """The same search with another cut."""
        return Search(self.clock, self.loads, Links(), self.meaning, most_ranked=most_ranked)

    def fill(self, texts: Sequence[str], portion: int = 500) -> dict[int, int]:
        """Remember them all; which text each row of the index is."""
        numbers = {}
        for at in range(0, len(texts), portion):
            with self.db.write() as tx:
                for number, text in enumerate(texts[at : at + portion], at):
                    numbers[self.remember(tx, text).record.seq] = number
        with self.db.read() as tx:
            rows = tx.connection.exec_driver_sql("SELECT source, seq FROM search_items")
            return {row[1]: numbers[row[0]] for row in rows if row[0] in numbers}


@contextmanager
def room(folder: Path | None = None, embedder: Embedder | None = None) -> Iterator[Room]:
    """One in `folder`, or in a folder that goes again."""
    with tempfile.TemporaryDirectory(prefix="mask-memory-") as own:
        db = open_sqlite((folder or Path(own)) / "memory.db", KEY)
        try:
            metadata.whole().create_all(db.engine)
            yield over(db, ManualClock(), embedder)
        finally:
            db.close()


def over(db: Database, clock: ManualClock, embedder: Embedder | None = None) -> Room:
    """The stores over a database that has its tables."""
    index, clocks = Index(), Clocks(clock, "home")
    loads = Loads(Archives(clock, clocks, index, "home"))
    meaning = None if embedder is None else Meaning(embedder, clock)
    return Room(
        db=db,
        clock=clock,
        index=index,
        records=Records(clocks, index, loads, clock, "home"),
        loads=loads,
        search=Search(clock, loads, Links(), meaning),
        meaning=meaning,
    )
