"""What the parts of memory are to each other, and to the rooms above: one protocol each.

Every method that takes a transaction works inside it: a record, its history and its entry in the
index are committed together or not at all. Whoever reads names the label it may read; nothing here
asks a model (`core.upkeep` does), and nothing here knows Telegram.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from core.db import Transaction
from core.memory.fact_model import Contradiction, Fact, Proposal, ProposalKind, Said
from core.memory.forget_model import Order, Preview, Receipt
from core.memory.record_model import (
    Actor,
    Category,
    Change,
    NewRecord,
    Record,
    RecordPage,
    Stamp,
    Stored,
)
from core.memory.search_model import Found, Hit, Item, ItemKind, Parsed, Part, Query, Ranked
from core.memory.summary_model import (
    Archive,
    Archived,
    Batch,
    Draft,
    Original,
    Summary,
    SummaryState,
)
from core.runs.model import Label


class Clocks(Protocol):
    """The hybrid logical clock of this place: `core.memory.clocks`."""

    def tick(self, tx: Transaction) -> Stamp:
        """A stamp above every one that was given or seen here; inside the write transaction."""

    def see(self, tx: Transaction, stamp: Stamp) -> None:
        """Another place's stamp. Refused(`clock-ahead`) when it is over five minutes ahead."""


class Indexes(Protocol):
    """The search index as writers know it: `core.memory.search_index`."""

    def put(self, tx: Transaction, item: Item, former: str | None = None) -> None:
        """Index a text, in place of `former` (the text that was indexed), as it was said.
        A text of no words leaves the index."""

    def drop(self, tx: Transaction, kind: ItemKind, source: int, former: str) -> None:
        """Take an item out, words and all. Without an entry it does nothing."""

    def refile(self, tx: Transaction, item: Item) -> None:
        """The words stayed, something else of the item changed (label, category, thread, ...)."""


class Search(Protocol):
    """Finding: `core.memory.search`."""

    def find(self, tx: Transaction, query: Query) -> Found:
        """All words first, then some, then parts of words; ranked by relevance, recency and
        importance. Never raises for what was typed."""

    def similar(self, tx: Transaction, item: tuple[ItemKind, int], reader: Label) -> Found:
        """What is near an item in meaning; by words where there are no embeddings."""

    def sizes(self, tx: Transaction) -> tuple[Part, ...]:
        """The parts of the index and the tables of memory, with what they take."""


class Rebuilds(Protocol):
    """The index as upkeep knows it: `core.memory.search_rebuild`."""

    def is_current(self, tx: Transaction) -> bool:
        """Was it built with this normaliser and these Unicode tables?"""

    def check(self, tx: Transaction) -> tuple[str, ...]:
        """What is wrong with it; empty when nothing is."""

    def rebuild(self, tx: Transaction, after: int, most: int) -> int | None:
        """Index the next portion of everything; where to go on, None at the end."""


class Normaliser(Protocol):
    """The module `core.memory.normalise` as an object; pure.

    The normal form: NFC; casefolded; Arabic marks U+064B-065F, U+0670 and tatweel gone; alef, ya
    and ta marbuta folded; Bengali letters that have two spellings in one; digits in ASCII; ZWJ,
    ZWNJ and other zero-width characters gone; Latin diacritics gone; runs of white space as one.
    """

    def normal(self, text: str) -> str:
        """`text` in the normal form. normal(normal(x)) == normal(x)."""

    def parsed(self, words: str) -> Parsed:
        """What was typed, as terms, phrases ("in quotes") and stems; never raises."""

    def fingerprint(self) -> str:
        """Changes when any text might have another normal form: version and Unicode tables."""


class Embedder(Protocol):
    """Texts as vectors, by a model on one of the owner's machines; off unless set.

    Private texts are given to a model of the owner's only. Unavailable(`no-embedder`)."""

    @property
    def model(self) -> str: ...

    @property
    def is_mine(self) -> bool: ...

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """One unit vector for each text."""


class Fuses(Protocol):
    """`core.memory.fusion.fused`, pure: several rankings as one (reciprocal ranks)."""

    def __call__(self, rankings: Sequence[Ranked], most: int) -> tuple[tuple[int, float], ...]: ...


class Records(Protocol):
    """What is remembered: `core.memory.records`. Errors: Refused(`record-missing`,
    `record-empty`, `record-too-long`, `memory-change-missing`, `change-superseded`)."""

    def remember(self, tx: Transaction, new: NewRecord, actor: Actor) -> Stored:
        """Keep it, redacted of our own secrets. The very same words under the same category,
        still alive, are one record: then `is_new` is False. A Source that is not the owner's
        never becomes a FACT: Refused(`fact-untrusted`)."""

    def edit(
        self, tx: Transaction, record_id: str, actor: Actor, *, kind: str = "edited", **fields: Any
    ) -> Stored:
        """Change fields of FIELDS; nothing changes that is equal. One row of history."""

    def retire(self, tx: Transaction, record_id: str, actor: Actor) -> Stored:
        """Hide it, so that it can be brought back; `forget` is what removes words."""

    def undo(self, tx: Transaction, change_id: str, actor: Actor) -> Stored:
        """Take a change back, or a birth. Refused when a newer change of the same fields is
        there (`change-superseded`)."""

    def get(self, tx: Transaction, record_id: str, reader: Label) -> Record:
        """With its words, also when archived."""

    def history(self, tx: Transaction, record_id: str) -> tuple[Change, ...]:
        """Newest first."""

    def page(
        self, tx: Transaction, reader: Label, page: int = 0, category: Category | None = None
    ) -> RecordPage: ...

    def standing(self, tx: Transaction, reader: Label) -> tuple[Record, ...]:
        """Pinned records and facts about the owner, for every turn's context; at most 200, the
        pinned and the important first."""

    def counts(self, tx: Transaction, reader: Label) -> dict[str, int]:
        """How many of each category, the views of messages, summaries and archived rows too."""


