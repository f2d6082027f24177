"""What the owner is told of memory: the notices of what was kept, proposals, documents.

Decides which facts a card gets and under which key it is changed later. How it looks is
`bot/render`; who decides is the owner. A card about something private is private.
"""

from __future__ import annotations

from typing import Any

from core.memory.fact_model import Proposal
from core.memory.record_model import Stored
from core.memory.rest_model import Written
from core.runs.model import Label
from core.runs.notices import Notice


def remembered(
    stored: Stored, *, chat_id: int | None = None, reply_to: int | None = None
) -> Notice:
    """One line: what is remembered, with its Undo. `known`: it was remembered already. Taking it
    back changes the line, so it has a key."""
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
        "remembered",
        params,
        chat_id=chat_id,
        key=f"remembered:{stored.change_id}" if stored.change_id else None,
        label=record.label,
        reply_to=reply_to,
        silent=True,
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
