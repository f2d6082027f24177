"""Documents the owner sends: kept, and then put where they belong.

A document goes at once where its caption, the screen it replies to, or an open question says;
without any of these it is held, and a card asks what to do with it. Everything put is a step
behind the engine's gate. Telegram gives bots files of 20 MB at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.handlers import browsing, memory_files, wishes
from bot.handlers.browsing import at
from bot.handlers.incoming import Incoming, Tapped, Word
from bot.handlers.obeying import obey
from bot.handlers.screens import say, show
from core.db import Transaction
from core.memory.preferences import Question
from core.runs import cards
from core.runs.blobs import Blobs
from core.runs.buttons import Tap
from core.runs.exchange_nodes import HOME
from core.runs.model import Label
from core.wiring import House

#: Bytes that Telegram lets a bot fetch (core.telegram.org/bots/api#getfile).
MOST_BYTES = 20_000_000
PUT = "files-put"
HELD = "held"
#: How long a held document waits, and how many may wait.
HOLD = timedelta(hours=24)
MOST_HELD = 10
#: Characters of a name, and what a name cannot hold on some system.
MOST_NAME = 120
UNFIT = frozenset('/\\:*?"<>|')


@dataclass(frozen=True)
class Document:
    """What was sent, before it is fetched."""

    name: str
    media: str
    size: int | None
    caption: str = ""

    @property
    def is_too_large(self) -> bool:
        return self.size is not None and self.size > MOST_BYTES


def take(house: House, said: Incoming, document: Document, content: bytes) -> None:
    """Keep the content, then put it or ask where."""

    def effect(tx: Transaction) -> None:
        blobs = Blobs(house.db, house.clock, HOME)
        ref = blobs.keep(tx, content, Label.PRIVATE, document.media)
        if memory_files.is_meant(house, tx, said, document.caption):
            memory_files.begin_import(house, tx, said, ref.sha256)
            return
        held = {"name": document.name, "blob": ref.to_json(), "at": house.clock.now().isoformat()}
        target = _target(house, tx, said, document.caption)
        if target is None:
            _hold(house, tx, said, held)
        else:
            house.preferences.ask(tx, said.chat_id, None)
            _put(house, tx, said, held, *target)

    obey(house, said, effect, why="document")


def refuse_size(house: House, said: Incoming, document: Document) -> None:
    """Too large for Telegram to hand over."""

    def effect(tx: Transaction) -> None:
        most = MOST_BYTES // 1_000_000
        say(
            house,
            tx,
            said.chat_id,
            "files-too-large",
            reply_to=said.message_id,
            name=document.name,
            most=most,
        )

    obey(house, said, effect, why="document-too-large")


def put(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`files.put`: what is held goes into this folder; with nothing held, ask for a document."""
    place, path = at(tap)
    waiting = _held(house, tx, tapped.said.chat_id)
    if not waiting:
        about = {"place": place, "path": path}
        house.preferences.ask(tx, tapped.said.chat_id, Question(PUT, about))
        say(house, tx, tapped.said.chat_id, "files-ask-document", what=f"{place}: {path}")
        return None
    house.preferences.forget(tx, _slot(tapped.said.chat_id))
    for part, held in enumerate(waiting):
        _put(house, tx, tapped.said, held, place, path, part=part)
    return wishes.sleeping(house, tx, place)


def drop(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`files.drop`: forget what is held."""
    blobs = Blobs(house.db, house.clock, HOME)
    for held in _held(house, tx, tapped.said.chat_id):
        blobs.drop(tx, held["blob"]["sha256"])
    house.preferences.forget(tx, _slot(tapped.said.chat_id))
    show(house, tx, tapped.said.chat_id, "files-received", {"rows": []}, tap.card_key)
    return Word("files-dropped")


def take_words(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """Words where a document was asked for: the question stays."""
    house.preferences.ask(tx, said.chat_id, question)
    say(house, tx, said.chat_id, "files-want-document", reply_to=said.message_id)


def name_of(name: str | None, fallback: str) -> str:
    """A document's name as every system takes it; what it cannot hold becomes `_`."""
    letters = ["_" if each in UNFIT or ord(each) < ord(" ") else each for each in name or ""]
    return "".join(letters).strip(". ")[-MOST_NAME:] or fallback


def _target(house: House, tx: Transaction, said: Incoming, caption: str) -> tuple[str, str] | None:
    """Where a document is meant to go: its caption, the screen it answers, an open question."""
    place, path = wishes.place_named(house, tx, caption.removeprefix("/files"))
    if place is not None:
        return place.name, path
    if said.replied_to is not None:
        key = cards.key_of(tx, said.chat_id, said.replied_to)
        params = cards.newest_params(tx, said.chat_id, key) if key else None
        folder = browsing.folder_shown(params or {})
        if folder is not None:
            return folder
    question = house.preferences.asking(tx, said.chat_id)
    if question is not None and question.topic == PUT:
        return str(question.about["place"]), str(question.about["path"])
    return None


def _hold(house: House, tx: Transaction, said: Incoming, held: dict[str, Any]) -> None:
    """Keep it for a day, and ask; several at once share one card."""
    waiting = [*_held(house, tx, said.chat_id), held][-MOST_HELD:]
    slot = _slot(said.chat_id)
    known = house.preferences.get(tx, slot) or {}
    rows = [
        {"name": each["name"], "size": each["blob"]["size"], "sha256": each["blob"]["sha256"]}
        for each in waiting
    ]
    places = [each.to_json() for each in wishes.places(house, tx)]
    same = known.get("card") if len(waiting) > 1 else None
    params = {"rows": rows, "places": places}
    card = show(house, tx, said.chat_id, "files-received", params, same)
    house.preferences.set(tx, slot, {"rows": waiting, "card": card})


def _held(house: House, tx: Transaction, chat_id: int) -> list[dict[str, Any]]:
    """What still waits; older than a day counts no more."""
    rows = (house.preferences.get(tx, _slot(chat_id)) or {}).get("rows") or []
    since = (house.clock.now() - HOLD).isoformat()
    return [each for each in rows if each["at"] > since]


def _slot(chat_id: int) -> str:
    return f"{HELD}:{chat_id}"


def _put(
    house: House,
    tx: Transaction,
    said: Incoming,
    held: dict[str, Any],
    place: str,
    folder: str,
    *,
    part: int = 0,
) -> None:
    """Start the step that puts one document into a folder."""
    path = f"{folder.rstrip('/')}/{held['name']}" if folder else held["name"]
    wishes.begin(
        house,
        tx,
        said,
        "files.put",
        {"path": path, "blob": held["blob"], "mode": "write"},
        place,
        f"📥 {place}: {path}",
        part=part,
        label=Label.PRIVATE,
    )
