"""Fifty things that the owner says once, how each is asked for, and talk around them."""

from __future__ import annotations

import random
from dataclasses import dataclass

#: By language: what is said, how it is asked for, and talk that has the same words but no value.
FRAMES = {
    "en": (
        ("By the way, my {thing} is {value}.", "What was my {thing} again?"),
        ("I should do something about my {thing} one day.", "Everybody needs a {thing}, it seems."),
    ),
    "bn": (
        ("ভালো কথা, আমার {thing} হলো {value}।", "আমার {thing} কী ছিল?"),
        ("আমার {thing} নিয়ে একদিন ভাবতে হবে।", "{thing} সবারই লাগে মনে হয়।"),
    ),
    "ar": (
        ("بالمناسبة، {thing} عندي هو {value}.", "ما هو {thing} عندي؟"),
        ("يجب أن أفكر يومًا في {thing}.", "يبدو أن الجميع يحتاج إلى {thing}."),
    ),
}
THINGS = {
    "en": (
        "locker number", "passport number", "blood group", "shoe size", "library card", "car plate",
        "boiler brand", "gym code", "dentist", "tailor", "favourite tea", "flight seat",
        "router model", "insurance company", "bank branch", "bicycle colour", "meter number",
    ),
    "bn": (
        "লকার নম্বর", "পাসপোর্ট নম্বর", "রক্তের গ্রুপ", "জুতার মাপ", "লাইব্রেরি কার্ড", "গাড়ির নম্বর",
        "গ্যাসের মিটার", "দাঁতের ডাক্তার", "দর্জির দোকান", "প্রিয় মিষ্টি", "ট্রেনের সিট", "বীমা কোম্পানি",
        "ব্যাংকের শাখা", "সাইকেলের রং", "বাড়িওয়ালার নাম", "বিদ্যুৎ অফিস", "স্কুলের রোল",
    ),
    "ar": (
        "رقم الخزانة", "رقم الجواز", "فصيلة الدم", "مقاس الحذاء", "بطاقة المكتبة", "لوحة السيارة",
        "عداد الغاز", "طبيب الأسنان", "الخياط", "الشاي المفضل", "مقعد القطار", "شركة التأمين",
        "فرع البنك", "لون الدراجة", "صاحب البيت", "مكتب الكهرباء",
    ),
}  # fmt: skip
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"


@dataclass(frozen=True)
class Told:
    """A thing said once."""

    said: str
    asked: str
    value: str
    around: tuple[str, ...]


def fifty(dice: random.Random) -> list[Told]:
    """All fifty, in some order."""
    told = []
    for language, things in THINGS.items():
        (said, asked), around = FRAMES[language]
        for thing in things:
            value = _value(dice)
            told.append(
                Told(
                    said.format(thing=thing, value=value),
                    asked.format(thing=thing),
                    value,
                    tuple(each.format(thing=thing) for each in around),
                )
            )
    dice.shuffle(told)
    return told


def _value(dice: random.Random) -> str:
    """A word or code that nobody says by chance."""
    word = "".join(dice.choice(CONSONANTS) + dice.choice(VOWELS) for _ in range(4))
    return f"{word.title()}-{dice.randrange(1000, 9999)}"
