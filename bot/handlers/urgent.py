"""/urgent: a message that is to be answered first and by the strongest model.

`/urgent <words>` is a turn of its own; `/urgent` alone tells how it is used. The same is asked by
"urgent:", "জরুরি" or "عاجل" at the beginning of a message (`core.conversation.wish`).
"""

from __future__ import annotations

from dataclasses import replace

from bot.handlers.beginning import begin_turn
from bot.handlers.incoming import Command, Incoming
from bot.handlers.screens import say
from core.conversation import language
from core.db import Transaction
from core.wiring import House


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/urgent`, `/urgent <words>`."""
    words = said.after_command.strip()
    if not words:
        say(house, tx, said.chat_id, "wish-urgent-how", reply_to=said.message_id)
        return
    saved = house.preferences.saved_language(tx)
    spoken = language.choose(saved=saved, text=words, language_code=said.language_code)
    begin_turn(house, tx, replace(said, text=words), spoken, is_urgent=True)


COMMANDS: dict[str, Command] = {"urgent": command}
