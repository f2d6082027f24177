"""/why, the part about memory: what of everything remembered the question was answered with."""

from __future__ import annotations

from bot.render.cards.memory_pieces import badges, day, line, numbers
from bot.render.cards.pieces import Params, Row
from bot.render.html import b, esc, i
from bot.render.model import Translator

#: Memories that are named one by one; characters of each.
MOST_NAMED, MOST_WORDS = 6, 90
OPENED = frozenset({"record", "message", "answer"})


def told(t: Translator, memory: Params, *, is_whole: bool) -> list[str]:
    """One line short; of the whole, each with its reason. `counts` has how many of each reason,
    `rows` the memories besides the talk itself."""
    counts: Params = dict(memory.get("counts") or {})
    if not counts:
        return []
    total = sum(int(many) for many in counts.values())
    if not is_whole:
        return [f"🧠 {esc(t('why-memory-used', count=total))}"]
    lines = ["", b(t("why-memory"))]
    for reason, many in counts.items():
        if t.has(str(reason)):
            lines.append(f"• {esc(t(str(reason), count=int(many)))}")
    for number, each in enumerate(_rows(memory), start=1):
        gone = i(t("why-memory-gone"))
        words = f"“{esc(line(each['text'], MOST_WORDS))}”" if each.get("text") else gone
        when = f" · {day(t, each['at'])}" if each.get("at") else ""
        lines.append(f"{esc(t.number(number))}. {words}{when}{badges(each)}")
    return lines


def openers(t: Translator, memory: Params) -> Row:
    """A number opens each that can be opened."""
    rows = _rows(memory)
    found = numbers(t, "memory.open", rows)
    return tuple(
        button
        for each, button in zip(rows, found, strict=True)
        if each.get("text") and each.get("kind") in OPENED
    )


def _rows(memory: Params) -> list[Params]:
    return list(memory.get("rows") or [])[:MOST_NAMED]
