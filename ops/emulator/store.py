"""What survives a restart: named tables of JSON rows, kept in memory, journaled to one file.

Each change is one appended line, handed to the operating system at once (a killed process loses
nothing; a power cut may lose the last lines). The journal is rewritten compactly when it is
opened.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

from ops.emulator.wire import Json

JOURNAL = "journal.jsonl"


class Store:
    """Tables by name, rows by key. With no directory nothing is written."""

    def __init__(self, directory: Path | None) -> None:
        self.directory = directory
        self._tables: dict[str, dict[str, Json]] = {}
        self._journal: IO[str] | None = None
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            self._load(directory / JOURNAL)
            self._compact()

    def table(self, name: str) -> dict[str, Json]:
        return self._tables.setdefault(name, {})

    def tables(self, prefix: str) -> list[str]:
        return [name for name in self._tables if name.startswith(prefix)]

    def get(self, table: str, key: str) -> Json | None:
        return self._tables.get(table, {}).get(key)

    def put(self, table: str, key: str, row: Json) -> None:
        self.table(table)[key] = row
        self._write(["put", table, key, row])

    def drop(self, table: str, key: str) -> None:
        if self.table(table).pop(key, None) is not None:
            self._write(["drop", table, key])

    def clear(self) -> None:
        """Forgets everything, also on disk."""
        self._tables = {}
        if self.directory is not None:
            self.close()
            self._compact()

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _write(self, entry: list[Any]) -> None:
        if self._journal is not None:
            self._journal.write(json.dumps(entry, separators=(",", ":")) + "\n")
            self._journal.flush()

    def _load(self, path: Path) -> None:
        if not path.exists():
            return
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if not line.endswith("\n"):
                    break  # the last line of a killed process may be cut
                entry = json.loads(line)
                if entry[0] == "put":
                    self.table(entry[1])[entry[2]] = entry[3]
                else:
                    self.table(entry[1]).pop(entry[2], None)

    def _compact(self) -> None:
        assert self.directory is not None
        path = self.directory / JOURNAL
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as out:
            for table, rows in self._tables.items():
                for key, row in rows.items():
                    entry = json.dumps(["put", table, key, row], separators=(",", ":"))
                    out.write(entry + "\n")
        fresh.replace(path)
        self._journal = path.open("a", encoding="utf-8")
