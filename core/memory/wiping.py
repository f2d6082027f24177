"""After forgetting: no old page of the database stays behind.

Pages that were given up are overwritten as they are (`secure_delete`, set for each connection);
what is left are older copies of pages in the WAL, until it is emptied.
"""

from __future__ import annotations

from core.db import Database
from core.errors import Unavailable

#: Seconds that readers get to finish, and until another try.
READERS_S, AGAIN_S = 10.0, 30.0


class Wipe:
    """Empties the WAL of this database."""

    def __init__(self, db: Database, patience_s: float = READERS_S) -> None:
        self._db = db
        self._patience_s = patience_s

    def wipe(self) -> None:
        """WAL truncated once no reader needs it. Unavailable(`database-busy`)."""
        if not self._db.empty_wal(self._patience_s):
            raise Unavailable("database-busy", retry_after=AGAIN_S)
