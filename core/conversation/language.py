"""In which language to answer: the saved choice, the script of the text, the app's, Bengali.

Code, links and quoted words say nothing about a person's language and are left out. A word in
Bengali or Arabic letters counts twice: technical words stand in Latin letters in every language,
the reverse is rare. Latin letters mean English, the only one of the three that uses them.
"""

from __future__ import annotations

import re

LANGUAGES = ("bn", "ar", "en")
DEFAULT = "bn"

_NOISE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|[\"“«][^\"”»\n]*[\"”»]", re.DOTALL)
_WORDS = {
    "bn": re.compile(
        r"[\u0980-\u09ff\u200c\u200d]*[\u0985-\u09b9\u09dc-\u09e1][\u0980-\u09ff\u200c\u200d]*"
    ),
    "ar": re.compile(
        r"[\u0621-\u064a\u066e-\u06d3\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]+"
    ),
    "en": re.compile(r"[A-Za-z\u00c0-\u024f]+"),
}
_WEIGHT = {"bn": 2, "ar": 2, "en": 1}


def of_text(text: str) -> str | None:
    """The language whose script the text is written in; None for digits, emoji, code alone."""
    for part in (_NOISE.sub(" ", text), text):
        counts = {code: len(words.findall(part)) * _WEIGHT[code] for code, words in _WORDS.items()}
        best = max(LANGUAGES, key=lambda code: counts[code])
        if counts[best]:
            return best
    return None


def of_code(language_code: str | None) -> str | None:
    """One of the three from Telegram's IETF tag (`ar-EG`); None for any other language."""
    code = (language_code or "").split("-")[0].split("_")[0].lower()
    return code if code in LANGUAGES else None


def choose(*, saved: str | None, text: str | None, language_code: str | None) -> str:
    """The language of an answer: `saved`, else by `text`, else `language_code`, else Bengali."""
    written = of_text(text) if text else None
    return saved or written or of_code(language_code) or DEFAULT
