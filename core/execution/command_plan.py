"""From what was asked to what would run: one command, resolved and pinned.

Decides what the arguments mean at this place: which program and script file they are, where it
runs, what it may write to, what holds it, and how it can be undone; and says all of it in the
action. Never decides whether it may run. Reads only; starts nothing but the sandbox's trial.

A shell is used for `script` alone, and the action says so. What the sandbox cannot enforce is not
promised: without one the network is on, secrets are within reach and nothing can be undone.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.errors import Refused
from core.execution import bwrap, environment, pinning, snapshot
from core.execution.pinning import Pinned
from core.execution.roots import Roots, Spot
from core.execution.run_port import MOST_TIMEOUT_S, TIMEOUT_S, Runner, Sandbox
from core.runs import actions
from core.runs.model import Action

KIND = "cmd"
#: The folder of its own that every command gets, as `path` and actions name it.
SCRATCH = "scratch"
#: Arguments, and bytes of what a command may read.
MOST_ARGV, MOST_STDIN = 1000, 1024 * 1024
#: Letters of the input that a card shows.
EXCERPT = 600
SHELLS = ("/bin/bash", "/usr/bin/bash", "/bin/sh")
POWERSHELL = ("-NoLogo", "-NoProfile", "-NonInteractive", "-Command")


@dataclass(frozen=True)
class RunCommand:
    """Run `argv`, or `script` in this system's shell, in the folder `path` ("name:/below", or
    "scratch:" for a folder of its own). Everything is read-only but that scratch and `writes`."""

    argv: list[str] = field(default_factory=list)
    script: str = ""
    path: str = ""
    writes: list[str] = field(default_factory=list)
    network: bool = False
    timeout_s: int = TIMEOUT_S
    stdin: str = ""
    env: dict[str, str] = field(default_factory=dict)


@dataclass
class Planned:
    """One command as it would run now. Holds its program and script open until closed."""

    action: Action
    argv: tuple[str, ...]
    exe: Pinned
    operand: Pinned | None
    cwd: Spot | None
    writes: tuple[Spot, ...]
    sandbox: Sandbox
    privilege: bool
    network: bool
    is_alone: bool
    is_kept: bool

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.exe.close()
        if self.operand is not None:
            self.operand.close()


class Planner:
    """Plans commands at one place. `places` are the folders programs are looked for in."""

    def __init__(
        self,
        place: str,
        runner: Runner,
        roots: Roots,
        trash: snapshot.Keeps,
        *,
        places: Sequence[str] = (),
        system: str = sys.platform,
    ) -> None:
        self._place = place
        self._runner = runner
        self._roots = roots
        self._trash = trash
        self.system = system
        self.places = tuple(places) or environment.PATHS.get(system, environment.LINUX_PATH)

    def plan(self, args: RunCommand, check: snapshot.Check = lambda: None) -> Planned:
        """What `args` mean now. Refused when they mean nothing, or nothing certain."""
        argv, script = self._command(args)
        _check_bounds(args)
        environment.check(args.env)
        cwd = None if is_scratch(args.path) else self._roots.find(args.path)
        writes = self._writes(args.writes)
        for spot in filter(None, (cwd, *writes)):
            spot.folder().close()  # refuses what is no folder, or leads out of its root
        base = str(cwd.system_path) if cwd else os.devnull  # nothing is found below that
        pinning.check_program(argv)
        exe = pinning.pin(pinning.find(argv[0], base, self.places, self.system))
        try:
            operand = self._operand(argv, base)
        except BaseException:
            exe.close()
            raise
        try:
            return self._planned(args, argv, script, exe, operand, cwd, writes, check)
        except BaseException:
            exe.close()
            if operand is not None:
                operand.close()
            raise

    def _planned(
        self,
        args: RunCommand,
        argv: tuple[str, ...],
        script: str | None,
        exe: Pinned,
        operand: Pinned | None,
        cwd: Spot | None,
        writes: tuple[Spot, ...],
        check: snapshot.Check,
    ) -> Planned:
        privilege = pinning.asks_privilege(argv, exe)
        sandbox = self._runner.sandbox(privilege=privilege)
        network = args.network or not sandbox.holds_files
        kept = snapshot.estimate(self._trash, writes, check) if writes else None
        is_kept = kept is not None and kept.at_most is not None
        is_alone = sandbox in {Sandbox.BWRAP, Sandbox.LANDLOCK} and not writes and cwd is None
        is_alone = is_alone and operand is None and _is_system(exe.real)
        where = cwd.shown if cwd else f"{SCRATCH}:/"
        action = actions.make(
            KIND,
            self._place,
            undo=_undo(sandbox, network=network, writes=bool(writes), is_kept=is_kept),
            preview=_preview(args, exe, operand, cwd, writes, kept),
            argv=list(argv),
            script=script,
            cwd=where,
            env=dict(sorted(args.env.items())),
            stdin=hashlib.sha256(args.stdin.encode()).hexdigest() if args.stdin else None,
            exe={"path": exe.path, "sha256": exe.sha256},
            operand={"path": operand.path, "sha256": operand.sha256} if operand else None,
            timeout_s=args.timeout_s,
            network=network,
            sandbox=sandbox.value,
            secrets_reachable=not sandbox.holds_files,
            writes=[spot.shown for spot in writes],
            snapshot_bytes=kept.at_most if kept else None,
            privilege=privilege,
        )
        return Planned(
            action,
            argv,
            exe,
            operand,
            cwd,
            writes,
            sandbox,
            privilege,
            network,
            is_alone,
            is_kept,
        )

    def _command(self, args: RunCommand) -> tuple[tuple[str, ...], str | None]:
        """The argument list, and the text of a shell script. A shell that is given its text by
        `argv` is the same thing, and is shown as such."""
        if bool(args.argv) == bool(args.script):
            raise Refused("command-empty")
        if args.script:
            return self._shell(args.script), args.script
        argv = tuple(args.argv)
        if not argv[0] or len(argv) > MOST_ARGV or any("\0" in word for word in argv):
            raise Refused("command-empty")
        name = pinning.program_name(argv[0])
        if pinning.SHELLS.fullmatch(name) and len(argv) == len(("sh", "-c", "")):
            return argv, argv[2] if argv[1] == "-c" else None
        return argv, None

    def _shell(self, script: str) -> tuple[str, ...]:
        if self.system == "win32":
            found = pinning.find("powershell", "", self.places, self.system)
            return (found, *POWERSHELL, script)
        shell = next((each for each in SHELLS if os.access(each, os.X_OK)), SHELLS[-1])
        return (shell, "-c", script)

    def _operand(self, argv: Sequence[str], base: str) -> Pinned | None:
        at = pinning.operand_at(argv)
        if at is None:
            return None
        return pinning.pin(os.path.join(base, argv[at]))  # noqa: PTH118 - keeps links as they are

    def _writes(self, asked: Sequence[str]) -> tuple[Spot, ...]:
        """The folders, without those that lie in another one."""
        spots = {(one.root.name, one.parts): one for one in map(self._roots.find, asked)}
        return tuple(
            spot
            for (root, parts), spot in sorted(spots.items())
            if not any((root, parts[:deep]) in spots for deep in range(len(parts)))
        )


def is_scratch(path: str) -> bool:
    """Does `path` mean the command's own folder?"""
    return path in {f"{SCRATCH}:", f"{SCRATCH}:/"}


