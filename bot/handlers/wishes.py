"""What the owner asks for by hand, on its way to a run of `carry_out`.

Decides which machine is meant and how a wish is named in /jobs. Never acts: a step goes through
the engine's gate, and a machine that sleeps gets it when it is back; a card of its own says so when
the wait is longer than a moment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.handlers.incoming import Incoming, Word
from core.conversation.carry_out import Wish, start
from core.db import Transaction
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.model import Label
from core.wiring import House

#: Characters of a title in /jobs.
MOST_TITLE = 80
#: A machine's name before a colon.
PLACE = re.compile(r"\s*([a-z][a-z0-9-]{0,31}):(.*)", re.DOTALL)


@dataclass(frozen=True)
class Place:
    """A machine that files and commands may be asked of. `last_seen` is None for home."""

    name: str
    is_awake: bool
    last_seen: datetime | None = None
    title: str = ""  # what the owner calls it

    def to_json(self) -> dict[str, Any]:
        seen = self.last_seen.isoformat() if self.last_seen else None
        return {"name": self.name, "title": self.title, "awake": self.is_awake, "last_seen": seen}


def places(house: House, tx: Transaction) -> list[Place]:
    """Home, then every paired machine by name, awake or not."""
    now, nodes = house.clock.now(), Nodes(house.db, house.clock)
    paired = [peer for peer in nodes.all(tx) if not peer.revoked]
    found = [
        Place(peer.name, peer.is_fresh(now), peer.last_hello_at, peer.title or "")
        for peer in paired
    ]
    return [Place(HOME, is_awake=True), *found]


def usual(house: House, tx: Transaction) -> Place:
    """Where a command runs when no machine is named: at home, but where that is rented and
    exactly one machine of the owner's is awake, there."""
    home, *others = places(house, tx)
    awake = [each for each in others if each.is_awake]
    return awake[0] if house.settings.place == "rented" and len(awake) == 1 else home


def place_named(house: House, tx: Transaction, words: str) -> tuple[Place | None, str]:
    """The machine that `words` begin with, and the rest; None when they name none."""
    known = {each.name: each for each in places(house, tx)}
    found = PLACE.fullmatch(words)
    if found is None or found[1] not in known:
        return None, words.strip()
    return known[found[1]], found[2].strip()


def begin(  # noqa: PLR0913 - the facts of one wish
    house: House,
    tx: Transaction,
    said: Incoming,
    step: str,
    inputs: dict[str, Any],
    place: str,
    title: str,
    *,
    show: str = "",
    view: dict[str, Any] | None = None,
    part: int = 0,
    label: Label = Label.OPEN,
) -> None:
    """Start the run of a wish, once per update and `part`."""
    wish = Wish(
        step=step,
        inputs=inputs,
        place=place,
        title=" ".join(title.split())[:MOST_TITLE],
        language=house.preferences.language(tx),
        chat_id=said.chat_id,
        reply_to=None if show else said.message_id,
        show=show,
        view=view or {},
    )
    key = f"{said.key}:wish:{part}" if said.key else None
    start(house, tx, wish, key=key, label=label)


def sleeping(house: House, tx: Transaction, place: str) -> Word | None:
    """A word for a tap about a machine that is not there now; None when it is."""
    for each in places(house, tx):
        if each.name == place and not each.is_awake:
            return Word("files-asleep", {"place": each.title or place})
    return None
