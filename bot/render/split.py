"""Text with entities, cut into messages; a very long answer becomes a beginning and a file.

Telegram takes 4096 UTF-16 units and shows at most 100 entities of a message. Joining the parts
gives the whole text back. Cuts fall after a blank line, else a line, a sentence, a space, else
between grapheme clusters, so that no Bengali syllable, emoji sequence or surrogate pair breaks.
A code block moves whole to the next message; one that no message can hold is cut between its lines.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from bot.render.clusters import clusters, is_alone
from bot.render.html import strip
from bot.render.model import Entity, Part

#: Telegram's limit for a message, in UTF-16 units.
MESSAGE_UNITS = 4096
#: What a part of an answer uses of it: the rest is for the tag line and the marks.
PART_UNITS = 3900
#: Telegram ignores entities after the hundredth; two are kept for the tag line and the marks.
MOST_ENTITIES = 98
#: More messages than this in a row become one message and a file.
MOST_PARTS = 3
#: A cut at a good place may leave this fraction of the message empty.
_SHORTEST = 1 / 3

_PLACES = (
    re.compile(r"\n[ \t]*\n+"),
    re.compile(r"\n"),
    re.compile(r"[।.؟?!…]+[\"'”’»)\]]*\s"),
    re.compile(r"\s"),
)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_JOINERS = "\u09cd\u200c\u200d"


class _Ruler:
    """Between Python's characters and Telegram's UTF-16 units."""

    def __init__(self, text: str) -> None:
        self._astral = [match.start() for match in _ASTRAL.finditer(text)]
        self._astral_units = [at + number for number, at in enumerate(self._astral)]

    def units(self, index: int) -> int:
        return index + bisect_left(self._astral, index)

    def index(self, units: int) -> int:
        """The character at or, inside a surrogate pair, before this unit."""
        before = bisect_left(self._astral_units, units)
        is_inside = before > 0 and self._astral_units[before - 1] + 1 == units
        return self._astral[before - 1] if is_inside else units - before


def split(
    text: str,
    entities: tuple[Entity, ...] = (),
    *,
    limit: int = PART_UNITS,
    most_entities: int = MOST_ENTITIES,
) -> tuple[Part, ...]:
    """The whole text as parts of at most `limit` units; an empty text has no parts."""
    return tuple(_Cutter(text, entities, limit, most_entities).parts())


class _Cutter:
    def __init__(
        self, text: str, entities: tuple[Entity, ...], limit: int, most_entities: int
    ) -> None:
        self._text = text
        self._ruler = _Ruler(text)
        self._entities = sorted(entities, key=lambda entity: (entity.offset, -entity.length))
        self._limit = limit
        self._most = most_entities
        index = self._ruler.index
        self._blocks = [
            (index(entity.offset), index(entity.offset + entity.length))
            for entity in self._entities
            if entity.type == "pre"
        ]

    def parts(self) -> Iterator[Part]:
        start = 0
        while start < len(self._text):
            cut = self._next(start)
            yield Part(self._text[start:cut], self._rebased(start, cut))
            start = cut

    def _next(self, start: int) -> int:
        last = self._ruler.index(self._ruler.units(start) + self._limit)
        last = min(last, len(self._text), self._entity_end(start))
        if last == len(self._text):
            return last
        for begin, end in self._blocks:
            if begin < last < end:
                return self._inside_block(start, begin, end, last)
        return self._at_a_good_place(start, last)

    def _entity_end(self, start: int) -> int:
        """Where the first entity begins that this message could no longer show."""
        first = self._ruler.units(start)
        shown = [e for e in self._entities if e.offset + e.length > first][: self._most + 1]
        if len(shown) <= self._most or shown[-1].offset <= first:
            return len(self._text)
        return self._ruler.index(shown[-1].offset)

    def _inside_block(self, start: int, begin: int, end: int, last: int) -> int:
        """The block goes to the next message if one can hold it, else it is cut after a line."""
        fits = self._ruler.units(end) - self._ruler.units(begin) <= self._limit
        if begin > start and fits:
            return begin
        line = self._text.rfind("\n", max(start, begin), last) + 1
        if line > max(start, begin):
            return line
        return begin if begin > start else self._between_clusters(start, last)

    def _at_a_good_place(self, start: int, last: int) -> int:
        least = start + int((last - start) * _SHORTEST)
        for place in _PLACES:
            ends = [match.end() for match in place.finditer(self._text, least, last)]
            for end in reversed(ends):
                if self._is_outside_blocks(end) and self._is_apart(end):
                    return end
        return self._between_clusters(start, last)

    def _is_outside_blocks(self, at: int) -> bool:
        return not any(begin < at < end for begin, end in self._blocks)

    def _is_apart(self, at: int) -> bool:
        """Whether the blank before `at` ends its cluster: no mark or joiner hangs on it."""
        following = self._text[at : at + 1]
        if following < "\u0300":
            return following != "\n"
        return is_alone(self._text, at - 1)

    def _between_clusters(self, start: int, last: int) -> int:
        """The last place up to `last` that cuts no cluster; `last` itself if one is too long."""
        cut = start
        for end, cluster in clusters(self._text, start):
            if end > last:
                break
            if cluster[-1] not in _JOINERS:
                cut = end
        return cut if cut > start else last

    def _rebased(self, start: int, cut: int) -> tuple[Entity, ...]:
        first, after = self._ruler.units(start), self._ruler.units(cut)
        kept = []
        for entity in self._entities:
            begin = max(entity.offset, first)
            end = min(entity.offset + entity.length, after)
            if end > begin:
                kept.append(
                    Entity(entity.type, begin - first, end - begin, entity.url, entity.language)
                )
        return tuple(kept[: self._most])


def plain(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The same messages without any formatting, for when Telegram refuses the entities."""
    return tuple(
        Part(
            text=strip(part.text) if part.html else part.text,
            file_name=part.file_name,
            file_bytes=part.file_bytes,
        )
        for part in parts
    )
