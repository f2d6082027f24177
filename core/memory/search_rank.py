"""How well a text answers a query; pure.

Relevance first: which of the typed words it has, how rare they are, how exactly they stand there,
how close together, and how long the text is. Recency and importance decide between texts that
answer about as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.memory.search_model import Way

#: Saturation of repeated words and weight of length, as in Okapi BM25.
K1, B = 1.2, 0.4
#: Words of a usual text.
USUAL_WORDS = 35
#: What neighbouring terms add, and phrases; what recency and importance change at most.
CLOSE, PHRASE, RECENT, IMPORTANT = 0.15, 0.3, 0.06, 0.06
#: Days after which half of the recency is left.
HALF_DAYS = 180
DAY_S = 86_400
#: Steps between two terms that count as close.
NEARBY = 3


@dataclass(frozen=True)
class Asked:
    """What is looked for, ready to be compared: for each word of a text, which terms it stands
    for, how well, and whether as a form of it; how much each term says; phrases by their words."""

    stands_for: Mapping[str, Sequence[tuple[int, float, bool]]]
    weights: Sequence[float]
    phrases: Sequence[tuple[str, ...]] = ()

    @property
    def whole(self) -> float:
        return sum(self.weights) + PHRASE * len(self.phrases)


@dataclass(frozen=True)
class Judged:
    """Relevance (0 to about 1.2), and the way that it answers."""

    relevance: float
    way: Way


def judged(asked: Asked, words: Sequence[str]) -> Judged | None:
    """Nothing of the query in it: None."""
    best = [0.0] * len(asked.weights)
    counts = [0] * len(asked.weights)
    forms = [False] * len(asked.weights)
    places: list[tuple[int, int]] = []
    for at, word in enumerate(words):
        for term, weight, is_form in asked.stands_for.get(word, ()):
            forms[term] = forms[term] or is_form
            best[term] = max(best[term], weight)
            counts[term] += 1
            places.append((at, term))
    has = [phrase in _runs(words, len(phrase)) for phrase in asked.phrases]
    if not any(best) and not any(has):
        return None
    length = 1 - B + B * len(words) / USUAL_WORDS
    said = sum(
        weight * each * (count * (K1 + 1) / (count + K1 * length))
        for weight, each, count in zip(asked.weights, best, counts, strict=True)
    )
    total = (said + PHRASE * sum(has)) / (asked.whole or 1.0)
    total += CLOSE * _closeness(places, len(asked.weights))
    return Judged(total, _way(best, forms, has))


def score(relevance: float, at: datetime, importance: int, now: datetime) -> float:
    """Relevance with recency and importance."""
    days = max(0.0, (now - at).total_seconds() / DAY_S)
    recency = math.pow(0.5, days / HALF_DAYS)
    return relevance * (1 + RECENT * recency + IMPORTANT * importance / 100)


def rarity(matches: int, among: int) -> float:
    """How much a term says that `matches` of `among` texts have."""
    return math.log(1 + (max(among, matches) - matches + 0.5) / (matches + 0.5))


def _way(best: Sequence[float], forms: Sequence[bool], has: Sequence[bool]) -> Way:
    if not all(is_form or not each for each, is_form in zip(best, forms, strict=True)):
        return Way.PART
    return Way.ALL if all(best) and all(has) else Way.ANY


def _closeness(places: Sequence[tuple[int, int]], terms: int) -> float:
    """The share of terms that have another one close after them."""
    if terms < 2:  # noqa: PLR2004 - a pair
        return 0.0
    close: set[tuple[int, int]] = set()
    for number, (at, term) in enumerate(places):
        for to, other in places[number + 1 :]:
            if to - at > NEARBY:
                break
            if other != term:
                close.add((min(term, other), max(term, other)))
    return min(1.0, len(close) / (terms - 1))


def _runs(words: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + length]) for at in range(len(words) - length + 1))
