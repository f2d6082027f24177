"""What a model answered about facts, as facts; pure.

Whatever a model writes is data: what is no array of objects is unreadable, an element that names no
message it was given, or lacks words, is dropped. Numbers stand for messages and records, so that a
model never sees or invents an id.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from core.memory.fact_model import Fact

#: Facts taken from one answer; more are no facts.
MOST_FACTS = 20
#: Characters of an answer that are looked at.
MOST_ANSWER = 40_000


def read(
    text: str, message_ids: Sequence[str], record_ids: Sequence[str] = ()
) -> tuple[Fact, ...] | None:
    """The facts of an answer; None when it cannot be read."""
    entries = _array(text[:MOST_ANSWER])
    if entries is None:
        return None
    facts = [_fact(entry, message_ids, record_ids) for entry in entries if isinstance(entry, dict)]
    return tuple(fact for fact in facts if fact is not None)[:MOST_FACTS]


def _array(text: str) -> list[Any] | None:
    """The JSON array in an answer that may have words or a fence around it."""
    start, end = text.find("["), text.rfind("]")
    if start < 0 or end < start:
        return None
    try:
        found = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def _fact(
    entry: dict[str, Any], message_ids: Sequence[str], record_ids: Sequence[str]
) -> Fact | None:
    message_id = _numbered(entry.get("message"), message_ids)
    text, quote = entry.get("fact"), entry.get("quote")
    if message_id is None or not isinstance(text, str) or not isinstance(quote, str):
        return None
    return Fact(
        text=" ".join(text.split()),
        message_id=message_id,
        quote=quote,
        confidence=_confidence(entry.get("confidence")),
        is_about_owner=entry.get("about_owner") is not False,
        contradicts=_numbered(entry.get("contradicts"), record_ids),
    )


def _numbered(number: Any, ids: Sequence[str]) -> str | None:
    """The id behind a number that counts from 1."""
    is_number = isinstance(number, int) and not isinstance(number, bool)
    return ids[number - 1] if is_number and 1 <= number <= len(ids) else None


def _confidence(given: Any) -> int:
    """0 to 100; what is no number is not sure at all."""
    if isinstance(given, bool) or not isinstance(given, int | float) or given != given:  # noqa: PLR0124 - NaN
        return 0
    return round(min(max(given, 0), 100))
