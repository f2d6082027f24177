"""Who may write to the SQLite file next: one thread at a time, across all processes.

SQLite itself lets a writer that finds the file locked sleep for up to 100 ms and look again, so two
busy processes wait for each other far longer than they work (measured: fifty messages at once took
three times as long). A file lock wakes the next writer at once. It only orders: what is safe stays
SQLite's business, also where the lock cannot be had.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self


class WriteLock:
    """A context manager; the file is made when absent and never removed."""

    def __init__(self, path: Path) -> None:
        self._threads = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        # Not at the database's end: a thread may still write then.
        weakref.finalize(self, os.close, self._file)

    def __enter__(self) -> Self:
        self._threads.acquire()
        _lock(self._file)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _unlock(self._file)
        self._threads.release()


if sys.platform == "win32":

    def _lock(_file: int) -> None:
        """Windows' file locks poll once a second: threads queue here, processes at SQLite."""

    def _unlock(_file: int) -> None:
        """Nothing was locked."""

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)

    def _unlock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
