"""Is what was said found again? 300 questions over 10,000 invented items, in three languages.

Recall at 10: of the items that answer a question by how it was made, the share among the first ten
hits. FTS5 as it comes and LIKE answer the same questions beside it, and must not do as well. A
second set of questions, by another seed, tells whether ours only knows the first one. Synonyms are
counted apart: words alone cannot find them, a model of meanings can; a fake one stands for it.
What the cut to the newest MOST_RANKED costs is measured by cutting earlier: of 10,000 items few
words have more matches than that.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from core.memory.search_fakes import FakeEmbedder
from core.memory.search_model import MOST_RANKED, ItemKind
from ops.proofs.naive.memory_search import DefaultFts, PlainLike
from ops.proofs.rig.memory_room import Room, room
from ops.proofs.rig.memory_texts import LANGUAGES, Maker, Question, Trouble
from ops.proofs.rig.memory_words import SYNONYMS
from ops.proofs.rig.report import Dose, Verdict, table

ITEMS, QUESTIONS, SYNONYM_QUESTIONS = 10_000, 300, 60
FIRST = 10
#: What ours must reach; a naive way that is this near to it proves nothing about the harness.
GOAL, NAIVE_BELOW = 0.98, 0.9
#: Cuts that stand for memories ten and a hundred times as large.
CUTS = (MOST_RANKED, MOST_RANKED // 10, MOST_RANKED // 100)
SEED, OTHER_SEED = 5, 50

Finds = Callable[[str], Sequence[int]]


def prove(dose: Dose) -> Verdict:
    verdict = Verdict("recall")
    count = dose.of(ITEMS, least=3000)
    maker = Maker(SEED)
    items = maker.items(count)
    texts = [item.text for item in items]
    questions = maker.questions(items, dose.of(QUESTIONS, least=60))
    groups = [pair for each in LANGUAGES for pair in SYNONYMS[each]]
    with room(embedder=FakeEmbedder(groups)) as ours:
        begun = time.monotonic()
        numbers = ours.fill(texts)
        verdict.tell(f"{count} items written in {time.monotonic() - begun:.1f} s")
        finds = _ours(ours, numbers)
        _naive(verdict, {"FTS5": DefaultFts(ours.db, texts), "LIKE": PlainLike(ours.db, texts)},
               finds, questions)  # fmt: skip
        _cuts(verdict, ours, numbers, questions)
        _synonyms(verdict, ours, numbers, maker.synonyms(items, SYNONYM_QUESTIONS))
    _other_seed(verdict, count, len(questions))
    return verdict


def recall(finds: Finds, questions: Iterable[Question]) -> float:
    """The mean over the questions."""
    return statistics.fmean(
        len(each.answers & set(finds(each.words)[:FIRST])) / len(each.answers) for each in questions
    )


def _ours(ours: Room, numbers: dict[int, int]) -> Finds:
    return lambda words: [numbers[hit.seq] for hit in ours.find(words).hits]


def _naive(
    verdict: Verdict,
    naive: dict[str, DefaultFts | PlainLike],
    finds: Finds,
    questions: Sequence[Question],
) -> None:
    """Everybody answers every question; by language and by kind of trouble."""
    ways: dict[str, Finds] = {name: way.find for name, way in naive.items()} | {"ours": finds}
    rows: list[list[object]] = [["recall at 10", "questions", *ways]]
    sets = [(str(kind), [q for q in questions if q.trouble is kind]) for kind in Trouble]
    sets += [(each, [q for q in questions if q.language == each]) for each in LANGUAGES]
    sets.append(("all", list(questions)))
    for name, few in sets:
        rows.append([name, len(few), *(f"{recall(way, few):.3f}" for way in ways.values())])
    for line in table(rows):
        verdict.tell(line)
    whole = {name: recall(way, questions) for name, way in ways.items()}
    verdict.expect(whole["ours"] >= GOAL, f"recall at 10 is {whole['ours']:.3f}, below {GOAL}")
    controls = ", ".join(f"{name} {whole[name]:.3f}" for name in naive)
    verdict.tell(f"naive: {controls}; ours {whole['ours']:.3f}")
    for name in naive:
        verdict.expect(
            whole[name] < NAIVE_BELOW, f"{name} does as well: the questions prove nothing"
        )
    times = sorted(_seconds(finds, each.words) for each in questions)
    p95 = times[int(len(times) * 0.95)] * 1000
    verdict.tell(f"a question takes {statistics.median(times) * 1000:.1f} ms, p95 {p95:.1f} ms")


def _cuts(
    verdict: Verdict, ours: Room, numbers: dict[int, int], questions: Sequence[Question]
) -> None:
    """The same with fewer matches ranked, and with all."""
    told = []
    for cut in (10**9, *CUTS):
        finds = _ours(replace(ours, search=ours.searching(cut)), numbers)
        told.append((cut, recall(finds, questions)))
    uncut = told[0][1]
    cost = {cut: uncut - value for cut, value in told[1:]}
    verdict.tell(
        f"cut to the newest matches of a term set (none: {uncut:.3f}): "
        + ", ".join(f"{cut} costs {each:.3f}" for cut, each in cost.items())
    )
    verdict.expect(cost[MOST_RANKED] <= 0.005, f"the cut costs {cost[MOST_RANKED]:.3f} of recall")


def _synonyms(
    verdict: Verdict, ours: Room, numbers: dict[int, int], questions: Sequence[Question]
) -> None:
    """By words alone, and fused with the vectors of a fake model that knows the synonyms."""
    assert ours.meaning is not None
    with ours.db.write() as tx:
        lacking = ours.meaning.lacking(tx, 0, len(numbers))
        texts = ours.loads.texts(tx, [(_kind(kind), source) for _, kind, source, _ in lacking])
        words = [texts[_kind(kind), source] for _, kind, source, _ in lacking]
        ours.meaning.keep(tx, [row[0] for row in lacking], ours.meaning.vectors(words))

    def fused(asked: str) -> list[int]:
        return [numbers[hit.seq] for hit in ours.find(asked, ours.search.meant(asked)).hits]

    alone, together = recall(_ours(ours, numbers), questions), recall(fused, questions)
    verdict.tell(
        f"synonyms, apart: {len(questions)} questions, words alone {alone:.3f}, "
        f"with a fake model of meanings {together:.3f}"
    )
    verdict.expect(together > alone, "fusing with meanings finds no more synonyms")


def _other_seed(verdict: Verdict, count: int, many: int) -> None:
    maker = Maker(OTHER_SEED)
    items = maker.items(count)
    questions = maker.questions(items, many)
    with room() as ours:
        numbers = ours.fill([item.text for item in items])
        value = recall(_ours(ours, numbers), questions)
    verdict.tell(f"another seed: recall at 10 {value:.3f} of {len(questions)} questions")
    verdict.expect(value >= GOAL, f"recall at 10 with another seed is {value:.3f}, below {GOAL}")


def _seconds(finds: Finds, words: str) -> float:
    begun = time.perf_counter()
    finds(words)
    return time.perf_counter() - begun


def _kind(number: int) -> ItemKind:
    return ItemKind(number)
