"""Finding files by their names and by words in them.

Decides what is looked at and when to stop: at HITS hits, at FILES names, or when SECONDS are over;
then it says where to go on. Words are compared as they are, without case and in one Unicode form
(Bengali letters have two spellings); there are no patterns but `*` and `?` in names, so no search
can hang. Binary files and files over LARGEST are looked at by name only. Follows no link.
"""

from __future__ import annotations

import fnmatch
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from core.clock import Clock
from core.errors import Refused
from core.execution import file_text
from core.execution.file_errors import border
from core.execution.file_paths import can_be_named, shown
from core.execution.file_ports import Folder, Shape
from core.execution.file_tree import MOST_DEEP, MOST_ENTRIES, Check
from core.execution.model import Seen
from core.execution.roots import Spot
from core.memory.measure import tokens_of

HITS, FILES, SECONDS = 40, 50_000, 10.0
#: Bytes of a file that is read, hits in one file, letters of a hit, tokens of all.
LARGEST, IN_ONE, LETTERS, TOKENS = 5_000_000, 5, 160, 1_600


@dataclass(frozen=True)
class Wanted:
    """What to look for. `where`: `both`, `names` or `text`; `after`: the path of the last hit
    seen, to go on behind it."""

    words: str
    where: str = "both"
    after: str = ""


@dataclass
class _Found:
    lines: list[str] = field(default_factory=list)
    hits: list[dict[str, object]] = field(default_factory=list)
    files: int = 0
    unread: int = 0
    stopped: str = ""
    last: str = ""


class Search:
    """One search at a time; `clock` bounds it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def run(self, spot: Spot, wanted: Wanted, check: Check = lambda: None) -> Seen:
        """What was found below a folder. Refused(`search-empty`, `not-a-folder`, ...)."""
        if not plain(wanted.words).strip():
            raise Refused("search-empty")
        until = self._clock.monotonic() + SECONDS
        found = _Found()
        with border(spot.shown), spot.folder() as folder:
            for path, parent, size in _files(folder, (), check):
                if self._is_over(found, until):
                    break
                if wanted.after and path <= tuple(wanted.after.split("/")):
                    continue
                found.files += 1
                _look(found, path, parent, size, wanted)
                found.last = "/".join(path)
        return _seen(spot, wanted, found)

    def _is_over(self, found: _Found, until: float) -> bool:
        if len(found.hits) >= HITS or sum(map(tokens_of, found.lines)) > TOKENS:
            found.stopped = "there may be more hits"
        elif found.files >= FILES or self._clock.monotonic() > until:
            found.stopped = "not all files were looked at"
        return bool(found.stopped)


def plain(text: str) -> str:
    """The form in which words are compared."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


@lru_cache(maxsize=16)
def name_matcher(words: str) -> Callable[[str], bool]:
    """Does a name hold the words, or match them where they have `*` or `?`?"""
    wanted = plain(words)
    if not set(wanted) & set("*?"):
        return lambda name: wanted in plain(name)
    pattern = re.compile(fnmatch.translate(re.sub(r"\*+", "*", wanted.replace("[", "[[]"))))
    return lambda name: pattern.fullmatch(plain(name)) is not None


def _files(
    folder: Folder, path: tuple[str, ...], check: Check
) -> Iterator[tuple[tuple[str, ...], Folder, int | None]]:
    """Everything below, in the order of paths: path, open parent, and a file's size."""
    for name in folder.names(MOST_ENTRIES):
        check()
        facts = folder.facts(name)
        if facts is None or not can_be_named(name):
            continue
        here = (*path, name)
        yield here, folder, facts.size if facts.shape is Shape.FILE else None
        if facts.shape is Shape.FOLDER and len(here) < MOST_DEEP:
            inner = _entered(folder, name)
            if inner is not None:
                with inner:
                    yield from _files(inner, here, check)


def _entered(folder: Folder, name: str) -> Folder | None:
    """A folder to search in; None for one that is closed to us, or gone by now."""
    try:
        return folder.folder(name)
    except (PermissionError, FileNotFoundError):
        return None
    except Refused:
        return None


def _look(
    found: _Found, path: tuple[str, ...], parent: Folder, size: int | None, wanted: Wanted
) -> None:
    where = "/".join(path)
    if wanted.where != "text" and name_matcher(wanted.words)(path[-1]):
        found.lines.append(shown(where))
        found.hits.append({"path": shown(where), "line": 0})
    if wanted.where == "names" or size is None:
        return
    if size > LARGEST:
        found.unread += 1
        return
    for number, line in _matches(parent, path[-1], plain(wanted.words), found):
        found.lines.append(f"{shown(where)}:{number}: {line}")
        found.hits.append({"path": shown(where), "line": number})


def _matches(folder: Folder, name: str, words: str, found: _Found) -> list[tuple[int, str]]:
    try:
        file = folder.read(name)
    except (PermissionError, FileNotFoundError, Refused):
        found.unread += 1
        return []
    with os.fdopen(file, "rb") as stream:
        text = file_text.decode(stream.read(LARGEST))
    if text is None or words not in plain(text[0]):
        return []
    lines = enumerate(text[0].split("\n"), start=1)
    hits = ((number, line) for number, line in lines if words in plain(line))
    return [(number, _around(line, words)) for number, line in hits][:IN_ONE]


def _around(line: str, words: str) -> str:
    """The part of a long line where the words are."""
    line = line.strip()
    if len(line) <= LETTERS:
        return line
    at = max(plain(line).find(words) - LETTERS // 4, 0)
    return f"…{line[at : at + LETTERS]}…"


def _seen(spot: Spot, wanted: Wanted, found: _Found) -> Seen:
    facts = {
        "path": spot.shown,
        "words": wanted.words,
        "hits": found.hits,
        "files": found.files,
        "unread": found.unread,
        "is_whole": not found.stopped,
    }
    more = ""
    if found.stopped:
        facts |= {"after": found.last}
        more = f"{found.stopped}; go on with after={found.last!r}, or search a smaller folder"
    return Seen("\n".join(found.lines) or "(nothing found)", facts, more)
