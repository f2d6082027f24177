"""When the mirror is written: by beat, and after a burst of writes.

Decides only when, and tells the owner when it cannot be written. What is in it and how it gets on
the disk is `core.memory.mirror`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.db import Database, Transaction
from core.errors import MaskError
from core.memory.mirror import BURST, Mirror
from core.runs.model import (
    Done,
    Farewell,
    Kind,
    RunRow,
    RunState,
    StepRow,
    WorkflowBody,
    workflow,
)
from core.runs.notices import Level, alert
from core.runs.ports import StepContext
from core.runs.steps import step
from core.upkeep.model import RefreshMirror

#: Seconds between two looks for a burst; and how long one is given to end.
EVERY_S = 5.0


@dataclass(frozen=True)
class MirrorRoom:
    """What the step needs."""

    db: Database
    mirror: Mirror


@dataclass(frozen=True)
class Mirrored:
    """What was written: nothing while the mirror was up to date. Bytes on the disk."""

    is_new: bool
    generation: int = 0
    rows: int = 0
    size: int = 0


@step("mirror.write", kind=Kind.IDEMPOTENT, timeout_s=900)
def write(room: MirrorRoom, _ctx: StepContext, _asked: RefreshMirror) -> Mirrored:
    """Write it when memory has changed since the last time."""
    with room.db.read() as tx:
        if not room.mirror.is_behind(tx):
            return Mirrored(is_new=False)
    state = room.mirror.write()
    return Mirrored(True, state.generation, state.rows, state.size)


@workflow("refresh_mirror", version=1, args=RefreshMirror)
def refresh_mirror(asked: RefreshMirror) -> WorkflowBody:
    """Silent while all is well; the first success after a failure takes the alert back."""
    done: Mirrored = yield write(asked)
    told = [alert(Level.RESOLVED, "memory", "mirror-failed", why="")] if done.is_new else []
    return Done({"rows": done.rows}, told)


@refresh_mirror.farewell
def _tell(
    _run: RunRow,
    _args: RefreshMirror,
    state: RunState,
    error: MaskError | None,
    _steps: list[StepRow],
) -> Farewell:
    """Memory has no fresh second copy: the owner should know why."""
    if state is not RunState.FAILED:
        return Farewell()
    why = str(error.params.get("why", error.code)) if error else ""
    return Farewell(notices=[alert(Level.PROBLEM, "memory", "mirror-failed", why=why)])


class Bursts:
    """Notices fifty writes since the last mirror. `start` starts `refresh_mirror`, once for a
    key; `look` is called by a ticker every `EVERY_S`."""

    def __init__(
        self, db: Database, mirror: Mirror, start: Callable[[Transaction, str], object]
    ) -> None:
        self._db = db
        self._mirror = mirror
        self._start = start

    def look(self) -> bool:
        """True when a burst was noticed and a run asked for."""
        with self._db.read() as tx:
            behind = self._mirror.behind_by(tx)
            state = self._mirror.state(tx)
        if behind < BURST:
            return False
        with self._db.write() as tx:
            self._start(tx, f"mirror:burst:{state.generation if state else 0}")
        return True
