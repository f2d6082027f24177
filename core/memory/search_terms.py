"""Which words of texts may stand for a word that was typed, and how well.

First the word itself and those of its stem (inflections, irregular forms). Where that is not
enough: words it begins, words it is a part of, words that differ by a typing mistake. All of them
are looked up in the vocabulary; what a text says besides does not matter here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.db import Transaction
from core.memory.normalise import stem
from core.memory.search_model import Parsed
from core.memory.search_near import allowed, mistakes
from core.memory.search_ports import Words, trigrams

#: How well a word stands for the one that was typed: itself 1. A form of it, a word that it begins
#: or is in: from the first figure, when nearly nothing is common, to the second. With a mistake,
#: with two.
SAME = 1.0
FORM, KIN, BEGINS, INSIDE = (0.55, 0.95), (0.5, 0.85), (0.5, 0.9), (0.3, 0.6)
MISTAKEN = (SAME, 0.7, 0.5)
#: Words that stand for one: forms of it; beginnings and parts; near ones.
MOST_FORMS, MOST_LONGER, MOST_NEAR = 40, 40, 12
#: Words with common trigrams that are compared with a short word, and with a long one.
SHORT_COMPARED, LONG_COMPARED = 1500, 150
SHORT = 6
#: The least of a word that may be a beginning or a part of others.
LEAST_BEGINNING, LEAST_PART = 2, 3


@dataclass
class Term:
    """A word that was typed, and what stands for it, by how well."""

    word: str
    stems: tuple[str, ...]
    forms: dict[str, float] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)  # of these, no forms of it
    is_known: bool = False  # some text has it, in some form

    def add(self, words: Iterable[str], weight: float) -> None:
        """Forms of it, or what was taken for them."""
        for word in words:
            self.forms[word] = max(weight, self.forms.get(word, 0.0))

    def add_others(self, words: Iterable[str], weight: float) -> None:
        """Words that may be meant."""
        for word in words:
            if word not in self.forms:
                self.others.add(word)
            self.add([word], weight)

    def group(self) -> tuple[str, ...]:
        """The words, best first, as a group of a match."""
        best = sorted(self.forms.items(), key=lambda each: (-each[1], len(each[0])))
        return tuple(word for word, _ in best)


def terms_of(tx: Transaction, words: Words, parsed: Parsed) -> list[Term]:
    """The terms with their forms."""
    terms = [Term(word, stems) for word, stems in zip(parsed.terms, parsed.stems, strict=True)]
    known = words.of_stems(tx, {each for term in terms for each in term.stems}, MOST_FORMS)
    for term in terms:
        for number, each in enumerate(term.stems):
            found = known.get(each, ())
            term.is_known = term.is_known or bool(found)
            for form in found:
                term.add([form], _between(KIN if number else FORM, _common(term.word, form, each)))
        term.add([term.word], SAME)
    return terms


def lengthen(tx: Transaction, words: Words, term: Term) -> None:
    """Words that it begins."""
    if len(term.word) >= LEAST_BEGINNING:
        for longer in words.beginning(tx, term.word, MOST_LONGER):
            term.add_others([longer], _between(BEGINS, len(term.word) / len(longer)))


def widen(tx: Transaction, words: Words, term: Term) -> None:
    """Words that it is a part of, and words that differ by a mistake, in all their forms."""
    word = term.word
    if len(word) < LEAST_PART:
        return
    most = SHORT_COMPARED if len(word) <= SHORT else LONG_COMPARED
    shared = words.sharing(tx, word, _least_shared(word), most)
    for longer in [each for each in shared if word in each][:MOST_LONGER]:
        term.add_others([longer], _between(INSIDE, len(word) / len(longer)))
    counted = ((_mistakes(term, each), each) for each in shared)
    near = sorted(each for each in counted if each[0] <= allowed(word))[:MOST_NEAR]
    for count, each in near:
        term.add_others([each], MISTAKEN[count])
    stems = {stem(each): MISTAKEN[count] for count, each in reversed(near)}
    for base, forms in words.of_stems(tx, stems, MOST_FORMS).items():
        term.add_others(forms, stems[base] * FORM[1])


def _between(weights: tuple[float, float], share: float) -> float:
    return weights[0] + (weights[1] - weights[0]) * share


def _common(word: str, form: str, base: str) -> float:
    """How much of both words is the same."""
    if word in form or form in word:
        return min(len(word), len(form)) / max(len(word), len(form))
    return min(1.0, len(base) / max(len(word), len(form)))


def _least_shared(word: str) -> int:
    """A mistake spoils up to four trigrams; a part of a word has all but those of its borders."""
    count = len(trigrams(word))
    return max(1, min(count - 4 * allowed(word), count - 2))


def _mistakes(term: Term, word: str) -> int:
    """Between the words, or between their stems where the endings differ."""
    most = allowed(term.word)
    whole = mistakes(term.word, word, most)
    base = term.stems[0]
    if whole <= most or len(base) <= LEAST_PART or not most:
        return whole
    return mistakes(base, stem(word), min(most, allowed(base)))
