"""The document of a question that no card can hold, and whether the owner has been given it.

Decides when an approval must wait for the document: as the card does, from the same facts. It has
been given when Telegram has accepted it; that is a row, so a restart forgets nothing.
"""

from __future__ import annotations

from typing import Any

from bot.render.cards import approval_action
from core.approvals.cards import key_of, text_key_of
from core.approvals.model import Approval
from core.db import Transaction
from core.errors import Refused
from core.runs import actions, cards
from core.runs.blobs import Blobs
from core.runs.exchange_nodes import HOME
from core.runs.notices import Notice, Urgency
from core.wiring import House


def facts_of(approval: Approval) -> dict[str, Any]:
    """What every paper of a question begins with."""
    return {
        "id": approval.id,
        "kind": approval.kind,
        "place": approval.place,
        "digest": approval.digest,
        "digest8": approval.digest[:8],
        "action": actions.read(approval.canonical),
        "preview": approval.preview,
    }


def is_long(approval: Approval) -> bool:
    """Is its text too long for a card?"""
    return approval_action.is_long(facts_of(approval))


def must_be_given(house: House, tx: Transaction, approval: Approval) -> None:
    """Refused(`approval-text-first`) for a long question whose document is not there yet."""
    if is_long(approval) and not house.approvals.is_whole(tx, approval):
        raise Refused("approval-text-first")


def send_text(house: House, tx: Transaction, chat_id: int, approval: Approval) -> None:
    """The document, as a message of its own."""
    notice = Notice(
        "approval-text",
        facts_of(approval),
        chat_id=chat_id,
        key=text_key_of(approval.id),
        label=approval.label,
        urgency=Urgency.ALERT,
        run_id=approval.run_id,
    )
    house.mailbox.put(tx, notice)


def send_output(house: House, tx: Transaction, chat_id: int, approval: Approval) -> None:
    """What it printed, as a file: all of it where it is kept at home, else the part that came.
    Refused(`approval-no-output`) when there is nothing."""
    outcome = approval.outcome or {}
    text, blob = outcome.get("text"), outcome.get("blob")
    facts: dict[str, Any] = {"digest8": approval.digest[:8]}
    if blob and Blobs(house.db, house.clock, HOME).is_whole(tx, str(blob["sha256"])):
        facts["blob"] = blob
    elif text:
        facts |= {"text": text, "rest_at": approval.place if blob else None}
    else:
        raise Refused("approval-no-output")
    house.mailbox.put(tx, Notice("approval-output", facts, chat_id=chat_id, label=approval.label))


def send_details(house: House, tx: Transaction, chat_id: int, approval: Approval) -> None:
    """Whole digests, the rule that asks, why no rule is offered."""
    shown = cards.newest_params(tx, chat_id, key_of(approval.id)) or {}
    facts = {**facts_of(approval), "rule": approval.judgement.rule}
    facts |= {name: shown.get(name) for name in ("place_title", "can_rule", "why_no_rule")}
    facts |= {
        "asked_at": approval.asked_at.isoformat(),
        "preview": {"path": approval.preview.get("path")},
    }
    house.mailbox.put(tx, Notice("approval-details", facts, chat_id=chat_id, label=approval.label))
