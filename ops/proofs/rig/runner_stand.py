"""Runs commands the way a worker does, under each way of holding them that this machine has.

Also a program: `python -m ops.proofs.rig.runner_stand` reads a `Wanted` as JSON and runs it in a
process of its own, so that a proof can kill the worker, or give it an environment with secrets.
Linux only: the other systems' runners hold processes by other means.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.clock import SystemClock
from core.execution import environment, pinning
from core.execution.output import Output
from core.execution.run_port import GRACE_S, MOST_OUTPUT, Finished, Launch, Limits, View
from core.redaction import Redaction
from core.runs.cancel import CancelToken

if sys.platform == "linux":
    from core.execution.run_linux import Found, LinuxRunner, look

assert sys.platform == "linux", "a proof of the Linux runner"


def rungs(found: Found | None = None) -> dict[str, Found]:
    """Every way of holding a command that works here, the best first; the last is always there."""
    here = found or look()
    ways: dict[str, Found] = {}
    if here.bwrap:
        ways["bwrap"] = Found(here.bwrap, landlock=False, namespaces=False)
    if here.landlock and here.namespaces:
        ways["landlock+namespaces"] = Found(None, landlock=True, namespaces=True)
    if here.landlock:
        ways["landlock"] = Found(None, landlock=True, namespaces=False)
    if here.namespaces:
        ways["namespaces"] = Found(None, landlock=False, namespaces=True)
    return {**ways, "keeper": Found(None, landlock=False, namespaces=False)}


@dataclass(frozen=True)
class Wanted:
    """One command, as JSON carries it."""

    found: Mapping[str, object]
    argv: Sequence[str]
    scratch: str
    time_s: float = 30.0
    hidden: Sequence[str] = ()
    writes: Sequence[str] = ()
    shown: Sequence[str] = ()
    network: bool = False
    is_alone: bool = False
    cwd: str = ""
    stdin: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    grace_s: float = GRACE_S
    output_bytes: int = MOST_OUTPUT


def wanted(found: Found, argv: Sequence[str], scratch: str | Path, **more: object) -> Wanted:
    return Wanted(asdict(found), argv, str(scratch), **more)  # type: ignore[arg-type]


def run(one: Wanted, cancel: CancelToken | None = None) -> tuple[Finished, str]:
    """How it ended, and what it printed, as it would be told."""
    clock = SystemClock()
    runner = LinuxRunner(clock, Found(**one.found))  # type: ignore[arg-type]
    cwd = one.cwd or one.scratch
    (Path(one.scratch) / "tmp").mkdir(exist_ok=True)
    exe = pinning.pin(pinning.find(one.argv[0], cwd, environment.LINUX_PATH))
    at = pinning.operand_at(one.argv)
    operand = pinning.pin(str(Path(cwd, one.argv[at]))) if at is not None else None
    folders = [(path, Path(path).stat()) for path in (cwd, *one.writes)]
    launch = Launch(
        argv=tuple(one.argv),
        exe=exe,
        operand=operand,
        cwd=cwd,
        env=environment.made("linux", one.scratch, one.env),
        view=View(
            scratch=one.scratch,
            writes=tuple(one.writes),
            shown=tuple(one.shown),
            hidden=tuple(one.hidden),
            network=one.network,
            is_alone=one.is_alone,
        ),
        sandbox=runner.sandbox(),
        folders=tuple((path, found.st_dev, found.st_ino) for path, found in folders),
        stdin=one.stdin.encode(),
        limits=Limits(time_s=one.time_s, grace_s=one.grace_s, output_bytes=one.output_bytes),
    )
    output = Output(Redaction(), monotonic=clock.monotonic)
    try:
        finished = runner.run(launch, output, cancel or CancelToken())
    finally:
        exe.close()
        if operand is not None:
            operand.close()
    printed = output.finish()
    return finished, printed.whole or printed.text


def marked(mark: str) -> list[int]:
    """Every process of this machine whose arguments hold `mark`, in whatever namespace; zombies
    have no arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                arguments = (entry / "cmdline").read_bytes()
            except OSError:  # it has just ended
                continue
            if mark.encode() in arguments:
                found.append(int(entry.name))
    return found


def main() -> int:
    one = Wanted(**json.loads(sys.stdin.readline()))
    finished, text = run(one)
    print(json.dumps({**asdict(finished), "text": text}))
    return 0


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for one command; it may have taken away its own rights."""
    return tempfile.TemporaryDirectory(prefix="mask-command-", ignore_cleanup_errors=True)


if __name__ == "__main__":
    sys.exit(main())
