"""What cards are made of: lines of HTML, times, error sentences, rows of buttons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.render import numbers
from bot.render.html import esc, moment
from bot.render.model import Button, Part, Rendered, Style, Translator

Row = tuple[Button, ...]
Params = dict[str, Any]

#: Languages by their own names, in the order of the buttons.
LANGUAGES = (("bn", "বাংলা"), ("ar", "العربية"), ("en", "English"))
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400


def card(lines: Iterable[str], *rows: Row) -> Rendered:
    """One HTML message; empty rows are left out."""
    text = "\n".join(lines).strip()
    return Rendered((Part(text=text, html=True),), tuple(row for row in rows if row))


def button(
    t: Translator,
    label: str,
    verb: str,
    /,
    *,
    style: Style = Style.PLAIN,
    single: bool = False,
    values: Params | None = None,
    **params: Any,
) -> Button:
    """A button whose words are the text `label`; `params` go with the verb."""
    return Button(t(label, **(values or {})), verb, params, style, single)


def again(t: Translator, run_id: Any) -> Row:
    """The button that starts a run anew; none without a run."""
    if not run_id:
        return ()
    return (button(t, "button-again", "turn.retry", style=Style.GOOD, single=True, run_id=run_id),)


def pager(t: Translator, verb: str, page: int, pages: int) -> Row:
    """Earlier and later, where there are such pages; pages count from 0."""
    row = []
    if page > 0:
        row.append(button(t, "button-earlier", verb, page=page - 1))
    if page + 1 < pages:
        row.append(button(t, "button-later", verb, page=page + 1))
    return tuple(row)


def languages(current: str | None) -> Row:
    """One button per language, each in its own name."""
    return tuple(
        Button(f"✅ {name}" if code == current else name, "lang.set", {"code": code})
        for code, name in LANGUAGES
    )


def time(t: Translator, value: Any) -> str:
    """A time as HTML that the phone writes itself; a dash when there is none."""
    when = numbers.instant(value)
    return esc("—") if when is None else moment(when, t.day(when))


def span(t: Translator, seconds: Any) -> str:
    """A length of time in words, rounded to its largest unit; a dash when unknown."""
    if seconds is None:
        return "—"
    length = int(seconds)
    for unit, size in (("days", _DAY_S), ("hours", _HOUR_S), ("minutes", _MINUTE_S)):
        if length >= size:
            return t(f"span-{unit}", count=length // size)
    return t("span-seconds", count=length)


def size(t: Translator, size_bytes: Any) -> str:
    """A size in KB, MB or GB of 1024; a dash when unknown."""
    if size_bytes is None:
        return "—"
    amount = float(size_bytes) / 1024
    for unit in ("KB", "MB", "GB"):
        if amount < 1024 or unit == "GB":  # noqa: PLR2004 - the next unit begins there
            break
        amount /= 1024
    return f"{t.number(amount)} {unit}"


def place(t: Translator, name: Any) -> str:
    """A place's name as the owner reads it."""
    return t("place-home") if name in {None, "", "home"} else str(name)


def error(t: Translator, data: Params | None) -> str:
    """The sentence of an error: its cause and the next step. Not yet escaped."""
    data = data or {}
    code = str(data.get("code") or "unknown")
    values = {str(name): value for name, value in (data.get("params") or {}).items()}
    values.setdefault("code", code)
    retry_after = data.get("retry_after") or values.get("retry_after")
    values["wait"] = span(t, retry_after) if retry_after else t("span-soon")
    key = f"err-{code}"
    return t(key if t.has(key) else "err-unknown", **values)
