"""Carrying out what was shown: keep the old state, build the new one, exchange them, note it.

Decides the order, so that a crash at any moment leaves the old or the new state and a row that
tells which: row (`begun`), sealed copy of the old state, new state under a hidden name, exchange,
row (`kept`). Changes nothing when what is there is not what was shown. Never decides whether.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from core.errors import Broken, Refused
from core.execution import file_swap
from core.execution.changes import ChangeState, Part
from core.execution.file_errors import border
from core.execution.file_ports import Folder, Shape
from core.execution.file_tree import Check, State, look, tree_line
from core.execution.roots import Spot
from core.execution.trash import Trash
from core.ids import new_id

Build = Callable[[Folder, str], None]
#: Permissions of what is made new.
NEW_FILE, NEW_FOLDER = 0o644, 0o755


@dataclass(frozen=True)
class Wanted:
    """A change of one spot: from the state that was shown to the digest that was shown. `build`
    makes the new state under a given name; None when nothing is to be there."""

    spot: Spot
    before: State
    after: str | None
    build: Build | None = None


@dataclass(frozen=True)
class Origin:
    """Which step makes a change, and how its kind is called. `restores`: the change that it takes
    back."""

    run_id: str
    position: str
    kind: str
    restores: str | None = None


def carry_out(
    trash: Trash,
    wanted: Sequence[Wanted],
    origin: Origin,
    *,
    is_kept: bool,
    check: Check = lambda: None,
) -> str:
    """All of it, or nothing when something else is there than was shown (Refused `file-changed`);
    the change's id. `is_kept=False` keeps nothing: it cannot be taken back."""
    change_id = new_id()
    with ExitStack() as opened:
        folders = [opened.enter_context(_parent(each.spot)) for each in wanted]
        trash.begin(
            change_id,
            [_part(each, number, is_kept=is_kept) for number, each in enumerate(wanted)],
            run_id=origin.run_id,
            position=origin.position,
            kind=origin.kind,
            is_kept=is_kept,
            restores=origin.restores,
        )
        try:
            for number, (each, folder) in enumerate(zip(wanted, folders, strict=True)):
                _ready(trash, change_id, number, each, folder, is_kept, check)
            for number, (each, folder) in enumerate(zip(wanted, folders, strict=True)):
                names = file_swap.hidden(change_id, number)
                with border(each.spot.shown):
                    file_swap.take_place(
                        folder, each.spot.name, names, each.before, each.after, check
                    )
        except BaseException:
            trash.repair(change_id, after_crash=False)
            raise
    trash.end(change_id, ChangeState.KEPT if is_kept else ChangeState.GONE)
    return change_id


def file_of(content: bytes, mode: int = NEW_FILE) -> Build:
    """Builds a file with this content."""

    def build(folder: Folder, name: str) -> None:
        file = folder.create(name)
        try:
            with open(file, "wb", closefd=False) as stream:
                stream.write(content)
        finally:
            folder.finish(file, mode, None)

    return build


def file_in_folders(below: Sequence[str], content: bytes) -> tuple[str, Build]:
    """The digest and the building of a new folder, with the new folders `below[:-1]` in it and a
    file at the end of them."""
    sha256 = hashlib.sha256(content).hexdigest()
    tree = hashlib.sha256(tree_line((), Shape.FOLDER, NEW_FOLDER, ""))
    for depth in range(1, len(below)):
        tree.update(tree_line(tuple(below[:depth]), Shape.FOLDER, NEW_FOLDER, ""))
    tree.update(tree_line(tuple(below), Shape.FILE, NEW_FILE, sha256))

    def build(folder: Folder, name: str) -> None:
        folder.make_folder(name)
        with folder.folder(name) as inner:
            if len(below) == 1:
                file_of(content)(inner, below[0])
            else:
                file_in_folders(below[1:], content)[1](inner, below[0])
            inner.settle(NEW_FOLDER, None)

    return tree.hexdigest(), build


def former(trash: Trash, change_id: str, part: Part, check: Check = lambda: None) -> Build:
    """Builds what a change found at a spot."""
    return partial(trash.rebuild, change_id, part, check=check)


def _parent(spot: Spot) -> Folder:
    return spot.parent()


def _part(wanted: Wanted, number: int, *, is_kept: bool) -> Part:
    before = wanted.before
    return Part(
        root=wanted.spot.root.name,
        path=wanted.spot.parts,
        before=before.digest,
        after=wanted.after,
        shape=before.shape.value if before.shape is not None else None,
        archive=str(number) if is_kept and before.is_there else None,
        size=before.size if is_kept else 0,
    )


def _ready(
    trash: Trash,
    change_id: str,
    number: int,
    wanted: Wanted,
    folder: Folder,
    is_kept: bool,
    check: Check,
) -> None:
    """The old state is kept and is the one that was shown; the new one is built beside it."""
    name, new = wanted.spot.name, file_swap.hidden(change_id, number).new
    with border(wanted.spot.shown):
        if is_kept and wanted.before.is_there:
            now = trash.archive(change_id, number, folder, name, check)
        else:
            now = look(folder, name, check=check)
        if now.digest != wanted.before.digest:
            raise Refused("file-changed", path=wanted.spot.shown)
        is_file = now.facts is not None and now.shape is Shape.FILE
        if is_file and now.facts is not None and now.facts.links > 1 and wanted.after is not None:
            raise Refused("file-hard-linked", path=wanted.spot.shown)
        if wanted.build is not None:
            wanted.build(folder, new)
            if look(folder, new, check=check).digest != wanted.after:
                raise Broken("file-not-as-shown", path=wanted.spot.shown)
