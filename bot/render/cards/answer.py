"""A model's answer: prose as entities, a small line that tells who answered, and honest marks."""

from __future__ import annotations

from dataclasses import replace

from bot.render.cards.pieces import Params, again, place
from bot.render.html import clip
from bot.render.markdown import Prose, to_prose
from bot.render.model import Entity, Part, Rendered, Translator
from bot.render.split import MESSAGE_UNITS, MOST_PARTS, split
from bot.render.writer import units
from core.runs.model import Label
from core.runs.notices import NoticeRow

FILE_NAME = "answer.md"
#: How much of an answer that comes as a file is shown before it, in UTF-16 units.
BEGINNING_UNITS = 2000
MOST_NAME = 48
STOPPED, LENGTH, CUT = "stopped", "length", "cut"


def answer(row: NoticeRow, t: Translator) -> Rendered:
    """Every part is the same at each sending, whatever was sent before: the mailbox counts them."""
    params = row.notice.params
    tail = _tail(t, params, is_private=row.notice.label is Label.PRIVATE)
    parts = _with_tail(t, _messages(t, params), tail)
    if row.maybe_sent and row.parts_sent < len(parts):
        at = row.parts_sent
        parts = (*parts[:at], _marked(t, parts[at]), *parts[at + 1 :])
    buttons = (
        again(t, params.get("run_id") or row.notice.run_id)
        if params.get("finish") == STOPPED
        else ()
    )
    return Rendered(parts, (buttons,) if buttons else ())


def _messages(t: Translator, params: Params) -> tuple[Part, ...]:
    markdown = str(params.get("text") or "")
    prose = to_prose(markdown)
    if not _is_visible(prose.text):
        key = "answer-stopped-early" if params.get("finish") == STOPPED else "answer-empty"
        return (Part(t(key)),)
    parts = tuple(part for part in split(prose.text, prose.entities) if _is_visible(part.text))
    return _as_file(t, prose, markdown) if len(parts) > MOST_PARTS else parts


def _as_file(t: Translator, prose: Prose, markdown: str) -> tuple[Part, ...]:
    beginning = split(prose.text, prose.entities, limit=BEGINNING_UNITS)[0]
    return (
        replace(beginning, text=beginning.text + "…\n\n" + t("answer-in-file")),
        Part(
            text=t("answer-file-caption"),
            file_name=FILE_NAME,
            file_bytes=markdown.encode("utf-8", "replace"),
        ),
    )


def _is_visible(text: str) -> bool:
    return any(character.isprintable() and not character.isspace() for character in text)


def _tail(t: Translator, params: Params, *, is_private: bool = False) -> str:
    """Marks of what the reader should know, then who answered; one line each."""
    lines = []
    if params.get("finish") in {STOPPED, LENGTH, CUT}:
        lines.append(t(f"answer-{params['finish']}"))
    note = params.get("note")
    if note and t.has(str(note)):
        lines.append(t(str(note)))
    if params.get("practice"):
        lines.append(t("answer-practice"))
    if params.get("endpoint"):
        name = clip(str(params["endpoint"]), MOST_NAME)
        tag = t("answer-tag", model=name, place=place(t, params.get("place")))
        lines.append(f"🔒 {tag}" if is_private else tag)
    return "\n".join(lines)


def _with_tail(t: Translator, parts: tuple[Part, ...], tail: str) -> tuple[Part, ...]:
    """The tail in italics under the last text; a message of its own where there is no room."""
    if not tail:
        return parts
    at = max(i for i, part in enumerate(parts) if part.file_bytes is None)
    text = parts[at].text.rstrip()
    room = MESSAGE_UNITS - units(t("answer-maybe-repeat") + "\n\n" * 2)
    if units(text) + units(tail) > room:
        alone = Part(tail, (Entity("italic", 0, units(tail)),))
        return (*parts[: at + 1], alone, *parts[at + 1 :])
    start = units(text) + 2
    entities = (*_within(parts[at].entities, start - 2), Entity("italic", start, units(tail)))
    return (*parts[:at], Part(f"{text}\n\n{tail}", entities), *parts[at + 1 :])


def _within(entities: tuple[Entity, ...], end: int) -> tuple[Entity, ...]:
    cut = (
        replace(entity, length=min(entity.length, end - entity.offset))
        for entity in entities
        if entity.offset < end
    )
    return tuple(cut)


def _marked(t: Translator, part: Part) -> Part:
    """The same message, saying first that it may have arrived already."""
    mark = t("answer-maybe-repeat")
    shift = units(mark) + 2
    moved = (replace(entity, offset=entity.offset + shift) for entity in part.entities)
    return replace(
        part,
        text=f"{mark}\n\n{part.text}",
        entities=(Entity("italic", 0, units(mark)), *moved),
    )
