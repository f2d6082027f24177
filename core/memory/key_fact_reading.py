"""Finding the dates, numbers and names of one text; pure.

Dates and numbers are read from the normal form (so digits of all scripts are one), names by
`key_fact_names`. Code, links and the numbers of list items
are no facts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from core.memory import key_fact_words as words
from core.memory.key_fact_names import Names
from core.memory.normalise import normal, stem, words_of

_NOISE = re.compile(r"```.*?(?:```|\Z)|https?://\S+", re.DOTALL)
_ITEM = re.compile(r"^[ \t]*(?:[-*•\u2013]|\d{1,2}[.)])[ \t]+", re.MULTILINE)
#: Letters that may stand directly around digits and dates, as Bengali endings do.
_TAIL = "[\u0980-\u09ff]{0,4}"
#: Endings that Bengali puts on a month, and no further letter: a month's name begins other words.
_CASE, _NO_LETTER = "(?:ের|ে|র|তে|ও|ই)?", "(?![^\\W\\d_]|[\u0980-\u09ff])"
_DAY = rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|{_TAIL})"
_YEAR = r"(?P<year>\d{4})(?!\d)"
#: A two-digit year is of this century.
_CENTURY = "20"
_TWELVE, _MOST_DAYS, _SHORT = 12, 31, 2


class Day(NamedTuple):
    """A date, as far as it was said. `month`: two digits, or a sign of another calendar's."""

    year: str
    month: str
    day: str

    def __str__(self) -> str:
        return f"{self.year or '----'}-{self.month}-{self.day or '--'}"

    @classmethod
    def of(cls, value: str) -> Day:
        """What `str` wrote."""
        year, month, day = value[:4], value[5:-3], value[-2:]
        return cls(year.strip("-"), month, day.strip("-"))

    @classmethod
    def at(cls, moment: datetime) -> Day:
        return cls(f"{moment:%Y}", f"{moment:%m}", f"{moment:%d}")

    def is_covered_by(self, other: Day) -> bool:
        """Does `other` say all that this one says?"""
        return (
            self.month == other.month
            and self.day in {"", other.day}
            and self.year in {"", other.year}
        )

    def could_be(self, other: Day, years: frozenset[str]) -> bool:
        """Does this one say nothing but what `other` does, and a year that was spoken of?"""
        return (
            self.month == other.month
            and self.day in {"", other.day}
            and (self.year in {"", other.year} or (not other.year and self.year in years))
        )


