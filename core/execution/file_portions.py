"""One portion of an open text file, from a line and a letter on, however large the file is.

Decides where a portion begins and ends, and how to read on. Reads only as far as it must; the
lines of files up to COUNTED bytes are counted to the end.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from core.errors import Refused
from core.execution.file_text import Form, Portion, portion
from core.execution.file_tree import CHUNK, Check

#: Tokens of one portion: three of them fit in a small model's window beside the talk.
TOKENS = 1_500
#: Bytes of a file whose lines are counted.
COUNTED = 256_000_000
#: Letters that are taken for one portion; more than its tokens can hold.
TAKEN = 64 * 1024


@dataclass(frozen=True)
class TextFile:
    """An open text file of `size` bytes; the descriptor stays the caller's."""

    file: int
    size: int
    form: Form
    check: Check

    def lines(self) -> int | None:
        """How many lines it has; None when it is too large to count."""
        if self.size > COUNTED:
            return None
        count, last = 0, "\n"
        for piece in self._pieces():
            count += piece.count("\n")
            last = piece[-1:] or last
        return count + (last != "\n")

    def portion(self, line: int, letter: int, budget: int = TOKENS) -> Portion:
        """From letter number `letter` of line number `line` on. Refused(`file-ends-before`)."""
        text, goes_on = window(self._pieces(), line, letter, TAKEN)
        lines = text.split("\n")
        if lines[-1] == "" or (goes_on and len(lines) > 1):
            lines.pop()
        lines = [each.removesuffix("\r") for each in lines]
        found = portion(lines, line, 0, budget)
        if found.next_line == line:  # the letters before the window count, too
            return replace(found, next_letter=letter + found.next_letter)
        if goes_on and found.next_line is None:
            return Portion(found.text, found.first, found.last, found.last + 1)
        return found

    def _pieces(self) -> Iterator[str]:
        """The whole text, piece by piece; what cannot be decoded is marked."""
        decoder = codecs.getincrementaldecoder(self.form.encoding)("replace")
        os.lseek(self.file, len(self.form.mark), os.SEEK_SET)
        while chunk := os.read(self.file, CHUNK):
            self.check()
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)


def window(pieces: Iterable[str], line: int, letter: int, most: int) -> tuple[str, bool]:
    """At most `most` letters of a text from a point on, and whether it goes on behind them."""
    ends, letters = line - 1, letter
    kept: list[str] = []
    length = 0
    for text in pieces:
        rest = text
        if ends:
            rest, ends = _without_lines(rest, ends)
        if letters and not ends:
            if "\n" in rest[:letters]:
                raise Refused("file-ends-before", lines=line)
            rest, letters = rest[letters:], max(letters - len(rest), 0)
        if ends or not rest:
            continue
        kept.append(rest)
        length += len(rest)
        if length > most:
            return "".join(kept)[:most], True
    if ends or letters:
        raise Refused("file-ends-before", lines=line - 1 - ends)
    return "".join(kept), False


def _without_lines(text: str, ends: int) -> tuple[str, int]:
    """The text behind that many line ends, and how many of them did not come yet."""
    here = text.count("\n")
    if here < ends:
        return "", ends - here
    at = -1
    for _ in range(ends):
        at = text.index("\n", at + 1)
    return text[at + 1 :], 0
