"""Memory as a file of the machine: written for the owner's eyes, read wholly or not at all."""

from __future__ import annotations

import json
import sys

import pytest

from ops.commands import memory_export
from ops.proofs.rig.memory_rest_home import home


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    """A home with one memory; the console works on it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("MASK_HOME", str(folder))
    monkeypatch.delenv("MASK_KEY", raising=False)
    monkeypatch.delenv("MASK_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    with home(folder) as opened:
        opened.remember("গাড়ির বীমা")
        yield opened


def test_an_export_is_the_owners_alone_and_comes_back_in(at_home, tmp_path, monkeypatch, capsys):
    file = tmp_path / "memory.json"
    assert memory_export.export(file, markdown=False) == 0
    assert "1 records" in capsys.readouterr().out
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o777 == 0o600
    before = at_home.content_hash()
    assert json.loads(file.read_text("utf-8"))["content_hash"] == before

    monkeypatch.setenv("MASK_HOME", str(tmp_path / "other"))
    with home(tmp_path / "other") as other:
        assert memory_export.take(file) == 0
        assert f"Content hash: {before}" in capsys.readouterr().out
        assert other.content_hash() == before


def test_markdown_is_written_for_reading(at_home, tmp_path):
    file = tmp_path / "memory.md"
    assert memory_export.export(file, markdown=True) == 0
    assert "গাড়ির বীমা noted" in file.read_text("utf-8")
    assert at_home.path.exists()


def test_no_file_is_written_over(at_home, tmp_path, capsys):
    file = tmp_path / "memory.json"
    file.write_text("mine", "utf-8")
    assert memory_export.export(file, markdown=False) == 1
    assert "choose another name" in capsys.readouterr().err
    assert file.read_text("utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["memory.json"]
    assert at_home.path.exists()


def test_a_file_that_is_no_memory_is_refused_with_its_sentence(at_home, tmp_path, capsys):
    file, before = tmp_path / "other.json", at_home.content_hash()
    file.write_text("{}", "utf-8")
    assert memory_export.take(file) == 1
    assert "cannot read this file" in capsys.readouterr().err
    assert at_home.content_hash() == before


def test_a_file_that_is_not_there_is_told(at_home, tmp_path, capsys):
    assert memory_export.take(tmp_path / "none.json") == 1
    assert "Cannot read" in capsys.readouterr().err
    assert memory_export.export(tmp_path / "none" / "memory.json", markdown=False) == 1
    assert "Cannot write" in capsys.readouterr().err
    assert at_home.path.exists()


def test_without_a_database_nothing_is_made(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MASK_HOME", str(tmp_path / "empty"))
    monkeypatch.delenv("MASK_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    assert memory_export.export(tmp_path / "memory.json", markdown=False) == 1
    assert "There is no database" in capsys.readouterr().err
    assert list(tmp_path.rglob("*.db")) == []
