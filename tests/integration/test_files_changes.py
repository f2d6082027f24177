"""Files are changed as shown, kept before, and taken back exactly."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.db import Database
from core.errors import Broken, MaskError, Refused
from core.execution import changes, file_steps
from core.execution.changes import ChangeState
from core.execution.file_fakes import MemoryContents
from core.execution.file_rooms import file_room
from core.execution.file_steps import (
    DeleteFile,
    EditFile,
    PutFile,
    UndoChange,
    WriteFile,
)
from core.execution.roots import Roots
from core.execution.trash import Trash
from core.runs import actions
from core.runs.cancel import CancelToken
from core.runs.model import Action, Label, RunRow, RunState
from core.runs.ports import StepContext

KEY = bytes(range(32))


@dataclass
class World:
    """One place with an open root `sandbox` and a private one `docs`."""

    home: Path
    docs: Path
    db: Database
    clock: Any
    roots: Roots
    trash: Trash
    room: file_steps.FileRoom
    contents: MemoryContents

    @property
    def sandbox(self) -> Path:
        return self.home / "sandbox"

    def context(self, action: Action | None = None) -> StepContext:
        now = self.clock.now()
        run = RunRow("run", 0, "w", 1, None, RunState.RUNNING, Label.OPEN, now, now)
        return StepContext(run, "0", CancelToken(), 1e9, action=action)

    def prepare(self, step, asked) -> dict[str, Any]:
        return actions.read(step.preparer(self.room, self.context(), asked).canonical)

    def do(self, step, asked, *, agreed: Action | None = None):
        """What the engine does: prepare, then perform what was agreed on."""
        action = agreed or step.preparer(self.room, self.context(), asked)
        return step.handler(self.room, self.context(action), asked)

    def undo(self, change_id: str = "last"):
        return self.do(file_steps.undo_change, UndoChange(change_id))

    def write(self, path: str, text: str, mode: str = "write"):
        return self.do(file_steps.write_file, WriteFile(path, text, mode))

    def delete(self, path: str):
        return self.do(file_steps.delete_file, DeleteFile(path))

    def state(self, change_id: str) -> ChangeState:
        with self.db.read() as tx:
            return changes.find(tx, change_id).state


@pytest.fixture
def world(tmp_path, sqlite_database, clock) -> World:
    home, docs = tmp_path / "home", tmp_path / "docs"
    docs.mkdir()
    roots = Roots({"sandbox": home / "sandbox", "docs": docs}, home)
    trash = Trash(home / "trash", KEY, sqlite_database, clock, roots)
    contents = MemoryContents()
    room = file_room("here", roots, trash, contents, clock, label_of)
    return World(home, docs, sqlite_database, clock, roots, trash, room, contents)


def label_of(root: str) -> Label:
    return Label.OPEN if root == "sandbox" else Label.PRIVATE


def code(call) -> str:
    with pytest.raises(MaskError) as caught:
        call()
    return caught.value.code


def picture(folder: Path) -> dict[str, Any]:
    """Everything that a tree is: names, kinds, permissions, times of files, contents."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        facts = path.lstat()
        kind = "l" if path.is_symlink() else "d" if path.is_dir() else "f"
        content = os.readlink(path) if kind == "l" else path.read_bytes() if kind == "f" else None
        found[str(path.relative_to(folder))] = (
            kind,
            oct(facts.st_mode) if kind != "l" else "",
            facts.st_mtime_ns if kind == "f" else 0,
            content,
        )
    return found


# -- writing ---------------------------------------------------------------------------------


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
    assert code(lambda: world.write("f", "x")) == "file-hard-linked"
    assert outside.read_text() == "secret"


def test_a_read_only_file_is_not_written(world) -> None:
    file = world.sandbox / "f"
    file.write_text("x")
    file.chmod(0o444)
    assert code(lambda: world.write("f", "y")) == "file-no-permission"


# -- deleting --------------------------------------------------------------------------------


def make_tree(folder: Path) -> None:
    (folder / "empty").mkdir(parents=True)
    (folder / "deep/er").mkdir(parents=True)
    (folder / "deep/er/লেখা.txt").write_text("বাংলা", "utf-8")
    (folder / "big").write_bytes(os.urandom(3_000_000))
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o755)
    (folder / "out").symlink_to("/etc/passwd")
    (folder / "nowhere").symlink_to("missing")
    (folder / "closed").mkdir(mode=0o500)
    os.utime(folder / "run", (1, 1))


