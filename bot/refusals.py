"""What a failed Bot API call means for what was to be sent.

SendError
├── Blocked       this chat takes nothing from us; give up
├── Gone          the message to edit is not there any more; send a new one
├── BadMarkup     entities or tags could not be read; send it once more as plain text
├── Rejected      Telegram refuses this content; give up, tell the owner
├── TooSoon       Telegram asks to wait `retry_after` seconds
├── Unreachable   it did not arrive; try again
└── Ambiguous     it may have arrived; try again, marked

No text here carries the token: `redact` goes over every one, because httpx puts the URL, and with
it the token, into its errors and its log lines.
"""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    RetryAfter,
    TelegramError,
    TimedOut,
)

TOKEN = re.compile(r"\d{3,}:[A-Za-z0-9_-]{3,}")

#: Refusals that mean that the wished state is there.
FINE = (
    "message is not modified",
    "query is too old",  # a tap's spinner has ended by itself
)
GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
)
NO_CHAT = (
    "chat not found",
    "user is deactivated",
    "bot can't initiate conversation",
    "peer_id_invalid",
)
#: The request never left: nothing can have arrived.
NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


class SendError(Exception):
    """Why a call failed; the text is redacted."""


class Blocked(SendError):
    """This chat takes nothing from us."""


class Gone(SendError):
    """The message to edit is not there any more."""


class BadMarkup(SendError):
    """Entities or tags could not be read."""


class Rejected(SendError):
    """Telegram refuses this content."""


class TooSoon(SendError):
    """Telegram asks to wait `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"retry after {retry_after:g} s")
        self.retry_after = retry_after


class Unreachable(SendError):
    """It did not arrive."""


class Ambiguous(SendError):
    """It may have arrived."""


def redact(text: str, token: str = "") -> str:
    """`text` without the token, or anything that looks like one."""
    if token:
        text = text.replace(token, "***")
    return TOKEN.sub("***", text)


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram wants us to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def translate(error: TelegramError) -> SendError | None:
    """The meaning of PTB's error; None when what was wished is already so."""
    text = redact(error.message)
    lower = text.lower()
    if isinstance(error, RetryAfter):
        return TooSoon(seconds_of(error))
    if isinstance(error, (Forbidden, ChatMigrated)):
        return Blocked(text)
    if isinstance(error, BadRequest):
        return _bad_request(text, lower)
    return _network(error, text, lower)


def hush_http_logs() -> None:
    """httpx logs every URL, and a Bot API URL holds the token; PTB logs every parameter."""
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _bad_request(text: str, lower: str) -> SendError | None:
    if any(fine in lower for fine in FINE):
        return None
    if any(gone in lower for gone in GONE):
        return Gone(text)
    if any(missing in lower for missing in NO_CHAT):
        return Blocked(text)
    if "can't parse" in lower or "entities_too_long" in lower or "entity_bounds" in lower:
        return BadMarkup(text)
    return Rejected(text)


def _network(error: TelegramError, text: str, lower: str) -> SendError:
    cause = error.__cause__
    if isinstance(cause, NEVER_LEFT):
        return Unreachable(text)
    if isinstance(error, TimedOut) or isinstance(cause, httpx.HTTPError):
        return Ambiguous(text)
    # A gateway in between cannot know what the server behind it did; the server's own 500 is a no.
    if "gateway" in lower or "invalid server response" in lower:
        return Ambiguous(text)
    # A revoked token, too: nothing is lost while the owner repairs it.
    return Unreachable(text)
