"""Keeping what is being worked on: leases renewed, cancels noticed, deadlines enforced.

One thread per process. A lease that is not renewed expires, and somebody else takes the run: so a
killed worker's work goes on after `LEASE_S`. A cancel is read from the database, not from Redis,
so `/stop` works while the broker is away.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa
import structlog

from core.clock import Clock
from core.db import Database
from core.runs.cancel import CancelToken
from core.runs.journal import Lease, renew_leases
from core.runs.tables import runs

log = structlog.get_logger(__name__)

LEASE_S = 4.0
RENEW_EVERY_S = 1.0
LOOK_EVERY_S = 0.2


@dataclass
class Held:
    """A run being worked on in this process."""

    lease: Lease
    cancel: CancelToken = field(default_factory=CancelToken)
    deadline: float | None = None  # monotonic; the current step must have ended by then
    timed_out: bool = False


class LeaseKeeper:
    """Watches over every run this process holds."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._held: dict[str, Held] = {}
        self._change = threading.Condition()
        self._renewed = 0.0
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    @contextmanager
    def hold(self, lease: Lease) -> Iterator[Held]:
        """Keep `lease` alive for the block."""
        held = Held(lease)
        with self._change:
            self._held[lease.token] = held
            self._start()
            self._change.notify()
        try:
            yield held
        finally:
            with self._change:
                self._held.pop(lease.token, None)

    def stop(self) -> None:
        """End the thread; leases are left to expire."""
        self._stopping.set()
        with self._change:
            self._change.notify()

    def look(self) -> None:
        """One round: cancels, deadlines, and renewals when they are due."""
        with self._change:
            held = list(self._held.values())
        if not held:
            return
        self._read_cancels(held)
        now = self._clock.monotonic()
        for one in held:
            if one.deadline is not None and now > one.deadline and not one.cancel.is_set:
                one.timed_out = True
                one.cancel.set()
        if now - self._renewed >= RENEW_EVERY_S:
            self._renewed = now
            until = self._clock.now() + timedelta(seconds=LEASE_S)
            with self._db.write() as tx:
                renew_leases(tx, [one.lease for one in held], until)

    def _read_cancels(self, held: list[Held]) -> None:
        ids = {one.lease.run_id for one in held}
        query = sa.select(runs.c.id).where(runs.c.id.in_(list(ids)), runs.c.cancel)
        with self._db.read() as tx:
            cancelled = {row.id for row in tx.execute(query)}
        for one in held:
            if one.lease.run_id in cancelled:
                one.cancel.set()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="leases", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._held or self._stopping.is_set())
            if self._stopping.wait(LOOK_EVERY_S):  # what is held for less needs no look
                return
            try:
                self.look()
            except sa.exc.SQLAlchemyError:
                # The database is busy or away: the leases may expire, which is safe (fencing).
                log.warning("leases-not-renewed", exc_info=True)
