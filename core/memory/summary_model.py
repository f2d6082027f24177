"""Facts about summaries of old talk and records, and the archives of their originals; no I/O."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.memory.search_model import ItemKind
from core.runs.model import Label

#: A month of SUMMARY_AGE_MONTHS, in days.
MONTH_DAYS = 30
#: Originals in one request to a model, and so in one summary.
MOST_IN_BATCH = 60
#: Bytes of an archive before compression: one is opened for each hit that is shown.
MOST_ARCHIVE_BYTES = 64 * 1024


class SummaryState(enum.StrEnum):
    """Where a summary stands. Originals are archived after KEPT or CORRECTED only."""

    REVIEW = "review"  # shown to the owner
    REFUSED = "refused"  # key facts are missing even after a second try; the owner was told
    KEPT = "kept"
    CORRECTED = "corrected"  # the owner wrote it anew
    DISCARDED = "discarded"  # its originals stay, and may be summarised again after an interval

    @property
    def has_taken_over(self) -> bool:
        return self in {SummaryState.KEPT, SummaryState.CORRECTED}


class KeyFactKind(enum.StrEnum):
    """What must survive."""

    NAME = "name"
    DATE = "date"
    NUMBER = "number"


@dataclass(frozen=True)
class KeyFact:
    """A name, date or number of the originals; compared in normal form, kept as it is written."""

    kind: KeyFactKind
    value: str
    said: int = 1  # in how many originals; one that is said once may be left out by the quota


@dataclass(frozen=True)
class Original:
    """One text to be summarised. `id` is the record's or message's own."""

    kind: ItemKind
    id: str
    seq: int
    text: str
    label: Label
    category: str
    at: datetime
    thread_id: str | None = None
    role: str | None = None  # of a message: owner, assistant


@dataclass(frozen=True)
class Batch:
    """Originals of one category and thread, oldest first: one summary is made of them."""

    category: str
    thread_id: str | None
    originals: tuple[Original, ...]
    label: Label


@dataclass(frozen=True)
class Point:
    """A key point and the originals it comes from: (kind, id)."""

    text: str
    sources: tuple[tuple[ItemKind, str], ...]


@dataclass(frozen=True)
class Checked:
    """What the quality check found: key facts that the summary lacks, and that it invented."""

    missing: tuple[KeyFact, ...] = ()
    invented: tuple[KeyFact, ...] = ()

    @property
    def is_good(self) -> bool:
        return not self.missing and not self.invented


@dataclass(frozen=True)
class Draft:
    """A summary as a model wrote it and the check judged it: REVIEW, REFUSED, or KEPT where the
    owner has switched the review off."""

    batch: Batch
    state: SummaryState
    text: str
    points: tuple[Point, ...]
    checked: Checked
    label: Label
    language: str | None = None
    endpoint: str | None = None
    run_id: str | None = None


@dataclass(frozen=True)
class Summary:
    """A summary as it is kept."""

    seq: int
    id: str
    state: SummaryState
    category: str
    text: str
    points: tuple[Point, ...]
    original_count: int
    since: datetime
    until: datetime
    label: Label
    created_at: datetime
    thread_id: str | None = None
    missing: tuple[KeyFact, ...] = ()
    language: str | None = None
    endpoint: str | None = None
    run_id: str | None = None
    archive_id: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True)
class Archived:
    """One original as an archive holds it: all that its row gave up."""

    kind: ItemKind
    id: str
    text: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Archive:
    """A compressed pack of originals, without its data."""

    id: str
    category: str
    label: Label
    count: int
    since: datetime
    until: datetime
    size: int  # bytes before compression
    thread_id: str | None = None


@dataclass(frozen=True)
class LastRun:
    """When old memories were last summarised, and what came of it. `left`: originals that are
    still due, because nobody answered."""

    at: datetime
    originals: int = 0
    summaries: int = 0
    refused: int = 0
    left: int = 0
