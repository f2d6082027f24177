"""What cards about memory are made of: a category in words, a date, badges, words with their marks.

Remembered words are data, whoever said them: escaped, quoted, odd characters to be seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.render import numbers as figures
from bot.render.cards.approval_output import readable
from bot.render.cards.pieces import Params, Row, button
from bot.render.html import b, clip, esc, moment
from bot.render.model import Button, Translator
from bot.render.writer import units

#: Telegram's part of a message that one text may take, in UTF-16 units.
MOST_TEXT = 2400
MOST_NAME, MOST_LABEL = 60, 18
PRIVATE, PIN, ARCHIVE = "🔒", "📌", "🗄"
SIGNS = {"record": "📝", "message": "💬", "answer": "🎭", "summary": "📋"}


def category(t: Translator, name: Any) -> str:
    """A category as the owner reads it. Not escaped."""
    key = f"memory-category-{name}"
    return t(key) if t.has(key) else line(name)


def badges(row: Params) -> str:
    """What is special about an item, in signs."""
    found = [PRIVATE] if row.get("label") == "private" else []
    found += [PIN] if row.get("pinned") else []
    found += [ARCHIVE] if row.get("archived") else []
    return "".join(f" {each}" for each in found)


def day(t: Translator, value: Any) -> str:
    """A day with its year: memories are for years. HTML that the phone writes itself."""
    when = figures.instant(value)
    if when is None:
        return esc("—")
    parts = {name: figures.digits(str(getattr(when, name)), t.language) for name in ("day", "year")}
    shown = t("memory-day", month=t(f"date-month-{when.month}"), **parts)
    return moment(when, shown, "D")


def pages(t: Translator, verb: str, page: int, last: int, **about: Any) -> Row:
    """Previous and next of `last` + 1 pages, beside a button that leads back."""
    return tuple(
        button(t, label, verb, **about, page=to)
        for label, to in (("button-previous", page - 1), ("button-later", page + 1))
        if 0 <= to <= last
    )


def heading(t: Translator, row: Params) -> str:
    """Sign, category, day, badges. HTML."""
    sign = SIGNS.get(str(row.get("kind")), SIGNS["record"])
    what = esc(category(t, row.get("category")))
    return f"{sign} {what} · {day(t, row.get('at'))}{badges(row)}"


def quoted(text: Any, most: int = MOST_TEXT, *, expandable: bool = False) -> str:
    """Words in a quote, cut where they do not fit. HTML."""
    tag = "<blockquote expandable>" if expandable else "<blockquote>"
    return f"{tag}{esc(cut(readable(str(text or '—')), most))}</blockquote>"


def cut(text: str, most: int = MOST_TEXT) -> str:
    """At most so many UTF-16 units, lines kept, with an ellipsis where something is missing."""
    text = text.strip() or "—"
    if units(text) <= most:
        return text
    kept = text[: most - 1]
    while units(kept) > most - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def line(text: Any, most: int = MOST_NAME) -> str:
    """Words on one line. Not escaped."""
    return clip(readable(str(text or "—")), most)


def marked(row: Params) -> str:
    """A snippet in a quote, what matched in bold, dots where it is cut. HTML."""
    text, at, shown = str(row.get("text") or "—"), 0, ""
    for start, end in _marks(row, len(text)):
        if start < at:
            continue
        shown += esc(_flat(text[at:start])) + b(_flat(text[start:end]))
        at = end
    shown += esc(_flat(text[at:]))
    before, after = (*(row.get("cut") or ()), False, False)[:2]
    return f"<blockquote>{'… ' if before else ''}{shown}{' …' if after else ''}</blockquote>"


def _marks(row: Params, length: int) -> list[tuple[int, int]]:
    found = [(int(each[0]), int(each[1])) for each in row.get("marks") or [] if len(each) > 1]
    return sorted((start, end) for start, end in found if 0 <= start < end <= length)


def _flat(text: str) -> str:
    """Lines as blanks; the blanks at its ends stay."""
    return readable(text).replace("\n", " ").replace("\t", " ")


def numbers(t: Translator, verb: str, rows: Iterable[Params], **more: Any) -> tuple[Button, ...]:
    """A button for each row, by its number."""
    return tuple(
        Button(t.number(at), verb, {"kind": each.get("kind"), "id": each.get("id"), **more})
        for at, each in enumerate(rows, start=1)
    )


def span(t: Translator, since: Any, until: Any) -> str:
    """From when to when. HTML."""
    if since and until:
        return f"{day(t, since)} – {day(t, until)}"
    if since:
        return f"{esc(t('memory-since'))} {day(t, since)}"
    return f"{esc(t('memory-until'))} {day(t, until)}"
