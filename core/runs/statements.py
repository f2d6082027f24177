"""Statements of the engine's hot path, built once: making one anew costs as much as running it.

Each function returns a statement whose values are bound by name at execution; `execute` of a
`Transaction` takes them as its second argument.
"""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from core.prepared import Prepared, value
from core.runs.model import RunRow, RunState, StepRow, StepState, Waiting
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


@cache
def run_by_id() -> Prepared:
    """`id`"""
    return Prepared(sa.select(*RUN_COLUMNS).where(runs.c.id == value(runs.c.id)))


@cache
def run_by_lease() -> Prepared:
    """`id`, `lease`"""
    return Prepared(
        sa.select(*RUN_COLUMNS).where(
            runs.c.id == value(runs.c.id),
            runs.c.lease == value(runs.c.lease),
            runs.c.state == RunState.RUNNING,
        )
    )


@cache
def steps_of_run() -> Prepared:
    """`run_id`"""
    return Prepared(sa.select(*STEP_COLUMNS).where(steps.c.run_id == value(steps.c.run_id)))


@cache
def earlier_in_lane() -> Prepared:
    """`lane`, `seq`"""
    return Prepared(
        sa.select(runs.c.seq)
        .where(runs.c.lane == value(runs.c.lane), runs.c.seq < value(runs.c.seq), HOLDS_LANE)
        .limit(1)
    )


@cache
def first_in_lane() -> Prepared:
    """`lane`"""
    return Prepared(
        sa.select(runs.c.id, runs.c.state)
        .where(runs.c.lane == value(runs.c.lane), HOLDS_LANE)
        .order_by(runs.c.seq)
        .limit(1)
    )


@cache
def take_run() -> Prepared:
    """`at_id`, `now`; sets `lease`, `lease_until`, `updated_at`"""
    return Prepared(
        sa.update(runs)
        .where(
            runs.c.id == value(runs.c.id, "at_id"),
            sa.or_(
                runs.c.state == RunState.READY,
                sa.and_(
                    runs.c.state == RunState.RUNNING,
                    runs.c.lease_until < value(runs.c.lease_until, "now"),
                ),
            ),
        )
        .values(
            state=RunState.RUNNING,
            waiting=None,
            waiting_for=None,
            wake_at=None,
            attempts=runs.c.attempts + 1,
            lease=value(runs.c.lease),
            lease_until=value(runs.c.lease_until),
            updated_at=value(runs.c.updated_at),
        )
    )


@cache
def change_run(names: tuple[str, ...]) -> Prepared:
    """`at_id`; sets `names`"""
    return Prepared(
        sa.update(runs)
        .where(runs.c.id == value(runs.c.id, "at_id"))
        .values({name: value(runs.c[name]) for name in names})
    )


@cache
def change_step(names: tuple[str, ...]) -> Prepared:
    """`at_run`, `at_position`, `at_state`; sets `names`"""
    return Prepared(
        sa.update(steps)
        .where(
            steps.c.run_id == value(steps.c.run_id, "at_run"),
            steps.c.position == value(steps.c.position, "at_position"),
            steps.c.state == value(steps.c.state, "at_state"),
        )
        .values({name: value(steps.c[name]) for name in names})
    )


@cache
def insert_step(names: tuple[str, ...]) -> Prepared:
    """Sets `names`"""
    return Prepared(sa.insert(steps).values({name: value(steps.c[name]) for name in names}))


@cache
def open_steps_of_run() -> Prepared:
    """`run_id`"""
    final = [state for state in StepState if state.is_final]
    of_run = sa.select(*STEP_COLUMNS).where(steps.c.run_id == value(steps.c.run_id))
    return Prepared(of_run.where(steps.c.state.not_in(final)))


@cache
def released_in_chat() -> Prepared:
    """`chat_id`"""
    released = [waiting for waiting in Waiting if not waiting.holds_lane]
    return Prepared(
        sa.select(*RUN_COLUMNS)
        .where(
            runs.c.chat_id == value(runs.c.chat_id),
            runs.c.state == RunState.WAITING,
            runs.c.waiting.in_(released),
        )
        .order_by(runs.c.seq.desc())
        .limit(1)
    )
