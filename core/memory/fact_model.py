"""Facts found in what was said, and contradictions with what is remembered; no I/O.

A model only proposes. What the owner said with confidence is stored with an Undo; what contradicts
a record, is doubtful, or does not come from the owner's own words waits for a tap.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from core.memory.record_model import Source
from core.runs.model import Label

#: From here on a fact in the owner's own words is stored without asking (0 to 100).
SURE = 80
#: Below this a fact is not even proposed.
WORTH_ASKING = 40


class ProposalKind(enum.StrEnum):
    """What the owner is asked."""

    FACT = "fact"  # is this so?
    CONTRADICTION = "contradiction"  # you said X in March, now Y: replace?


class ProposalState(enum.StrEnum):
    """Where a proposal stands."""

    OPEN = "open"
    STORED = "stored"  # stored at once, told with an Undo
    ACCEPTED = "accepted"  # by a tap; a contradiction replaced the older record
    BOTH = "both"  # by a tap: both are true
    REFUSED = "refused"
    EXPIRED = "expired"  # nobody answered in 30 days

    @property
    def is_final(self) -> bool:
        return self is not ProposalState.OPEN


@dataclass(frozen=True)
class Said:
    """A message that facts may be found in: the owner's, and never an answer or a tool's output."""

    seq: int
    message_id: str
    thread_id: str
    text: str
    label: Label
    source: Source
    language: str | None
    at: datetime


@dataclass(frozen=True)
class Fact:
    """What a model says it found. `message_id` is one of those it was given, or it is dropped;
    `quote` stands in that message word for word, or it is dropped. `contradicts`: the record that
    it says otherwise than, as far as the model sees; then the owner is asked."""

    text: str
    message_id: str
    quote: str
    confidence: int
    is_about_owner: bool = True
    contradicts: str | None = None


@dataclass(frozen=True)
class Contradiction:
    """A fact against a record: the same subject, another value."""

    fact: Fact
    record_id: str
    former: str
    former_at: datetime


@dataclass(frozen=True)
class Proposal:
    """One question to the owner, with everything its card shows."""

    id: str
    kind: ProposalKind
    state: ProposalState
    text: str
    category: str
    confidence: int
    label: Label
    source: Source
    happened_at: datetime
    created_at: datetime
    record_id: str | None = None
    former: str | None = None  # of a contradiction: what the record says
    former_at: datetime | None = None
    thread_id: str | None = None
    message_id: str | None = None
    run_id: str | None = None
    decided_at: datetime | None = None
