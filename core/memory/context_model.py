"""Facts about a turn's context: what could go into the prompt, what does, and why; no I/O."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from core.runs.model import Label


class Place(enum.IntEnum):
    """Where in the prompt, in this order. What changes least comes first: providers cache the
    beginning. Inside a place, order is by `Candidate.id`, but for TALK, which is by time."""

    STANDING = 1  # pinned records and standing facts: system message
    SUMMARY = 2  # the thread's summary: system message
    TALK = 3  # recent messages
    MATTERS = 4  # memories that this question calls up: with the last message


@dataclass(frozen=True)
class Candidate:
    """Something that could be told to the model. `reason` is a Fluent key without its variables
    (`why-memory-pinned`, `why-memory-found`, ...); `score` orders inside its place: what
    counts more is taken first. Of TALK it is the position in the conversation."""

    id: str
    kind: str  # record, message, answer, summary
    place: Place
    text: str
    label: Label
    reason: str
    score: float = 0.0
    at: datetime | None = None


@dataclass(frozen=True)
class Budget:
    """Tokens: in all, and at most for standing facts, summary, and called-up memories; what they
    leave is the talk's, which also gets its least."""

    total: int
    standing: int
    summary: int
    matters: int
    least_talk: int


@dataclass(frozen=True)
class ContextItem:
    """A candidate that is in the prompt, as it stands there; `tokens` is an upper guess."""

    id: str
    kind: str
    place: Place
    text: str
    label: Label
    reason: str
    tokens: int
    at: datetime | None = None
    is_cut: bool = False


class LeftOut(enum.StrEnum):
    """Why a candidate is not in the prompt."""

    BUDGET = "budget"
    LABEL = "label"  # the run is open, and it is private
    SAME = "same"  # its words are there already
    WEAK = "weak"  # too far from the question


@dataclass(frozen=True)
class Built:
    """What goes into the prompt, in its order, and what does not. `label`: the highest inside.

    `placeholders` counts private items that an open run is told of in one line each.
    """

    items: tuple[ContextItem, ...]
    left_out: tuple[tuple[str, LeftOut], ...] = ()
    label: Label = Label.OPEN
    placeholders: int = 0
