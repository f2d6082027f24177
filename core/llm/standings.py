"""Who must be left alone, until when, and who finds out whether an endpoint is back.

Shared by all processes of a place through the table `endpoint_standings`; without a database, in
this process's memory. Each process reads the table once a second and writes what it learns at once,
so another process may make one more call to an endpoint that has just failed.

After a cool-down one call is let through (half-open): whoever claims it, in one atomic update. It
ends the spell or lengthens it. Machines of the owner's are open to all as soon as their short wait
is over. Calls that began before the newest change neither end nor lengthen a spell.

A key of the settings that was refused holds for every endpoint at the same address and ends with
the process; a key of the database is dead in its own row. Decides nothing about order.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction, insert_or_ignore
from core.llm.cooldown import PROBE_S, wait_after
from core.llm.model import Endpoint, Failure, Readiness, Standing
from core.llm.ports import ModelFailed
from core.llm.tables import standings
from core.prepared import Prepared, value

#: Seconds for which what was read from the table is believed.
FRESH_S = 1.0
#: Characters of a reason that the table holds.
MOST_DETAIL = 300
#: Stands before the reason while somebody is finding out.
PROBING = "probing; "

_COLUMNS = standings.c
_ALL = Prepared(sa.select(standings))
_CLAIM = Prepared(
    sa.update(standings)
    .where(
        _COLUMNS.endpoint == value(_COLUMNS.endpoint, "name"),
        _COLUMNS.until == value(_COLUMNS.until, "known"),
    )
    .values(
        until=value(_COLUMNS.until),
        changed_at=value(_COLUMNS.changed_at),
        detail=value(_COLUMNS.detail),
    )
)


@dataclass(frozen=True)
class Held:
    """What is held against an endpoint."""

    until: datetime
    in_a_row: int
    detail: str
    changed_at: datetime


class Standings:
    """What failures have taught this place. Thread-safe."""

    def __init__(self, clock: Clock, db: Database | None = None) -> None:
        self._clock = clock
        self._db = db
        self._lock = threading.Lock()
        self._known: dict[str, Held] = {}
        self._dead: dict[tuple[str, str | None], str] = {}
        self._read_at: float | None = None

    def standing(self, endpoint: Endpoint) -> Standing:
        """Whether it may be asked now. READY with failures in a row: one call finds out."""
        dead = self._dead.get((endpoint.provider, endpoint.base_url))
        if dead is not None:
            return Standing(Readiness.DEAD, detail=dead)
        held = self._fresh().get(endpoint.name)
        if held is None:
            return Standing()
        left_s, detail = self._left_s(held), held.detail.removeprefix(PROBING)
        if left_s > 0:
            is_probed = detail != held.detail
            return Standing(Readiness.COOLING, left_s, detail, held.in_a_row, is_probed)
        return Standing(detail=detail, in_a_row=held.in_a_row)

    def claim(self, endpoint: Endpoint) -> bool:
        """Whether this call may be made: nothing is held against the endpoint, or its wait is over
        and nobody else is finding out."""
        held = self._fresh().get(endpoint.name)
        if held is None:
            return True
        if self._left_s(held) > 0:
            return False
        if endpoint.is_mine:
            return True
        now = self._clock.now()
        until = now + timedelta(seconds=PROBE_S)
        detail = PROBING + held.detail.removeprefix(PROBING)
        claimed = replace(held, until=until, changed_at=now, detail=detail[:MOST_DETAIL])
        if self._db is not None and not self._claimed(self._db, endpoint.name, held, claimed):
            return False
        with self._lock:
            if self._known.get(endpoint.name) != held:
                return False
            self._known[endpoint.name] = claimed
        return True

    def answered(self, endpoint: Endpoint, began_at: datetime) -> None:
        """It works: what was held against it before the call is forgotten."""
        held = self._fresh().get(endpoint.name)
        if held is None or began_at < held.changed_at:
            return
        with self._lock:
            self._known.pop(endpoint.name, None)
        if self._db is not None:
            with self._db.write() as tx:
                tx.execute(
                    sa.delete(standings).where(
                        _COLUMNS.endpoint == endpoint.name, _COLUMNS.changed_at <= began_at
                    )
                )

    def failed(self, endpoint: Endpoint, failure: ModelFailed, began_at: datetime) -> None:
        """It did not answer a call that began then, for this reason."""
        detail = f"{failure.failure}: {failure.detail}"[:MOST_DETAIL]
        if failure.failure is Failure.UNAUTHORISED:
            if not endpoint.credential:
                self._dead[endpoint.provider, endpoint.base_url] = detail
            return
        if self._db is None:
            with self._lock:
                held = self._after(endpoint, failure, detail, began_at, self._known)
                if held is not None:
                    self._known[endpoint.name] = held
            return
        with self._db.write() as tx:
            held = self._after(endpoint, failure, detail, began_at, _rows(tx))
            if held is not None:
                _put(tx, endpoint.name, held)
        if held is not None:
            with self._lock:
                self._known[endpoint.name] = held

    def _after(
        self,
        endpoint: Endpoint,
        failure: ModelFailed,
        detail: str,
        began_at: datetime,
        known: Mapping[str, Held],
    ) -> Held | None:
        """What is held after this failure; None when it holds nothing against anybody."""
        now, before = self._clock.now(), known.get(endpoint.name)
        is_new = before is None or began_at >= before.changed_at
        in_a_row = (before.in_a_row if before else 0) + (1 if is_new else 0)
        wait_s = wait_after(endpoint, failure, max(in_a_row, 1))
        if wait_s is None:
            return None
        until = now + timedelta(seconds=wait_s)
        if before is not None and not is_new:
            until = max(until, before.until)
        return Held(until, in_a_row, detail, now)

    def _left_s(self, held: Held) -> float:
        """Seconds of its wait that are left; none when the clock was put back since."""
        now = self._clock.now()
        return 0.0 if now < held.changed_at else (held.until - now).total_seconds()

    def _fresh(self) -> dict[str, Held]:
        """What is held against whom, at most a second old."""
        if self._db is None:
            return self._known
        now = self._clock.monotonic()
        if self._read_at is None or now - self._read_at >= FRESH_S:
            with self._db.read() as tx:
                rows = _rows(tx)
            with self._lock:
                self._known, self._read_at = rows, now
        return self._known

    def _claimed(self, db: Database, name: str, held: Held, claimed: Held) -> bool:
        with db.write() as tx:
            found = tx.execute(
                _CLAIM,
                {
                    "name": name,
                    "known": held.until,
                    "until": claimed.until,
                    "changed_at": claimed.changed_at,
                    "detail": claimed.detail,
                },
            )
        if found.rowcount == 1:
            return True
        self._read_at = None
        return False


def _rows(tx: Transaction) -> dict[str, Held]:
    return {
        row.endpoint: Held(row.until or row.changed_at, row.in_a_row, row.detail, row.changed_at)
        for row in tx.execute(_ALL)
    }


def _put(tx: Transaction, name: str, held: Held) -> None:
    values = {
        "until": held.until,
        "in_a_row": held.in_a_row,
        "detail": held.detail,
        "changed_at": held.changed_at,
    }
    if not insert_or_ignore(tx, standings, {"endpoint": name, **values}):
        tx.execute(sa.update(standings).where(_COLUMNS.endpoint == name).values(**values))