def test_a_tree_comes_back_exactly(world) -> None:
    make_tree(world.sandbox / "t")
    before = picture(world.sandbox)
    fields = world.prepare(file_steps.delete_file, DeleteFile("t"))
    assert fields["entries"] == len(before) - 1
    assert (fields["undo"], fields["type"], fields["is_workspace"]) == ("trash", "folder", True)
    world.delete("t")
    assert list(world.sandbox.iterdir()) == []
    world.undo()
    assert picture(world.sandbox) == before


def test_a_link_is_deleted_itself(world) -> None:
    target = world.home / "target"
    target.mkdir()
    (target / "f").write_text("x")
    (world.sandbox / "link").symlink_to(target)
    world.delete("link")
    assert (target / "f").exists()
    world.undo()
    assert os.readlink(world.sandbox / "link") == str(target)


def test_what_is_too_large_to_keep_says_so_and_goes(world, monkeypatch) -> None:
    from core.execution import file_tree

    monkeypatch.setattr(file_tree, "MOST_KEPT", 1000)
    (world.sandbox / "t").mkdir()
    (world.sandbox / "t/f").write_bytes(bytes(2000))
    fields = world.prepare(file_steps.delete_file, DeleteFile("t"))
    assert (fields["undo"], fields["exact"]) == ("none", False)
    effect = world.delete("t")
    assert effect.change_id is None
    assert list(world.sandbox.iterdir()) == []
    assert code(world.undo) == "change-missing"


def test_a_root_is_not_deleted(world) -> None:
    assert code(lambda: world.delete("sandbox:/")) == "path-refused"
    assert code(lambda: world.delete("docs:/.")) == "path-refused"


def test_outside_the_sandbox_is_not_the_workspace(world) -> None:
    (world.docs / "f").write_text("x")
    fields = world.prepare(file_steps.delete_file, DeleteFile("docs:/f"))
    assert fields["is_workspace"] is False


# -- the trash -------------------------------------------------------------------------------


