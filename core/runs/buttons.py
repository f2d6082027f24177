"""Buttons: what a random id in Telegram stands for, and whether a tap on it counts.

Telegram carries 128 random bits and nothing else. A tap is judged in one atomic update: state,
validity, chat and message; the owner's id is compared before. A button works once if it is
single, and only in the newest sending of its card. Never runs the command: `bot/handlers` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction
from core.errors import Refused
from core.ids import random_token
from core.runs.tables import buttons

OPEN, USED, DEAD = "open", "used", "dead"


@dataclass(frozen=True)
class NewButton:
    """A button of one sending, before it has an id. `expires_at`: None lives with its card."""

    chat_id: int
    notice_id: int
    verb: str
    params: dict[str, Any] = field(default_factory=dict)
    card_key: str | None = None
    single: bool = True
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Tap:
    """The owner tapped: do `verb` with `params`."""

    verb: str
    params: dict[str, Any]
    card_key: str | None
    notice_id: int


class Buttons:
    """The buttons of all sendings; every method works inside the caller's transaction."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def open(self, tx: Transaction, *rows: NewButton) -> list[str]:
        """Make buttons for one sending; their ids, in order. They work at once: the phone may
        show them before the answer to the sending is here."""
        now = self._clock.now()
        ids = [random_token() for _ in rows]
        values = [
            {**asdict(row), "id": button_id, "state": OPEN, "created_at": now}
            for button_id, row in zip(ids, rows, strict=True)
        ]
        if values:
            tx.execute(sa.insert(buttons), values)
        return ids

    @staticmethod
    def bind(tx: Transaction, ids: Sequence[str], message_id: int) -> None:
        """The sending arrived as `message_id`."""
        tx.execute(sa.update(buttons).where(buttons.c.id.in_(ids)).values(message_id=message_id))

    @staticmethod
    def retire(
        tx: Transaction,
        chat_id: int,
        *,
        notice_id: int,
        card_key: str | None,
        keep: Sequence[str] = (),
    ) -> None:
        """The newest sending is out: the buttons of the older ones are dead."""
        owner = buttons.c.notice_id == notice_id
        if card_key is not None:
            owner = sa.or_(owner, buttons.c.card_key == card_key)
        tx.execute(
            sa.update(buttons)
            .where(
                buttons.c.chat_id == chat_id,
                owner,
                buttons.c.state == OPEN,
                buttons.c.id.not_in(keep),
            )
            .values(state=DEAD)
        )

    @staticmethod
    def tap(
        tx: Transaction,
        button_id: str,
        *,
        chat_id: int,
        message_id: int,
        user_id: int,
        owner_id: int | None,
        now: datetime,
    ) -> Tap | Refused:
        """What the tap stands for, or why it does nothing: `not-owner`, `stale-button`.

        The first tap binds a sending whose message id was lost in a crash.
        """
        if owner_id is None or user_id != owner_id:
            return Refused("not-owner")
        columns = buttons.c
        row = tx.execute(
            sa.update(buttons)
            .where(
                columns.id == button_id,
                columns.state == OPEN,
                columns.chat_id == chat_id,
                sa.or_(columns.message_id.is_(None), columns.message_id == message_id),
                sa.or_(columns.expires_at.is_(None), columns.expires_at > now),
            )
            .values(message_id=message_id, state=sa.case((columns.single, USED), else_=OPEN))
            .returning(columns.verb, columns.params, columns.card_key, columns.notice_id)
        ).one_or_none()
        if row is None:
            return Refused("stale-button")
        return Tap(row.verb, row.params, row.card_key, row.notice_id)
