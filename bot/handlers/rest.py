"""Updates that ask for nothing: set aside by a named rule, without a word."""

from __future__ import annotations

from telegram import Update

from bot.context import MaskContext, taken
from bot.handlers.obeying import close
from core.runs.intake import IntakeState


async def on_service_message(update: Update, context: MaskContext) -> None:
    """Telegram's own remarks in the chat: something was pinned, a timer was set."""
    await _aside(context, "service-message")


async def on_other(update: Update, context: MaskContext) -> None:
    """Reactions, and kinds of update that nobody here handles yet."""
    await _aside(context, "reaction" if update.message_reaction else "no-handler")


async def _aside(context: MaskContext, why: str) -> None:
    services = context.services
    await services.bridge.run(close, services.house, taken.get(), IntakeState.ASIDE, why)
