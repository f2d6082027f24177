"""The echo: a run each minute through the whole path, as proof of life.

Beat sends `tick("echo")` through Redis, a home worker makes the run and advances it, its step runs
and is journaled. A worker that looks alive but hears nothing (measured: a broken connection that
nobody noticed) makes no echo. What `core/monitor/watchdog.py` makes of a silence is its business.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from core.db import Transaction
from core.errors import MaskError
from core.monitor.steps import PulseWanted, pulse
from core.runs.model import (
    Done,
    Farewell,
    RunRow,
    RunState,
    StepRow,
    WorkflowBody,
    workflow,
)
from core.runs.tables import runs

NAME = "echo"


@dataclass(frozen=True)
class EchoArgs:
    """The slot that beat's tick fell into."""

    slot: str = ""


@workflow(NAME, version=1, args=EchoArgs)
def echo(args: EchoArgs) -> WorkflowBody:
    """One step at home, and done. Nobody is told."""
    beat = yield pulse(PulseWanted(args.slot))
    return Done(result={"at": beat.at})


@echo.farewell
def _quietly(
    _run: RunRow, _args: EchoArgs, _state: RunState, _error: MaskError | None, _steps: list[StepRow]
) -> Farewell:
    """A failed echo is a missed one: the watchdog tells, once."""
    return Farewell()


def last_echo(tx: Transaction) -> datetime | None:
    """When the newest echo came through; None when there never was one."""
    query = sa.select(sa.func.max(runs.c.updated_at, type_=runs.c.updated_at.type)).where(
        runs.c.workflow == NAME, runs.c.state == RunState.DONE
    )
    found: datetime | None = tx.execute(query).scalar_one_or_none()
    return found
