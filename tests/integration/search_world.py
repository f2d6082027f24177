"""A memory to search: records and messages written by the real stores, in either dialect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.clock import ManualClock
from core.db import Database
from core.memory.archives import Archives
from core.memory.clocks import Clocks
from core.memory.links import Links
from core.memory.loading import Loads
from core.memory.model import NewMessage, Role
from core.memory.record_model import Actor, Category, NewRecord, Source, Stored
from core.memory.records import Records
from core.memory.search import Search
from core.memory.search_index import Index
from core.memory.search_model import Found, Query
from core.memory.search_rebuild import Rebuild
from core.memory.threads import Threads
from core.runs.model import Label

CHAT = 1001
OWNER = Actor("telegram:1001")
NOW = datetime(2026, 6, 1, tzinfo=UTC)


class World:
    """Everything that searching needs, over one database."""

    def __init__(self, db: Database, clock: ManualClock, meaning=None) -> None:
        self.db = db
        self.clock = clock
        self.index = Index()
        clocks = Clocks(clock, "home")
        archives = Archives(clock, clocks, self.index, "home")
        self.loads = Loads(archives)
        self.records = Records(clocks, self.index, self.loads, clock, "home")
        self.threads = Threads(db, clock, "home", clocks=clocks, index=self.index)
        self.search = Search(clock, self.loads, Links(), meaning)
        self.rebuild = Rebuild(clock, self.loads, self.index)

    def remember(
        self, text: str, *, label: Label = Label.OPEN, category=Category.NOTE, days: int = 0, **more
    ) -> Stored:
        """Keep a record that happened so many days ago."""
        happened = self.clock.now() - timedelta(days=days)
        new = NewRecord(category, text, label, Source.OWNER, happened_at=happened, **more)
        with self.db.write() as tx:
            return self.records.remember(tx, new, OWNER)

    def say(self, text: str, *, label: Label = Label.OPEN, role: Role = Role.OWNER, name=None):
        """A message in the chat's current thread, or in a new one of that name."""
        with self.db.write() as tx:
            thread = self.threads.new(tx, CHAT, name) if name else self.threads.current(tx, CHAT)
            return self.threads.add(tx, NewMessage(thread.id, role, text, label))

    def find(self, words: str = "", reader: Label = Label.OPEN, **fields) -> Found:
        with self.db.read() as tx:
            return self.search.find(tx, Query(words=words, reader=reader, **fields))

    def texts(self, words: str = "", **fields) -> list[str]:
        return [hit.text for hit in self.find(words, **fields).hits]
