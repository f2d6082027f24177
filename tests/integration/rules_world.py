"""Home with its real engine, approvals, guard and policy: files that are edited behind the gate, an
owner who taps, and rules. And a node's own guard, over its own database."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from core.approvals import grants, rule_keeping, rule_steps, store
from core.approvals.audit import Audit
from core.approvals.factor import SecondFactor
from core.approvals.floor import Floor
from core.approvals.grants import Standing
from core.approvals.guard import PlaceGuard, SecondLook, Surroundings
from core.approvals.keys import GrantKeys
from core.approvals.minting import Mint
from core.approvals.model import Approval, Grant, State
from core.approvals.policy import Policy, judge
from core.approvals.rule_steps import NewRule, RuleRoom
from core.approvals.rules import Rules
from core.approvals.service import Approvals
from core.approvals.standing import epoch_of, home_standing
from core.clock import ManualClock
from core.db import Database, Transaction
from core.runs import actions
from core.runs.endings import Endings
from core.runs.engine import Engine
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.leases import LeaseKeeper
from core.runs.model import Action, Done, Kind, RunRow, WorkflowBody, workflow
from core.runs.notices import Notice
from core.runs.parts import Parts
from core.runs.ports import NoLiveText, NoWake, Permit, StepContext
from core.runs.registry import Registry
from core.runs.runs import Runs
from core.runs.steps import bind, step
from core.seal import GrantSigner, Identity

OWNER, BY = 42, "telegram:42"
SIGNER = GrantSigner(b"g" * 32)
PC = Identity(b"n" * 32, b"N" * 32)
ROOTS = ("sandbox", "papers")


@dataclass(frozen=True)
class Do:
    """What the one gated step of these tests is asked to do: fields of its action."""

    kind: str
    fields: dict[str, Any]


@step("test.act", kind=Kind.ONCE, gated=True)
def act(room: list[dict[str, Any]], _ctx: StepContext, do: Do) -> str:
    room.append(do.fields)
    return "done"


@act.prepare
def prepare_act(_room: list[dict[str, Any]], _ctx: StepContext, do: Do) -> Action:
    fields = dict(do.fields)
    return actions.make(do.kind, HOME, undo=fields.pop("undo"), preview={}, **fields)


@workflow("test_act", version=1, args=Do)
def acting(do: Do) -> WorkflowBody:
    return Done((yield act(do)))


class World:
    """Home. `acted` is what was really done."""

    def __init__(self, db: Database, clock: ManualClock, path: Path | None = None) -> None:
        self.db, self.clock, self.wake = db, clock, NoWake()
        self.acted: list[dict[str, Any]] = []
        self.notices: list[Notice] = []
        self.audit, self.nodes = Audit(clock), Nodes(db, clock)
        self.policy = Policy.load(path, Floor())
        self.rules, self.runs = Rules(clock, HOME), Runs(clock, self.wake)
        self.keys = GrantKeys(clock, self.audit)
        self.approvals = Approvals(
            clock, self.put, self.wake, self.nodes, self.audit, lambda _tx: OWNER,
            why_no_rule=self.policy.why_no_rule,
        )  # fmt: skip
        self.mint = Mint(
            db, clock, self.nodes, SIGNER, self.audit, self.wake, lambda _tx: 1, epoch_of
        )
        with db.write() as tx:
            self.keys.trust(tx, SIGNER.public)
        self.engine = self._engine()

    def put(self, _tx: Transaction, notice: Notice) -> None:
        self.notices.append(notice)

    def _engine(self) -> Engine:
        room = RuleRoom(self.db, self.clock, HOME, self.rules, self.policy)
        registry = Registry(
            [
                *bind(sys.modules[__name__], self.acted),
                *bind(rule_steps, room),
                *bind(rule_keeping, room),
            ],
            [acting, rule_keeping.keep_rule, rule_keeping.drop_rule],
        )
        guard = PlaceGuard(
            self.db, self.clock, Surroundings(HOME, roots=ROOTS), partial(judge, self.policy),
            self.rules, home_standing(self.keys, lambda _tx: 1, lambda _tx: OWNER), self.audit,
        )  # fmt: skip
        keeper = LeaseKeeper(self.db, self.clock)
        ends = Endings(
            registry, self.clock, self.wake, put=self.put, halt=lambda _tx, _step: None,
            asking=self.approvals,
        )  # fmt: skip
        parts = Parts(
            self.db, self.clock, registry, guard, self.approvals, self.wake, NoLiveText(),
            self.nodes, ends, send=lambda *_args: None,
        )  # fmt: skip
        return Engine(parts, keeper)

    # -- what happens

    def do(self, kind: str, **fields: Any) -> str:
        """Ask for something; its run."""
        return self.start(acting, Do(kind, fields))

    def edit(self, path: str, root: str = "sandbox", **more: Any) -> str:
        fields = {"undo": "version", "before": None, "after": "ab" * 32, "size": 1, **more}
        return self.do("edit", root=root, path=path, **fields)

    def rule(self, new: NewRule) -> str:
        return self.start(rule_keeping.keep_rule, new)

    def start(self, what: Any, args: Any) -> str:
        with self.db.write() as tx:
            run_id = self.runs.start(tx, what, args, chat_id=OWNER)
        assert run_id is not None
        self.advance(run_id)
        return run_id

    def advance(self, run_id: str) -> RunRow:
        for _ in range(6):
            self.engine.advance(run_id)
        with self.db.read() as tx:
            found = self.runs.get(tx, run_id)
        assert found is not None
        return found

    def question(self, run_id: str) -> Approval | None:
        """What was asked about the first step of a run."""
        with self.db.read() as tx:
            return store.of_step(tx, run_id, "0")

    def say_yes(self, run_id: str) -> Approval:
        """The owner's taps, as many as it takes, then the engine."""
        question = self.question(run_id)
        assert question is not None, "nothing was asked"
        self.clock.advance(3)
        with self.db.write() as tx:
            decided = self.approvals.approve(tx, question.id, BY)
        if decided.state is State.CONFIRM:
            self.clock.advance(3)
            with self.db.write() as tx:
                decided = self.approvals.confirm(tx, question.id, BY)
        assert decided.state is State.APPROVED
        with self.db.write() as tx:
            self.mint.mint(tx, decided)
        self.advance(run_id)
        return decided

    def was_asked(self, run_id: str) -> bool:
        return self.question(run_id) is not None


