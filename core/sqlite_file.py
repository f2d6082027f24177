"""The driver's own connections to an encrypted SQLite file; no transactions, no pool.

Decides what every connection is set to, and which of several keys opens the file. Opened through
sqlcipher3 only (`core.db` says why).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from core.connecting import FOREIGN

#: Bytes that an emptied WAL may keep on the disk.
MOST_WAL = 64 * 1024 * 1024
#: Seconds that a connection waits for another's lock.
BUSY_S = 15.0


class Opens(Protocol):
    """The keys that may open a file, the likeliest first (`core.database_keys`)."""

    def candidates(self) -> Iterator[bytes]: ...


class Ring:
    """Keys to try; the one that opened last comes first."""

    def __init__(self, keys: bytes | Opens) -> None:
        self._keys = keys
        self._last = keys if isinstance(keys, bytes) else None

    def __iter__(self) -> Iterator[bytes]:
        last = self._last
        if last is not None:
            yield last
        if not isinstance(self._keys, bytes):
            yield from (key for key in self._keys.candidates() if key != last)

    def fits(self, key: bytes) -> None:
        self._last = key


def connector(path: Path, ring: Ring, busy_s: float) -> Callable[[], Any]:
    """What opens a connection with the first key that fits; a file that is absent is made under
    the first. The driver's errors rise as they are."""
    from sqlcipher3 import dbapi2

    def connect() -> Any:
        failed = dbapi2.DatabaseError(FOREIGN)
        for key in ring:
            try:
                connection = connect_sqlite(path, key, busy_s)
            except dbapi2.DatabaseError as error:
                if FOREIGN not in str(error):
                    raise
                failed = error
            else:
                ring.fits(key)
                return connection
        raise failed

    return connect


def connect_sqlite(path: Path, key: bytes, busy_s: float = BUSY_S) -> Any:
    """One connection, in no transaction. `key`: 32 bytes of key and 16 of salt."""
    from sqlcipher3 import dbapi2

    connection = dbapi2.connect(
        str(path), isolation_level=None, timeout=busy_s, check_same_thread=False
    )
    try:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA journal_size_limit = {MOST_WAL}")
    except BaseException:
        connection.close()
        raise
    return connection
