"""What the engine needs from outside, and what a handler is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.db import Transaction
from core.runs.cancel import CancelToken
from core.runs.model import Action, Gate, Label, RunRow, StepSpec
from core.runs.notices import Notice


class Wake(Protocol):
    """Hints after a commit. Best effort: never raises, never blocks, may be lost."""

    def run(self, run_id: str) -> None:
        """A run is ready: some home worker should advance it."""

    def step(self, run_id: str, position: str) -> None:
        """A step at home is pending: some home worker should run it."""

    def notices(self) -> None:
        """A notice is ready: the bot should look."""

    def outbox(self, place: str) -> None:
        """Something for `place` is in the outbox."""


class NoWake:
    """A Wake that says nothing: sweepers find everything. Ships for tests and for `ops migrate`."""

    def run(self, run_id: str) -> None: ...

    def step(self, run_id: str, position: str) -> None: ...

    def notices(self) -> None: ...

    def outbox(self, place: str) -> None: ...


class LiveText(Protocol):
    """Frames of text while it is being made. Lossy by design; a frame holds the whole text."""

    def publish(self, run_id: str, sequence: int, text: str) -> None: ...

    def end(self, run_id: str) -> None:
        """The step is over: a frame that still waits is not worth sending."""


class NoLiveText:
    """Nobody watches."""

    def publish(self, run_id: str, sequence: int, text: str) -> None: ...

    def end(self, run_id: str) -> None: ...


class GatePolicy(Protocol):
    """Policy's answer about what `prepare` returned. Pure; knows nothing a model said."""

    def judge(self, spec: StepSpec, action: Action, label: Label) -> Gate: ...


class Places(Protocol):
    """Who is there. Home is always there."""

    def is_present(self, place: str) -> bool: ...


@dataclass
class StepContext:
    """What a handler is given besides its arguments.

    `cancel` is set when the owner stops the run; `show` publishes the whole text so far as live
    text; `transaction` is the open transaction of a LOCAL step, None for other kinds (they must
    not hold the database while they wait for the world). Notices added to `notices` are committed
    with the step's outcome.
    """

    run: RunRow
    position: str
    cancel: CancelToken
    deadline: float
    show: Callable[[str], None] = lambda _text: None
    transaction: Transaction | None = None
    notices: list[Notice] = field(default_factory=list)
    grant: dict[str, Any] | None = None
    label: Label = Label.OPEN
