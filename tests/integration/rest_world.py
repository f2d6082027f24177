"""A home with some memory in it, for tests of memory at rest."""

from __future__ import annotations

import hashlib
import random
import tempfile
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from core import schema
from core.clock import Clock, ManualClock
from core.database_keys import KeptKeys
from core.db import Database, Transaction, canonical, open_sqlite
from core.memory import content_rows
from core.memory.clocks import Clocks
from core.memory.mirror import Mirror
from core.memory.model import NewMessage, Role
from core.memory.preferences import Preferences
from core.memory.rest_model import MIRRORED
from core.memory.search_fakes import FakeIndex
from core.memory.tables import archives, messages, records
from core.memory.threads import Threads
from core.runs.model import Label
from core.seal import Master
from core.upkeep.integrity import Integrity
from core.upkeep.rekeying import Rekey
from core.upkeep.repair import Repair

MASTER = Master(bytes(range(32)))
CHAT = 77
PAGE = 4096


def digest(tx: Transaction) -> str:
    """All of memory in one number, sequence numbers and all."""
    found = hashlib.sha256()
    for name in MIRRORED:
        for row in content_rows.rows(tx, name):
            found.update(canonical([name, row]).encode())
    return found.hexdigest()


def digest_of(db: Database) -> str:
    with db.read() as tx:
        return digest(tx)


@cache
def empty_database(master: Master) -> bytes:
    """A file with all tables; migrating takes half a second."""
    with tempfile.TemporaryDirectory(prefix="mask-rest-") as folder:
        path = Path(folder) / "memory.db"
        db = open_sqlite(path, master.database_key())
        schema.ensure_schema(db)
        db.close()
        return path.read_bytes()


class House:
    """A home in `folder`. `db` is opened at first use and again after `shut`."""

    def __init__(self, folder: Path, clock: Clock | None = None, master: Master = MASTER) -> None:
        self.folder = folder
        self.clock = clock or ManualClock()
        self.master = master
        self.path = folder / "memory.db"
        self.mirror_path = folder / "memory_backup.json"
        self.keys = KeptKeys(folder, master)
        self._db: Database | None = None

    @property
    def db(self) -> Database:
        if self._db is None:
            if not self.path.exists() and not self.keys.generations().current:
                self.folder.mkdir(parents=True, exist_ok=True)
                self.path.write_bytes(empty_database(self.master))
            self._db = open_sqlite(self.path, KeptKeys(self.folder, self.master), busy_s=5)
            schema.ensure_schema(self._db)
        return self._db

    def shut(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    @property
    def threads(self) -> Threads:
        return Threads(self.db, self.clock, "home", index=FakeIndex())

    @property
    def mirror(self) -> Mirror:
        return mirror_of(self.db, self.clock, self.mirror_path, self.master)

    @property
    def rekey(self) -> Rekey:
        return Rekey(self.db, self.keys, self.path)

    @property
    def integrity(self) -> Integrity:
        return Integrity(self.db)

    @property
    def repair(self) -> Repair:
        """Over nothing that is open."""
        idle = open_sqlite(self.folder / "idle.db", bytes(48))
        mirror = mirror_of(idle, self.clock, self.mirror_path, self.master)
        return Repair(self.folder, self.path, self.keys, self.clock, mirror)

    def say(self, *texts: str) -> None:
        """Messages of the owner, each in a transaction of its own."""
        threads = self.threads
        for text in texts:
            with self.db.write() as tx:
                thread = threads.current(tx, CHAT)
                threads.add(tx, NewMessage(thread.id, Role.OWNER, text, Label.PRIVATE))

    def said(self) -> list[str]:
        with self.db.read() as tx:
            query = sa.select(messages.c.text).order_by(messages.c.seq)
            return [row.text for row in tx.execute(query)]

    def fill(self, many: int, seed: int = 1) -> None:
        """`many` messages and as many records, a preference and an archive, at once."""
        dice = random.Random(seed)
        threads, now = self.threads, self.clock.now()
        with self.db.write() as tx:
            thread = threads.new(tx, CHAT, "গাড়ি")
            stamp = Clocks(self.clock, "home").tick(tx)
            rows = [row_of(number, thread.id, now, stamp.value, dice) for number in range(many)]
            tx.execute(sa.insert(messages), [said for said, _ in rows])
            tx.execute(sa.insert(records), [kept for _, kept in rows])
            tx.execute(sa.insert(archives).values(**archive_of(now, stamp.value)))
            Preferences(self.db, self.clock).set(tx, "language", "bn")


def mirror_of(db: Database, clock: Clock, path: Path, master: Master = MASTER) -> Mirror:
    return Mirror(db, clock, path, master.mirror_key(), digest)


def row_of(number: int, thread_id: str, now, clock: int, dice: random.Random) -> tuple[dict, dict]:
    words = " ".join(dice.choice(WORDS) for _ in range(30))
    both = {"label": Label.OPEN, "origin": "home", "clock": clock, "clock_node": "home"}
    times = {"created_at": now, "changed_at": now}
    said = {
        "id": f"m{number:08}",
        "thread_id": thread_id,
        "role": "owner",
        "text": f"{number} {words}",
    }
    kept = {
        "id": f"r{number:08}",
        "category": "note",
        "text": f"{number} {words}",
        "content": {"number": number},
        "source": "owner",
        "importance": 50,
        "is_pinned": number % 7 == 0,
        "born": clock,
        "happened_at": now,
    }
    return {**said, **both, **times}, {**kept, **both, **times}


def archive_of(now, clock: int) -> dict:
    return {
        "id": "a1", "category": "note", "label": Label.OPEN, "count": 1, "since": now, "until": now,
        "codec": "zlib", "data": bytes(range(256)), "size": 9, "sha256": "0" * 64,
        "origin": "home", "clock": clock, "clock_node": "home", "created_at": now,
    }  # fmt: skip


WORDS = (
    "insurance গাড়ি বীমা winter سيارة تأمين engine 2025 ٢٠٢٥ ২০২৫ café long-life".split()  # noqa: SIM905
)


def spoil(path: Path, *pages: int, at: int = 1000, by: bytes = b"\xff" * 16) -> None:
    """Write rubbish into pages of a file, counted from 1."""
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * PAGE + at)
            file.write(by)


def page_count(path: Path) -> int:
    return path.stat().st_size // PAGE
