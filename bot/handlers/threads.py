"""/threads: begin, list, find, open, take up and rename conversations.

    /threads                  the list
    /threads new [name]       begins one
    /threads open <words>     takes up the one whose name holds the words
    /threads search <words>   those whose name holds the words, or in which they were said
    /threads split [name]     as a reply (`threads_moving`)

Renaming asks a question that the chat's next text answers. The question is a row, so it survives
a restart; a command instead of an answer withdraws it.
"""

from __future__ import annotations

from bot.handlers import memory, threads_moving
from bot.handlers.incoming import Answer, Command, Incoming, Tapped, Verb, Word
from bot.handlers.memory_query import MOST_WORDS, Wanted, page_of
from bot.handlers.screens import say, show, thread, threads, threads_found
from core.db import Transaction
from core.memory.preferences import Question
from core.runs.buttons import Tap
from core.runs.model import Label
from core.wiring import House

#: The open question that asks for a thread's name; `about` has its id and the screen to refresh.
NAME_QUESTION = "thread-name"
#: The open question what to look for in a thread.
WORDS_QUESTION = "thread-words"


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/threads`, in the forms above; other words are looked for."""
    first, _, rest = said.arguments.partition(" ")
    match first.lower():
        case "":
            show(house, tx, said.chat_id, "threads", threads(house, tx, said.chat_id))
        case "new":
            _begin(house, tx, said, rest.strip())
        case "open" if rest.strip():
            _open(house, tx, said, rest.strip())
        case "search" if rest.strip():
            _search(house, tx, said, rest.strip())
        case "split":
            threads_moving.split_at_reply(house, tx, said, rest)
        case _:
            _search(house, tx, said, said.arguments)


def _begin(house: House, tx: Transaction, said: Incoming, name: str) -> None:
    begun = house.threads.new(tx, said.chat_id, name or None)
    if begun.name:
        say(house, tx, said.chat_id, "threads-created", name=begun.name)
    else:
        show(house, tx, said.chat_id, "threads", threads(house, tx, said.chat_id))


def _open(house: House, tx: Transaction, said: Incoming, words: str) -> None:
    """The only one that is meant is taken up; of several the owner chooses."""
    found = house.threads.named(tx, said.chat_id, words)
    if len(found) != 1:
        _search(house, tx, said, words)
        return
    house.threads.switch(tx, said.chat_id, found[0].id)
    facts = thread(house, tx, said.chat_id, found[0].id)
    show(house, tx, said.chat_id, "thread", facts, label=found[0].label)


def _search(house: House, tx: Transaction, said: Incoming, words: str) -> None:
    found = threads_found(house, tx, said.chat_id, words)
    if found["rows"]:
        show(house, tx, said.chat_id, "threads", found)
    else:
        say(house, tx, said.chat_id, "threads-none-named", words=words)


def turn_page(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    """`threads.page`"""
    chat_id = tapped.said.chat_id
    page = page_of(tap.params.get("page"))
    show(house, tx, chat_id, "threads", threads(house, tx, chat_id, page), tap.card_key)


def open_one(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    """`threads.open`"""
    chat_id = tapped.said.chat_id
    facts = thread(house, tx, chat_id, str(tap.params.get("id")))
    show(house, tx, chat_id, "thread", facts, tap.card_key, label=Label(facts["label"]))


def take_up(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`threads.use`"""
    chat_id = tapped.said.chat_id
    house.threads.switch(tx, chat_id, str(tap.params.get("id")))
    found = house.threads.get(tx, chat_id, str(tap.params.get("id")))
    show(house, tx, chat_id, "threads", threads(house, tx, chat_id), tap.card_key)
    name = found.name or found.opening
    return Word("threads-switched", {"name": name}) if name else None


def begin(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    """`threads.new`"""
    chat_id = tapped.said.chat_id
    house.threads.new(tx, chat_id)
    show(house, tx, chat_id, "threads", threads(house, tx, chat_id), tap.card_key)


def ask_words(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    """`threads.search`: the next text of this chat is looked for in this thread."""
    chat_id = tapped.said.chat_id
    found = house.threads.get(tx, chat_id, str(tap.params.get("id")))
    house.preferences.ask(tx, chat_id, Question(WORDS_QUESTION, {"id": found.id}))
    say(house, tx, chat_id, "threads-ask-words")


def take_words(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The answer to `ask_words`."""
    wanted = Wanted(words=said.text[:MOST_WORDS], thread_id=str(question.about["id"]))
    memory.show_list(house, tx, said.chat_id, wanted)


def ask_name(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    """`threads.rename`: the next text of this chat is the name."""
    chat_id = tapped.said.chat_id
    found = house.threads.get(tx, chat_id, str(tap.params.get("id")))
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


VERBS: dict[str, Verb] = {
    "threads.page": turn_page,
    "threads.open": open_one,
    "threads.use": take_up,
    "threads.new": begin,
    "threads.rename": ask_name,
    "threads.search": ask_words,
    **threads_moving.VERBS,
}
COMMANDS: dict[str, Command] = {"threads": command, "thread": command}
ANSWERS: dict[str, Answer] = {NAME_QUESTION: take_name, WORDS_QUESTION: take_words}