class Pc:
    """A node's guard and rules over its own database, and its second factor."""

    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.db, self.clock = db, clock
        self.rules, self.factor = Rules(clock, "pc"), SecondFactor(clock)
        self.policy = Policy.load(None, Floor(place="pc"))
        self.room = RuleRoom(db, clock, "pc", self.rules, self.policy)
        keys = frozenset({SIGNER.public})
        self.guard = PlaceGuard(
            db, clock, Surroundings("pc", roots=ROOTS), partial(judge, self.policy), self.rules,
            lambda _tx: Standing("pc", "boot1", 1, 0, BY, keys), Audit(clock),
            SecondLook(PC, self.factor),
        )  # fmt: skip
        with db.write() as tx:
            self.factor.ensure(tx)

    def permit(self, action: Action, code: str | None = None) -> Permit:
        """What home's bot would send after the owner's yes."""
        now = int(self.clock.now().timestamp())
        grant = Grant(
            v=1, grant_id="1" * 32, approval_id="2" * 32, node="pc", boot="boot1", incarnation=1,
            epoch=0, action=action.digest, approver=BY, iat=now, exp=now + 300,
            policy="policy:rule", key=SIGNER.public,
        )  # fmt: skip
        return Permit("2" * 32, grants.write(grant, SIGNER), code)
