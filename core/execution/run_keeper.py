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
# ruff: noqa: PTH100, PTH115, PTH116, PTH123, PTH208
import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

CONTROL, REPORT = 0, 1
CHANGED = "changed"
PR_SET_CHILD_SUBREAPER = 36
#: Seconds between two counts of the tree, and until what cannot be killed is reported.
COUNT_EVERY_S, GIVE_UP_S = 0.1, 10.0


def main() -> int:
    """Run the plan to its end; 0 whatever became of the command, which is in the report."""
    sys.path.insert(0, os.path.abspath(f"{__file__}/../../.."))
    if sys.argv[1:] == ["--try-namespaces"]:
        return try_namespaces()
    line, orders = _first_line()
    plan = json.loads(line)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for fd in plan["ours"]:
        os.set_inheritable(fd, False)
    wake_read, wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK) if _linux() else _pipe()
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    child, why = start(plan)
    for fd in (*plan["ours"], *plan["handed_on"]):
        os.close(fd)
    if why is None:
        _report(begun=child)
    watch = Watch(child, plan, orders)
    killed = None if why else watch.until_over(wake_read)
    left = watch.end_all()
    why = why or watch.why
    _report(ended=True, exit_code=watch.exit_code, killed=killed, why=why, left=left)
    return 0


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
    os.setsid()  # whoever signals its own group does not reach the keeper
    os.dup2(plan["stdin"], 0)
    os.dup2(plan["stdout"], 1)
    os.dup2(plan["stdout"], 2)
    if sys.platform == "linux":
        from core.execution import run_confine

        if plan["namespaces"]:
            run_confine.namespaces()
            _as_first_process(tell)
            run_confine.own_proc()
            _with_init(tell)
        _confine(plan)
    else:
        _limit(plan["limits"])
    os.chdir(plan["cwd"])
    if not _is_unchanged(plan):
        raise OSError(CHANGED)
    program = plan["exe_fd"] if plan["exe_fd"] is not None else plan["exe"]
    os.execve(program, plan["argv"], plan["env"])  # noqa: S606 - this is what it is for


def _confine(plan: dict[str, Any]) -> None:
    from core.execution import run_confine

    _limit(plan["limits"])
    run_confine.first_victim()
    if plan["no_new_privs"]:
        run_confine.no_new_privileges()
    if plan["landlock"] is not None:
        rules = plan["landlock"]
        run_confine.files(rules["reads"], rules["writes"], rules["devices"])
        run_confine.calls(network=rules["network"])


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


def _is_unchanged(plan: dict[str, Any]) -> bool:
    """Is what was pinned still where it was? Marks are those of `pinning.mark_of`; of a folder
    only the first two, which name it."""
    for path, mark in plan["unchanged"]:
        try:
            found = os.stat(path)
        except OSError:
            return False
        now = [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]
        if now[: len(mark)] != mark:
            return False
    return True


class Watch:
    """Follows the tree of one child until it is over."""

    def __init__(self, child: int, plan: dict[str, Any], orders: bytes) -> None:
        self.child = child
        self.exit_code: int | None = None
        self.why: str | None = None
        self._plan = plan
        self._orders = orders
        self._seen: dict[int, str] = {}
        self._has_looked = False

    def until_over(self, wake: int) -> str | None:
        """Returns when the child has ended or everything shall; `killed` when we decided so."""
        poll = select.poll()
        poll.register(CONTROL, select.POLLIN)
        poll.register(wake, select.POLLIN)
        next_count = time.monotonic() + COUNT_EVERY_S
        while not self._obey():
            if self._bury() or self.exit_code is not None:
                self._look_again()
                return None
            ready = {fd for fd, _event in poll.poll(COUNT_EVERY_S * 1000)}
            if wake in ready:
                os.read(wake, 4096)
            if CONTROL in ready and self._is_told_to_end():
                return None
            if time.monotonic() >= next_count:
                next_count = time.monotonic() + COUNT_EVERY_S
                self._look_again()
                if self.why:
                    return None
                if len(list(self._tree())) > self._plan["limits"]["watched"]:
                    return "processes"
        return None

    def end_all(self) -> int:
        """Stop the whole tree, so that nothing grows any more, then kill it; how many are left.
        On Linux it is over when the kernel says that we have no child, elsewhere when no process
        that ever belonged to it is seen."""
        give_up = time.monotonic() + GIVE_UP_S
        while not self._bury() or (sys.platform != "linux" and list(self._tree())):
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in list(self._tree()):
                    _send(pid, number)
            if time.monotonic() > give_up:
                break
            time.sleep(0.002)
        return len(list(self._tree()))

    def _look_again(self) -> None:
        """A sandbox mounts folders by their names: had one been swapped just then, it is swapped
        now. Only once: later a folder may change hands."""
        if self._has_looked or not self._plan["wrapped"]:
            return
        self._has_looked = True
        folders = [
            one for one in self._plan["unchanged"] if len(one[1]) == len(("device", "inode"))
        ]
        if not _is_unchanged({"unchanged": folders}):
            self.why = CHANGED

    def _is_told_to_end(self) -> bool:
        """Read what the worker says; True when it has gone."""
        typed = os.read(CONTROL, 4096)
        self._orders += typed
        return not typed

    def _obey(self) -> bool:
        """Do as the worker said; True when everything shall end now."""
        if b"kill\n" in self._orders:
            return True
        if b"term\n" in self._orders:
            self._orders = b""
            spared = {self.child} if self._plan["wrapped"] else set()
            for pid in list(self._tree()):
                if pid not in spared:
                    _send(pid, signal.SIGTERM)
        return False

    def _bury(self) -> bool:
        """Collect who has ended; True when we have no child any more."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == 0:
                return False
            if pid == self.child:
                self.exit_code = os.waitstatus_to_exitcode(status)

    def _tree(self) -> Iterator[int]:
        """Every living descendant of ours. Where orphans leave us (macOS) also those seen before,
        as long as they were born when they were."""
        processes = dict(listed())
        mine = {os.getpid()}
        grew = True
        while grew:
            found = {pid for pid, (parent, _) in processes.items() if parent in mine} - mine
            mine |= found
            grew = bool(found)
        mine.discard(os.getpid())
        if sys.platform != "linux":
            self._seen |= {pid: processes[pid][1] for pid in mine}
            mine |= {
                pid for pid, born in self._seen.items() if processes.get(pid, (0, ""))[1] == born
            }
        return iter(mine)


if sys.platform == "linux":

    def listed() -> Iterator[tuple[int, tuple[int, str]]]:
        """Every living process: its parent, and a mark of its birth."""
        for name in os.listdir("/proc"):
            if not name.isdecimal():
                continue
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    fields = file.read().rpartition(b")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            # A zombie counts: its first thread may have gone while others run on.
            yield int(name), (int(fields[1]), fields[19].decode())

else:

    def listed() -> Iterator[tuple[int, tuple[int, str]]]:
        """Every living process: its parent, and a mark of its birth."""
        import subprocess

        command = ["/bin/ps", "-axo", "pid=,ppid=,stat=,lstart="]
        asked = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        answer = asked.communicate()[0]
        for line in answer.splitlines():
            pid, parent, state, born = line.split(None, 3)
            if not state.startswith("Z") and int(pid) != asked.pid:
                yield int(pid), (int(parent), born)


def _linux() -> bool:
    return sys.platform == "linux"


def _pipe() -> tuple[int, int]:
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    return read, write


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


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
