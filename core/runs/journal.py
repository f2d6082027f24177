"""Rows of runs and steps: reading, and the moves the tables allow.

Every write of an advance is fenced by the run's lease: who lost it changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.db import Transaction, insert_or_ignore
from core.errors import Broken
from core.ids import new_id
from core.runs.model import (
    FINAL_RUN,
    FINAL_STEP,
    Gate,
    Kind,
    Label,
    RunRow,
    RunState,
    StepRow,
    StepState,
    Waiting,
)
from core.runs.moves import check_run_move, check_step_move
from core.runs.replay import Planned
from core.runs.tables import runs, steps

RUN_COLUMNS = [runs.c[name] for name in RunRow.__dataclass_fields__]
STEP_COLUMNS = [steps.c[name] for name in StepRow.__dataclass_fields__]

#: A lane is held by whatever is going or waits only for itself.
HOLDS_LANE = sa.or_(
    runs.c.state.in_([RunState.READY, RunState.RUNNING]),
    sa.and_(
        runs.c.state == RunState.WAITING,
        runs.c.waiting.in_([waiting for waiting in Waiting if waiting.holds_lane]),
    ),
)


@dataclass(frozen=True)
class Lease:
    """The right to change a run, or one of its parallel steps, until it expires."""

    run_id: str
    token: str
    position: str | None = None


def run_of(row: Any) -> RunRow:
    """A `RunRow` from a result row of RUN_COLUMNS."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for this begins so
    values["state"] = RunState(values["state"])
    values["label"] = Label(values["label"])
    values["waiting"] = Waiting(values["waiting"]) if values["waiting"] else None
    return RunRow(**values)


def step_of(row: Any) -> StepRow:
    """A `StepRow` from a result row of STEP_COLUMNS."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for this begins so
    values["state"] = StepState(values["state"])
    values["kind"] = Kind(values["kind"])
    values["gate"] = Gate(values["gate"]) if values["gate"] else None
    return StepRow(**values)


def load_run(tx: Transaction, run_id: str) -> RunRow | None:
    """The run, or None."""
    row = tx.execute(sa.select(*RUN_COLUMNS).where(runs.c.id == run_id)).first()
    return run_of(row) if row else None


def load_steps(tx: Transaction, run_id: str) -> dict[str, StepRow]:
    """The journal of a run, by position."""
    query = sa.select(*STEP_COLUMNS).where(steps.c.run_id == run_id)
    return {row.position: step_of(row) for row in tx.execute(query)}


def is_next_in_lane(tx: Transaction, run: RunRow) -> bool:
    """Does nothing earlier hold this run's lane?"""
    if run.lane is None:
        return True
    query = sa.select(runs.c.seq).where(runs.c.lane == run.lane, runs.c.seq < run.seq, HOLDS_LANE)
    return tx.execute(query.limit(1)).first() is None


def next_in_lane(tx: Transaction, lane: str) -> str | None:
    """The run that may begin now, if the lane is free."""
    query = sa.select(runs.c.id, runs.c.state).where(runs.c.lane == lane, HOLDS_LANE)
    first = tx.execute(query.order_by(runs.c.seq).limit(1)).first()
    return first.id if first and first.state == RunState.READY else None


def take_lease(tx: Transaction, run: RunRow, lease: Lease, now: datetime, lease_s: float) -> bool:
    """READY, or RUNNING with an expired lease, becomes RUNNING under `lease`."""
    taken = tx.execute(
        sa.update(runs)
        .where(
            runs.c.id == run.id,
            sa.or_(
                runs.c.state == RunState.READY,
                sa.and_(runs.c.state == RunState.RUNNING, runs.c.lease_until < now),
            ),
        )
        .values(
            state=RunState.RUNNING,
            waiting=None,
            waiting_for=None,
            wake_at=None,
            attempts=runs.c.attempts + 1,
            lease=lease.token,
            lease_until=now + timedelta(seconds=lease_s),
            updated_at=now,
        )
    )
    return taken.rowcount == 1


def still_mine(tx: Transaction, lease: Lease) -> RunRow | None:
    """The run while `lease` holds it, else None."""
    query = sa.select(*RUN_COLUMNS).where(
        runs.c.id == lease.run_id, runs.c.lease == lease.token, runs.c.state == RunState.RUNNING
    )
    row = tx.execute(query).first()
    return run_of(row) if row else None


def renew_leases(tx: Transaction, leases: list[Lease], until: datetime) -> None:
    """Keep the leases, of runs and of parallel steps, that are still ours."""
    tokens = [lease.token for lease in leases]
    for table in (runs, steps):
        tx.execute(sa.update(table).where(table.c.lease.in_(tokens)).values(lease_until=until))


