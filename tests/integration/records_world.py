"""Records over a database of tests: a fake index that notices a wrong former text, and archives
that are a dictionary."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from core.clock import ManualClock
from core.db import Database, Transaction
from core.memory.clocks import Clocks
from core.memory.loading import Loads
from core.memory.model import NewMessage, Role
from core.memory.record_model import Actor, Category, NewRecord
from core.memory.records import Records
from core.memory.search_fakes import FakeIndex, FakeSearch
from core.memory.search_model import ItemKind, Query
from core.memory.summary_model import Archived
from core.memory.tables import records
from core.memory.threads import Threads
from core.redaction import Redaction
from core.runs.model import Label

OWNER = Actor("telegram:7", message_id=None)
CHAT = 7


@dataclass
class ShelfOfArchives:
    """Archives as a dictionary; counts how often one was opened."""

    packs: dict[str, tuple[Archived, ...]] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)

    def read(self, _tx: Transaction, archive_id: str) -> tuple[Archived, ...]:
        self.opened.append(archive_id)
        return self.packs[archive_id]


class World:
    """Records, threads and what they write to."""

    def __init__(self, db: Database, clock: ManualClock, *secrets: str) -> None:
        self.db, self.clock = db, clock
        self.index = FakeIndex()
        self.search = FakeSearch(self.index)
        self.clocks = Clocks(clock, "home")
        self.shelf = ShelfOfArchives()
        self.loads = Loads(self.shelf)
        redact = Redaction(secrets)
        self.records = Records(self.clocks, self.index, self.loads, clock, "home", redact)
        self.threads = Threads(db, clock, "home", redact, index=self.index, clocks=self.clocks)

    def remember(self, text: str, category: Category = Category.NOTE, **more):
        with self.db.write() as tx:
            return self.records.remember(tx, NewRecord(category, text, **more), OWNER)

    def edit(self, record_id: str, **fields):
        with self.db.write() as tx:
            return self.records.edit(tx, record_id, OWNER, **fields)

    def undo(self, change_id: str):
        with self.db.write() as tx:
            return self.records.undo(tx, change_id, OWNER)

    def retire(self, record_id: str):
        with self.db.write() as tx:
            return self.records.retire(tx, record_id, OWNER)

    def get(self, record_id: str, reader: Label = Label.PRIVATE):
        with self.db.read() as tx:
            return self.records.get(tx, record_id, reader)

    def history(self, record_id: str):
        with self.db.read() as tx:
            return self.records.history(tx, record_id)

    def found(self, words: str, reader: Label = Label.PRIVATE) -> list[str]:
        with self.db.read() as tx:
            return [hit.text for hit in self.search.find(tx, Query(words, reader)).hits]

    def say(self, text: str, role: Role = Role.OWNER, **more):
        with self.db.write() as tx:
            thread = self.threads.current(tx, CHAT)
            return self.threads.add(tx, NewMessage(thread.id, role, text, **more))

    def archive(self, record_id: str, archive_id: str = "a1") -> None:
        """As `core.memory.archives` does it: words and content leave the row."""
        record = self.get(record_id)
        held = Archived(ItemKind.RECORD, record.id, record.text, record.content)
        self.shelf.packs[archive_id] = (*self.shelf.packs.get(archive_id, ()), held)
        with self.db.write() as tx:
            tx.execute(
                sa.update(records)
                .where(records.c.id == record_id)
                .values(text="", content={}, archive_id=archive_id)
            )
