"""What hints missed: found in the database once a second and gone on with in this process.

Hints travel through Redis and may be lost at any moment, so nothing depends on them. The sweeper
does the work itself in a few threads of its own instead of hinting once more: a broker that is
away then costs a second, not the answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
import structlog

from core.clock import Clock
from core.db import Database, Transaction
from core.runs.journal import next_in_lane
from core.runs.model import Gate, RunState, StepState, Waiting
from core.runs.tables import runs, steps

log = structlog.get_logger(__name__)

EVERY_S = 1.0
#: A ready row this old was not reached by its hint.
OVERDUE_S = 1.0
MOST_AT_ONCE = 50


class Sweeper:
    """Finds what is due. `advance` and `run_step` are the engine's; both are safe to repeat."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        advance: Callable[[str], None],
        run_step: Callable[[str, str], None],
        threads: int = 4,
    ) -> None:
        self._db = db
        self._clock = clock
        self._advance = advance
        self._run_step = run_step
        self._threads = threads
        self._stopping = threading.Event()
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    def due(self) -> list[Callable[[], None]]:
        """One sweep: the work that is overdue, also that of workers that died."""
        now = self._clock.now()
        with self._db.read() as tx:
            if not _anything(tx, now):
                return []
        with self._db.write() as tx:
            _wake_by_time(tx, now)
            work = [partial(self._advance, run_id) for run_id in _overdue_runs(tx, now)]
            return [*work, *(partial(self._run_step, *at) for at in _overdue_steps(tx, now))]

    def run(self) -> None:
        """Sweep now and until `stop`; one broken sweep is logged and the next one tries again."""
        with ThreadPoolExecutor(self._threads, "sweeper") as pool:
            while not self._stopping.is_set():
                try:
                    for work in self.due():
                        self._submit(pool, work)
                except sa.exc.SQLAlchemyError:
                    log.warning("sweep-failed", exc_info=True)
                self._stopping.wait(EVERY_S)

    def start(self) -> None:
        """Sweep in a thread of its own."""
        threading.Thread(target=self.run, name="sweeper", daemon=True).start()

    def stop(self) -> None:
        """End `run` after its current sweep."""
        self._stopping.set()

    def _submit(self, pool: ThreadPoolExecutor, work: Callable[[], None]) -> None:
        name = repr(getattr(work, "args", work))
        with self._lock:
            if name in self._busy:
                return
            self._busy.add(name)
        pool.submit(self._do, name, work)

    def _do(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # a thread's border: the row stays due and is tried at the next sweep
            log.exception("overdue-work-failed", work=name)
        finally:
            with self._lock:
                self._busy.discard(name)


def _anything(tx: Transaction, now: datetime) -> bool:
    """A cheap look without the write lock."""
    overdue = now - timedelta(seconds=OVERDUE_S)
    questions = (
        sa.select(runs.c.seq).where(runs.c.state == RunState.READY, runs.c.updated_at <= overdue),
        sa.select(runs.c.seq).where(runs.c.state == RunState.RUNNING, runs.c.lease_until < now),
        sa.select(runs.c.seq).where(runs.c.state == RunState.WAITING, runs.c.wake_at <= now),
        sa.select(steps.c.run_id).where(_is_overdue(now)),
    )
    return any(tx.execute(question.limit(1)).first() for question in questions)


def _wake_by_time(tx: Transaction, now: datetime) -> None:
    tx.execute(
        sa.update(runs)
        .where(
            runs.c.state == RunState.WAITING,
            runs.c.waiting == Waiting.TIME,
            runs.c.wake_at <= now,
        )
        .values(state=RunState.READY, updated_at=now - timedelta(seconds=OVERDUE_S))
    )


def _is_overdue(now: datetime) -> sa.ColumnElement[bool]:
    """A step at home that nobody took, or whose worker died. An asked one has a time to start at
    once its yes was seen; until then it is the owner's turn."""
    pending = sa.and_(
        steps.c.state == StepState.PENDING,
        steps.c.updated_at <= now - timedelta(seconds=OVERDUE_S),
        sa.or_(steps.c.gate.is_(None), steps.c.gate != Gate.ASK, steps.c.not_before.is_not(None)),
        sa.or_(steps.c.not_before.is_(None), steps.c.not_before <= now),
        sa.or_(steps.c.lease_until.is_(None), steps.c.lease_until < now),
    )
    cut_off = sa.and_(steps.c.state == StepState.RUNNING, steps.c.lease_until < now)
    return sa.and_(steps.c.place == "home", sa.or_(pending, cut_off))


def _overdue_runs(tx: Transaction, now: datetime) -> list[str]:
    """Ready runs whose turn it is, and running ones whose lease expired, oldest first."""
    overdue = now - timedelta(seconds=OVERDUE_S)
    query = (
        sa.select(runs.c.id, runs.c.lane, runs.c.state, runs.c.cancel)
        .where(
            sa.or_(
                sa.and_(runs.c.state == RunState.READY, runs.c.updated_at <= overdue),
                sa.and_(runs.c.state == RunState.RUNNING, runs.c.lease_until < now),
            )
        )
        .order_by(runs.c.seq)
        .limit(10 * MOST_AT_ONCE)
    )
    found: list[str] = []
    lanes: dict[str, str | None] = {}
    for row in tx.execute(query).all():
        if row.lane and row.state == RunState.READY and not row.cancel:
            if row.lane not in lanes:
                lanes[row.lane] = next_in_lane(tx, row.lane)
            if lanes[row.lane] != row.id:
                continue
        found.append(row.id)
    return found[:MOST_AT_ONCE]


def _overdue_steps(tx: Transaction, now: datetime) -> list[tuple[str, str]]:
    """Parallel steps of waiting runs."""
    query = (
        sa.select(steps.c.run_id, steps.c.position)
        .join(runs, runs.c.id == steps.c.run_id)
        .where(_is_overdue(now), runs.c.state == RunState.WAITING)
        .limit(MOST_AT_ONCE)
    )
    return [(row.run_id, row.position) for row in tx.execute(query)]
