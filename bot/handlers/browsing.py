"""/files: machines, folders, files, in one screen that its buttons change in place.

Reading a folder or a file is a step at its machine, so what a tap asks for arrives as the next
revision of the tapped screen. Deleting is one too, behind the engine's gate.
"""

from __future__ import annotations

from typing import Any

from bot.handlers import wishes
from bot.handlers.incoming import Incoming, Tapped, Word
from bot.handlers.screens import SCREEN, show
from core.db import Transaction
from core.errors import Refused
from core.execution.files import PAGE
from core.ids import random_token
from core.runs.buttons import Tap
from core.wiring import House

#: Names on one page of the screen; a page of the step holds five of these.
ROWS = 8
PARTS = PAGE // ROWS


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/files`, `/files <path>`, `/files <machine>:<path>`"""
    place, path = wishes.place_named(house, tx, said.after_command)
    known = wishes.places(house, tx)
    if place is None and not path and len(known) > 1:
        facts = {"rows": [each.to_json() for each in known]}
        show(house, tx, said.chat_id, "files-places", facts)
        return
    name = (place or known[0]).name
    look(house, tx, said, name, path, card=SCREEN + random_token())


def look(
    house: House,
    tx: Transaction,
    said: Incoming,
    place: str,
    path: str,
    *,
    card: str,
    page: int = 0,
) -> None:
    """List a folder into `card`. `page` counts from 0, ROWS names each."""
    inputs = {"path": path, "page": page // PARTS + 1}
    view = {"part": page % PARTS, "parts": PARTS, "rows": ROWS}
    title = f"📂 {place}: {path}"
    wishes.begin(house, tx, said, "files.list", inputs, place, title, show=card, view=view)


def open_one(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`files.open`: a folder's page, or a text file where the button says `file`."""
    place, path = at(tap)
    card = card_of(tap)
    page = max(int(tap.params.get("page") or 0), 0)
    if tap.params.get("file"):
        inputs = {"path": path, "line": int(tap.params.get("line") or 1)}
        inputs["letter"] = int(tap.params.get("letter") or 0)
        title = f"📄 {place}: {path}"
        wishes.begin(house, tx, tapped.said, "files.read", inputs, place, title, show=card)
    else:
        look(house, tx, tapped.said, place, path, card=card, page=page)
    return wishes.sleeping(house, tx, place)


def open_places(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`files.places`: the machines, in place of a folder."""
    facts = {"rows": [each.to_json() for each in wishes.places(house, tx)]}
    show(house, tx, tapped.said.chat_id, "files-places", facts, tap.card_key)
    return None


def fetch(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`files.get`: the file as a document."""
    place, path = at(tap)
    title = f"📎 {place}: {path}"
    wishes.begin(house, tx, tapped.said, "files.fetch", {"path": path}, place, title)
    return wishes.sleeping(house, tx, place) or Word("files-getting")


def delete(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`files.delete`: what would be deleted is shown on a card first."""
    place, path = at(tap)
    title = f"🗑 {place}: {path}"
    wishes.begin(house, tx, tapped.said, "files.delete", {"path": path}, place, title)
    return wishes.sleeping(house, tx, place)


def at(tap: Tap) -> tuple[str, str]:
    """The machine and the path of a button."""
    place, path = tap.params.get("place"), tap.params.get("path")
    if not isinstance(place, str) or not isinstance(path, str):
        raise Refused("stale-button")
    return place, path


def card_of(tap: Tap) -> str:
    """The screen that takes the answer: the tapped one, else a new one."""
    key = tap.card_key
    return key if key is not None and key.startswith(SCREEN) else SCREEN + random_token()


def folder_shown(params: dict[str, Any]) -> tuple[str, str] | None:
    """Machine and path of the folder that a screen shows; None when it shows none."""
    if params.get("step") != "files.list":
        return None
    return str(params["place"]), str(params["inputs"].get("path") or "")
