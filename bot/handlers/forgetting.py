"""What the owner sent that held a secret: gone before anything else can fail."""

from __future__ import annotations

from bot.handlers.incoming import Incoming
from bot.unsaying import unsay
from core.db import Transaction
from core.runs.intake import Intake
from core.wiring import House


def forget(house: House, tx: Transaction, said: Incoming) -> None:
    """The message goes from the chat, and what it said from the update that brought it. Whoever
    calls this tells refusals itself: a rollback would keep both."""
    if said.row is not None:
        Intake.scrub(tx, said.row.seq)
    if said.message_id is not None:
        unsay(house, tx, said.chat_id, said.message_id)
