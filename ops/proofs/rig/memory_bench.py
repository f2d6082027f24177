"""How memory grows: seconds to find and to keep, and bytes, at a thousand to a million memories.

A memory is one to four invented sentences. Finding: questions of every kind (inflected, partial,
mistaken words, digits, mixed scripts), whole sentences, and single common words, each in a read
transaction of its own, by an open reader. Keeping: one memory in one committed transaction, record,
index and all; changing one, with its history. Times are this machine's, of the quietest of ROUNDS
rounds, with the processor's own time beside them: others may be at work here. LIKE stands beside.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.memory.search_model import Part
from ops.environment import ROOT
from ops.proofs.rig.memory_room import ACTOR, Room, room
from ops.proofs.rig.memory_texts import Made, Maker, Trouble
from ops.proofs.rig.report import Dose, Verdict, table

FULL = 1_000_000
LEVELS = (1_000, 10_000, 100_000, 1_000_000)
#: What holds at every level: milliseconds at the 95th percentile, and bytes per byte of text.
SEARCH_MS, KEEP_MS, RATIO = 50.0, 10.0, 5.0
QUESTIONS, KEPT, ROUNDS = 240, 100, 3
PORTION = 1000
#: People and places of a language: names make most of a vocabulary.
PEOPLE, PLACES = 3000, 2000
PICTURE = ROOT / "var" / "bench" / "memory.png"


@dataclass(frozen=True)
class Timed:
    """Milliseconds of each of some calls, by the wall and by the processor."""

    wall: Sequence[float]
    cpu: Sequence[float]

    @property
    def p50(self) -> float:
        return statistics.median(self.wall)

    @property
    def p95(self) -> float:
        return _p95(self.wall)

    @property
    def cpu_p95(self) -> float:
        return _p95(self.cpu)


@dataclass(frozen=True)
class Level:
    """What was measured with so many memories. Times in milliseconds."""

    count: int
    find: Timed
    keep: Timed
    edit: Timed
    like: float
    by_kind: dict[str, float]
    parts: tuple[Part, ...]

    @property
    def ratio(self) -> float:
        return self.size("database") / self.size("texts")

    def size(self, name: str) -> int:
        return next(part.size for part in self.parts if part.name == name)


def prove(dose: Dose) -> Verdict:
    """A tenth: up to 100,000 memories."""
    verdict = Verdict("bench")
    top = dose.of(FULL, least=LEVELS[1])
    levels = list(measured(verdict, [level for level in LEVELS if level <= top]))
    tell(verdict, levels)
    judge(verdict, levels, is_alone=dose.share >= 1)
    return verdict


def measured(
    verdict: Verdict, levels: Sequence[int], folder: Path | None = None
) -> Iterator[Level]:
    """One memory that grows; what it takes at each level."""
    maker, dice = Maker(7, PEOPLE, PLACES), random.Random(7)  # noqa: S311 - invented texts
    known: list[Made] = []
    with room(folder) as ours:
        count = 0
        for level in levels:
            begun = time.monotonic()
            while count < level - KEPT * ROUNDS:
                few = min(PORTION, level - KEPT * ROUNDS - count)
                _write(ours, maker, dice, few, known)
                count += few
            keep = _quietest([partial(_write, ours, maker, dice, 1, known)] * KEPT)
            count += KEPT * ROUNDS
            verdict.tell(f"{level} memories, {time.monotonic() - begun:.0f} s to get there")
            yield _level(ours, maker, dice, level, keep, known)


def tell(verdict: Verdict, levels: Sequence[Level]) -> None:
    rows: list[list[object]] = [
        ["memories", "find p50", "find p95", "(cpu)", "LIKE p50", "keep p95", "(cpu)",
         "change p95", "(cpu)", "MiB", "x text"]
    ]  # fmt: skip
    for each in levels:
        times = [each.find.p50, each.find.p95, each.find.cpu_p95, each.like, each.keep.p95,
                 each.keep.cpu_p95, each.edit.p95, each.edit.cpu_p95,
                 each.size("database") / 2**20]  # fmt: skip
        rows.append([each.count, *(f"{value:.1f}" for value in times), f"{each.ratio:.2f}"])
    for line in table(rows):
        verdict.tell(line)
    last = levels[-1]
    kinds = ", ".join(f"{name} {value:.1f}" for name, value in last.by_kind.items())
    verdict.tell(f"find p95 by kind at {last.count}: {kinds}")
    texts = last.size("texts")
    verdict.tell(f"a memory has {texts / last.count:.0f} bytes of text; the parts, by text:")
    rest = last.size("database") - sum(p.size for p in last.parts if p.name not in WHOLE)
    for part in (*last.parts, Part("pages, indexes and room", rest)):
        verdict.tell(f"  {part.name:<24} {part.size / 2**20:8.1f} MiB  {part.size / texts:5.2f}")
    verdict.tell(f"drawn: {draw(levels, PICTURE)}")


#: Parts that hold others.
WHOLE = ("texts", "database")


def judge(verdict: Verdict, levels: Sequence[Level], *, is_alone: bool = True) -> None:
    """The goals hold at every level but the ratio, which small databases have no room for. A part
    of the dose runs beside whatever else a machine does: there the processor's time is judged."""
    for each in levels:
        found, kept = each.find.p95, each.keep.p95
        if not is_alone:
            found, kept = each.find.cpu_p95, each.keep.cpu_p95
        verdict.expect(found < SEARCH_MS, f"finding takes {found:.0f} ms of {each.count} memories")
        verdict.expect(kept < KEEP_MS, f"keeping takes {kept:.1f} ms with {each.count} memories")
    last = levels[-1]
    verdict.expect(last.ratio <= RATIO, f"the database is {last.ratio:.1f} times its text")
    if last.count >= LEVELS[2]:
        slow = last.like > last.find.p95
        verdict.tell(f"naive (LIKE): {last.like:.0f} ms where ours takes {last.find.p95:.0f}")
        verdict.expect(slow, "LIKE is as fast: the harness proves nothing")


