"""Fifty planted strings, and every file of a home searched for them.

They are said, remembered, summarised, kept as preferences, threads, notices and arguments of runs,
put into statements that fail, exported into the mirror. Then the process is killed, so that the
WAL stays as it is. The control is the same on a plain database with a plain copy beside it: the
search must find them there, else it does not look.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.ids import random_token
from ops.environment import ROOT
from ops.proofs.rig.report import Dose, Verdict

PLANTED = 50
#: Ways in which a word may stand in a file.
SPELLINGS = ("utf-8", "utf-16-le", "utf-16-be")


def prove(_dose: Dose) -> Verdict:
    """Ours, then the control."""
    verdict = Verdict("rest")
    with tempfile.TemporaryDirectory(prefix="mask-rest-") as name:
        folder = Path(name)
        ours = _searched(verdict, "ours", folder / "ours")
        plain = _searched(verdict, "control, a plain database and copy", folder / "plain")
        again = _searched(verdict, "ours, with a new key under it", folder / "again")
    verdict.expect(plain == PLANTED, f"the search found only {plain} in plain files: it is vacuous")
    verdict.expect(not ours, f"{ours} strings lie readable on the disk")
    verdict.expect(not again, f"{again} strings lie readable after a new key")
    return verdict


def _searched(verdict: Verdict, what: str, folder: Path) -> int:
    """Fill a home in a process that is killed; how many strings its files give away."""
    strings = [f"গোপন-{random_token()}-{number:02}" for number in range(PLANTED)]
    files = _left_by(folder, strings)
    found = {string for path in files for string in seen_in(path.read_bytes(), strings)}
    size = sum(path.stat().st_size for path in files)
    names = sorted({path.name for path in files})
    verdict.tell(f"{what}: {len(found)} of {PLANTED} in {len(files)} files, {size} bytes")
    verdict.tell(f"  searched: {', '.join(names)}")
    if folder.name != "plain":
        for part in ("memory.db", "memory.db-wal", "memory_backup.json", "worker.log"):
            there = folder.joinpath(part).exists() and folder.joinpath(part).stat().st_size
            verdict.expect(there, f"{part} is not there or empty: nothing was searched")
    return len(found)


def _left_by(folder: Path, strings: Sequence[str]) -> list[Path]:
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
    variables = {"TMPDIR": str(temporary), "SQLITE_TMPDIR": str(temporary), "MASK_LOG_LEVEL": ""}
    with (folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "ops.proofs.rig.memory_rest_worker", str(folder)],
            cwd=ROOT,
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(json.dumps(list(strings)).encode() + b"\n")
        worker.stdin.flush()
        said = worker.stdout.readline().strip()
        worker.kill()  # as it stands: WAL, drafts and all
        worker.wait(10)
        worker.stdin.close()
        worker.stdout.close()
    if said != b"done":
        tail = (folder / "worker.log").read_text("utf-8", "replace")[-2000:]
        raise RuntimeError(f"the worker did not get to its end: {tail}")
    return [path for path in folder.rglob("*") if path.is_file()]


def seen_in(content: bytes, strings: Sequence[str]) -> Iterator[str]:
    """Which of the strings a file gives away."""
    for string in strings:
        spelled = [string.encode(name) for name in SPELLINGS]
        spelled.append(json.dumps(string)[1:-1].encode())
        spelled += [base64.b64encode(string.encode()[at:])[1:-4] for at in range(3)]
        if any(each in content for each in spelled):
            yield string