def test_the_trash_holds_nothing_readable(world) -> None:
    secret = "canary-7f3a-" * 1000
    (world.sandbox / "secret-name.txt").write_text(secret)
    world.delete("secret-name.txt")
    kept = [path for path in (world.home / "trash").rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        assert b"canary" not in path.read_bytes()
        assert b"secret-name" not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0


def test_an_archive_that_was_meddled_with_is_not_restored(world) -> None:
    (world.sandbox / "f").write_bytes(os.urandom(3_000_000))
    effect = world.delete("f")
    archive = world.home / "trash" / effect.change_id / "0"
    whole = archive.read_bytes()
    frame = len(whole) // 3
    for damaged in (whole[:-1], whole[:-100_000], whole[:frame] + b"x" + whole[frame + 1 :], b""):
        archive.write_bytes(damaged)
        with pytest.raises(Broken, match="trash-damaged"):
            world.undo()
        assert list(world.sandbox.iterdir()) == []
    archive.write_bytes(whole)
    world.undo()
    assert (world.sandbox / "f").exists()


def test_frames_cannot_be_left_out(world) -> None:
    (world.sandbox / "f").write_bytes(os.urandom(3_000_000))
    archive = world.home / "trash" / world.delete("f").change_id / "0"
    whole = archive.read_bytes()
    head = len(b"the-mask/trash/v1\n")
    first = 4 + int.from_bytes(whole[head : head + 4], "big")
    archive.write_bytes(whole[:head] + whole[head + first :])
    with pytest.raises(Broken, match="trash-damaged"):
        world.undo()


def test_after_seven_days_it_is_gone(world) -> None:
    (world.sandbox / "f").write_text("x")
    effect = world.delete("f")
    world.clock.advance(timedelta(days=6).total_seconds())
    assert world.trash.purge()["expired"] == 0
    world.clock.advance(timedelta(days=1, hours=1).total_seconds())
    os.utime(world.home / "trash" / effect.change_id, (0, 0))
    assert world.trash.purge() == {"expired": 1, "archives": 1, "rows": 0}
    assert not list((world.home / "trash").iterdir())
    assert code(lambda: world.undo(effect.change_id)) == "change-gone"


# -- undo ------------------------------------------------------------------------------------


def test_undo_steps_back_through_the_changes_one_by_one(world) -> None:
    for text in ("one", "two", "three"):
        world.write("f", text)
    world.undo()
    assert (world.sandbox / "f").read_text() == "two"
    world.undo()
    assert (world.sandbox / "f").read_text() == "one"
    world.undo()
    assert not (world.sandbox / "f").exists()
    assert code(world.undo) == "change-missing"


def test_an_undo_can_be_taken_back_and_done_again(world) -> None:
    world.write("f", "one")
    second = world.write("f", "two").change_id
    undone = world.undo(second).change_id
    assert (world.sandbox / "f").read_text() == "one"
    assert world.state(second) is ChangeState.UNDONE
    world.undo(undone)
    assert (world.sandbox / "f").read_text() == "two"
    assert world.state(second) is ChangeState.KEPT
    world.undo(second)
    assert (world.sandbox / "f").read_text() == "one"


def test_an_undo_says_when_something_came_in_between(world) -> None:
    (world.sandbox / "f").write_text("one")
    change = world.write("f", "two").change_id
    asked = UndoChange(change)
    assert world.prepare(file_steps.undo_change, asked)["conflict"] is False
    (world.sandbox / "f").write_text("by hand")
    action = file_steps.undo_change.preparer(world.room, world.context(), asked)
    assert actions.read(action.canonical)["conflict"] is True
    assert "-by hand" in action.preview["diff"]
    assert "+one" in action.preview["diff"]
    undone = world.undo(change).change_id
    assert (world.sandbox / "f").read_text() == "one"
    world.undo(undone)
    assert (world.sandbox / "f").read_text() == "by hand"


def test_a_change_is_not_undone_twice(world) -> None:
    change = world.write("f", "x").change_id
    world.undo(change)
    assert code(lambda: world.undo(change)) == "change-undone"


def test_last_means_what_was_shown_also_when_a_later_change_came(world) -> None:
    world.write("f", "one")
    world.write("f", "two")
    asked = UndoChange()
    agreed = file_steps.undo_change.preparer(world.room, world.context(), asked)
    world.write("g", "later")
    world.do(file_steps.undo_change, asked, agreed=agreed)
    assert (world.sandbox / "f").read_text() == "one"
    assert (world.sandbox / "g").read_text() == "later"


def test_an_undo_without_its_folder_says_what_is_missing(world) -> None:
    world.write("a/f", "x")
    change = world.delete("a/f").change_id
    (world.sandbox / "a").rmdir()
    assert code(lambda: world.undo(change)) == "undo-place-missing"


# -- commands --------------------------------------------------------------------------------


def test_what_a_command_did_to_its_folders_is_taken_back(world) -> None:
    make_tree(world.sandbox / "t")
    (world.sandbox / "keep").write_text("k")
    before = picture(world.sandbox)
    spots = [world.roots.find("sandbox:/")]
    assert world.trash.measure(spots).can_be_kept
    change = world.trash.keep(spots, run_id="run", position="0")
    (world.sandbox / "keep").write_text("changed")
    (world.sandbox / "new").mkdir()
    (world.sandbox / "new/f").write_text("x")
    (world.sandbox / "t/deep/er/লেখা.txt").unlink()
    (world.sandbox / "t/big").write_text("small")
    assert world.trash.settle(change)
    fields = world.prepare(file_steps.undo_change, UndoChange(change))
    assert (fields["of"], fields["entries"], fields["conflict"]) == ("cmd", 3, False)
    undone = world.undo(change).change_id
    assert picture(world.sandbox) == before
    world.undo(undone)
    assert (world.sandbox / "new/f").read_text() == "x"
    assert (world.sandbox / "keep").read_text() == "changed"


def test_a_command_that_changed_nothing_leaves_nothing_to_undo(world) -> None:
    (world.sandbox / "f").write_text("x")
    change = world.trash.keep([world.roots.find("f")], run_id="run", position="0")
    assert not world.trash.settle(change)
    assert world.state(change) is ChangeState.VOID
    assert not list((world.home / "trash").iterdir())


def test_too_much_is_not_snapshotted(world, monkeypatch) -> None:
    from core.execution import file_tree

    monkeypatch.setattr(file_tree, "MOST_KEPT", 10)
    (world.sandbox / "f").write_text("x" * 11)
    spots = [world.roots.find("f")]
    assert not world.trash.measure(spots).can_be_kept
    with pytest.raises(Refused, match="snapshot-too-large"):
        world.trash.keep(spots, run_id="run", position="0")


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
