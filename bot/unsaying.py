"""Deleting messages of the owner that held a secret, until Telegram has done it.

The wish is a row, written with the effect of the message, so neither a crash nor a network that is
away keeps a code or a pairing string in the chat. A message that Telegram does not delete (it is
gone, or older than 48 hours) is let be.
"""

from __future__ import annotations

from typing import Any

import structlog
from telegram.ext import ExtBot

from bot.crossing import Cross
from bot.pacing import Lane
from bot.refusals import Blocked, Gone, Rejected, SendError
from bot.sender import Pass
from core.db import Transaction
from core.wiring import House

#: Preferences: `unsay:<chat>:<message>`.
PREFIX = "unsay:"
#: Seconds a 429 may take before it is left to the next round.
PATIENCE_S = 5.0


def unsay(house: House, tx: Transaction, chat_id: int, message_id: int) -> None:
    """Delete this message of the chat, as soon as this transaction is committed."""
    house.preferences.set(tx, f"{PREFIX}{chat_id}:{message_id}", value=True)


class Unsaying:
    """One round at a time; `bot/tickers.py` calls `round`."""

    def __init__(self, *, bot: ExtBot[Any], house: House, cross: Cross) -> None:
        self._bot = bot
        self._house = house
        self._cross = cross
        self._log = structlog.get_logger()

    async def round(self) -> None:
        """Delete what is to be deleted; what cannot be reached now waits for the next round."""
        for name in await self._cross(self._wanted):
            chat_id, message_id = name.removeprefix(PREFIX).split(":")
            try:
                await self._bot.delete_message(
                    int(chat_id), int(message_id), rate_limit_args=Pass(Lane.ALERT, PATIENCE_S)
                )
            except (Gone, Rejected, Blocked) as error:
                self._log.info("not-unsaid", error=type(error).__name__)
            except SendError as error:
                self._log.info("unsaying-away", error=type(error).__name__)
                return
            await self._cross(self._done, name)

    def _wanted(self) -> list[str]:
        with self._house.db.read() as tx:
            return list(self._house.preferences.starting_with(tx, PREFIX))

    def _done(self, name: str) -> None:
        with self._house.db.write() as tx:
            self._house.preferences.forget(tx, name)