@dataclass(frozen=True)
class Reading:
    """What stands in a text. Names by stem, with how they are written: `known` are usual names,
    `names` stand out by a capital or a title, `maybe` only begin a sentence; `plain` are words
    without a capital. `small`: numbers in words; `digits`: every run of digits."""

    days: tuple[Day, ...] = ()
    numbers: dict[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    maybe: dict[str, str] = field(default_factory=dict)
    plain: frozenset[str] = frozenset()
    stems: frozenset[str] = frozenset()
    small: frozenset[str] = frozenset()
    digits: frozenset[str] = frozenset()


def read(text: str) -> Reading:
    """The facts of `text`."""
    told = _ITEM.sub("", _NOISE.sub(" ", unicodedata.normalize("NFC", text)))
    form = normal(told)
    spoken = words_of(form)
    rest, days = _days(form)
    numbers = _numbers(rest)
    names = Names(told)
    return Reading(
        days=tuple(dict.fromkeys(days)),
        numbers=numbers,
        known=names.known,
        names=names.names,
        maybe=names.maybe,
        plain=frozenset(names.plain),
        stems=frozenset(stem(each) for each in spoken),
        small=frozenset(_small(spoken)),
        digits=frozenset(each.lstrip("0") or "0" for each in re.findall(r"\d+", form)),
    )


# -- dates


def _days(form: str) -> tuple[str, list[Day]]:
    """The text without its dates, and they."""
    found: list[Day] = []

    def take(match: re.Match[str]) -> str:
        said = match.groupdict()
        day, month = said.get("day") or "", said["month"]
        month = _months().get(month, month)
        year = said.get("year") or said.get("short") or ""
        if month.isdigit():
            day, month = _in_order(day, month)
        if month.isdigit() and not (
            1 <= int(month) <= _TWELVE and (not day or int(day) <= _MOST_DAYS)
        ):
            return match[0]
        found.append(
            Day(_CENTURY + year if len(year) == _SHORT else year, month, day and f"{int(day):02}")
        )
        return " "

    for pattern in _date_patterns():
        form = pattern.sub(take, form)
    return form, found


def _in_order(day: str, month: str) -> tuple[str, str]:
    """Day before month, as the owner writes; the other way round where only that is a date."""
    if day and int(month) > _TWELVE >= int(day):
        day, month = month, day
    return day, f"{int(month):02}"


@cache
def _months() -> dict[str, str]:
    return {normal(name): value for name, value in words.MONTHS.items()}


@cache
def _date_patterns() -> tuple[re.Pattern[str], ...]:
    names = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    month = rf"(?<![^\W\d_])(?:[وبلف](?=[ء-ي]))?(?P<month>{names}){_CASE}{_NO_LETTER}\.?"
    near = r"[\s,،]*(?:of\s+|de\s+|من\s+|شهر\s+)*"
    return tuple(
        re.compile(each)
        for each in (
            r"(?<!\d)(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
            r"(?<![\d.])(?P<day>\d{1,2})([-/.])(?P<month>\d{1,2})\2(?P<year>\d{4})(?!\d)",
            r"(?<![\d.])(?P<day>\d{1,2})([-/])(?P<month>\d{1,2})\2(?P<short>\d{2})(?!\d)",
            rf"{_DAY}{near}{month}(?:[\s,،]*{_YEAR})?",
            rf"{month}\s+{_DAY}(?![\d:.])(?:[\s,،]*{_YEAR})?",
            rf"{month}[\s,،]*{_YEAR}",
        )
    )


# -- numbers

_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::\d{2})?\s*(?:([ap])\.?m\b\.?)?")
_HOUR = re.compile(r"(?<!\d)(\d{1,2})\s*([ap])\.?m\b\.?")
_NAMED = re.compile(r"(?<![^\W_])(?:[a-z]+[-/]?\d[a-z0-9/-]*|\d+[a-z]+\d[a-z0-9-]*)(?<![-/])")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+\w")
_CODE = re.compile(
    r"(?<![\d.])(?:\+\d(?:[ -]?\d){6,14}|0\d(?:[ -]?\d){5,13}|\d{2,}(?:-\d{2,})+)(?!\d)"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def _numbers(form: str) -> dict[str, str]:
    """Numbers, times, codes and addresses by what they are compared by, with how they are shown."""
    found: dict[str, str] = {}

    def keep(value: str, shown: str) -> str:
        found.setdefault(value, shown.strip())
        return " "

    form = _MAIL.sub(lambda match: keep(match[0], match[0]), form)
    form = _CLOCK.sub(lambda match: keep(_time(match[1], match[2], match[3]), match[0]), form)
    form = _HOUR.sub(lambda match: keep(_time(match[1], "00", match[2]), match[0]), form)
    form = _NAMED.sub(lambda match: keep(_bare(match[0]), match[0]), form)
    form = _CODE.sub(lambda match: keep(_bare(match[0]), match[0]), form)
    for match in _scaled().finditer(form):
        value = _plain(Decimal(match[1]) * _scales().get(match[2] or "", 1))
        keep(value, match[0])
    return found


def _time(hour: str, minute: str, half: str | None) -> str:
    hours = int(hour) % _TWELVE if half else int(hour)
    return f"{hours + _TWELVE * (half == 'p'):02}:{minute}"


def _bare(code: str) -> str:
    return re.sub(r"[\s+/-]", "", code)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@cache
def _scales() -> dict[str, int]:
    return {normal(word): value for word, value in words.SCALES.items()}


@cache
def _scaled() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, _scales()), key=len, reverse=True))
    return re.compile(rf"({_NUMBER.pattern})(?:\s*({names})(?:{_TAIL})(?![^\W\d_]))?")


@cache
def _small_numbers() -> dict[str, str]:
    return {normal(word): value for word, value in words.SMALL.items()}


def _small(spoken: list[str]) -> list[str]:
    """Small numbers in words, also before a scale: five lakh."""
    found = []
    for at, word in enumerate(spoken):
        value = _small_numbers().get(word)
        if value is None:
            continue
        found.append(value)
        scale = _scales().get(spoken[at + 1]) if at + 1 < len(spoken) else None
        if scale:
            found.append(str(int(value) * scale))
    return found
