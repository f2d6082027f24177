"""No string and no race leads outside a root; and the proofs would see it if one did."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import pytest

from core.errors import MaskError, Refused
from core.execution import file_paths, file_tree, openat2, roots, walk
from core.execution.file_fakes import MemoryContents
from core.execution.files import Files
from core.execution.roots import Roots
from ops.proofs.rig import opens, paths
from ops.proofs.rig.hostile_paths import FAMILIES, corpus, plant
from ops.proofs.rig.report import Dose

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")


def test_a_tenth_of_the_races_never_escapes() -> None:
    assert opens.prove(Dose(0.1)).broken == []


def test_no_hostile_string_reaches_outside_by_any_operation() -> None:
    assert paths.prove(Dose(0.2)).broken == []


def test_the_corpus_has_five_hundred_strings_in_every_family(tmp_path) -> None:
    strings = corpus(tmp_path / "root", tmp_path / "outside")
    assert len(strings) >= 500
    assert {family for family, _ in strings} == set(FAMILIES)


def test_the_race_sees_an_escape_when_links_are_followed(monkeypatch) -> None:
    monkeypatch.setattr(walk, "FOLDER", walk.FOLDER & ~os.O_NOFOLLOW)
    verdict = opens.Verdict("opens")
    opens.judge(verdict, "walk", 5_000, one_call=False)
    assert any("escapes" in sentence for sentence in verdict.broken)


def test_the_race_sees_an_escape_when_the_kernel_is_not_told(monkeypatch) -> None:
    if not openat2.is_available():
        pytest.skip("this kernel has no openat2")
    monkeypatch.setattr(openat2, "NO_SYMLINKS", 0)
    monkeypatch.setattr(openat2, "BENEATH", 0)
    monkeypatch.setattr(walk, "FOLDER", walk.FOLDER & ~os.O_NOFOLLOW)
    verdict = opens.Verdict("opens")
    opens.judge(verdict, "openat2", 5_000, one_call=True)
    assert any("escapes" in sentence for sentence in verdict.broken)


def test_the_strings_would_read_canaries_if_paths_were_joined(tmp_path, monkeypatch) -> None:
    """Reads only, and only below the test's own folder: without its checks the room reaches
    whatever a string names."""
    root = tmp_path / "1/2/3/root"
    root.mkdir(parents=True)
    plant(root, root.parent / "outside")
    found = Roots({"mine": root}, tmp_path / "home")
    assert canaries_read(found, root, tmp_path) == 0
    monkeypatch.setattr(file_paths, "parse", lambda text: (None, tuple(Path(text).parts)))
    monkeypatch.setattr(file_paths, "check_name", lambda *_, **__: None)
    monkeypatch.setattr(walk, "_one", lambda name: name)
    assert canaries_read(found, root, tmp_path) == 0  # the handle alone holds, in one call
    monkeypatch.setattr(openat2, "is_available", lambda: False)
    monkeypatch.setattr(walk, "FOLDER", walk.FOLDER & ~os.O_NOFOLLOW)
    naive = Roots({"mine": root}, tmp_path / "home")
    assert canaries_read(naive, root, tmp_path) > 50


def canaries_read(found: Roots, root: Path, allowed: Path) -> int:
    """How many strings that stay below `allowed` bring a canary."""
    files = Files(found, MemoryContents())
    count = 0
    for _, text in corpus(root, root.parent / "outside"):
        if "\0" in text or not text.isprintable():
            continue
        if not Path(os.path.realpath(root / text)).is_relative_to(allowed):
            continue
        with contextlib.suppress(MaskError):
            count += "CANARY" in files.read_text(found.find(text)).text
    return count


@pytest.mark.parametrize("windows", [True, False])
def test_what_a_path_may_be_holds_no_way_up_on_any_system(tmp_path, windows) -> None:
    for _, text in corpus(tmp_path / "root", tmp_path / "outside"):
        try:
            root, parts = file_paths.parse(text, windows=windows)
        except Refused:
            continue
        assert root is None or root.isascii()
        for part in parts:
            assert part not in {"", ".", ".."}
            assert not set(part) & set("/\\\0")
            if windows:
                assert ":" not in part
                assert part[-1] not in ". "
                assert not file_paths.DEVICES.fullmatch(part)


# -- the system's own folders ------------------------------------------------------------------


@pytest.fixture(params=[True, False], ids=["openat2", "walk"])
def opener(request, monkeypatch):
    if not request.param:
        monkeypatch.setattr(openat2, "is_available", lambda: False)
    elif not openat2.is_available():
        pytest.skip("this kernel has no openat2")
    return roots.open_folder


def test_keys_are_out_of_reach_also_below_a_root(tmp_path, opener) -> None:
    home = tmp_path / "user/data"
    (home / "keys").mkdir(parents=True)
    (home / "keys/master").write_bytes(b"CANARY")
    found = Roots({"user": tmp_path / "user"}, home, opener=opener)
    (tmp_path / "user/f").write_text("x")
    assert found.find("user:/f").facts() is not None
    for path in ("data/keys/master", "data/memory.db", "data/keys", "data"):
        with pytest.raises(Refused, match="path-protected"):
            found.find(path).folder()
    with found.find("user:/").folder() as folder, pytest.raises(Refused, match="path-protected"):
        file_tree.look(folder, "data")


@pytest.mark.parametrize("where", ["", "keys", "keys/deep", "trash"])
def test_a_root_is_not_put_where_keys_are(tmp_path, where) -> None:
    (tmp_path / "keys/deep").mkdir(parents=True)
    (tmp_path / "trash").mkdir()
    with pytest.raises(Refused, match="root-protected"):
        Roots({"mine": tmp_path / where}, tmp_path)


def test_a_root_by_a_link_to_keys_is_refused(tmp_path) -> None:
    home = tmp_path / "data"
    (home / "keys").mkdir(parents=True)
    (tmp_path / "innocent").symlink_to(home / "keys")
    with pytest.raises(Refused, match="root-protected"):
        Roots({"mine": tmp_path / "innocent"}, home)


def test_a_root_keeps_meaning_the_folder_that_was_opened(tmp_path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root/f").write_text("inside")
    plant_at = tmp_path / "else"
    plant_at.mkdir()
    (plant_at / "f").write_text("CANARY")
    found = Roots({"mine": tmp_path / "root"}, tmp_path / "home")
    assert found.find("f").facts() is not None
    (tmp_path / "root").rename(tmp_path / "moved")
    (tmp_path / "root").symlink_to(plant_at)
    with found.find("").folder() as folder, os.fdopen(folder.read("f")) as file:
        assert file.read() == "inside"


def test_special_files_are_never_opened(tmp_path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    os.mkfifo(root / "pipe")
    found = Roots({"mine": root}, tmp_path / "home")
    with found.find("").folder() as folder, pytest.raises(Refused, match="file-special"):
        folder.read("pipe")


def test_planted_links_are_shown_and_none_is_entered(tmp_path, opener) -> None:
    root = tmp_path / "1/2/3/root"
    root.mkdir(parents=True)
    plant(root, root.parent / "outside")
    found = Roots({"mine": root}, tmp_path / "home", opener=opener)
    with found.find("").folder() as folder:
        links = [name for name in folder.names(100) if folder.facts(name).shape == "link"]
    assert len(links) == 10
    for name in links:
        with pytest.raises(Refused, match="path-has-link"):
            found.find(name).folder()
        with pytest.raises(Refused, match="path-has-link"):
            found.find(f"{name}/canary.txt").parent()
