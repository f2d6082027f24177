"""/undo: what was changed lately, and a button on each to take it back.

Right after an action, `/undo` takes that one back at once; `/undo list` always shows the list.
Taking back is a step like any other: its place checks whether something came in between, and the
engine asks the owner where policy says so.
"""

from __future__ import annotations

from datetime import timedelta

from bot.handlers import wishes
from bot.handlers.incoming import Incoming, Tapped, Word
from bot.handlers.screens import show
from core.conversation import changes_made
from core.conversation.changes_made import Change
from core.db import Transaction
from core.errors import Refused
from core.runs.buttons import Tap
from core.wiring import House

#: How long /undo means the last action.
AT_ONCE = timedelta(minutes=5)
#: Changes listed.
MOST_ROWS = 8


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/undo`"""
    now = house.clock.now()
    changes = changes_made.recent(tx, now, MOST_ROWS)
    newest = changes[0] if changes else None
    is_fresh = newest is not None and newest.can_be_meant and now - newest.at < AT_ONCE
    if newest is not None and is_fresh and not said.arguments:
        _begin(house, tx, said, newest)
        return
    rows = [each.to_json() for each in changes]
    show(house, tx, said.chat_id, "undo", {"rows": rows})


def undo(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`undo.do`: take one change back."""
    now = house.clock.now()
    change = changes_made.find(tx, now, str(tap.params["change_id"]))
    if change is None:
        raise Refused("undo-gone")
    if change.is_undone:
        return Word("undo-already")
    _begin(house, tx, tapped.said, change)
    return wishes.sleeping(house, tx, change.place) or Word("undo-begins", {"what": change.what})


def _begin(house: House, tx: Transaction, said: Incoming, change: Change) -> None:
    title = f"↩️ {change.place}: {change.what}"
    inputs = {"change_id": change.id}
    wishes.begin(house, tx, said, changes_made.UNDO, inputs, change.place, title)