def _check_bounds(args: RunCommand) -> None:
    if not 1 <= args.timeout_s <= MOST_TIMEOUT_S:
        raise Refused("command-time", most=MOST_TIMEOUT_S)
    if len(args.stdin.encode("utf-8", "surrogatepass")) > MOST_STDIN:
        raise Refused("command-input", most=MOST_STDIN)


def _undo(sandbox: Sandbox, *, network: bool, writes: bool, is_kept: bool) -> str:
    """What reaches out, or is not held in, cannot be taken back as a whole."""
    if network or not sandbox.holds_files:
        return "none"
    if not writes:
        return "scratch"
    return "snapshot" if is_kept else "none"


def _is_system(real: str) -> bool:
    """Does a program need nothing but the system?"""
    return any(real.startswith(f"{folder}/") for folder in bwrap.SYSTEM)


def _preview(
    args: RunCommand,
    exe: Pinned,
    operand: Pinned | None,
    cwd: Spot | None,
    writes: Sequence[Spot],
    kept: snapshot.Estimate | None,
) -> dict[str, Any]:
    """What helps to read the card; nothing is decided on it."""
    preview: dict[str, Any] = {"program": exe.real}
    if operand is not None:
        preview["operand"] = operand.real
    if cwd is not None:
        preview["path"] = str(cwd.system_path)
    if writes:
        preview["writes"] = [str(Path(spot.system_path)) for spot in writes]
    if kept is not None:
        preview["size_bytes"], preview["count"] = kept.size, kept.entries
    if args.stdin:
        preview["stdin"] = args.stdin[:EXCERPT]
    return preview
