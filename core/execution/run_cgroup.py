"""A control group that bounds how many processes a command may have; standard library only.

Needed for root alone: the kernel's own limit of processes does not hold for it, and a fork bomb
would starve whoever wants to end it. Decides where a group can be made (version 1 or 2); runs in
the keeper's process. Without one, root's commands are only counted ten times a second.
"""

from __future__ import annotations

# pathlib and contextlib would take half of the keeper's start.
# ruff: noqa: PTH102, PTH106, PTH110, PTH123, PTH208
# ruff: noqa: SIM105
import os
from collections.abc import Iterator

NAME = "mask-command-"


def make(child: int) -> str | None:
    """The folder of a new group with this child of ours in it; None where none can be made. The
    kernel takes its time for that, so it is done before there is a command."""
    for base in places():
        group = f"{base}/{NAME}{os.getpid()}"
        try:
            _sweep(base)
            os.mkdir(group)
        except OSError:
            continue
        try:
            bound(group, 1)
            _write(f"{group}/cgroup.procs", str(child))
        except OSError:
            os.rmdir(group)
            continue
        return group
    return None


def bound(group: str, most: int) -> None:
    """No more processes than this in the group. OSError."""
    _write(f"{group}/pids.max", str(most))


def members(group: str) -> list[int]:
    """Whom the group holds; much cheaper than a look at every process of the machine."""
    try:
        return [int(line) for line in _lines(f"{group}/cgroup.procs")]
    except OSError:
        return []


def remove(group: str) -> None:
    """The group, when nobody is in it any more; otherwise the next one to come removes it."""
    try:
        os.rmdir(group)
    except OSError:
        pass


def places(mounts: str = "/proc/self/mounts", own: str = "/proc/self/cgroup") -> Iterator[str]:
    """Folders that groups which count processes may be made in: our own group, then the top."""
    groups = dict(_own_groups(own))
    for line in _lines(mounts):
        _device, folder, kind, options, *_rest = line.split(" ")
        controllers = options.split(",")
        if kind == "cgroup2" or (kind == "cgroup" and "pids" in controllers):
            group = groups.get("" if kind == "cgroup2" else "pids", "/").rstrip("/")
            yield from dict.fromkeys([folder + group, folder])


def _own_groups(path: str) -> Iterator[tuple[str, str]]:
    """The group of this process by controller; "" is version 2."""
    for line in _lines(path):
        _number, controllers, group = line.rstrip("\n").split(":", 2)
        for controller in controllers.split(","):
            yield controller, group


def _sweep(base: str) -> None:
    """Groups whose keepers were killed. One with processes in it cannot be removed."""
    for name in os.listdir(base):
        keeper = name.removeprefix(NAME)
        if name != keeper and not os.path.exists(f"/proc/{keeper}"):
            remove(f"{base}/{name}")


def _lines(path: str) -> list[str]:
    with open(path, encoding="utf-8") as file:
        return file.readlines()


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
