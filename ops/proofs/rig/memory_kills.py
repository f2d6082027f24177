"""kill -9 during writes, summaries, archiving, mirroring and changes of the key, all at once.

After each kill: one key opens the file and every page of it, the integrity check finds nothing,
the mirror is whole. At the end: what was acknowledged is there once, readable wherever it lies by
now, and no original is in two summaries. The control does the same in the usual way: a copy under
a new key that takes the place of the old file, and a mirror that is written where it lies.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import sqlalchemy as sa

from core.database_keys import PAGE_BYTES, is_sound
from core.errors import Refused
from core.memory.rest_model import Damage
from core.memory.search_model import ItemKind
from core.memory.tables import archives, messages, records, summaries, summary_sources
from ops.environment import ROOT
from ops.proofs.rig.memory_kills_worker import Naive
from ops.proofs.rig.memory_rest_home import Home, home, repair_of
from ops.proofs.rig.report import Dose, Verdict

#: Seconds after the first commit in which a kill falls, and the longest wait for that commit.
MOMENT_S, PATIENCE_S = (0.02, 1.2), 60.0
NAIVE_KILLS = 6


def prove(dose: Dose, *, seed: int = 1) -> Verdict:
    """The control first."""
    verdict = Verdict("kills")
    dice = random.Random(f"memory {seed}")  # noqa: S311 - reproducible, not secret
    with tempfile.TemporaryDirectory(prefix="mask-kills-") as name:
        _control(verdict, Path(name) / "naive", max(NAIVE_KILLS, dose.kills // 6), dice)
        folder = Path(name) / "ours"
        acknowledged: list[str] = []
        drafts = 0
        for number in range(dose.kills):
            said, complaint = _round(folder, str(number), dice.uniform(*MOMENT_S))
            acknowledged += said
            verdict.expect(not complaint, f"a worker ended by itself: {complaint}")
            drafts += len([p for p in folder.glob(".memory_backup.json.*") if p.suffix != ".lock"])
            _look(verdict, folder, number)
        _count(verdict, folder, acknowledged, dose.kills)
        verdict.tell(f"{drafts} of {dose.kills} kills fell into a mirror being written")
    return verdict


def _round(folder: Path, number: str, moment_s: float, *more: str) -> tuple[list[str], str]:
    """One worker, killed; what it acknowledged, and what it complained of when it ended itself."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "ops.proofs.rig.memory_kills_worker", str(folder), number, *more],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert worker.stdout is not None
    assert worker.stderr is not None
    lines: list[str] = []
    errors: list[str] = []
    began = threading.Event()

    def read() -> None:
        for line in worker.stdout or ():
            lines.append(line)
            began.set()
        began.set()

    readers = [
        threading.Thread(target=read),
        threading.Thread(target=lambda: errors.extend(worker.stderr or ())),
    ]
    for reader in readers:
        reader.start()
    if not began.wait(PATIENCE_S):
        errors.append("it wrote nothing")
    time.sleep(moment_s)
    ended = worker.poll()
    worker.kill()
    worker.wait(10)
    for reader in readers:
        reader.join()
    worker.stdout.close()
    worker.stderr.close()
    told = "".join(errors[-6:]) if ended is not None else ""
    return [line[2:].rstrip("\n") for line in lines if line.endswith("\n")], told


