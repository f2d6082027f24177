"""What a wish to remember looks like in the three languages: a table; pure."""

from __future__ import annotations

import unicodedata

import regex

_APOSTROPHE = "['\u2018\u2019]"
_MARKS = r"[\u064b-\u0652\u0640]*"
_END = r"(?![\p{L}\p{M}])"


def _loose(words: str) -> str:
    """Arabic words with or without vowel signs."""
    return "".join(each + _MARKS if "\u0621" <= each <= "\u064a" else each for each in words)


_EN = r"(?:remember|note(?:\s+down)?|make\s+a\s+note|keep\s+in\s+mind|bear\s+in\s+mind|memori[sz]e)"
_EN_NOT = rf"(?:don{_APOSTROPHE}?t\s+forget|do\s+not\s+forget|never\s+forget)"
_EN_POLITE = r"(?:(?:please|ok(?:ay)?|hey|and|also|so|now)[,\s]+)*"
#: After the verb: "that", a colon, or a statement about the owner at once; no question, no "to".
_EN_JOIN = (
    r"(?:\s+(?:that|this|it|the\s+following))?\s*[:\u2013\u2014]\s*|\s+that\s+|\s*,\s*that\s+"
    r"|\s+(?=(?:I|my|our|we)\b)"
)
#: The whole wish about what stands elsewhere.
_EN_THIS = (
    rf"(?:{_EN}|{_EN_NOT})\s+(?:that|this|it)"
    r"|(?:keep|bear)\s+(?:that|this|it)\s+in\s+mind|note\s+(?:that|this|it)\s+down"
)
_BN_POLITE = r"(?:(?:দয়া করে|প্লিজ|শোনো|শোন|শুনুন|আচ্ছা|তুমি|আপনি)[,\s]+)*"
_BN_THIS = r"(?:(?:এটা|এটি|এই কথাটা|এই কথা|একথা|কথাটা|একটা কথা)\s+)?"
_BN_ASK = (
    r"(?:মনে (?:রেখো|রেখ|রাখো|রাখবে|রাখবেন|রাখুন|রাখিস|রাখ)|ভুলো না|ভুলবে না|ভুলবেন না|ভুলে যেও না"
    r"|ভুলে যেয়ো না|ভুলে যাবেন না|নোট (?:করো|কর|করুন|করে রাখো|করে রাখুন)"
    r"|(?:লিখে|টুকে) (?:রাখো|রেখো|রাখুন))"
)
#: At the end of a sentence only what can be nothing but an order.
_BN_ORDER = r"(?:মনে (?:রেখো|রাখুন|রাখিস)|ভুলো না|ভুলে যেও না|ভুলে যাবেন না|(?:লিখে|টুকে) (?:রেখো|রাখুন))"
_AR_COURTESIES = "|".join(_loose(each) for each in ("من فضلك", "رجاء", "لو سمحت", "ارجوك"))
_AR_POLITE = rf"(?:(?:{_AR_COURTESIES})[\u060c,\s]+)*"
_AR_ASK = "|".join(
    _loose(each)
    for each in (
        "تذكر", "تذكري", "احفظ", "إحفظ", "سجل", "اكتب عندك", "لا تنس", "لا تنسى", "لا تنسي",
        "ضع في اعتبارك", "خلي في بالك", "خلي ببالك", "افتكر",
    )
)  # fmt: skip
_AR_THIS = "|".join(_loose(each) for each in ("هذا", "هذه المعلومة", "ذلك", "هذه"))
_AR_THAT = "|".join(_loose(each) for each in ("أن", "ان", "بأن", "إن"))
#: "that I", "that my ...": the conjunction carries the person and stays.
_AR_PERSON = rf"[أا]{_MARKS}ن{_MARKS}(?:ن{_MARKS})?[\u0627\u0643\u0647\u064a]"

_AR_JOIN = rf"[:\u060c,]\s*|(?:{_AR_THAT}){_END}\s+|(?={_AR_PERSON}{_END})"

