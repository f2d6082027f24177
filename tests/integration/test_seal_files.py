"""The files that keep the master key and the identity."""

from __future__ import annotations

import os
import threading

import pytest

from core import seal
from core.errors import Refused
from core.seal import Context, Master


def test_the_master_key_is_made_once_and_then_read(tmp_path):
    first, second = seal.open_master(tmp_path), seal.open_master(tmp_path)
    assert first.is_new
    assert not second.is_new
    assert first.key == second.key
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["master"]


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX; on Windows the folder protects it")
def test_key_files_are_readable_by_their_owner_only(tmp_path):
    seal.open_identity(tmp_path, seal.open_master(tmp_path))
    for path in (tmp_path / "keys").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_processes_that_start_together_agree_on_one_key(tmp_path):
    start, keys = threading.Barrier(16), []

    def begin():
        start.wait()
        keys.append(seal.open_master(tmp_path).key)

    threads = [threading.Thread(target=begin) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 16
    assert len(set(keys)) == 1


def test_a_given_key_makes_no_file(tmp_path):
    master = seal.open_master(tmp_path, Master(b"k" * 32).recovery_code())
    assert master.key == b"k" * 32
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_key_file_is_refused_and_not_replaced(tmp_path):
    seal.open_master(tmp_path)
    (tmp_path / "keys" / "master").write_bytes(b"short")
    with pytest.raises(Refused, match="key-damaged"):
        seal.open_master(tmp_path)
    assert (tmp_path / "keys" / "master").read_bytes() == b"short"


def test_an_identity_stays_the_same_and_lies_sealed_on_disk(tmp_path):
    master = Master(b"k" * 32)
    first, second = seal.open_identity(tmp_path, master), seal.open_identity(tmp_path, master)
    assert first.public == second.public
    sealed = seal.seal(Context.ENVELOPE, b"x", first.public.seal)
    assert second.open(Context.ENVELOPE, sealed) == b"x"
    with pytest.raises(Refused, match="key-damaged"):
        seal.open_identity(tmp_path, Master(b"j" * 32))
