"""A lock between processes that the system releases when its holder dies. Standard library."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

#: Seconds between two tries to get the lock.
STEP_S = 0.1


class AlreadyHeld(Exception):
    """Another process holds the lock."""


@contextmanager
def held(path: Path, *, wait_s: float = 0.0) -> Iterator[None]:
    """Hold `path` as a lock; `AlreadyHeld` when it is not free after `wait_s` seconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        give_up = time.monotonic() + wait_s
        while not _taken(file):
            if time.monotonic() >= give_up:
                raise AlreadyHeld(str(path))
            time.sleep(STEP_S)
        try:
            yield
        finally:
            _release(file)


if sys.platform == "win32":
    import msvcrt

    def _taken(file: IO[str]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(file: IO[str]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _taken(file: IO[str]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _release(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)


def write_private(path: Path, text: str) -> None:
    """Replace `path` by `text` in one move, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
