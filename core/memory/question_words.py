"""Which words of a message are worth looking up in what is remembered; pure.

A question is mostly words that stand in every other message. They would find everything and rank
nothing, so the common ones of the three languages go, and of the rest the longest are kept: long
words and numbers are rare ones.

Missing guarantee: a table of common words is no grammar; inflections are the search's business.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import regex

#: Words looked up for one question: more find nothing better, and cost time.
MOST_WORDS = 8
#: Characters looked at from each end of a message: what lies between is material.
EDGE = 400
#: Shortest word that is looked up; one letter stands for nothing.
LEAST_LETTERS = 2

WORDS = regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}\u200c\u200d]*(?:[-_.:/'][\p{L}\p{N}\p{M}]+)*")
#: Vowel signs and the lengthening stroke, which Arabic mostly goes without.
SILENT = regex.compile(r"[\u064b-\u065f\u0670\u0640]")

ENGLISH = """
a about after again all also am an and any are as ask asked at be because been before being but by
can could did do does doing done don't each else ever every for from get give go going got had has
have he her here hers him his how i if in into is it it's its just know last later let like ll made
make many may me mean might mine more most much must my need new no not now of off ok okay on once
one only or other our out over own please put re really remember remind said same saw say she should
show so some still such sure take tell than thank thanks that that's the their them then there these
they thing things this those time to today told too up us use used very want wanted was way we well
were what what's when where which while who whom whose why will with would yes yesterday yet you
you're your yours hi hello hey good morning evening night bye great nice fine talk talked speak
spoke mention mentioned
"""
BENGALI = """
আমি আমার আমাকে আমরা আমাদের তুমি তোমার তোমাকে আপনি আপনার আপনাকে সে তার তাকে তিনি তাঁর তারা তাদের এ এই
এটা এটি এর এরা ও ওই ওটা ওর ওরা সেই সেটা সেটি যে যা যার যাকে যারা যদি তবে কি কী কে কার কাকে কারা কেন
কোথায় কখন কবে কত কতটা কয় কয়টা কেমন কীভাবে কোন কোনটা কোনো কিছু কি? না নাই নেই নয় হ্যাঁ হয় হবে হয়েছে
হয়েছিল হল হলো হচ্ছে ছিল ছিলাম ছিলে আছে আছি আছেন থাকে করে করি করো কর করতে করেছি করেছে করেছিলাম করব
করবে করা করলাম বলো বলুন বল বলি বলেছি বলেছিলাম বলেছে বলেছিলে বলা বললাম বলছি বলতে মনে রেখো রাখো রাখুন দাও
দিন দেখাও জানো জানেন জানি এবং আর অথবা বা কিন্তু তাই জন্য জন্যে থেকে দিয়ে নিয়ে সাথে সঙ্গে মধ্যে উপর পরে আগে
এখন তখন আজ আজকে কাল গতকাল গত এবার আবার শুধু খুব অনেক একটা একটি এক সব সবাই ধন্যবাদ ঠিক ভালো হাই হ্যালো
নমস্কার সালাম চাই লাগবে পারো পারেন পারি সম্পর্কে ব্যাপারে নিয়ে যেন তো ই
"""
ARABIC = """
انا أنا انت أنت هو هي نحن هم هذا هذه ذلك تلك هناك هنا الذي التي الذين ما ماذا من متى اين أين كيف كم
لماذا لم لن لا ليس ليست نعم هل في على الى إلى عن مع بعد قبل عند عندي كان كانت كنت يكون تكون قد ان أن
إن انه أنه انها أنها و او أو ثم لكن بل كل بعض غير اي أي ايضا أيضا فقط جدا اليوم امس أمس غدا الان
الآن قلت قال قلنا اخبرتك أخبرتك تذكر ذكر ذكرت اخبرني أخبرني قل لي لك له لها لنا به بها فيه فيها منه
منها عنه عنها حول شكرا مرحبا السلام عليكم صباح مساء الخير اريد أريد ممكن رجاء فضلك يا تعرف اعرف
أعرف شيء الماضي الماضية
"""


@cache
def common() -> frozenset[str]:
    """The words that are not looked up, in the spelling that words are compared in."""
    return frozenset(_spelling(word) for word in f"{ENGLISH} {BENGALI} {ARABIC}".split())


def question_words(text: str, most: int = MOST_WORDS) -> tuple[str, ...]:
    """The words of `text` to look up, in its order; none of a greeting."""
    if len(text) > 2 * EDGE:
        text = f"{text[:EDGE]} {text[-EDGE:]}"
    found: dict[str, str] = {}
    for word in WORDS.findall(unicodedata.normalize("NFC", text)):
        spelling = _spelling(word)
        if len(spelling) >= LEAST_LETTERS and spelling not in common():
            found.setdefault(spelling, word)
    chosen = set(sorted(found, key=_weight)[:most])
    return tuple(word for spelling, word in found.items() if spelling in chosen)


def _weight(spelling: str) -> tuple[bool, int, str]:
    """Numbers first, then long words; ties by spelling, so that the choice is always the same."""
    return not any(each.isdigit() for each in spelling), -len(spelling), spelling


def _spelling(word: str) -> str:
    return SILENT.sub("", unicodedata.normalize("NFC", word).casefold())
