"""From `bot.render.model` to Telegram's types; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity

from bot.render import html
from bot.render.model import Button, Part, Rendered
from core.runs.buttons import NewButton
from core.runs.notices import NoticeRow


def entities(part: Part) -> list[MessageEntity]:
    """The part's entities; none when it is HTML, which carries its own."""
    return [
        MessageEntity(
            entity.type, entity.offset, entity.length, url=entity.url, language=entity.language
        )
        for entity in part.entities
    ]


def new_buttons(row: NoticeRow, rendered: Rendered) -> list[NewButton]:
    """The rows to open for one sending: every button that stands for a command, in order."""
    assert row.notice.chat_id is not None, "a ready notice has a chat"
    return [
        NewButton(
            chat_id=row.notice.chat_id,
            notice_id=row.id,
            verb=button.verb,
            params=button.params,
            card_key=row.notice.key,
            single=button.single,
        )
        for line in rendered.buttons
        for button in line
        if _is_command(button)
    ]


def keyboard(rendered: Rendered, ids: Sequence[str]) -> InlineKeyboardMarkup | None:
    """The keyboard of one sending; `ids` are those of `new_buttons`, in the same order."""
    left = iter(ids)
    lines = [
        [_button(button, next(left) if _is_command(button) else None) for button in line]
        for line in rendered.buttons
    ]
    return InlineKeyboardMarkup(lines) if lines else None


def plain(part: Part) -> Part:
    """The part's words alone: what is sent once more when Telegram cannot read its markup."""
    text = html.strip(part.text) if part.html else part.text
    return replace(part, text=text, entities=(), html=False)


def marked(part: Part, mark: str) -> Part:
    """The part with the line that it may be a repeat, unless its renderer has put it there."""
    if mark in part.text:
        return part
    line = f"{html.esc(mark) if part.html else mark}\n\n"
    moved = len(line.encode("utf-16-le")) // 2
    shifted = tuple(replace(each, offset=each.offset + moved) for each in part.entities)
    return replace(part, text=line + part.text, entities=shifted)


def _is_command(button: Button) -> bool:
    return button.url is None and button.copy is None


def _button(button: Button, callback_id: str | None) -> InlineKeyboardButton:
    if button.url is not None:
        return InlineKeyboardButton(button.label, url=button.url)
    if button.copy is not None:
        return InlineKeyboardButton(button.label, copy_text=CopyTextButton(button.copy))
    style = button.style.value or None
    return InlineKeyboardButton(button.label, callback_data=callback_id, style=style)
