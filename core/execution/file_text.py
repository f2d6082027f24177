"""Text in files: which encoding and line ends, one portion of it, and a diff for eyes. Pure.

Decides what is text: UTF-8 (with or without a mark) and UTF-16 with a mark, without NUL. Anything
else is binary and said to be so. Inside the system lines end with one line feed; what is written
back has the encoding and line ends that were there.
"""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import Refused
from core.memory.measure import tokens_of

#: Bytes that decide what a file is.
SNIFFED = 64 * 1024
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Lines and characters of a diff that is shown, and lines that are compared one by one.
DIFF_LINES, DIFF_LETTERS, COMPARED = 120, 6_000, 2_000
CONTEXT = 3


@dataclass(frozen=True)
class Form:
    """How a text is in a file. `newline` is what a line feed becomes."""

    encoding: str = "utf-8"
    mark: bytes = b""
    newline: str = "\n"

    @property
    def name(self) -> str:
        return f"{self.encoding} with mark" if self.mark else self.encoding

    def encode(self, text: str) -> bytes:
        """Refused(`text-not-storable`) for what no text file holds."""
        try:
            if "\0" in text:
                raise Refused("text-not-storable")
            return self.mark + text.replace("\n", self.newline).encode(self.encoding)
        except UnicodeEncodeError:
            raise Refused("text-not-storable") from None


def sniff(head: bytes, *, is_whole: bool) -> Form | None:
    """The form that the first bytes of a file show; None: it is binary."""
    form = next((Form(name, mark) for mark, name in MARKS if head.startswith(mark)), Form())
    body = head[len(form.mark) :]
    try:
        text = codecs.getincrementaldecoder(form.encoding)().decode(body, final=is_whole)
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    crlf = text.count("\r\n")
    is_dos = crlf > 0 and crlf == text.count("\n")
    return Form(form.encoding, form.mark, "\r\n" if is_dos else "\n")


def decode(content: bytes) -> tuple[str, Form] | None:
    """The text of a whole file and its form, such that encoding gives the same bytes again; None:
    it is binary."""
    form = sniff(content, is_whole=True)
    if form is None:
        return None
    text = content[len(form.mark) :].decode(form.encoding)
    return text.replace("\r\n", "\n") if form.newline == "\r\n" else text, form


@dataclass(frozen=True)
class Portion:
    """Some lines of a text. `next_line` and `next_letter` say where to read on, None at the end."""

    text: str
    first: int
    last: int
    next_line: int | None = None
    next_letter: int = 0


def portion(lines: Sequence[str], line: int, letter: int, budget: int) -> Portion:
    """Whole lines within `budget` tokens, `lines[0]` being line number `line`, from its letter
    number `letter` (0 is the first); of a line that is too long alone, the part that fits."""
    kept: list[str] = []
    left = budget
    for number, text in enumerate(lines, start=line):
        rest = text[letter:] if number == line else text
        cost = tokens_of(rest) + 1
        if cost > left and kept:
            return Portion("\n".join(kept), line, number - 1, number)
        if cost > left:
            begun = rest.encode()[: left * 3].decode("utf-8", "ignore")
            start = (letter if number == line else 0) + len(begun)
            return Portion(begun, line, number, number, start)
        kept.append(rest)
        left -= cost
    return Portion("\n".join(kept), line, line + max(len(kept) - 1, 0))


@dataclass(frozen=True)
class Diff:
    """A unified diff, cut to what a card holds; the counts are of the whole."""

    text: str
    added: int
    removed: int
    is_cut: bool

    def preview(self) -> dict[str, object]:
        return {
            "diff": self.text,
            "diff_added": self.added,
            "diff_removed": self.removed,
            "diff_cut": self.is_cut,
        }


def diff(before: str, after: str) -> Diff:
    """What changes between two texts. Lines that stay at both ends are never compared; a middle
    too large to compare line by line is shown as removed and added whole."""
    old, new = _lines(before), _lines(after)
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    begin = max(start - CONTEXT, 0)
    tail = max(end - CONTEXT, 0)
    old_part, new_part = old[begin : len(old) - tail], new[begin : len(new) - tail]
    if max(len(old_part), len(new_part)) <= COMPARED:
        shown = _unified(old_part, new_part, begin)
    else:
        shown = [f"@@ -{start + 1} +{start + 1} @@"]
        shown += [f"-{line}" for line in old[start : len(old) - end]]
        shown += [f"+{line}" for line in new[start : len(new) - end]]
    added = sum(line.startswith("+") for line in shown)
    removed = sum(line.startswith("-") for line in shown)
    text = "\n".join(shown[:DIFF_LINES])
    is_cut = len(shown) > DIFF_LINES or len(text) > DIFF_LETTERS
    return Diff(text[:DIFF_LETTERS], added, removed, is_cut)


def _lines(text: str) -> list[str]:
    """Lines without their ends; that the last one has none is a line of its own, as in `diff`."""
    if not text:
        return []
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else [*lines, "\\ No newline at end of file"]


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines at the beginning are alike."""
    most = min(len(one), len(other))
    return next((at for at in range(most) if one[at] != other[at]), most)


def _unified(old: list[str], new: list[str], offset: int) -> list[str]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    shown: list[str] = []
    for group in matcher.get_grouped_opcodes(CONTEXT):
        first, last = group[0], group[-1]
        spans = (first[1], last[2] - first[1], first[3], last[4] - first[3])
        shown.append(
            f"@@ -{spans[0] + offset + 1},{spans[1]} +{spans[2] + offset + 1},{spans[3]} @@"
        )
        for tag, a, b, c, d in group:
            if tag == "equal":
                shown += [f" {line}" for line in old[a:b]]
                continue
            shown += [f"-{line}" for line in old[a:b]]
            shown += [f"+{line}" for line in new[c:d]]
    return shown
