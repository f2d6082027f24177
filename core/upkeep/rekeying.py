"""A new key for the whole database, in place, while everybody works.

Decides the order in which the key, the file and the note about it change, so that a kill at any
moment leaves one key that opens everything (decision 0018): the coming generation is noted, the
file rewritten by SQLCipher in one transaction, the old pages leave the WAL, the generation is kept.
Writers wait while it runs, readers finish on what they see; whoever comes later finds the new key.

It protects from a leaked database key. A leaked master key needs a new home, from an export.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from core.connecting import FOREIGN
from core.database_keys import KeptKeys
from core.db import Database
from core.errors import Refused, Unavailable
from core.memory.rest_model import Rekeyed
from core.runs.model import Done, Kind, WorkflowBody, workflow
from core.runs.notices import Level, alert
from core.runs.ports import StepContext
from core.runs.steps import step
from core.sqlite_file import connect_sqlite
from core.upkeep.model import RekeyDatabase

#: Seconds that readers get to finish, and until the next try when they did not.
READERS_S, AGAIN_S = 20.0, 30.0
MEGABYTE = 1_000_000


class Rekey:
    """`path` is the database's file; None where there is none (PostgreSQL)."""

    def __init__(self, db: Database, keys: KeptKeys, path: Path | None) -> None:
        self._db = db
        self._keys = keys
        self._path = path

    def rekey(self) -> Rekeyed:
        """Change the key; after a kill, finish what was begun. Refused(`rekey-postgres`);
        Unavailable(`database-busy`) while a reader holds on to old pages."""
        if self._path is None:
            raise Refused("rekey-postgres")
        begun, opens = monotonic(), self.generation()
        known = self._keys.generations()
        if known.coming != opens:
            if known.current != opens:  # the note was lost
                self._keys.keep(opens)
            opens = self._keys.next()
            self._rewrite(opens)
        took_s = monotonic() - begun
        if not self._db.empty_wal(READERS_S):
            raise Unavailable("database-busy", retry_after=AGAIN_S)
        self._keys.keep(opens)
        return Rekeyed(opens, self._path.stat().st_size, round(took_s, 3))

    def generation(self) -> int:
        """The generation whose key opens the database. Refused(`database-key`)."""
        assert self._path is not None, "PostgreSQL has no key of ours"
        for number, key in self._keys.numbered():
            if _opens(self._path, key):
                return number
        raise Refused("database-key")

    def _rewrite(self, generation: int) -> None:
        key = self._keys.key(generation)
        with self._db.alone() as connection:
            driver: Any = connection.connection.driver_connection
            try:
                # On the driver itself: an error of SQLAlchemy's would quote the key.
                driver.execute(f"PRAGMA rekey = \"x'{key.hex()}'\"").fetchall()
            except connection.dialect.loaded_dbapi.Error as error:
                connection.invalidate()
                raise Unavailable("rekey-failed", retry_after=AGAIN_S, why=str(error)) from None


def _opens(path: Path, key: bytes) -> bool:
    try:
        connect_sqlite(path, key).close()
    except Exception as error:
        if FOREIGN in str(error):
            return False
        raise
    return True


@dataclass(frozen=True)
class RekeyingRoom:
    """What the step needs."""

    rekey: Rekey


@step("database.rekey", kind=Kind.IDEMPOTENT, timeout_s=1800)
def rekey(room: RekeyingRoom, _ctx: StepContext, _asked: RekeyDatabase) -> Rekeyed:
    """Change the key. The coming generation is noted before the first try."""
    return room.rekey.rekey()


@workflow("rekey_database", version=1, args=RekeyDatabase)
def rekey_database(asked: RekeyDatabase) -> WorkflowBody:
    """By hand: `ops memory rekey`, or from the chat."""
    done: Rekeyed = yield rekey(asked)
    told = alert(
        Level.NOTICE,
        "memory",
        "database-rekeyed",
        generation=done.generation,
        megabytes=max(1, round(done.size / MEGABYTE)),
        seconds=max(1, round(done.took_s)),
    )
    return Done({"generation": done.generation}, [told])
