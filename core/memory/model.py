"""Facts about threads and their messages; no I/O."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from core.ids import ThreadId
from core.memory.record_model import Source
from core.runs.model import Label

#: How much a message weighs where things are found, against records (0 to 100): what the owner
#: said, and what a model answered.
SAID_IMPORTANCE, ANSWER_IMPORTANCE = 50, 40


class Role(enum.StrEnum):
    """Who said it."""

    OWNER = "owner"
    ASSISTANT = "assistant"


@dataclass(frozen=True)
class Thread:
    """A named strand of conversation. `name` is None until somebody names it."""

    id: ThreadId
    chat_id: int
    name: str | None
    summary: str | None
    summary_upto: int | None  # seq of the last message the summary covers
    label: Label  # the highest of what name and summary were made from
    changed_at: datetime
    count: int = 0  # messages; filled by lists and `get`
    opening: str | None = None  # first words of a thread without a name; filled like `count`


@dataclass(frozen=True)
class NewMessage:
    """A message as it is handed in. `parent_id` is the message it answers; `id` is given when a
    run that names it is committed together with it. `source` says whose words they are where
    `role` does not: what the owner has forwarded is FORWARDED, and never becomes a fact."""

    thread_id: ThreadId
    role: Role
    text: str
    label: Label = Label.OPEN
    language: str | None = None
    parent_id: str | None = None
    run_id: str | None = None
    telegram_id: int | None = None
    endpoint: str | None = None
    id: str | None = None
    source: Source | None = None


@dataclass(frozen=True)
class StoredMessage:
    """A message as it is kept. `text` of an archived one was loaded from its archive."""

    seq: int
    id: str
    thread_id: ThreadId
    role: Role
    text: str
    label: Label
    parent_id: str | None
    run_id: str | None
    telegram_id: int | None
    endpoint: str | None
    created_at: datetime
    source: Source | None = None
    archive_id: str | None = None

    @property
    def is_owners(self) -> bool:
        """Are these the owner's own words?"""
        return self.role is Role.OWNER and self.source in {None, Source.OWNER}


@dataclass(frozen=True)
class Said:
    """One message of a context: its text, or the placeholder of what the label forbids."""

    seq: int
    role: Role
    text: str


@dataclass(frozen=True)
class Context:
    """What a run of some label may know of a thread, within a budget, oldest first.

    `left_out` counts messages that are neither here nor covered by the summary.
    """

    summary: str | None
    said: tuple[Said, ...]
    left_out: int
    label: Label  # the highest of what is inside


@dataclass(frozen=True)
class Page:
    """One page of a chat's threads; pages count from 0."""

    rows: tuple[Thread, ...]
    page: int
    pages: int
    total: int
