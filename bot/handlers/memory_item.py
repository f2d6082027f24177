"""One thing that is remembered, opened: all its fields, its history, where it was said, its like.

Looks only; `memory_changing` changes, `memory_forget` forgets.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.handlers.incoming import Tapped, Verb, Word
from bot.handlers.memory_query import ROWS, hit_facts, kind_of, label_of_rows, of_json
from bot.handlers.screens import SCREEN, say, show
from core.db import Transaction
from core.errors import Refused
from core.memory.model import Role, StoredMessage
from core.memory.record_model import Category, Change, ChangeKind, Record
from core.memory.search_model import ItemKind
from core.runs import cards
from core.runs.buttons import Tap
from core.runs.model import Label
from core.upkeep.summary_cards import review
from core.wiring import House

#: Changes on the screen of a history.
MOST_CHANGES = 6
SAID = (ItemKind.MESSAGE, ItemKind.ANSWER)


def open_one(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.open`"""
    kind, item_id = kind_of(tap.params.get("kind", "record")), str(tap.params.get("id"))
    q, page = tap.params.get("q"), tap.params.get("page")
    origin = (
        {"q": of_json(q).to_json(), "page": page} if q is not None else origin_of(tx, tapped, tap)
    )
    if kind is ItemKind.RECORD:
        show_record(house, tx, tapped.said.chat_id, item_id, tap.card_key, origin)
    elif kind in SAID:
        _show_message(house, tx, tapped.said.chat_id, item_id, tap.card_key, origin)
    else:
        show_summary(house, tx, tapped.said.chat_id, item_id, tap.card_key)
    return None


def show_record(
    house: House,
    tx: Transaction,
    chat_id: int,
    record_id: str,
    key: str | None,
    more: dict[str, Any] | None = None,
) -> None:
    """A record, whole. Refused(`record-missing`) when it is gone."""
    record = house.memory.records.get(tx, record_id, Label.PRIVATE)
    facts = {**record_facts(house, tx, record), **(more or {})}
    show(house, tx, chat_id, "memory-item", facts, key, label=record.label)


def record_facts(house: House, tx: Transaction, record: Record) -> dict[str, Any]:
    """What the card of a record shows; `undo` is the newest change that can be taken back."""
    changes = house.memory.records.history(tx, record.id)
    newest = next((each for each in changes if _is_own(each)), None)
    thread = record.thread_id and house.memory.reading.name_of(tx, record.thread_id)
    return {
        "kind": "record",
        "id": record.id,
        "text": record.text,
        "category": record.category.value,
        "label": record.label.value,
        "source": record.source.value,
        "origin": record.origin,
        "task_id": record.task_id,
        "content": _plain(record.content),
        "at": record.happened_at.isoformat(),
        "created_at": record.created_at.isoformat(),
        "changed_at": record.changed_at.isoformat(),
        "pinned": record.is_pinned,
        "archived": record.archive_id is not None,
        "gone": record.deleted_at is not None,
        "thread": thread,
        "thread_id": record.thread_id,
        "message_id": record.message_id,
        "said": record.message_id is not None or "telegram_id" in record.content,
        "changes": len(changes),
        "undo": newest.id if newest else None,
    }


def _is_own(change: Change) -> bool:
    return change.can_be_undone and change.kind is not ChangeKind.UNDONE


def _plain(content: dict[str, Any]) -> dict[str, str]:
    """What is structured besides the words, as names and short values."""
    return {str(name): str(value) for name, value in content.items() if name != "telegram_id"}


def _show_message(
    house: House,
    tx: Transaction,
    chat_id: int,
    message_id: str,
    key: str | None,
    more: dict[str, Any],
) -> None:
    message = message_of(house, tx, message_id)
    facts = {
        "kind": "message" if message.role is Role.OWNER else "answer",
        "id": message.id,
        "text": message.text,
        "category": Category.INTERACTION.value,
        "label": message.label.value,
        "endpoint": message.endpoint,
        "at": message.created_at.isoformat(),
        "archived": message.archive_id is not None,
        "thread": house.memory.reading.name_of(tx, message.thread_id),
        "thread_id": message.thread_id,
        "message_id": message.id,
        "said": True,
        **more,
    }
    show(house, tx, chat_id, "memory-item", facts, key, label=message.label)


