"""Finding the names of one text; pure.

English tells names by capitals; where a sentence begins a capital tells nothing, so such a word is
only a `maybe`. Bengali and Arabic have none: there a name is a usual one, or stands beside a title.
"""

from __future__ import annotations

from functools import cache

import regex

from core.memory import key_fact_words as words
from core.memory.normalise import normal, stem

_TOKEN = regex.compile(r"[\p{L}\p{M}]+(?:[-'\u2019][\p{L}\p{M}]+)*")
_ENDS = regex.compile(r"[.!?।؟:;\n•\u2013\u2014(\"\u201c«]")
#: A word that goes on in digits is part of a code.
_GOES_ON = regex.compile(r"-?\d")
_POSSESSIVE = regex.compile(r"['\u2019].*$")
_BENGALI, _ARABIC = ("\u0980", "\u09ff"), ("\u0600", "\u06ff")
_LEAST_NAME = 2


class Names:
    """The names of one text, word by word."""

    def __init__(self, text: str) -> None:
        self.known: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.maybe: dict[str, str] = {}
        self.plain: set[str] = set()
        found = list(_TOKEN.finditer(text))
        tokens = [match[0] for match in found]
        for at, match in enumerate(found):
            if _GOES_ON.match(text, match.end()):
                continue
            before = text[found[at - 1].end() if at else 0 : match.start()]
            is_first = at == 0 or bool(_ENDS.search(before))
            former = tokens[at - 1] if at else ""
            following = tokens[at + 1] if at + 1 < len(tokens) else ""
            for part in match[0].split("-"):
                self._take(part, former, following, is_first=is_first)

    def _take(self, token: str, former: str, following: str, *, is_first: bool) -> None:
        word = _POSSESSIVE.sub("", token)
        form = normal(word)
        if len(form) < _LEAST_NAME:
            return
        root = stem(form)
        if root in _usual():
            self.known.setdefault(root, word)
        elif _is_titled(form, former, following):
            self.names.setdefault(root, word)
        elif _is_shouted(word, former, following):
            return  # its capitals name nothing
        elif word[0].isupper():
            self._capital(word, former, following, is_first=is_first)
        elif word[0].islower():
            self.plain.add(root)

    def _capital(self, word: str, former: str, following: str, *, is_first: bool) -> None:
        if word.lower() in words.COMMON_EN:
            return
        is_titled = normal(former) in _titles()
        has_fellow = following[:1].isupper() and following.lower() not in words.COMMON_EN
        stands_out = not is_first or is_titled or has_fellow or word.isupper()
        into = self.names if stands_out else self.maybe
        into.setdefault(stem(normal(word)), word)


def _is_titled(form: str, former: str, following: str) -> bool:
    """Beside a title or an honour; of Bengali and Arabic, where capitals do not tell."""
    if not (_BENGALI[0] <= form[0] <= _BENGALI[1] or _ARABIC[0] <= form[0] <= _ARABIC[1]):
        return False
    if form in _no_names() or form in _titles() or form in _honours():
        return False
    return normal(former) in _titles() or normal(following) in _honours()


def _is_shouted(word: str, former: str, following: str) -> bool:
    """Large letters throughout, and in a word beside it, too."""
    return word.isupper() and any(each.isupper() and len(each) > 1 for each in (former, following))


@cache
def _usual() -> frozenset[str]:
    return frozenset(
        stem(normal(name)) for name in words.NAMES_BN | words.NAMES_AR | words.NAMES_EN
    )


@cache
def _titles() -> frozenset[str]:
    return frozenset(map(normal, words.TITLES))


@cache
def _honours() -> frozenset[str]:
    return frozenset(map(normal, words.HONOURS))


@cache
def _no_names() -> frozenset[str]:
    return frozenset(map(normal, words.NO_NAMES))
