"""What the owner changes about a record: words, pin, label, category; and takes it back.

An edit says the same in other words; a correction says what holds from now on. Both keep what was
there in the record's history, and every change can be taken back. Forgetting is `memory_forget`.
"""

from __future__ import annotations

from typing import Any

from bot.handlers.beginning import label_of
from bot.handlers.incoming import Answer, Incoming, Tapped, Verb, Word
from bot.handlers.memory_item import list_of, message_of, origin_of, show_record
from bot.handlers.memory_query import filed
from bot.handlers.screens import SCREEN, show
from core.approvals.owner import actor_of
from core.db import Transaction
from core.errors import Refused
from core.memory import telling
from core.memory.preferences import Question
from core.memory.record_model import Actor, Category, ChangeKind, NewRecord, Source, Stored
from core.runs import cards
from core.runs.buttons import Tap
from core.runs.model import Label
from core.runs.notice_rows import get as notice_row
from core.runs.notices import Notice
from core.wiring import House

#: The open question for other words; `about` has the record, how, and the screen.
REWORD = "memory-reword"
EDIT, CORRECT = "edit", "correct"
KINDS = {EDIT: ChangeKind.EDITED, CORRECT: ChangeKind.CORRECTED}


def by(tapped: Tapped | Incoming) -> Actor:
    """Who acts: the owner, in the chat."""
    said = tapped.said if isinstance(tapped, Tapped) else tapped
    return Actor(actor_of(said.user_id))


def pin(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.pin`: always in the context, never summarised; and back."""
    is_on = bool(tap.params.get("on"))
    _edit(house, tx, tapped, tap, ChangeKind.PINNED, is_pinned=is_on)
    return Word("memory-pinned" if is_on else "memory-unpinned")


def make_private(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.private`: it stays on the owner's machines; opening it again takes a second tap."""
    is_on = bool(tap.params.get("on"))
    if not is_on and not tap.params.get("sure"):
        more = {**origin_of(tx, tapped, tap), "opening": True}
        record_id = str(tap.params.get("id"))
        show_record(house, tx, tapped.said.chat_id, record_id, tap.card_key, more)
        return None
    label = Label.PRIVATE if is_on else Label.OPEN
    _edit(house, tx, tapped, tap, ChangeKind.LABELLED, label=label)
    return Word("memory-now-private" if is_on else "memory-now-open")


def file(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.file`: another category; without one, which there are."""
    if tap.params.get("category") is None:
        more = {**origin_of(tx, tapped, tap), "filing": True}
        record_id = str(tap.params.get("id"))
        show_record(house, tx, tapped.said.chat_id, record_id, tap.card_key, more)
        return None
    _edit(house, tx, tapped, tap, ChangeKind.FILED, category=filed(tap.params["category"]))
    return Word("memory-filed")


def _edit(
    house: House, tx: Transaction, tapped: Tapped, tap: Tap, kind: ChangeKind, **fields: Any
) -> None:
    record_id = str(tap.params.get("id"))
    house.memory.records.edit(tx, record_id, by(tapped), kind=kind, **fields)
    origin = origin_of(tx, tapped, tap)
    show_record(house, tx, tapped.said.chat_id, record_id, tap.card_key, origin)


def ask_words(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.edit`: the next text is what it says then; `how` is edit or correct."""
    how, record_id = str(tap.params.get("how") or EDIT), str(tap.params.get("id"))
    if how not in KINDS:
        raise Refused("stale-button")
    record = house.memory.records.get(tx, record_id, Label.PRIVATE)
    chat_id = tapped.said.chat_id
    about = {"id": record_id, "how": how, "card": tap.card_key}
    house.preferences.ask(tx, chat_id, Question(REWORD, about))
    params = {"id": record_id, "how": how, "text": record.text}
    show(house, tx, chat_id, "memory-ask", params, label=record.label)
    return None


def take_words(house: House, tx: Transaction, said: Incoming, question: Question) -> None:
    """The answer to `ask_words`."""
    record_id, kind = str(question.about["id"]), KINDS[str(question.about["how"])]
    records = house.memory.records
    former = records.get(tx, record_id, Label.PRIVATE)
    fields: dict[str, Any] = {"text": said.text}
    if kind is ChangeKind.CORRECTED:
        fields["happened_at"] = house.clock.now()
    fields["label"] = Label.highest(former.label, label_of(house, tx, None, said.text))
    stored = records.edit(tx, record_id, by(said), kind=kind, **fields)
    _tell(house, tx, said, stored, kind)
    card = question.about.get("card")
    if isinstance(card, str) and card.startswith(SCREEN):
        origin = list_of(tx, said.chat_id, card)
        show_record(house, tx, said.chat_id, record_id, card, origin)


def _tell(house: House, tx: Transaction, said: Incoming, stored: Stored, kind: ChangeKind) -> None:
    notice = telling.remembered(stored, chat_id=said.chat_id, reply_to=said.message_id)
    notice.params.update(known=False, change=kind.value if stored.change_id else "same")
    house.mailbox.put(tx, notice)


def undo(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.undo`: a change taken back, or a birth; the card it was tapped on follows."""
    stored = house.memory.records.undo(tx, str(tap.params.get("change_id")), by(tapped))
    record, chat_id, key = stored.record, tapped.said.chat_id, tap.card_key
    if key is not None and key.startswith(SCREEN):
        show_record(house, tx, chat_id, record.id, key, list_of(tx, chat_id, key))
    elif key is not None:
        params = cards.newest_params(tx, chat_id, key) or {}
        told = {**params, "undone": not params.get("undone"), "change_id": stored.change_id}
        kind = notice_row(tx, tap.notice_id).kind
        house.mailbox.put(tx, Notice(kind, told, chat_id=chat_id, key=key, label=record.label))
    return Word("memory-undone")


def keep(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.keep`: what was said in the chat becomes a note."""
    message = message_of(house, tx, str(tap.params.get("id")))
    source = Source.OWNER if message.is_owners else message.source or Source.UNTRUSTED
    new = NewRecord(
        category=Category.NOTE,
        text=message.text,
        label=message.label,
        source=source,
        thread_id=message.thread_id,
        message_id=message.id,
        happened_at=message.created_at,
    )
    stored = house.memory.records.remember(tx, new, by(tapped))
    house.mailbox.put(tx, telling.remembered(stored, chat_id=tapped.said.chat_id))
    return None


VERBS: dict[str, Verb] = {
    "memory.edit": ask_words,
    "memory.pin": pin,
    "memory.private": make_private,
    "memory.file": file,
    "memory.undo": undo,
    "memory.keep": keep,
}
ANSWERS: dict[str, Answer] = {REWORD: take_words}
