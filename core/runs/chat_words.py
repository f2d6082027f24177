"""Which messages of a chat show some words: ours as they stand now, and the owner's own.

Reads only. Whoever forgets the words decides what becomes of the messages; Telegram lets a bot
delete those of the last two days.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.runs.notices import NoticeState
from core.runs.tables import cards, intake, notices, owner_messages

#: What an update of the owner's can be.
SAID = ("message", "edited_message")

Holds = Callable[[str], bool]


def of_ours(tx: Transaction, chat_id: int, since: datetime, holds: Holds) -> list[int]:
    """Messages that the bot has sent since then; of a card what it shows now."""
    columns = (notices.c.id, notices.c.key, notices.c.revision, notices.c.params)
    query = sa.select(*columns).where(
        notices.c.chat_id == chat_id,
        notices.c.created_at >= since,
        notices.c.state == NoticeState.SENT,
    )
    found = [row for row in tx.execute(query) if any(map(holds, _strings(row.params)))]
    shown = [number for row in found for number in _shown_by(tx, chat_id, row)]
    return sorted(set(shown))


def of_theirs(tx: Transaction, chat_id: int, since: datetime, holds: Holds) -> list[int]:
    """Messages that came since then."""
    query = sa.select(intake.c.raw).where(intake.c.received_at >= since)
    numbers = set()
    for raw in tx.execute(query).scalars():
        update = _update(raw)
        said: dict[str, Any] = next(
            (update[name] for name in SAID if isinstance(update.get(name), dict)), {}
        )
        is_here = isinstance(said.get("chat"), dict) and said["chat"].get("id") == chat_id
        number = said.get("message_id")
        if is_here and isinstance(number, int) and any(map(holds, _strings(said))):
            numbers.add(number)
    return sorted(numbers)


def _shown_by(tx: Transaction, chat_id: int, row: Any) -> list[int]:
    if row.key is None:
        query = sa.select(owner_messages.c.message_id).where(
            owner_messages.c.chat_id == chat_id, owner_messages.c.notice_id == row.id
        )
        return list(tx.execute(query).scalars())
    card = sa.select(cards.c.message_id).where(
        cards.c.chat_id == chat_id, cards.c.key == row.key, cards.c.revision == row.revision
    )
    return [number for number in tx.execute(card).scalars() if number is not None]


def _update(raw: str) -> dict[str, Any]:
    """An update that cannot be read shows nothing."""
    try:
        update = json.loads(raw)
    except ValueError:
        return {}
    return update if isinstance(update, dict) else {}


def _strings(value: Any) -> Iterator[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
