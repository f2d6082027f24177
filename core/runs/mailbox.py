"""The mailbox: every notice from the commit that caused it until Telegram has accepted it.

Decides which notice may go next: one unsent `say` per chat at a time, in the order they were put;
of a card only the newest revision. Never sends: `bot/mailbox.py` does, and reports back. A row
that is found SENDING at start may have arrived; it goes out again, marked.
All methods but `post` and `ready` work inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction, insert_or_ignore
from core.redaction import Redaction
from core.runs import alerts, cards, notice_rows
from core.runs.notices import Notice, NoticeRow, NoticeState, Urgency
from core.runs.ports import Wake
from core.runs.tables import buttons, notices
from core.runs.tables import cards as card_table
from core.runs.tables import owner_messages as sent_messages

#: The parameter of a card that holds an action's canonical fields.
ACTION = "action"
FINISHED = (NoticeState.SENT, NoticeState.SKIPPED, NoticeState.DEAD)


class Mailbox:
    """`owner` tells the owner's Telegram id, which is also the id of the owner's private chat;
    None before pairing: what is for the owner waits until then."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        wake: Wake,
        owner: Callable[[Transaction], int | None] = lambda _tx: None,
        redact: Redaction | None = None,
    ) -> None:
        self._redact = redact or Redaction()
        self._db = db
        self._clock = clock
        self._wake = wake
        self._owner = owner

    # -- putting in --------------------------------------------------------------------------------

    def post(self, notice: Notice) -> int | None:
        """`put` in a transaction of its own."""
        with self._db.write() as tx:
            return self.put(tx, notice)

    def put(self, tx: Transaction, notice: Notice) -> int | None:
        """Keep a notice until it is delivered; its id, or None when there is nothing to tell."""
        chat_id = self._owner(tx) if notice.chat_id is None else notice.chat_id
        notice = replace(notice, params=self._safe(notice))
        if alerts.is_alert(notice):
            return self._put_alert(tx, chat_id, notice)
        return self._insert(tx, chat_id, notice)

    def _safe(self, notice: Notice) -> dict[str, Any]:
        """The parameters without secrets. What a card asks a yes for is shown as it is, but for our
        own secrets: a yes to something hidden would be none."""
        safe: dict[str, Any] = self._redact.through(notice.params)
        if ACTION in notice.params:
            safe[ACTION] = self._redact.own_through(notice.params[ACTION])
        return safe

    def quiet(self, tx: Transaction, key: str, until: datetime, chat_id: int | None = None) -> None:
        """Snooze an alert: until then repeats edit its card, unless the severity rises."""
        chat_id = self._owner(tx) if chat_id is None else chat_id
        params = cards.newest_params(tx, chat_id, key)
        if params is None:
            return
        newest = sa.select(sa.func.max(notices.c.id)).where(
            cards.same_chat(chat_id), notices.c.key == key
        )
        tx.execute(
            sa.update(notices)
            .where(notices.c.id == newest.scalar_subquery())
            .values(params={**params, "quiet_until": until.isoformat()})
        )

    # -- taking out --------------------------------------------------------------------------------

    def ready(self, now: datetime, limit: int = 16) -> list[NoticeRow]:
        """What may be sent now, most urgent first, then oldest.

        Of each chat only the oldest unsent `say`, and only when it is due and none is SENDING: a
        say that waits holds later ones, but neither alerts nor cards. Of a card that is SENDING
        the next revision waits.
        """
        with self._db.read() as tx:
            found = tx.execute(notice_rows.ready(), {"now": now, "most": limit})
            rows = [notice_rows.read(row) for row in found]
            is_held = tx.execute(notice_rows.ownerless()).first() is not None
            owner = self._owner(tx) if is_held else None
        if owner is None:
            return rows
        with self._db.write() as tx:
            self._adopt(tx, owner)
        return self.ready(now, limit)

    @staticmethod
    def begin(tx: Transaction, notice_id: int) -> bool:
        """A request to Telegram is about to open; False when the notice is not READY any more."""
        return tx.execute(notice_rows.begin(), {"at": notice_id}).rowcount == 1

    def part_sent(self, tx: Transaction, notice_id: int, message_id: int) -> None:
        """Telegram accepted one more message of a long answer, not its last."""
        tx.execute(
            sa.update(notices)
            .where(notices.c.id == notice_id)
            .values(parts_sent=notices.c.parts_sent + 1, maybe_sent=False)
        )
        self._remember(tx, notice_rows.get(tx, notice_id), [message_id])

    def sent(self, tx: Transaction, notice_id: int, message_ids: Sequence[int]) -> None:
        """Telegram accepted the rest; the last message shows the card, if it is one."""
        row = notice_rows.get(tx, notice_id)
        now = self._clock.now()
        tx.execute(notice_rows.sent(), {"at": notice_id, "sent_at": now})
        self._remember(tx, row, message_ids)
        if row.key is not None and message_ids:
            cards.record(tx, row.chat_id, row.key, message_ids[-1], row.revision, now)

    @staticmethod
    def later(
        tx: Transaction,
        notice_id: int,
        not_before: datetime,
        error: str,
        *,
        maybe_sent: bool = False,
    ) -> None:
        """Not delivered now. `maybe_sent`: it is not known whether it arrived. A card that has a
        newer revision by now is skipped instead."""
        values: dict[str, Any] = {"not_before": not_before, "error": error}
        if maybe_sent:
            values["maybe_sent"] = True
        tx.execute(
            sa.update(notices)
            .where(notices.c.id == notice_id, notices.c.state == NoticeState.SENDING)
            .values(state=notice_rows.ready_or_skipped(), **values)
        )

    @staticmethod
    def dead(tx: Transaction, notice_id: int, error: str) -> None:
        """Telegram will never take it."""
        tx.execute(
            sa.update(notices)
            .where(notices.c.id == notice_id)
            .values(state=NoticeState.DEAD, error=error)
        )

    @staticmethod
    def recover(tx: Transaction) -> int:
        """At start: what was SENDING when the last process ended may have arrived."""
        found = tx.execute(
            sa.update(notices)
            .where(notices.c.state == NoticeState.SENDING)
            .values(state=notice_rows.ready_or_skipped(), maybe_sent=True)
        )
        return found.rowcount

    # -- looking -----------------------------------------------------------------------------------

    @staticmethod
    def run_of(tx: Transaction, chat_id: int, message_id: int) -> str | None:
        """The run that a message of ours belongs to."""
        query = sa.select(sent_messages.c.run_id).where(
            sent_messages.c.chat_id == chat_id, sent_messages.c.message_id == message_id
        )
        run_id: str | None = tx.execute(query).scalar_one_or_none()
        return run_id

    @staticmethod
    def messages_of(tx: Transaction, chat_id: int, run_id: str) -> list[int]:
        """The messages of ours that belong to a run, oldest first."""
        query = sa.select(sent_messages.c.message_id).where(
            sent_messages.c.chat_id == chat_id, sent_messages.c.run_id == run_id
        )
        return list(tx.execute(query.order_by(sent_messages.c.message_id)).scalars())

    @staticmethod
    def unsent(tx: Transaction) -> int:
        """How many notices wait, for /status."""
        query = sa.select(sa.func.count()).where(
            notices.c.state.in_([NoticeState.READY, NoticeState.SENDING])
        )
        return int(tx.execute(query).scalar_one())

    @staticmethod
    def prune(tx: Transaction, before: datetime) -> int:
        """Forget finished notices, and the cards, buttons and message ids of that time."""
        gone = tx.execute(
            sa.delete(notices).where(notices.c.state.in_(FINISHED), notices.c.created_at < before)
        )
        tx.execute(sa.delete(card_table).where(card_table.c.updated_at < before))
        tx.execute(sa.delete(buttons).where(buttons.c.created_at < before))
        tx.execute(sa.delete(sent_messages).where(sent_messages.c.sent_at < before))
        return gone.rowcount

    # -- inside ------------------------------------------------------------------------------------

    def _put_alert(self, tx: Transaction, chat_id: int | None, notice: Notice) -> int | None:
        now, key = self._clock.now(), notice.key or ""
        merged = alerts.merge(notice, cards.newest_params(tx, chat_id, key), now)
        if merged is None:
            return None
        if not merged.params["fresh"] or alerts.may_ring(merged, self._rung_lately(tx, chat_id)):
            return self._insert(tx, chat_id, merged)
        self._insert(tx, chat_id, alerts.held_back(merged), NoticeState.SKIPPED)
        old = cards.newest_params(tx, chat_id, alerts.SUMMARY_KEY)
        return self._put_alert(tx, chat_id, alerts.summary(merged, old, now))

    def _rung_lately(self, tx: Transaction, chat_id: int | None) -> int:
        """New alert cards in the window; repeats that only edit have another urgency."""
        query = sa.select(sa.func.count()).where(
            cards.same_chat(chat_id),
            notices.c.kind == "alert",
            notices.c.urgency == Urgency.ALERT,
            notices.c.state != NoticeState.SKIPPED,
            notices.c.key != alerts.SUMMARY_KEY,
            notices.c.created_at > self._clock.now() - alerts.WINDOW,
        )
        return int(tx.execute(query).scalar_one())

    def _insert(
        self,
        tx: Transaction,
        chat_id: int | None,
        notice: Notice,
        state: NoticeState = NoticeState.READY,
    ) -> int:
        revision = 0
        if notice.key is not None:
            revision = cards.next_revision(tx, chat_id, notice.key)
            if state is NoticeState.READY:
                notice = cards.supersede(tx, chat_id, notice)
        values = {
            "chat_id": chat_id,
            "form": notice.form,
            "kind": notice.kind,
            "key": notice.key,
            "revision": revision,
            "params": notice.params,
            "label": notice.label,
            "urgency": int(notice.urgency),
            "silent": notice.silent,
            "reply_to": notice.reply_to,
            "run_id": notice.run_id,
            "state": state,
            "created_at": self._clock.now(),
        }
        notice_id = tx.execute(notice_rows.insert(tuple(values)), values).scalar_one()
        tx.after_commit(self._wake.notices)
        return int(notice_id)

    def _remember(self, tx: Transaction, row: Any, message_ids: Sequence[int]) -> None:
        now = self._clock.now()
        for message_id in message_ids:
            values = {
                "chat_id": row.chat_id,
                "message_id": message_id,
                "run_id": row.run_id,
                "notice_id": row.id,
                "sent_at": now,
            }
            insert_or_ignore(tx, sent_messages, values)

    @staticmethod
    def _adopt(tx: Transaction, owner: int) -> None:
        """The owner is known now: what waited for that gets its chat, cards their revision."""
        query = sa.select(notices.c.id, notices.c.key).where(notices.c.chat_id.is_(None))
        for row in tx.execute(query.order_by(notices.c.id)).all():
            values: dict[str, Any] = {"chat_id": owner}
            if row.key is not None:
                values["revision"] = cards.next_revision(tx, owner, row.key)
            tx.execute(sa.update(notices).where(notices.c.id == row.id).values(**values))
