"""Words leave files: scratch and exports go, logs lose lines, the trash loses what holds them."""

from __future__ import annotations

import sys

import pytest
import sqlalchemy as sa

from core.execution.changes import ChangeState
from core.execution.tables import changes
from core.execution.trash_words import TrashWords
from core.upkeep.forget_files import FolderWords
from tests.integration.files_world import KEY, code, make_world
from tests.integration.forget_world import WORDS

NEEDLES = (WORDS,)


def test_a_file_that_holds_the_words_goes_and_others_stay(tmp_path):
    folder = tmp_path / "scratch" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text(f"so: {WORDS}", "utf-8")
    (folder / "b.bin").write_bytes(b"\xff" + WORDS.encode("utf-16-le"))
    (folder / "c.txt").write_text("something else", "utf-8")
    (tmp_path / "outside.txt").write_text(WORDS, "utf-8")
    keeper = FolderWords("scratch", tmp_path, "scratch/**/*")
    assert keeper.holds(NEEDLES) == 2
    assert keeper.forget(NEEDLES) == 2
    assert keeper.holds(NEEDLES) == 0
    assert [path.name for path in folder.iterdir()] == ["c.txt"]
    assert (tmp_path / "outside.txt").exists()


def test_a_file_named_by_the_words_goes(tmp_path):
    (tmp_path / "zanzibar-4411.txt").touch()
    assert FolderWords("scratch", tmp_path, "*").forget(("zanzibar-4411",)) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_left_out_stays(tmp_path):
    (tmp_path / "kept.txt").write_text(WORDS, "utf-8")
    keeper = FolderWords("scratch", tmp_path, "*", but=lambda path: path.name == "kept.txt")
    assert (keeper.forget(NEEDLES), keeper.holds(NEEDLES)) == (0, 0)


def test_a_log_loses_lines_and_its_writer_goes_on(tmp_path):
    log = tmp_path / "worker.log"
    keeper = FolderWords("log", tmp_path, "*.log", as_lines=True)
    with log.open("a", encoding="utf-8") as writer:
        writer.write(f"first\nsecond {WORDS}\nthird\n")
        writer.flush()
        assert keeper.forget(NEEDLES) == 1
        writer.write("fourth\n")
    assert log.read_text("utf-8") == "first\nthird\nfourth\n"
    assert keeper.holds(NEEDLES) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_is_not_followed(tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text(WORDS, "utf-8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.txt").symlink_to(outside)
    assert FolderWords("scratch", tmp_path, "in/*").forget(NEEDLES) == 0
    assert outside.exists()


def test_no_words_touch_no_file(tmp_path):
    (tmp_path / "a.txt").write_text("tea", "utf-8")
    assert FolderWords("scratch", tmp_path, "*").forget(("tea", "")) == 0
    assert (tmp_path / "a.txt").exists()


@pytest.fixture
def place(tmp_path, sqlite_database, clock):
    return make_world(tmp_path, sqlite_database, clock)


def test_the_trash_loses_what_holds_the_words_and_its_undo_with_it(place):
    for path, text in (("a.txt", f"so: {WORDS}"), ("b.txt", "something else")):
        place.write(path, text)
    gone, kept = place.delete("a.txt").change_id, place.delete("b.txt").change_id
    keeper = TrashWords(place.trash, KEY)
    assert keeper.holds(NEEDLES) == 1
    assert keeper.forget(NEEDLES) == 1
    assert keeper.holds(NEEDLES) == 0
    assert place.state(gone) is ChangeState.GONE
    assert code(lambda: place.undo(gone)) == "change-gone"
    place.undo(kept)
    assert (place.sandbox / "b.txt").read_text() == "something else"


def test_the_trash_is_looked_through_by_names_inside_too(place):
    (place.sandbox / "folder").mkdir(parents=True)
    place.write("folder/quokka-5512.txt", "x")
    place.delete("folder")
    assert TrashWords(place.trash, KEY).forget(("quokka-5512",)) == 1


def test_an_archive_without_a_row_or_that_cannot_be_read_goes(place, clock):
    place.write("a.txt", WORDS)
    orphan = place.delete("a.txt").change_id
    place.write("b.txt", "fine")
    damaged = place.delete("b.txt").change_id
    with place.db.write() as tx:
        tx.execute(sa.delete(changes).where(changes.c.id == orphan))
    path = place.trash.folder / damaged / "0"
    path.write_bytes(path.read_bytes()[:-3])
    assert TrashWords(place.trash, KEY).forget(NEEDLES) == 2
    assert list(place.trash.folder.iterdir()) == []


def test_an_empty_trash_holds_nothing(place):
    assert TrashWords(place.trash, KEY).forget(NEEDLES) == 0
    assert TrashWords(place.trash, KEY).holds(()) == 0
