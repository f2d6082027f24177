"""Threads joined, split, put back, read whole, summed up: what a long project needs.

    /threads split [name]    as a reply: what was said from that message on becomes a thread

Every move says what it did, with its Undo. A thread that is private makes what it becomes private.
"""

from __future__ import annotations

from typing import Any

from bot.handlers.beginning import THREAD, is_private_thread
from bot.handlers.incoming import Incoming, Tapped, Verb, Word
from bot.handlers.memory_query import number_of, page_of
from bot.handlers.screens import show, thread, threads
from core.conversation.model import Summarise
from core.conversation.summary import summarise_thread
from core.db import Transaction
from core.errors import Refused
from core.memory.model import StoredMessage
from core.memory.thread_moves import JOIN, Moved
from core.memory.threads import tidy_name
from core.runs.buttons import Tap
from core.runs.model import Label
from core.runs.notices import Notice
from core.wiring import House

#: Characters of a message on a page of a whole thread.
MOST_TEXT = 400
#: Messages that a summary on request leaves as they were said.
LAST_SAID = 2


# -- reading -------------------------------------------------------------------------------------


def open_history(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`threads.history`: all of it in order, a page at a time, the newest first seen."""
    _show_page(house, tx, tapped, tap)
    return None


def _show_page(house: House, tx: Transaction, tapped: Tapped, tap: Tap, **more: Any) -> None:
    chat_id, thread_id = tapped.said.chat_id, str(tap.params.get("id"))
    asked = tap.params.get("page")
    found = house.memory.reading.page(
        tx, chat_id, thread_id, None if asked is None else page_of(asked)
    )
    facts = {
        "id": thread_id,
        "name": house.memory.reading.name_of(tx, thread_id),
        "rows": [_said(each) for each in found.rows],
        "page": found.page,
        "pages": found.pages,
        "total": found.total,
        **more,
    }
    label = Label.highest(*(each.label for each in found.rows)) if found.rows else Label.OPEN
    show(house, tx, chat_id, "thread-history", facts, tap.card_key, label=label)


def _said(message: StoredMessage) -> dict[str, Any]:
    return {
        "seq": message.seq,
        "role": message.role.value,
        "text": message.text[:MOST_TEXT],
        "at": message.created_at.isoformat(),
        "label": message.label.value,
    }


def sum_up(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`threads.summary`: make it anew up to the last exchange; it comes to this card."""
    chat_id, thread_id = tapped.said.chat_id, str(tap.params.get("id"))
    found = house.threads.get(tx, chat_id, thread_id)
    last = house.threads.last(tx, thread_id, LAST_SAID + 1)
    if len(last) <= LAST_SAID or (found.summary_upto or 0) >= last[0].seq:
        return Word("threads-short" if found.summary is None else "threads-summary-fresh")
    card = show(
        house, tx, chat_id, "thread", {**thread(house, tx, chat_id, thread_id), "summing": True},
        tap.card_key, label=found.label,
    )  # fmt: skip
    label = _label_of(house, tx, thread_id)
    house.runs.start(
        tx,
        summarise_thread,
        Summarise(thread_id, last[0].seq, house.preferences.language(tx), label, chat_id, card),
        lane=f"summary:{thread_id}",
        chat_id=chat_id,
        thread_id=thread_id,
        label=label,
    )
    return Word("threads-summing")


def _label_of(house: House, tx: Transaction, thread_id: str) -> Label:
    """A summary on request is made of everything that was said: as private as the thread holds."""
    is_private = is_private_thread(house, tx, thread_id)
    return Label.PRIVATE if is_private else house.memory.reading.label_of(tx, thread_id)


# -- joining -------------------------------------------------------------------------------------


def join(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`threads.join`: without `into`, a choice of threads."""
    chat_id, thread_id = tapped.said.chat_id, str(tap.params.get("id"))
    into = tap.params.get("into")
    if into is None:
        facts = threads(house, tx, chat_id, page_of(tap.params.get("page")))
        facts["rows"] = [each for each in facts["rows"] if each["id"] != thread_id]
        about = {"join": thread_id, "name": house.memory.reading.name_of(tx, thread_id)}
        show(house, tx, chat_id, "threads", {**facts, **about}, tap.card_key)
        return None
    moved = house.memory.moves.join(tx, chat_id, thread_id, str(into))
    if house.preferences.thread(tx, chat_id) == thread_id:
        house.threads.switch(tx, chat_id, moved.into_id)
    _inherit(house, tx, moved)
    _tell(house, tx, chat_id, moved)
    show(house, tx, chat_id, "threads", threads(house, tx, chat_id), tap.card_key)
    return None


# -- splitting -----------------------------------------------------------------------------------


def split(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`threads.split`: without `seq`, the whole thread to choose where the new one begins."""
    if tap.params.get("seq") is None:
        _show_page(house, tx, tapped, tap, splitting=True)
        return None
    chat_id, thread_id = tapped.said.chat_id, str(tap.params.get("id"))
    moved = house.memory.moves.split(tx, chat_id, thread_id, number_of(tap.params["seq"]))
    _inherit(house, tx, moved)
    _tell(house, tx, chat_id, moved)
    show(house, tx, chat_id, "threads", threads(house, tx, chat_id), tap.card_key)
    return None


def split_at_reply(house: House, tx: Transaction, said: Incoming, name: str) -> None:
    """`/threads split [name]` as a reply. Refused(`thread-split-how`)."""
    first = _replied_to(house, tx, said)
    if first is None:
        raise Refused("thread-split-how")
    given = tidy_name(name) if name.strip() else None
    moved = house.memory.moves.split(tx, said.chat_id, first.thread_id, first.seq, given)
    _inherit(house, tx, moved)
    _tell(house, tx, said.chat_id, moved)


def _replied_to(house: House, tx: Transaction, said: Incoming) -> StoredMessage | None:
    if said.replied_to is None:
        return None
    reading = house.memory.reading
    own = reading.said_with(tx, said.chat_id, said.replied_to)
    run_id = house.mailbox.run_of(tx, said.chat_id, said.replied_to)
    return own or (reading.answer_of(tx, run_id) if run_id else None)


# -- taking back ---------------------------------------------------------------------------------


def unmove(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`threads.unmove`: everything is where it was."""
    chat_id = tapped.said.chat_id
    moved = house.memory.moves.undo(tx, chat_id, str(tap.params.get("move_id")))
    if house.preferences.thread(tx, chat_id) == moved.into_id and moved.kind != JOIN:
        house.threads.switch(tx, chat_id, moved.from_id)
    _tell(house, tx, chat_id, moved, undone=True)
    return Word("threads-unmoved")


def _tell(
    house: House, tx: Transaction, chat_id: int, moved: Moved, *, undone: bool = False
) -> None:
    """What went where, with its Undo, on a card of the move's own."""
    reading = house.memory.reading
    params = {
        "move_id": moved.id,
        "kind": moved.kind,
        "from": reading.name_of(tx, moved.from_id),
        "into": reading.name_of(tx, moved.into_id),
        "into_id": moved.from_id if undone else moved.into_id,
        "count": moved.count,
        "undone": undone,
    }
    key = f"thread-move:{moved.id}"
    house.mailbox.put(tx, Notice("thread-moved", params, chat_id=chat_id, key=key))


def _inherit(house: House, tx: Transaction, moved: Moved) -> None:
    """What comes out of a private thread stays one."""
    if is_private_thread(house, tx, moved.from_id):
        house.preferences.set(tx, f"{THREAD}{moved.into_id}", value=True)
        house.audit.record(tx, "thread-private", "owner", thread=moved.into_id)


VERBS: dict[str, Verb] = {
    "threads.history": open_history,
    "threads.summary": sum_up,
    "threads.join": join,
    "threads.split": split,
    "threads.unmove": unmove,
}
