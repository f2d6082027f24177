"""Eight processes write a thousand memories each while one summarises: all are there, once.

Every memory is a transaction of its own, with its stamp, its place in the index and the fsync of a
commit. The naive way, a JSON file that every process reads, extends and writes, runs first.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import sqlalchemy as sa

from core.clock import SystemClock
from core.db import Transaction, open_sqlite
from core.memory.archives import Archives
from core.memory.clocks import Clocks
from core.memory.links import Links
from core.memory.loading import Loads
from core.memory.search import Search
from core.memory.search_index import Index
from core.memory.search_model import Query
from core.memory.search_rebuild import Rebuild
from core.memory.tables import memory_state, records, summaries
from core.runs.model import Label
from ops.environment import ROOT, variables
from ops.proofs.rig import memory_summaries, memory_summaries_home, memory_writer
from ops.proofs.rig.report import Dose, Verdict, table

PROCESSES, ITEMS, OLD, NAIVE_ITEMS = 8, 1000, 1500, 150
PATIENCE_S = 500.0
#: Written memories that are searched for afterwards.
SEARCHED = 40


def prove(dose: Dose) -> Verdict:
    """The naive way first."""
    verdict = Verdict("writing")
    with tempfile.TemporaryDirectory(prefix="mask-writing-") as folder:
        many = dose.of(NAIVE_ITEMS, least=20)
        left = naive(Path(folder), many)
        wanted = PROCESSES * many
        verdict.tell(f"naive (one JSON file): {left} of {wanted} memories are there")
        verdict.expect(left < wanted, "the naive way lost nothing: the proof proves nothing")
    with tempfile.TemporaryDirectory(prefix="mask-writing-") as folder:
        ours(verdict, Path(folder), dose.of(ITEMS, least=50), dose.of(OLD, least=150))
    return verdict


def naive(folder: Path, many: int) -> int:
    """How many memories are left of those that were written."""
    writers = [start("naive", str(folder), str(number), str(many)) for number in range(PROCESSES)]
    let_go(writers)
    return len(json.loads((folder / "memory.json").read_text("utf-8")))


def ours(verdict: Verdict, folder: Path, many: int, old: int) -> None:
    """The writers and the one that summarises, at once."""
    texts = [f"an old memory of {number} apples, number {number * 31}" for number in range(old)]
    memory_summaries_home.fill(folder, texts)
    writers = [start(str(folder), str(number), str(many)) for number in range(PROCESSES)]
    summarising = memory_summaries.start([str(folder), "0"])
    begun = time.monotonic()
    took = [each for line in let_go(writers) for each in json.loads(line)]
    elapsed = time.monotonic() - begun
    was_summarising = summarising.poll() is None
    failed = summarising.wait(PATIENCE_S)
    if summarising.stdout is not None:
        summarising.stdout.close()
    took.sort()
    verdict.tell(
        f"ours: {len(took)} memories by {PROCESSES} processes in {elapsed:.1f} s, "
        f"{len(took) / elapsed:.0f} a second; each {statistics.median(took):.1f} ms, "
        f"p95 {took[int(len(took) * 0.95)]:.1f} ms, slowest {took[-1]:.0f} ms"
    )
    verdict.expect(not failed, "the process that summarises failed")
    verdict.tell(f"summarising {'was still going on' if was_summarising else 'was done'} then")
    tell(verdict, folder, many)


def tell(verdict: Verdict, folder: Path, many: int) -> None:
    """What is in the file, against what was written."""
    db = open_sqlite(folder / "memory.db", memory_summaries_home.KEY)
    clock, index = SystemClock(), Index()
    clocks = Clocks(clock, "home")
    loads = Loads(Archives(clock, clocks, index, "home"))
    wanted = [
        memory_writer.text_of(number, at) for number in range(PROCESSES) for at in range(many)
    ]
    with db.read() as tx:
        rows = tx.execute(sa.select(records.c.text, records.c.born, records.c.clock)).all()
        said = Counter(row.text for row in rows if row.text.startswith("process"))
        stamps = Counter(row.born for row in rows)
        newest = tx.execute(
            sa.select(memory_state.c.value).where(memory_state.c.name == "clock")
        ).scalar_one()
        made = tx.execute(sa.select(sa.func.count()).select_from(summaries)).scalar_one()
        search = Search(clock, loads, Links())
        sample = wanted[:: len(wanted) // SEARCHED]
        unfound = [text for text in sample if not found(tx, search, text)]
        damage = [r[0] for r in tx.connection.exec_driver_sql("PRAGMA integrity_check")]
        ghosts = Rebuild(clock, loads, index).check(tx)
    db.close()
    lost = [text for text in wanted if text not in said]
    doubled = [text for text, times in said.items() if times > 1]
    same = sum(times > 1 for times in stamps.values())
    heading = ("written", "there", "lost", "doubled", "same stamp", "not found", "summaries")
    values = (len(wanted), len(said), len(lost), len(doubled), same, len(unfound), made)
    for line in table([heading, values]):
        verdict.tell(line)
    verdict.expect(not lost, f"{len(lost)} memories are lost")
    verdict.expect(not doubled, f"{len(doubled)} memories are there twice")
    verdict.expect(not same, f"{same} stamps were given twice")
    verdict.expect(newest >= max(row.clock for row in rows), "a stamp is above the clock")
    verdict.expect(not unfound, f"{len(unfound)} memories are not found: {unfound[:2]}")
    verdict.expect(damage == ["ok"], f"the database is damaged: {damage[:3]}")
    verdict.expect(not ghosts, f"the index is not whole: {ghosts[:3]}")
    verdict.expect(made, "nothing was summarised meanwhile")


def found(tx: Transaction, search: Search, text: str) -> bool:
    number = text.split()[-2]
    hits = search.find(tx, Query(words=number, reader=Label.PRIVATE)).hits
    return text in {hit.text for hit in hits}


def start(*arguments: str) -> subprocess.Popen[str]:
    """A writer that waits for the word."""
    command = [sys.executable, "-m", "ops.proofs.rig.memory_writer", *arguments]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=variables(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def let_go(writers: list[subprocess.Popen[str]]) -> list[str]:
    """All at once, to their ends; what they printed."""
    for each in writers:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    told = [each.communicate(timeout=PATIENCE_S)[0] for each in writers]
    if any(each.returncode for each in writers):
        raise RuntimeError("a writing process ended by itself; see above")
    return told
