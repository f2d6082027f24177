"""Commands on Linux: bubblewrap, else Landlock, else nothing but limits.

Decides which sandbox there is, by trying each once, and turns a `Launch` into the keeper's plan.
The tree dies with its PID namespace (bubblewrap's, or one of our own where the kernel allows it);
without one, orphans come back to the keeper, which ends them one by one.

Missing guarantees: Landlock knows no files made after the start in a folder that holds hidden
ones, and shows names; without any sandbox the network stays on, whatever was asked; on a machine
whose system calls we do not know bubblewrap keeps other programs' sockets away only where they lie
in /run and /tmp; root's commands have no limit of processes where no control group can be made.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.clock import Clock
from core.errors import Broken, Refused
from core.execution import bwrap, run_confine, run_keeper, run_posix, run_spare
from core.execution.pinning import Pinned
from core.execution.run_plan import Plan
from core.execution.run_port import Finished, Launch, Sandbox, Sink, View
from core.runs.cancel import CancelToken

assert sys.platform == "linux", "other systems have runners of their own"

#: Devices that programs need; all others stay out of reach under Landlock.
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")
PROBE_S = 10
CHUNK = 1024 * 1024
SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
#: More processes in a tree than this end it, whatever its user may do.
WATCHED = 400


@dataclass(frozen=True)
class Found:
    """What this machine has: where bwrap is, whether Landlock holds, own namespaces work."""

    bwrap: str | None
    landlock: bool
    namespaces: bool


class LinuxRunner:
    """`run_port.Runner`. `found` fixes what is used (tests, proofs); None finds out."""

    def __init__(self, clock: Clock, found: Found | None = None) -> None:
        self._clock = clock
        self._found = found
        self._lock = threading.Lock()

    def found(self) -> Found:
        """Tried once in a process."""
        with self._lock:
            if self._found is None:
                self._found = look()
            return self._found

    def sandbox(self, *, privilege: bool = False) -> Sandbox:
        found = self.found()
        if privilege:
            return Sandbox.NONE
        if found.bwrap:
            return Sandbox.BWRAP
        return Sandbox.LANDLOCK if found.landlock else Sandbox.NONE

    def get_ready(self) -> None:
        run_posix.SPARES.get_ready()

    def run(self, launch: Launch, sink: Sink, cancel: CancelToken) -> Finished:
        if launch.sandbox is Sandbox.BWRAP:
            return self._in_bwrap(launch, sink, cancel)
        return run_posix.run(self._bare(launch), launch, sink, cancel, self._clock)

    def _bare(self, launch: Launch) -> Plan:
        """Landlock or nothing: the program is started from its descriptor."""
        landlock = None
        if launch.sandbox is Sandbox.LANDLOCK:
            view = launch.view
            landlock = {
                "reads": list(readable(view, (launch.exe, launch.operand))),
                "writes": list(writable(view)),
                "devices": DEVICES,
                "network": view.network,
            }
        return self._plan(
            launch,
            argv=launch.argv,
            exe_fd=None if launch.exe.is_script else launch.exe.fd,
            namespaces=self.found().namespaces and not launch.privilege,
            landlock=landlock,
        )

    def _in_bwrap(self, launch: Launch, sink: Sink, cancel: CancelToken) -> Finished:
        place = self.found().bwrap
        assert place is not None
        with contextlib.ExitStack() as stack:
            copies = [_copy(stack, launch.exe, executable=True)]
            if launch.operand is not None:
                copies.append(_copy(stack, launch.operand, executable=False))
            status_read, status_write = os.pipe()
            stack.callback(os.close, status_read)
            with os.fdopen(status_write, "wb"):
                filter_fd = _filter(stack)
                handed_on = [*(copy.fd for copy in copies), status_write]
                handed_on += [] if filter_fd is None else [filter_fd]
                wrapper = bwrap.arguments(
                    place,
                    launch.view,
                    cwd=launch.cwd,
                    copies=copies,
                    status_fd=status_write,
                    filter_fd=filter_fd,
                )
                plan = self._plan(
                    launch,
                    argv=[*wrapper, launch.exe.path, *launch.argv[1:]],
                    exe=place,
                    cwd="/",
                    wrapped=True,
                    handed_on=handed_on,
                )
                finished = run_posix.run(plan, launch, sink, cancel, self._clock)
            if finished.killed is None and b'"exit-code"' not in os.read(status_read, 65536):
                raise Broken("sandbox-failed", program=launch.argv[0][:200])
            return finished

    def _plan(  # noqa: PLR0913 - by name only
        self,
        launch: Launch,
        *,
        argv: Iterable[str],
        exe: str | None = None,
        exe_fd: int | None = None,
        cwd: str | None = None,
        wrapped: bool = False,
        namespaces: bool = False,
        landlock: dict[str, object] | None = None,
        handed_on: Iterable[int] = (),
    ) -> Plan:
        pinned = [one for one in (launch.exe, launch.operand) if one is not None]
        return Plan(
            argv=list(argv),
            exe=exe or launch.exe.path,
            exe_fd=exe_fd,
            cwd=cwd or launch.cwd,
            env=dict(launch.env),
            limits=launch.limits,
            unchanged=[
                *((one.path, list(one.mark)) for one in pinned),
                *((path, [device, inode]) for path, device, inode in launch.folders),
            ],
            handed_on=list(handed_on),
            wrapped=wrapped,
            namespaces=namespaces,
            # bwrap does this by itself, and cannot begin without the rights that it takes away.
            no_new_privs=not launch.privilege and not wrapped,
            landlock=landlock,
            processes=launch.limits.processes + running(os.getuid()),
            watched=WATCHED,
        )


def look() -> Found:
    """What works here, each thing tried by really doing it."""
    has_rules = run_confine.landlock_version() > 0 and run_confine.can_filter_calls()
    return Found(bwrap.find(), has_rules, _has_namespaces())


def hidden_from(view: View) -> set[str]:
    """Every folder and file that a command under Landlock may not reach, links resolved."""
    hidden = {*bwrap.SOCKETS, *bwrap.SYSTEM_KEYS, "/dev", *bwrap.hidden_homes(), *view.hidden}
    return {os.path.realpath(path) for path in hidden}


def readable(view: View, pinned: Iterable[Pinned | None]) -> Iterator[str]:
    """What Landlock lets a command read: everything beside the hidden, because its rules can only
    allow. Links are left out: where they lead has a rule of its own."""
    hidden = _Hidden(hidden_from(view))
    tops = (*bwrap.SYSTEM, "/proc", "/sys") if view.is_alone else ("/", *view.shown)
    for top in tops:
        yield from _beside(top, hidden)
    yield from (one.real for one in pinned if one is not None)
    yield from (os.path.realpath(path) for path in bwrap.RESOLVER if view.network)


def writable(view: View) -> Iterator[str]:
    """Where it lets a command write."""
    hidden = _Hidden(hidden_from(view))
    for folder in (*view.writes, view.scratch):
        yield from _beside(os.path.realpath(folder), hidden)


class _Hidden:
    """Paths that are hidden, and every folder above one."""

    def __init__(self, paths: set[str]) -> None:
        self.paths = paths
        self.above: set[str] = set()
        for path in paths:
            above = os.path.dirname(path)  # noqa: PTH120 - hot path
            while above not in self.above:
                self.above.add(above)
                above = os.path.dirname(above)  # noqa: PTH120


def _beside(path: str, hidden: _Hidden) -> Iterator[str]:
    if not os.path.islink(path):  # noqa: PTH114
        yield from _inside(path, hidden)


def _inside(path: str, hidden: _Hidden) -> Iterator[str]:
    """`path`, which is no link, or what of it is not hidden."""
    if path in hidden.paths:
        return
    if path not in hidden.above:
        yield path
        return
    with contextlib.suppress(OSError), os.scandir(path) as entries:  # what we may not list, no more
        found = sorted(entry.path for entry in entries if not entry.is_symlink())
        for each in found:
            yield from _inside(each, hidden)


def running(user: int) -> int:
    """Threads that run as `user`: the kernel counts these against the limit of processes."""
    many = 0
    for name in os.listdir("/proc"):  # noqa: PTH208 - names, not paths
        if name.isdecimal():
            with contextlib.suppress(OSError):  # it has just ended
                tasks = os.stat(f"/proc/{name}/task")  # noqa: PTH116 - a folder for each thread
                many += tasks.st_nlink - 2 if tasks.st_uid == user else 0
    return many


def _has_namespaces() -> bool:
    """Can a process here have a PID namespace with its own /proc? Tried in a process of its own."""
    trial = [*run_spare.PROGRAM, run_keeper.TRY_NAMESPACES]
    try:
        answer = subprocess.run(  # noqa: S603 - our own program
            trial,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_S,
            check=False,
            env=run_spare.BARE,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _copy(stack: contextlib.ExitStack, pinned: Pinned, *, executable: bool) -> bwrap.Copy:
    """The file in memory, sealed against writing, if it still is what was hashed."""
    fd = os.memfd_create("pinned", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    stack.callback(os.close, fd)
    sha256, at = hashlib.sha256(), 0
    while chunk := os.pread(pinned.fd, CHUNK, at):
        sha256.update(chunk)
        os.write(fd, chunk)
        at += len(chunk)
    if sha256.hexdigest() != pinned.sha256:
        raise Refused("command-changed", path=pinned.path)
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, SEALS)
    os.lseek(fd, 0, os.SEEK_SET)
    return bwrap.Copy(pinned.real, fd, executable=executable)


def _filter(stack: contextlib.ExitStack) -> int | None:
    """The filter of system calls for bwrap, where the network may be the command's own; None on a
    machine whose numbers we do not know."""
    if not run_confine.can_filter_calls():
        return None
    fd = os.memfd_create("filter", os.MFD_CLOEXEC)
    stack.callback(os.close, fd)
    os.write(fd, run_confine.call_filter(run_confine.NETWORK))
    os.lseek(fd, 0, os.SEEK_SET)
    return fd
