"""A thread as a prompt or a summary may hold it: its tail in the order of the conversation.

Order: an answer stands after the message it answers, not after whatever was written meanwhile, so
that three quick questions and their late answers read as a conversation. What of it goes into a
prompt is decided by `context_builder`; here an open run that summarises sees private messages as a
placeholder line, too. Never calls a model: summaries are made by a workflow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.memory.context_builder import PRIVATE_MESSAGE, PRIVATE_SUMMARY
from core.memory.context_model import Candidate, Place
from core.memory.measure import (
    MESSAGE_OVERHEAD,
    MOST_PER_CHARACTER,
    cut_middle,
    message_tokens,
    tokens_of,
)
from core.memory.message_store import kind_of
from core.memory.model import Context, Role, Said
from core.memory.ports import Loads
from core.memory.tables import messages, threads
from core.prepared import Prepared, value
from core.runs.model import Label

#: Reasons of `/why`.
RECENT, SUMMARY = "why-memory-recent", "why-memory-summary"
#: Messages looked at for one context, at least and at most.
LEAST_MESSAGES, MOST_MESSAGES = 40, 800
#: No limit: a number above every count of messages.
EVERYTHING = 2**31
#: Messages of the last question and its answer.
LAST_EXCHANGE = 2
#: Share of the budget a summary may take before it is cut.
SUMMARY_SHARE = 4


def talk(
    tx: Transaction,
    thread_id: str,
    upto: str | None = None,
    loads: Loads | None = None,
    most: int = MOST_MESSAGES,
) -> list[Candidate]:
    """The thread's summary and the newest messages that it does not cover, as candidates for a
    prompt. With `upto`, the id of a message, what follows it is left out, its own answers too.
    Words that lie in archives are read there by `loads`. `most`: about so many messages."""
    thread = tx.execute(_thread(), {"id": thread_id}).one()
    most = min(max(most, LEAST_MESSAGES), MOST_MESSAGES)
    values = {"thread_id": thread_id, "after": thread.summary_upto or 0, "most": most}
    if upto is not None:
        values["upto"] = upto
    rows = tx.execute(_tail(has_end=upto is not None), values).all()
    texts = _texts(tx, rows, loads)
    said = [
        Candidate(
            id=row.id,
            kind="message" if Role(row.role) is Role.OWNER else "answer",
            place=Place.TALK,
            text=texts[row.seq],
            label=Label(row.label),
            reason=RECENT,
            score=float(rank),
            at=row.created_at,
        )
        for rank, row in enumerate(reversed(rows))
    ]
    if not thread.summary:
        return said
    label = Label(thread.label)
    return [Candidate(thread_id, "summary", Place.SUMMARY, thread.summary, label, SUMMARY), *said]


def _texts(tx: Transaction, rows: Sequence[Any], loads: Loads | None) -> dict[int, str]:
    """Words by seq."""
    texts = {row.seq: row.text for row in rows}
    away = [(kind_of(row.role), row.seq) for row in rows if row.archive_id]
    if away and loads is not None:
        texts |= {seq: text for (_, seq), text in loads.texts(tx, away).items()}
    return texts


def oldest_of_tail(
    tx: Transaction,
    thread_id: str,
    label: Label,
    budget_tokens: int,
    upto: int,
    loads: Loads | None = None,
) -> Context:
    """What a summary up to position `upto` is to be made from: the old summary and the messages
    after it, oldest first, as many as fit; the last one's `seq` says how far that is. Words that
    lie in archives are read there by `loads`."""
    thread = tx.execute(_thread(), {"id": thread_id}).one()
    tail = _whole_tail(tx, thread_id, thread.summary_upto)
    rows = [row for row in reversed(tail) if row.position <= upto]
    return _fill(thread, rows, _texts(tx, rows, loads), label, budget_tokens)


def overflow(tx: Transaction, thread_id: str, budget_tokens: int) -> int | None:
    """The position up to which a thread should be summarised now, None while its tail fits.

    After it half the budget is free again, so a summary is due every few turns at most. The last
    question and its answer are never taken.
    """
    after = tx.execute(_thread(), {"id": thread_id}).one().summary_upto
    at_most = tx.execute(_size(), {"thread_id": thread_id, "after": after or 0}).scalar_one()
    if (at_most or 0) <= budget_tokens:
        return None  # the usual case: no text is read
    total, due = 0, None
    for index, row in enumerate(_whole_tail(tx, thread_id, after)):
        total += message_tokens(row.text)
        if due is None and index >= LAST_EXCHANGE and total > budget_tokens // 2:
            due = int(row.position)
    return due if total > budget_tokens else None


def _fill(
    thread: Any, rows: Sequence[Any], texts: Mapping[int, str], label: Label, budget_tokens: int
) -> Context:
    """The summary, then `rows` in their order until the budget is used up; the first always."""
    summary, seen = _summary(thread, label, budget_tokens // SUMMARY_SHARE)
    left = budget_tokens - (tokens_of(summary) if summary else 0)
    said: list[Said] = []
    for row in rows:
        text = texts[row.seq] if _may_read(row.label, label) else PRIVATE_MESSAGE
        if not said:
            text = cut_middle(text, max(left - MESSAGE_OVERHEAD, 1))
        elif message_tokens(text) > left:
            break
        left -= message_tokens(text)
        said.append(Said(row.position, Role(row.role), text))
        if _may_read(row.label, label):
            seen = Label.highest(seen, Label(row.label))
    return Context(summary, tuple(said), len(rows) - len(said), seen)


def _whole_tail(tx: Transaction, thread_id: str, after: int | None) -> list[Any]:
    """All messages that no summary covers, newest first."""
    values = {"thread_id": thread_id, "after": after or 0, "most": EVERYTHING}
    return tx.execute(_tail(has_end=False), values).all()


@cache
def _thread() -> Prepared:
    return Prepared(sa.select(threads).where(threads.c.id == value(threads.c.id)))


@cache
def _size() -> Prepared:
    """At most so many tokens are newer than `after` in `thread_id`."""
    at_most = sa.func.sum(sa.func.length(messages.c.text) * MOST_PER_CHARACTER + MESSAGE_OVERHEAD)
    return Prepared(
        sa.select(at_most).where(
            messages.c.thread_id == value(messages.c.thread_id),
            messages.c.seq > value(messages.c.seq, "after"),
        )
    )


@cache
def _tail(*, has_end: bool) -> Prepared:
    """The messages that no summary covers, newest first, with their `position`; `thread_id`,
    `after`, `most`, and with `has_end` `upto`.

    `position` is the seq of the owner's message that a message is or answers. With `upto`, what
    follows that message is left out, its own answers too.
    """
    parent = messages.alias("parent")
    position = sa.func.coalesce(parent.c.seq, messages.c.seq)
    after = value(messages.c.seq, "after")
    query = (
        sa.select(
            messages.c.seq,
            messages.c.id,
            messages.c.role,
            messages.c.text,
            messages.c.label,
            messages.c.archive_id,
            messages.c.created_at,
            position.label("position"),
        )
        .select_from(messages.outerjoin(parent, parent.c.id == messages.c.parent_id))
        .where(
            messages.c.thread_id == value(messages.c.thread_id),
            messages.c.deleted_at.is_(None),
            messages.c.seq > after,  # an answer is younger than its question
            messages.c.seq >= _oldest_looked_at(after),
            position > after,
            parent.c.deleted_at.is_(None),  # also true where there is no parent
        )
        .order_by(position.desc(), messages.c.seq.desc())
        .limit(value(messages.c.seq, "most"))
    )
    if has_end:
        upto = value(messages.c.id, "upto")
        anchor = sa.select(messages.c.seq).where(messages.c.id == upto).scalar_subquery()
        query = query.where(sa.or_(messages.c.id == upto, position < anchor))
    return Prepared(query)


def _oldest_looked_at(after: sa.BindParameter[Any]) -> sa.ScalarSelect[Any]:
    """Where a tail begins at the earliest: sorting a thread of years by position would take long.
    Twice `most`, because what `upto` leaves out is among the newest."""
    newest = (
        sa.select(messages.c.seq)
        .where(
            messages.c.thread_id == value(messages.c.thread_id),
            messages.c.seq > after,
            messages.c.deleted_at.is_(None),
        )
        .order_by(messages.c.seq.desc())
        .limit(2 * value(messages.c.seq, "most"))
        .subquery()
    )
    return sa.select(sa.func.coalesce(sa.func.min(newest.c.seq), 0)).scalar_subquery()


def _summary(thread: Any, label: Label, budget: int) -> tuple[str | None, Label]:
    if not thread.summary:
        return None, Label.OPEN
    if not _may_read(thread.label, label):
        return PRIVATE_SUMMARY, Label.OPEN
    return cut_middle(thread.summary, budget), Label(thread.label)


def _may_read(of: str, reader: Label) -> bool:
    return Label(of) is Label.OPEN or reader is Label.PRIVATE
