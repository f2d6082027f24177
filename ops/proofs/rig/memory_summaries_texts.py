"""Invented old talk with planted facts, and summaries of it that are right, or wrong in one way.

A right summary says every fact in another spelling: digits of another script, other grouping, a
date in another form. Which facts are in it is known by how it was made, never from a check.
"""

from __future__ import annotations

import enum
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from core.memory.key_facts import MISSABLE
from core.memory.search_model import ItemKind
from core.memory.summary_model import Original
from core.runs.model import Label

LANGUAGES = ("bn", "ar", "en")
#: Originals of one batch.
LINES = 12
BEGIN = datetime(2024, 3, 1, 8, tzinfo=UTC)
MONTHS = {
    "en": "January February March April May June July August September October November December",
    "bn": "জানুয়ারি ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}
ZEROES = {"bn": 0x09E6, "ar": 0x0660, "en": 0x30}
#: Usual names; made-up ones stand beside a title, and for themselves in English.
NAMES = {
    "en": ("Rahim", "Nadia", "Michael", "Fatima", "David", "Sarah"),
    "bn": ("রহিম", "নাদিয়া", "করিম", "ফাতেমা", "রাসেল", "তানিয়া"),
    "ar": ("يوسف", "فاطمة", "خالد", "مريم", "طارق", "زينب"),
}
SYLLABLES = {
    "en": ("zor", "vin", "pel", "tak", "mur", "dov", "lis", "bran", "kel", "tov"),
    "bn": ("জোর", "ভিন", "পেল", "তাক", "মুর", "দোভ", "লিস", "ব্রান", "কেল"),
    "ar": ("زور", "فين", "بيل", "تاك", "مور", "دوف", "ليس", "بران", "كيل"),
}
TITLES = {"en": "Mr", "bn": "জনাব", "ar": "السيد"}
SAYS = {
    "en": (
        "yesterday I saw {name}, who wants {amount} taka by {date}",
        "on {date} there is an appointment with {name} at {time}",
        "the contract with {name} has the number {code} and runs until {date}",
    ),
    "bn": (
        "গতকাল {name} বলেছে {date} এর মধ্যে {amount} টাকা চাই",
        "{date} তারিখে {time} টায় {name} এর সাথে দেখা করার কথা",
        "চুক্তির নম্বর {code}, করেছে {name}, মেয়াদ {date} পর্যন্ত",
    ),
    "ar": (
        "قال لي {name} أمس إنه يريد {amount} ريال قبل {date}",
        "لدي موعد مع {name} في {date} الساعة {time}",
        "العقد مع {name} رقمه {code} وينتهي في {date}",
    ),
}
#: A changed date is so many days off: beyond every date of the talk.
LATER = 1000
#: A line that holds no fact.
CHATTER = {"en": "ok, thank you for that", "bn": "আচ্ছা, ধন্যবাদ", "ar": "حسنا شكرا لك"}


class Wrong(enum.StrEnum):
    """How a summary is wrong."""

    LEFT_OUT = "facts left out"
    NUMBER = "a number changed"
    DATE = "a date changed"
    NAME = "a name made up"
    SWAPPED = "a name swapped"  # two of the talk's own: not promised to be noticed


@dataclass(frozen=True)
class Fact:
    """What one line says, spelled by `spelled`."""

    name: str
    day: date
    amount: int
    minutes: int
    code: str
    template: int


@dataclass(frozen=True)
class Talk:
    """A batch of one language: facts by line, None where there is none."""

    language: str
    facts: tuple[Fact | None, ...]

    def originals(self, dice: random.Random) -> tuple[Original, ...]:
        texts = [
            CHATTER[self.language] if fact is None else spelled(fact, self.language, dice)
            for fact in self.facts
        ]
        return tuple(
            Original(
                ItemKind.MESSAGE, f"m{at}", at, text, Label.OPEN, "interaction",
                BEGIN + timedelta(hours=at), "t", "owner",
            )
            for at, text in enumerate(texts)
        )  # fmt: skip

    def summary(self, dice: random.Random) -> str:
        """Every fact, as a point with its line's number."""
        return "\n".join(
            f"- {spelled(fact, self.language, dice)} [{at}]"
            for at, fact in enumerate(self.facts, 1)
            if fact is not None
        )


def talk(language: str, dice: random.Random) -> Talk:
    """A batch by rule: two lines in three hold facts."""
    facts = [_fact(language, dice) if at % 3 else None for at in range(LINES)]
    return Talk(language, tuple(facts))


def wronged(right: Talk, wrong: Wrong, dice: random.Random) -> Talk:
    """The same talk as a wrong summary would have it."""
    facts = list(right.facts)
    at = next(at for at, fact in enumerate(facts) if fact is not None)
    fact = facts[at]
    assert fact is not None
    match wrong:
        case Wrong.LEFT_OUT:
            held = sum(3 for each in facts if each is not None)  # each template has three facts
            for place in range(len(facts)):
                held -= 0 if facts[place] is None else 3
                facts[place] = None
                if (place + 1) * 2 > held // MISSABLE + 3:
                    break
        case Wrong.NUMBER:
            told = {each.minutes for each in facts if each}
            other = next(each for each in range(dice.randrange(999), 24 * 60) if each not in told)
            facts[at] = replace(
                fact, amount=fact.amount + 10**7, minutes=other, code=f"{fact.code}9"
            )
        case Wrong.DATE:
            facts[at] = replace(fact, day=fact.day + timedelta(days=LATER + dice.randrange(20)))
        case Wrong.NAME:
            facts[at] = replace(fact, name=_nobodys(right, dice))
        case Wrong.SWAPPED:
            others = [each.name for each in facts if each and each.name != fact.name]
            facts[at] = replace(fact, name=dice.choice(others))
    return Talk(right.language, tuple(facts))


def spelled(fact: Fact, language: str, dice: random.Random) -> str:
    """One line, in one of the ways that people write dates and numbers."""
    day, month, year = fact.day.day, fact.day.month, fact.day.year
    named = f"{day} {MONTHS[language].split()[month - 1]} {year}"
    when = dice.choice((named, f"{day}/{month}/{year}", f"{year}-{month:02}-{day:02}"))
    amount = dice.choice((f"{fact.amount}", f"{fact.amount:,}"))
    time = f"{fact.minutes // 60:02}:{fact.minutes % 60:02}"
    text = SAYS[language][fact.template].format(
        name=fact.name, date=when, amount=amount, time=time, code="\0"
    )
    return in_digits(text, dice.choice((language, "en"))).replace("\0", fact.code)


def in_digits(text: str, script: str) -> str:
    """`text` with the digits of a script."""
    return text.translate({0x30 + digit: ZEROES[script] + digit for digit in range(10)})


def made_up(language: str, dice: random.Random) -> str:
    """A name that nobody has, with its title."""
    word = "".join(dice.sample(SYLLABLES[language], 2))
    return f"{TITLES[language]} {word.capitalize()}"


def _nobodys(talk_: Talk, dice: random.Random) -> str:
    """A name of which no part is in the talk."""
    used = " ".join(fact.name for fact in talk_.facts if fact).lower()
    while True:
        name = made_up(talk_.language, dice)
        if name.split()[-1].lower() not in used:
            return name


def _fact(language: str, dice: random.Random) -> Fact:
    names: tuple[Callable[[], str], ...] = (
        lambda: dice.choice(NAMES[language]),
        lambda: made_up(language, dice),
    )
    return Fact(
        name=dice.choice(names)(),
        day=date(2024, 1, 1) + timedelta(days=dice.randrange(900)),
        amount=dice.randrange(1_000, 9_000_000),
        minutes=dice.randrange(24 * 60 - 1),
        code=f"{dice.choice('QXZ')}{dice.choice('KV')}-{dice.randrange(100, 999)}",
        template=dice.randrange(3),
    )
