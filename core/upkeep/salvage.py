"""Reading what can still be read of a damaged database.

Decides how far one bad page reaches: rows are read in the order of their tables; where a page does
not hold what it must, the next row behind it is looked for. SQLCipher answers nothing more on a
connection that has met a bad page, so each of those searches has its own. Only reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.connecting import DAMAGED, FOREIGN
from core.sqlite_file import connect_sqlite

#: The lowest and the highest row number of SQLite.
LOWEST, HIGHEST = -(2**63), 2**63 - 1
#: What the driver says when a page cannot be used.
BAD = (DAMAGED, FOREIGN, "malformed", "disk i/o error", "logic error", "readonly database")


class Wreck:
    """A damaged file and its key. `gaps`: tables of which something could not be read."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self.gaps: set[str] = set()

    def tables(self) -> tuple[str, ...]:
        """The tables it knows; none when not even that can be read."""
        query = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
        return tuple(row[0] for row in self._asked(query))

    def columns(self, table: str) -> tuple[str, ...]:
        return tuple(row[1] for row in self._asked(f"PRAGMA table_info({quoted(table)})"))

    def revision(self) -> str | None:
        """Which tables it has: Alembic's mark; None when that cannot be read."""
        return next((str(row[0]) for row in self._asked("SELECT * FROM alembic_version")), None)

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Every row that can be read. Afterwards `gaps` says whether there were others."""
        names = ", ".join(map(quoted, columns))
        query = (
            f"SELECT rowid, {names} FROM {quoted(table)} "  # noqa: S608 - names of the schema
            "WHERE rowid > ? ORDER BY rowid"
        )
        after = LOWEST
        while True:
            try:
                for row in self._each(query, after):
                    after = row[0]
                    yield row[1:]
            except Exception as error:
                if not is_bad(error):
                    raise
            else:
                return
            self.gaps.add(table)
            behind = self._behind(query, after)
            if behind is None:
                return
            after = behind

    def _behind(self, query: str, after: int) -> int | None:
        """The row number after which rows can be read again; None when there are none: ever wider
        steps until one is readable, then back to the first that is."""
        bad, step = after, 1
        while not self._can(query, min(after + step, HIGHEST)):
            bad, step = after + step, step * 2
            if bad >= HIGHEST:
                return None
        good = min(after + step, HIGHEST)
        while good - bad > 1:
            middle = (good + bad) // 2
            if self._can(query, middle):
                good = middle
            else:
                bad = middle
        return good

    def _can(self, query: str, after: int) -> bool:
        try:
            next(self._each(query, after), None)
        except Exception as error:
            if not is_bad(error):
                raise
            return False
        return True

    def _each(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        connection = connect_sqlite(self._path, self._key)
        try:
            yield from connection.execute(query, values)
        finally:
            connection.close()

    def _asked(self, query: str) -> list[tuple[Any, ...]]:
        """A question about the schema; nothing when its pages are bad."""
        try:
            return list(self._each(query))
        except Exception as error:
            if is_bad(error) or "no such table" in str(error):
                return []
            raise


def is_bad(error: Exception) -> bool:
    """Did the driver meet a page that it cannot use?"""
    return any(words in str(error).lower() for words in BAD)


def quoted(name: str) -> str:
    """A name of the schema, as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'
