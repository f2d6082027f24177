"""One place with an open root `sandbox` and a private one `docs`, and what the engine does with
its file steps: prepare, then perform what was agreed on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.db import Database
from core.errors import MaskError
from core.execution import changes, file_steps
from core.execution.changes import ChangeState
from core.execution.file_fakes import MemoryContents
from core.execution.file_rooms import file_room
from core.execution.file_steps import DeleteFile, UndoChange, WriteFile
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


def make_world(folder: Path, db: Database, clock: Any) -> World:
    home, docs = folder / "home", folder / "docs"
    docs.mkdir(exist_ok=True)
    roots = Roots({"sandbox": home / "sandbox", "docs": docs}, home)
    trash = Trash(home / "trash", KEY, db, clock, roots)
    contents = MemoryContents()
    room = file_room("here", roots, trash, contents, clock, label_of)
    return World(home, docs, db, clock, roots, trash, room, contents)


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
        content = path.readlink() if kind == "l" else path.read_bytes() if kind == "f" else None
        found[str(path.relative_to(folder))] = (
            kind,
            oct(facts.st_mode) if kind != "l" else "",
            facts.st_mtime_ns if kind == "f" else 0,
            content,
        )
    return found


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
