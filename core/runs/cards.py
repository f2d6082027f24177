"""Cards: revisions of a `show`, and which Telegram message shows which revision now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.runs.notices import Notice, NoticeState, Urgency
from core.runs.tables import cards, notices


@dataclass(frozen=True)
class Card:
    """The message that shows a card; `message_id` is None when none does any more."""

    message_id: int | None
    revision: int


def shown(tx: Transaction, chat_id: int, key: str) -> Card | None:
    """What the chat shows under `key`, None when nothing ever was."""
    query = sa.select(cards.c.message_id, cards.c.revision).where(
        cards.c.chat_id == chat_id, cards.c.key == key
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else Card(row.message_id, row.revision)


def key_of(tx: Transaction, chat_id: int, message_id: int) -> str | None:
    """The card that a message shows, None when it shows none."""
    query = sa.select(cards.c.key).where(
        cards.c.chat_id == chat_id, cards.c.message_id == message_id
    )
    key: str | None = tx.execute(query).scalars().first()
    return key


def record(
    tx: Transaction, chat_id: int, key: str, message_id: int, revision: int, now: datetime
) -> None:
    """`message_id` shows `revision` now."""
    values = {"message_id": message_id, "revision": revision, "updated_at": now}
    changed = tx.execute(
        sa.update(cards).where(cards.c.chat_id == chat_id, cards.c.key == key).values(**values)
    )
    if changed.rowcount == 0:
        tx.execute(sa.insert(cards).values(chat_id=chat_id, key=key, **values))


def same_chat(chat_id: int | None) -> sa.ColumnElement[bool]:
    """Rows of this chat; None is the owner's chat before the owner is known."""
    column = notices.c.chat_id
    return column.is_(None) if chat_id is None else column == chat_id


def newest_params(tx: Transaction, chat_id: int | None, key: str) -> dict[str, Any] | None:
    """The parameters of the newest revision of a card."""
    query = (
        sa.select(notices.c.params)
        .where(same_chat(chat_id), notices.c.key == key)
        .order_by(notices.c.revision.desc())
        .limit(1)
    )
    params: dict[str, Any] | None = tx.execute(query).scalar_one_or_none()
    return params


def next_revision(tx: Transaction, chat_id: int | None, key: str) -> int:
    """One more than the newest that was ever put or shown."""
    newest = sa.select(sa.func.max(notices.c.revision)).where(
        same_chat(chat_id), notices.c.key == key
    )
    card = None if chat_id is None else shown(tx, chat_id, key)
    return max(tx.execute(newest).scalar_one() or 0, card.revision if card else 0) + 1


def supersede(tx: Transaction, chat_id: int | None, notice: Notice) -> Notice:
    """Skip the unsent revisions before `notice`; it inherits what the owner has not seen yet:
    their sound, their haste, the message they answer, and that the card is to appear anew."""
    unsent = [
        same_chat(chat_id),
        notices.c.key == notice.key,
        notices.c.state == NoticeState.READY,
    ]
    columns = notices.c
    query = sa.select(columns.silent, columns.urgency, columns.reply_to, columns.params)
    for row in tx.execute(query.where(*unsent).order_by(columns.revision)).all():
        params = notice.params
        if row.params.get("fresh"):
            params = {**params, "fresh": True}
        notice = replace(
            notice,
            params=params,
            silent=notice.silent and row.silent,
            urgency=Urgency(min(notice.urgency, row.urgency)),
            reply_to=row.reply_to if notice.reply_to is None else notice.reply_to,
        )
    tx.execute(sa.update(notices).where(*unsent).values(state=NoticeState.SKIPPED))
    return notice


def params_of(tx: Transaction, key: str) -> list[dict[str, Any]]:
    """The parameters of every revision of a card, in any chat, oldest first."""
    query = sa.select(notices.c.params).where(notices.c.key == key).order_by(notices.c.id)
    return list(tx.execute(query).scalars())


def forget(tx: Transaction, key: str, *names: str) -> None:
    """Take parameters out of every revision of a card: a secret that is not needed any more."""
    query = sa.select(notices.c.id, notices.c.params).where(notices.c.key == key)
    for row in tx.execute(query).all():
        kept = {name: value for name, value in row.params.items() if name not in names}
        if kept != row.params:
            tx.execute(sa.update(notices).where(notices.c.id == row.id).values(params=kept))
