"""The tree of processes below a keeper: who belongs to it, when it is over, how it ends.

Standard library only, one thread; runs in the keeper's process. Decides nothing but that: it obeys
the worker, and ends the tree when the worker has gone or too many processes are in it.
"""

from __future__ import annotations

# pathlib, contextlib and typing would take half of the keeper's start.
# ruff: noqa: PTH116, PTH123, PTH208, SIM105
import itertools
import os
import select
import signal
import sys
import time
from collections.abc import Iterator

from core.execution import run_cgroup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: What the keeper says when something is not what was pinned.
CHANGED = "changed"

assert sys.platform != "win32", "Windows has jobs"

CONTROL = 0
#: Seconds between two counts of the tree, and until what cannot be killed is reported.
COUNT_EVERY_S, GIVE_UP_S = 0.1, 10.0
#: Rounds against the control group, before whoever left it is looked for.
NEAR_ROUNDS = 20


def is_unchanged(plan: dict[str, Any]) -> bool:
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

    def __init__(self, child: int, plan: dict[str, Any]) -> None:
        self.child = child
        self.exit_code: int | None = None
        self.why: str | None = None
        self._plan = plan
        self._orders = b""
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
                if len(list(self._near())) > self._plan["limits"]["watched"]:
                    return "processes"
        return None

    def end_all(self) -> int:
        """Stop the whole tree, so that nothing grows any more, then kill it; how many are left.
        On Linux it is over when the kernel says that we have no child, elsewhere when no process
        that ever belonged to it is seen."""
        give_up = time.monotonic() + GIVE_UP_S
        self._strike_first()
        rounds = itertools.count()
        while not self._bury() or (sys.platform != "linux" and list(self._tree())):
            whom = self._near if next(rounds) < NEAR_ROUNDS else self._tree
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in list(whom()):
                    _send(pid, number)
            if time.monotonic() > give_up:
                break
            time.sleep(0.002)
        return len(list(self._tree()))

    def _strike_first(self) -> None:
        """The first process of a namespace takes everything in it with it, at once. Found without
        a look at all processes: among hundreds of busy ones that can take seconds."""
        if self._plan["wrapped"] and sys.platform == "linux":
            children = f"/proc/{self.child}/task/{self.child}/children"
            try:
                with open(children, "rb") as file:
                    found = file.read().split()
            except OSError:
                return
            for pid in found:
                _send(int(pid), signal.SIGKILL)

    def _near(self) -> Iterator[int]:
        """The control group where there is one, else the whole tree."""
        if self._plan["group"] is None:
            return self._tree()
        return iter(run_cgroup.members(self._plan["group"]))

    def _look_again(self) -> None:
        """A sandbox mounts folders by their names: had one been swapped just then, it is swapped
        now. Only once: later a folder may change hands."""
        if self._has_looked or not self._plan["wrapped"]:
            return
        self._has_looked = True
        folders = [
            one for one in self._plan["unchanged"] if len(one[1]) == len(("device", "inode"))
        ]
        if not is_unchanged({"unchanged": folders}):
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
    import subprocess

    def listed() -> Iterator[tuple[int, tuple[int, str]]]:
        """Every living process: its parent, and a mark of its birth."""
        command = ["/bin/ps", "-axo", "pid=,ppid=,stat=,lstart="]
        asked = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        answer = asked.communicate()[0]
        for line in answer.splitlines():
            pid, parent, state, born = line.split(None, 3)
            if not state.startswith("Z") and int(pid) != asked.pid:
                yield int(pid), (int(parent), born)


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass
