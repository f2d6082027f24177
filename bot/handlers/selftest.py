"""/selftest: whether switching between models works, played without asking a real one.

/selftest                    all scenes; `/selftest switching` means the same
/selftest local_offline      the scenes that are named
"""

from __future__ import annotations

from bot.handlers.incoming import Command, Incoming
from bot.handlers.screens import say
from bot.render.translate import translator
from core.db import Transaction
from core.errors import Refused
from core.monitor.rehearsal import SCENES
from core.monitor.switching import SwitchingAsked, switching_test
from core.wiring import House

ALL = "switching"


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/selftest`, in the forms above."""
    house.runs.start(
        tx,
        switching_test,
        SwitchingAsked(_scenes(said.arguments), said.chat_id, said.message_id),
        key=f"{said.key}:selftest" if said.key else None,
        chat_id=said.chat_id,
        title=translator(house.preferences.language(tx))("selftest-title"),
    )
    say(house, tx, said.chat_id, "selftest-begun", silent=True)


def _scenes(typed: str) -> tuple[str, ...]:
    """The scenes that are meant; none: all. Refused(`selftest-unknown`)."""
    words = [word for word in typed.lower().replace("-", "_").split() if word != ALL]
    for word in words:
        if word not in SCENES:
            raise Refused("selftest-unknown", name=word[:40], known=", ".join(SCENES))
    return tuple(words)


COMMANDS: dict[str, Command] = {"selftest": command}
