"""The write lock's file."""

from __future__ import annotations

import gc
import os

import pytest

from core.writer import WriteLock


def test_a_lock_that_nobody_holds_any_more_gives_its_file_back(tmp_path) -> None:
    lock = WriteLock(tmp_path / "x.lock")
    with lock:
        file = lock._file
        os.fstat(file)
    del lock
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(file)
