"""/threads: begin, list, open, take up and rename conversations.

Renaming asks a question that the chat's next text answers. The question is a row, so it survives
a restart; a command instead of an answer withdraws it.
"""

from __future__ import annotations

from bot.handlers.incoming import Incoming, Tapped, Word
from bot.handlers.screens import say, show, thread, threads, threads_named
from core.db import Transaction
from core.memory.preferences import Question
from core.runs.buttons import Tap
from core.wiring import House

#: The open question that asks for a thread's name; `about` has its id and the screen to refresh.
NAME_QUESTION = "thread-name"
NEW = "new"


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/threads`, `/threads new [name]`, `/threads <words in a name>`."""
    first, _, rest = said.arguments.partition(" ")
    if first.lower() == NEW:
        name = house.threads.new(tx, said.chat_id, rest.strip() or None).name
        if name:
            say(house, tx, said.chat_id, "threads-created", name=name)
            return
    elif first:
        _search(house, tx, said)
        return
    show(house, tx, said.chat_id, "threads", threads(house, tx, said.chat_id))


def _search(house: House, tx: Transaction, said: Incoming) -> None:
    found = threads_named(house, tx, said.chat_id, said.arguments)
    if found["rows"]:
        show(house, tx, said.chat_id, "threads", found)
    else:
        say(house, tx, said.chat_id, "threads-none-named", words=said.arguments)


def turn_page(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    """`threads.page`"""
    chat_id = tapped.said.chat_id
    page = int(tap.params.get("page") or 0)
    show(house, tx, chat_id, "threads", threads(house, tx, chat_id, page), tap.card_key)


def open_one(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    """`threads.open`"""
    chat_id = tapped.said.chat_id
    facts = thread(house, tx, chat_id, str(tap.params["id"]))
    show(house, tx, chat_id, "thread", facts, tap.card_key)


def take_up(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`threads.use`"""
    chat_id = tapped.said.chat_id
    house.threads.switch(tx, chat_id, str(tap.params["id"]))
    found = house.threads.get(tx, chat_id, str(tap.params["id"]))
    show(house, tx, chat_id, "threads", threads(house, tx, chat_id), tap.card_key)
    name = found.name or found.opening
    return Word("threads-switched", {"name": name}) if name else None


def begin(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    """`threads.new`"""
    chat_id = tapped.said.chat_id
    house.threads.new(tx, chat_id)
    show(house, tx, chat_id, "threads", threads(house, tx, chat_id), tap.card_key)


def ask_name(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    """`threads.rename`: the next text of this chat is the name."""
    chat_id = tapped.said.chat_id
    found = house.threads.get(tx, chat_id, str(tap.params["id"]))
    about = {"id": found.id, "card": tap.card_key}
    house.preferences.ask(tx, chat_id, Question(NAME_QUESTION, about))
    say(house, tx, chat_id, "threads-ask-name")


def take_name(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The answer to `ask_name`."""
    thread_id = str(question.about["id"])
    renamed = house.threads.rename(tx, said.chat_id, thread_id, said.text)
    facts = thread(house, tx, said.chat_id, thread_id)
    show(house, tx, said.chat_id, "thread", facts, question.about.get("card"))
    say(house, tx, said.chat_id, "threads-renamed", reply_to=said.message_id, name=renamed.name)
