"""The trash: what was there before a change, sealed, for seven days.

Decides what is kept before files change, and when it goes. Never decides whether something may
change. Archives lie under MASK_HOME/trash/<change id>/<number>, sealed (`file_archive`); the rows
are in `changes`. At most 200 MB for one change: more is not kept, and its action says so.

For commands, which change what they like in the folders that they named:

    size = trash.measure(spots)                       # while preparing
    change_id = trash.keep(spots, run_id=..., position=...)
    ... run it ...
    trash.settle(change_id)                           # what it left; always, also when it failed

`recover` is called once at each start, before any step runs: it finishes or takes back what a
crash interrupted. `purge` is called by a schedule.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog

from core.clock import Clock
from core.db import Database
from core.errors import MaskError, Refused
from core.execution import changes, file_archive, file_swap
from core.execution.changes import Change, ChangeState, Part
from core.execution.file_paths import can_be_named
from core.execution.file_ports import Folder, Shape
from core.execution.file_tree import (
    ABSENT,
    MOST_ENTRIES,
    MOST_KEPT,
    Check,
    Measure,
    State,
    look,
    measure,
)
from core.execution.roots import Roots, Spot
from core.ids import new_id

log = structlog.get_logger(__name__)

#: The kind of a change that a command made.
COMMAND = "cmd"
#: An archive without a row, this old, belongs to nothing.
ORPHAN_AGE = timedelta(days=1)
#: Rows of changes that cannot be taken back any more stay so long, for /undo to say so.
ROWS_KEPT = timedelta(days=30)


class Trash:
    """The trash of one place. `key` is 32 bytes that only this place has (`Master.subkey`)."""

    def __init__(self, folder: Path, key: bytes, db: Database, clock: Clock, roots: Roots) -> None:
        self.folder = folder
        self.db = db
        self.clock = clock
        self.roots = roots
        self._key = key

    # -- for commands ----------------------------------------------------------------------------

    def measure(self, spots: Sequence[Spot], check: Check = lambda: None) -> Measure:
        """How much `keep` would have to keep. Refused as `file_tree.measure`."""
        whole = Measure()
        for spot in self._split(spots):
            with spot.parent() as parent:
                whole += measure(parent, spot.parts[-1], check)
            if not can_be_named(spot.parts[-1]):
                whole = replace(whole, has_special=True)
        return whole

    def keep(
        self,
        spots: Sequence[Spot],
        *,
        run_id: str,
        position: str,
        check: Check = lambda: None,
    ) -> str:
        """Keep what is in these folders now; the change's id. Refused(`snapshot-too-large`)."""
        if not self.measure(spots, check).can_be_kept:
            raise Refused("snapshot-too-large", most=MOST_KEPT)
        change_id = new_id()
        try:
            parts = [
                self._kept(change_id, number, spot, check)
                for number, spot in enumerate(self._split(spots))
            ]
        except BaseException:
            self._drop(change_id)
            raise
        roots = [Part(spot.root.name, (), None, None) for spot in spots if not spot.parts]
        # The row comes last, when its archives are on the disk: the command begins after it, and
        # archives without a row belong to nothing.
        self.begin(change_id, [*parts, *roots], run_id=run_id, position=position, kind=COMMAND)
        return change_id

    def settle(self, change_id: str, check: Check = lambda: None) -> bool:
        """Note what the command left: what it did not change needs no undo, and what it made anew
        in a root is added. False when it changed nothing: then there is nothing to undo."""
        with self.db.read() as tx:
            change = changes.find(tx, change_id)
        whole = [part for part in change.parts if not part.path]
        known = [part for part in change.parts if part.path]
        seen = {(part.root, part.path) for part in known}
        for part in whole:
            names = self._names(self.roots.spot(part.root, ()))
            new = [(name,) for name in names if (part.root, (name,)) not in seen]
            if odd := [path for path in new if not can_be_named(path[0])]:
                log.warning("names-not-undoable", change=change_id, count=len(odd))
            new = [path for path in new if path not in odd]
            known += [Part(part.root, path, None, None) for path in new]
        now = [replace(part, after=self.present(part, check).digest) for part in known]
        changed = [part for part in now if part.after != part.before]
        with self.db.write() as tx:
            changes.rewrite(tx, change, changed)
            changes.move(tx, change_id, ChangeState.KEPT if changed else ChangeState.VOID)
        if not changed:
            self._drop(change_id)
        return bool(changed)

    # -- for changes of files --------------------------------------------------------------------

    def begin(
        self,
        change_id: str,
        parts: Sequence[Part],
        *,
        run_id: str,
        position: str,
        kind: str,
        is_kept: bool = True,
        restores: str | None = None,
    ) -> None:
        """Write the row, before anything else happens."""
        now = self.clock.now()
        change = changes.begun(change_id, run_id, position, kind, parts, now)
        with self.db.write() as tx:
            changes.add(tx, replace(change, is_kept=is_kept, restores=restores))

    def archive(
        self, change_id: str, number: int, folder: Folder, name: str, check: Check = lambda: None
    ) -> State:
        """Keep what is at `name` in an open folder; what it was. Nothing is kept of nothing."""
        where = self._archive(change_id, str(number))
        where.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(where, flags, 0o600), "wb") as file:
            writer = file_archive.Writer(file, self._key, f"{change_id}/{number}")
            state = look(folder, name, writer, check)
            writer.close()
            file.flush()
            os.fsync(file.fileno())
        return state

    def rebuild(
        self, change_id: str, part: Part, folder: Folder, name: str, check: Check = lambda: None
    ) -> None:
        """Make the former state of a spot as `name` in an open folder. Refused(`change-gone`),
        Broken(`trash-damaged`)."""
        if part.archive is None:
            raise Refused("change-gone")
        where = self._archive(change_id, part.archive)
        if not where.exists():
            raise Refused("change-gone")
        bound = f"{change_id}/{part.archive}"
        file_archive.build(where, self._key, bound, folder, name, check)

    def content(self, change_id: str, part: Part) -> bytes:
        """The former content of one file. Refused(`change-gone`), Broken(`trash-damaged`)."""
        where = self._archive(change_id, part.archive or "0")
        if part.archive is None or not where.exists():
            raise Refused("change-gone")
        records = file_archive.records(where, self._key, f"{change_id}/{part.archive}")
        return b"".join(payload for kind, payload in records if kind == file_archive.DATA)

    def end(self, change_id: str, state: ChangeState) -> None:
        """The change was made, or nothing has happened."""
        with self.db.write() as tx:
            changes.end(tx, change_id, state)
        if state in {ChangeState.VOID, ChangeState.GONE}:
            self._drop(change_id)

    def repair(self, change_id: str, *, after_crash: bool) -> ChangeState:
        """Finish or take back a change that was interrupted. What is there then may be neither of
        the two states, through somebody else: after an error nothing of ours has happened, after a
        crash that cannot be known, and what was kept stays."""
        with self.db.read() as tx:
            change = changes.find(tx, change_id)
        for number, part in enumerate(change.parts):
            try:
                with self.roots.spot(part.root, part.path).parent() as folder:
                    file_swap.repair(folder, part.path[-1], change.id, number, part)
            except Refused as error:
                if error.code not in {"file-missing", "not-a-folder"}:
                    raise
        state = ChangeState.KEPT if change.is_kept else ChangeState.GONE
        now = [(part, self.present(part).digest) for part in change.parts]
        is_ours = any(digest == part.after != part.before for part, digest in now)
        is_as_before = all(digest == part.before for part, digest in now)
        if is_as_before or not (is_ours or after_crash):
            state = ChangeState.VOID
        self.end(change.id, state)
        return state

    def present(self, part: Part, check: Check = lambda: None) -> State:
        """What is at a change's spot now."""
        try:
            with self.roots.spot(part.root, part.path).parent() as folder:
                return look(folder, part.path[-1], check=check)
        except Refused as error:
            if error.code in {"file-missing", "not-a-folder"}:
                return ABSENT
            raise

    # -- after a crash, and by a schedule --------------------------------------------------------

    def recover(self) -> int:
        """Finish or take back what a crash interrupted; how many changes. Call it once at start,
        while no step runs."""
        with self.db.read() as tx:
            begun = changes.in_state(tx, ChangeState.BEGUN)
        for change in begun:
            try:
                state = self._recovered(change)
            except MaskError as error:
                # A root that is not there today: the row stays, and the next start tries again.
                log.warning("change-not-settled", change=change.id, why=error.code)
                continue
            log.info("change-settled", change=change.id, state=state.value)
        return len(begun)

    def purge(self) -> dict[str, int]:
        """What was kept for seven days goes, and what belongs to nothing; how much."""
        now = self.clock.now()
        with self.db.write() as tx:
            expired = changes.expire(tx, now)
            forgotten = changes.forget(tx, now - ROWS_KEPT)
            wanted = changes.with_archives(tx)
        removed = 0
        for path in sorted(self.folder.iterdir()) if self.folder.exists() else ():
            is_young = path.stat().st_mtime > (now - ORPHAN_AGE).timestamp()
            if path.name not in wanted and not is_young:
                self._drop(path.name)
                removed += 1
        return {"expired": expired, "archives": removed, "rows": forgotten}

    # -- inside ----------------------------------------------------------------------------------

    def _recovered(self, change: Change) -> ChangeState:
        if change.kind != COMMAND:
            return self.repair(change.id, after_crash=True)
        if change.parts:
            return ChangeState.KEPT if self.settle(change.id) else ChangeState.VOID
        # Nothing was kept: so nothing has begun.
        self.end(change.id, ChangeState.VOID)
        return ChangeState.VOID

    def _split(self, spots: Sequence[Spot]) -> list[Spot]:
        """A root cannot be exchanged itself: it is kept name by name."""
        found: list[Spot] = []
        for spot in spots:
            if spot.parts:
                found.append(spot)
            else:
                found += [spot.at((name,)) for name in self._names(spot)]
        return found

    def _names(self, spot: Spot) -> list[str]:
        with spot.folder() as folder:
            return folder.names(MOST_ENTRIES)

    def _kept(self, change_id: str, number: int, spot: Spot, check: Check) -> Part:
        with spot.parent() as folder:
            state = self.archive(change_id, number, folder, spot.name, check)
        shape = state.shape.value if state.shape is not None else None
        archive = str(number) if state.shape not in {None, Shape.SPECIAL} else None
        is_now = state.digest
        return Part(spot.root.name, spot.parts, is_now, is_now, shape, archive, state.size)

    def _archive(self, change_id: str, number: str) -> Path:
        return self.folder / change_id / number

    def _drop(self, change_id: str) -> None:
        where = self.folder / change_id
        if where.exists():
            shutil.rmtree(where)
