"""The step that runs a command at a place: `command.run`.

`prepare` resolves and pins everything and says it in the action; `perform` does the same again,
runs only what is still what was judged, and returns what came of it. Whatever the command may
write to is kept first. It is never repeated by itself: a cut in the middle is `unknown`.

What a command prints is private, unless it saw nothing but the system and its own scratch folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from core.clock import Clock
from core.errors import Broken, Refused
from core.execution import environment, snapshot
from core.execution.command_plan import Planned, Planner, RunCommand
from core.execution.file_ports import Contents
from core.execution.model import Effect
from core.execution.output import Output, Printed, Redact
from core.execution.roots import Roots, Spot
from core.execution.run_port import MOST_TIMEOUT_S, Finished, Launch, Limits, Runner, View
from core.runs.model import Action, Kind, Label
from core.runs.ports import StepContext
from core.runs.steps import step

#: Seconds of the whole step: the longest command, its end, and keeping its folders first.
STEP_S = MOST_TIMEOUT_S + 600.0
#: A scratch folder that is older was left by a crash.
SCRATCH_AGE = timedelta(days=1)
MEDIA = "text/plain"


class Commands:
    """The room of `command.run` at one place. `scratches` is the folder that scratch folders are
    made in; `hidden` are the files and folders no command may see: MASK_HOME, `.env`, backups."""

    def __init__(  # noqa: PLR0913 - everything a command touches
        self,
        place: str,
        clock: Clock,
        *,
        runner: Runner,
        roots: Roots,
        trash: snapshot.Keeps,
        contents: Contents,
        redact: Redact,
        scratches: Path,
        hidden: Sequence[Path],
        places: Sequence[str] = (),
    ) -> None:
        self.planner = Planner(place, runner, roots, trash, places=places)
        self._clock = clock
        self._runner = runner
        self._roots = roots
        self._trash = trash
        self._contents = contents
        self._redact = redact
        self._scratches = scratches
        self._hidden = tuple(os.path.realpath(path) for path in hidden)

    def run(self, ctx: StepContext, args: RunCommand) -> Effect:
        """What was judged, if it is still that. Refused(`action-changed`)."""
        if ctx.action is None:
            raise Broken("step-without-prepare", step="command.run")
        with self.planner.plan(args, ctx.cancel.check) as planned:
            if planned.action.digest != ctx.action.digest:
                was, now = ctx.action.digest[:8], planned.action.digest[:8]
                raise Refused("action-changed", was=was, now=now)
            if not planned.is_alone:
                ctx.label = Label.PRIVATE
            keeps = planned.writes if planned.is_kept else ()
            kept = snapshot.Kept(
                self._trash, keeps, ctx.run.id, ctx.position, check=ctx.cancel.check
            )
            with self._scratch() as scratch:
                with kept:
                    output = Output(self._redact, ctx.show, self._clock.monotonic)
                    launch = self._launch(planned, args, scratch)
                    finished = self._runner.run(launch, output, ctx.cancel)
                return self._effect(output.finish(), finished, kept, ctx.label)

    def get_ready(self) -> None:
        """A command may run soon: the owner is looking at it."""
        self._runner.get_ready()

    def tidy(self) -> int:
        """Remove what crashes left of scratch folders; how many. For a start or a schedule."""
        before = (self._clock.now() - SCRATCH_AGE).timestamp()
        old = [
            path
            for path in (self._scratches.iterdir() if self._scratches.exists() else ())
            if path.stat(follow_symlinks=False).st_mtime < before
        ]
        for path in old:
            _remove(path)
        return len(old)

    def _launch(self, planned: Planned, args: RunCommand, scratch: str) -> Launch:
        cwd = str(planned.cwd.system_path) if planned.cwd else scratch
        writes = tuple(str(spot.system_path) for spot in planned.writes)
        shown = tuple(str(self._roots.spot(name, ()).system_path) for name in self._roots.names)
        return Launch(
            argv=planned.argv,
            exe=planned.exe,
            operand=planned.operand,
            cwd=cwd,
            env=environment.made(
                self.planner.system, scratch, args.env, tuple(self.planner.places)
            ),
            view=View(
                scratch=scratch,
                writes=writes,
                shown=tuple(path for path in shown if Path(path).is_dir()),
                hidden=self._hidden,
                network=planned.network,
                is_alone=planned.is_alone,
            ),
            folders=tuple(_identity(spot) for spot in filter(None, (planned.cwd, *planned.writes))),
            sandbox=planned.sandbox,
            privilege=planned.privilege,
            stdin=args.stdin.encode(),
            limits=Limits(time_s=args.timeout_s),
        )

    def _effect(
        self, printed: Printed, finished: Finished, kept: snapshot.Kept, label: Label
    ) -> Effect:
        blob = None
        if printed.whole is not None:
            blob = self._contents.keep(printed.whole.encode(), label, MEDIA)
        summary = {
            "exit_code": finished.exit_code,
            "took_s": round(finished.took_s, 1),
            "output_bytes": printed.total,
            "killed": finished.killed,
            "facts": printed.facts,
        }
        if not printed.is_whole:
            summary["left_out"] = True
        if finished.left:
            summary["left"] = finished.left
        if kept.problem is not None:
            summary["undo_error"] = kept.problem
        return Effect(printed.text, summary, kept.change_id, blob)

    @contextlib.contextmanager
    def _scratch(self) -> Iterator[str]:
        """An empty folder of its own, gone afterwards."""
        self._scratches.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = Path(os.path.realpath(tempfile.mkdtemp(prefix="run-", dir=self._scratches)))
        try:
            (made / "tmp").mkdir(mode=0o700)
            yield str(made)
        finally:
            _remove(made)


@step("command.run", kind=Kind.ONCE, timeout_s=STEP_S, retries=0, gated=True)
def run_command(room: Commands, ctx: StepContext, args: RunCommand) -> Effect:
    return room.run(ctx, args)


@run_command.prepare
def prepare(room: Commands, ctx: StepContext, args: RunCommand) -> Action:
    with room.planner.plan(args, ctx.cancel.check) as planned:
        room.get_ready()
        return planned.action


def _identity(spot: Spot) -> tuple[str, int, int]:
    with spot.folder() as folder:
        facts = folder.itself()
    return str(spot.system_path), facts.device, facts.inode


def _remove(path: Path) -> None:
    """A command may have taken away the rights on its own folders."""
    path.chmod(stat.S_IRWXU)
    for folder, folders, files in os.walk(path):
        for name in (*folders, *(files if os.name == "nt" else ())):
            below = Path(folder, name)
            if not below.is_symlink():
                below.chmod(stat.S_IRWXU)
    shutil.rmtree(path)
