"""The normal form of texts: what the index holds and what queries are compared in; pure.

Two spellings of one word have one normal form; a text as said is never replaced by it. NFKC (so
presentation forms and full-width letters are ordinary ones); casefolded; marks that are written or
not are gone (Arabic vowels, tatweel, Latin diacritics); letters of one sound are one; digits are
ASCII, without separators of thousands; what has no width is gone; runs of white space are one
space.

A stem is what is left of a word when endings (and Arabic beginnings) are taken off: always a part
of the word, so that a stem never holds what no text says. Both sides of a comparison are stemmed,
so a stem need not be a word. `normal(normal(x)) == normal(x)`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache, lru_cache

from core.memory import normalise_tables as tables

#: A word, as FTS5's tokenizer sees it: letters, numbers, marks inside words, private use.
_JOINED = "L", "N", "Co", "Mn", "Mc"
#: Digits in groups: 1,25,000 and 12,500, also with the Arabic separator.
_GROUPED = re.compile(r"(?<![\d,٬])\d{1,3}(?:[,٬]\d{2,3})+(?![\d,٬])")
_SEPARATORS = re.compile("[,٬]")
#: The English genitive says nothing about what is meant.
_GENITIVE = re.compile(r"(?<=\w)['\u2019\u02bc]s(?!\w)")
_QUOTED = re.compile(r"[\"\u201c\u201d\u201e\u00ab\u00bb]")
_VOWEL = re.compile("[aeiouy]")
_DOUBLE = re.compile(r"([bdfgklmnprt])\1$")
#: More terms than that are no question.
MOST_TERMS = 24
#: Longer words are no words: only their beginning is indexed.
LONGEST = 64
#: The least that a stem keeps.
LEAST_ENGLISH = LEAST_ARABIC = 3


def normal(text: str) -> str:
    """`text` in the normal form."""
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFKD", text).casefold()
        folded = unicodedata.normalize("NFKD", folded)
        for old, new in tables.HAMZA:
            folded = folded.replace(old, new)
        folded = unicodedata.normalize("NFC", folded.translate(_signs()))
        for old, new in tables.CLUSTERS:
            folded = folded.replace(old, new)
    folded = _GENITIVE.sub("", _GROUPED.sub(_ungrouped, folded))
    return " ".join(folded.split())


def words_of(form: str) -> list[str]:
    """The words of a text in the normal form, in order; overlong ones are cut."""
    return [word[:LONGEST] for word in form.translate(_borders()).split()]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """What is left of a word in the normal form without its endings."""
    if word.isascii():
        return _english(word) if word.isalpha() else word
    if "ঀ" <= word[0] <= "৿":
        return _bengali(word)
    if "ء" <= word[0] <= "ۿ":
        return _arabic(word)
    return word


@cache
def kin(word: str) -> tuple[str, ...]:
    """The irregular forms that stand for a word, itself not among them."""
    return _families().get(word, ())


def fingerprint() -> str:
    """Changes when any text might have another normal form, or another stem."""
    said = repr((tables.VERSION, tables.LETTERS, tables.CLUSTERS, tables.BENGALI_ENDINGS,
                 tables.ARABIC_BEGINNINGS, tables.ARABIC_ENDINGS, LONGEST))  # fmt: skip
    digest = hashlib.sha256(said.encode()).hexdigest()[:16]
    return f"{tables.VERSION}-{unicodedata.unidata_version}-{digest}"


def without_quotes(words: str) -> list[str]:
    """What was typed, cut at quotation marks: every second part stood between two of them. A mark
    without its fellow is none."""
    parts = _QUOTED.split(words)
    if len(parts) % 2 == 0:
        parts[-2:] = [f"{parts[-2]} {parts[-1]}"]
    return parts


def _ungrouped(found: re.Match[str]) -> str:
    return _SEPARATORS.sub("", found[0])


def _english(word: str) -> str:
    """Only takes off; `company` and `companies` meet in `compan`."""
    if len(word) > LEAST_ENGLISH and word[-1] == "s" and word[-2] not in "su":
        word = word[:-3] if word.endswith("ies") and len(word) > 5 else word[:-1]  # noqa: PLR2004
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= LEAST_ENGLISH and _VOWEL.search(rest):
            word = rest[:-1] if _DOUBLE.search(rest) and len(rest) > LEAST_ENGLISH else rest
            break
    if len(word) > LEAST_ENGLISH and word[-1] in "eiy":
        word = word[:-1]
    return word


def _bengali(word: str) -> str:
    """Takes endings off until none fits: `সরকারের` and `সরকার` meet wherever they end."""
    while True:
        shorter = next(
            (
                word[: -len(ending)]
                for ending in _bengali_endings()
                if word.endswith(ending) and _is_enough(word[: -len(ending)], ending)
            ),
            None,
        )
        if shorter is None:
            return word
        word = shorter


def _is_enough(rest: str, ending: str) -> bool:
    """At least three signs stay, or two before a longer ending; never half a conjunct."""
    return len(rest) >= (2 if len(ending) > 1 else 3) and rest[-1] != "্"


def _arabic(word: str) -> str:
    shorter = True
    while shorter:
        shorter = False
        for ending in tables.ARABIC_ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= LEAST_ARABIC:
                word, shorter = word[: -len(ending)], True
                break
        for beginning, least in tables.ARABIC_BEGINNINGS:
            if word.startswith(beginning) and len(word) - len(beginning) >= least:
                word, shorter = word[len(beginning) :], True
                break
    return word


@cache
def _bengali_endings() -> tuple[str, ...]:
    return tuple(sorted({normal(each) for each in tables.BENGALI_ENDINGS}, key=len, reverse=True))


@cache
def _families() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in tables.IRREGULAR:
        family = line.split()
        for word in family:
            found[word] = tuple(each for each in family if each != word)
    return found


@cache
def _signs() -> dict[int, str | None]:
    """One table for all: letters, digits, and what goes."""
    table: dict[int, str | None] = {ord(old): new for old, new in tables.LETTERS.items()}
    table.update((zero + digit, str(digit)) for zero in tables.ZEROES for digit in range(10))
    table.update(dict.fromkeys((*tables.MARKS, *tables.INVISIBLE)))
    return table


class _Borders(dict[int, str]):
    """Everything that is no part of a word is a space; learns characters as they come."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        category = unicodedata.category(sign)
        kept = sign if category[0] in _JOINED or category in _JOINED else " "
        self[code] = kept
        return kept


@cache
def _borders() -> _Borders:
    return _Borders()
