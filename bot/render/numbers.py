"""Numbers, sizes, durations and dates as a reader of each language expects them.

Bengali prose has Bengali digits and groups by lakh; English and Arabic have ASCII digits. Ids,
code and amounts to be checked stay ASCII: pass them as text.
"""

from __future__ import annotations

from datetime import UTC, datetime

_BENGALI = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")
#: Below this a number is written without separators: 2026, 4096.
_GROUPED_FROM = 10_000


def digits(text: str, language: str) -> str:
    """The text with the language's own digits."""
    return text.translate(_BENGALI) if language == "bn" else text


def number(value: float, language: str) -> str:
    """A count or measure; at most one decimal."""
    rounded = round(float(value), 1)
    is_whole = rounded == int(rounded)
    head = str(abs(int(rounded))) if is_whole else f"{abs(rounded):.1f}"
    head, _, tail = head.partition(".")
    if abs(rounded) >= _GROUPED_FROM:
        head = _grouped(head, 2 if language == "bn" else 3)
    sign = "-" if rounded < 0 else ""
    return digits(sign + head + ("." + tail if tail else ""), language)


def _grouped(head: str, size: int) -> str:
    """Commas before the last three digits, then every `size`."""
    groups, rest = [head[-3:]], head[:-3]
    while rest:
        groups.insert(0, rest[-size:])
        rest = rest[:-size]
    return ",".join(groups)


def instant(value: object) -> datetime | None:
    """A time from a notice: ISO text, Unix seconds, or a datetime; None when it is none of them."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
