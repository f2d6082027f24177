"""The mirror: a sealed second copy of memory, `memory_backup.json` (setting MASK_MIRROR).

Decides when it is behind, writes it anew as a whole, reads it back. It opens with the master key
alone, so that a lost database comes back on another machine with the recovery code. It holds the
tables of MIRRORED and how far upkeep was; nothing that is derived, and nothing of runs.

Errors: Refused(`mirror-missing`, `mirror-damaged`), Unavailable(`mirror-failed`).
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.database_keys import PAGE_BYTES
from core.db import Database, Transaction
from core.errors import Refused, Unavailable
from core.memory import content_rows, mirror_file, state_names
from core.memory.rest_model import MIRRORED, MirrorState, Written
from core.memory.restore import refill
from core.memory.tables import memory_state, preferences, proposals, thread_moves
from core.writer import WriteLock

#: Writes after which the mirror is not left to beat.
BURST = 50
#: Seconds before another try, when the disk did not take it.
AGAIN_S = 300.0
#: Tables in which each write leaves a higher number.
COUNTED = ("messages", "records", "record_history", "summaries")
#: How far upkeep was; a restored memory goes on there. The index's own state is derived.
CARRIED_STATE = (state_names.CLOCK, state_names.FACTS_UPTO, state_names.SUMMARISED)
VERSION = 1
#: Of a first page in base64: what is another under another key.
SALT_CHARACTERS = 20


class Mirror:
    """`path` is the file; `key` seals it (`Master.mirror_key`). `content_hash` is `Carries`'."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        path: Path,
        key: bytes,
        content_hash: Callable[[Transaction], str],
    ) -> None:
        self.path = path
        self._db = db
        self._clock = clock
        self._key = key
        self._hash = content_hash

    # -- how far it is ---------------------------------------------------------------------------

    def is_behind(self, tx: Transaction) -> bool:
        """Has memory changed since the last write, or is the file not there?"""
        kept = _kept(tx)
        return kept is None or kept["mark"] != self._now(tx) or not self.path.exists()

    def behind_by(self, tx: Transaction) -> int:
        """About how many writes: for noticing bursts, between two beats."""
        kept = _kept(tx)
        before = kept["mark"]["counted"] if kept else [0] * len(COUNTED)
        now = _counted(tx)
        return sum(max(0, new - old) for new, old in zip(now, before, strict=True))

    def state(self, tx: Transaction) -> MirrorState | None:
        """What was written last."""
        kept = _kept(tx)
        return None if kept is None else _state(kept["state"])

    # -- writing ---------------------------------------------------------------------------------

    def write(self) -> MirrorState:
        """Write it anew, whole, from one snapshot. A kill leaves the old one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with WriteLock(self.path.with_name(f".{self.path.name}.lock")):
            self._sweep()
            draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
            try:
                state, mark = self._draft(draft)
                draft.replace(self.path)
                _settle(self.path.parent)
            except OSError as error:
                raise Unavailable(
                    "mirror-failed", retry_after=AGAIN_S, why=error.strerror or "OSError"
                ) from error
            finally:
                draft.unlink(missing_ok=True)
            with self._db.write() as tx:
                _keep(tx, {"state": _fields(state), "mark": mark}, self._clock.now())
        return state

    def _draft(self, draft: Path) -> tuple[MirrorState, dict[str, Any]]:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        with os.fdopen(descriptor, "wb") as file, self._db.read() as tx:
            if tx.connection.dialect.name == "postgresql":  # SQLite's view is one already
                words = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
                tx.connection.exec_driver_sql(words)
            mark, former = self._now(tx), self.state(tx)
            now, clock = self._clock.now(), content_rows.newest_clock(tx)
            generation = former.generation + 1 if former else 1
            writer = mirror_file.Writer(
                file,
                self._key,
                {
                    "v": VERSION,
                    "generation": generation,
                    "written_at": now.isoformat(),
                    "clock": clock,
                    "state": _carried(tx),
                    "first_page": self._page(),
                },
            )
            for name in MIRRORED:
                for row in content_rows.rows(tx, name):
                    writer.row(name, row)
            sha256 = writer.close()
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        return MirrorState(generation, writer.rows, sha256, clock, now, size), mark

    def _now(self, tx: Transaction) -> dict[str, Any]:
        """What tells this memory from that of the last write, in this file under this key."""
        return {**_mark(tx), "salt": self._page()[:SALT_CHARACTERS]}

    def _page(self) -> str:
        """The database's first page as it lies on the disk, encrypted: without it, nothing of a
        damaged file can be read (`core.upkeep.repair`)."""
        path = self._db.patience.path
        if path is None:
            return ""
        with path.open("rb") as file:
            return base64.b64encode(file.read(PAGE_BYTES)).decode()

    def _sweep(self) -> None:
        """What a killed write left; nobody else writes while the lock is held."""
        for left in self.path.parent.glob(f".{self.path.name}.*"):
            if left.suffix != ".lock":
                left.unlink(missing_ok=True)

    # -- reading ---------------------------------------------------------------------------------

    def read(self) -> Iterator[tuple[str, dict[str, object]]]:
        """Its rows, by table, in the order of MIRRORED. Refused(`mirror-damaged`,
        `mirror-missing`); what was readable before the damage has been given by then."""
        return mirror_file.rows(self.path, self._key)

    def written_at(self) -> datetime:
        """When it was written, as it says itself. Refused as `read`."""
        try:
            return datetime.fromisoformat(mirror_file.header(self.path, self._key)["written_at"])
        except (KeyError, TypeError, ValueError):
            raise Refused("mirror-damaged") from None

    def carried(self) -> dict[str, Any]:
        """How far upkeep was. Refused as `read`."""
        return dict(mirror_file.header(self.path, self._key).get("state") or {})

    def first_page(self) -> bytes:
        """The first page of the database as it was then; empty where there was none."""
        kept = mirror_file.header(self.path, self._key).get("first_page")
        return base64.b64decode(kept) if kept else b""

    def restore(self, tx: Transaction) -> Written:
        """Its rows into this database, in place of the memory that is there: the same memory as
        it was, by content hash. Wholly or, where the caller rolls back, not at all."""
        counts = refill(tx, self.read(), self.carried(), self._clock.now())
        return Written(counts, self._hash(tx))


class MirrorWords:
    """The mirror as forgetting knows it: written anew from what the tables hold by then."""

    name = "mirror"

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    def forget(self, needles: tuple[str, ...]) -> int:
        """Written anew, whatever it holds: what tables gave up must not come back from here."""
        if not self._mirror.path.exists():
            return 0
        held = self.holds(needles)
        self._mirror.write()
        return held

    def holds(self, needles: tuple[str, ...]) -> int:
        """1 when the words are in it, or when it cannot be read to its end."""
        if not self._mirror.path.exists():
            return 0
        spelled = (*needles, *(json.dumps(each, ensure_ascii=False)[1:-1] for each in needles))
        try:
            return int(any(_has(name, row, spelled) for name, row in self._mirror.read()))
        except Refused:
            return 1


def _has(name: str, row: dict[str, object], needles: tuple[str, ...]) -> bool:
    texts = [value for value in row.values() if isinstance(value, str)]
    if name == "archives":
        texts.append(_archived(str(row["data"])))
    return any(needle in text for text in texts for needle in needles)


def _archived(data: str) -> str:
    """The lines of a pack (`core.memory.archive_pack`); empty when it is no such thing."""
    try:
        return zlib.decompress(base64.b64decode(data)).decode()
    except (zlib.error, ValueError):
        return ""


_BINARY = getattr(os, "O_BINARY", 0)


def _settle(folder: Path) -> None:
    """The new name is on the disk, too; Windows has no way to say so, and does it by itself."""
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _mark(tx: Transaction) -> dict[str, Any]:
    """What is different after any change of memory; a few lookups in indexes and small tables."""
    small = {
        "preferences": (sa.func.max(preferences.c.changed_at), sa.func.count()),
        "proposals": (
            sa.func.max(proposals.c.created_at),
            sa.func.max(proposals.c.decided_at),
            sa.func.count(),
        ),
        "thread_moves": (
            sa.func.max(thread_moves.c.at),
            sa.func.max(thread_moves.c.undone_at),
            sa.func.count(),
        ),
    }
    found = {
        name: [str(value) for value in tx.execute(sa.select(*chosen)).one()]
        for name, chosen in small.items()
    }
    clock = sa.select(memory_state.c.value).where(memory_state.c.name == state_names.CLOCK)
    return {**found, "clock": tx.execute(clock).scalar(), "counted": _counted(tx)}


def _counted(tx: Transaction) -> list[int]:
    tables = [content_rows.table_of(name) for name in COUNTED]
    newest = [tx.execute(sa.select(sa.func.max(table.c.seq))).scalar() for table in tables]
    return [int(seq or 0) for seq in newest]


def _carried(tx: Transaction) -> dict[str, Any]:
    query = sa.select(memory_state.c.name, memory_state.c.value)
    query = query.where(memory_state.c.name.in_(CARRIED_STATE))
    return {row.name: row.value for row in tx.execute(query)}


def _kept(tx: Transaction) -> dict[str, Any] | None:
    query = sa.select(memory_state.c.value).where(memory_state.c.name == state_names.MIRROR)
    kept: dict[str, Any] | None = tx.execute(query).scalar()
    return kept


def _keep(tx: Transaction, value: dict[str, Any], now: datetime) -> None:
    tx.execute(sa.delete(memory_state).where(memory_state.c.name == state_names.MIRROR))
    row = {"name": state_names.MIRROR, "value": value, "changed_at": now}
    tx.execute(sa.insert(memory_state).values(**row))


def _fields(state: MirrorState) -> dict[str, Any]:
    return {**vars(state), "written_at": state.written_at.isoformat()}


def _state(fields: dict[str, Any]) -> MirrorState:
    at = datetime.fromisoformat(fields["written_at"])
    return MirrorState(**{**fields, "written_at": at})
