"""Rows of proposals, and the records that facts become; no I/O."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.ids import new_id
from core.memory.fact_model import Fact, Proposal, ProposalKind, ProposalState, Said
from core.memory.record_model import Actor, Category, NewRecord, Record, Source
from core.runs.model import Label


def record_of(fact: Fact, said: Said) -> NewRecord:
    return NewRecord(
        category=Category.FACT,
        text=fact.text.strip(),
        label=said.label,
        source=Source.OWNER,
        thread_id=said.thread_id,
        message_id=said.message_id,
        happened_at=said.at,
    )


def row_of(fact: Fact, said: Said, now: datetime, origin: str, actor: Actor) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": ProposalKind.FACT,
        "state": ProposalState.OPEN,
        "text": fact.text.strip(),
        "category": Category.FACT,
        "confidence": fact.confidence,
        "label": said.label,
        "source": said.source,
        "record_id": None,
        "thread_id": said.thread_id,
        "message_id": said.message_id,
        "run_id": actor.run_id,
        "origin": origin,
        "happened_at": said.at,
        "created_at": now,
    }


def proposal_of(row: Any, former: Record | None) -> Proposal:
    is_against = former is not None and row.state == ProposalState.OPEN
    label = Label(row.label)
    return Proposal(
        id=row.id,
        kind=ProposalKind(row.kind),
        state=ProposalState(row.state),
        text=row.text,
        category=row.category,
        confidence=row.confidence,
        label=Label.highest(label, former.label) if is_against and former else label,
        source=Source(row.source),
        happened_at=row.happened_at,
        created_at=row.created_at,
        record_id=row.record_id,
        former=former.text if is_against and former else None,
        former_at=former.happened_at if is_against and former else None,
        thread_id=row.thread_id,
        message_id=row.message_id,
        run_id=row.run_id,
        decided_at=row.decided_at,
    )
