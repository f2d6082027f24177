"""The keeper of one command: a small program between this process and what it starts.

    worker  --plan, then `term` / `kill`-->  keeper  --fork, exec-->  command and its tree
            <--begun, ended---------------

Standard library only, one thread, started as `python -I -S run_keeper.py` with the plan as one
JSON line on its input. It adopts every orphan of the tree (PR_SET_CHILD_SUBREAPER), so a daemon
stays its child; it has done when the kernel says that it has no child left. When its input ends,
its worker is dead, and so is the tree. It decides nothing: the plan says what to run, the worker
when to end.

Missing guarantee: without a sandbox and without namespaces a command of the same user can kill
its keeper first; the worker then ends what is left of the session.
"""

from __future__ import annotations

# pathlib would take a third of its start.
# ruff: noqa: PTH100, PTH115
import contextlib
import ctypes
import json
import os
import signal
import sys
from typing import Any

assert sys.platform != "win32", "Windows has run_windows"

CONTROL, REPORT = 0, 1
PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """Run the plan to its end; 0 whatever became of the command, which is in the report."""
    sys.path.insert(0, os.path.abspath(f"{__file__}/../../.."))
    if sys.argv[1:] == ["--try-namespaces"]:
        return try_namespaces()
    from core.execution import run_cgroup, run_tree

    line, orders = _first_line()
    plan = json.loads(line)
    _adopt_orphans()
    plan["group"] = _group(plan)
    for fd in plan["ours"]:
        os.set_inheritable(fd, False)
    wake_read, wake_write = os.pipe()
    for fd in (wake_read, wake_write):
        os.set_blocking(fd, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    child, why = start(plan)
    for fd in (*plan["ours"], *plan["handed_on"]):
        os.close(fd)
    if why is None:
        _report(begun=child)
    watch = run_tree.Watch(child, plan, orders)
    killed = None if why else watch.until_over(wake_read)
    left = watch.end_all()
    why = why or watch.why
    if plan["group"] is not None:
        run_cgroup.remove(plan["group"])
    _report(ended=True, exit_code=watch.exit_code, killed=killed, why=why, left=left)
    return 0


def start(plan: dict[str, Any]) -> tuple[int, str | None]:
    """The child that becomes the command, and why it could not, if so."""
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(ready)
            become(plan, tell)
        except BaseException as error:  # noqa: BLE001 - told to the worker, then the child ends
            os.write(tell, f"{type(error).__name__}: {error}".encode()[:2000])
        finally:
            os._exit(127)
    os.close(tell)
    with contextlib.closing(os.fdopen(ready, "rb")) as answers:
        why = answers.read()
    return child, why.decode("utf-8", "replace") or None


def become(plan: dict[str, Any], tell: int) -> None:
    """Take away what the plan says, then be the command. Runs in the child; does not return."""
    for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    from core.execution import run_tree

    os.setsid()  # whoever signals its own group does not reach the keeper
    os.dup2(plan["stdin"], 0)
    os.dup2(plan["stdout"], 1)
    os.dup2(plan["stdout"], 2)
    _confine(plan, tell)
    os.chdir(plan["cwd"])
    if not run_tree.is_unchanged(plan):
        raise OSError(run_tree.CHANGED)
    program = plan["exe_fd"] if plan["exe_fd"] is not None else plan["exe"]
    os.execve(program, plan["argv"], plan["env"])  # noqa: S606 - this is what it is for


def _limit(bounds: dict[str, int]) -> None:
    """Bounds on this process and its children: bytes of a file, open files, processes."""
    import resource

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

    def _adopt_orphans() -> None:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def try_namespaces() -> int:
        """0 when a command here can have a PID namespace with its own /proc."""
        from core.execution import run_confine

        run_confine.namespaces()
        first = os.fork()
        if first == 0:
            try:
                run_confine.own_proc()
            except OSError:
                os._exit(1)
            os._exit(0 if os.readlink("/proc/self") == "1" else 1)
        return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])

    def _group(plan: dict[str, Any]) -> str | None:
        """Root's processes are bounded by a group, because nothing else bounds them."""
        from core.execution import run_cgroup

        return run_cgroup.make(plan["limits"]["tree"]) if os.getuid() == 0 else None

    def _confine(plan: dict[str, Any], tell: int) -> None:
        from core.execution import run_cgroup, run_confine

        if plan["group"] is not None:
            run_cgroup.enter(plan["group"])

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

    def _adopt_orphans() -> None:
        """Orphans go elsewhere here: the tree is remembered instead."""

    def try_namespaces() -> int:
        """There are none."""
        return 1

    def _group(_plan: dict[str, Any]) -> str | None:
        """There are none."""
        return None

    def _confine(plan: dict[str, Any], _tell: int) -> None:
        _limit(plan["limits"])


def _first_line() -> tuple[bytes, bytes]:
    """The plan, and the orders that came with it."""
    typed = b""
    while b"\n" not in typed:
        piece = os.read(CONTROL, 65536)
        if not piece:
            raise EOFError("no plan")
        typed += piece
    line, _end, orders = typed.partition(b"\n")
    return line, orders


def _report(**facts: Any) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(REPORT, json.dumps(facts).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