def show_summary(
    house: House, tx: Transaction, chat_id: int, summary_id: str, key: str | None
) -> None:
    """A summary in the screen that was tapped, or on its own card. Refused(`summary-missing`)."""
    summary = house.memory.summaries.get(tx, summary_id, Label.PRIVATE)
    notice = review(summary, chat_id)
    thread = summary.thread_id and house.memory.reading.name_of(tx, summary.thread_id)
    params = {**notice.params, "thread": thread}
    if key is not None and key.startswith(SCREEN):
        show(house, tx, chat_id, "summary", params, key, label=summary.label)
    else:
        house.mailbox.put(tx, replace(notice, params=params, silent=False))


def message_of(house: House, tx: Transaction, message_id: str) -> StoredMessage:
    message = house.threads.message(tx, message_id)
    if message is None or not message.text:
        raise Refused("record-missing")
    return message


def open_history(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.history`: what changed it, when, from which message; the newest first."""
    record_id = str(tap.params.get("id"))
    record = house.memory.records.get(tx, record_id, Label.PRIVATE)
    changes = house.memory.records.history(tx, record_id)
    facts = {
        **record_facts(house, tx, record),
        **origin_of(tx, tapped, tap),
        "rows": [_change_facts(each) for each in changes[:MOST_CHANGES]],
        "more": max(0, len(changes) - MOST_CHANGES),
    }
    show(house, tx, tapped.said.chat_id, "memory-history", facts, tap.card_key, label=record.label)
    return None


def _change_facts(change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "kind": change.kind.value,
        "at": change.at.isoformat(),
        "actor": change.actor.name,
        "message_id": change.actor.message_id,
        "before": {name: str(was) for name, was in change.before.items()},
        "undone": change.undone_by is not None,
        "can_undo": _is_own(change),
    }


def open_similar(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.similar`: what is like it."""
    kind, item_id = kind_of(tap.params.get("kind", "record")), str(tap.params.get("id"))
    if kind is ItemKind.RECORD:
        seq = house.memory.records.get(tx, item_id, Label.PRIVATE).seq
    else:
        seq = message_of(house, tx, item_id).seq
    found = house.memory.search.similar(tx, (kind, seq), Label.PRIVATE)
    if not found.hits:
        return Word("memory-none-similar")
    rows = [hit_facts(each) for each in found.hits[:ROWS]]
    facts = {"rows": rows, "total": len(rows), "pages": 1, "q": {}, "like": item_id}
    show(house, tx, tapped.said.chat_id, "memory", facts, label=label_of_rows(rows))
    return None


def point_out(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> Word | None:
    """`memory.said`: a line that answers the message it came from, so that a tap leads there."""
    chat_id = tapped.said.chat_id
    number = _number_of(house, tx, chat_id, tap)
    if number is None:
        return Word("memory-said-nowhere")
    say(house, tx, chat_id, "memory-said-here", reply_to=number, silent=True)
    return None


def _number_of(house: House, tx: Transaction, chat_id: int, tap: Tap) -> int | None:
    """Telegram's number of the message behind a record, or of a message itself."""
    message_id = tap.params.get("message_id")
    if message_id is None:
        record = house.memory.records.get(tx, str(tap.params.get("id")), Label.PRIVATE)
        kept = record.content.get("telegram_id")
        return kept if isinstance(kept, int) else None
    message = house.threads.message(tx, str(message_id))
    if message is None:
        return None
    if message.telegram_id is None and message.run_id is not None:
        shown = house.mailbox.messages_of(tx, chat_id, message.run_id)
        return shown[0] if shown else None
    return message.telegram_id


# -- inside --------------------------------------------------------------------------------------


def origin_of(tx: Transaction, tapped: Tapped, tap: Tap) -> dict[str, Any]:
    """The list that an item was opened from."""
    return {} if tap.card_key is None else list_of(tx, tapped.said.chat_id, tap.card_key)


def list_of(tx: Transaction, chat_id: int, key: str) -> dict[str, Any]:
    params = cards.newest_params(tx, chat_id, key) or {}
    return {name: params[name] for name in ("q", "page") if name in params}


VERBS: dict[str, Verb] = {
    "memory.open": open_one,
    "memory.history": open_history,
    "memory.similar": open_similar,
    "memory.said": point_out,
}
