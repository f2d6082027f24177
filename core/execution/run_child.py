"""What becomes a command: the keeper's child, from the hand-over to exec; standard library only.

It is forked ahead, when no command is known yet, and waits for the plan and its descriptors. Takes
away from itself what the plan says, and decides nothing. It ends when its keeper does.
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import socket
import sys

from core.execution import run_hand_over, run_tree

if sys.platform == "linux":
    from core.execution import run_confine

assert sys.platform != "win32", "Windows has run_windows"

# typing would take a tenth of the start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def wait_and_become(place: socket.socket, tell: int) -> None:
    """Wait at `place` for what to become; why that fails goes to `tell`. Does not return."""
    try:
        for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()  # whoever signals its own group does not reach the keeper
        nothing = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):  # the worker's pipes end with the keeper, not with us
            os.dup2(nothing, fd)
        os.close(nothing)
        handed = run_hand_over.received(place)
        place.close()
        if handed is not None:
            plan, fds = handed
            above = max((2, tell, *fds, *plan["handed_on"])) + 1
            tell = _moved(tell, above)
            become(plan, [_moved(fd, above) for fd in fds], tell)
    except BaseException as error:  # noqa: BLE001 - told to the worker, then the child ends
        os.write(tell, f"{type(error).__name__}: {error}".encode()[:2000])
    finally:
        os._exit(127)


def _moved(fd: int, above: int) -> int:
    """The same file far up, out of the way of the numbers that the plan names."""
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, above)
    os.close(fd)
    return moved


def _settle(plan: dict[str, Any], fds: list[int]) -> int | None:
    """Put the descriptors where the plan wants them; where the program is, which stays there."""
    stdin, stdout, *others = fds
    program = others.pop(0) if plan["has_exe_fd"] else None
    for number, fd in ((0, stdin), (1, stdout), (2, stdout)):
        os.dup2(fd, number)
    for number, fd in zip(plan["handed_on"], others, strict=True):
        os.dup2(fd, number)
    for fd in (stdin, stdout, *others):
        os.close(fd)
    return program


def become(plan: dict[str, Any], fds: list[int], tell: int) -> None:
    """Take away what the plan says, then be the command. Does not return. OSError."""
    at = _settle(plan, fds)
    _confine(plan, tell)
    os.chdir(plan["cwd"])
    if not run_tree.is_unchanged(plan):
        raise OSError(run_tree.CHANGED)
    program = plan["exe"] if at is None else at
    os.execve(program, plan["argv"], plan["env"])  # noqa: S606 - this is what it is for


def _limit(bounds: dict[str, int]) -> None:
    """Bounds on this process and its children: bytes of a file, open files, processes."""
    os.umask(0o077)
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, bounds["file_bytes"]),
        (resource.RLIMIT_NOFILE, bounds["open_files"]),
        (resource.RLIMIT_NPROC, bounds["processes"]),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


def _as_first_process(tell: int) -> None:
    """Outside the new namespace: wait for its first process and end as it did."""
    first = os.fork()
    if first:
        os.close(tell)
        _silence()
        _end_as(os.waitpid(first, 0)[1])


def _with_init(tell: int) -> None:
    """As the first process: adopt and bury orphans; when the command ends, everything ends."""
    command = os.fork()
    if command:
        os.close(tell)
        _silence()
        while True:
            pid, status = os.wait()
            if pid == command:
                _end_as(status)


def _silence() -> None:
    """Let go of the command's input and output, and leave SIGTERM to it."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)


def _end_as(status: int) -> None:
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


if sys.platform == "linux":

    def try_namespaces() -> int:
        """0 when a command here can have a PID namespace with its own /proc."""
        run_confine.namespaces()
        first = os.fork()
        if first == 0:
            try:
                run_confine.own_proc()
            except OSError:
                os._exit(1)
            os._exit(0 if os.readlink("/proc/self") == "1" else 1)  # noqa: PTH115
        return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])

    def _confine(plan: dict[str, Any], tell: int) -> None:
        if plan["namespaces"]:
            run_confine.namespaces()
            _as_first_process(tell)
            run_confine.own_proc()
            _with_init(tell)
        _limit(plan["limits"])
        run_confine.first_victim()
        if plan["no_new_privs"]:
            run_confine.no_new_privileges()
        if plan["landlock"] is not None:
            rules = plan["landlock"]
            run_confine.files(rules["reads"], rules["writes"], rules["devices"])
            run_confine.calls(network=rules["network"])

else:

    def try_namespaces() -> int:
        """There are none."""
        return 1

    def _confine(plan: dict[str, Any], _tell: int) -> None:
        _limit(plan["limits"])
