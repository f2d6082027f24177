"""The beginning of a turn: the message stored, its label decided, its run committed.

A message is private when the owner says so (/private), when its thread is, or when its words tell
(`core.conversation.private`); the label is fixed here, before any model can read it.
"""

from __future__ import annotations

from bot.handlers.incoming import Incoming
from bot.handlers.screens import say
from core.conversation.model import Turn
from core.conversation.private import PrivateKind, detect, kinds_in_force
from core.conversation.remembering import wanted
from core.conversation.turn import chat_turn
from core.db import Transaction
from core.ids import ThreadId, new_id
from core.memory.model import NewMessage, Role
from core.memory.record_model import Source
from core.monitor.probe import has_model_of_mine
from core.runs.model import Label, Waiting
from core.runs.notices import Notice
from core.wiring import House

#: Characters of a message that a run carries as its title, and as the beginning of its text.
TITLE, BEGINNING = 80, 400
#: What a waiting run of a lane waits for when it does not hold the lane.
RELEASED = {Waiting.OWNER: "owner", Waiting.PLACE: "place"}
#: Preferences: a thread that is private, and the owner's switch per kind.
THREAD, KIND = "private-thread:", "private-kind:"


def begin_turn(
    house: House,
    tx: Transaction,
    said: Incoming,
    spoken: str,
    *,
    is_private: bool = False,
    is_urgent: bool = False,
) -> None:
    """Store the message and start its run; tell in one line what still waits. `is_private`,
    `is_urgent`: the owner says so; otherwise the thread and the words decide."""
    thread = house.threads.current(tx, said.chat_id)
    kept = is_private or is_private_thread(house, tx, thread.id)
    found = frozenset() if kept else detect(said.text, kinds(house, tx))
    label = Label.PRIVATE if kept or found else Label.OPEN
    message_id = new_id()
    turn = Turn(
        chat_id=said.chat_id,
        thread_id=thread.id,
        message_id=message_id,
        text=said.text[:BEGINNING],
        language=spoken,
        label=label,
        reply_to=said.message_id,
        quoted=said.quoted,
        is_urgent=is_urgent,
        has_code=said.code is not None,
        remembers=not said.is_forwarded and wanted(said.text) is not None,
    )
    lane = f"chat:{said.chat_id}"
    run_id = house.runs.start(
        tx,
        chat_turn,
        turn,
        lane=lane,
        key=said.key,
        chat_id=said.chat_id,
        reply_to=said.message_id,
        thread_id=thread.id,
        title=" ".join(said.text[:BEGINNING].split())[:TITLE],
        label=label,
    )
    if run_id is None:
        return  # this update has had its run
    house.threads.add(tx, _message(said, turn, run_id))
    if found:
        why = min(found, key=list(PrivateKind).index)
        say(house, tx, said.chat_id, f"privacy-found-{why.value}", silent=True)
    _tell_pending(house, tx, said.chat_id)


def label_of(house: House, tx: Transaction, thread_id: str | None, text: str) -> Label:
    """How private words are that are kept without a turn: by their thread, and by what they say."""
    if thread_id is not None and is_private_thread(house, tx, thread_id):
        return Label.PRIVATE
    return Label.PRIVATE if detect(text, kinds(house, tx)) else Label.OPEN


def _message(said: Incoming, turn: Turn, run_id: str) -> NewMessage:
    """What the owner wrote, or passed on, as it is kept."""
    return NewMessage(
        thread_id=ThreadId(turn.thread_id),
        role=Role.OWNER,
        text=said.text,
        label=turn.label,
        language=turn.language,
        run_id=run_id,
        telegram_id=said.message_id,
        id=turn.message_id,
        source=Source.FORWARDED if said.is_forwarded else None,
    )


def is_private_thread(house: House, tx: Transaction, thread_id: str) -> bool:
    """Has the owner said that everything in this thread is private?"""
    return bool(house.preferences.get(tx, f"{THREAD}{thread_id}", default=False))


def kinds(house: House, tx: Transaction) -> frozenset[PrivateKind]:
    """What makes a message private now."""
    switches = house.preferences.starting_with(tx, KIND)
    named = {name.removeprefix(KIND): bool(value) for name, value in switches.items()}
    has_local = has_model_of_mine(house.preferences, tx)
    return kinds_in_force(named, has_local_model=has_local)


def _tell_pending(house: House, tx: Transaction, chat_id: int) -> None:
    newest = house.runs.released(tx, chat_id)
    if newest is None or newest.waiting is None:
        return
    params = {"what": RELEASED[newest.waiting], "run_id": newest.id, "title": newest.title}
    house.mailbox.put(tx, Notice("pending", params, chat_id=chat_id, silent=True))
