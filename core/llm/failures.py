"""What a provider's refusal means, and its words made safe to keep.

Decides the `Failure` for a status or an error object. Details are short, single-line, and carry no
key: the key in use and everything that looks like one is blotted out (law 8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from core.llm import retry_after
from core.llm.model import Endpoint, Failure
from core.llm.ports import ModelFailed

#: Characters of a provider's sentence that are kept.
MOST_DETAIL = 300
#: Seconds before a provider whose paid quota is used up is asked again.
QUOTA_WAIT_S = 3600.0

#: Flex capacity used up (Groq's own status).
CAPACITY_EXCEEDED = 498
_KIND_OF_STATUS = {
    401: Failure.UNAUTHORISED,
    402: Failure.LIMITED,
    403: Failure.UNAUTHORISED,
    404: Failure.MISSING_MODEL,
    408: Failure.TIMEOUT,
    429: Failure.LIMITED,
    CAPACITY_EXCEEDED: Failure.LIMITED,
}
_LIMITED_WORDS = frozenset(
    {
        "rate_limit_exceeded",
        "rate_limit_error",
        "capacity_exceeded",
        "tokens",
        "requests",
        "slow_down",
    }
)
_QUOTA_WORDS = frozenset(
    {"insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached"}
)
_KEY_WORDS = frozenset({"invalid_api_key", "authentication_error", "permission_denied"})

_SECRET = re.compile(
    r"(?:\b(?:sk|gsk|pk|rk|xai|hf)[-_][A-Za-z0-9_*.\-]{6,})"
    r"|(?:\bBearer\s+\S+)|(?://[^/@\s:]+:[^/@\s]+@)"
)


@dataclass(frozen=True)
class Refusal:
    """An answer that says no: status (0 inside a stream), sentence, code words, headers."""

    status: int
    message: str
    words: frozenset[str] = frozenset()
    headers: Mapping[str, str] | None = None


def safe(text: str, *secrets: str | None) -> str:
    """`text` on one line, short, without keys."""
    line = " ".join(text.split())
    for secret in secrets:
        if secret:
            line = line.replace(secret, "***")
    return _SECRET.sub("***", line)[:MOST_DETAIL]


def body_refusal(status: int, body: Any, fallback: str, headers: Mapping[str, str]) -> Refusal:
    """The refusal in an error body, whether `{"error": {...}}`, the inner object or plain text."""
    inner = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(inner, dict):
        message = inner.get("message") or inner.get("detail") or fallback
        words = frozenset(str(inner[key]) for key in ("code", "type") if inner.get(key) is not None)
        return Refusal(status, str(message), words, headers)
    return Refusal(status, inner if isinstance(inner, str) and inner else fallback, headers=headers)


def kind_of(refusal: Refusal) -> Failure:
    """The failure that a status means; inside a stream, where there is none, the code words."""
    status, words = refusal.status, refusal.words
    if not status:
        return _kind_of_words(words)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure.LIMITED if "slow_down" in words else Failure.SERVER
    return _KIND_OF_STATUS.get(status, Failure.BAD_REQUEST)


def _kind_of_words(words: frozenset[str]) -> Failure:
    if words & (_LIMITED_WORDS | _QUOTA_WORDS):
        return Failure.LIMITED
    if words & _KEY_WORDS:
        return Failure.UNAUTHORISED
    return Failure.SERVER


def failed(
    refusal: Refusal, endpoint: Endpoint, now: datetime, *secrets: str | None
) -> ModelFailed:
    """The refusal as the port's error, with the remedy named where there is one."""
    failure = kind_of(refusal)
    said = safe(refusal.message, *secrets)
    detail = f"{refusal.status}: {said}" if refusal.status else said
    if failure is Failure.MISSING_MODEL:
        detail = f"{remedy(endpoint)} ({detail})"
    return ModelFailed(
        failure, detail=detail[:MOST_DETAIL], retry_after=_wait(refusal, failure, now)
    )


def remedy(endpoint: Endpoint) -> str:
    """What makes a missing model be there."""
    if endpoint.provider == "ollama":
        return f"ollama pull {endpoint.model}"
    return f"{endpoint.model} is not served there; choose another model"


def _wait(refusal: Refusal, failure: Failure, now: datetime) -> float | None:
    if failure not in {Failure.LIMITED, Failure.SERVER}:
        return None
    if refusal.words & _QUOTA_WORDS or refusal.status == HTTPStatus.PAYMENT_REQUIRED:
        return QUOTA_WAIT_S
    by_header = retry_after.of_headers(refusal.headers or {}, now)
    return by_header if by_header is not None else retry_after.of_sentence(refusal.message)
