"""/rules: what asks and what does not: list, add from a card, revoke."""

from __future__ import annotations

from bot.handlers.incoming import Answer, Command, Verb

COMMANDS: dict[str, Command] = {}
VERBS: dict[str, Verb] = {}
ANSWERS: dict[str, Answer] = {}