class Loads(Protocol):
    """The words of what was found, wherever they lie now: `core.memory.loading`."""

    def texts(self, tx: Transaction, items: Sequence[tuple[ItemKind, int]]) -> dict[Any, str]:
        """By (kind, source seq); archives are opened once each."""

    def all_items(self, tx: Transaction, after: int, most: int) -> Iterator[Item]:
        """Every text that belongs in the index, in the order of their tables."""


class UnreadTalk(Protocol):
    """How far the talk was read for facts: `core.memory.unread_talk`."""

    def unread(self, tx: Transaction, label: Label, most: int) -> tuple[Said, ...]:
        """The owner's messages of a label that no extraction has looked at, oldest first."""

    def read_upto(self, tx: Transaction, label: Label, seq: int) -> None: ...

    def last_said(self, tx: Transaction) -> datetime | None:
        """When the owner last wrote anything."""


class Proposals(Protocol):
    """Facts and contradictions that wait for the owner: `core.memory.proposals`."""

    def take(
        self, tx: Transaction, facts: Sequence[Fact], among: Sequence[Said], actor: Actor
    ) -> tuple[tuple[Stored, ...], tuple[Proposal, ...]]:
        """Store what is sure and the owner's own; keep the rest, and contradictions, as
        proposals. What quotes no message, repeats a record or a refused proposal, is dropped."""

    def get(self, tx: Transaction, proposal_id: str) -> Proposal:
        """Refused(`proposal-missing`)."""

    def against(self, tx: Transaction, fact: Fact, reader: Label) -> Contradiction | None: ...

    def open(self, tx: Transaction, kind: ProposalKind | None = None) -> tuple[Proposal, ...]: ...

    def decide(self, tx: Transaction, proposal_id: str, verb: str, actor: Actor) -> Stored | None:
        """`keep`, `replace` (contradictions), `both`, `drop`. Refused(`proposal-closed`)."""

    def expire(self, tx: Transaction, now: datetime) -> int: ...


class Summaries(Protocol):
    """Summaries of what is old: `core.memory.old_summaries`."""

    def due(self, tx: Transaction, before: datetime, most: int) -> tuple[Batch, ...]:
        """Originals older than `before` that are in no summary, by thread and category, of one
        label each; pinned records and facts never. Empty: nothing is old."""

    def count_due(self, tx: Transaction, before: datetime) -> int: ...

    def keep(self, tx: Transaction, draft: Draft) -> Summary:
        """Store it with its sources. Refused(`summary-twice`) when one of them has another."""

    def decide(
        self,
        tx: Transaction,
        summary_id: str,
        state: SummaryState,
        actor: Actor,
        text: str | None = None,
    ) -> Summary:
        """KEPT, CORRECTED (with `text`) or DISCARDED. Refused(`summary-decided`)."""

    def get(self, tx: Transaction, summary_id: str, reader: Label) -> Summary: ...

    def page(self, tx: Transaction, reader: Label, page: int = 0) -> tuple[Summary, ...]: ...


class Archives(Protocol):
    """Packs of originals: `core.memory.archives`. Nothing of an original is lost: its row keeps
    everything but the words, and the index still finds it."""

    def pack(self, tx: Transaction, summary_id: str) -> tuple[Archive, ...]:
        """Move the words of a summary's originals into archives; twice is once."""

    def read(self, tx: Transaction, archive_id: str) -> tuple[Archived, ...]:
        """Broken(`archive-damaged`) when its digest is wrong."""

    def rewrite(self, tx: Transaction, archive_id: str, entries: Iterable[Archived]) -> None:
        """For forgetting."""

    def page(self, tx: Transaction, reader: Label, page: int = 0) -> tuple[Archive, ...]: ...

    def originals(self, tx: Transaction, summary_id: str) -> tuple[Original, ...]: ...


class Forgets(Protocol):
    """Forgetting for good: `core.memory.forgetting`, over `core.memory.forget_registry`."""

    def preview(self, tx: Transaction, order: Order) -> Preview: ...

    def ask(self, tx: Transaction, order: Order, actor: Actor) -> str:
        """Keep the order; its id, all that a run or a card may carry of it."""

    def carry_out(self, tx: Transaction, order_id: str) -> dict[str, int]:
        """Walk every table of this place; how many rows of each holder changed."""

    def finish(self, tx: Transaction, order_id: str, place: str, counts: dict[str, int]) -> None:
        """A place is done; when all are, the order's own words go."""

    def receipt(self, tx: Transaction, order_id: str) -> Receipt: ...


class FindsLinks(Protocol):
    """Where a hit was said: `core.memory.links`."""

    def links(self, tx: Transaction, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """The same hits with chat, Telegram number and thread, where they are known."""
