"""How memory grows: seconds to find and to keep, and bytes, at a thousand to a million memories.

A memory is one to four invented sentences. Finding: questions of every kind (inflected, partial,
mistaken words, digits, mixed scripts), whole sentences, and single common words, each in a read
transaction of its own, by an open reader. Keeping: one memory in one committed transaction, record,
index and all; changing one, with its history. Times are this machine's. LIKE stands beside it.
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
QUESTIONS, KEPT = 240, 200
PORTION = 1000
#: People and places of a language: names make most of a vocabulary.
PEOPLE, PLACES = 3000, 2000
PICTURE = ROOT / "var" / "bench" / "memory.png"


@dataclass(frozen=True)
class Level:
    """What was measured with so many memories. Times in milliseconds."""

    count: int
    find: Sequence[float]
    keep: Sequence[float]
    edit: Sequence[float]
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
    judge(verdict, levels)
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
            while count < level - KEPT:
                few = min(PORTION, level - KEPT - count)
                _write(ours, maker, dice, few, known)
                count += few
            keep = [_timed(lambda: _write(ours, maker, dice, 1, known)) for _ in range(KEPT)]
            count += KEPT
            verdict.tell(f"{level} memories, {time.monotonic() - begun:.0f} s to get there")
            yield _level(ours, maker, dice, level, keep, known)


def tell(verdict: Verdict, levels: Sequence[Level]) -> None:
    rows: list[list[object]] = [
        ["memories", "find p50", "find p95", "LIKE p50", "keep p95", "change p95", "MiB", "x text"]
    ]
    rows += [
        [each.count, f"{statistics.median(each.find):.1f}", f"{_p95(each.find):.1f}",
         f"{each.like:.1f}", f"{_p95(each.keep):.1f}", f"{_p95(each.edit):.1f}",
         f"{each.size('database') / 2**20:.1f}", f"{each.ratio:.2f}"]
        for each in levels
    ]  # fmt: skip
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


def judge(verdict: Verdict, levels: Sequence[Level]) -> None:
    """The goals hold at every level but the ratio, which small databases have no room for."""
    for each in levels:
        found, kept = _p95(each.find), _p95(each.keep)
        verdict.expect(found < SEARCH_MS, f"finding takes {found:.0f} ms of {each.count} memories")
        verdict.expect(kept < KEEP_MS, f"keeping takes {kept:.1f} ms with {each.count} memories")
    last = levels[-1]
    verdict.expect(last.ratio <= RATIO, f"the database is {last.ratio:.1f} times its text")
    if last.count >= LEVELS[2]:
        slow = last.like > _p95(last.find)
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
        "find p95": [_p95(each.find) for each in levels],
        "keep p95": [_p95(each.keep) for each in levels],
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
    ours: Room, maker: Maker, dice: random.Random, count: int, keep: list[float],
    known: Sequence[Made],
) -> Level:  # fmt: skip
    asked = _asked(maker, dice, known)
    for _, words in asked[:20]:
        ours.find(words)
    times = [(kind, _timed(partial(ours.find, words))) for kind, words in asked]
    few = asked[:: len(asked) // 5]
    like = statistics.median(_timed(partial(_like, ours, words)) for _, words in few)
    edit = [_timed(lambda: _edit(ours, dice)) for _ in range(KEPT // 2)]
    with ours.db.read() as tx:
        parts = ours.search.sizes(tx)
    return Level(
        count,
        find=[value for _, value in times],
        keep=keep,
        edit=edit,
        like=like,
        by_kind={
            kind: _p95([value for of, value in times if of == kind])
            for kind in dict.fromkeys(kind for kind, _ in times)
        },
        parts=parts,
    )


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


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]
