"""Facts of approvals: states, grants, rules; no I/O."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.runs.model import Gate, Label
from core.runs.ports import Judgement

#: Cards open at the same time; the others wait in order.
MOST_OPEN = 3
#: Seconds between the two taps of the highest class.
TWO_TAPS_S = 2.0
#: Seconds a grant is valid at most, and by how much clocks may differ (`reliability.md` 3.4).
GRANT_S, GRANT_SKEW_S = 300, 120


class State(enum.StrEnum):
    """Where a question to the owner stands."""

    QUEUED = "queued"  # three others are open; its card comes later
    OPEN = "open"  # its card is shown
    CONFIRM = "confirm"  # tapped once of twice
    CODE = "code"  # tapped, and waiting for the node's code
    APPROVED = "approved"  # decided; its step has not begun
    RUNNING = "running"  # its step has begun
    DENIED = "denied"
    EXPIRED = "expired"  # silence: it does not run
    LAPSED = "lapsed"  # approved, but its place came back too late; asked anew
    WITHDRAWN = "withdrawn"  # its run ended, or an edit took its place
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"  # cut off in the middle; only the owner can say

    @property
    def is_open(self) -> bool:
        """Does it still wait for the owner?"""
        return self in WAITING


WAITING = frozenset({State.QUEUED, State.OPEN, State.CONFIRM, State.CODE})
#: Which state may follow which; every other move is Broken(`illegal-move`).
MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset(
        {State.OPEN, State.WITHDRAWN, State.DENIED, State.APPROVED, State.EXPIRED}
    ),
    State.OPEN: frozenset(
        {State.CONFIRM, State.CODE, State.APPROVED, State.DENIED, State.EXPIRED, State.WITHDRAWN}
    ),
    State.CONFIRM: frozenset(
        {State.OPEN, State.CODE, State.APPROVED, State.DENIED, State.EXPIRED, State.WITHDRAWN}
    ),
    State.CODE: frozenset(
        {State.OPEN, State.APPROVED, State.DENIED, State.EXPIRED, State.WITHDRAWN}
    ),
    State.APPROVED: frozenset(
        {State.RUNNING, State.CODE, State.LAPSED, State.WITHDRAWN, State.FAILED, State.UNKNOWN}
    ),
    State.RUNNING: frozenset(
        {
            State.APPROVED,
            State.CODE,
            State.DONE,
            State.FAILED,
            State.UNKNOWN,
            State.WITHDRAWN,
            State.LAPSED,
        }
    ),
    State.UNKNOWN: frozenset({State.DONE, State.FAILED}),
}


@dataclass(frozen=True)
class Approval:
    """One question and what became of it, as the database holds it."""

    id: str
    seq: int
    run_id: str
    position: str
    step: str
    inputs: Any
    place: str
    kind: str
    digest: str
    canonical: str
    preview: dict[str, Any]
    judgement: Judgement
    read: list[dict[str, Any]]
    label: Label
    state: State
    asked_at: datetime
    merged_into: str | None = None
    chat_id: int | None = None
    reply_to: int | None = None
    opened_at: datetime | None = None
    expires_at: datetime | None = None
    first_tap_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
    valid_until: datetime | None = None
    grant_body: dict[str, Any] | None = None
    code: str | None = None
    tries_left: int | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: dict[str, Any] | None = None


@dataclass(frozen=True)
class Grant:
    """The short-lived permission for one place, one boot, one action, one use. Its exact keys and
    types are checked first; the signature covers them all."""

    v: int
    grant_id: str  # 128 random bits, hex
    approval_id: str
    node: str
    boot: str  # home: `incarnation-<n>`
    incarnation: int
    epoch: int
    action: str  # digest
    approver: str  # telegram:<id>
    iat: int
    exp: int
    policy: str  # the rule that asked
    key: str  # public key it is signed with


@dataclass(frozen=True)
class Scope:
    """Where a rule of the owner holds. Empty parts do not narrow. `folder` is a root and a path
    below it; a rule for a command names its exact argument list, the folder it works in, and
    `exe`, the sha256 of its program."""

    root: str = ""
    folder: str = ""
    argv: tuple[str, ...] = ()
    label: str = ""
    exe: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule of the owner."""

    id: str
    kind: str
    place: str
    scope: Scope
    gate: Gate
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    uses: int = 0


@dataclass(frozen=True)
class Facts:
    """What policy may know besides the action: the place it is at, the time, the owner's rules,
    and whether a backup exists. Never what a model said."""

    place: str
    now: datetime
    label: Label = Label.OPEN
    rules: tuple[Rule, ...] = ()
    has_backup: bool = False
    timeout_s: int | None = None  # APPROVAL_TIMEOUT
    roots: tuple[str, ...] = field(default=())
