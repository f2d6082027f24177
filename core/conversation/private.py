"""Whether a message is private by what it says: secrets, personal facts, or the owner's word.

Decides by shape and by words in Bengali, Arabic and English; never asks a model. Secrets and the
owner's word always count. Phone numbers, addresses and paths count only where a model on the
owner's machines can answer, because they are in half of all messages; each kind has a switch.

Missing guarantee: what is private without saying so (a diagnosis told as a story) is not found;
/private is for that.
"""

from __future__ import annotations

import enum
from collections.abc import Collection

import regex

from core import redaction


class PrivateKind(enum.StrEnum):
    """What makes a message private; the owner's switches have these names."""

    KEY = "key"
    PASSWORD = "password"  # noqa: S105 - a kind's name
    CARD = "card"
    WORD = "word"  # the owner says that it is private
    PHONE = "phone"
    ADDRESS = "address"
    PATH = "path"


#: Counted only where a model on the owner's machines can answer.
PERSONAL = frozenset({PrivateKind.PHONE, PrivateKind.ADDRESS, PrivateKind.PATH})
ALWAYS = frozenset(PrivateKind) - PERSONAL

PHONES = regex.compile(
    r"(?<![\w.,/=&#-])\+?\p{Nd}{1,4}[ -]?\(?\p{Nd}{2,5}\)?(?:[ -]?\p{Nd}){5,9}"
    r"(?![\w.,/-]*\p{Nd})"
)
#: A number beside a word for a street or house, or a post code beside a word for it.
ADDRESSES = regex.compile(
    r"(?i:\b\d{1,5}[a-z]?,?\s+(?:\w+\s){1,4}(?:street|st\.|road|rd\.|avenue|ave\.|lane|block)\b"
    r"|\b(?:road|street|house|flat|apartment|apt\.?|p\.?o\.? box|postcode)"
    r"\s*(?:no\.?\s*|#\s*)?\d+)"
    r"|(?:বাড়ি|বাড়ি|বাসা|সড়ক|সড়ক|রোড|ফ্ল্যাট|ব্লক)\s*(?:নং|নম্বর|#|:)?\s*\p{Nd}+"
    r"|(?:شارع|حي|مبنى|شقة|عمارة|منزل رقم|ص\.?\s?ب)\s*(?:رقم\s*)?[\p{Arabic}\s]{0,30}\p{Nd}+"
)
PATHS = regex.compile(
    r"(?<![\w:/.])(?:~|/(?:home|Users|root|etc|var|mnt|media|srv|opt))/[^\s\"'<>|]+"
    r"|\b[A-Za-z]:\\[^\s\"'<>|]+|\\\\[\w.-]+\\[^\s\"'<>|]+"
)
WORDS = regex.compile(
    r"\A\W*(?i:sensitive|সংবেদনশীল|حساس)\s*[:!,\u060c]"
    r"|(?i:\bconfidential(?:ly)?\b|\bkeep (?:this|it) (?:private|secret|between us)\b"
    r"|\b(?:this|it) is (?:private|secret)\b|\boff the record\b|\bdon'?t (?:share|tell anyone)\b)"
    r"|গোপনীয়|গোপনীয়|গোপন রাখ|ব্যক্তিগত কথা|একান্ত ব্যক্তিগত|কাউকে বল(?:বে|বেন) না"
    r"|سرّي|هذا سري|هذه سرية|بيني وبينك|لا تخبر أحد|خاص جد[اً]|كلام خاص"
)
SECRETS = {
    redaction.Secret.KEY: PrivateKind.KEY,
    redaction.Secret.PASSWORD: PrivateKind.PASSWORD,
    redaction.Secret.CARD: PrivateKind.CARD,
}
SHAPES = (
    (PrivateKind.WORD, WORDS),
    (PrivateKind.ADDRESS, ADDRESSES),
    (PrivateKind.PHONE, PHONES),
    (PrivateKind.PATH, PATHS),
)
#: Characters looked at; a longer text is a document, whose beginning and end say what it is.
MOST_LOOKED_AT = 20_000


def detect(text: str, kinds: Collection[PrivateKind] = ALWAYS) -> frozenset[PrivateKind]:
    """Which of `kinds` are in the text."""
    if len(text) > MOST_LOOKED_AT:
        half = MOST_LOOKED_AT // 2
        text = f"{text[:half]}\n{text[-half:]}"
    found = {SECRETS[each.kind] for each in redaction.find(text)}
    found |= {kind for kind, shape in SHAPES if kind in kinds and shape.search(text)}
    return frozenset(found & set(kinds))


def kinds_in_force(switches: dict[str, bool], *, has_local_model: bool) -> frozenset[PrivateKind]:
    """The kinds that count now: by the owner's switch where there is one, else by their nature."""
    usual = frozenset(PrivateKind) if has_local_model else ALWAYS
    return frozenset(kind for kind in PrivateKind if switches.get(kind.value, kind in usual))
