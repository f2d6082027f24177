"""The database was away: noted outside of it (`core.schema.note_outage`), told once it is back.

Nobody can be told while it is away: the bot reads what it sends from there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.connecting import Cause
from core.db import Database, Transaction
from core.runs.notices import Level, Notice, alert
from core.schema import UNREACHED

#: Seconds between two looks.
EVERY_S = 5.0


class Outages:
    """`run_dir` is MASK_HOME/run; `put` stores a notice."""

    def __init__(
        self, run_dir: Path, db: Database, put: Callable[[Transaction, Notice], object]
    ) -> None:
        self._path = run_dir / UNREACHED
        self._db = db
        self._put = put

    def look(self) -> bool:
        """For a ticker: tell what was noted. True when something was."""
        try:
            noted = self._path.read_text("utf-8").strip()
        except FileNotFoundError:
            return False
        cause = noted if noted in set(Cause) else Cause.OTHER.value
        with self._db.write() as tx:
            self._put(tx, alert(Level.PROBLEM, "memory", "database-unreachable", cause=cause))
        self._path.unlink(missing_ok=True)
        return True
