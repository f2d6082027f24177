"""A command line as a list of arguments, split alike on every system. Pure.

    echo "a b"        -> echo | a b
    dir C:\\Users\\me   -> dir | C:\\Users\\me      (a backslash is a letter)
    say "a ""b"" c"     -> say | a "b" c

Blanks separate. "…" groups anywhere and holds a quote as two; '…' groups at the beginning of a
word or after `=`, so that don't is a word; “…” is what a phone makes of "…". Nothing is expanded:
no variables, no patterns, no pipes.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import Refused

#: How a group begins, and how that one ends.
QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d"}


def split(line: str) -> list[str]:
    """The arguments of a line. Refused(`command-quote`) when a quote is not closed."""
    words: list[str] = []
    word: list[str] | None = None
    at = 0
    while at < len(line):
        letter = line[at]
        if _opens(letter, word):
            word = word or []
            at = _group(line, at, word)
            continue
        if not letter.isspace():
            word = word or []
            word.append(letter)
        elif word is not None:
            words.append("".join(word))
            word = None
        at += 1
    return words if word is None else [*words, "".join(word)]


def join(words: Sequence[str]) -> str:
    """A line that `split` takes apart into `words`."""
    return " ".join(_quoted(word) for word in words)


def _opens(letter: str, word: list[str] | None) -> bool:
    if letter == "'":
        return not word or word[-1] == "="
    return letter in QUOTES


def _group(line: str, start: int, word: list[str]) -> int:
    """Adds the group that begins at `start` to `word`; where the line goes on."""
    closing = QUOTES[line[start]]
    at = start + 1
    while at < len(line):
        if line[at] != closing:
            word.append(line[at])
        elif closing == '"' and line[at : at + 2] == '""':
            word.append('"')
            at += 1
        else:
            return at + 1
        at += 1
    raise Refused("command-quote", at=start + 1)


def _quoted(word: str) -> str:
    plain = word and not any(letter.isspace() or letter in "\"'\u201c" for letter in word)
    doubled = word.replace('"', '""')
    return word if plain else f'"{doubled}"'
