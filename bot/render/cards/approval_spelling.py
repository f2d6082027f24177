r"""How text that will run is shown, so that no character of it can hide or pose as another.

Decides which characters show as themselves: printable ASCII, and letters, marks and digits of
scripts that do not look like Latin, each in a word of its own. Everything else (control, bidi,
zero-width, odd spaces, look-alikes, marks on a foreign letter) shows as `\uXXXX` or `\UXXXXXXXX`;
a backslash that would read as such an escape is itself one. So the spelling is reversible, and two
different texts look different, but for letters that Unicode itself calls the same (Bengali letters
with a dot have two spellings). Never cuts, never translates. Pure.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

#: Blocks whose letters a reader of Bengali, Arabic or English cannot take for Latin ones.
PLAIN_BLOCKS = (
    (0x0590, 0x05FF),  # Hebrew
    (0x0600, 0x06FF),  # Arabic
    (0x0750, 0x077F),
    (0x0900, 0x097F),  # Devanagari
    (0x0980, 0x09FF),  # Bengali
    (0x0A00, 0x0DFF),  # other scripts of India and Sri Lanka
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),  # Hangul
)
#: Greek and Cyrillic: shown as they are in words that no Latin word looks like.
POSING_BLOCKS = ((0x0370, 0x03FF), (0x0400, 0x04FF))
#: Letters that some Latin letter, digit or stroke looks like (Unicode's confusables, the part of
#: it that lies in the blocks above).
LOOKALIKES = frozenset(
    "АВЕЅІЈКМНОРСТУХҮԁԛԜабгеорсухѕіјһкпгԝѵґғщьтмнв"
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβγικνορτυχωϲϳ"
    "اهةوןוסיחטםо٠١٥٧۰۱۵০৪৭०"
)
#: Punctuation that is natural after a letter of its own script.
PUNCTUATION = {"।": (0x0900, 0x0DFF), "॥": (0x0900, 0x0DFF)} | dict.fromkeys(
    "،؛؟", (0x0600, 0x077F)
)
#: Keeps path segments in their order where right-to-left names meet; never part of a value.
LEFT_TO_RIGHT_MARK = "\u200e"

_ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")
_LOOKS_ESCAPED = re.compile(r"\\(?=u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u077f]")
_SEPARATOR = re.compile(r"[/\\:=]")
_FIRST_ASCII, _LAST_ASCII = 0x20, 0x7E


def spell(value: str, *, is_script: bool = False) -> str:
    """`value` on one line, every character of it to be seen. Blanks at its ends are escaped; a
    line of a script keeps those at its start, where they are its indentation."""
    if value.isascii() and value.isprintable() and value == value.strip(" "):
        return _LOOKS_ESCAPED.sub(lambda _found: escaped("\\"), value)
    end = len(value.rstrip(" "))
    start = 0 if is_script else len(value) - len(value.lstrip(" "))
    shown, before = [], ""
    for at, (letter, word) in enumerate(zip(value, _words(value), strict=True)):
        if letter == " ":
            shown.append(letter if start <= at < end else escaped(letter))
        elif letter == "\\":
            shown.append(escaped(letter) if _LOOKS_ESCAPED.match(value, at) else letter)
        else:
            shown.append(letter if _is_plain(letter, before, word) else escaped(letter))
        before = letter
    return "".join(shown)


def unspell(shown: str) -> str:
    """The text behind a spelling."""
    return _ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), shown)


def ordered(shown: str) -> str:
    """A spelling with marks that keep its path segments from left to right on the screen."""
    if not _RIGHT_TO_LEFT.search(shown):
        return shown
    return _SEPARATOR.sub(lambda found: found[0] + LEFT_TO_RIGHT_MARK, shown)


def escaped(letter: str) -> str:
    """One character by its number."""
    number = ord(letter)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004


@dataclass(frozen=True)
class _Word:
    """What one run of letters, digits and marks is made of."""

    has_ascii_letter: bool = False
    has_ascii_digit: bool = False
    is_latin: bool = False  # ASCII and accented letters only
    is_telling: bool = False  # has a letter that no Latin one looks like


def _words(value: str) -> Iterator[_Word]:
    """The word that each character is in, in order; characters outside words share one."""
    outside = _Word()
    for is_inside, letters in itertools.groupby(value, key=_is_of_a_word):
        text = "".join(letters)
        yield from itertools.repeat(_word(text) if is_inside else outside, len(text))


def _is_of_a_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN"


def _word(text: str) -> _Word:
    letters = set(text)
    return _Word(
        has_ascii_letter=any(other.isascii() and other.isalpha() for other in letters),
        has_ascii_digit=any(other.isascii() and other.isdigit() for other in letters),
        is_latin=all(other.isascii() or _is_accented_latin(other) for other in letters),
        is_telling=any(
            other.isalpha() and not other.isascii() and other not in LOOKALIKES for other in letters
        ),
    )


def _is_plain(letter: str, before: str, word: _Word) -> bool:
    number, kind = ord(letter), unicodedata.category(letter)
    if letter.isascii():
        return _FIRST_ASCII <= number <= _LAST_ASCII
    if kind[0] == "P":
        own = PUNCTUATION.get(letter)
        return own is not None and bool(before) and own[0] <= ord(before) <= own[1]
    if kind not in {"Ll", "Lu", "Lt", "Lo", "Lm", "Mn", "Mc", "Nd"}:
        return False
    if unicodedata.decomposition(letter).startswith("<"):
        return False  # a presentation form, a full-width letter
    if _is_accented_latin(letter):
        return word.is_latin
    return _is_in_own_word(letter, kind, before, word)


def _is_in_own_word(letter: str, kind: str, before: str, word: _Word) -> bool:
    """A letter, digit or mark of another script, in a word that no Latin word looks like."""
    block = _block(letter, PLAIN_BLOCKS) or _block(letter, POSING_BLOCKS)
    if block is None or word.has_ascii_letter:
        return False
    if kind in {"Mn", "Mc"}:
        return bool(before) and block[0] <= ord(before) <= block[1]
    if kind == "Nd":
        return not word.has_ascii_digit
    return word.is_telling


def _is_accented_latin(letter: str) -> bool:
    """`é`, `ü`: one character, its accent plain to see; not a dotless i."""
    parts = unicodedata.normalize("NFD", letter)
    return len(parts) > 1 and parts[0].isascii() and parts[0].isalpha()


def _block(letter: str, blocks: tuple[tuple[int, int], ...]) -> tuple[int, int] | None:
    number = ord(letter)
    return next((block for block in blocks if block[0] <= number <= block[1]), None)
