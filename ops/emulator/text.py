"""Text as the server keeps it: cleaned, trimmed, measured in UTF-16 units, with entities that fit.

Follows `fix_formatted_text` of tdlib/td. Offsets and lengths are UTF-16 units throughout.
"""

from __future__ import annotations

import re
from typing import Any

from ops.emulator.wire import Json, bad

TEXT_LIMIT = 4096  # UTF-16 units after parsing
CAPTION_LIMIT = 1024
RAW_LIMIT_BYTES = 1 << 15  # before parsing
ENTITY_LIMIT = 100  # more are dropped without a word

# Kept apart by type: these may overlap each other freely; the others may not.
MERGING = ("bold", "italic", "underline", "strikethrough", "spoiler")
SOLID = ("code", "pre")
QUOTES = ("blockquote", "expandable_blockquote")
_ORDER = (
    "blockquote", "expandable_blockquote", "pre", "code", "text_link", "text_mention", "bold",
    "italic",
    "underline", "strikethrough", "spoiler", "custom_emoji", "date_time",
)  # fmt: skip
DETECTED = [
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bank_card_number",
]
KNOWN = frozenset(_ORDER)

_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]}])"
    r"|(?P<email>(?<![\w.])[\w.+-]+@[\w-]+\.[\w.-]*\w)"
    r"|(?P<bot_command>(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<![\w@])@[A-Za-z]\w{3,31}\b)"
    r"|(?P<hashtag>(?<![\w#])#\w*[^\W\d]\w*)"
)


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) + sum(1 for char in text if char > "\uffff")


def slice_units(text: str, offset: int, length: int) -> str:
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[2 * offset : 2 * (offset + length)].decode("utf-16-le", "replace")


