"""Text that grows together with its Telegram entities, nested as Telegram allows.

Entities of one text either contain each other or do not touch. Code never lies inside another
entity but a quote: bold around code is interrupted, a link around code wins over the code.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.render.model import Entity

#: Entities that may be cut into pieces without changing what they say.
SPLITTABLE = frozenset({"bold", "italic", "strikethrough"})


def units(text: str) -> int:
    """Length in UTF-16 code units, as Telegram counts."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def whole(text: str) -> str:
    """The text without lone surrogates, which UTF-8 cannot carry; pairs become one character."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\x00", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")


@dataclass
class _Open:
    type: str
    start: int
    url: str | None
    is_counted: bool


class Writer:
    """Collects text and entities in reading order. Offsets are UTF-16 units."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._open: list[_Open] = []
        self._entities: list[Entity] = []
        self.units = 0

    def write(self, text: str) -> None:
        self._pieces.append(text)
        self.units += units(text)

    def open(self, kind: str, url: str | None = None) -> None:
        """Begin an entity; the same kind inside itself adds nothing."""
        is_new = all(other.type != kind for other in self._open)
        self._open.append(_Open(kind, self.units, url, is_new))

    def close(self) -> int:
        """End the entity opened last; returns where it began."""
        ended = self._open.pop()
        self._emit(ended)
        return ended.start

    def solid(self, kind: str, text: str, language: str | None = None) -> None:
        """Write text as `code` or `pre`, in which no other entity may lie."""
        if any(other.type == "text_link" for other in self._open):
            self.write(text)
            return
        for other in self._open:
            self._emit(other)
        start = self.units
        self.write(text)
        self._add(Entity(kind, start, self.units - start, language=language))
        for other in self._open:
            other.start = self.units

    def quote(self, start: int) -> None:
        """Everything since `start` is a block quote."""
        self._add(Entity("blockquote", start, self.units - start))

    def _emit(self, ended: _Open) -> None:
        if ended.is_counted:
            self._add(Entity(ended.type, ended.start, self.units - ended.start, url=ended.url))

    def _add(self, entity: Entity) -> None:
        if entity.length > 0:
            self._entities.append(entity)

    def finish(self) -> tuple[str, tuple[Entity, ...]]:
        """The text without blank ends, and its entities, outer ones first.

        Blanks at the start of a code block stay: Telegram trims up to the first entity only.
        """
        text = "".join(self._pieces)
        first_entity = min((entity.offset for entity in self._entities), default=self.units)
        lead = min(len(text) - len(text.lstrip()), first_entity)  # a blank is one unit
        text = text[lead:].rstrip()
        end = units(text)
        kept = []
        for entity in self._entities:
            first, last = entity.offset - lead, min(entity.offset + entity.length - lead, end)
            if last > first:
                kept.append(Entity(entity.type, first, last - first, entity.url, entity.language))
        return text, tuple(sorted(kept, key=lambda entity: (entity.offset, -entity.length)))
