"""Statements of the engine's hot path, built once: making one anew costs as much as running it.

Each function returns a statement whose values are bound by name at execution; `execute` of a
`Transaction` takes them as its second argument.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa

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


def bound(column: sa.Column[Any], name: str | None = None) -> sa.BindParameter[Any]:
    """A named value of a column's type."""
    return sa.bindparam(name or column.name, type_=column.type)


@lru_cache
def run_by_id() -> Any:
    """`id`"""
    return sa.select(*RUN_COLUMNS).where(runs.c.id == bound(runs.c.id))


@lru_cache
def run_by_lease() -> Any:
    """`id`, `lease`"""
    return sa.select(*RUN_COLUMNS).where(
        runs.c.id == bound(runs.c.id),
        runs.c.lease == bound(runs.c.lease),
        runs.c.state == RunState.RUNNING,
    )


@lru_cache
def steps_of_run() -> Any:
    """`run_id`"""
    return sa.select(*STEP_COLUMNS).where(steps.c.run_id == bound(steps.c.run_id))


@lru_cache
def earlier_in_lane() -> Any:
    """`lane`, `seq`"""
    return (
        sa.select(runs.c.seq)
        .where(runs.c.lane == bound(runs.c.lane), runs.c.seq < bound(runs.c.seq), HOLDS_LANE)
        .limit(1)
    )


@lru_cache
def first_in_lane() -> Any:
    """`lane`"""
    return (
        sa.select(runs.c.id, runs.c.state)
        .where(runs.c.lane == bound(runs.c.lane), HOLDS_LANE)
        .order_by(runs.c.seq)
        .limit(1)
    )


@lru_cache
def take_run() -> Any:
    """`at_id`, `now`; sets `lease`, `lease_until`, `updated_at`"""
    return (
        sa.update(runs)
        .where(
            runs.c.id == bound(runs.c.id, "at_id"),
            sa.or_(
                runs.c.state == RunState.READY,
                sa.and_(
                    runs.c.state == RunState.RUNNING,
                    runs.c.lease_until < bound(runs.c.lease_until, "now"),
                ),
            ),
        )
        .values(
            state=RunState.RUNNING,
            waiting=None,
            waiting_for=None,
            wake_at=None,
            attempts=runs.c.attempts + 1,
            lease=bound(runs.c.lease),
            lease_until=bound(runs.c.lease_until),
            updated_at=bound(runs.c.updated_at),
        )
    )


@lru_cache
def change_run(names: tuple[str, ...]) -> Any:
    """`at_id`; sets `names`"""
    return (
        sa.update(runs)
        .where(runs.c.id == bound(runs.c.id, "at_id"))
        .values({name: bound(runs.c[name]) for name in names})
    )


@lru_cache
def change_step(names: tuple[str, ...]) -> Any:
    """`at_run`, `at_position`, `at_state`; sets `names`"""
    return (
        sa.update(steps)
        .where(
            steps.c.run_id == bound(steps.c.run_id, "at_run"),
            steps.c.position == bound(steps.c.position, "at_position"),
            steps.c.state == bound(steps.c.state, "at_state"),
        )
        .values({name: bound(steps.c[name]) for name in names})
    )


@lru_cache
def insert_step(names: tuple[str, ...]) -> Any:
    """Sets `names`"""
    return sa.insert(steps).values({name: bound(steps.c[name]) for name in names})


@lru_cache
def open_steps_of_run() -> Any:
    """`run_id`"""
    final = [state for state in StepState if state.is_final]
    return steps_of_run().where(steps.c.state.not_in(final))
