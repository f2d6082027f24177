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

#: How well a word stands for the one that was typed: itself, its stem, its kin, a word it begins, a
#: word it is in, one with a mistake, with two.
SAME, STEM, KIN, BEGINS, INSIDE = 1.0, 0.9, 0.85, 0.75, 0.5
MISTAKEN = (SAME, 0.7, 0.5)
#: From here on a word is the one that was typed, in some form.
IS_FORM = KIN
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
    is_known: bool = False  # some text has it, in some form

    def add(self, words: Iterable[str], weight: float) -> None:
        for word in words:
            self.forms[word] = max(weight, self.forms.get(word, 0.0))

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
            term.add(found, KIN if number else STEM)
        term.add([term.word], SAME)
    return terms


def lengthen(tx: Transaction, words: Words, term: Term) -> None:
    """Words that it begins."""
    if len(term.word) >= LEAST_BEGINNING:
        for longer in words.beginning(tx, term.word, MOST_LONGER):
            share = len(term.word) / len(longer)
            term.add([longer], INSIDE + (BEGINS - INSIDE) * share)


def widen(tx: Transaction, words: Words, term: Term) -> None:
    """Words that it is a part of, and words that differ by a mistake, in all their forms."""
    word = term.word
    if len(word) < LEAST_PART:
        return
    most = SHORT_COMPARED if len(word) <= SHORT else LONG_COMPARED
    shared = words.sharing(tx, word, _least_shared(word), most)
    term.add([each for each in shared if word in each][:MOST_LONGER], INSIDE)
    counted = ((_mistakes(term, each), each) for each in shared)
    near = sorted(each for each in counted if each[0] <= allowed(word))[:MOST_NEAR]
    for count, each in near:
        term.add([each], MISTAKEN[count])
    stems = {stem(each): MISTAKEN[count] for count, each in reversed(near)}
    for base, forms in words.of_stems(tx, stems, MOST_FORMS).items():
        term.add(forms, stems[base] * STEM)


def _least_shared(word: str) -> int:
    """A mistake spoils three trigrams; a part of a word has all but those of its borders."""
    count = len(trigrams(word))
    return max(1, min(count - 3 * allowed(word), count - 2))


def _mistakes(term: Term, word: str) -> int:
    """Between the words, or between their stems where the endings differ."""
    most = allowed(term.word)
    whole = mistakes(term.word, word, most)
    base = term.stems[0]
    if whole <= most or len(base) <= LEAST_PART or not most:
        return whole
    return mistakes(base, stem(word), min(most, allowed(base)))
