"""Creating and changing a text file in a chat: questions, and then one step that shows a diff.

A question is a row; a command withdraws it. What the owner sends as an answer is taken letter by
letter. The approval card shows what would change before anything does.
"""

from __future__ import annotations

from bot.handlers import wishes
from bot.handlers.browsing import at
from bot.handlers.incoming import Answer, Incoming, Tapped, Word
from bot.handlers.screens import say, show
from core.db import Transaction
from core.errors import Refused
from core.memory.preferences import Question
from core.runs.buttons import Tap
from core.wiring import House

NAME, CONTENT, APPEND, OLD, NEW = (
    "files-name",
    "files-content",
    "files-append",
    "files-old",
    "files-new",
)
#: A name as it may be sent.
EXAMPLE = "notes.txt"
#: What a button under "edit" asks for first.
WAYS = {"append": APPEND, "replace": OLD, "whole": CONTENT}
ASKS = {
    NAME: "files-ask-name",
    CONTENT: "files-ask-content",
    APPEND: "files-ask-append",
    OLD: "files-ask-old",
    NEW: "files-ask-new",
}


def create(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    """`files.create`: a new text file in this folder; first its name."""
    place, folder = at(tap)
    _ask(house, tx, tapped.said, NAME, place=place, path=folder)


def edit(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`files.edit`: in which way; then the words for it."""
    place, path = at(tap)
    how = tap.params.get("how")
    if how is None:
        params = {"place": place, "path": path}
        show(house, tx, tapped.said.chat_id, "files-editing", params, tap.card_key)
        return None
    if how not in WAYS:
        raise Refused("stale-button")
    _ask(house, tx, tapped.said, WAYS[how], place=place, path=path)
    return None


def take_name(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The name of a new file; then its content."""
    name = said.text.strip()
    if not name or "\n" in name or "/" in name:
        raise Refused("file-name")
    folder = str(question.about["path"])
    path = f"{folder.rstrip('/')}/{name}" if folder else name
    _ask(house, tx, said, CONTENT, place=question.about["place"], path=path)


def take_content(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The whole text of a file, new or not."""
    _change(house, tx, said, question, "files.write", text=said.text)


def take_append(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """What is put behind the end of a file."""
    _change(house, tx, said, question, "files.edit", old="", new=said.text)


def take_old(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The passage that is to be replaced; then what by."""
    _ask(house, tx, said, NEW, **question.about, old=said.text)


def take_new(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """What stands there instead; a lone dash is nothing."""
    new = "" if said.text.strip() in {"-", "—"} else said.text
    _change(house, tx, said, question, "files.edit", old=str(question.about["old"]), new=new)


def _ask(house: House, tx: Transaction, said: Incoming, topic: str, **about: str) -> None:
    house.preferences.ask(tx, said.chat_id, Question(topic, about))
    shown = f"{about['place']}: {about['path']}"
    say(house, tx, said.chat_id, ASKS[topic], what=shown, example=EXAMPLE)


def _change(
    house: House, tx: Transaction, said: Incoming, question: Question, step: str, **inputs: str
) -> None:
    place, path = str(question.about["place"]), str(question.about["path"])
    given = {"path": path, **inputs}
    wishes.begin(house, tx, said, step, given, place, f"✏️ {place}: {path}")


ANSWERS: dict[str, Answer] = {
    NAME: take_name,
    CONTENT: take_content,
    APPEND: take_append,
    OLD: take_old,
    NEW: take_new,
}
