"""Incarnations: a database that was restored from before must not act on what it remembers.

Decides whether this home's database is behind what it was, and if so ends its past: its
incarnation rises (grants, envelopes and home's boot carry it), open questions expire, decisions
lapse, and every ONCE step that is not final becomes `unknown`. Two witnesses are asked: a small
record outside the database (`keys/incarnation` under MASK_HOME), and what nodes have noted of
home's audit.

The record holds the incarnation and the newest audit row, and only ever rises. A database without
the row that the record names, or with a lower incarnation, was restored; so was one that has an
incarnation while there is no record at all (it came from another disk). Missing guarantee: when
record and database are restored together to the same moment, only a node can tell.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from core.approvals.audit import Audit, lock_chain
from core.approvals.audit_chain import Head
from core.approvals.ports import NamedValues
from core.approvals.tables import audit as audit_table
from core.clock import Clock
from core.db import Database, Transaction, canonical
from core.errors import Refused
from core.runs import journal
from core.runs.model import FINAL_STEP, Kind, StepState
from core.runs.notices import Level, Notice, alert
from core.runs.ports import Wake
from core.runs.tables import steps
from core.writer import WriteLock

log = structlog.get_logger(__name__)

#: The named value that holds a database's incarnation.
NAME = "incarnation"
FILE = Path("keys") / "incarnation"


@dataclass(frozen=True)
class Mark:
    """The highest that this home's database has ever been."""

    incarnation: int
    head: Head | None = None

    @property
    def height(self) -> tuple[int, int]:
        """What only rises."""
        return (self.incarnation, self.head.seq if self.head else 0)


class Record:
    """The record outside the database. Processes of one home share it; it only rises."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = WriteLock(self._path.with_name("incarnation.lock"))

    def read(self) -> Mark | None:
        """None when there is none. Refused(`incarnation-damaged`)."""
        try:
            fields = json.loads(self._path.read_text("utf-8"))
            head = None if fields["seq"] is None else Head(int(fields["seq"]), str(fields["hash"]))
            return Mark(int(fields["incarnation"]), head)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise Refused("incarnation-damaged", file=str(FILE)) from None

    def keep(self, mark: Mark) -> None:
        """Raise the record to `mark`; a lower one changes nothing."""
        with self._lock:
            known = self.read()
            if known is None or mark.height > known.height:
                self._write(mark)

    def seen(self, head: Head) -> None:
        """For `Audit(seen=...)`: the chain has a new row. Called after a commit, so a full disk is
        told in the log and costs nothing but sharpness."""
        try:
            known = self.read()
            self.keep(Mark(known.incarnation if known else 1, head))
        except OSError as error:
            log.warning("incarnation-record", error=type(error).__name__)

    def _write(self, mark: Mark) -> None:
        head = mark.head
        fields = {
            "v": 1,
            "incarnation": mark.incarnation,
            "seq": head.seq if head else None,
            "hash": head.hash if head else None,
        }
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(canonical(fields))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


class Incarnation:
    """Home's incarnation. `forget_past` ends open questions (`Approvals.forget_past`)."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        values: NamedValues,
        audit: Audit,
        record: Record,
        wake: Wake,
        forget_past: Callable[[Transaction], int],
        put: Callable[[Transaction, Notice], Any],
    ) -> None:
        self._db = db
        self._clock = clock
        self._values = values
        self._audit = audit
        self._record = record
        self._wake = wake
        self._forget_past = forget_past
        self._put = put

    def current(self, tx: Transaction) -> int:
        """The incarnation of this database, from 1."""
        return int(self._values.get(tx, NAME, 1))

    def settle(self) -> int:
        """At the start of each process of home, before it acts: the incarnation that holds from
        now on, raised when the database was restored."""
        with self._db.write() as tx:
            lock_chain(tx)
            known, mark = self._values.get(tx, NAME), self._record.read()
            if known is not None and mark is None:
                self._raise(tx, int(known) + 1, "no-record")
            elif mark is not None and self._is_behind(tx, mark, known):
                self._raise(tx, max(int(known or 1), mark.incarnation) + 1, "behind-record")
            elif known is None:
                self._values.set(tx, NAME, 1)
            mark = Mark(self.current(tx), self._audit.head(tx))
        self._record.keep(mark)
        return mark.incarnation

    def reported(self, tx: Transaction, place: str, head: Head) -> bool:
        """`place` has noted `head` of home's chain. When the chain does not hold it, the database
        was restored or rewritten: True, once for each such head, and the incarnation has risen.
        Every process of home is then to start anew, or to read `current` again."""
        if self._audit.knows(tx, head) or self._was_reported(tx, place, head):
            return False
        self._audit.record(tx, "head-unknown", place, seq=head.seq, hash=head.hash)
        self._raise(tx, self.current(tx) + 1, "node-knows-more")
        self._put(tx, alert(Level.CRITICAL, f"node-{place}", "audit-behind", place=place))
        return True

    # -- inside

    def _is_behind(self, tx: Transaction, mark: Mark, known: Any) -> bool:
        if known is None or int(known) < mark.incarnation:
            return mark.incarnation > 1 or mark.head is not None
        return mark.head is not None and not self._audit.knows(tx, mark.head)

    def _raise(self, tx: Transaction, to: int, why: str) -> None:
        """The record first: cut off here, the next start raises once more, never less."""
        self._record.keep(Mark(to))
        self._values.set(tx, NAME, to)
        forgotten = self._forget_past(tx)
        unknown = self._close_once_steps(tx)
        log.warning("database-restored", incarnation=to, why=why, steps=unknown)
        self._put(tx, alert(Level.CRITICAL, "database", "restored", incarnation=to, steps=unknown))
        self._audit.record(
            tx, "restored", "home", incarnation=to, why=why, questions=forgotten, steps=unknown
        )

    def _close_once_steps(self, tx: Transaction) -> int:
        """Whatever is not final here may have run in the time that is lost."""
        query = sa.select(steps.c.run_id, steps.c.position, steps.c.name, steps.c.state).where(
            steps.c.kind == Kind.ONCE.value,
            steps.c.state.not_in([state.value for state in FINAL_STEP]),
        )
        found, now = tx.execute(query).all(), self._clock.now()
        for row in found:
            where = (steps.c.run_id == row.run_id, steps.c.position == row.position)
            values = {
                "state": StepState.UNKNOWN.value,
                "error": Refused("restored-past", step=row.name).to_json(),
                "lease": None,
                "lease_until": None,
                "updated_at": now,
            }
            tx.execute(sa.update(steps).where(*where).values(**values))
            journal.make_ready(tx, row.run_id, now)
            tx.after_commit(partial(self._wake.run, row.run_id))
        return len(found)

    @staticmethod
    def _was_reported(tx: Transaction, place: str, head: Head) -> bool:
        query = sa.select(audit_table.c.seq).where(
            audit_table.c.kind == "head-unknown",
            audit_table.c.actor == place,
            audit_table.c.detail == {"seq": head.seq, "hash": head.hash},
        )
        return tx.execute(query).first() is not None
