"""/audit: who asked, what was decided by whom, what ran where; ids and outcomes, no text."""

from __future__ import annotations

from bot.handlers.incoming import Answer, Command, Verb

COMMANDS: dict[str, Command] = {}
VERBS: dict[str, Verb] = {}
ANSWERS: dict[str, Answer] = {}
