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
from core.runs import statements
from core.runs.model import (
    FINAL_RUN,
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


@dataclass(frozen=True)
class Lease:
    """The right to change a run, or one of its parallel steps, until it expires."""

    run_id: str
    token: str
    position: str | None = None


def run_of(row: Any) -> RunRow:
    """A `RunRow` from a result row of RUN_COLUMNS."""
    values = row._asdict()
    values["state"] = RunState(values["state"])
    values["label"] = Label(values["label"])
    values["waiting"] = Waiting(values["waiting"]) if values["waiting"] else None
    return RunRow(**values)


def step_of(row: Any) -> StepRow:
    """A `StepRow` from a result row of STEP_COLUMNS."""
    values = row._asdict()
    values["state"] = StepState(values["state"])
    values["kind"] = Kind(values["kind"])
    values["gate"] = Gate(values["gate"]) if values["gate"] else None
    return StepRow(**values)


def load_run(tx: Transaction, run_id: str) -> RunRow | None:
    """The run, or None."""
    row = tx.execute(statements.run_by_id(), {"id": run_id}).first()
    return run_of(row) if row else None


def load_steps(tx: Transaction, run_id: str) -> dict[str, StepRow]:
    """The journal of a run, by position."""
    rows = tx.execute(statements.steps_of_run(), {"run_id": run_id})
    return {row.position: step_of(row) for row in rows}


def is_next_in_lane(tx: Transaction, run: RunRow) -> bool:
    """Does nothing earlier hold this run's lane?"""
    if run.lane is None:
        return True
    values = {"lane": run.lane, "seq": run.seq}
    return tx.execute(statements.earlier_in_lane(), values).first() is None


def next_in_lane(tx: Transaction, lane: str) -> str | None:
    """The run that may begin now, if the lane is free."""
    first = tx.execute(statements.first_in_lane(), {"lane": lane}).first()
    return first.id if first and first.state == RunState.READY else None


def take_lease(tx: Transaction, run: RunRow, lease: Lease, now: datetime, lease_s: float) -> bool:
    """READY, or RUNNING with an expired lease, becomes RUNNING under `lease`."""
    values = {
        "at_id": run.id,
        "now": now,
        "lease": lease.token,
        "lease_until": now + timedelta(seconds=lease_s),
        "updated_at": now,
    }
    return tx.execute(statements.take_run(), values).rowcount == 1


def still_mine(tx: Transaction, lease: Lease) -> RunRow | None:
    """The run while `lease` holds it, else None."""
    values = {"id": lease.run_id, "lease": lease.token}
    row = tx.execute(statements.run_by_lease(), values).first()
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
    values |= {"state": state, "updated_at": now}
    tx.execute(statements.change_run(tuple(sorted(values))), {"at_id": run.id, **values})


def label_run(tx: Transaction, run_id: str, label: Label) -> None:
    """What a run has read is of `label`; whoever calls this has made sure that it rises."""
    tx.execute(sa.update(runs).where(runs.c.id == run_id).values(label=label))


def wait_otherwise(
    tx: Transaction, run: RunRow, waiting: Waiting, what: str, now: datetime
) -> None:
    """A WAITING run waits for something else now."""
    tx.execute(
        sa.update(runs)
        .where(runs.c.id == run.id, runs.c.state == RunState.WAITING)
        .values(waiting=waiting, waiting_for=what, updated_at=now)
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


def claim_step(tx: Transaction, step: StepRow, lease: Lease, now: datetime, lease_s: float) -> bool:
    """A due PENDING step of a list is `lease`'s to prepare; it stays PENDING until it may begin."""
    claimed = tx.execute(
        sa.update(steps)
        .where(
            steps.c.run_id == step.run_id,
            steps.c.position == step.position,
            steps.c.state == StepState.PENDING,
            sa.or_(steps.c.not_before.is_(None), steps.c.not_before <= now),
            sa.or_(steps.c.lease_until.is_(None), steps.c.lease_until < now),
        )
        .values(lease=lease.token, lease_until=now + timedelta(seconds=lease_s))
    )
    return claimed.rowcount == 1


def holds_step(tx: Transaction, lease: Lease) -> bool:
    """Does `lease` still hold its step?"""
    query = sa.select(steps.c.position).where(
        steps.c.run_id == lease.run_id, steps.c.lease == lease.token
    )
    return tx.execute(query).first() is not None


def open_steps(tx: Transaction, run_id: str) -> list[StepRow]:
    """The steps of a run that have not ended, in order of position."""
    rows = tx.execute(statements.open_steps_of_run(), {"run_id": run_id})
    return sorted((step_of(row) for row in rows), key=by_position)


def by_position(step: StepRow) -> list[int]:
    """Sorts "3.10" behind "3.9"."""
    return [int(part) for part in step.position.split(".")]


def planned_row(run_id: str, planned: Planned, state: StepState) -> StepRow:
    """The journal row of a planned step, not written yet."""
    return StepRow(
        run_id=run_id,
        position=planned.position,
        name=planned.spec.name,
        version=planned.spec.version,
        kind=planned.spec.kind,
        place=planned.place,
        key=planned.key,
        state=state,
        inputs=planned.inputs,
        digest=planned.digest,
        attempts=0 if state is StepState.PENDING else 1,
    )


def write_step(
    tx: Transaction, run_id: str, planned: Planned, state: StepState, now: datetime
) -> StepRow:
    """Journal a new step."""
    return write_row(tx, planned_row(run_id, planned, state), now)


def write_row(tx: Transaction, row: StepRow, now: datetime) -> StepRow:
    """Journal a step as it is."""
    values = {**vars(row), "created_at": now, "updated_at": now}
    tx.execute(statements.insert_step(tuple(values)), values)
    return row


def move_step(
    tx: Transaction, step: StepRow, state: StepState, now: datetime, **values: Any
) -> None:
    """Move a step; a second end of the same step changes nothing."""
    check_step_move(step.state, state)
    if state is not StepState.RUNNING:
        values |= {"lease": None, "lease_until": None}
    values |= {"state": state, "updated_at": now}
    at = {"at_run": step.run_id, "at_position": step.position, "at_state": step.state}
    tx.execute(statements.change_step(tuple(sorted(values))), {**at, **values})


def note_step(tx: Transaction, step: StepRow, **values: Any) -> None:
    """Record what is known of a step without moving it."""
    tx.execute(
        sa.update(steps)
        .where(
            steps.c.run_id == step.run_id,
            steps.c.position == step.position,
            steps.c.state == step.state,
        )
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
