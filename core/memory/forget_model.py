"""Facts about forgetting: what must be nowhere afterwards, who can hold words, the receipt; no I/O.

The registry of holders is `forget_registry`: every column of every table, and every kind of file,
either says how words leave it or why it can hold none. A test fails where one is not named.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.memory.search_model import ItemKind

#: What stands where words were.
FORGOTTEN = "[forgotten]"


class How(enum.StrEnum):
    """How words leave a column."""

    TEXT = "text"  # the words are replaced by FORGOTTEN
    JSON = "json"  # the same in every string of the value, keys included
    ROW = "row"  # the row goes
    PACK = "pack"  # an archive: opened, rewritten, packed again
    BLOB = "blob"  # parts of a blob: the blob goes, what refers to it finds none
    INDEX = "index"  # taken out by whoever owns the index
    SEALED = "sealed"  # bytes that only another key opens; short-lived, so the row goes
    WORDLESS = "wordless"  # ids, states, times, digests, numbers: `why` says so


@dataclass(frozen=True)
class Holder:
    """A column that can hold words, or a sentence why it cannot."""

    table: str
    column: str
    how: How
    why: str = ""


@dataclass(frozen=True)
class FileHolder:
    """A kind of file that can hold words, by where it lies; `place`: at home, at nodes, or both."""

    name: str
    pattern: str  # below MASK_HOME
    place: str
    how: str  # rewritten, deleted, truncated, or why it holds none


class ForgetState(enum.StrEnum):
    """Where an order stands."""

    ASKED = "asked"  # the card shows what would go
    RUNNING = "running"
    AWAY = "away"  # home is done; a machine that sleeps will be told when it is back
    DONE = "done"  # the words of the order itself are gone, too


@dataclass(frozen=True)
class Target:
    """A record, message or summary that goes whole, and not only the words."""

    kind: ItemKind
    id: str


@dataclass(frozen=True)
class Order:
    """What to forget: rows that go whole, and words that must be nowhere. `needles` are the texts
    of the targets and their former versions, and what the owner named; each at least four
    characters long."""

    targets: tuple[Target, ...]
    needles: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Preview:
    """What an order would touch, for its card: counts by holder, nothing of the words."""

    counts: Mapping[str, int]
    open_runs: int = 0  # runs that hold the words and would be ended


@dataclass(frozen=True)
class Receipt:
    """What went, by place and holder. It names no words: the count is the proof of work, the
    search afterwards the proof of absence."""

    id: str
    state: ForgetState
    counts: Mapping[str, Mapping[str, int]]
    left: int  # places where the words were found again afterwards: 0
    asked_at: datetime
    done_at: datetime | None = None
    waiting_for: tuple[str, ...] = ()  # machines that sleep
