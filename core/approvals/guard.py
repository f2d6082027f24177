"""The guard of one place: policy before a step is asked about, and the permit before it starts.

Decides, at the place where the step runs, whether it may: what this place's own policy, floor and
rules do not call auto never runs here without a grant that passes every check of `grants.check`
for the very bytes that are about to run. A permit that is given must be right even where none is
needed. Reads nothing a model said. `admit` writes what it used up (the approval, a code, a rule's
count) in the caller's transaction, which must be committed before the handler starts; what it wrote
before it refused is committed too.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.approvals import grants
from core.approvals.audit import Audit
from core.approvals.grants import Standing
from core.approvals.model import Facts, Grant, Rule
from core.approvals.ports import CodeCheck
from core.clock import Clock
from core.db import Database, Transaction
from core.errors import Refused, from_json
from core.runs import actions
from core.runs.model import Action, Gate, Label, StepSpec
from core.runs.ports import Judgement, Permit
from core.seal import Context, Identity

#: How a judgement names a rule of the owner as its reason.
OWNERS_RULE = "owner:"

#: Policy as a pure function of an action's fields and the facts.
Judge = Callable[[dict[str, Any], Facts], Judgement]


class RuleBook(Protocol):
    """The owner's rules that hold at this place; `core.approvals.rules.Rules` is one."""

    def list(self, tx: Transaction) -> list[Rule]: ...

    def used(self, tx: Transaction, rule_id: str) -> None: ...


@dataclass(frozen=True)
class Surroundings:
    """What policy may know of this place besides the action. `timeout_s` is APPROVAL_TIMEOUT."""

    place: str
    timeout_s: int | None = None
    roots: tuple[str, ...] = ()
    has_backup: Callable[[], bool] = field(default=lambda: False)


@dataclass(frozen=True)
class SecondLook:
    """The second factor of a node: its identity opens the sealed code, `check` burns it."""

    identity: Identity
    check: CodeCheck

    def admit(self, tx: Transaction, permit: Permit) -> None:
        """Refused(`code-missing`, `code-wrong`, `code-locked`, `code-unreadable`)."""
        if permit.code is None:
            raise Refused("code-missing")
        try:
            sealed = base64.b64decode(permit.code, validate=True)
            code = self.identity.open(Context.CODE, sealed, permit.approval_id.encode()).decode()
        except (binascii.Error, UnicodeDecodeError, Refused):
            raise Refused("code-unreadable") from None
        self.check.check(tx, code)


class PlaceGuard:
    """`core.runs.ports.Guard` of one place. `standing` tells, per use, what the place knows of
    itself; without a `second` (at home) two taps are the second factor."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        here: Surroundings,
        judge: Judge,
        rules: RuleBook,
        standing: Callable[[Transaction], Standing],
        audit: Audit,
        second: SecondLook | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._here = here
        self._judge = judge
        self._rules = rules
        self._standing = standing
        self._audit = audit
        self._second = second

    def judge(self, spec: StepSpec, action: Action, label: Label) -> Judgement:  # noqa: ARG002
        """This place's answer about what `prepare` found; home also judges for nodes.
        Refused(`action-text`, `approval-mismatch`)."""
        with self._db.read() as tx:
            return self._judged(tx, action, label)

    def admit(
        self, tx: Transaction, spec: StepSpec, action: Action, label: Label, permit: Permit | None
    ) -> None:
        """Let this action start here, once, or raise Refused."""
        judgement = self._judged(tx, action, label)
        if actions.read(action.canonical)["place"] != self._here.place:
            raise Refused("approval-mismatch")
        if judgement.gate is Gate.DENY:
            raise from_json(judgement.error or Refused("policy-says-no", step=spec.name).to_json())
        if permit is None:
            if judgement.gate is not Gate.AUTO:
                raise Refused("grant-missing")
            self._note_rule(tx, judgement)
            self._record(tx, "admitted-auto", self._here.place, action, judgement)
            return
        grant = self._checked(tx, action, judgement, permit)
        grants.use_up(tx, grant, self._clock.now())
        self._record(
            tx, "admitted", grant.approver, action, judgement,
            approval=grant.approval_id, grant=grant.grant_id,
        )  # fmt: skip

    # -- inside

    def _judged(self, tx: Transaction, action: Action, label: Label) -> Judgement:
        fields = actions.read(action.canonical)
        if actions.digest_of(action.canonical) != action.digest:
            raise Refused("approval-mismatch")
        facts = Facts(
            place=self._here.place,
            now=self._clock.now(),
            label=label,
            rules=tuple(self._rules.list(tx)),
            has_backup=self._here.has_backup(),
            timeout_s=self._here.timeout_s,
            roots=self._here.roots,
        )
        return self._judge(fields, facts)

    def _checked(
        self, tx: Transaction, action: Action, judgement: Judgement, permit: Permit
    ) -> Grant:
        """The order of `reliability.md` 3.4; the code comes behind it, so that a stranger cannot
        use up the owner's tries."""
        now, at = self._clock.now(), self._standing(tx)
        grant = grants.check(permit.grant, at, permit.approval_id, action.digest, now)
        if grants.is_used(tx, grant):
            raise Refused("grant-used")
        if self._second is not None and (judgement.second_factor or permit.code is not None):
            self._second.admit(tx, permit)
        return grant

    def _note_rule(self, tx: Transaction, judgement: Judgement) -> None:
        if judgement.rule.startswith(OWNERS_RULE):
            self._rules.used(tx, judgement.rule.removeprefix(OWNERS_RULE))

    def _record(
        self,
        tx: Transaction,
        kind: str,
        by: str,
        action: Action,
        judgement: Judgement,
        **more: Any,
    ) -> None:
        fields = actions.read(action.canonical)
        what = {"action": fields["kind"], "digest": action.digest, "rule": judgement.rule}
        self._audit.record(tx, kind, by, place=self._here.place, **what, **more)