def move_run(tx: Transaction, run: RunRow, state: RunState, now: datetime, **values: Any) -> None:
    """Move a run; leaving RUNNING gives the lease back."""
    check_run_move(run.state, state)
    if state is not RunState.RUNNING:
        values |= {"lease": None, "lease_until": None}
    if state in FINAL_RUN:
        values |= {"waiting": None, "waiting_for": None, "wake_at": None}
    tx.execute(
        sa.update(runs).where(runs.c.id == run.id).values(state=state, updated_at=now, **values)
    )


def take_step(tx: Transaction, step: StepRow, lease: Lease, now: datetime, lease_s: float) -> bool:
    """A due PENDING step of a parallel list becomes RUNNING under its own lease."""
    taken = tx.execute(
        sa.update(steps)
        .where(
            steps.c.run_id == step.run_id,
            steps.c.position == step.position,
            steps.c.state == StepState.PENDING,
            sa.or_(steps.c.not_before.is_(None), steps.c.not_before <= now),
        )
        .values(
            state=StepState.RUNNING,
            attempts=steps.c.attempts + 1,
            lease=lease.token,
            lease_until=now + timedelta(seconds=lease_s),
            updated_at=now,
        )
    )
    return taken.rowcount == 1


def holds_step(tx: Transaction, lease: Lease) -> bool:
    """Does `lease` still hold its step?"""
    query = sa.select(steps.c.position).where(
        steps.c.run_id == lease.run_id, steps.c.lease == lease.token
    )
    return tx.execute(query).first() is not None


def open_steps(tx: Transaction, run_id: str) -> list[StepRow]:
    """The steps of a run that have not ended, in order of position."""
    query = sa.select(*STEP_COLUMNS).where(
        steps.c.run_id == run_id, steps.c.state.not_in(list(FINAL_STEP))
    )
    return sorted((step_of(row) for row in tx.execute(query)), key=by_position)


def by_position(step: StepRow) -> list[int]:
    """Sorts "3.10" behind "3.9"."""
    return [int(part) for part in step.position.split(".")]


def write_step(
    tx: Transaction, run_id: str, planned: Planned, state: StepState, now: datetime, **values: Any
) -> StepRow:
    """Journal a new step."""
    row: dict[str, Any] = {
        "run_id": run_id,
        "position": planned.position,
        "name": planned.spec.name,
        "version": planned.spec.version,
        "kind": planned.spec.kind,
        "place": planned.place,
        "key": planned.key,
        "state": state,
        "inputs": planned.inputs,
        "digest": planned.digest,
        "attempts": 1 if state is StepState.RUNNING else 0,
        **values,
    }
    tx.execute(sa.insert(steps).values(**row, created_at=now, updated_at=now))
    return StepRow(**{name: row[name] for name in StepRow.__dataclass_fields__ if name in row})


def move_step(
    tx: Transaction, step: StepRow, state: StepState, now: datetime, **values: Any
) -> None:
    """Move a step; a second end of the same step changes nothing."""
    check_step_move(step.state, state)
    if state is not StepState.RUNNING:
        values |= {"lease": None, "lease_until": None}
    tx.execute(
        sa.update(steps)
        .where(
            steps.c.run_id == step.run_id,
            steps.c.position == step.position,
            steps.c.state == step.state,
        )
        .values(state=state, updated_at=now, **values)
    )


def note_step(tx: Transaction, step: StepRow, **values: Any) -> None:
    """Record what is known of a step without moving it."""
    tx.execute(
        sa.update(steps)
        .where(steps.c.run_id == step.run_id, steps.c.position == step.position)
        .values(**values)
    )


def insert_run(tx: Transaction, values: dict[str, Any], now: datetime) -> str | None:
    """A new READY run; None when its key and round are taken."""
    row = {
        "id": new_id(),
        "round": 0,
        "state": RunState.READY,
        "cancel": False,
        "attempts": 0,
        "created_at": now,
        "updated_at": now,
        **values,
    }
    return str(row["id"]) if insert_or_ignore(tx, runs, row) else None


def begin_round(tx: Transaction, run: RunRow, args: Any, now: datetime) -> str:
    """The next round of a run that ended with `Again`, under the same key."""
    query = sa.select(runs.c.round).where(runs.c.id == run.id)
    values = {
        "workflow": run.workflow,
        "version": run.version,
        "args": args,
        "title": run.title,
        "key": run.key,
        "round": tx.execute(query).scalar_one() + 1,
        "lane": run.lane,
        "label": run.label,
        "chat_id": run.chat_id,
        "reply_to": run.reply_to,
        "thread_id": run.thread_id,
    }
    following = insert_run(tx, values, now)
    if following is None:
        raise Broken("round-exists", run=run.id)
    return following


def make_ready(tx: Transaction, run_id: str, now: datetime) -> None:
    """A WAITING run becomes READY; any other is left alone."""
    tx.execute(
        sa.update(runs)
        .where(runs.c.id == run_id, runs.c.state == RunState.WAITING)
        .values(state=RunState.READY, updated_at=now)
    )
