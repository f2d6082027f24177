"""An error as one sentence for the chat, and as one line with an id for the log.

Three families, three sentences: what was refused and why, what is away and when to try again, what
is broken and under which id the log has it. Never a stack trace in the chat, never a secret in
either. What nobody foresaw counts as broken.
"""

from __future__ import annotations

import structlog

from bot.refusals import redact
from bot.render.cards.pieces import error as sentence_of
from bot.render.model import Translator
from core.errors import MaskError, Refused, Unavailable
from core.ids import new_id

log = structlog.get_logger(__name__)

#: Hex digits of an error id: enough to find a line, short enough to be read out.
ID_DIGITS = 8
#: Characters of the answer to a tap, Telegram's limit.
MOST_WORD = 200


def note(error: BaseException, **where: object) -> str:
    """Log the error once with its place in the code; returns the id under which it stands there."""
    known: str | None = vars(error).get("error_id")
    if known is not None:
        return known
    error_id = vars(error)["error_id"] = new_id()[-ID_DIGITS:]
    text = redact(f"{type(error).__name__}: {error}")
    log.error("handler-failed", id=error_id, error=text, exc_info=error, **where)
    return error_id


def sentence(error: BaseException, t: Translator, error_id: str) -> str:
    """What the owner reads."""
    if isinstance(error, Refused):
        return sentence_of(t, error.to_json())
    if isinstance(error, Unavailable):
        return f"{t('error-unavailable')} {sentence_of(t, error.to_json())}"
    cause = f" {sentence_of(t, error.to_json())}" if isinstance(error, MaskError) else ""
    return t("error-broken", id=error_id) + cause


def word(text: str) -> str:
    """`text` as the answer to a tap may carry it."""
    return text if len(text) <= MOST_WORD else text[: MOST_WORD - 1] + "…"
