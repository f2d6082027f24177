"""Whether two statements say the same of a thing and another value; pure.

Compared by the stems of their words. "I live in Dhaka" and "I live in Berlin" share what they are
about and differ in one place: the owner is asked which is true. What can be true of several things
at once (to like, to have, to speak) contradicts only its own denial.

Missing guarantee: words are compared, not meanings. What is said in quite other words, or in
another language, is found only where the model that reads the talk points at it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from core.memory.fact_model import Contradiction, Fact
from core.memory.normalise import normal, stem, words_of
from core.memory.record_model import Record

#: The least share of the words of the longer statement that both have.
LEAST_ALIKE = 0.5
#: ... where one denies what the other says.
LEAST_DENIED = 0.6
#: Words in which the value may differ, on each side.
MOST_APART = 4

#: Words that say nothing of what a statement is about.
PLAIN = """
i me my mine we our am is are was were be been the a an of in on at to for and from with now it its
that this will since still owner he she his her you your s m t ve ll re
আমি আমার আমাকে আমরা আমাদের হল হলো হয় এখন এ এই সে তার ও এবং থেকে একটা একটি আর যে
انا أنا في من على الى إلى هو هي الان الآن قد ان أن أنني أني و مع عن هذا هذه لي
"""
DENIALS = """
not no never don't doesn't didn't isn't aren't wasn't won't can't cannot without stopped neither
না নেই নয় নই নি নাই কখনো
لا لم لن ليس لست ليست ما مش غير بدون
"""
#: What is true of several things at once.
MANY = """
like love enjoy prefer hate dislike have own speak know use eat drink read play watch visit friend
buy visited allergic interested
পছন্দ ভালোবাসি ভালবাসি ঘৃণা আছে জানি বলি খাই পড়ি দেখি খেলি ব্যবহার কিনেছি বন্ধু অপছন্দ
أحب احب أفضل افضل أكره اكره عندي لدي أتكلم اتكلم أعرف اعرف آكل أشرب اشرب ألعب اقرأ أقرأ صديق
"""


@dataclass(frozen=True)
class Statement:
    """What a text says, for comparing: the stems of its telling words, and whether it denies."""

    stems: frozenset[str]
    is_denial: bool


def statement(text: str) -> Statement:
    words = words_of(normal(text.replace("\u2019", "'")))
    stems = {stem(word) for word in words}
    denials = stems & _stems(DENIALS)
    return Statement(frozenset(stems - _stems(PLAIN) - denials), bool(denials))


def contradicts(one: str, other: str) -> bool:
    """Can only one of the two be true now?"""
    new, old = statement(one), statement(other)
    shared = new.stems & old.stems
    longer = max(len(new.stems), len(old.stems))
    if not shared:
        return False
    if new.is_denial != old.is_denial:
        return len(shared) >= LEAST_DENIED * longer
    if new.is_denial or (new.stems | old.stems) & _stems(MANY):
        return False
    apart = (new.stems - shared, old.stems - shared)
    if not all(1 <= len(each) <= MOST_APART for each in apart):
        return False
    return len(shared) >= LEAST_ALIKE * longer


def against(fact: Fact, records: Iterable[Record]) -> Contradiction | None:
    """The newest record that the fact contradicts: the one its model points at, else by words."""
    newest = sorted(records, key=lambda each: (each.happened_at, each.id), reverse=True)
    found = next((each for each in newest if each.id == fact.contradicts), None)
    if found is None:
        found = next((each for each in newest if contradicts(fact.text, each.text)), None)
    if found is None or normal(found.text) == normal(fact.text):
        return None
    return Contradiction(fact, found.id, found.text, found.happened_at)


@cache
def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words_of(normal(words)))
