"""Which texts a query is compared with: the newest that have all of its words, then some.

Each set of terms brings at most the newest MOST_RANKED matches. Later ways are tried only where
earlier ones bring too little: forms of the words; words they begin; words they are in or that
differ by a mistake; texts with some of the terms only. What is gathered is ordered coarsely, by
which terms a text has and how rare they are; `core.memory.search` reads the best and ranks them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.db import Transaction
from core.memory.search_model import MOST_RANKED, Parsed, Way
from core.memory.search_ports import Chosen, Match, Words
from core.memory.search_rank import Asked, rarity
from core.memory.search_terms import Term, lengthen, terms_of, widen

#: Terms whose texts are listed one by one.
MOST_LISTED = 12
#: From so many terms on, texts that lack one of them are looked for; up to so many.
LEAST_LACKING, MOST_LACKING = 3, 6
#: Of more terms than that, a text with all of them is what was meant.
MOST_DOUBTED = 3
#: Texts with a word, up to which it may be a mistaken one.
FEW = 100
#: How many texts are read: of more, those with the very words as typed come first.
MOST_READ = 80


@dataclass
class Gathered:
    """Rows of the index with their coarse weight; the terms with everything that stands for
    them, and how much each says."""

    terms: list[Term]
    phrases: tuple[str, ...]
    weights: list[float]
    rows: dict[int, float] = field(default_factory=dict)
    with_all: int = 0
    is_cut: bool = False

    def best_first(self) -> list[int]:
        """The newest of equals first."""
        weighed = sorted(((weight, seq) for seq, weight in self.rows.items()), reverse=True)
        return [seq for _, seq in weighed]

    @property
    def usual_way(self) -> Way:
        """Of texts that nobody reads."""
        return Way.ALL if self.with_all else Way.ANY

    def asked(self) -> Asked:
        stands_for: dict[str, list[tuple[int, float, bool]]] = {}
        for number, term in enumerate(self.terms):
            for word, weight in term.forms.items():
                stands_for.setdefault(word, []).append((number, weight, word not in term.others))
        return Asked(stands_for, self.weights, tuple(tuple(p.split()) for p in self.phrases))


class Gathering:
    """Gathers for one query, in one transaction."""

    def __init__(
        self, tx: Transaction, words: Words, chosen: Chosen, most: int = MOST_RANKED
    ) -> None:
        """`most`: matches of a term set that are ranked, the newest."""
        self._tx = tx
        self._words = words
        self._chosen = chosen
        self._most = most

    def gather(self, parsed: Parsed, wanted: int) -> Gathered:
        """Until `wanted` rows are there, or no way is left."""
        terms = terms_of(self._tx, self._words, parsed)
        found = Gathered(terms, parsed.phrases, [1.0] * len(terms))
        for term in terms:
            if not term.is_known:
                lengthen(self._tx, self._words, term)
                widen(self._tx, self._words, term)
        rows = self._with_all(found)
        if len(rows) < (wanted if len(terms) <= MOST_DOUBTED else 1):
            rows = self._with_longer(found)
        self._take(found, rows, float(len(terms) + len(parsed.phrases) + 1))
        found.with_all = len(rows)
        if len(rows) > MOST_READ:
            self._take(found, self._as_typed(found), found.rows[rows[0]] + 1)
        if len(rows) < wanted and len(terms) + len(parsed.phrases) > 1:
            self._some(found)
        return found

    def gather_some(self, parsed: Parsed) -> Gathered:
        """Texts with some of the terms: for what is like another text."""
        terms = terms_of(self._tx, self._words, parsed)
        found = Gathered(terms, (), [1.0] * len(terms))
        self._some(found)
        return found

    def _matching(self, match: Match) -> list[int]:
        return self._words.matching(self._tx, match, self._chosen, self._most)

    def _with_all(self, found: Gathered) -> list[int]:
        return self._matching(Match(tuple(t.group() for t in found.terms), found.phrases))

    def _with_longer(self, found: Gathered) -> list[int]:
        """Again, with more that stands for the words: also for words that some text has as they
        are, if only few do, since a mistake may have made another word."""
        for term in found.terms:
            if term.is_known:
                match = Match((term.group(),))
                few = self._words.matching(self._tx, match, self._chosen, FEW + 1)
                lengthen(self._tx, self._words, term)
                if len(few) <= FEW:
                    widen(self._tx, self._words, term)
        return self._with_all(found)

    def _as_typed(self, found: Gathered) -> list[int]:
        """The very words, in their order where there are several; the newest first."""
        words = tuple(term.word for term in found.terms)
        rows = self._matching(Match(tuple((word,) for word in words), found.phrases))
        if len(words) > 1 and len(rows) > MOST_READ:
            return self._matching(Match((), (" ".join(words), *found.phrases))) or rows
        return rows

    def _some(self, found: Gathered) -> None:
        """Term by term; then all but one, for texts whose words are common and stand far back."""
        lists = [self._matching(Match((term.group(),))) for term in found.terms[:MOST_LISTED]]
        newest = max((rows[0] for rows in lists if rows), default=1)
        for number, rows in enumerate(lists):
            found.weights[number] = max(0.1, rarity(self._estimated(rows, newest), newest))
        for number, rows in enumerate(lists):
            self._add(found, rows, found.weights[number])
        for phrase in found.phrases:
            self._add(found, self._matching(Match((), (phrase,))), max(found.weights, default=1.0))
        rare = {number for number, rows in enumerate(lists) if len(rows) < self._most}
        if LEAST_LACKING <= len(found.terms) <= MOST_LACKING:
            for lacking in range(len(found.terms)):
                if not rare - {lacking}:  # otherwise they are in a rare one's list
                    groups = [t.group() for at, t in enumerate(found.terms) if at != lacking]
                    said = sum(w for at, w in enumerate(found.weights) if at != lacking)
                    self._take(found, self._matching(Match(tuple(groups))), said)

    def _take(self, found: Gathered, rows: Iterable[int], weight: float) -> None:
        """These have at least so much."""
        count = 0
        for count, seq in enumerate(rows, 1):  # noqa: B007
            found.rows[seq] = max(weight, found.rows.get(seq, 0.0))
        found.is_cut = found.is_cut or count == self._most

    def _add(self, found: Gathered, rows: Iterable[int], weight: float) -> None:
        count = 0
        for count, seq in enumerate(rows, 1):  # noqa: B007
            found.rows[seq] = found.rows.get(seq, 0.0) + weight
        found.is_cut = found.is_cut or count == self._most

    def _estimated(self, rows: list[int], newest: int) -> int:
        """How many texts have the term: of a full list, by how far back it reaches."""
        if len(rows) < self._most:
            return len(rows)
        return max(len(rows), round(len(rows) * newest / max(1, newest - rows[-1] + 1)))
