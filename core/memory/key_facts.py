"""The key facts of texts (names, dates, numbers), and whether a summary has them; pure.

A summary is judged by what stands in the originals, in three languages and three scripts of digits:
every date, number, identifier and name that the owner said, or that several originals hold, must be
in it, and it may hold none that no original has. What only one answer of the assistant says is not
asked for: it can be asked again, and its archive has it. Of facts that were said once, one in
MISSABLE may be left out. Nothing here judges whether a sentence is true.

Not promised: a Bengali or Arabic name without a title beside it is seen only when it is a usual
one; an invented name that begins a sentence only when it is a usual one or stands with another;
Arabic names that differ in a letter which Arabic also writes before words count as one; two names
of the same talk that a summary has swapped are not noticed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from core.memory.key_fact_reading import Day, Reading, read
from core.memory.summary_model import Checked, KeyFact, KeyFactKind, Original

#: Of the facts that were said once, one in so many may be missing, rounded down.
MISSABLE = 10
#: Who said it, of a message: what only answers say is not asked for.
ASSISTANT = "assistant"


def required(originals: Sequence[Original]) -> tuple[KeyFact, ...]:
    """What a summary of `originals` has to keep, the most said first."""
    return _required(originals, [read(each.text) for each in originals])


def checked(originals: Sequence[Original], text: str) -> Checked:
    """What `text` lacks of the originals, and what it has that none of them says."""
    summary, readings = read(text), [read(each.text) for each in originals]
    asked = _required(originals, readings)
    missing = [fact for fact in asked if not _has(summary, fact)]
    once = sum(fact.said == 1 for fact in missing)
    if once <= sum(fact.said == 1 for fact in asked) // MISSABLE:
        missing = [fact for fact in missing if fact.said > 1]
    times = [each.at for each in originals]
    return Checked(tuple(missing), tuple(_invented(summary, readings, times)))


def shares(one: Reading, other: Reading) -> int:
    """How much two texts have in common: facts count more than words."""
    facts = len(one.numbers.keys() & other.numbers) + len(one.names.keys() & other.names)
    days = sum(any(day.is_covered_by(each) for each in other.days) for day in one.days)
    return 5 * (facts + days) + len(one.stems & other.stems)


def _required(originals: Sequence[Original], readings: Sequence[Reading]) -> tuple[KeyFact, ...]:
    often: Counter[tuple[KeyFactKind, str]] = Counter()
    owners: set[tuple[KeyFactKind, str]] = set()
    shown: dict[tuple[KeyFactKind, str], str] = {}
    for original, found in zip(originals, readings, strict=True):
        facts = _facts(found, readings)
        often.update(facts.keys())
        if original.role != ASSISTANT:
            owners.update(facts)
        for key, value in facts.items():
            shown.setdefault(key, value)
    kept = [key for key in often if key in owners or often[key] > 1]
    kept.sort(key=lambda key: -often[key])
    return tuple(KeyFact(key[0], shown[key], often[key]) for key in kept)


def _facts(found: Reading, among: Sequence[Reading]) -> dict[tuple[KeyFactKind, str], str]:
    """By kind and what they are compared by; a word that only stands where a sentence begins
    counts as a name when another text has it as one."""
    names = {
        stem: shown
        for stem, shown in found.names.items()
        if not any(stem in each.plain for each in among)
    }
    for stem, shown in found.maybe.items():
        others = [each for each in among if each is not found]
        if any(stem in each.names or stem in each.maybe for each in others) and not any(
            stem in each.plain for each in among
        ):
            names.setdefault(stem, shown)
    names |= found.known
    return {
        **{(KeyFactKind.DATE, str(day)): str(day) for day in found.days},
        **{(KeyFactKind.NUMBER, value): shown for value, shown in found.numbers.items()},
        **{(KeyFactKind.NAME, stem): shown for stem, shown in names.items()},
    }


def _has(summary: Reading, fact: KeyFact) -> bool:
    wanted = read(fact.value)
    if fact.kind is KeyFactKind.DATE:
        day = Day.of(fact.value)
        return any(day.is_covered_by(each) for each in summary.days)
    if fact.kind is KeyFactKind.NUMBER:
        return all(value in summary.numbers or value in summary.small for value in wanted.numbers)
    return wanted.stems <= summary.stems


def _invented(
    summary: Reading, readings: Sequence[Reading], times: Sequence[datetime]
) -> list[KeyFact]:
    stems = frozenset[str]().union(*(each.stems for each in readings))
    digits = frozenset[str]().union(*(each.digits for each in readings))
    numbers = digits.union(*(each.numbers for each in readings), *(each.small for each in readings))
    years = frozenset(str(time.year) for time in times)
    days = [*map(Day.at, times), *(day for each in readings for day in each.days)]
    found = [
        KeyFact(KeyFactKind.DATE, str(day), 0)
        for day in summary.days
        if not any(day.could_be(each, years | digits) for each in days)
    ]
    found += [
        KeyFact(KeyFactKind.NUMBER, shown, 0)
        for value, shown in summary.numbers.items()
        if value not in numbers | years
    ]
    names = {**summary.names, **summary.known}
    return found + [
        KeyFact(KeyFactKind.NAME, shown, 0) for stem, shown in names.items() if stem not in stems
    ]
