"""The part of a text that shows why it was found; pure.

Cut from the text as it was said, between words where one is near, never inside a grapheme cluster:
a Bengali syllable or an emoji stays whole. Marks are whole words: their normal form matched.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import islice

import regex

from core.memory import normalise
from core.memory.search_model import Snippet, Span

#: Characters of a snippet, and of what stands before the first match.
USUAL, LEAD = 160, 40
#: Matches that are looked at in one text.
MOST_MARKS = 100
#: How far a cut moves to the next space.
REACH = 16


def snippet(text: str, wanted: Collection[str], most: int = USUAL) -> Snippet:
    """Around where most of the `wanted` words (in the normal form) stand together."""
    found = (span for span, word in _words(text) if word in wanted)
    spans = list(islice(found, MOST_MARKS))
    start, end = _window(text, spans, most)
    part = text[start:end].rstrip()
    shift = start + _leading(part)
    kept = text[shift : start + len(part)]
    marks = tuple(
        Span(span.start - shift, span.end - shift)
        for span in spans
        if span.start >= shift and span.end <= shift + len(kept)
    )
    return Snippet(
        kept,
        marks,
        is_cut_before=bool(text[:start].strip()),
        is_cut_after=bool(text[end:].strip()),
    )


def _words(text: str) -> Iterator[tuple[Span, str]]:
    """Words where they stand, in the normal form; invisible signs stay inside of them."""
    start = None
    for at, sign in enumerate(text):
        is_part = unicodedata.category(sign) in {"Mn", "Mc", "Co", "Cf"} or sign.isalnum()
        if is_part and start is None:
            start = at
        elif not is_part and start is not None:
            yield Span(start, at), _normal(text[start:at])
            start = None
    if start is not None:
        yield Span(start, len(text)), _normal(text[start:])


def _leading(part: str) -> int:
    """White space before the first sign; a space may carry a mark, and stays then."""
    bare = len(part) - len(part.lstrip())
    if not bare:
        return 0
    borders = {found.end() for found in regex.finditer(r"\X", part[: bare + 1])}
    return bare if bare in borders else bare - 1


@lru_cache(maxsize=16384)
def _normal(word: str) -> str:
    return normalise.normal(word)


def _window(text: str, spans: list[Span], most: int) -> tuple[int, int]:
    if len(text) <= most:
        return 0, len(text)
    first = 0
    if spans:
        room = most - LEAD
        inside = [sum(s.start <= o.start and o.end <= s.start + room for o in spans) for s in spans]
        first = max(0, spans[inside.index(max(inside))].start - LEAD)
    first = min(first, len(text) - most)
    return _borders(text, first, first + most)


def _borders(text: str, start: int, end: int) -> tuple[int, int]:
    """Moved to a space that is near, otherwise to the border of a cluster."""
    if start > 0:
        space = text.find(" ", start, start + REACH)
        start = space + 1 if space >= 0 else _after_cluster(text, start)
    if end < len(text):
        space = text.rfind(" ", end - REACH, end + 1)
        end = space if space >= 0 else _before_cluster(text, end)
    return start, end


def _after_cluster(text: str, at: int) -> int:
    """The first border of a cluster from `at` on, looked for from a little before."""
    begin = max(0, at - REACH)
    for found in regex.finditer(r"\X", text[begin:]):
        if begin + found.start() >= at:
            return begin + found.start()
    return len(text)


def _before_cluster(text: str, at: int) -> int:
    begin = max(0, at - 2 * REACH)
    last = begin
    for found in regex.finditer(r"\X", text[begin : at + REACH]):
        if begin + found.end() > at:
            break
        last = begin + found.end()
    return last if last > begin else at
