"""What was typed into a search, as terms: pure, and never an error.

Nothing that is typed has a meaning to the database: words are taken out of it in the normal form,
and they alone go on, quoted. Text in quotation marks is a phrase. Words that say nothing (the,
what, আমি, في) are left out while others remain.
"""

from __future__ import annotations

from functools import cache

from core.memory.normalise import (
    MOST_TERMS,
    fingerprint,
    kin,
    normal,
    stem,
    without_quotes,
    words_of,
)
from core.memory.normalise_tables import STOP_WORDS
from core.memory.search_model import Parsed


class Normaliser:
    """`core.memory.ports.Normaliser`: the functions of this module and of `normalise`."""

    def normal(self, text: str) -> str:
        return normal(text)

    def parsed(self, words: str) -> Parsed:
        return parsed(words)

    def fingerprint(self) -> str:
        return fingerprint()


def parsed(words: str) -> Parsed:
    """The terms, each once, in their order; phrases; for each term its stem and its kin."""
    plain: list[str] = []
    phrases: list[str] = []
    for number, part in enumerate(without_quotes(words)):
        found = words_of(normal(part))
        if number % 2 and len(found) > 1:
            phrases.append(" ".join(found[:MOST_TERMS]))
        else:
            plain += found
    said = list(dict.fromkeys(plain))
    telling = [word for word in said if word not in _stop_words()]
    terms = (telling or ([] if phrases else said))[:MOST_TERMS]
    stems = tuple(_stems(term) for term in terms)
    return Parsed(tuple(terms), tuple(dict.fromkeys(phrases)), stems)


def _stems(term: str) -> tuple[str, ...]:
    """Its own stem first, then those of its irregular forms."""
    return tuple(dict.fromkeys([stem(term), *map(stem, kin(term))]))


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(map(normal, STOP_WORDS))
