"""Arguments of upkeep's runs; no I/O. They are journaled: a new field needs a default, and none
holds words that could have to be forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from core.llm.model import Request
from core.runs.model import Label


@dataclass(frozen=True)
class ExtractFacts:
    """`extract_facts`: look for facts in what the owner said since the last time."""

    is_asked: bool = False  # by hand: also while the owner is talking
    label: Label = Label.OPEN  # of the talk that one step reads


@dataclass(frozen=True)
class FactsGathered:
    """What is asked of a model, about messages up to `upto` (a seq); None: they can hold nothing.
    It is told messages and known facts by number, in the order of the ids here."""

    request: Request | None
    upto: int
    message_ids: tuple[str, ...]
    label: Label
    record_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class FactsFound:
    """What a model answered about those messages."""

    text: str
    upto: int
    message_ids: tuple[str, ...]
    label: Label
    record_ids: tuple[str, ...] = ()
    is_last_try: bool = False


@dataclass(frozen=True)
class FactsKept:
    """What became of an answer: how many facts were stored, and how many the owner is asked."""

    is_readable: bool = True
    stored: int = 0
    asked: int = 0


@dataclass(frozen=True)
class SummariseOld:
    """`summarise_old`: every SUMMARY_INTERVAL_DAYS, or by hand (`chat_id` is told the outcome).
    The rest is what earlier rounds of this run have done: batches, and what came of them. `passed`:
    labels that nobody answers for now. `kept`: ids of the first summaries."""

    chat_id: int | None = None
    reply_to: int | None = None
    round: int = 0
    originals: int = 0
    summaries: int = 0
    refused: int = 0
    unanswered: int = 0
    passed: tuple[Label, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """Batches by the ids of their originals: [(kind, id), ...]; the words are read by each step."""

    category: str
    thread_id: str | None
    originals: tuple[tuple[int, str], ...]
    label: Label


@dataclass(frozen=True)
class SummaryWritten:
    """What a model wrote for one batch."""

    batch: Chosen
    text: str
    endpoint: str
    attempt: int = 1


@dataclass(frozen=True)
class ArchiveSummary:
    """`archive_summary`: move the originals of a kept summary into archives."""

    summary_id: str


@dataclass(frozen=True)
class RefreshMirror:
    """`refresh_mirror`: by beat, and after bursts. Does nothing while the mirror is up to date."""


@dataclass(frozen=True)
class CheckMemory:
    """`check_memory`: integrity, index, and what follows from what is found."""


@dataclass(frozen=True)
class RekeyDatabase:
    """`rekey_database`: by hand."""

    chat_id: int | None = None


@dataclass(frozen=True)
class ForgetOrder:
    """`forget`: an order by its id; its words lie in `forgettings` alone."""

    order_id: str
    chat_id: int | None = None
    card_key: str | None = None


@dataclass(frozen=True)
class ExportMemory:
    """`export_memory`: a document for the chat. Everything while `record_ids` is empty."""

    form: str = "json"
    chat_id: int | None = None
    reply_to: int | None = None
    record_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportMemory:
    """`import_memory`: a document that the owner sent, by its blob."""

    sha256: str
    chat_id: int | None = None
    reply_to: int | None = None


@dataclass(frozen=True)
class RebuildIndex:
    """`rebuild_index`: in portions, from `after` on."""

    after: int = 0


@dataclass(frozen=True)
class EmbedItems:
    """`embed_items`: vectors for what has none; only while an embedding model is set."""
