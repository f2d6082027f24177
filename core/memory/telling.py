"""What the owner is told of memory: the notices of proposals, receipts, documents.

Decides which facts a card gets and under which key it is changed later. How it looks is
`bot/render`; who decides is the owner. A card about something private is private.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.memory.fact_model import Proposal
from core.memory.forget_model import Preview, Receipt
from core.memory.record_model import Stored
from core.memory.rest_model import Written
from core.runs.model import Label
from core.runs.notices import Notice


def remembered(
    stored: Stored, *, chat_id: int | None = None, reply_to: int | None = None
) -> Notice:
    """One line: what is remembered, with its Undo. `known`: it was remembered already."""
    record = stored.record
    params = {
        "id": record.id,
        "change_id": stored.change_id,
        "text": record.text,
        "category": record.category.value,
        "label": record.label.value,
        "known": not stored.is_new,
    }
    return Notice(
        "remembered", params, chat_id=chat_id, label=record.label, reply_to=reply_to, silent=True
    )


def proposal(found: Proposal, chat_id: int | None = None) -> Notice:
    """A fact or a contradiction that waits for the owner, or what became of it."""
    return Notice(
        found.kind.value,
        proposal_facts(found),
        chat_id=chat_id,
        key=f"proposal:{found.id}",
        label=found.label,
        silent=True,
    )


def proposal_facts(found: Proposal) -> dict[str, Any]:
    """One proposal, for its own card and for the list."""
    return {
        "id": found.id,
        "kind": found.kind.value,
        "state": found.state.value,
        "text": found.text,
        "category": found.category,
        "confidence": found.confidence,
        "label": found.label.value,
        "source": found.source.value,
        "at": found.happened_at.isoformat(),
        "record_id": found.record_id,
        "former": found.former,
        "former_at": found.former_at.isoformat() if found.former_at else None,
        "message_id": found.message_id,
    }


def forget_preview(would: Preview, about: Mapping[str, Any]) -> dict[str, Any]:
    """What an order would touch; `about` says which (kind and id, or words)."""
    counts = {str(holder): int(count) for holder, count in would.counts.items()}
    return {**about, "state": "preview", "counts": counts, "open_runs": would.open_runs}


def forget_receipt(
    receipt: Receipt, chat_id: int | None = None, card_key: str | None = None
) -> Notice:
    """What went, where the preview was; without its card in a message of its own."""
    return Notice(
        "memory-forget",
        {
            "order_id": receipt.id,
            "state": receipt.state.value,
            "counts": {place: dict(counts) for place, counts in receipt.counts.items()},
            "left": receipt.left,
            "asked_at": receipt.asked_at.isoformat(),
            "done_at": receipt.done_at.isoformat() if receipt.done_at else None,
            "waiting_for": list(receipt.waiting_for),
        },
        chat_id=chat_id,
        key=card_key or f"forget:{receipt.id}",
    )


def document(
    blob: str,
    form: str,
    written: Written | None = None,
    *,
    chat_id: int | None = None,
    reply_to: int | None = None,
    label: Label = Label.PRIVATE,
) -> Notice:
    """An export: content in a blob, `form` json or markdown."""
    params: dict[str, Any] = {"blob": blob, "form": form}
    if written is not None:
        params |= _written(written)
    return Notice("memory-document", params, chat_id=chat_id, reply_to=reply_to, label=label)


def imported(written: Written, chat_id: int | None = None, reply_to: int | None = None) -> Notice:
    """What a file brought."""
    return Notice("memory-imported", _written(written), chat_id=chat_id, reply_to=reply_to)


def _written(written: Written) -> dict[str, Any]:
    return {
        "rows": dict(written.rows),
        "content_hash": written.content_hash,
        "skipped": written.skipped,
        "unreadable": written.unreadable,
    }
