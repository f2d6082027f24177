"""Facts about memory at rest: mirror, integrity, repair, changing the key; no I/O."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.connecting import Cause

__all__ = [
    "MIRRORED",
    "Cause",
    "Checkup",
    "Damage",
    "MirrorState",
    "Recovered",
    "Rekeyed",
    "Written",
]

#: The tables whose rows a mirror and an export hold, parents before children. The order is part
#: of the content hash. The search index, runs and everything else is not memory.
MIRRORED = (
    "threads",
    "messages",
    "records",
    "record_history",
    "summaries",
    "summary_sources",
    "archives",
    "proposals",
    "thread_moves",
    "preferences",
)


@dataclass(frozen=True)
class MirrorState:
    """The mirror as it lies on the disk. `sha256` is of its content, not of the sealed bytes."""

    generation: int
    rows: int
    sha256: str
    clock: int  # the newest stamp inside
    written_at: datetime
    size: int  # bytes on the disk


@dataclass(frozen=True)
class Written:
    """What an export wrote, or an import took: rows by table. `content_hash` is the same before
    an export and after an import into an empty memory."""

    rows: Mapping[str, int]
    content_hash: str
    skipped: int = 0  # rows that were known in the same or a newer version
    unreadable: int = 0  # rows of a file that made no sense; told, never silently dropped


class Damage(enum.StrEnum):
    """What an integrity check found."""

    NONE = "none"
    INDEX = "index"  # the search index only: built again on the spot
    ORPHANS = "orphans"  # rows without their parent
    PAGES = "pages"  # the file itself: moved aside and rebuilt
    KEY = "key"  # no key of this home opens it: nothing is touched, the owner is told


@dataclass(frozen=True)
class Checkup:
    """The outcome of an integrity check. `findings` are lines of the database's own, no words."""

    damage: Damage
    findings: tuple[str, ...] = ()
    took_s: float = 0.0
    size: int = 0


@dataclass(frozen=True)
class Recovered:
    """What a rebuilt database has, by table: from the mirror, and saved from the damaged file."""

    aside: str  # where the damaged file lies now
    from_mirror: Mapping[str, int] = field(default_factory=dict)
    saved: Mapping[str, int] = field(default_factory=dict)
    lost_since: datetime | None = None  # newer memory may be missing; None: nothing is
    gaps: tuple[str, ...] = ()  # tables, not only of memory, of which something is lost for good
    stopped: int = 0  # runs that do not go on, because their journal has gaps


@dataclass(frozen=True)
class Rekeyed:
    """A changed key: which generation is in force, how much was rewritten, how long writers
    waited."""

    generation: int
    size: int
    took_s: float
