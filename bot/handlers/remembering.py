"""/remember: keep what is said, at once and as it is; one line says what was kept, with its Undo.

    /remember <words>    those words; as a reply with no words, the message that is replied to

No model is asked, so it works while none answers. Plain words ("remember that ...") are heard by
`core.conversation.remembering`. What somebody else said is kept as a note, never as a fact about
the owner.
"""

from __future__ import annotations

from bot.handlers.beginning import label_of
from bot.handlers.incoming import Command, Incoming
from bot.handlers.memory_changing import by
from bot.handlers.screens import say
from core.conversation.remembering_signs import is_about_owner
from core.db import Transaction
from core.memory import telling
from core.memory.model import StoredMessage
from core.memory.record_model import Category, NewRecord, Source
from core.runs.model import Label
from core.wiring import House


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/remember <words>`, `/remember` as a reply."""
    new = _of_words(house, tx, said) or _of_reply(house, tx, said)
    if new is None:
        say(house, tx, said.chat_id, "memory-remember-how", reply_to=said.message_id)
        return
    stored = house.memory.records.remember(tx, new, by(said))
    notice = telling.remembered(stored, chat_id=said.chat_id, reply_to=said.message_id)
    house.mailbox.put(tx, notice)


def _of_words(house: House, tx: Transaction, said: Incoming) -> NewRecord | None:
    words = said.after_command.strip()
    if not words:
        return None
    thread = house.threads.current(tx, said.chat_id)
    return NewRecord(
        category=Category.FACT if is_about_owner(words) else Category.NOTE,
        text=words,
        label=label_of(house, tx, thread.id, words),
        thread_id=thread.id,
        content={"telegram_id": said.message_id} if said.message_id is not None else {},
    )


def _of_reply(house: House, tx: Transaction, said: Incoming) -> NewRecord | None:
    """The message that is replied to; what is quoted of it where it is not known here."""
    message = _replied_to(house, tx, said)
    if message is not None:
        return NewRecord(
            category=Category.NOTE,
            text=message.text,
            label=message.label,
            source=Source.OWNER if message.is_owners else message.source or Source.UNTRUSTED,
            thread_id=message.thread_id,
            message_id=message.id,
            happened_at=message.created_at,
        )
    if not said.quoted:
        return None
    label = Label.highest(Label.OPEN, label_of(house, tx, None, said.quoted))
    return NewRecord(Category.NOTE, said.quoted, label, source=Source.UNTRUSTED)


def _replied_to(house: House, tx: Transaction, said: Incoming) -> StoredMessage | None:
    if said.replied_to is None:
        return None
    found = house.memory.reading.said_with(tx, said.chat_id, said.replied_to)
    if found is not None:
        return found
    run_id = house.mailbox.run_of(tx, said.chat_id, said.replied_to)
    return None if run_id is None else house.memory.reading.answer_of(tx, run_id)


COMMANDS: dict[str, Command] = {"remember": command}
