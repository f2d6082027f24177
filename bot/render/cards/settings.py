"""/settings: what the owner can change in the chat, changed in place."""

from __future__ import annotations

from typing import Any

from bot.render.cards.pieces import Row, button, card, languages
from bot.render.html import b, code, esc
from bot.render.model import Button, Rendered, Style, Translator
from core.runs.notices import NoticeRow

LANGUAGE = "language"


def settings(row: NoticeRow, t: Translator) -> Rendered:
    """Each setting with its value; yes-or-no settings are buttons that turn them over."""
    values: dict[str, Any] = dict(row.notice.params.get("values") or {})
    current = str(values.pop(LANGUAGE, None) or t.language)
    lines = [f"⚙️ {b(t('settings-title'))}", esc(t("settings-text")), ""]
    lines.append(f"🌐 {b(t('settings-language'))}: {esc(t(f'language-name-{current}'))}")
    rows: list[Row] = []
    for name, value in sorted(values.items()):
        lines.append(_line(t, name, value))
        if isinstance(value, bool):
            rows.append((_switch(t, name, is_on=value),))
    return card(lines, languages(current), *rows)


def _name(t: Translator, name: str) -> str:
    key = f"settings-{name}"
    return t(key) if t.has(key) else name


def _line(t: Translator, name: str, value: Any) -> str:
    sign = ("✅" if value else "▫️") if isinstance(value, bool) else "▪️"
    line = f"{sign} {b(_name(t, name))}"
    return line if isinstance(value, bool) else f"{line}: {code(value)}"


def _switch(t: Translator, name: str, *, is_on: bool) -> Button:
    key = f"button-{'off' if is_on else 'on'}-{name}"
    if not t.has(key):
        key = "button-off" if is_on else "button-on"
    style = Style.PLAIN if is_on else Style.GOOD
    return button(t, key, "settings.set", style=style, name=name, value=not is_on)
