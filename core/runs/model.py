"""Facts of the engine and their legal moves; no I/O, no clock.

A workflow is a generator that yields `StepCall`s (or a list of them, which run in parallel) and
returns `Done` or `Again`. A step's handler turns its arguments into a value; what the workflow
receives is always decoded from the journal.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.errors import MaskError

#: Steps in one run; longer work ends with `Again`.
MOST_STEPS = 500
#: Content over this many bytes travels and is stored as a blob.
BLOB_BYTES = 32 * 1024


class Label(enum.StrEnum):
    """Whether content may reach a machine or model that is not the owner's."""

    OPEN = "open"
    PRIVATE = "private"

    @staticmethod
    def highest(*labels: Label) -> Label:
        return Label.PRIVATE if Label.PRIVATE in labels else Label.OPEN


class Kind(enum.StrEnum):
    """What repeating a step would mean."""

    READ = "read"  # may be repeated: models, files, search; cost is counted each time
    LOCAL = "local"  # effect in this place's database, one transaction with the done-mark
    IDEMPOTENT = "idempotent"  # the remote id is chosen before the first try
    ONCE = "once"  # never repeated by itself: after a crash in the middle it is `unknown`


class RunState(enum.StrEnum):
    """Where a run stands."""

    READY = "ready"  # something can happen now; a worker should advance it
    RUNNING = "running"  # a worker holds its lease
    WAITING = "waiting"  # for a step elsewhere, the owner, a place, or a time
    DONE = "done"  # its result and notices are committed
    FAILED = "failed"  # a step or the workflow failed; the owner was told
    CANCELLED = "cancelled"  # the owner stopped it; the generator is not entered again
    STALE = "stale"  # its journal no longer fits the workflow's code; can be started anew

    @property
    def is_final(self) -> bool:
        return self in FINAL_RUN


FINAL_RUN = frozenset({RunState.DONE, RunState.FAILED, RunState.CANCELLED, RunState.STALE})


class StepState(enum.StrEnum):
    """Where a step stands."""

    PENDING = "pending"  # written, not yet taken: for a gate, a place, or a worker
    SENT = "sent"  # given to a node's outbox
    RUNNING = "running"  # a worker holds its lease
    DONE = "done"  # its value is journaled
    FAILED = "failed"  # its error is journaled
    REFUSED = "refused"  # policy or owner said no, or the run was cancelled before it began
    UNKNOWN = "unknown"  # a `once` step was cut off in the middle; only the owner can say

    @property
    def is_final(self) -> bool:
        return self in FINAL_STEP


FINAL_STEP = frozenset({StepState.DONE, StepState.FAILED, StepState.REFUSED, StepState.UNKNOWN})


class Waiting(enum.StrEnum):
    """What a waiting run waits for. A lane is held for STEP and TIME, released for the others."""

    STEP = "step"
    TIME = "time"
    OWNER = "owner"
    PLACE = "place"

    @property
    def holds_lane(self) -> bool:
        return self in {Waiting.STEP, Waiting.TIME}


@dataclass(frozen=True)
class Outcome:
    """How a step ended: its value when done, else its error as `MaskError.to_json` gives it."""

    state: StepState
    value: Any = None
    error: dict[str, Any] | None = None
    key: str | None = None

    @property
    def ok(self) -> bool:
        return self.state is StepState.DONE


class StepFailed(MaskError):
    """Raised inside a workflow, at its yield, when a single step did not end `done`."""

    family = "step-failed"

    def __init__(self, outcome: Outcome) -> None:
        error = outcome.error or {}
        super().__init__(str(error.get("code", outcome.state)), **dict(error.get("params") or {}))
        self.outcome = outcome


@dataclass(frozen=True)
class StepCall:
    """A request of a workflow: run step `name` with `args`, here or at another place.

    `key` names the element inside a list (a tool call's id); `place` overrides the spec's.
    """

    name: str
    args: Any
    key: str | None = None
    place: str | None = None


