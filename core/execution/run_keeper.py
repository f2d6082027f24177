"""The keeper of one command: a small program between this process and what it starts.

    worker  --plan; `term`, `kill`-->  keeper  --fork ... plan, exec-->  command and its tree
            <--begun, ended----------

Standard library only, one thread; `run_spare` starts it, perhaps before there is a command. It
forks the child that becomes the command, and both wait. It adopts every orphan of the tree
(PR_SET_CHILD_SUBREAPER), so a daemon stays its child; it has done when the kernel says that it has
no child left. When its input ends, its worker is dead, and so is the tree. It decides nothing: the
plan says what to run, the worker when to end.

Missing guarantee: without a sandbox and without namespaces a command of the same user can kill
its keeper first; the worker then ends what is left of the session.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys

from core.execution import run_cgroup, run_child, run_hand_over, run_tree

# typing would take a tenth of its start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

assert sys.platform != "win32", "Windows has run_windows"

CONTROL, REPORT = 0, 1
PR_SET_CHILD_SUBREAPER = 36
TRY_NAMESPACES = "--try-namespaces"


class Seed:
    """The child that becomes a command, once it is told which."""

    def __init__(self, *not_for_it: int) -> None:
        self._ready, tell = os.pipe()
        self._ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            signal.set_wakeup_fd(-1)
            for fd in (*not_for_it, self._ready, self._ours.detach()):
                os.close(fd)
            run_child.wait_and_become(theirs, tell)
        theirs.close()
        os.close(tell)

    def grow(self, plan: dict[str, Any], fds: list[int]) -> str | None:
        """Let it become the command; why it could not, if so."""
        why = b""
        try:
            run_hand_over.hand(self._ours, run_hand_over.packed(plan), fds)
        except OSError as error:
            why = str(error).encode()
        self._ours.close()
        while piece := os.read(self._ready, 4096):
            why += piece
        os.close(self._ready)
        return why.decode("utf-8", "replace") or None

    def wither(self) -> None:
        """There is no command: it ends."""
        self._ours.close()
        os.waitpid(self.pid, 0)


def main() -> int:
    """Run the plan to its end; 0 whatever became of the command, which is in the report."""
    if sys.argv[1] == TRY_NAMESPACES:
        return run_child.try_namespaces()
    door = socket.socket(fileno=int(sys.argv[1]))
    door.set_inheritable(False)
    _adopt_orphans()
    wake_read, wake_write = os.pipe()
    for fd in (wake_read, wake_write):
        os.set_blocking(fd, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    seed = Seed(door.fileno(), wake_read, wake_write)
    group = _group(seed.pid)
    handed = _handed(door, wake_read)
    if handed is None:
        seed.wither()
    else:
        door.close()
        _keep(seed, group, *handed, wake_read)
    if group is not None:
        run_cgroup.remove(group)
    return 0


def _handed(door: socket.socket, wake: int) -> tuple[dict[str, Any], list[int]] | None:
    """The plan and its descriptors, when they come; None when the worker or the child ends before
    that."""
    poll = select.poll()
    for fd in (CONTROL, wake, door.fileno()):
        poll.register(fd, select.POLLIN)
    ready = {fd for fd, _event in poll.poll()}
    if ready != {door.fileno()}:
        return None
    try:
        handed = run_hand_over.received(door)
        if handed is not None:
            door.sendall(run_hand_over.TAKEN)
    except ConnectionError:
        return None
    return handed


def _keep(seed: Seed, group: str | None, plan: dict[str, Any], fds: list[int], wake: int) -> None:
    """One command from its start to the end of its tree."""
    plan["group"] = group
    _report(begun=seed.pid)
    why = _bound(plan) or seed.grow(plan, fds)
    for fd in fds:
        os.close(fd)
    watch = run_tree.Watch(seed.pid, plan)
    killed = None if why else watch.until_over(wake)
    left = watch.end_all()
    why = why or watch.why
    _report(ended=True, exit_code=watch.exit_code, killed=killed, why=why, left=left)


def _bound(plan: dict[str, Any]) -> str | None:
    """Bound the group, if there is one; why that cannot be."""
    if plan["group"] is not None:
        try:
            run_cgroup.bound(plan["group"], plan["limits"]["tree"])
        except OSError as error:
            return str(error)
    return None


if sys.platform == "linux":
    import ctypes

    def _adopt_orphans() -> None:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def _group(child: int) -> str | None:
        """Root's processes are bounded by a group, because nothing else bounds them."""
        return run_cgroup.make(child) if os.getuid() == 0 else None

else:

    def _adopt_orphans() -> None:
        """Orphans go elsewhere here: the tree is remembered instead."""

    def _group(_child: int) -> str | None:
        """There are none."""
        return None


def _report(**facts: Any) -> None:
    try:
        os.write(REPORT, f"{facts!r}\n".encode())
    except BrokenPipeError:
        return
