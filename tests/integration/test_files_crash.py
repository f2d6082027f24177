"""Killed at any step of a change, a file is as before or as shown, and the row says which.

A child process is killed (SIGKILL) before its first, second, third ... touch of disk or database,
until it comes through; after each kill a fresh process would call `recover`, as is done here.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.clock import ManualClock
from core.db import Database, open_sqlite
from core.execution import changes, file_archive, openat2, walk
from core.execution.changes import ChangeState, Part
from core.execution.file_swap import repair
from tests.conftest import TEST_KEY
from tests.integration.files_world import make_tree, make_world, picture

TOUCHES = (
    *("create", "finish", "make_folder", "settle", "make_link"),
    *("move", "swap", "remove", "remove_folder", "sync"),
)
#: More touches than any of the changes below makes.
MOST = 400

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")


@pytest.fixture
def template(request) -> Path:
    """A database file with all tables."""
    return request.getfixturevalue("_sqlite_template")


def arrange(at: SimpleNamespace) -> None:
    at.folder.mkdir()
    world = open_world(at)
    (world.sandbox / "f").write_text("one")
    (world.sandbox / "f").chmod(0o640)
    make_tree(world.sandbox / "t")
    (world.sandbox / "t/big").write_bytes(b"big" * 50_000)
    at.prepare(world)
    world.db.close()


def open_world(at: SimpleNamespace):
    path = at.folder / "m.db"
    if not path.exists():
        path.write_bytes(at.template.read_bytes())
    return make_world(at.folder, open_sqlite(path, TEST_KEY), ManualClock())


def nothing(_world) -> None:
    """Needs no preparation."""


OPERATIONS = {
    "create": (nothing, lambda world: world.write("new/er/f", "x")),
    "edit": (nothing, lambda world: world.write("f", "two")),
    "delete": (nothing, lambda world: world.delete("t")),
    "undo-edit": (lambda world: world.write("f", "two"), lambda world: world.undo()),
    "undo-delete": (lambda world: world.delete("t"), lambda world: world.undo()),
}


@pytest.mark.parametrize("is_swapping", [True, False])
@pytest.mark.parametrize("name", OPERATIONS)
def test_a_kill_at_any_step_leaves_the_old_or_the_new_state(
    name, is_swapping, tmp_path, template
) -> None:
    prepare, act = OPERATIONS[name]
    ends = {ChangeState.KEPT: 0, ChangeState.VOID: 0, None: 0}
    for number in range(0, MOST, 1 if is_swapping else 3):
        at = SimpleNamespace(folder=tmp_path / str(number), template=template, prepare=prepare)
        arrange(at)
        before = picture(at.folder / "home/sandbox")
        rows = changes_in(at)
        status = child(lambda at=at: act(open_world(at)), number, is_swapping=is_swapping)
        if status == 0:
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        ends[judged(at, before, rows)] += 1
    else:
        pytest.fail("the change never came through")
    assert number > 10
    assert ends[ChangeState.KEPT] > 0
    assert ends[ChangeState.VOID] > 0


def judged(at: SimpleNamespace, before: dict, rows: set[str]) -> ChangeState | None:
    """What the row says after a kill; it must be true, and a change that happened be undoable."""
    world = open_world(at)
    try:
        world.trash.recover()
        now = picture(world.sandbox)
        assert [name for name in now if ".mask-" in name] == []
        new = changes_in(at) - rows
        state = world.state(new.pop()) if new else None
        if state is not ChangeState.KEPT:
            assert now == before
            return state
        assert now != before
        change_id = (changes_in(at) - rows).pop()
        world.undo(change_id)
        assert picture(world.sandbox) == before
        assert {path.name for path in (world.home / "trash").iterdir()} <= kept_in(at)
        return state
    finally:
        world.db.close()


def changes_in(at: SimpleNamespace) -> set[str]:
    return {change.id for state in ChangeState for change in in_state(at, state)}


def kept_in(at: SimpleNamespace) -> set[str]:
    live = (ChangeState.KEPT, ChangeState.UNDONE)
    return {change.id for state in live for change in in_state(at, state)}


def in_state(at: SimpleNamespace, state: ChangeState) -> list[changes.Change]:
    db = open_sqlite(at.folder / "m.db", TEST_KEY)
    try:
        with db.read() as tx:
            return changes.in_state(tx, state)
    finally:
        db.close()


def child(act, number: int, *, is_swapping: bool) -> int:
    """Run `act` in a process of its own that is killed before touch `number`; how it ended."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    try:
        light_fuse(number)
        if not is_swapping:
            openat2.exchange = lambda *_: False
        act()
        os._exit(0)
    finally:
        os._exit(3)  # the child must not return into the tests


def light_fuse(number: int) -> None:
    left = [number]

    def touch() -> None:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    def touching(real):
        def call(*args, **more):
            touch()
            return real(*args, **more)

        return call

    for name in TOUCHES:
        setattr(walk.PosixFolder, name, touching(getattr(walk.PosixFolder, name)))
    file_archive.Writer._frame = touching(file_archive.Writer._frame)
    real_write = Database.write

    @contextmanager
    def write(self):
        touch()
        with real_write(self) as tx:
            yield tx
            touch()  # done, and not committed

    Database.write = write


def test_a_kill_at_a_random_moment_leaves_a_tree_or_none(tmp_path, template) -> None:
    chance = random.Random(7)
    for number in range(12):
        at = SimpleNamespace(folder=tmp_path / str(number), template=template, prepare=nothing)
        arrange(at)
        before = picture(at.folder / "home/sandbox")
        pid = os.fork()
        if pid == 0:
            open_world(at).delete("t")
            os._exit(0)
        until = time.monotonic() + chance.uniform(0.002, 0.08)
        while time.monotonic() < until:
            pass
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        judged(at, before, set())


def test_hidden_names_are_nobody_elses(tmp_path) -> None:
    """Repair touches only names with the change's own id."""
    other = tmp_path / ".mask-other-0.gone"
    other.write_text("x")
    with walk.PosixFolder.open(Path(tmp_path)) as folder:
        repair(folder, "f", "mine", 0, Part("r", ("f",), None, "0" * 64))
    assert other.exists()
