"""Notices: what the bot must deliver, kept in the database until Telegram has accepted it.

Two forms. `say` is a new message, sent in order per chat. `show` is a card with a key: only its
newest revision is sent, or edited into the message that already shows it. A notice carries a kind
and parameters; the bot renders it in the owner's language of that moment. Only model prose and
the owner's own words travel as ready text.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.runs.model import Label


class Form(enum.StrEnum):
    """How a notice appears."""

    SAY = "say"
    SHOW = "show"


class NoticeState(enum.StrEnum):
    """Where a notice stands."""

    READY = "ready"  # to be sent
    SENDING = "sending"  # a request to Telegram is open; after a crash it may have arrived
    SENT = "sent"  # Telegram accepted it
    SKIPPED = "skipped"  # a newer revision of the card took its place
    DEAD = "dead"  # Telegram will never take it (blocked, refused twice); an alert says so


class Urgency(enum.IntEnum):
    """The sender's order: smaller goes first."""

    ALERT = 0  # approvals, alerts
    ANSWER = 1  # final answers
    CARD = 2  # edits of cards, job progress


@dataclass(frozen=True)
class Notice:
    """One thing to deliver to `chat_id`.

    `kind` picks the renderer (`bot/render`), `params` are JSON values for it. `key` makes it a
    `show`: the card's name inside the chat. `silent` sends without sound. `reply_to` is the
    Telegram message it answers.
    """

    kind: str
    params: dict[str, Any] = field(default_factory=dict)
    chat_id: int | None = None  # None: the owner's chat
    key: str | None = None
    label: Label = Label.OPEN
    urgency: Urgency = Urgency.ANSWER
    silent: bool = False
    reply_to: int | None = None
    run_id: str | None = None

    @property
    def form(self) -> Form:
        return Form.SHOW if self.key else Form.SAY


@dataclass(frozen=True)
class NoticeRow:
    """A notice as the database holds it. `parts_sent` counts messages of a long answer that
    Telegram has accepted; `maybe_sent` marks that the next part may have arrived already."""

    id: int
    notice: Notice
    form: Form
    revision: int
    state: NoticeState
    attempts: int
    parts_sent: int
    maybe_sent: bool
    not_before: datetime | None
    created_at: datetime


class Level(enum.StrEnum):
    """How loud an alert is (`telegram.md` 5.2)."""

    CRITICAL = "critical"  # data or safety at risk: sound
    PROBLEM = "problem"  # something the owner asked for failed: sound
    NOTICE = "notice"  # handled, worth knowing: silent
    RESOLVED = "resolved"  # back to normal: silent edit of the old alert


def alert(
    level: Level, component: str, code: str, *, label: Label = Label.OPEN, **params: Any
) -> Notice:
    """An alert: a card keyed by component and error class, so that repeats edit one message.

    The text is Fluent's `err-<code>` (or `alert-<code>`); `params` are its variables.
    """
    return Notice(
        kind="alert",
        key=f"alert:{component}:{code}",
        params={"level": level.value, "component": component, "code": code, "values": params},
        urgency=Urgency.ALERT,
        silent=level in {Level.NOTICE, Level.RESOLVED},
        label=label,
    )
