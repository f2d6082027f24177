"""A home with memory in a folder of its own, for the proofs about memory at rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core import config, schema, seal
from core.clock import Clock, SystemClock
from core.database_keys import KeptKeys
from core.db import Database, Transaction, open_sqlite
from core.memory.mirror import Mirror
from core.memory.model import NewMessage, Role
from core.memory.record_model import Actor, Category, NewRecord
from core.redaction import Redaction
from core.runs.model import Label
from core.runs.ports import NoWake
from core.runs.runs import Runs
from core.upkeep.integrity import Integrity
from core.upkeep.rekeying import Rekey
from core.upkeep.repair import Repair
from core.wiring.memory import Memory, memory_over

CHAT = 1001
OWNER = Actor("owner")


@dataclass(frozen=True)
class Home:
    """One home, opened."""

    settings: config.Settings
    master: seal.Master
    clock: Clock
    db: Database
    memory: Memory

    @property
    def path(self) -> Path:
        return self.settings.under_home(self.settings.db_path)

    @property
    def keys(self) -> KeptKeys:
        return KeptKeys(self.settings.home, self.master)

    @property
    def rekey(self) -> Rekey:
        return Rekey(self.db, self.keys, self.path)

    @property
    def integrity(self) -> Integrity:
        return Integrity(self.db)

    def remember(self, text: str, label: Label = Label.PRIVATE) -> None:
        """A turn of two messages and a record, in one transaction."""
        with self.db.write() as tx:
            thread = self.memory.threads.current(tx, CHAT)
            said = NewMessage(thread.id, Role.OWNER, f"{text} said", label)
            self.memory.threads.add(tx, said)
            answer = NewMessage(thread.id, Role.ASSISTANT, f"{text} answered", label)
            self.memory.threads.add(tx, answer)
            note = NewRecord(Category.NOTE, f"{text} noted", label)
            self.memory.records.remember(tx, note, OWNER)

    def content_hash(self) -> str:
        with self.db.read() as tx:
            return self.hash_in(tx)

    def hash_in(self, tx: Transaction) -> str:
        return self.memory.carries.content_hash(tx)


@contextmanager
def home(folder: Path) -> Iterator[Home]:
    """Open it, made when absent; closed at the end."""
    settings = config.Settings(_env_file=None, MASK_HOME=folder)  # type: ignore[call-arg]
    master, clock = seal.open_master(folder), SystemClock()
    db = schema.open_database(settings, master)
    try:
        schema.ensure_schema(db)
        runs = Runs(clock, NoWake())
        yield Home(
            settings, master, clock, db, memory_over(db, settings, master, clock, Redaction(), runs)
        )
    finally:
        db.close()


def repair_of(folder: Path) -> Repair:
    """Over a home that nobody has open."""
    settings = config.Settings(_env_file=None, MASK_HOME=folder)  # type: ignore[call-arg]
    master, clock = seal.open_master(folder), SystemClock()
    keys, path = KeptKeys(folder, master), settings.under_home(settings.db_path)
    mirror = Mirror(
        open_sqlite(path, keys),
        clock,
        settings.under_home(settings.mirror_path),
        master.mirror_key(),
        content_hash=lambda _tx: "",
    )
    return Repair(folder, path, keys, clock, mirror)
