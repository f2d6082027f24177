"""Facts of a turn; no I/O. These are journal arguments: adding a field needs a default."""

from __future__ import annotations

from dataclasses import dataclass

from core.llm.model import Reply, Request
from core.runs.model import Label


@dataclass(frozen=True)
class Turn:
    """One message of the owner, to be answered once.

    `message_id` is our id of the stored message, `reply_to` Telegram's, which a late answer points
    at. `text` is the beginning of what was written (the model is given the stored message, whole);
    `quoted` is the text the owner replied to. `is_urgent`: said with /urgent; `has_code`: the app
    has marked some of it as code; `attached`: media types and names of what came with it;
    `remembers`: it asks to remember something (`core.conversation.remembering.wanted`).
    """

    chat_id: int
    thread_id: str
    message_id: str
    text: str
    language: str
    label: Label = Label.OPEN
    reply_to: int | None = None
    quoted: str | None = None
    max_rounds: int = 8
    is_urgent: bool = False
    has_code: bool = False
    attached: tuple[str, ...] = ()
    remembers: bool = False


@dataclass(frozen=True)
class Kept:
    """An answer and the turn it belongs to."""

    turn: Turn
    reply: Reply


@dataclass(frozen=True)
class Summarise:
    """Summarise a thread's messages up to position `upto` (a message's seq). `card` of `chat_id` is
    shown the outcome, where somebody asked for it."""

    thread_id: str
    upto: int
    language: str
    label: Label = Label.OPEN
    chat_id: int | None = None
    card: str | None = None


@dataclass(frozen=True)
class Gathered:
    """What is asked of a model for a summary, and up to which position it will cover."""

    request: Request
    upto: int


@dataclass(frozen=True)
class KeptSummary:
    """A summary that a model wrote, and what it covers."""

    thread_id: str
    upto: int
    text: str
    label: Label = Label.OPEN
