"""Finding words in whatever holds them, and taking them out; pure.

Words are found whatever their case, composed or decomposed (NFC, NFD), with any white space between
them and any zero-width characters inside; in JSON in every string, names of fields included; in
bytes as UTF-8, UTF-16 and JSON's `\\u` escapes, and inside zip and gzip. A single short English
word is looked for as a word of its own: "rain" is not in "training"; any other needle also inside
words, since Bengali and Arabic put endings on theirs.

Missing guarantees: words inside other compressed or encrypted formats (PDF, pictures, sound) are
not found. What is one word of the house's own (OWN_WORDS) is not looked for: taken out of the
journal it would break it, and alone it tells nothing. A JSON field named by one plain word stays.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import regex

from core.memory.forget_model import FORGOTTEN
from core.memory.record_model import Category, Source
from core.runs.model import Gate, Kind, Label, RunState, StepState

#: Shorter ones would take words out that mean something else.
LEAST_NEEDLE = 4
#: Values and names in the house's own JSON: states, labels, kinds, roles, places.
OWN_WORDS = frozenset(
    {
        str(value)
        for kind in (Label, RunState, StepState, Kind, Gate, Category, Source)
        for value in kind
    }
    | {"home", "owner", "assistant", "user", "system", "tool", "text", "true", "false", "none"}
)
#: A single English word up to this length is not looked for inside other words.
SHORT_WORD = 8
PLAIN_WORD = re.compile(r"[a-z_]+")
#: Marks that do not show, as they may stand inside a word.
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
#: Bytes of an unpacked file that are looked at; a packed one of more is held to hold the words.
MOST_UNPACKED = 64 * 1024 * 1024
#: Characters of a word that a database looks for before the words themselves are.
HINT_CHARACTERS = 12
#: Alternatives in one expression; more are several expressions.
MOST_IN_PATTERN = 200
ESCAPES = re.compile(r"\\u([0-9a-fA-F]{4})")


#: Any of the needles, of it all words, of each any spelling.
Hints = tuple[tuple[tuple[str, ...], ...], ...]


class Words:
    """Needles, ready to be looked for. Ones under LEAST_NEEDLE characters are left out."""

    def __init__(self, needles: Iterable[str]) -> None:
        tidy = {" ".join(_visible(needle).split()) for needle in needles}
        wanted = (n for n in tidy if len(n) >= LEAST_NEEDLE and n.casefold() not in OWN_WORDS)
        self.needles = tuple(sorted(wanted, key=lambda n: (-len(n), n)))
        self._patterns = [
            regex.compile("|".join(map(_pattern, group)), regex.IGNORECASE)
            for group in _groups(self.needles)
        ]
        self._bytes = _spellings(n for n in self.needles if not _is_short_word(n))

    def __bool__(self) -> bool:
        return bool(self.needles)

    def are_in(self, text: str) -> bool:
        return any(pattern.search(text) for pattern in self._patterns)

    def out_of(self, text: str) -> str:
        """`text` with FORGOTTEN where the words were."""
        for pattern in self._patterns:
            text = pattern.sub(FORGOTTEN, text)
        return text

    def out_of_value(self, value: Any) -> Any:
        """JSON data without the words, in names of fields, too."""
        match value:
            case str():
                return self.out_of(value)
            case dict():
                return {self._out_of_name(name): self.out_of_value(v) for name, v in value.items()}
            case list() | tuple():
                return [self.out_of_value(each) for each in value]
            case _:
                return value

    def _out_of_name(self, name: str) -> str:
        return name if PLAIN_WORD.fullmatch(name) else self.out_of(name)

    def out_of_json(self, text: str) -> str:
        """JSON as text, spelled as before; what cannot be read as JSON is taken as plain text."""
        try:
            value = json.loads(text)
        except ValueError:
            return self.out_of(text)
        changed = self.out_of_value(value)
        if changed == value:
            return text
        spelling: dict[str, Any] = {"ensure_ascii": text.isascii(), "separators": (",", ":")}
        if len(json.dumps(value, **spelling)) != len(text):
            spelling["separators"] = (", ", ": ")
        return json.dumps(changed, **spelling)

    def are_in_bytes(self, data: bytes) -> bool:
        """Also inside zip and gzip, one layer deep."""
        return any(self._in_plain(layer) for layer in _layers(data))

    def hints(self, words: int) -> Hints:
        """Of each needle up to so many words, the longest, each in its spellings: a text that holds
        the needle has every one of them in some spelling, plain or in JSON's escapes. Not seen are
        words with something invisible inside."""
        return tuple(
            dict.fromkeys(
                tuple(_spelled(word) for word in sorted(_words_of(needle), key=len)[-words:])
                for needle in self.needles
            )
        )

    def _in_plain(self, data: bytes) -> bool:
        if any(spelled in data for spelled in self._bytes):
            return True
        text = data.decode("utf-8", errors="ignore")
        if "\\u" in text:
            text += "\n" + ESCAPES.sub(lambda found: chr(int(found[1], 16)), text)
        return self.are_in(text)


def _visible(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(c for c in text if c not in INVISIBLE)).strip()


def _is_short_word(needle: str) -> bool:
    return needle.isascii() and needle.isalnum() and len(needle) < SHORT_WORD


def _pattern(needle: str) -> str:
    """The needle as an expression: its composed and its decomposed form."""
    if _is_short_word(needle):
        return rf"(?<!\w){regex.escape(needle)}(?!\w)"
    forms = {unicodedata.normalize(form, needle) for form in ("NFC", "NFD")}
    inside = f"[{INVISIBLE}]*+"
    spelled = []
    for form in sorted(forms):
        words = [inside.join(map(regex.escape, word)) for word in form.split()]
        spelled.append(rf"{inside}[\s{INVISIBLE}]+{inside}".join(words))
    return "|".join(spelled)


def _groups(needles: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for at in range(0, len(needles), MOST_IN_PATTERN):
        yield needles[at : at + MOST_IN_PATTERN]


def _words_of(needle: str) -> list[str]:
    found = {word[:HINT_CHARACTERS] for word in regex.split(r"[^\w]+", needle) if word}
    return sorted(found) or [needle[:1]]


def _spelled(word: str) -> tuple[str, ...]:
    """Whoever looks makes no difference between small and capital letters of ASCII."""
    plain = {word.lower()} if word.isascii() else _cases(word)
    return tuple(sorted(plain | {json.dumps(each)[1:-1] for each in plain}))


def _cases(word: str) -> set[str]:
    forms = {unicodedata.normalize(form, word) for form in ("NFC", "NFD")}
    return {case for form in forms for case in (form, form.lower(), form.upper(), form.title())}


def _spellings(needles: Iterable[str]) -> tuple[bytes, ...]:
    """How the words may stand in bytes that are no text as a whole."""
    cases = {case for needle in needles for case in _cases(needle)}
    return tuple(
        spelled
        for case in sorted(cases)
        for spelled in (case.encode(), case.encode("utf-16-le"), case.encode("utf-16-be"))
    )


def _layers(data: bytes) -> Iterator[bytes]:
    """The bytes, and what is packed in them."""
    yield data
    if data[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(data)) as packed:
                yield packed.read(MOST_UNPACKED)
        except (OSError, EOFError, zlib.error):
            return  # not gzip after all, or cut off
    elif data[:4] == b"PK\x03\x04":
        yield from _unzipped(data)


def _unzipped(data: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                yield info.filename.encode()
                with archive.open(info) as entry:
                    yield entry.read(MOST_UNPACKED)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, zlib.error):
        return  # damaged, or under a password: no text can be read in it
