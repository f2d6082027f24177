"""What was deleted or changed is kept sealed for seven days and comes back exactly."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from core.errors import Broken, Refused
from core.execution import file_steps
from core.execution.changes import ChangeState
from core.execution.file_steps import DeleteFile, UndoChange
from core.runs import actions
from tests.integration.files_world import World, code, make_tree, make_world, picture


@pytest.fixture
def world(tmp_path, sqlite_database, clock) -> World:
    return make_world(tmp_path, sqlite_database, clock)


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
    assert (world.sandbox / "link").readlink() == target


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


def test_frames_cannot_be_cut_off_at_the_end(world) -> None:
    (world.sandbox / "f").write_bytes(os.urandom(3_000_000))
    archive = world.home / "trash" / world.delete("f").change_id / "0"
    whole = archive.read_bytes()
    at = ends = len(b"the-mask/trash/v1\n")
    while at < len(whole):
        ends, at = at, at + 4 + int.from_bytes(whole[at : at + 4], "big")
    archive.write_bytes(whole[:ends])
    with pytest.raises(Broken, match="trash-damaged"):
        world.undo()
    assert list(world.sandbox.iterdir()) == []


def test_what_lies_in_the_trash_without_a_row_goes_after_a_day(world) -> None:
    orphan = world.home / "trash" / ("0" * 32)
    orphan.mkdir(parents=True)
    now = world.clock.now().timestamp()
    os.utime(orphan, (now, now))
    assert world.trash.purge()["archives"] == 0
    world.clock.advance(timedelta(days=1, hours=1).total_seconds())
    assert world.trash.purge()["archives"] == 1


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
