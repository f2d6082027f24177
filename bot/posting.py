"""Sending one part, or editing the message that shows it.

Markup that Telegram cannot read is sent once more as plain words: an answer must arrive. Every
call passes the sender; errors are `bot.refusals.SendError`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from telegram import (
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.ext import ExtBot

from bot import drawing
from bot.refusals import BadMarkup, Gone, Rejected
from bot.render.model import Part
from bot.sender import Pass

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
#: What stays of a message that can only be emptied.
EMPTIED = "—"


async def send(
    bot: ExtBot[Pass],
    chat_id: int,
    part: Part,
    wish: Pass,
    *,
    silent: bool = False,
    reply_to: int | None = None,
    keyboard: InlineKeyboardMarkup | None = None,
) -> int:
    """Send a new message; its id."""
    common: dict[str, Any] = {
        "disable_notification": silent,
        "reply_markup": keyboard,
        "rate_limit_args": wish,
    }
    if reply_to is not None:
        # The message it answers may be deleted by now; the answer still arrives.
        common["reply_parameters"] = ReplyParameters(reply_to, allow_sending_without_reply=True)
    try:
        message = await _send(bot, chat_id, part, common)
    except BadMarkup:
        message = await _send(bot, chat_id, drawing.plain(part), common)
    return message.message_id


async def edit(
    bot: ExtBot[Pass],
    chat_id: int,
    message_id: int,
    part: Part,
    wish: Pass,
    *,
    keyboard: InlineKeyboardMarkup | None = None,
) -> None:
    """Make `message_id` show the part. `Gone` when there is no such message any more."""
    try:
        await _edit(bot, chat_id, message_id, part, wish, keyboard)
    except BadMarkup:
        await _edit(bot, chat_id, message_id, drawing.plain(part), wish, keyboard)


async def remove(bot: ExtBot[Pass], chat_id: int, message_id: int, wish: Pass) -> None:
    """Delete a message that held a secret; one too old to be deleted (48 hours) is emptied. Fine
    when the person has deleted it already."""
    try:
        await bot.delete_message(chat_id, message_id, rate_limit_args=wish)
    except (Gone, Rejected):
        with suppress(Gone, Rejected):
            await edit(bot, chat_id, message_id, Part(EMPTIED), wish)


async def _send(bot: ExtBot[Pass], chat_id: int, part: Part, common: dict[str, Any]) -> Message:
    parse_mode = ParseMode.HTML if part.html else None
    marks = None if part.html else drawing.entities(part)
    if part.file_bytes is not None:
        captioned: dict[str, Any] = {
            **common,
            "caption": part.text or None,
            "caption_entities": marks or None,
            "parse_mode": parse_mode,
        }
        file = InputFile(part.file_bytes, filename=part.file_name)
        if part.is_photo:
            return await bot.send_photo(chat_id, file, **captioned)
        return await bot.send_document(chat_id, file, **captioned)
    return await bot.send_message(
        chat_id,
        part.text,
        entities=marks or None,
        parse_mode=parse_mode,
        link_preview_options=NO_PREVIEW,
        **common,
    )


async def _edit(
    bot: ExtBot[Pass],
    chat_id: int,
    message_id: int,
    part: Part,
    wish: Pass,
    keyboard: InlineKeyboardMarkup | None,
) -> None:
    await bot.edit_message_text(
        part.text,
        chat_id=chat_id,
        message_id=message_id,
        entities=(None if part.html else drawing.entities(part)) or None,
        parse_mode=ParseMode.HTML if part.html else None,
        link_preview_options=NO_PREVIEW,
        reply_markup=keyboard,
        rate_limit_args=wish,
    )
