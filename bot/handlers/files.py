"""/files, /run and /undo: files and commands at any place, by hand.

Everything with an effect becomes a run of `carry_out`; nothing is done here.
"""

from __future__ import annotations

from bot.handlers import browsing, editing, putting, running, undoing
from bot.handlers.incoming import Answer, Command, Verb

COMMANDS: dict[str, Command] = {
    "files": browsing.command,
    "run": running.command,
    "undo": undoing.command,
}
VERBS: dict[str, Verb] = {
    "files.open": browsing.open_one,
    "files.places": browsing.open_places,
    "files.get": browsing.fetch,
    "files.delete": browsing.delete,
    "files.edit": editing.edit,
    "files.create": editing.create,
    "files.put": putting.put,
    "files.drop": putting.drop,
    "undo.do": undoing.undo,
}
ANSWERS: dict[str, Answer] = {**editing.ANSWERS, putting.PUT: putting.take_words}
