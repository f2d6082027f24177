"""The commands: one small function each, all in one table.

A command is obeyed in the transaction that ends its update. It withdraws an open question: whoever
types a command does not answer one. What a command shows is a screen; what it starts is a run.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from telegram import Update

from bot.context import MaskContext, Services
from bot.handlers import (
    approvals,
    auditing,
    chat,
    cost,
    explaining,
    files,
    memory,
    models,
    nodes,
    privacy,
    remembering,
    rules,
    screens,
    selftest,
    summaries,
    threads,
    urgent,
)
from bot.handlers.incoming import Command, Incoming, incoming
from bot.handlers.obeying import obey
from core.db import Transaction
from core.wiring import House

#: What counts as a command: Telegram's rule, so that `/etc/hosts` is a text.
COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?=[\s.,!?]|$)")


async def on_command(update: Update, context: MaskContext) -> None:
    """Any text that begins with a command."""
    services = context.services
    await services.bridge.run(obey_command, services, incoming(update))


def obey_command(services: Services, said: Incoming) -> None:
    """The command by its name."""
    house, name = services.house, name_of(said.text)
    act = COMMANDS.get(name, unknown)
    if name == STATUS:
        act = partial(_show_status, params=screens.status(services))

    def effect(tx: Transaction) -> None:
        house.preferences.ask(tx, said.chat_id, None)
        act(house, tx, said)

    is_known = name in COMMANDS or name == STATUS
    obey(house, said, effect, why=f"command-{name}" if is_known else "unknown-command")
    services.decided()


def name_of(text: str) -> str:
    """`/Stop@mask_bot now` is `stop`."""
    found = COMMAND.match(text)
    return found[1].lower() if found else ""


def start(house: House, tx: Transaction, said: Incoming) -> None:
    params = {"name": said.first_name, "step": 0}
    screens.show(house, tx, said.chat_id, "start", params)


def help_(house: House, tx: Transaction, said: Incoming) -> None:
    screens.show(house, tx, said.chat_id, "help", {})


def jobs(house: House, tx: Transaction, said: Incoming) -> None:
    screens.show(house, tx, said.chat_id, "jobs", screens.jobs(house, tx))


def settings(house: House, tx: Transaction, said: Incoming) -> None:
    screens.show(house, tx, said.chat_id, "settings", screens.settings(house, tx))


def language(house: House, tx: Transaction, said: Incoming) -> None:
    screens.show(house, tx, said.chat_id, "language", screens.language(house, tx))


def unknown(house: House, tx: Transaction, said: Incoming) -> None:
    screens.say(
        house,
        tx,
        said.chat_id,
        "reply-unknown-command",
        reply_to=said.message_id,
        command=f"/{name_of(said.text)}",
    )


#: Its facts are gathered before the transaction opens.
STATUS = "status"
COMMANDS: dict[str, Command] = {
    "start": start,
    "help": help_,
    "stop": chat.stop_all,
    "jobs": jobs,
    "settings": settings,
    "language": language,
    **approvals.COMMANDS,
    **auditing.COMMANDS,
    **cost.COMMANDS,
    **explaining.COMMANDS,
    **files.COMMANDS,
    **memory.COMMANDS,
    **models.COMMANDS,
    **nodes.COMMANDS,
    **privacy.COMMANDS,
    **remembering.COMMANDS,
    **rules.COMMANDS,
    **summaries.COMMANDS,
    **threads.COMMANDS,
    **selftest.COMMANDS,
    **urgent.COMMANDS,
}
#: Telegram's menu, in this order; the descriptions are the texts `cmd-<name>`.
ORDER = [
    "start",
    "help",
    "stop",
    "pending",
    "status",
    "models",
    "why",
    "cost",
    "memory",
    "remember",
    "summarize",
    "selftest",
    "threads",
    "private",
    "urgent",
    "run",
    "files",
    "jobs",
    "rules",
    "undo",
    "nodes",
    "audit",
    "settings",
    "language",
]
MENU = tuple(name for name in ORDER if name in COMMANDS or name == STATUS)


def _show_status(house: House, tx: Transaction, said: Incoming, *, params: dict[str, Any]) -> None:
    screens.show_status(house, tx, said.chat_id, params)
