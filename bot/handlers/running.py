"""/run: one command on one machine, or a script, exactly as written.

    /run echo hi            a list of arguments, split alike on every system; no shell
    /run pc: echo hi        on that machine
    /run! cd logs && ls     a script for the machine's shell, and the card says so
    /run + a code block     the same
    /run --in a --write a --net make      in that folder, which it may change, with the network

Decides how the words are read; whether they run is the engine's gate.
"""

from __future__ import annotations

import re
from typing import Any

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
#: What may stand before a command: its folder, folders it may change, seconds, the network.
OPTION = re.compile(
    r"--(?:(?P<net>net)|(?P<name>in|write)\s+(?P<value>\"[^\"]*\"|\S+)|time\s+(?P<seconds>\d{1,5}))"
    r"(?:\s+|\Z)"
)
#: What looks like a machine's name that nobody has: `pc: echo`, but not `c:\x` or `http://x`.
UNKNOWN_PLACE = re.compile(r"([a-z][a-z0-9-]{1,31}):\s")


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/run`, in the forms above."""
    rest = said.after_command
    is_script = rest.startswith(SCRIPT)
    place, words = wishes.place_named(house, tx, rest.removeprefix(SCRIPT))
    inputs, words = _options(words)
    if not words:
        _explain(house, tx, said)
        return
    script = _script(said, words, is_script=is_script)
    if script is None and place is None and (unknown := UNKNOWN_PLACE.match(words)):
        raise Refused("node-unknown", node=unknown[1])
    if script is None:
        inputs["argv"] = command_line.split(words)
    elif script.strip():
        inputs["script"] = script
    else:
        raise Refused("command-empty")
    where = (place or wishes.usual(house, tx)).name
    title = f"▶️ {where}: {script or words}"
    wishes.begin(house, tx, said, "command.run", inputs, where, title)


def _options(words: str) -> tuple[dict[str, Any], str]:
    """What stands before the command and begins with two dashes, and the rest. Refused
    (`run-option`): no program's name begins so, so it is a slip of the pen."""
    inputs: dict[str, Any] = {}
    while words.startswith("--"):
        found = OPTION.match(words)
        if found is None:
            raise Refused("run-option", option=words.split(maxsplit=1)[0])
        words = words[found.end() :]
        if found["net"]:
            inputs["network"] = True
        elif found["name"] == "in":
            inputs["path"] = _plain(found["value"])
        elif found["name"] == "write":
            inputs["writes"] = [*inputs.get("writes", ()), _plain(found["value"])]
        else:
            inputs["timeout_s"] = int(found["seconds"])
    return inputs, words


def _plain(value: str) -> str:
    """A value without the quotes that hold its blanks together."""
    return "".join(command_line.split(value))


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
