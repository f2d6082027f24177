"""What the supervisor writes down under MASK_HOME: logs per process, and who runs now.

`run/processes.json` names each process with its id and birth mark, so that a later start can end
what a killed supervisor left behind, and so that proofs know whom to kill.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from ops import lock
from ops.child import birth, kill_tree

#: Bytes of one log file, and how many old ones stay beside it.
LOG_BYTES = 5_000_000
LOG_FILES = 3


class Logs:
    """One rotated file per process: `logs/<name>.log`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._handlers: dict[str, RotatingFileHandler] = {}
        self._lock = threading.Lock()

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def write(self, name: str, line: str) -> None:
        """Append a line; safe from any thread."""
        with self._lock:
            if name not in self._handlers:
                self._handlers[name] = RotatingFileHandler(
                    self.path(name), maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
                )
        record = logging.LogRecord(name, logging.INFO, "", 0, line, None, None)
        self._handlers[name].handle(record)

    def tail(self, name: str, lines: int = 8) -> list[str]:
        """The newest lines of a log."""
        path = self.path(name)
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        return text.splitlines()[-lines:]

    def close(self) -> None:
        for handler in self._handlers.values():
            handler.close()


class Roll:
    """The processes that run now, on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, pids: dict[str, int]) -> None:
        rows = {name: {"pid": pid, "born": birth(pid)} for name, pid in pids.items()}
        lock.write_private(self.path, json.dumps(rows, indent=1))

    def read(self) -> dict[str, int]:
        """The processes of the last roll that are alive now."""
        if not self.path.exists():
            return {}
        rows = json.loads(self.path.read_text(encoding="utf-8") or "{}")
        return {
            name: row["pid"]
            for name, row in rows.items()
            if row["born"] is not None and birth(row["pid"]) == row["born"]
        }

    def end_leftovers(self) -> list[str]:
        """Kill what a killed supervisor left running; returns the names."""
        left = self.read()
        for pid in left.values():
            kill_tree(pid)
        return sorted(left)


@contextmanager
def claimed(home: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold `home` as its only supervisor; what a killed one left running is ended first.

    `AlreadyHeld` when another supervisor runs there. To be held before ports are chosen: a second
    start must not rewrite what the first one's processes read when they are restarted.
    """
    with lock.held(home / "run" / "supervisor.lock"):
        roll = Roll(home / "run" / "processes.json")
        for name in roll.end_leftovers():
            say(f"{name}: ended one that an earlier start had left behind")
        roll.write({})
        yield
