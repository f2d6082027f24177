"""Which of the facts a model proposes are the owner's own words, and how sure that is; pure.

A model only points: a fact has to quote the message it comes from, word for word, outside of what
the owner merely passed on there (quotations, code, lines between marks). A fact that is stored
without a tap is made of words of that message alone, but for the few in TURNED: one word more (a
name, a date, an order) makes it doubtful, and doubt asks the owner. Only `Source.OWNER` is stored
without a tap.

Missing guarantee: that the words, put together anew, mean what they meant. What is stored can be
undone.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from functools import cache

import regex

from core.memory.fact_model import SURE, WORTH_ASKING, Fact, Said
from core.memory.normalise import normal, stem, words_of
from core.memory.record_model import Source

#: Characters of a fact; a longer one is a story.
MOST_FACT = 300
#: Characters of a message from which on it is taken for something pasted.
PASTED = 1500
#: Words that a fact may have and its message not: it is told of the owner, or by the owner.
TURNED = """
owner user i you he she they my your his her their me is are was has have does a an the to of in on
at and that prefers likes wants
আমি আমার তিনি তার মালিক ব্যবহারকারী হলো হল هو هي المالك المستخدم أن
"""

#: What a message only passes on: code, quoted lines, text between marks.
_PASSED_ON = regex.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`|^[ \t]*>[^\n]*|<(data|memory)>.*?(?:</\1>|\Z)"
    r"|(?<!\w)[\"\u201c\u00ab][^\"\u201d\u00bb]{24,}[\"\u201d\u00bb]",
    regex.DOTALL | regex.MULTILINE,
)
_QUESTION = regex.compile(r"[?\u061f]\s*\Z")


class Judged(enum.Enum):
    """What becomes of a proposed fact."""

    STORE = "store"  # at once, with an Undo
    ASK = "ask"
    DROP = "drop"


def own_words(text: str) -> str:
    """A message without what it only passes on."""
    return _PASSED_ON.sub(" ", text)


def judged(fact: Fact, said: Said) -> Judged:
    """By the words alone; what is remembered already is not looked at here."""
    text = fact.text.strip()
    if not text or len(text) > MOST_FACT or _QUESTION.search(text) or not fact.is_about_owner:
        return Judged.DROP
    if fact.confidence < WORTH_ASKING or not stands_in(fact.quote, said.text):
        return Judged.DROP
    is_own = said.source is Source.OWNER and stands_in(fact.quote, own_words(said.text))
    is_sure = fact.confidence >= SURE and len(said.text) <= PASTED
    return Judged.STORE if is_own and is_sure and is_supported(fact, said) else Judged.ASK


def stands_in(quote: str, text: str) -> bool:
    """Is the quote part of the text, word for word?"""
    wanted = words_of(normal(quote))
    return bool(wanted) and f" {' '.join(wanted)} " in f" {' '.join(words_of(normal(text)))} "


def is_supported(fact: Fact, said: Said) -> bool:
    """Does the message itself hold every word of the fact?"""
    told = _stems(words_of(normal(fact.text))) - _turned()
    return told <= _stems(words_of(normal(own_words(said.text))))


@cache
def _turned() -> frozenset[str]:
    return frozenset(_stems(words_of(normal(TURNED))))


def _stems(words: Iterable[str]) -> set[str]:
    return {stem(word) for word in words}