def tidy(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Removes what the server removes, trims, and moves the entities along."""
    _check_ranges(text, entities)
    kept, moved = _clean(text)
    out = [_move(entity, moved) for entity in entities]
    stripped = kept.rstrip()
    first = min((entity["offset"] for entity in out), default=units(stripped))
    start = 0
    while start < len(stripped) and start < first and stripped[start] in " \n":
        start += 1
    final = stripped[start:]
    total = units(final)
    fitted = [fit for entity in out if (fit := _fit(entity, start, total))]
    return final, arrange(fitted)


def _check_ranges(text: str, entities: list[Json]) -> None:
    halves = _low_halves(text) if entities else frozenset()
    for entity in entities:
        offset, length = entity["offset"], entity["length"]
        if not 0 <= offset <= 1_000_000:
            raise bad(f"receive an entity with incorrect offset {offset}")
        if not 0 <= length <= 1_000_000:
            raise bad(f"receive an entity with incorrect length {length}")
        if length and offset in halves:
            raise bad(
                "entity begins in a middle of a UTF-16 symbol "
                f"at byte offset {halves_byte(text, offset)}"
            )
        if length and offset + length in halves:
            at = halves_byte(text, offset + length)
            raise bad(
                f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol "
                f"at byte offset {at}"
            )


def _low_halves(text: str) -> frozenset[int]:
    found, at = set(), 0
    for char in text:
        at += 1
        if char > "\uffff":
            found.add(at)
            at += 1
    return frozenset(found)


def halves_byte(text: str, offset: int) -> int:
    """The byte offset of the symbol that holds this UTF-16 offset in its middle."""
    at = size = 0
    for char in text:
        at += 2 if char > "\uffff" else 1
        if at > offset:
            break
        size += len(char.encode("utf-8", "surrogatepass"))
    return size


def _is_removed(char: str) -> bool:
    return char == "\r" or "\u2028" <= char <= "\u202e" or char in "\u0333\u033f\u030a"


def _clean(text: str) -> tuple[str, list[int] | None]:
    """Kept text, and for each old UTF-16 offset the new one; None when nothing moved."""
    if not any((char < " " and char != "\n") or _is_removed(char) for char in text):
        return text, None
    out: list[str] = []
    moved: list[int] = []
    at = 0
    for char in text:
        width = 2 if char > "\uffff" else 1
        moved.extend([at] * width)
        if _is_removed(char):
            continue
        out.append(" " if char < " " and char != "\n" else char)
        at += width
    moved.append(at)
    return "".join(out), moved


def _move(entity: Json, moved: list[int] | None) -> Json:
    if moved is None:
        return dict(entity)
    last = len(moved) - 1
    start = moved[min(entity["offset"], last)]
    end = moved[min(entity["offset"] + entity["length"], last)]
    return {**entity, "offset": start, "length": end - start}


def _fit(entity: Json, start: int, total: int) -> Json | None:
    begin = entity["offset"] - start
    end = min(begin + entity["length"], total)
    return {**entity, "offset": begin, "length": end - begin} if end > begin >= 0 else None


def arrange(entities: list[Json]) -> list[Json]:
    """Merged, un-nested where nesting is not allowed, sorted as the server sorts."""
    merged = _merge([entity for entity in entities if entity["length"] > 0])
    solid = [entity for entity in merged if entity["type"] in SOLID]
    kept: list[Json] = []
    for entity in merged:
        if entity["type"] not in SOLID + QUOTES and any(_overlap(entity, block) for block in solid):
            continue
        if entity["type"] in QUOTES and any(
            other["type"] in QUOTES and other is not entity and _overlap(entity, other)
            for other in kept
        ):
            continue
        kept.append(entity)
    kept.sort(
        key=lambda entity: (entity["offset"], -entity["length"], _ORDER.index(entity["type"]))
    )
    return kept[:ENTITY_LIMIT]


def _overlap(one: Json, other: Json) -> bool:
    return bool(
        one["offset"] < other["offset"] + other["length"]
        and other["offset"] < one["offset"] + one["length"]
    )


def _merge(entities: list[Json]) -> list[Json]:
    ordered = sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
    last: dict[str, Json] = {}
    out: list[Json] = []
    for entity in ordered:
        before = last.get(entity["type"])
        if (
            entity["type"] in MERGING
            and before
            and entity["offset"] <= before["offset"] + before["length"]
        ):
            end = max(before["offset"] + before["length"], entity["offset"] + entity["length"])
            before["length"] = end - before["offset"]
            continue
        fresh = dict(entity)
        last[fresh["type"]] = fresh
        out.append(fresh)
    return out


def detect(text: str, entities: list[Json]) -> list[Json]:
    """Adds what the server finds by itself: commands, links, mentions, hashtags, addresses."""
    if not any(mark in text for mark in "/@#"):
        return entities
    taken = [
        entity for entity in entities if entity["type"] in (*SOLID, "text_link", "text_mention")
    ]
    found: list[Json] = []
    for match in _FOUND.finditer(text):
        kind = str(match.lastgroup)
        entity: Json = {
            "offset": units(text[: match.start()]),
            "length": units(match.group()),
            "type": kind,
        }
        if not any(_overlap(entity, block) for block in taken):
            found.append(entity)
    if not found:
        return entities
    return sorted([*entities, *found], key=lambda entity: (entity["offset"], -entity["length"]))


def read_entities(value: Any) -> list[Json]:
    """The `entities` parameter, checked field by field."""
    if not isinstance(value, list):
        return []
    return [entity for item in value if (entity := _read_entity(item)) is not None]


def _read_entity(item: Any) -> Json | None:
    if not isinstance(item, dict):
        raise bad("can't parse MessageEntity: expected an Object")
    for name in ("offset", "length"):
        if not isinstance(item.get(name), int):
            raise bad(f"can't parse MessageEntity: Can't find field \"{name}\"")
    kind = item.get("type")
    if kind in DETECTED:
        return None
    if kind not in KNOWN:
        raise bad("can't parse MessageEntity: Unsupported type specified")
    entity: Json = {"offset": item["offset"], "length": item["length"], "type": kind}
    wanted = {
        "text_link": "url",
        "text_mention": "user",
        "custom_emoji": "custom_emoji_id",
        "date_time": "unix_time",
    }
    needed = wanted.get(kind)
    if needed is not None and item.get(needed) in (None, ""):
        raise bad(f"can't parse MessageEntity: Can't find field \"{needed}\"")
    for extra in (needed, "language" if kind == "pre" else None, "date_time_format"):
        if extra and item.get(extra):
            entity[extra] = item[extra]
    if set(str(entity.get("date_time_format", ""))) - set("rRtTdDwW"):
        raise bad("can't parse MessageEntity: Invalid date-time format specified")
    return entity
