"""A million opens beneath a root while somebody swaps links: none leads outside.

A process of its own exchanges a folder and a link to a folder outside, as fast as the system can,
while files beneath are read and made. First the plain ways (resolve, check the prefix, open; the
same with O_NOFOLLOW) are shown to escape here. Linux and macOS; nothing of it runs on Windows.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.errors import MaskError
from core.execution import openat2, walk
from core.execution.file_ports import Folder
from ops.environment import ROOT
from ops.proofs.rig.report import Dose, Verdict

assert sys.platform != "win32", "Windows has no exchange of names to race with"

OPENS, LEAST_OPENS = 1_000_000, 20_000
#: The plain ways are tried so often at most, and until they have escaped so often.
NAIVE_OPENS, ENOUGH = 100_000, 20
#: One of so many opens makes a new file instead.
CREATES_EVERY = 20
#: The walk, which is the second way, gets this part of the opens.
WALKS = 0.2
INSIDE, OUTSIDE = b"inside\n", b"CANARY\n"


@dataclass
class Tally:
    """How opens ended."""

    inside: int = 0
    refused: int = 0
    escaped: int = 0

    @property
    def opens(self) -> int:
        return self.inside + self.refused + self.escaped

    def __str__(self) -> str:
        ends = f"{self.inside} inside, {self.refused} refused, {self.escaped} escaped"
        return f"{self.opens} opens: {ends}"


def prove(dose: Dose) -> Verdict:
    """The plain ways, then ours: in one call where the kernel has it, and name by name."""
    verdict = Verdict("opens")
    many = dose.of(OPENS, least=LEAST_OPENS)
    for name, way in (("resolve and open", by_resolving), ("the same, O_NOFOLLOW", by_nofollow)):
        with arena() as place:
            tally = opened(partial(way, place), NAIVE_OPENS, enough=ENOUGH)
        verdict.tell(f"naive: {name}: {tally}")
        verdict.expect(tally.escaped, f"{name} never escaped: the race proves nothing")
    if openat2.is_available():
        judge(verdict, "openat2", many, one_call=True)
        many = max(round(many * WALKS), LEAST_OPENS)
    judge(verdict, "walk", many, one_call=False)
    return verdict


def judge(verdict: Verdict, name: str, count: int, *, one_call: bool) -> None:
    """One of our ways."""
    with arena() as place:
        begun = time.monotonic()
        tally = ours(place, count, one_call=one_call)
        rate = count / (time.monotonic() - begun)
        left = sorted(path.name for path in (place / "outside").iterdir())
    verdict.tell(f"ours:  {name}: {tally} ({rate:.0f} a second)")
    verdict.expect(not tally.escaped, f"{name}: {tally.escaped} escapes")
    verdict.expect(left == ["f"], f"{name}: files were made outside: {left}")
    has_met = min(tally.inside, tally.refused) > count // 100
    verdict.expect(has_met, f"{name}: the swaps did not meet the opens: {tally}")


@contextlib.contextmanager
def arena() -> Iterator[Path]:
    """A root with a folder that somebody keeps swapping for a link to `outside`."""
    with tempfile.TemporaryDirectory(prefix="mask-opens-") as folder:
        place = Path(folder)
        for name, content in (("root/box", INSIDE), ("outside", OUTSIDE)):
            (place / name).mkdir(parents=True)
            (place / name / "f").write_bytes(content)
        (place / "root/link").symlink_to(place / "outside")
        code = f"from ops.proofs.rig.opens import swap; swap({str(place / 'root')!r})"
        with subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE
        ) as swapper:
            try:
                assert swapper.stdout is not None
                assert swapper.stdout.readline() == b"swapping\n"
                yield place
            finally:
                swapper.kill()


def swap(root: str) -> None:
    """Exchange `box` and `link` in `root` until killed."""
    folder = os.open(root, os.O_RDONLY)
    print("swapping", flush=True)
    while True:
        openat2.exchange(folder, "box", "link")


def by_resolving(place: Path) -> bytes:
    """The plain way: resolve, check the prefix, open."""
    path = os.path.realpath(place / "root/box/f")
    if not path.startswith(f"{os.path.realpath(place / 'root')}/"):
        raise PermissionError(path)
    with open(place / "root/box/f", "rb") as file:  # noqa: PTH123
        return file.read()


def by_nofollow(place: Path) -> bytes:
    """The same, not following a link at the end."""
    path = os.path.realpath(place / "root/box/f")
    if not path.startswith(f"{os.path.realpath(place / 'root')}/"):
        raise PermissionError(path)
    with os.fdopen(os.open(place / "root/box/f", os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
        return file.read()


def opened(way: Callable[[], bytes], count: int, *, enough: int | None = None) -> Tally:
    """So many tries of one way; ends early once it has escaped often enough."""
    tally = Tally()
    for _ in range(count):
        try:
            content = way()
        except (OSError, MaskError):
            tally.refused += 1
            continue
        if content == OUTSIDE:
            tally.escaped += 1
        else:
            tally.inside += 1
        if enough is not None and tally.escaped >= enough:
            break
    return tally


def ours(place: Path, count: int, *, one_call: bool) -> Tally:
    """Reads, and now and then a new file, beneath a root's handle."""
    tally = Tally()
    with walk.PosixFolder.open(place / "root", one_call=one_call) as root:
        reads = opened(lambda: _read(root), count - count // CREATES_EVERY)
        writes = opened(lambda: _create(root), count // CREATES_EVERY)
    for part in (reads, writes):
        tally.inside += part.inside
        tally.refused += part.refused
        tally.escaped += part.escaped
    return tally


def _read(root: Folder) -> bytes:
    with root.beneath(["box"]) as folder, os.fdopen(folder.read("f"), "rb", buffering=0) as file:
        return file.read()


def _create(root: Folder) -> bytes:
    """Make a file and leave it to the arena: one that is outside is found there afterwards."""
    with root.beneath(["box"]) as folder, contextlib.suppress(FileExistsError):
        os.close(folder.create("new"))
    return INSIDE
