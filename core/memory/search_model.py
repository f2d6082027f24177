"""Facts about searching: what is asked, what is found, and how texts are compared; no I/O."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.runs.model import Label

#: The newest matches of a term set that are ranked; older ones are not looked at.
MOST_RANKED = 2000


class ItemKind(enum.IntEnum):
    """Which table a text that can be found belongs to; stored in `search_items.kind`."""

    RECORD = 1
    MESSAGE = 2  # of the owner
    ANSWER = 3
    SUMMARY = 4  # kept ones only; a draft cannot be found


@dataclass(frozen=True)
class Item:
    """A text as the index knows it. `source` is the row's `seq` in its own table."""

    kind: ItemKind
    source: int
    text: str  # as it was said; the index normalises it
    label: Label
    category: str
    origin: str
    at: datetime
    importance: int
    thread_id: str | None = None
    is_archived: bool = False


@dataclass(frozen=True)
class Query:
    """What is looked for. Without words: everything the other fields choose, newest first.

    `reader` is the label of whoever asks: an OPEN one finds no private item, not even its count.
    `since` is included, `until` is not.
    """

    words: str = ""
    reader: Label = Label.OPEN
    kinds: tuple[ItemKind, ...] = ()  # none: all
    categories: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    thread_id: str | None = None
    origin: str | None = None  # the place it arose at
    label: Label | None = None  # only such; PRIVATE needs a reader of PRIVATE
    is_archived: bool | None = None  # None: both
    limit: int = 10
    offset: int = 0


@dataclass(frozen=True)
class Parsed:
    """A query in the normal form: `terms` are words, `phrases` were quoted, each in normal form.
    `stems` are shorter forms of the terms that may stand for them, by term."""

    terms: tuple[str, ...]
    phrases: tuple[str, ...] = ()
    stems: tuple[tuple[str, ...], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.terms and not self.phrases


class Way(enum.StrEnum):
    """How a hit was found; later ways are tried where earlier ones bring too little."""

    ALL = "all"  # every word
    ANY = "any"  # some words
    PART = "part"  # parts of words, or words written slightly otherwise
    MEANING = "meaning"  # near in meaning, by embeddings
    LISTED = "listed"  # no words were asked for


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of a snippet, to be marked."""

    start: int
    end: int


@dataclass(frozen=True)
class Snippet:
    """A part of the text as it was said, around what matched; cut at clusters, never inside."""

    text: str
    marks: tuple[Span, ...] = ()
    is_cut_before: bool = False
    is_cut_after: bool = False


@dataclass(frozen=True)
class Hit:
    """One thing found. `score` rises with relevance and compares inside one answer only.

    `id` is the record's, message's or summary's own; `message_id` the message to link to, where
    there is one, and `telegram_id` Telegram's number of it in `chat_id`.
    """

    seq: int
    kind: ItemKind
    id: str
    text: str
    snippet: Snippet
    score: float
    way: Way
    at: datetime
    label: Label
    category: str
    origin: str
    importance: int = 50
    thread_id: str | None = None
    message_id: str | None = None
    chat_id: int | None = None
    telegram_id: int | None = None
    is_pinned: bool = False
    is_archived: bool = False


@dataclass(frozen=True)
class Found:
    """Hits, best first. `total` counts matches up to MOST_RANKED; `is_cut` when there were more."""

    hits: tuple[Hit, ...]
    total: int
    is_cut: bool = False


@dataclass(frozen=True)
class Ranked:
    """Rows of the index in one source's order, best first, for fusing."""

    way: Way
    seqs: tuple[int, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Part:
    """One part of the database and what it takes, for the bench: bytes."""

    name: str
    size: int


@dataclass(frozen=True)
class Vectors:
    """Unit vectors of some texts, in their order. `model` names what made them."""

    model: str
    rows: Sequence[Sequence[float]]
