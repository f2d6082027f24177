"""One place that runs commands: a home with a sandbox and documents, and each way to hold them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.clock import SystemClock
from core.db import Database
from core.execution.command_plan import RunCommand
from core.execution.command_steps import Commands, run_command
from core.execution.file_fakes import MemoryContents
from core.execution.file_rooms import file_room
from core.execution.file_steps import FileRoom, UndoChange, undo_change
from core.execution.model import Effect
from core.execution.roots import Roots
from core.execution.run_here import runner
from core.execution.trash import Trash
from core.redaction import Redaction
from core.runs import actions
from core.runs.cancel import CancelToken
from core.runs.model import Action, Label, RunRow, RunState
from core.runs.ports import StepContext

IS_LINUX = sys.platform == "linux"
SECRET = "gsk_" + "Zz19" * 8


def ways() -> dict[str, Any]:
    """Every way of holding commands that this machine has."""
    if not IS_LINUX:
        return {"here": None}
    from ops.proofs.rig.runner_stand import rungs

    return dict(rungs())


@dataclass
class Place:
    """A place with its commands."""

    home: Path
    docs: Path
    room: Commands
    files: FileRoom
    contents: MemoryContents
    live: list[str] = field(default_factory=list)
    cancel: CancelToken = field(default_factory=CancelToken)

    @property
    def sandbox(self) -> Path:
        return self.home / "sandbox"

    def context(self, action: Action | None = None) -> StepContext:
        now = SystemClock().now()
        run = RunRow("run", 0, "w", 1, None, RunState.RUNNING, Label.OPEN, now, now)
        return StepContext(run, "0", self.cancel, 1e9, show=self.live.append, action=action)

    def prepare(self, asked: RunCommand) -> Action:
        assert run_command.preparer is not None
        return run_command.preparer(self.room, self.context(), asked)

    def fields(self, asked: RunCommand) -> dict[str, Any]:
        return actions.read(self.prepare(asked).canonical)

    def perform(self, asked: RunCommand, action: Action) -> tuple[Effect, StepContext]:
        context = self.context(action)
        effect = run_command.handler(self.room, context, asked)
        assert isinstance(effect, Effect)
        return effect, context

    def do(self, asked: RunCommand) -> Effect:
        return self.perform(asked, self.prepare(asked))[0]

    def undo(self, change_id: str) -> None:
        assert undo_change.preparer is not None
        asked = UndoChange(change_id)
        action = undo_change.preparer(self.files, self.context(), asked)
        undo_change.handler(self.files, self.context(action), asked)

    @property
    def is_held(self) -> bool:
        return self.fields(RunCommand(argv=["echo"]))["sandbox"] in {"bwrap", "landlock"}


def make_place(folder: Path, db: Database, found: Any) -> Place:
    folder = Path(os.path.realpath(folder))
    home, docs = folder / "mask", folder / "docs"
    (home / "keys").mkdir(parents=True)
    docs.mkdir()
    (home / "keys" / "master").write_text("the master key")
    clock = SystemClock()
    roots = Roots({"sandbox": home / "sandbox", "docs": docs}, home)
    trash = Trash(home / "trash", bytes(range(32)), db, clock, roots)
    contents = MemoryContents()
    room = Commands(
        "here",
        clock,
        runner=_runner(found),
        roots=roots,
        trash=trash,
        contents=contents,
        redact=Redaction(),
        scratches=home / "scratch",
        hidden=[home],
    )
    files = file_room("here", roots, trash, contents, clock, lambda _root: Label.PRIVATE)
    return Place(home, docs, room, files, contents)


def _runner(found: Any) -> Any:
    if found is None:
        return runner(SystemClock())
    from core.execution.run_linux import LinuxRunner

    return LinuxRunner(SystemClock(), found)


@pytest.fixture(params=ways().items(), ids=lambda way: way[0])
def place(request: pytest.FixtureRequest, tmp_path: Path, sqlite_database: Database) -> Place:
    """A place, once for each way of holding commands."""
    return make_place(tmp_path, sqlite_database, request.param[1])
