"""Is the database whole? Looked at by beat, and before a repair.

Decides what a finding means: an index that is built again on the spot, or a file that must be moved
aside and rebuilt (`core.upkeep.repair`, alone in the house). Changes nothing in the file.

Pages are checked as they are read: each one's HMAC by SQLCipher, their order, rows and indexes by
SQLite (`integrity_check`, which asks the search index, too), then foreign keys. PostgreSQL checks
its own pages, so there only the index is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.connecting import FOREIGN
from core.db import Database, Transaction
from core.memory import state_names
from core.memory.rest_model import Checkup, Damage
from core.memory.tables import memory_state
from core.runs.model import Done, Kind, WorkflowBody, workflow
from core.runs.notices import Level, alert
from core.runs.ports import StepContext
from core.runs.steps import step
from core.upkeep.model import CheckMemory

#: Findings that are kept; the first ones say enough.
MOST_FINDINGS = 20
#: What SQLite says of a search index that does not fit itself.
INDEX = re.compile(r"\bfts5\b|inverted index", re.IGNORECASE)

LooksAt = Callable[[Transaction], Sequence[str]]


class Integrity:
    """`index` looks at the search index (`Rebuilds.check`). `is_ours` says of a file that does not
    open whether it was made with a key of this home (`core.database_keys.is_written_with`)."""

    def __init__(
        self,
        db: Database,
        index: LooksAt = lambda _tx: (),
        is_ours: Callable[[], bool] = lambda: False,
        size: Callable[[], int] = lambda: 0,
    ) -> None:
        self._db = db
        self._index = index
        self._is_ours = is_ours
        self._size = size

    def check(self) -> Checkup:
        """Read everything once."""
        begun = monotonic()
        damage, findings = self._found()
        return Checkup(damage, findings, round(monotonic() - begun, 3), self._size())

    def _found(self) -> tuple[Damage, tuple[str, ...]]:
        try:
            with self._db.read() as tx:
                if tx.connection.dialect.name == "sqlite":
                    damage, findings = _pages(tx)
                    if damage is not Damage.NONE:
                        return damage, findings
            with self._db.write() as tx:  # FTS5 is asked by an INSERT, which stores nothing
                wrong = self._asked(tx)
        except sa.exc.DBAPIError as error:
            return self._unreadable(error)
        return (Damage.INDEX, wrong) if wrong else (Damage.NONE, ())

    def _asked(self, tx: Transaction) -> tuple[str, ...]:
        """The pages are whole by now: whatever cannot be read of the index is its own damage."""
        try:
            return tuple(self._index(tx))[:MOST_FINDINGS]
        except sa.exc.DatabaseError as error:
            if isinstance(error, sa.exc.OperationalError):
                raise
            return (str(error.orig),)

    def _unreadable(self, error: sa.exc.DBAPIError) -> tuple[Damage, tuple[str, ...]]:
        words = str(error.orig)
        if isinstance(error, sa.exc.OperationalError):
            raise error  # it is locked or away, which says nothing about its pages
        is_shut = FOREIGN in words and not self._is_ours()
        return (Damage.KEY if is_shut else Damage.PAGES), (words,)


def _pages(tx: Transaction) -> tuple[Damage, tuple[str, ...]]:
    query = sa.text(f"PRAGMA integrity_check({MOST_FINDINGS})")
    said = [line for (text,) in tx.execute(query) for line in str(text).splitlines()]
    findings = tuple(line for line in said if line != "ok" and not line.startswith("***"))
    if findings:
        is_index = all(INDEX.search(line) for line in findings)
        return (Damage.INDEX if is_index else Damage.PAGES), findings[:MOST_FINDINGS]
    query = sa.text("PRAGMA foreign_key_check")
    orphans: list[Any] = list(tx.execute(query).fetchmany(MOST_FINDINGS))
    lines = tuple(f"{row[0]} {row[1]} without {row[2]}" for row in orphans)
    return (Damage.ORPHANS, lines) if lines else (Damage.NONE, ())


@dataclass(frozen=True)
class IntegrityRoom:
    """What the step needs. `rebuild_index` and `repair` only ask for it: the one starts a run, the
    other has the house stopped, repaired and started (`run/repair` under MASK_HOME)."""

    db: Database
    clock: Clock
    integrity: Integrity
    rebuild_index: Callable[[], object]
    repair: Callable[[], object]


@dataclass(frozen=True)
class CheckedMemory:
    """What was found, and whether the last look had found something, too."""

    damage: Damage
    findings: tuple[str, ...]
    took_s: float
    size: int
    was_damaged: bool = False


@step("memory.check", kind=Kind.READ, timeout_s=1800, retries=1)
def check(room: IntegrityRoom, _ctx: StepContext, _asked: CheckMemory) -> CheckedMemory:
    """Look, keep what was found, and ask for what follows from it."""
    found = room.integrity.check()
    was = ""
    if found.damage is not Damage.PAGES:
        with room.db.write() as tx:
            was = _keep(tx, found, room.clock)
    if found.damage is Damage.INDEX:
        room.rebuild_index()
    if found.damage in {Damage.PAGES, Damage.ORPHANS}:
        room.repair()
    return CheckedMemory(
        found.damage, found.findings, found.took_s, found.size, was not in {"", Damage.NONE}
    )


@workflow("check_memory", version=1, args=CheckMemory)
def check_memory(asked: CheckMemory) -> WorkflowBody:
    """Silent while all is well."""
    found: CheckedMemory = yield check(asked)
    values: dict[str, Any] = {"findings": len(found.findings), "first": (*found.findings, "")[0]}
    told = []
    if found.damage in (Damage.PAGES, Damage.ORPHANS):
        told.append(alert(Level.CRITICAL, "memory", "memory-damaged", **values))
    elif found.damage is Damage.INDEX:
        told.append(alert(Level.NOTICE, "memory", "index-rebuilt", **values))
    elif found.was_damaged:
        told.append(alert(Level.RESOLVED, "memory", "memory-damaged", **values))
    return Done({"damage": found.damage.value, "took_s": found.took_s}, told)


def _keep(tx: Transaction, found: Checkup, clock: Clock) -> str:
    """Note it; what the last look had found."""
    now = clock.now()
    mine = memory_state.c.name == state_names.CHECK
    was: dict[str, Any] | None = tx.execute(sa.select(memory_state.c.value).where(mine)).scalar()
    value = {
        "damage": found.damage.value,
        "findings": list(found.findings),
        "took_s": found.took_s,
        "size": found.size,
        "at": now.isoformat(),
    }
    tx.execute(sa.delete(memory_state).where(mine))
    row = {"name": state_names.CHECK, "value": value, "changed_at": now}
    tx.execute(sa.insert(memory_state).values(**row))
    return str(was["damage"]) if was else ""
