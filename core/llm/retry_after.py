"""When a provider says to come back, in every form that providers use.

Forms seen: seconds (`7`, `7.66`), milliseconds (`retry-after-ms: 250`, `20ms`), durations as Groq
and OpenAI write them (`2m59.56s`, `6m0s`, `1h2m`), an HTTP date, and a sentence in the body
("Please try again in 7.66s"). Values that cannot be a wait (`-1`, words) count as unknown: None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: Nobody is believed for longer than this, seconds.
LONGEST_S = 24 * 3600.0

_DURATION = re.compile(
    r"(?:(?P<d>\d+(?:\.\d+)?)d)?(?:(?P<h>\d+(?:\.\d+)?)h)?(?:(?P<m>\d+(?:\.\d+)?)m(?!s))?"
    r"(?:(?P<s>\d+(?:\.\d+)?)s)?(?:(?P<ms>\d+(?:\.\d+)?)ms)?"
)
_UNIT_S = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SENTENCE = re.compile(
    r"(?:try again|retry) (?:in|after) (?P<wait>[0-9][0-9.dhms]*)", re.IGNORECASE
)


def of_headers(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by the headers (lower-case names), or None when they do not say."""
    milliseconds = parse(headers.get("retry-after-ms", ""), now)
    if milliseconds is not None:
        return milliseconds / 1000
    named = parse(headers.get("retry-after", ""), now)
    if named is not None:
        return named
    waits = [_reset(headers, dimension, now) for dimension in ("requests", "tokens")]
    return max((wait for wait in waits if wait is not None), default=None)


def _reset(headers: Mapping[str, str], dimension: str, now: datetime) -> float | None:
    """The reset of a dimension that is used up; Azure sends 0 and -1 for "not known"."""
    if headers.get(f"x-ratelimit-remaining-{dimension}") != "0":
        return None
    return parse(headers.get(f"x-ratelimit-reset-{dimension}", ""), now) or None


def of_sentence(message: str) -> float | None:
    """Seconds to wait by an error's sentence, or None."""
    found = _SENTENCE.search(message)
    return _duration(found["wait"].rstrip(".")) if found else None


def parse(value: str, now: datetime) -> float | None:
    """Seconds from `now`, at least 0 and at most a day; None when the value says nothing."""
    text = value.strip()
    if not text:
        return None
    seconds = _duration(text)
    if seconds is None:
        seconds = _until(text, now)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_S)


def _duration(text: str) -> float | None:
    if _NUMBER.fullmatch(text):
        return float(text)
    found = _DURATION.fullmatch(text.replace(" ", "").lower())
    if not found or not any(found.groups()):
        return None
    return sum(float(amount) * _UNIT_S[unit] for unit, amount in found.groupdict("0").items())


def _until(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()