@dataclass(frozen=True)
class Done:
    """A workflow's end: its result (any JSON-able value) and the notices committed with it."""

    result: Any = None
    notices: Sequence[Any] = ()


@dataclass(frozen=True)
class Again:
    """End this run and start another of the same workflow under the same key."""

    args: Any


WorkflowBody = Generator[StepCall | list[StepCall], Any, Done | Again]


@dataclass(frozen=True)
class Farewell:
    """What is left to do when a run ends without its workflow: LOCAL steps and notices, committed
    together with the end."""

    calls: Sequence[StepCall] = ()
    notices: Sequence[Any] = ()


class Workflow:
    """A named, versioned generator function over one argument dataclass.

    `farewell(run, args, state, error, steps)` is asked when the run ends cancelled or failed; it
    is as pure as the body. Without one the engine tells the owner by an alert.
    """

    def __init__(
        self, name: str, version: int, args: type, body: Callable[[Any], WorkflowBody]
    ) -> None:
        self.name = name
        self.version = version
        self.args = args
        self.body = body
        self.say_farewell: FarewellBody | None = None

    def __call__(self, args: Any) -> WorkflowBody:
        return self.body(args)

    def farewell(self, say: FarewellBody) -> FarewellBody:
        """Decorator: what to leave behind when the run ends otherwise."""
        self.say_farewell = say
        return say


def workflow(
    name: str, *, version: int, args: type
) -> Callable[[Callable[[Any], WorkflowBody]], Workflow]:
    """Declare a workflow. Raise `version` when the order or the names of its steps change."""

    def declare(body: Callable[[Any], WorkflowBody]) -> Workflow:
        return Workflow(name, version, args, body)

    return declare


@dataclass(frozen=True)
class Action:
    """What a gated step is about to do, as its `prepare` found it.

    `canonical` are the bytes that are shown, decided on and compared where it runs; `preview`
    holds facts for the card (diff, sizes, counts, resolved paths, digests), all JSON values.
    """

    canonical: str
    digest: str
    preview: dict[str, Any] = field(default_factory=dict)


class Gate(enum.StrEnum):
    """Policy's answer about an action."""

    AUTO = "auto"
    ASK = "ask"
    DENY = "deny"


@dataclass(frozen=True)
class StepSpec:
    """What the engine knows of a step without running it. `args`/`result` drive the journal.

    `timeout_s` bounds one try; `retries` further tries follow an `Unavailable` of a step that may
    be repeated. A `gated` step has `prepare` (reads only) before its handler performs.
    """

    name: str
    kind: Kind
    args: type
    result: Any
    place: str = "home"
    version: int = 1
    timeout_s: float = 120.0
    retries: int = 3
    gated: bool = False


@dataclass(frozen=True)
class StepRow:
    """One step as the journal holds it."""

    run_id: str
    position: str
    name: str
    version: int
    kind: Kind
    place: str
    state: StepState
    inputs: Any
    digest: str
    key: str | None = None
    outcome: Any = None
    error: dict[str, Any] | None = None
    gate: Gate | None = None
    action: dict[str, Any] | None = None
    attempts: int = 0
    not_before: datetime | None = None
    lease_until: datetime | None = None


FarewellBody = Callable[["RunRow", Any, RunState, MaskError | None, list[StepRow]], Farewell]


@dataclass(frozen=True)
class RunRow:
    """One run as the database holds it."""

    id: str
    seq: int
    workflow: str
    version: int
    args: Any
    state: RunState
    label: Label
    created_at: datetime
    updated_at: datetime
    key: str | None = None
    lane: str | None = None
    waiting: Waiting | None = None
    waiting_for: str | None = None
    wake_at: datetime | None = None
    cancel: bool = False
    attempts: int = 0
    error: dict[str, Any] | None = None
    result: Any = None
    chat_id: int | None = None
    reply_to: int | None = None
    thread_id: str | None = None
    title: str | None = None
