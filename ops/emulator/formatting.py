"""From parameters to formatted text: parse mode or entities, then tidying and limits."""

from __future__ import annotations

import json

from ops.emulator.markup_html import parse_html
from ops.emulator.markup_markdown import parse_markdown, parse_markdown_v2
from ops.emulator.text import (
    CAPTION_LIMIT,
    RAW_LIMIT_BYTES,
    TEXT_LIMIT,
    detect,
    read_entities,
    tidy,
    units,
)
from ops.emulator.wire import Call, Json, bad

_MODES = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}


def formatted(source: str, mode: str, entities: object) -> tuple[str, list[Json]]:
    """Text and entities, parsed and tidied; given entities count only without a parse mode."""
    if len(source.encode("utf-8", "surrogatepass")) > RAW_LIMIT_BYTES:
        raise bad("text is too long")
    mode = mode.lower()
    if source and mode and mode != "none":
        if mode not in _MODES:
            raise bad("unsupported parse_mode")
        text, found = _MODES[mode](source)
    else:
        text, found = source, read_entities(entities)
    return tidy(text, found)


def message_text(call: Call) -> tuple[str, list[Json]]:
    """`text` of a message or an edit: never empty, at most 4096 units."""
    source = call.text("text")
    if not source:
        raise bad("message text is empty")
    text, entities = formatted(source, call.text("parse_mode"), _entities(call, "entities"))
    if not text:
        raise bad("text must be non-empty")
    if units(text) > TEXT_LIMIT:
        raise bad("message is too long")
    return text, detect(text, entities)


def draft_text(call: Call) -> tuple[str, list[Json]]:
    """`text` of a draft: may be empty, which shows as thinking."""
    text, entities = formatted(
        call.text("text"), call.text("parse_mode"), _entities(call, "entities")
    )
    if units(text) > TEXT_LIMIT:
        raise bad("message is too long")
    return text, detect(text, entities)


def caption(call: Call) -> tuple[str, list[Json]]:
    """`caption` of a file: may be empty, at most 1024 units."""
    source, mode = call.text("caption"), call.text("parse_mode")
    return caption_of(source, mode, _entities(call, "caption_entities"))


def caption_of(source: str, mode: str, entities: object) -> tuple[str, list[Json]]:
    text, found = formatted(source, mode, entities)
    if units(text) > CAPTION_LIMIT:
        raise bad("message caption is too long")
    return text, detect(text, found)


def _entities(call: Call, name: str) -> object:
    """The server ignores entities that are not JSON."""
    value = call.args.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None