def _look(verdict: Verdict, folder: Path, number: int) -> None:
    """What must hold after each kill."""
    with home(folder) as ours:
        found = ours.integrity.check()
        verdict.expect(
            found.damage is Damage.NONE, f"kill {number}: {found.damage} {found.findings[:2]}"
        )
        verdict.expect(ours.db.empty_wal(), f"kill {number}: the WAL cannot be emptied")
        key = ours.keys.key(ours.rekey.generation())
        content = ours.path.read_bytes()
        bad = [
            page
            for page in range(1, len(content) // PAGE_BYTES + 1)
            if not is_sound(key, page, content[(page - 1) * PAGE_BYTES : page * PAGE_BYTES])
        ]
        verdict.expect(not bad, f"kill {number}: pages {bad[:5]} are under another key")
        try:
            rows = sum(1 for _ in ours.memory.mirror.read())
        except Refused as error:
            verdict.expect(error.code == "mirror-missing", f"kill {number}: {error.code}")
        else:
            verdict.expect(rows, f"kill {number}: the mirror is empty")


def _count(verdict: Verdict, folder: Path, acknowledged: list[str], kills: int) -> None:
    """Everything that was acknowledged, wherever its words lie by now."""
    with home(folder) as ours:
        said, noted = _texts(ours, ItemKind.MESSAGE), _texts(ours, ItemKind.RECORD)
        with ours.db.read() as tx:
            packed = {
                name: tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for name, table in (("summaries", summaries), ("archives", archives))
            }
            sources = tx.execute(
                sa.select(sa.func.count()).select_from(summary_sources)
            ).scalar_one()
            moved = tx.execute(
                sa.select(sa.func.count()).where(messages.c.archive_id.is_not(None))
            ).scalar_one()
        generation = ours.rekey.generation()
    asked = Counter(acknowledged)
    lost = [text for text in asked if not said[text] or not noted[text]]
    doubled = [text for text in said if said[text] > 1 or noted[text] > 1]
    halves = [text for text in set(said) | set(noted) if said[text] != noted[text]]
    verdict.tell(
        f"{kills} kills: {len(acknowledged)} writes acknowledged, {sum(said.values())} there; "
        f"{packed['summaries']} summaries of {sources} originals, {packed['archives']} archives "
        f"with {moved} messages, {generation} changes of the key"
    )
    verdict.expect(len(acknowledged) > kills, "hardly anything was written: nothing is proved")
    verdict.expect(moved and packed["summaries"], "nothing was archived: nothing is proved")
    verdict.expect(generation > kills // 4, "the key hardly ever changed: nothing is proved")
    verdict.expect(not lost, f"{len(lost)} lost, such as {lost[:3]}")
    verdict.expect(not doubled, f"{len(doubled)} doubled, such as {doubled[:3]}")
    verdict.expect(not halves, f"{len(halves)} transactions are there by half: {halves[:3]}")
    repair = repair_of(folder)
    verdict.expect(repair.check().damage is Damage.NONE, "the closed file is not whole")


def _texts(ours: Home, kind: ItemKind) -> Counter[str]:
    """The words of every message or record, opened from its archive where it lies there."""
    table = messages if kind is ItemKind.MESSAGE else records
    with ours.db.read() as tx:
        rows = [(kind, int(seq)) for (seq,) in tx.execute(sa.select(table.c.seq))]
        found: Counter[str] = Counter()
        for at in range(0, len(rows), 500):
            found.update(ours.memory.loads.texts(tx, rows[at : at + 500]).values())
    return found


def _control(verdict: Verdict, folder: Path, kills: int, dice: random.Random) -> None:
    """It must lose something, or leave something that cannot be read."""
    acknowledged: list[str] = []
    unreadable = torn = 0
    for number in range(kills):
        said, _ = _round(folder, str(number), dice.uniform(*MOMENT_S), "naive")
        acknowledged += said
        try:
            json.loads((folder / "plain.json").read_text("utf-8"))
        except (OSError, ValueError):
            torn += 1
    try:
        rows = {text for (text,) in Naive(folder).opened().execute("SELECT text FROM items")}
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing can be read any more
        verdict.tell(f"control: the file does not open: {error}")
        rows, unreadable = set(), 1
    lost = len(set(acknowledged) - rows)
    verdict.tell(
        f"control, {kills} kills: {lost} of {len(acknowledged)} acknowledged writes lost, "
        f"{torn} mirrors torn"
    )
    verdict.expect(lost or unreadable, "the control lost nothing: the harness proves nothing")
