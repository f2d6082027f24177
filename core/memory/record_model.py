"""Facts about records: what is remembered besides the raw conversation; no I/O.

A record is never overwritten silently: each change leaves a `Change` with what was there before.
Every field carries the stamp of its newest change, so that two places can be merged field by field.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from core.runs.model import Label


class Category(enum.StrEnum):
    """What a record is about. The first two are the owner's; the rest are named by the seeds."""

    FACT = "fact"  # a standing fact about the owner: always weighed for a turn's context
    NOTE = "note"  # what the owner asked to remember
    INTERACTION = "interaction"  # a turn: the message itself is the record
    TASK = "task"
    LEARNING = "learning"
    UPGRADE = "upgrade"
    ROUTING = "routing"
    MONITORING = "monitoring"
    SECURITY = "security"
    EXECUTION = "execution"
    MODEL = "model"
    TESTING = "testing"
    BACKUP = "backup"
    RECOVERY = "recovery"
    STATE = "state"
    CHAINING = "chaining"
    ERROR = "error"
    SUMMARY = "summary"
    ARCHIVED = "archived"  # a filter: what is archived keeps its own category
    PLUGIN = "plugin"
    VOICE = "voice"
    UI = "ui"
    RELEASE = "release"


#: Categories that no row is stored under: they choose messages, summaries, or archived rows.
VIEWS = frozenset({Category.INTERACTION, Category.SUMMARY, Category.ARCHIVED})


class Source(enum.StrEnum):
    """Where the words come from. Only OWNER may become a fact about the owner without a tap."""

    OWNER = "owner"  # the owner's own words
    TAPPED = "tapped"  # proposed, and accepted by the owner
    FEATURE = "feature"  # a part of the house wrote down what it did
    IMPORTED = "imported"  # the owner's file of memories
    FORWARDED = "forwarded"  # the owner passed on somebody else's words
    UNTRUSTED = "untrusted"  # a web page, a file, the output of a tool, a model

    @property
    def is_owners(self) -> bool:
        return self in {Source.OWNER, Source.TAPPED, Source.IMPORTED}


class Stamp(NamedTuple):
    """A hybrid logical clock's reading: 48 bits of Unix milliseconds, 16 bits of counter, and the
    node that breaks ties. Compares as time does."""

    value: int
    node: str


#: Bits of the counter inside `Stamp.value`.
COUNTER_BITS = 16

#: Fields with a stamp of their own. A field that `versions` lacks has the stamp of birth.
FIELDS = (
    "text",
    "content",
    "category",
    "label",
    "importance",
    "is_pinned",
    "happened_at",
    "deleted_at",
)
MOST_TEXT = 20_000
USUAL_IMPORTANCE = 50
MOST_IMPORTANCE = 100


@dataclass(frozen=True)
class Record:
    """One thing that is remembered. `content` holds what is structured besides the text."""

    seq: int  # of this database; never leaves it
    id: str
    category: Category
    text: str
    label: Label
    source: Source
    origin: str
    born: Stamp
    clock: Stamp
    happened_at: datetime
    created_at: datetime
    changed_at: datetime
    content: dict[str, Any] = field(default_factory=dict)
    versions: Mapping[str, Stamp] = field(default_factory=dict)
    task_id: str | None = None
    thread_id: str | None = None
    message_id: str | None = None
    run_id: str | None = None
    importance: int = USUAL_IMPORTANCE
    is_pinned: bool = False
    archive_id: str | None = None  # its words were loaded from there
    deleted_at: datetime | None = None


@dataclass(frozen=True)
class NewRecord:
    """What is to be remembered. `happened_at` None: now. `id` is given by imports only."""

    category: Category
    text: str
    label: Label = Label.OPEN
    source: Source = Source.OWNER
    content: dict[str, Any] = field(default_factory=dict)
    task_id: str | None = None
    thread_id: str | None = None
    message_id: str | None = None
    run_id: str | None = None
    importance: int = USUAL_IMPORTANCE
    is_pinned: bool = False
    happened_at: datetime | None = None
    id: str | None = None


class ChangeKind(enum.StrEnum):
    """What happened to a record. Its birth has no row: the record itself tells it."""

    EDITED = "edited"  # the owner wrote it anew
    CORRECTED = "corrected"  # a newer statement of the owner's replaced it
    PINNED = "pinned"  # or unpinned: `before` tells
    LABELLED = "labelled"
    FILED = "filed"  # another category
    FORGOTTEN = "forgotten"  # `before` is empty: nothing of it is kept
    UNDONE = "undone"  # a change was taken back
    RETIRED = "retired"  # taken back at birth: hidden, and can be brought back
    MERGED = "merged"  # another place's newer version won; `before` is the one that lost


@dataclass(frozen=True)
class Actor:
    """Who changed it, and from which message or run."""

    name: str  # telegram:<id>, a workflow's name, import, or a place
    message_id: str | None = None
    run_id: str | None = None


@dataclass(frozen=True)
class Change:
    """One step of a record's history. `before`: the fields that changed, as they were."""

    id: str
    record_id: str
    kind: ChangeKind
    before: dict[str, Any]
    actor: Actor
    stamp: Stamp
    at: datetime
    undone_by: str | None = None

    @property
    def can_be_undone(self) -> bool:
        return self.undone_by is None and self.kind is not ChangeKind.FORGOTTEN


@dataclass(frozen=True)
class Stored:
    """What a writing method brings: the record as it is now, and the change that Undo names.

    `change_id` of a new record is the record's own id: undoing it retires the record.
    """

    record: Record
    change_id: str
    is_new: bool = False  # False also where the very same words were known already


@dataclass(frozen=True)
class RecordPage:
    """One page of records, newest first; pages count from 0."""

    rows: tuple[Record, ...]
    page: int
    pages: int
    total: int
