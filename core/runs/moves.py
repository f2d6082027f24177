"""Which states may follow which; every other move is a defect and raises."""

from __future__ import annotations

from core.errors import Broken
from core.runs.model import FINAL_RUN, FINAL_STEP, RunState, StepState

RUN_MOVES: dict[RunState, frozenset[RunState]] = {
    RunState.READY: frozenset(
        {RunState.RUNNING, RunState.CANCELLED, RunState.STALE, RunState.FAILED}
    ),
    RunState.RUNNING: frozenset({RunState.READY, RunState.WAITING, *FINAL_RUN}),
    RunState.WAITING: frozenset({RunState.READY, RunState.CANCELLED, RunState.STALE}),
    **dict.fromkeys(FINAL_RUN, frozenset()),
}
STEP_MOVES: dict[StepState, frozenset[StepState]] = {
    StepState.PENDING: frozenset({StepState.SENT, StepState.RUNNING, *FINAL_STEP}),
    StepState.SENT: frozenset({StepState.PENDING, *FINAL_STEP}),
    StepState.RUNNING: frozenset({StepState.PENDING, *FINAL_STEP}),
    **dict.fromkeys(FINAL_STEP, frozenset()),
}


def check_run_move(old: RunState, new: RunState) -> None:
    """Broken when the move is not in the table."""
    if new not in RUN_MOVES[old]:
        raise Broken("illegal-move", what="run", old=old.value, new=new.value)


def check_step_move(old: StepState, new: StepState) -> None:
    """Broken when the move is not in the table."""
    if new not in STEP_MOVES[old]:
        raise Broken("illegal-move", what="step", old=old.value, new=new.value)
