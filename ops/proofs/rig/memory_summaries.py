"""Summaries of old memories: what is wrong is noticed, and no kill loses or doubles anything.

First the judgement: talk with planted facts in three languages, summaries that are right but
spelled otherwise, and summaries that are wrong in one way. Then kill -9, again and again, of a
process that summarises and archives. The naive way (one shot, no check, a commit for each step)
runs beside both.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from core.clock import SystemClock
from core.db import Transaction, open_sqlite
from core.memory import key_facts, points
from core.memory.links import Links
from core.memory.search import Search
from core.memory.search_model import ItemKind, Query
from core.memory.tables import archives, messages, records, summaries, summary_sources
from core.runs.model import Label, RunState
from core.runs.tables import runs
from ops.environment import ROOT, variables
from ops.proofs.naive import memory_summaries as naive
from ops.proofs.rig import memory_summaries_home as ours
from ops.proofs.rig.memory_summaries_texts import LANGUAGES, Wrong, talk, wronged
from ops.proofs.rig.report import Dose, Verdict, table

#: Batches that are judged at the full dose, and old memories for each kill.
JUDGED, A_KILL = 900, 250
#: The least part of such summaries that must be refused. A made-up Arabic name passes where it
#: differs from one of the talk in a letter only that Arabic also writes before names.
PROMISED = {Wrong.LEFT_OUT: 1.0, Wrong.NUMBER: 1.0, Wrong.DATE: 1.0, Wrong.NAME: 0.98}
#: The kill comes this many seconds after the process began to work.
MOMENT_S = (0.05, 0.6)
#: How much later the clock is with each new process: more than a lease.
STEP_S = 10.0
PATIENCE_S = 300.0
#: The engine gives a run up when so many processes died with it (core.runs.engine.MOST_ATTEMPTS).
CRASHED = "run-keeps-crashing"
#: Archived memories that are searched for afterwards.
SEARCHED = 40


def prove(dose: Dose, *, seed: int = 1) -> Verdict:
    """The judgement, then the kills; the naive way first."""
    verdict = Verdict("summaries")
    judge(verdict, dose, random.Random(f"judge {seed}"))  # noqa: S311 - reproducible, not secret
    kill(verdict, dose, random.Random(f"kill {seed}"))  # noqa: S311
    return verdict


def judge(verdict: Verdict, dose: Dose, dice: random.Random) -> None:
    """Right summaries pass, wrong ones do not."""
    many = dose.of(JUDGED, least=90)
    noticed: Counter[str] = Counter()
    begun = time.monotonic()
    for number in range(many):
        right = talk(LANGUAGES[number % len(LANGUAGES)], dice)
        originals = right.originals(dice)
        cases = [("right", right), *((wrong.value, wronged(right, wrong, dice)) for wrong in Wrong)]
        for name, said in cases:
            written = points.text_of(points.parsed(said.summary(dice), originals))
            noticed[name] += not key_facts.checked(originals, written).is_good
    each_ms = 1000 * (time.monotonic() - begun) / (many * (len(Wrong) + 1))
    rows = [("summary is", "batches", "naive notices", "ours refuses")]
    rows += [(name, str(many), "0", str(noticed[name])) for name in ("right", *Wrong)]
    for line in table(rows):
        verdict.tell(line)
    verdict.tell(f"a judgement takes {each_ms:.1f} ms")
    verdict.expect(noticed["right"] == 0, f"{noticed['right']} right summaries were refused")
    for wrong, share in PROMISED.items():
        is_enough = noticed[wrong] >= share * many
        verdict.expect(is_enough, f"{many - noticed[wrong]} summaries with {wrong} were kept")


def kill(verdict: Verdict, dose: Dose, dice: random.Random) -> None:
    """Kills while it summarises and archives, of both; then the count."""
    texts = [
        f"memory {number:06} costs {number + 7000} taka" for number in range(dose.kills * A_KILL)
    ]
    with tempfile.TemporaryDirectory(prefix="mask-summaries-") as folder:
        home = Path(folder)
        some = texts[: max(len(texts) // 10, 300)]
        naive.fill(home, some)
        killed = campaign(lambda _at: ["naive", folder], max(dose.kills // 4, 4), dice)
        while not naive.is_done(home):
            naive.work(home)
        twice, summed = naive.damage(home, len(some))
        verdict.tell(
            f"naive: {killed} kills, {len(some)} memories, {twice} doubled, "
            f"{summed} too many summarised"
        )
        verdict.expect(twice + summed, "the naive way lost and doubled nothing: it proves nothing")
        ours.fill(home, texts)
        killed = campaign(lambda at: [folder, str(at * STEP_S)], dose.kills, dice)
        finish([folder, str((dose.kills + 1) * STEP_S)])
        verdict.tell(f"ours: {killed} kills")
        verdict.expect(killed >= dose.kills // 2, f"only {killed} kills hit a working process")
        tell(verdict, counted(home, texts), len(texts))


@dataclass(frozen=True)
class Count:
    """What is in the file afterwards."""

    lost: int
    doubled: int
    live: int
    packs: int
    made: int
    summed: int
    sources: int
    unfound: int
    failed: tuple[str, ...]
    damage: tuple[str, ...]


def tell(verdict: Verdict, count: Count, many: int) -> None:
    """The count against the law."""
    heading = ("memories", "summaries", "archives", "lost", "doubled", "not archived", "not found")
    row = (many, count.made, count.packs, count.lost, count.doubled, count.live, count.unfound)
    for line in table([heading, row]):
        verdict.tell(line)
    verdict.expect(not count.lost, f"{count.lost} memories are lost")
    verdict.expect(not count.doubled, f"{count.doubled} memories are there twice")
    verdict.expect(not count.live, f"{count.live} memories were not archived")
    verdict.expect(count.summed == many, f"summaries count {count.summed} of {many} originals")
    verdict.expect(count.sources == many, f"{count.sources} of {many} originals have a summary")
    verdict.expect(not count.unfound, f"{count.unfound} archived memories are not found")
    crashed = count.failed.count(CRASHED)
    verdict.tell(f"{crashed} runs were given up after 50 kills each; the next one went on")
    others = set(count.failed) - {CRASHED}
    verdict.expect(not others, f"runs failed: {others}")
    verdict.expect(not count.damage, f"the database is damaged: {count.damage[:3]}")


def campaign(command: Callable[[int], list[str]], kills: int, dice: random.Random) -> int:
    """Processes one after the other, each killed at its moment; how many were still at work."""
    done = 0
    for at in range(kills):
        process = start(command(at))
        time.sleep(dice.uniform(*MOMENT_S))
        done += process.poll() is None
        process.kill()
        process.wait(10)
        _heard(process)
    return done


def finish(arguments: list[str]) -> None:
    """One that is let finish."""
    process = start(arguments)
    if process.wait(PATIENCE_S):
        raise RuntimeError("the summarising process ended by itself; see above")
    _heard(process)


def start(arguments: list[str]) -> subprocess.Popen[bytes]:
    """A process that has begun to work."""
    command = [sys.executable, "-m", "ops.proofs.rig.memory_summaries_home", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=variables(), stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def _heard(process: subprocess.Popen[bytes]) -> None:
    if process.stdout is not None:
        process.stdout.close()


def counted(folder: Path, texts: list[str]) -> Count:
    """Every memory, wherever its words lie now."""
    db = open_sqlite(folder / "memory.db", ours.KEY)
    with ours.home(folder, SystemClock()) as home, db.read() as tx:
        items = list(home.loads.all_items(tx, 0, 10**9))
        said = Counter(item.text for item in items if item.kind is not ItemKind.SUMMARY)
        search = Search(SystemClock(), home.loads, Links())
        sample = texts[:: max(len(texts) // SEARCHED, 1)]
        unfound = sum(
            text not in {hit.text for hit in search.find(tx, _query(text)).hits} for text in sample
        )
        one = tx.connection.exec_driver_sql
        damage = [row[0] for row in one("PRAGMA integrity_check") if row[0] != "ok"]
        damage += [str(row) for row in one("PRAGMA foreign_key_check")]
        count = Count(
            lost=sum(text not in said for text in texts),
            doubled=sum(many > 1 for many in said.values()),
            live=_many(tx, messages, messages.c.text != "")
            + _many(tx, records, records.c.text != ""),
            packs=_many(tx, archives),
            made=_many(tx, summaries),
            summed=tx.execute(sa.select(sa.func.sum(summaries.c.original_count))).scalar_one() or 0,
            sources=_many(tx, summary_sources),
            unfound=unfound,
            failed=_failed(tx),
            damage=tuple(damage),
        )
    db.close()
    return count


def _failed(tx: Transaction) -> tuple[str, ...]:
    """Why runs have not ended well: an error's code, or the state of one that has not ended."""
    query = sa.select(runs.c.state, runs.c.error).where(runs.c.state != RunState.DONE)
    return tuple((row.error or {}).get("code", row.state) for row in tx.execute(query))


def _query(text: str) -> Query:
    return Query(words=" ".join(text.split()[1:4]), reader=Label.PRIVATE, is_archived=True)


def _many(tx: Transaction, of: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    found = tx.execute(sa.select(sa.func.count()).select_from(of).where(*where))
    return int(found.scalar_one())
