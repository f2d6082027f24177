"""Days and spans of days as the owner types them, in three scripts. Pure; days are of UTC.

    2025 · 2025-11 · 2025-11-20 · 20.11.2025 · march 2025 · মার্চ ২০২৫ · مارس 2025
    2025-11 .. 2026-02 · 2024 to 2025 · ২০২৪ থেকে ২০২৫ · من 2024 إلى 2025

A span holds its last day, month or year. What makes no sense is no span.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

#: Spans by the names of their buttons: days back from now.
LATELY = {"day": 1, "week": 7, "month": 30, "year": 365}
#: Whatever is older than the longest of them.
OLDER = "older"

Span = tuple[datetime | None, datetime | None]

_MONTHS = {
    name: at
    for at, names in enumerate(
        (
            "january jan জানুয়ারি জানুয়ারী يناير كانون-الثاني",
            "february feb ফেব্রুয়ারি ফেব্রুয়ারী فبراير شباط",
            "march mar মার্চ مارس آذار",
            "april apr এপ্রিল أبريل ابريل نيسان",
            "may মে مايو أيار",
            "june jun জুন يونيو حزيران",
            "july jul জুলাই يوليو تموز",
            "august aug আগস্ট أغسطس اغسطس آب",
            "september sep sept সেপ্টেম্বর سبتمبر أيلول",
            "october oct অক্টোবর أكتوبر اكتوبر تشرين-الأول",
            "november nov নভেম্বর نوفمبر تشرين-الثاني",
            "december dec ডিসেম্বর ديسمبر كانون-الأول",
        ),
        start=1,
    )
    for name in unicodedata.normalize("NFC", names).split()
}
_BETWEEN = re.compile(
    r"\s*(?:\.\.+|…|\u2013|\u2014)\s*|\s+(?:to|until|till|থেকে|হতে|إلى|الى|حتى)\s+|\s+-\s+"
)
_FROM = re.compile(r"\A(?:from|between|since|من|منذ)\s+")
_YEAR = re.compile(r"(\d{4})")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[/.](\d{4})")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_NAMED = re.compile(r"(?:(\d{1,2})\s+)?([^\W\d]\S*)\s+(\d{4})")
#: Characters of a span; more is no span but a text.
MOST = 60


def lately(name: str, now: datetime) -> Span | None:
    """The span behind a button."""
    if name == OLDER:
        return None, now - timedelta(days=LATELY["year"])
    days = LATELY.get(name)
    return None if days is None else (now - timedelta(days=days), None)


def span_of(typed: str) -> Span | None:
    """From the beginning of what was typed to just after its end; None when it is no span."""
    if len(typed) > MOST:
        return None
    plain = _FROM.sub("", _ascii_digits(unicodedata.normalize("NFC", typed)).strip().casefold())
    ends = [each.strip() for each in _BETWEEN.split(plain)]
    if len(ends) == 1:
        return _one(ends[0])
    if len(ends) != 2:  # noqa: PLR2004 - from and to
        return None
    first, last = _one(ends[0]), _one(ends[1])
    if first is None or last is None or first[0] >= last[1]:
        return None
    return first[0], last[1]


def _one(text: str) -> tuple[datetime, datetime] | None:
    """A day, month or year: its first moment, and the first one after it."""
    if found := _YEAR.fullmatch(text):
        return _whole(int(found[1]))
    if found := _MONTH.fullmatch(text):
        year, month = (found[1], found[2]) if found[1] else (found[4], found[3])
        return _whole(int(year), int(month))
    if found := _DAY.fullmatch(text):
        parts = found.groups()[:3] if found[1] else found.groups()[:2:-1]
        return _whole(*(int(each) for each in parts))
    if (found := _NAMED.fullmatch(text)) and found[2].rstrip(",") in _MONTHS:
        month = _MONTHS[found[2].rstrip(",")]
        return _whole(int(found[3]), month, int(found[1]) if found[1] else None)
    return None


def _whole(
    year: int, month: int | None = None, day: int | None = None
) -> tuple[datetime, datetime] | None:
    try:
        first = datetime(year, month or 1, day or 1, tzinfo=UTC)
        if day is not None:
            return first, first + timedelta(days=1)
        if month is not None:
            return first, first.replace(year=year + month // 12, month=month % 12 + 1)
        return first, first.replace(year=year + 1)
    except (ValueError, OverflowError):  # no such day
        return None


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(each, each)) for each in text)
