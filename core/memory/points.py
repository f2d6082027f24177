"""The key points of a summary and the originals they come from; pure.

A model is asked for one point a line, each with the numbers of its originals in brackets. What it
leaves out is made up for by what point and original have in common; a line that has nothing in
common with any of them is about nothing that was said, and is dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from core.memory.key_fact_reading import read
from core.memory.key_facts import shares
from core.memory.search_model import ItemKind
from core.memory.summary_model import Original, Point

#: Longest point; a model that goes on and on is cut here.
MOST_POINT = 1000
#: Points of one summary.
MOST_POINTS = 120
#: Originals that a point without numbers is given, and what it must share with one: three words, or
#: a fact.
MOST_GUESSED, LEAST_SHARED = 2, 3

_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*\u2022\u2013]|#+|\d{1,2}[.)])\s+")
_NUMBERS = re.compile(r"\s*\[\s*(\d+(?:\s*[,،;-]\s*\d+)*)\s*\]")
_EMPHASIS = re.compile(r"\*\*|__|`")

Source = tuple[ItemKind, str]


def parsed(reply: str, originals: Sequence[Original]) -> tuple[Point, ...]:
    """The points of a model's reply; `originals` in the order of their numbers, from 1."""
    points = []
    for line in _THOUGHT.sub("", reply).splitlines():
        text, numbers = _line(line)
        sources = [originals[at - 1] for at in numbers if 1 <= at <= len(originals)]
        if not text or (text.endswith(":") and not sources):
            continue
        named = _named(sources or _guessed(text, originals))
        if named:
            points.append(Point(text[:MOST_POINT], named))
    return tuple(points[:MOST_POINTS])


def attributed(text: str, originals: Sequence[Original]) -> tuple[Point, ...]:
    """The owner's own lines as points; one that no original is near stays, without a source."""
    lines = (_BULLET.sub("", line).strip() for line in text.splitlines())
    return tuple(Point(line, _named(_guessed(line, originals))) for line in lines if line)


def text_of(points: Sequence[Point]) -> str:
    """The points as one text, a line each."""
    return "\n".join(point.text for point in points)


def _line(line: str) -> tuple[str, list[int]]:
    """A point without its marks, and the numbers it names."""
    numbers = [at for found in _NUMBERS.findall(line) for at in _counted(found)]
    text = _EMPHASIS.sub("", _NUMBERS.sub("", _BULLET.sub("", line)))
    return text.strip(), list(dict.fromkeys(numbers))


def _counted(found: str) -> list[int]:
    """`1, 3-5` as 1, 3, 4, 5, in digits of any script."""
    digits = "".join(str(unicodedata.digit(sign, sign)) for sign in found)
    numbers: list[int] = []
    for part in re.split(r"[,،;]", digits):
        first, _, last = part.partition("-")
        begin = int(first)
        numbers += range(begin, min(int(last or begin), begin + MOST_POINTS) + 1)
    return numbers


def _guessed(text: str, originals: Sequence[Original]) -> list[Original]:
    """The originals that a text has most in common with."""
    if len(originals) == 1:
        return list(originals)
    about = read(text)
    scored = [(shares(about, read(each.text)), each) for each in originals]
    best = max((score for score, _ in scored), default=0)
    if best < LEAST_SHARED:
        return []
    return [each for score, each in scored if score == best][:MOST_GUESSED]


def _named(originals: Sequence[Original]) -> tuple[Source, ...]:
    return tuple((each.kind, each.id) for each in originals)
