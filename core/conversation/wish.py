"""What a message asks of the models beyond its words: urgency, kind of work, language; pure.

Decided by the table in `wish_signs` alone, never by a model, so that the same message always asks
the same; `recall` journals the outcome and /why shows it. A hint never opens a door: who may have
the text is the label's business, and what a model must be able to do is the router's.

Missing guarantee: a rule reads words, not meaning. A hint that is wrong costs a better or a slower
model than needed, never an answer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

import regex

from core.conversation import language
from core.conversation.wish_signs import CODE_KINDS, PICTURES, ROLES, SIGNS, Hint, Sign
from core.llm.model import Role, Wish
from core.runs.model import Label

#: Characters looked at from the beginning; hints stand early, and a long text is material.
MOST_LOOKED_AT = 4000
#: What does not change a word: Arabic vowel signs, the lengthening stroke, marks of direction.
_SILENT = regex.compile(r"[\u064b-\u0652\u0640\u061c\u200e\u200f\u2066-\u2069]")
_APOSTROPHES = str.maketrans("\u2018\u2019", "''")


def _compiled(sign: Sign) -> regex.Pattern[str]:
    words = unicodedata.normalize("NFC", sign.words)
    shape = rf"\A[\W_]*+(?:{words})" if sign.first else words
    return regex.compile(shape, regex.IGNORECASE | regex.MULTILINE)


_SHAPES = tuple((each.hint, _compiled(each)) for each in SIGNS)
_PICTURES = regex.compile(PICTURES, regex.IGNORECASE)
_CODE_KINDS = regex.compile(CODE_KINDS, regex.IGNORECASE)


def hints(text: str) -> frozenset[Hint]:
    """Every hint that a sign of the text gives."""
    plain = unicodedata.normalize("NFC", text[:MOST_LOOKED_AT]).translate(_APOSTROPHES)
    seen = _SILENT.sub("", plain)
    return frozenset(hint for hint, shape in _SHAPES if shape.search(seen))


def wish_of(
    text: str,
    label: Label,
    spoken: str,
    *,
    is_urgent: bool = False,
    has_code: bool = False,
    attached: Collection[str] = (),
) -> Wish:
    """What the router is told of the owner's words. `spoken`: the language of the answer;
    `is_urgent`: said with /urgent; `has_code`: the app has marked some of it as code; `attached`:
    media types and names of what came with it."""
    found = hints("\n".join((text, *attached)))
    if has_code or any(_CODE_KINDS.search(each) for each in attached):
        found |= {"code"}
    return Wish(
        urgency="high" if is_urgent or "urgent" in found else "normal",
        role=next((role for hint, role in ROLES if hint in found), Role.CHAT),
        language=language.of_text(text) or spoken,
        needs_vision=any(_PICTURES.search(each) for each in attached),
        is_sensitive=label is Label.PRIVATE,
        is_hard="hard" in found,
    )
