"""Where a hit was said: the message to link to, and Telegram's number of it in its chat.

A message of the chat is its own link; a record links to the message it came from. Summaries have
none of their own: their points have sources. Reads only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from core.db import Transaction
from core.memory.search_model import Hit, ItemKind
from core.memory.tables import messages, records, threads

SAID = (ItemKind.MESSAGE, ItemKind.ANSWER)


class Links:
    """Finds chat, number and thread of hits: two queries for all of them."""

    @staticmethod
    def links(tx: Transaction, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """The same hits with chat, Telegram number and thread, where they are known."""
        origins = _origins(tx, [hit.id for hit in hits if hit.kind is ItemKind.RECORD])
        wanted = {hit.id: hit.id for hit in hits if hit.kind in SAID} | origins
        said = _said(tx, set(wanted.values()))
        return tuple(_linked(hit, said.get(wanted.get(hit.id, ""))) for hit in hits)


def _origins(tx: Transaction, record_ids: Sequence[str]) -> dict[str, str]:
    """Record to message."""
    query = sa.select(records.c.id, records.c.message_id).where(
        records.c.id.in_(record_ids), records.c.message_id.is_not(None)
    )
    return {row.id: row.message_id for row in tx.execute(query)} if record_ids else {}


def _said(tx: Transaction, message_ids: set[str]) -> dict[str, Any]:
    columns = (messages.c.id, messages.c.telegram_id, messages.c.thread_id, threads.c.chat_id)
    query = (
        sa.select(*columns)
        .join(threads, threads.c.id == messages.c.thread_id)
        .where(messages.c.id.in_(sorted(message_ids)))
    )
    return {row.id: row for row in tx.execute(query)} if message_ids else {}


def _linked(hit: Hit, row: Any) -> Hit:
    if row is None:
        return hit
    return replace(
        hit,
        message_id=row.id,
        chat_id=row.chat_id,
        telegram_id=row.telegram_id,
        thread_id=hit.thread_id or row.thread_id,
    )
