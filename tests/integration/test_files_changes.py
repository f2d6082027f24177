"""What is written, edited and put is what was shown; what came in between is left alone."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from core.execution import file_steps
from core.execution.file_steps import EditFile, PutFile, WriteFile
from core.runs.model import Label
from tests.integration.files_world import World, code, make_world


@pytest.fixture
def world(tmp_path, sqlite_database, clock) -> World:
    return make_world(tmp_path, sqlite_database, clock)


def test_a_new_file_is_made_with_its_folders_and_undone_with_them(world) -> None:
    effect = world.write("a/b/note.txt", "নোট\n")
    assert (world.sandbox / "a/b/note.txt").read_text("utf-8") == "নোট\n"
    assert effect.change_id is not None
    world.undo()
    assert list(world.sandbox.iterdir()) == []


def test_what_was_shown_is_what_is_written(world) -> None:
    fields = world.prepare(file_steps.write_file, WriteFile("a/b.txt", "x\n"))
    assert (fields["kind"], fields["before"], fields["new_folders"]) == ("create", None, ["a"])
    world.write("a/b.txt", "x\n")
    fields = world.prepare(file_steps.write_file, WriteFile("a/b.txt", "y\n"))
    assert fields["kind"] == "edit"
    assert fields["undo"] == "version"
    assert fields["before"] != fields["after"]
    assert (world.sandbox / "a/b.txt").read_text() == "x\n"  # prepare only reads


def test_the_card_has_a_diff_with_counts(world) -> None:
    (world.sandbox / "n.txt").write_text("one\ntwo\nthree\n")
    action = file_steps.edit_file.preparer(
        world.room, world.context(), EditFile("n.txt", "two", "2")
    )
    assert action.preview["diff"] == "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three"
    assert (action.preview["diff_added"], action.preview["diff_removed"]) == (1, 1)


@pytest.mark.parametrize(
    ("mode", "there", "said"),
    [("create", True, "file-exists"), ("replace", False, "file-missing"), ("?", True, "file-mode")],
)
def test_a_mode_means_what_it_says(world, mode, there, said) -> None:
    if there:
        (world.sandbox / "f").write_text("old")
    assert code(lambda: world.write("f", "new", mode)) == said


def test_appending_keeps_the_old_text_and_begins_a_line(world) -> None:
    (world.sandbox / "f").write_text("old")
    world.write("f", "new\n", "append")
    assert (world.sandbox / "f").read_text() == "old\nnew\n"


def test_permissions_stay(world) -> None:
    script = world.sandbox / "run.sh"
    script.write_text("echo 1\n")
    script.chmod(0o750)
    world.do(file_steps.edit_file, EditFile("run.sh", "1", "2"))
    assert script.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfa\r\nb\r\n",
        "\ufeffঅ\r\nb\r\n".encode("utf-16-le"),
        "\ufeffa\nb\n".encode("utf-16-be"),
        b"a\r\nb\nmixed\r\n",
        b"no end",
    ],
)
def test_an_edit_keeps_encoding_and_line_ends(world, content) -> None:
    file = world.sandbox / "f.txt"
    file.write_bytes(content)
    old = "no end" if content == b"no end" else "b"
    world.do(file_steps.edit_file, EditFile("f.txt", old, f"{old}!"))
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = ("utf-16-le" if content[0] == 0xFF else "utf-16-be") if wide else "utf-8"
    assert file.read_bytes() == content.replace(old.encode(encoding), f"{old}!".encode(encoding))


def test_a_passage_must_be_there_once(world) -> None:
    (world.sandbox / "f").write_text("a a")
    assert code(lambda: world.do(file_steps.edit_file, EditFile("f", "b", "c"))) == "edit-not-found"
    edit = EditFile("f", "a", "c")
    assert code(lambda: world.do(file_steps.edit_file, edit)) == "edit-ambiguous"
    world.do(file_steps.edit_file, EditFile("f", "a", "c", all=True))
    assert (world.sandbox / "f").read_text() == "c c"


def test_nothing_is_asked_for_a_change_that_changes_nothing(world) -> None:
    (world.sandbox / "f").write_text("same")
    assert code(lambda: world.write("f", "same")) == "nothing-changes"


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_no_file_holds_is_refused(world, text) -> None:
    assert code(lambda: world.write("f", text)) == "text-not-storable"


def test_a_binary_file_is_not_edited_as_text(world) -> None:
    (world.sandbox / "f").write_bytes(b"\x00\x01")
    assert code(lambda: world.write("f", "x", "append")) == "file-binary"
    assert code(lambda: world.do(file_steps.edit_file, EditFile("f", "a", "b"))) == "file-binary"


def test_bytes_arrive_as_they_are(world) -> None:
    data = bytes(range(256)) * 1000
    world.do(file_steps.put_file, PutFile("p.bin", base64.b64encode(data).decode()))
    assert (world.sandbox / "p.bin").read_bytes() == data
    blob = world.contents.keep(b"blob", Label.OPEN, "text/plain")
    world.do(file_steps.put_file, PutFile("p.bin", blob=blob, mode="replace"))
    assert (world.sandbox / "p.bin").read_bytes() == b"blob"
    world.undo()
    assert (world.sandbox / "p.bin").read_bytes() == data
    assert code(lambda: world.do(file_steps.put_file, PutFile("q", "***"))) == "file-data"


# -- what is there instead of what was shown ---------------------------------------------------


def test_a_file_that_changed_after_it_was_shown_is_left_alone(world) -> None:
    file = world.sandbox / "f"
    file.write_text("one")
    asked = WriteFile("f", "mine")
    agreed = file_steps.write_file.preparer(world.room, world.context(), asked)
    file.write_text("two")
    assert code(lambda: world.do(file_steps.write_file, asked, agreed=agreed)) == "action-changed"
    assert file.read_text() == "two"


@pytest.mark.parametrize("is_swapping", [True, False])
def test_a_file_that_changes_at_the_last_moment_is_put_back(
    world, is_swapping, monkeypatch
) -> None:
    file = world.sandbox / "f"
    file.write_text("one")
    plan = world.room.plans.write(world.roots.find("f"), "mine", "write")
    meddle_before_exchange(monkeypatch, file, is_swapping=is_swapping)
    assert code(lambda: world.room.plans.perform(plan, "run", "0")) == "file-changed"
    assert file.read_text() == "somebody else"
    assert [path.name for path in world.sandbox.iterdir()] == ["f"]
    assert not list((world.home / "trash").glob("*"))


@pytest.mark.parametrize("is_swapping", [True, False])
def test_a_tree_that_changes_at_the_last_moment_stays(world, is_swapping, monkeypatch) -> None:
    file = world.sandbox / "t/f"
    file.parent.mkdir()
    file.write_text("one")
    plan = world.room.plans.delete(world.roots.find("t"))
    meddle_before_exchange(monkeypatch, file, is_swapping=is_swapping)
    assert code(lambda: world.room.plans.perform(plan, "run", "0")) == "file-changed"
    assert file.read_text() == "somebody else"


def meddle_before_exchange(monkeypatch, file: Path, *, is_swapping: bool) -> None:
    """Somebody writes into `file` after it was kept and before names are exchanged."""
    from core.execution import file_change, walk

    real = file_change.file_swap.take_place

    def late(*args, **more):
        file.write_text("somebody else")
        return real(*args, **more)

    monkeypatch.setattr(file_change.file_swap, "take_place", late)
    if not is_swapping:
        monkeypatch.setattr(walk.openat2, "exchange", lambda *_: False)


def test_a_name_that_appears_at_the_last_moment_is_not_overwritten(world, monkeypatch) -> None:
    plan = world.room.plans.write(world.roots.find("f"), "mine", "create")
    meddle_before_exchange(monkeypatch, world.sandbox / "f", is_swapping=True)
    assert code(lambda: world.room.plans.perform(plan, "run", "0")) == "file-changed"
    assert (world.sandbox / "f").read_text() == "somebody else"


def test_a_hard_linked_file_is_not_written(world) -> None:
    outside = world.home / "outside"
    outside.write_text("secret")
    os.link(outside, world.sandbox / "f")
    asked = WriteFile("f", "x")
    assert code(lambda: world.prepare(file_steps.write_file, asked)) == "file-hard-linked"
    assert code(lambda: world.write("f", "x")) == "file-hard-linked"
    assert outside.read_text() == "secret"


def test_a_read_only_file_is_not_written(world) -> None:
    file = world.sandbox / "f"
    file.write_text("x")
    file.chmod(0o444)
    assert code(lambda: world.write("f", "y")) == "file-no-permission"


def test_private_roots_make_the_run_private_and_open_ones_do_not(world) -> None:
    (world.docs / "f").write_text("x")
    (world.sandbox / "f").write_text("x")
    for path, label in (("docs:/f", Label.PRIVATE), ("sandbox:/f", Label.OPEN)):
        context = world.context()
        file_steps.edit_file.preparer(world.room, context, EditFile(path, "x", "y"))
        assert context.label is label
        context = world.context()
        file_steps.read_file.handler(world.room, context, file_steps.ReadFile(path))
        assert context.label is label
