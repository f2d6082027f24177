"""/run: one command on one machine, or a script, exactly as written.

    /run echo hi            a list of arguments, split alike on every system; no shell
    /run pc: echo hi        on that machine
    /run! cd logs && ls     a script for the machine's shell, and the card says so
    /run + a code block     the same

Decides how the words are read; whether they run is the engine's gate.
"""

from __future__ import annotations

import re

from bot.handlers import wishes
from bot.handlers.incoming import Incoming
from bot.handlers.screens import show
from core.db import Transaction
from core.errors import Refused
from core.execution import command_line
from core.wiring import House

SCRIPT = "!"
#: A code block as it is typed, where the app has not made an entity of it.
FENCED = re.compile(r"```(?:[\w+-]{0,20}\n)?(.*?)(?:```|\Z)", re.DOTALL)
#: What looks like a machine's name that nobody has: `pc: echo`, but not `c:\x` or `http://x`.
UNKNOWN_PLACE = re.compile(r"([a-z][a-z0-9-]{1,31}):\s")


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/run`, in the forms above."""
    rest = said.after_command
    is_script = rest.startswith(SCRIPT)
    place, words = wishes.place_named(house, tx, rest.removeprefix(SCRIPT))
    script = _script(said, words, is_script=is_script)
    if not words:
        _explain(house, tx, said)
        return
    if place is None:
        if script is None and (unknown := UNKNOWN_PLACE.match(words)):
            raise Refused("node-unknown", node=unknown[1])
        place = wishes.usual(house, tx)
    if script is not None:
        if not script.strip():
            raise Refused("command-empty")
        inputs: dict[str, object] = {"script": script}
        shown = script
    else:
        inputs, shown = {"argv": command_line.split(words)}, words
    title = f"▶️ {place.name}: {shown}"
    wishes.begin(house, tx, said, "command.run", inputs, place.name, title)
    wishes.tell_sleeping(house, tx, said, place.name)


def _script(said: Incoming, words: str, *, is_script: bool) -> str | None:
    """The script that is meant; None when it is a plain command."""
    if said.code is not None:
        return said.code
    fenced = FENCED.fullmatch(words.strip())
    if fenced is not None:
        return fenced[1]
    return words if is_script else None


def _explain(house: House, tx: Transaction, said: Incoming) -> None:
    facts = {"places": [each.to_json() for each in wishes.places(house, tx)]}
    show(house, tx, said.chat_id, "run-help", facts)
