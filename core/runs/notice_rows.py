"""Reading notices: which are ready, and a row as a `NoticeRow`."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.prepared import Prepared, value
from core.runs.model import Label
from core.runs.notices import Form, Notice, NoticeRow, NoticeState, Urgency
from core.runs.tables import notices


@cache
def ready() -> Prepared:
    """The query behind `Mailbox.ready`; `now`, `most`."""
    columns, other = notices.c, notices.alias("other")
    now = value(columns.not_before, "now")
    heads = (
        sa.select(sa.func.min(other.c.id))
        .where(
            other.c.form == Form.SAY,
            other.c.state.in_([NoticeState.READY, NoticeState.SENDING]),
        )
        .group_by(other.c.chat_id)
    )
    sending = sa.exists().where(
        other.c.state == NoticeState.SENDING,
        other.c.chat_id == columns.chat_id,
        other.c.key == columns.key,
    )
    return Prepared(
        sa.select(notices)
        .where(
            columns.state == NoticeState.READY,
            columns.chat_id.is_not(None),
            sa.or_(columns.not_before.is_(None), columns.not_before <= now),
            sa.or_(
                sa.and_(columns.form == Form.SHOW, sa.not_(sending)),
                columns.id.in_(heads),
            ),
        )
        .order_by(columns.urgency, columns.id)
        .limit(value(columns.id, "most"))
    )


@cache
def ownerless() -> Prepared:
    """One notice that waits for the owner to be known."""
    return Prepared(
        sa.select(notices.c.id)
        .where(notices.c.state == NoticeState.READY, notices.c.chat_id.is_(None))
        .limit(1)
    )


def ready_or_skipped() -> sa.ColumnElement[str]:
    """READY again, or SKIPPED when a newer revision of the same card is there."""
    newer = notices.alias("newer")
    is_old = sa.exists().where(
        newer.c.chat_id == notices.c.chat_id,
        newer.c.key == notices.c.key,
        newer.c.revision > notices.c.revision,
    )
    return sa.case((is_old, NoticeState.SKIPPED.value), else_=NoticeState.READY.value)


def get(tx: Transaction, notice_id: int) -> Any:
    """The bare row."""
    return tx.execute(_by_id(), {"id": notice_id}).one()


@cache
def _by_id() -> Prepared:
    return Prepared(sa.select(notices).where(notices.c.id == value(notices.c.id)))


@cache
def insert(names: tuple[str, ...]) -> Prepared:
    """A new notice with those values; its id."""
    given = {name: value(notices.c[name]) for name in names}
    return Prepared(sa.insert(notices).values(given).returning(notices.c.id))


@cache
def begin() -> Prepared:
    """READY to SENDING, one more attempt; `at`."""
    return Prepared(
        sa.update(notices)
        .where(notices.c.id == value(notices.c.id, "at"), notices.c.state == NoticeState.READY)
        .values(state=NoticeState.SENDING, attempts=notices.c.attempts + 1)
    )


@cache
def sent() -> Prepared:
    """To SENT; `at`, `sent_at`."""
    return Prepared(
        sa.update(notices)
        .where(notices.c.id == value(notices.c.id, "at"))
        .values(
            state=NoticeState.SENT,
            sent_at=value(notices.c.sent_at),
            maybe_sent=False,
            error=None,
        )
    )


def read(row: Any) -> NoticeRow:
    """A bare row as the bot sees it."""
    notice = Notice(
        kind=row.kind,
        params=row.params,
        chat_id=row.chat_id,
        key=row.key,
        label=Label(row.label),
        urgency=Urgency(row.urgency),
        silent=row.silent,
        reply_to=row.reply_to,
        run_id=row.run_id,
    )
    return NoticeRow(
        id=row.id,
        notice=notice,
        form=Form(row.form),
        revision=row.revision,
        state=NoticeState(row.state),
        attempts=row.attempts,
        parts_sent=row.parts_sent,
        maybe_sent=row.maybe_sent,
        not_before=row.not_before,
        created_at=row.created_at,
    )