#: Wishes whose words follow, and wishes whose words came before; group 1 is the words.
_BEFORE = (
    rf"\A\W*{_EN_POLITE}(?:{_EN}|{_EN_NOT})(?:{_EN_JOIN})(.+)\Z",
    rf"\A\W*{_BN_POLITE}{_BN_THIS}{_BN_ASK}{_END}[\s:,\u2013\u2014-]*(?:যে{_END}[\s:,]*)?(.+)\Z",
    rf"\A\W*{_AR_POLITE}(?:{_AR_ASK})\s*(?:{_AR_THIS})?\s*(?:{_AR_JOIN})(.+)\Z",
)
_AFTER = (
    rf"\A(.+?)[\s,;.:\u2013\u2014-]+{_EN_POLITE}(?:{_EN_THIS})[.!]*\Z",
    rf"\A(.+?)[\s,;।\u2013\u2014-]+{_BN_POLITE}{_BN_THIS}{_BN_ORDER}{_END}[।.!]*\Z",
    rf"\A(.+?)[\s\u060c,;.\u2013\u2014-]+{_AR_POLITE}(?:{_AR_ASK})\s+(?:{_AR_THIS})[.!]*\Z",
)
#: "Remember this": the words are those the owner replies to.
_ALONE = (
    rf"\A\W*{_EN_POLITE}(?:{_EN_THIS})(?:\s*,?\s*please)?[.!]*\Z",
    rf"\A\W*{_BN_POLITE}{_BN_THIS}{_BN_ASK}{_END}[।.!]*\Z",
    rf"\A\W*{_AR_POLITE}(?:{_AR_ASK})\s*(?:{_AR_THIS})?[.!]*\Z",
)
#: "Could you remember that ...?" is a wish in the form of a question.
_POLITE_QUESTION = (
    rf"\A\W*(?:can|could|would|will)\s+you\s+(?:please\s+)?{_EN}(?:\s+that\s+|\s*:\s*)(.+?)\s*\?*\Z"
)
_FLAGS = regex.IGNORECASE | regex.DOTALL
ALONE = tuple(regex.compile(unicodedata.normalize("NFC", each), _FLAGS) for each in _ALONE)
SHAPES = tuple(
    regex.compile(unicodedata.normalize("NFC", each), _FLAGS) for each in (*_BEFORE, *_AFTER)
)
ASKED = regex.compile(_POLITE_QUESTION, _FLAGS)
QUESTION = regex.compile(r"[?\u061f]")
#: A full stop with more words behind it, or a request joined to the wish.
GOES_ON = regex.compile(
    r"[.!।\n]\s*\S+\s+\S+\s+\S+|[?\u061f]"
    r"|\b(?:and|then)\s+(?:also\s+)?(?:suggest|tell|send|find|write|make|create|search|remind|explain"
    r"|translate|calculate|show|give|help|look|check|list|draft|book|plan|answer)\b",
    regex.IGNORECASE,
)
#: Words of somebody who speaks of himself: then it is a fact about the owner.
_ABOUT_OWNER = regex.compile(
    r"(?i:\b(?:I|me|my|mine|our|we)\b)"
    rf"|(?<![\p{{L}}\p{{M}}])(?:আমি|আমার|আমাকে|আমায়|আমরা|আমাদের|মোর){_END}"
    rf"|(?<![\p{{L}}\p{{M}}])(?:{_loose('أنا')}|{_loose('انا')}|{_loose('عندي')}|{_loose('لدي')}"
    rf"|{_AR_PERSON}|(?!ال)[\p{{L}}\p{{M}}]{{3,}}ي){_END}"
)


def plain(text: str) -> str:
    """A text as these shapes compare it."""
    return unicodedata.normalize("NFC", text).strip()


def is_about_owner(words: str) -> bool:
    """Does the owner speak of himself?"""
    return bool(_ABOUT_OWNER.search(plain(words)))
