"""What the engine needs from outside, and what a handler is given."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from core.db import Transaction
from core.runs.cancel import CancelToken
from core.runs.model import Action, Gate, Label, RunRow, StepRow, StepSpec
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


class Risk(enum.StrEnum):
    """What could go wrong, in one word; the card has a colour for each."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    HIGHEST = "highest"  # two taps, and at a node a code


@dataclass(frozen=True)
class Judgement:
    """A place's answer about an action, and what a yes would need. Travels from nodes to home.

    `rule` names what decided: `floor:<name>`, `policy:<kind>`, `owner:<rule id>`. `error` is
    `MaskError.to_json` of a denial. `validity_s`: how long the card is open, and a yes holds.
    """

    gate: Gate
    rule: str
    risk: Risk = Risk.MEDIUM
    validity_s: int = 3600
    second_factor: bool = False
    error: dict[str, Any] | None = None


@dataclass(frozen=True)
class Permit:
    """What lets a gated step run: the grant made from the owner's decision, as signed JSON, and,
    sealed for the node, the code of the second factor."""

    approval_id: str
    grant: dict[str, Any]
    code: str | None = None


class Guard(Protocol):
    """Policy and permission at one place; `core.approvals.guard` is one.

    `admit` is asked inside the transaction that must be committed before the step starts: it
    judges anew, checks the permit of what needs one, and uses it up. Raises Refused: with a code
    that begins with `grant-` or `code-` the permit was not used up and another may be tried. What
    it wrote before it refused is committed too: a wrong code is counted.
    """

    def judge(self, spec: StepSpec, action: Action, label: Label) -> Judgement: ...

    def admit(
        self, tx: Transaction, spec: StepSpec, action: Action, label: Label, permit: Permit | None
    ) -> None: ...


@dataclass(frozen=True)
class Verdict:
    """Where the question about a step stands. `granted` has a permit for its place's current boot;
    `refused` an error; `lapsed`: the yes is too old, so prepare and ask again."""

    state: Literal["waits", "granted", "refused", "lapsed"]
    permit: Permit | None = None
    error: dict[str, Any] | None = None


class Asking(Protocol):
    """Questions to the owner, at home; `core.approvals.service` is one. All inside the engine's
    transaction. A decision makes its run ready by itself."""

    def ask(self, tx: Transaction, run: RunRow, step: StepRow, judgement: Judgement) -> None:
        """`step.action` needs a yes: a card, or a place in the queue. Asking twice is once."""

    def verdict(self, tx: Transaction, step: StepRow) -> Verdict: ...

    def began(self, tx: Transaction, run: RunRow, step: StepRow) -> None:
        """The step was started here, or its order with the permit went to its place."""

    def retry(self, tx: Transaction, run: RunRow, step: StepRow, error: dict[str, Any]) -> bool:
        """Its place did not take the permit (`grant-*`, `code-*`): True when the question is open
        again, so that the step stays pending; False when this is the end."""

    def ended(self, tx: Transaction, run: RunRow, step: StepRow) -> None:
        """A gated step that was asked about has ended as `step` says: the card tells it."""

    def withdraw(self, tx: Transaction, run_id: str) -> None:
        """The run is over: what is still open about it is withdrawn."""


#: The two halves of a gated step: reading, and doing. What has no gate is performed at once.
Phase = Literal["prepare", "perform"]
#: Puts a step, with what lets it run, into the outbox of its place. Refused when the place may
#: not have it.
Send = Callable[[Transaction, RunRow, StepRow, Phase, Permit | None], object]


class Places(Protocol):
    """Who is there. Home is always there."""

    def is_present(self, place: str) -> bool: ...


@dataclass
class StepContext:
    """What a handler is given besides its arguments.

    `cancel` is set when the owner stops the run; `show` publishes the whole text so far as live
    text; `transaction` is the open transaction of a LOCAL step, None for other kinds (they must
    not hold the database while they wait for the world). Notices added to `notices` are committed
    with the step's outcome. A handler that has read something private sets `label`: from then on
    the run is private. `permit` is what let a gated step run, `action` what was judged: the
    handler makes sure that what it changes is still what that says.
    """

    run: RunRow
    position: str
    cancel: CancelToken
    deadline: float
    show: Callable[[str], None] = lambda _text: None
    transaction: Transaction | None = None
    notices: list[Notice] = field(default_factory=list)
    permit: Permit | None = None
    label: Label = Label.OPEN
    action: Action | None = None
