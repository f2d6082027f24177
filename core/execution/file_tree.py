"""What is at a name now: one digest for a file, a link or a whole tree.

Decides what counts as "the same as before". A file is its content; a tree is the names in it, what
each one is, whether it may be executed, and every content. Times and owners do not count. Above
MOST_KEPT bytes a tree counts by sizes and times instead (`is_hashed` says so), because nobody
waits for the digest of a disk. Reads only, beneath an open folder, never through a link, never
into another file system.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from core.errors import Refused
from core.execution.file_ports import Facts, Folder, Shape

#: Bytes up to which content is hashed, and kept in the trash.
MOST_KEPT = 200_000_000
#: Entries of a tree, and folders in each other (each is a descriptor while it is looked at).
MOST_ENTRIES, MOST_DEEP = 100_000, 100
CHUNK = 1024 * 1024
#: Names of a tree that are shown.
FIRST = 12
Check = Callable[[], None]


@dataclass(frozen=True)
class Entry:
    """One thing in a tree. `path` are its names below the top, () for the top itself."""

    path: tuple[str, ...]
    facts: Facts
    target: str | None = None  # of a link


class Taker(Protocol):
    """Who wants to have what is looked at: the trash."""

    def entry(self, entry: Entry) -> None: ...

    def data(self, chunk: bytes) -> None:
        """A piece of the file that was told of last."""


@dataclass(frozen=True)
class State:
    """What is at a name. `size` is the sum of the files' bytes; `entries` counts what is in a
    folder, without itself; `first` are the first names in it, below it."""

    shape: Shape | None = None
    digest: str | None = None
    size: int = 0
    entries: int = 0
    first: tuple[str, ...] = ()
    facts: Facts | None = None
    is_hashed: bool = True
    has_special: bool = False

    @property
    def is_there(self) -> bool:
        return self.shape is not None


ABSENT = State()


def look(
    folder: Folder, name: str, taker: Taker | None = None, check: Check = lambda: None
) -> State:
    """What is at `name` in an open folder. `check` raises to stop. Refused(`tree-too-large`,
    `tree-crosses-mount`)."""
    facts = folder.facts(name)
    if facts is None:
        return ABSENT
    size, is_hashed = facts.size, True
    if facts.shape is Shape.FOLDER:
        size = measure(folder, name, check).size
    if size > MOST_KEPT:
        is_hashed = False
    return _Look(taker, check, is_hashed=is_hashed).whole(folder, name, facts)


@dataclass(frozen=True)
class Measure:
    """How much a name holds: bytes of its files, entries in it, and what cannot be kept."""

    size: int = 0
    entries: int = 0
    has_special: bool = False

    @property
    def can_be_kept(self) -> bool:
        """May it go to the trash whole?"""
        return self.size <= MOST_KEPT and not self.has_special

    def __add__(self, other: Measure) -> Measure:
        return Measure(
            self.size + other.size,
            self.entries + other.entries,
            self.has_special or other.has_special,
        )


def measure(folder: Folder, name: str, check: Check = lambda: None) -> Measure:
    """Without reading content. Refused(`tree-too-large`, `tree-crosses-mount`)."""
    size, count, has_special = 0, 0, False
    for entry in _entries(folder, name, (), check):
        count += 1
        has_special = has_special or entry.facts.shape is Shape.SPECIAL
        size += entry.facts.size if entry.facts.shape is Shape.FILE else 0
        if count > MOST_ENTRIES:
            raise Refused("tree-too-large", most=MOST_ENTRIES)
    return Measure(size, max(count - 1, 0), has_special)


def chunks(file: int, check: Check = lambda: None) -> Iterator[bytes]:
    """What is in an open file, piece by piece; closes it."""
    with os.fdopen(file, "rb", buffering=0) as stream:
        while chunk := stream.read(CHUNK):
            check()
            yield chunk


def tree_line(path: tuple[str, ...], shape: Shape, mode: int, content: str) -> bytes:
    """What one entry adds to a tree's digest; `content` is a sha256, a link's target or ''."""
    may_run = shape is Shape.FILE and bool(mode & 0o111)
    return json.dumps([list(path), shape.value, may_run, content]).encode() + b"\n"


def link_digest(target: str) -> str:
    return hashlib.sha256(b"link\0" + os.fsencode(target)).hexdigest()


class _Look:
    """One look at one name."""

    def __init__(self, taker: Taker | None, check: Check, *, is_hashed: bool) -> None:
        self._taker = taker
        self._check = check
        self._is_hashed = is_hashed
        self._tree = hashlib.sha256()
        self._size = self._count = 0
        self._has_special = False
        self._first: list[str] = []

    def whole(self, folder: Folder, name: str, facts: Facts) -> State:
        self._visit(folder, name, (), facts)
        digest = self._own if facts.shape is not Shape.FOLDER else self._tree.hexdigest()
        return State(
            facts.shape,
            digest,
            self._size,
            max(self._count - 1, 0),
            tuple(self._first),
            facts,
            self._is_hashed,
            self._has_special,
        )

    def _visit(self, folder: Folder, name: str, path: tuple[str, ...], facts: Facts) -> None:
        self._check()
        self._count += 1
        if self._count > MOST_ENTRIES:
            raise Refused("tree-too-large", most=MOST_ENTRIES)
        if path and len(self._first) < FIRST:
            self._first.append("/".join(path))
        is_link = facts.shape is Shape.LINK
        target = folder.link_target(name) if is_link else None
        if self._taker is not None:
            self._taker.entry(Entry(path, facts, target))
        content = ""
        if target is not None:
            content = link_digest(target)
        elif facts.shape is Shape.FILE:
            content = self._file(folder, name, facts)
        elif facts.shape is Shape.SPECIAL:
            self._has_special = True
        self._own = content
        self._tree.update(tree_line(path, facts.shape, facts.mode, content))
        if facts.shape is Shape.FOLDER:
            self._inside(folder, name, path)

    def _inside(self, folder: Folder, name: str, path: tuple[str, ...]) -> None:
        if len(path) >= MOST_DEEP:
            raise Refused("tree-too-large", most=MOST_ENTRIES)
        with folder.folder(name, same_mount=True) as inner:
            for each in inner.names(MOST_ENTRIES):
                facts = inner.facts(each)
                if facts is not None:  # else it went while we looked: the digest tells
                    self._visit(inner, each, (*path, each), facts)

    def _file(self, folder: Folder, name: str, facts: Facts) -> str:
        if not self._is_hashed:
            self._size += facts.size
            return f"{facts.size}@{facts.mtime_ns}"
        content = hashlib.sha256()
        for chunk in chunks(folder.read(name), self._check):
            self._size += len(chunk)
            if self._size > 2 * MOST_KEPT:
                raise Refused("tree-too-large", most=MOST_ENTRIES)  # it grows as we look
            content.update(chunk)
            if self._taker is not None:
                self._taker.data(chunk)
        return content.hexdigest()


def _entries(folder: Folder, name: str, path: tuple[str, ...], check: Check) -> Iterator[Entry]:
    """A name and everything in it, folders before what is in them, by stat alone."""
    check()
    facts = folder.facts(name)
    if facts is None:
        return
    yield Entry(path, facts)
    if facts.shape is not Shape.FOLDER:
        return
    if len(path) >= MOST_DEEP:
        raise Refused("tree-too-large", most=MOST_ENTRIES)
    with folder.folder(name, same_mount=True) as inner:
        for each in inner.names(MOST_ENTRIES):
            yield from _entries(inner, each, (*path, each), check)
