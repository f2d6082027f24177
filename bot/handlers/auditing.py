"""/audit: who asked, what was decided by whom, what ran where; ids and outcomes, no text."""

from __future__ import annotations

from typing import Any

from bot.handlers.incoming import Answer, Command, Incoming, Tapped, Verb
from bot.handlers.screens import show
from core.approvals import audit_reading
from core.approvals.audit_chain import Head, Row
from core.db import Transaction
from core.runs.buttons import Tap
from core.runs.exchange_nodes import HOME
from core.wiring import House

ROWS = 8
#: The preference that remembers how far the chain was walked: {seq, hash}.
WALKED = "audit-walked"
#: What of a row's detail is shown, in this order of choice.
PLACES, OUTCOMES, DIGESTS = ("place", "node"), ("outcome", "state", "why"), ("digest", "action")
MOST_WORD = 40


def command(house: House, tx: Transaction, said: Incoming) -> None:
    """`/audit`"""
    show(house, tx, said.chat_id, "audit", facts(house, tx, 0))


def turn_page(house: House, tx: Transaction, tapped: Tapped, tap: Tap) -> None:
    """`audit.page`"""
    params = facts(house, tx, int(tap.params.get("page") or 0))
    show(house, tx, tapped.said.chat_id, "audit", params, tap.card_key)


def facts(house: House, tx: Transaction, wanted: int) -> dict[str, Any]:
    """One page, and the state of the chain."""
    found = audit_reading.page(tx, wanted, ROWS)
    return {
        "rows": [_row(row) for row in found.rows],
        "page": found.page,
        "pages": found.pages,
        "chain": _chain(house, tx),
    }


def _chain(house: House, tx: Transaction) -> dict[str, Any]:
    saved = house.preferences.get(tx, WALKED)
    walk = audit_reading.walk_on(tx, Head(saved["seq"], saved["hash"]) if saved else None)
    if walk.broken_at is None and walk.head is not None:
        head = {"seq": walk.head.seq, "hash": walk.head.hash}
        if head != saved:
            house.preferences.set(tx, WALKED, head)
    return {
        "seq": walk.head.seq if walk.head else None,
        "hash8": walk.head.hash[:8] if walk.head else None,
        "broken_at": walk.broken_at,
        "is_whole": walk.is_whole,
    }


def _row(row: Row) -> dict[str, Any]:
    digest = _first(row, DIGESTS)
    return {
        "seq": row.seq,
        "at": row.at.isoformat(),
        "kind": row.kind,
        "actor": row.actor,
        "place": _first(row, PLACES) or HOME,
        "outcome": _first(row, OUTCOMES),
        "digest8": digest[:8] if digest else None,
    }


def _first(row: Row, names: tuple[str, ...]) -> str | None:
    """The first of these details that the row has, as a word."""
    values = (row.detail.get(name) for name in names)
    return next((value[:MOST_WORD] for value in values if isinstance(value, str) and value), None)


COMMANDS: dict[str, Command] = {"audit": command}
VERBS: dict[str, Verb] = {"audit.page": turn_page}
ANSWERS: dict[str, Answer] = {}
