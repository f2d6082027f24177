"""What to do about a model server that answers or does not; pure.

    answers -> RUNNING;  three times no answer, or our child has died -> DOWN, and started again

A server of ours that is silent while its process lives gets more patience: it may be loading, or
short of memory. The times between two starts of a server that stays away grow.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from core.llm.ollama_facts import ServerState

#: Times that a server may be silent in a row, and times that it is started before it counts as
#: down (M06.3).
TRIES = 3
#: Seconds that a start may take until it answers; its models are loaded later.
START_S = 30.0
#: Times that a server of ours may be silent while its process lives: it may be short of memory.
PATIENT_TRIES = 6
#: Seconds until it is started again once it is down, doubled each time up to an hour.
AGAIN_S, MOST_AGAIN_S = 60.0, 3600.0


class Child(enum.Enum):
    """The process that we have started."""

    NONE = "none"
    ALIVE = "alive"
    DEAD = "dead"


class Do(enum.Enum):
    """What a look leads to."""

    NOTHING = "nothing"
    START = "start"  # ends what is left of ours first


@dataclass(frozen=True)
class Seen:
    """One look. `can_start`: the program is here, and the address is this machine's; `is_wanted`:
    the owner has named a server in the settings."""

    answers: bool
    child: Child
    can_start: bool
    is_wanted: bool
    now_s: float


@dataclass(frozen=True)
class Watch:
    """What the watch remembers. `told` is the state that was told last, None before the first."""

    state: ServerState | None = None
    silent: int = 0
    starts: int = 0
    began_s: float = 0.0
    told: ServerState | None = None


def judge(watch: Watch, seen: Seen) -> tuple[Watch, Do]:
    """What to remember and to do after a look."""
    if seen.answers:
        return replace(watch, state=ServerState.RUNNING, silent=0, starts=0), Do.NOTHING
    watch = replace(watch, silent=watch.silent + 1)
    most = PATIENT_TRIES if seen.child is Child.ALIVE else TRIES
    is_over = seen.child is Child.DEAD or watch.silent >= most
    match watch.state:
        case ServerState.RUNNING:
            stopped = replace(watch, starts=0)
            return _down(stopped, seen, at_once=True) if is_over else (watch, Do.NOTHING)
        case ServerState.STARTING:
            return _starting(watch, seen)
        case ServerState.DOWN:
            return _down(watch, seen, at_once=False)
        case _:
            return _unknown(watch, seen, is_over=is_over)


def _unknown(watch: Watch, seen: Seen, *, is_over: bool) -> tuple[Watch, Do]:
    """It has never answered."""
    if seen.can_start:
        return _start(watch, seen)
    if seen.is_wanted and is_over:
        return _down(watch, seen, at_once=False)
    return replace(watch, state=ServerState.ABSENT), Do.NOTHING


def _starting(watch: Watch, seen: Seen) -> tuple[Watch, Do]:
    """It was started and does not answer yet."""
    if seen.child is Child.ALIVE and seen.now_s - watch.began_s < START_S:
        return watch, Do.NOTHING
    if watch.starts < TRIES and seen.can_start:
        return _start(watch, seen)
    return _down(watch, seen, at_once=False)


def _start(watch: Watch, seen: Seen) -> tuple[Watch, Do]:
    started = replace(
        watch, state=ServerState.STARTING, starts=watch.starts + 1, began_s=seen.now_s
    )
    return started, Do.START


def _down(watch: Watch, seen: Seen, *, at_once: bool) -> tuple[Watch, Do]:
    """It should be there; a server that can be started is started now and then."""
    if watch.state is not ServerState.DOWN and not at_once:
        watch = replace(watch, state=ServerState.DOWN, starts=1, began_s=seen.now_s)
    wait_s = min(AGAIN_S * 2.0 ** min(watch.starts - 1, 10), MOST_AGAIN_S)
    if seen.can_start and (at_once or seen.now_s - watch.began_s >= wait_s):
        starts = watch.starts + 1
        again = replace(watch, state=ServerState.DOWN, starts=starts, began_s=seen.now_s)
        return again, Do.START
    if watch.state is not ServerState.DOWN:
        watch = replace(watch, state=ServerState.DOWN, starts=1, began_s=seen.now_s)
    return watch, Do.NOTHING


def news(watch: Watch) -> ServerState | None:
    """The state that must be told now: down, and running again."""
    if watch.state is watch.told or watch.state not in {ServerState.RUNNING, ServerState.DOWN}:
        return None
    return watch.state