def draw(levels: Sequence[Level], target: Path) -> Path:
    """The curve: milliseconds and times of the text, by memories. Numbers and names only."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure

    target.parent.mkdir(parents=True, exist_ok=True)
    figure = Figure(figsize=(9, 4), layout="constrained")
    times, sizes = figure.subplots(1, 2)
    counts = [each.count for each in levels]
    curves: dict[str, list[float]] = {
        "find p95": [each.find.p95 for each in levels],
        "keep p95": [each.keep.p95 for each in levels],
        "LIKE p50": [each.like for each in levels],
    }
    for name, values in curves.items():
        times.loglog(counts, values, marker="o", label=name)
    times.axhline(SEARCH_MS, color="grey", linestyle=":")
    times.set_xlabel("memories")
    times.set_ylabel("ms")
    times.legend()
    sizes.semilogx(counts, [each.ratio for each in levels], marker="o", label="database / text")
    sizes.axhline(RATIO, color="grey", linestyle=":")
    sizes.set_ylim(bottom=0)
    sizes.set_xlabel("memories")
    sizes.legend()
    figure.savefig(target, dpi=110)
    return target


def _write(ours: Room, maker: Maker, dice: random.Random, count: int, known: list[Made]) -> None:
    """So many memories, in one transaction; some are noted to be asked for."""
    with ours.db.write() as tx:
        for _ in range(count):
            sentences = maker.items(3)[: dice.randrange(1, 4)]
            sentences = [*sentences, *maker.items(3)[:1]]
            dice.shuffle(sentences)
            ours.remember(tx, ". ".join(each.text for each in sentences))
            if len(known) < QUESTIONS or dice.random() < QUESTIONS / FULL:
                known.append(sentences[0])


def _level(
    ours: Room, maker: Maker, dice: random.Random, count: int, keep: Timed, known: Sequence[Made]
) -> Level:
    asked = _asked(maker, dice, known)
    for _, words in asked[:20]:
        ours.find(words)
    find = _quietest([partial(ours.find, words) for _, words in asked])
    few = asked[:: len(asked) // 5]
    like = _quietest([partial(_like, ours, words) for _, words in few], 1)
    edit = _quietest([partial(_edit, ours, dice)] * KEPT)
    with ours.db.read() as tx:
        parts = ours.search.sizes(tx)
    by_kind: dict[str, list[float]] = {}
    for (kind, _), value in zip(asked, find.wall, strict=True):
        by_kind.setdefault(kind, []).append(value)
    kinds = {kind: _p95(values) for kind, values in by_kind.items()}
    return Level(count, find, keep, edit, like.p50, kinds, parts)


def _asked(maker: Maker, dice: random.Random, known: Sequence[Made]) -> list[tuple[str, str]]:
    """Questions of every kind, alike many."""
    kinds = [*Trouble, "sentence", "common word"]
    made = []
    for number in range(QUESTIONS):
        kind, item = kinds[number % len(kinds)], dice.choice(known)
        if isinstance(kind, Trouble):
            roles = ("noun", "amount") if kind is Trouble.DIGITS else ("noun", "person")
            made.append((str(kind), maker.typed(item, roles, kind)))
        elif kind == "sentence":
            made.append((kind, item.text))
        else:
            made.append((kind, item.lemmas[dice.choice(("noun", "verb", "place"))]))
    return made


def _edit(ours: Room, dice: random.Random) -> None:
    with ours.db.write() as tx:
        newest = tx.connection.exec_driver_sql("SELECT max(seq) FROM records").scalar_one()
        found = tx.connection.exec_driver_sql(
            "SELECT id, text FROM records WHERE seq = ?", (dice.randrange(1, newest + 1),)
        ).one()
        ours.records.edit(tx, found[0], ACTOR, text=found[1] + " again")


def _like(ours: Room, words: str) -> None:
    parts = [f"%{word}%" for word in words.split()]
    both = " AND ".join(["text LIKE ?"] * len(parts))
    query = f"SELECT seq FROM records WHERE {both} ORDER BY seq DESC LIMIT 10"  # noqa: S608
    with ours.db.read() as tx:
        tx.connection.exec_driver_sql(query, tuple(parts)).all()


def _quietest(calls: Sequence[Callable[[], object]], rounds: int = ROUNDS) -> Timed:
    """The round whose slow calls were the fastest."""
    return min((_timed(calls) for _ in range(rounds)), key=lambda each: each.p95)


def _timed(calls: Sequence[Callable[[], object]]) -> Timed:
    walls, cpus = [], []
    for call in calls:
        begun, cpu = time.perf_counter(), time.process_time()
        call()
        walls.append((time.perf_counter() - begun) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    return Timed(walls, cpus)


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]
