"""The parts of the Bot API that PTB 22.8 (Bot API 10.0) does not know; one function each.

A later PTB replaces this file. Recipes tried against the wheel: `telegram.md` 1.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Update
from telegram.ext import ExtBot

from bot.pacing import Lane
from bot.sender import Pass

#: Named in full: Telegram's own default leaves reactions out, and PTB's list ends at 10.0.
ALLOWED_UPDATES = [
    "message",
    "edited_message",
    "callback_query",
    "message_reaction",
    "my_chat_member",
    "stopped_message_generation",
]


@dataclass(frozen=True)
class Stopped:
    """The person pressed Stop on a draft (Bot API 10.3)."""

    chat_id: int
    draft_id: int
    thread_id: int | None = None


async def send_draft(
    bot: ExtBot[Pass], chat_id: int, draft_id: int, text: str, *, thread_id: int | None = None
) -> bool:
    """Show `text` as the draft with a Stop button, which keeps the text when pressed (10.3).

    An empty text shows "Thinking…". False: over the budget of drafts, nothing was sent.
    """
    return await bot.send_message_draft(
        chat_id,
        draft_id,
        text,
        message_thread_id=thread_id,
        api_kwargs={"can_stop": True, "keep_on_stop": True},
        rate_limit_args=Pass(Lane.DRAFT),
    )


def stopped(update: Update) -> Stopped | None:
    """The Stop in an update, None when it is another kind. A draft id may come as a string.

    Raises ValueError, KeyError or TypeError when it cannot be read.
    """
    raw = update.api_kwargs.get("stopped_message_generation")
    if raw is None:
        return None
    thread = raw.get("message_thread_id")
    return Stopped(
        chat_id=int(raw["chat"]["id"]),
        draft_id=int(raw["draft_id"]),
        thread_id=None if thread is None else int(thread),
    )
