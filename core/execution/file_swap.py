"""A new state takes the place of the old one in a moment, and only of the one that was shown.

Decides the order of renames in one open folder, and what each leftover means after a crash. The
new state is built under a hidden name; then names are exchanged (or renamed, where the system
cannot exchange), and what came out must be exactly what was meant, else it is put back. Only what
was checked is marked as gone, and only what is marked is removed. So at every moment either the
old or the new state is there in full, and `repair` can tell which.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import Refused
from core.execution.changes import Part
from core.execution.file_ports import Folder, Shape
from core.execution.file_tree import MOST_ENTRIES, Check, State, look

WRITABLE = 0o700


@dataclass(frozen=True)
class Hidden:
    """Names beside the one that changes: the new state, the old one taken away, the old one that
    may be removed. Nobody else knows the change's id before."""

    new: str
    old: str
    gone: str


def hidden(change_id: str, number: int) -> Hidden:
    stem = f".mask-{change_id}-{number}"
    return Hidden(f"{stem}.new", f"{stem}.old", f"{stem}.gone")


def take_place(
    folder: Folder,
    name: str,
    names: Hidden,
    before: State,
    after: str | None,
    check: Check = lambda: None,
) -> None:
    """What was built under `names.new` (or nothing, when `after` is None) takes the place of
    `before`. Refused(`file-changed`) when something else is there; then nothing has changed."""
    if not before.is_there:
        if after is not None:
            _arrive(folder, names.new, name)
    elif after is None:
        _set_aside(folder, name, names, before, check)
        folder.move(names.old, names.gone)
    elif _swapped(folder, names.new, name):
        try:
            _must_be(folder, names.new, before, check)
        except BaseException:
            folder.swap(names.new, name)
            raise
        folder.move(names.new, names.gone)
    else:
        _set_aside(folder, name, names, before, check)
        _arrive(folder, names.new, name)
        folder.move(names.old, names.gone)
    folder.sync()
    remove(folder, names.gone)


def repair(folder: Folder, name: str, change_id: str, number: int, part: Part) -> None:
    """After a crash: no hidden name stays, and `name` is in one of its two states."""
    names = hidden(change_id, number)
    if folder.facts(names.old) is not None:
        if folder.facts(name) is None:
            folder.move(names.old, name)  # taken away, not yet marked: nothing of it is missing
        elif look(folder, name).digest == part.after:
            folder.move(names.old, names.gone)
    if folder.facts(names.new) is not None:
        came_out = look(folder, names.new).digest
        is_new_in = look(folder, name).digest == part.after != part.before
        if is_new_in and came_out not in {part.before, part.after}:
            folder.swap(names.new, name)  # exchanged for something that was not meant
        remove(folder, names.new)
    remove(folder, names.gone)
    folder.sync()


def remove(folder: Folder, name: str) -> None:
    """Remove a name and everything in it; nothing when it is not there. Follows no link."""
    facts = folder.facts(name)
    if facts is None:
        return
    if facts.shape is not Shape.FOLDER:
        folder.remove(name)
        return
    with folder.folder(name, same_mount=True) as inner:
        if facts.mode & WRITABLE != WRITABLE:
            inner.settle(facts.mode | WRITABLE, None)
        for each in inner.names(2 * MOST_ENTRIES):
            remove(inner, each)
    folder.remove_folder(name)


def _swapped(folder: Folder, new: str, name: str) -> bool:
    try:
        return folder.swap(new, name)
    except FileNotFoundError:
        raise Refused("file-changed", path=name) from None


def _set_aside(folder: Folder, name: str, names: Hidden, before: State, check: Check) -> None:
    try:
        folder.move(name, names.old)
    except FileNotFoundError:
        raise Refused("file-changed", path=name) from None
    try:
        _must_be(folder, names.old, before, check)
    except BaseException:
        folder.move(names.old, name)
        raise


def _arrive(folder: Folder, new: str, name: str) -> None:
    try:
        folder.move(new, name)
    except FileExistsError:
        raise Refused("file-changed", path=name) from None


def _must_be(folder: Folder, name: str, before: State, check: Check) -> None:
    """What was taken away is what was shown, to the last byte."""
    if look(folder, name, check=check).digest != before.digest:
        raise Refused("file-changed", path=name)
