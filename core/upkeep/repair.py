"""A damaged database: moved aside, rebuilt, and told; also memory put back from its mirror.

Alone in the house: the caller holds the start lock, and no process has the database open. Decides
where the damaged file goes (nothing is deleted), and makes sure that a kill at any moment leaves
either the old file or the whole new one, never half of each:

    memory.db.rebuilt          the new one, while it is being made
    memory.db.wreck            a copy of the old one, where it lacks its first page
    memory.db.swap             it is whole; what is moved where. Finished at the next start
    memory.db.damaged-<time>   the old one, with its WAL

The incarnation rises before the new file takes its place: a restored past does not act.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from datetime import UTC
from pathlib import Path

import structlog

from core.approvals.incarnation import Mark, Record
from core.clock import Clock
from core.database_keys import KeptKeys, is_sound, is_written_with
from core.db import EPOCH, open_sqlite
from core.errors import MaskError, Refused
from core.memory import state_names
from core.memory.mirror import Mirror
from core.memory.rest_model import MIRRORED, Checkup, Damage, Recovered
from core.memory.tables import memory_state, preferences
from core.runs.notices import Level, Notice, alert
from core.schema import swap_mark
from core.sqlite_file import connect_sqlite
from core.upkeep.integrity import Integrity
from core.upkeep.rebuilding import Rebuilt, rebuild
from core.upkeep.salvage import Wreck, is_bad

log = structlog.get_logger(__name__)

#: What belongs to a SQLite file; moved before it, so that no new file ever meets an old WAL.
PARTS = ("-wal", "-shm", "")
#: Damaged files that are kept, the newest ones.
KEPT = 2


class Repair:
    """The SQLite file at `path` under `home`. `mirror` is only read."""

    def __init__(
        self,
        home: Path,
        path: Path,
        keys: KeptKeys,
        clock: Clock,
        mirror: Mirror,
    ) -> None:
        self._home = home
        self._path = path
        self._keys = keys
        self._clock = clock
        self._mirror = mirror
        self._fresh = path.with_name(f"{path.name}.rebuilt")
        self._copy = path.with_name(f"{path.name}.wreck")
        self._mark = swap_mark(path)

    def check(self) -> Checkup:
        """What a repair would be for; a file that is not there is damaged whole."""
        if not self._path.exists():
            return Checkup(Damage.PAGES, ("there is no file",))
        db = open_sqlite(self._path, self._keys)
        try:
            return Integrity(
                db, is_ours=lambda: self._key() is not None, size=lambda: self._path.stat().st_size
            ).check()
        finally:
            db.close()

    def repair(self, reason: Checkup) -> Recovered:
        """What can still be read, completed by the mirror. Refused(`repair-needless`) when nothing
        is damaged, Refused(`repair-key`) when no key of this home belongs to the file: nothing is
        touched then; Refused(`repair-nothing`) when nothing would be left."""
        if reason.damage in {Damage.NONE, Damage.INDEX}:
            raise Refused("repair-needless")
        return self._replace(is_mirror_alone=False)

    def forget_index(self) -> None:
        """The index does not fit its texts: it counts as not built, so the next start builds it."""
        db = open_sqlite(self._path, self._keys)
        try:
            with db.write() as tx:
                tx.execute(memory_state.delete().where(memory_state.c.name == state_names.INDEX))
        finally:
            db.close()

    def restore_mirror(self) -> Recovered:
        """Memory as the mirror has it; everything else of the database that is there stays.
        Refused(`mirror-missing`, `mirror-damaged`): nothing is touched then."""
        return self._replace(is_mirror_alone=True)

    def finish(self) -> bool:
        """End what a kill interrupted after the new file was whole; True when there was any."""
        try:
            aside = self._path.with_name(json.loads(self._mark.read_text("utf-8"))["aside"])
        except FileNotFoundError:
            return False
        self._swap(aside)
        return True

    # -- inside

    def _replace(self, *, is_mirror_alone: bool) -> Recovered:
        self.finish()
        key = self._key()
        if key is None and self._path.exists():
            raise Refused("repair-key")
        self._sweep(self._fresh)
        self._sweep(self._copy)
        new_key = key or self._keys.current()
        mirror = self._readable_mirror(is_needed=is_mirror_alone)
        wreck = self._wreck(new_key, mirror)
        done = rebuild(
            self._fresh, new_key, wreck, mirror, self._clock.now(), is_mirror_alone=is_mirror_alone
        )
        self._sweep(self._copy)
        self._raise_incarnation(new_key)
        aside = self._aside()
        self._note(aside)
        self._swap(aside)
        self._forget_old()
        return self._recovered(done, aside, mirror, is_mirror_alone=is_mirror_alone)

    def _key(self) -> bytes | None:
        """The key that the file was made with; None when it is no key of this home."""
        if not self._path.exists():
            return None
        opened = next((key for key in self._keys.candidates() if opens(self._path, key)), None)
        if opened is not None:
            return opened
        fits = (key for key in self._keys.candidates() if is_written_with(key, self._path))
        return next(fits, None)

    def _wreck(self, key: bytes, mirror: Mirror | None) -> Wreck | None:
        """The file to read from. Without its first page nothing of it can be read: then a copy of
        it gets the first page that the mirror has kept, if the key is still the same."""
        if not self._path.exists():
            return None
        page = mirror.first_page() if mirror else b""
        if opens(self._path, key) or not is_sound(key, 1, page):
            return Wreck(self._path, key)
        for part in PARTS:
            old = self._path.with_name(self._path.name + part)
            if old.exists() and part != "-shm":
                shutil.copyfile(old, self._copy.with_name(self._copy.name + part))
        with self._copy.open("r+b") as file:
            file.write(page)
        return Wreck(self._copy, key)

    def _readable_mirror(self, *, is_needed: bool) -> Mirror | None:
        """None when there is none, or not even its beginning can be read."""
        try:
            self._mirror.written_at()
        except Refused as error:
            if is_needed:
                raise
            log.warning("mirror-unreadable", code=error.code)
            return None
        return self._mirror

    def _raise_incarnation(self, key: bytes) -> None:
        """The record rises; the next start finds the database below it, and ends its past."""
        record = Record(self._home)
        try:
            known = record.read()
        except MaskError:
            known = None
        highest = known.incarnation if known else 1
        db = open_sqlite(self._fresh, key)
        try:
            with db.read() as tx:
                query = preferences.select().where(preferences.c.name == "incarnation")
                row = tx.execute(query).first()
                highest = max(highest, int(row.value) if row else 1)
        finally:
            db.close()
        record.keep(Mark(highest + 1))

    def _aside(self) -> Path:
        stamp = self._clock.now().astimezone(UTC).strftime("%Y%m%dT%H%M%S")
        name = f"{self._path.name}.damaged-{stamp}-{secrets.token_hex(2)}"
        return self._path.with_name(name)

    def _note(self, aside: Path) -> None:
        draft = self._mark.with_name(f"{self._mark.name}.{secrets.token_hex(4)}")
        with draft.open("x", encoding="utf-8") as file:
            json.dump({"aside": aside.name}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._mark)

    def _swap(self, aside: Path) -> None:
        """Each move is done once, however often this is called."""
        if self._fresh.exists():
            for part in PARTS:
                old = self._path.with_name(self._path.name + part)
                if old.exists():
                    old.replace(aside.with_name(aside.name + part))
            self._fresh.replace(self._path)
        self._sweep(self._fresh)
        self._mark.unlink(missing_ok=True)

    def _sweep(self, path: Path) -> None:
        for part in (*PARTS, ".lock"):
            path.with_name(path.name + part).unlink(missing_ok=True)

    def _forget_old(self) -> None:
        for old in asides(self._path)[:-KEPT]:
            self._sweep(old)

    def _recovered(
        self, done: Rebuilt, aside: Path, mirror: Mirror | None, *, is_mirror_alone: bool
    ) -> Recovered:
        has_gaps = is_mirror_alone or not done.gaps.isdisjoint(MIRRORED)
        since = (mirror.written_at() if mirror else EPOCH) if has_gaps else None
        log.warning("database-rebuilt", gaps=sorted(done.gaps), stopped=done.stopped)
        name = aside.name if aside.exists() else ""
        gaps = tuple(sorted(done.gaps))
        return Recovered(name, done.from_mirror, done.saved, since, gaps, done.stopped)


def opens(path: Path, key: bytes) -> bool:
    """Can the file be opened with this key? Its first page is whole then."""
    try:
        connect_sqlite(path, key).close()
    except Exception as error:
        if not is_bad(error):
            raise
        return False
    return True


def asides(path: Path) -> list[Path]:
    """The damaged files that were moved aside, oldest first."""
    found = path.parent.glob(f"{path.name}.damaged-*")
    return sorted(each for each in found if not each.name.endswith(("-wal", "-shm", ".lock")))


class AsideWords:
    """Damaged files as forgetting knows them: nothing can be taken out of them, so they go."""

    name = "damaged-databases"

    def __init__(self, path: Path) -> None:
        self._path = path

    def forget(self, needles: tuple[str, ...]) -> int:  # noqa: ARG002 - they cannot be searched
        """How many went."""
        found = asides(self._path)
        for old in found:
            for part in (*PARTS, ".lock"):
                old.with_name(old.name + part).unlink(missing_ok=True)
        return len(found)

    def holds(self, needles: tuple[str, ...]) -> int:  # noqa: ARG002 - they may hold anything
        return len(asides(self._path))


def told(done: Recovered) -> Notice:
    """What the owner hears: how much came from where, and from when on something may be missing."""
    memory = {name: done.saved.get(name, 0) for name in MIRRORED}
    return alert(
        Level.CRITICAL,
        "memory",
        "memory-repaired",
        saved=sum(memory.values()),
        mirrored=sum(done.from_mirror.values()),
        since=f"{done.lost_since:%Y-%m-%d %H:%M} UTC" if done.lost_since else "",
        whole="yes" if done.lost_since is None else "no",
        gaps=len(done.gaps),
        stopped=done.stopped,
        aside=done.aside or "none",
    )
