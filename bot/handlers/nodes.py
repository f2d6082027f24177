"""/nodes: the owner's machines: who is there, what they can do, invite, rename, revoke."""

from __future__ import annotations

from bot.handlers.incoming import Answer, Command, Verb

COMMANDS: dict[str, Command] = {}
VERBS: dict[str, Verb] = {}
ANSWERS: dict[str, Answer] = {}
