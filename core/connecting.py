"""When the database does not answer: why, and whether another try helps.

Decides the probable cause of a failed connect from the driver's words, and how often and how long
apart it is tried. Never hides a failure: after the last try it raises with the cause. What a
wrong key or a damaged file refuses is not tried again.
"""

from __future__ import annotations

import enum
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from core.errors import Unavailable

T = TypeVar("T")

#: Tries, and seconds between them: the shortest, the longest, doubling (requirement M01.5).
TRIES, SHORTEST_S, LONGEST_S = 3, 4.0, 10.0
#: Bytes that must be free for a disk not to count as full.
ROOM = 4 * 1024 * 1024


class Cause(enum.StrEnum):
    """Why the database could not be opened: the probable cause, for the alert."""

    LOCKED = "locked"
    PORT = "port"  # PostgreSQL does not answer at its address
    REFUSED = "refused"  # it answers, and lets nobody in
    FULL = "full"  # no room on the disk
    DAMAGED = "damaged"
    KEY = "key"
    OTHER = "other"

    @property
    def may_pass(self) -> bool:
        """Can the same connect succeed a little later?"""
        return self not in {Cause.REFUSED, Cause.DAMAGED, Cause.KEY}


#: SQLite's words for SQLITE_NOTADB: pages that the key does not open.
FOREIGN = "file is not a database"
#: SQLite's words for SQLITE_CORRUPT: a page that does not hold what it must.
DAMAGED = "database disk image is malformed"
#: Parts of what SQLite, libpq and the system say, lower case; the first that is found decides.
SAID: Mapping[str, Cause] = {
    FOREIGN: Cause.KEY,
    DAMAGED: Cause.DAMAGED,
    "database is locked": Cause.LOCKED,
    "database table is locked": Cause.LOCKED,
    "disk is full": Cause.FULL,
    "no space left": Cause.FULL,
    "password authentication failed": Cause.REFUSED,
    "no pg_hba.conf entry": Cause.REFUSED,
    "does not exist": Cause.REFUSED,
    "permission denied": Cause.REFUSED,
    "connection refused": Cause.PORT,
    "could not translate host name": Cause.PORT,
    "name or service not known": Cause.PORT,
    "failed to resolve host": Cause.PORT,
    "no route to host": Cause.PORT,
    "network is unreachable": Cause.PORT,
    "timeout expired": Cause.PORT,
    "timed out": Cause.PORT,
    "no such file or directory": Cause.PORT,  # of a server's socket
    "starting up": Cause.PORT,
    "server closed the connection": Cause.PORT,
    "terminating connection": Cause.PORT,
}


def diagnose(error: BaseException, path: Path | None = None) -> Cause:
    """The probable cause. `path` is the database file's, where there is one: SQLite calls a full
    disk an I/O error, so the disk is asked."""
    words = str(getattr(error, "orig", None) or error).lower()
    for part, cause in SAID.items():
        if part in words:
            return cause
    if path is not None and _is_full(path):
        return Cause.FULL
    return Cause.OTHER


def is_foreign(error: sa.exc.DBAPIError) -> bool:
    """Did SQLite read pages that its key does not open (SQLITE_NOTADB)?"""
    return FOREIGN in str(error.orig)


def is_damage(error: BaseException) -> bool:
    """Did SQLite meet a page that is not whole (SQLITE_CORRUPT)?"""
    return isinstance(error, sa.exc.DBAPIError) and DAMAGED in str(error.orig)


@dataclass(frozen=True)
class Patience:
    """What is done when the database fails. A connect is tried again: `told` hears the cause once
    the last try has failed. `damaged` is called when a page turns out not to be whole. Neither
    may raise, or need the database. `is_ours` says of a file that does not open whether it was
    made with a key of this home. `path` as in `diagnose`."""

    path: Path | None = None
    told: Callable[[Cause], object] = lambda _cause: None
    damaged: Callable[[], object] = lambda: None
    is_ours: Callable[[], bool] = lambda: False
    sleep: Callable[[float], None] = time.sleep

    def again(self, connect: Callable[[], T], first: sa.exc.DBAPIError) -> T:
        """After `first` failed: the other tries. What cannot pass rises as it is;
        Unavailable(`database-unreachable`) with the cause when the last one has failed."""
        import tenacity

        waits = tenacity.wait_exponential(multiplier=1, min=SHORTEST_S, max=LONGEST_S)
        tries = tenacity.Retrying(
            retry=tenacity.retry_if_exception(self._may_pass),
            stop=tenacity.stop_after_attempt(TRIES),
            wait=waits,
            sleep=self.sleep,
            reraise=True,
        )
        failed = [first]

        def attempt() -> T:
            if failed:  # the first try was the caller's
                raise failed.pop()
            return connect()

        try:
            return tries(attempt)
        except sa.exc.DBAPIError as error:
            if not self._may_pass(error):
                raise
            cause = diagnose(error, self.path)
            self.told(cause)
            raise Unavailable(
                "database-unreachable", retry_after=LONGEST_S, cause=cause.value
            ) from error

    def _may_pass(self, error: BaseException) -> bool:
        return isinstance(error, sa.exc.DBAPIError) and diagnose(error, self.path).may_pass


def _is_full(path: Path) -> bool:
    return path.parent.exists() and shutil.disk_usage(path.parent).free < ROOM
