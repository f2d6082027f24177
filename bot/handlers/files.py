"""/files, /run and /undo: files and commands at any place, by hand.

Everything with an effect becomes a run of `carry_out`; nothing is done here.
"""

from __future__ import annotations

from bot.handlers.incoming import Answer, Command, Verb

COMMANDS: dict[str, Command] = {}
VERBS: dict[str, Verb] = {}
ANSWERS: dict[str, Answer] = {}
