"""Which key of a service is next. Pure.

Order only: whether a key has room left is known to the windows, whether it is alive to
`credentials`. Keys of one organisation share its limits, so they come one after the other only
where nothing else is left.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
#: How Groq names the organisation whose limit was reached (reliability.md 8.1).
_ORGANISATION = re.compile(r"in organization `?(org[_-][A-Za-z0-9_-]{1,100})")


class Strategy(enum.StrEnum):
    """What decides among keys that may all be used."""

    FILL_FIRST = "fill-first"  # the oldest, until it has no room
    ROUND_ROBIN = "round-robin"  # the one that was used longest ago
    LEAST_USED = "least-used"  # the one that was used least often


@dataclass(frozen=True)
class KeyUse:
    """What is known of a key's use."""

    id: str
    uses: int
    used_at: datetime | None
    created_at: datetime


def in_order(strategy: Strategy, keys: Iterable[KeyUse]) -> list[str]:
    """The ids, the next key first."""

    def rank(key: KeyUse) -> tuple[object, ...]:
        born = (key.created_at, key.id)
        match strategy:
            case Strategy.ROUND_ROBIN:
                return (key.used_at or _LONG_AGO, *born)
            case Strategy.LEAST_USED:
                return (key.uses, *born)
            case _:
                return born

    return [key.id for key in sorted(keys, key=rank)]


def organisation_of(message: str) -> str | None:
    """Whose limit a refusal names, or None."""
    found = _ORGANISATION.search(message)
    return found[1] if found else None
