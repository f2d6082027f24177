"""The trash is emptied of what was kept long enough: a step at each place, and its workflow.

The timetable ticks `trash` once a day at home; a node calls `Trash.purge` itself, because it has
no timetable.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.execution.trash import Trash
from core.runs.model import Done, Kind, WorkflowBody, workflow
from core.runs.ports import StepContext
from core.runs.steps import step


@dataclass(frozen=True)
class PurgeAsked:
    """No arguments: the ages in `changes` and `trash` are the rule."""


@dataclass(frozen=True)
class TrashRoom:
    """What purging needs."""

    trash: Trash


@step("trash.purge", kind=Kind.IDEMPOTENT, timeout_s=300)
def purge(room: TrashRoom, _ctx: StepContext, _asked: PurgeAsked) -> dict[str, int]:
    """Remove expired archives, and rows that tell of nothing; how many of each."""
    return room.trash.purge()


@workflow("trash", version=1, args=PurgeAsked)
def trash_purging(asked: PurgeAsked) -> WorkflowBody:
    """Once a day."""
    return Done((yield purge(asked)))
