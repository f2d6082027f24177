"""Home with approvals over a real database: runs with gated steps, a mint, a mailbox that keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.approvals import store
from core.approvals.audit import Audit
from core.approvals.grants import Standing
from core.approvals.guard import PlaceGuard, Surroundings
from core.approvals.keys import GrantKeys
from core.approvals.minting import Mint
from core.approvals.model import Approval, Facts, Rule
from core.approvals.service import Approvals
from core.approvals.standing import home_standing
from core.clock import ManualClock
from core.db import Database, Transaction
from core.memory.preferences import Preferences
from core.runs import actions, journal
from core.runs.exchange_epochs import epoch_of
from core.runs.exchange_nodes import Nodes
from core.runs.model import (
    Action,
    Gate,
    Kind,
    Label,
    RunRow,
    RunState,
    StepRow,
    StepSpec,
    StepState,
    Waiting,
)
from core.runs.notices import Notice
from core.runs.ports import Judgement, NoWake, Risk
from core.seal import GrantSigner, Identity

OWNER = 42
BY = "telegram:42"
PC = Identity(b"n" * 32, b"N" * 32)
ASK = Judgement(Gate.ASK, "policy:cmd", Risk.MEDIUM, validity_s=3600)
HIGHEST = Judgement(Gate.ASK, "policy:delete_file", Risk.HIGHEST, 300, second_factor=True)
AUTO = Judgement(Gate.AUTO, "policy:cmd", Risk.LOW)
SPEC = StepSpec("command.run", Kind.ONCE, dict, dict, gated=True)


class Wakes(NoWake):
    """Remembers whom it was to wake."""

    def __init__(self) -> None:
        self.runs: list[str] = []

    def run(self, run_id: str) -> None:
        self.runs.append(run_id)


class Mailbox:
    """The newest revision of each card, and how often each was put."""

    def __init__(self) -> None:
        self.cards: dict[str, Notice] = {}
        self.put_count = 0

    def put(self, _tx: Transaction, notice: Notice) -> None:
        self.put_count += 1
        self.cards[str(notice.key)] = notice

    def params(self, approval: Approval | str) -> dict[str, Any]:
        found = approval if isinstance(approval, str) else approval.id
        return self.cards[f"approval:{found}"].params


class RuleFake:
    """Rules as the guard sees them."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.uses: list[str] = []

    def list(self, _tx: Transaction) -> list[Rule]:
        return self.rules

    def used(self, _tx: Transaction, rule_id: str) -> None:
        self.uses.append(rule_id)


class World:
    """Everything of home that approvals need; `pc` is a paired node that is not there yet."""

    def __init__(self, db: Database, clock: ManualClock, timeout_s: int | None = None) -> None:
        self.db, self.clock = db, clock
        self.wakes, self.mailbox, self.audit = Wakes(), Mailbox(), Audit(clock)
        self.values = Preferences(db, clock)
        self.nodes = Nodes(db, clock)
        self.approvals = Approvals(
            clock,
            self.mailbox.put,
            self.wakes,
            self.nodes,
            self.audit,
            lambda _tx: OWNER,
            timeout_s=timeout_s,
        )
        self.signer = GrantSigner(b"g" * 32)
        self.keys = GrantKeys(clock, self.audit)
        self.incarnation = 1
        self.mint = Mint(
            db,
            clock,
            self.nodes,
            self.signer,
            self.audit,
            self.wakes,
            lambda _tx: self.incarnation,
            epoch_of,
        )
        with db.write() as tx:
            self.keys.trust(tx, self.signer.public)
            keys = PC.public
            self.nodes.register(tx, "pc", keys.sign, keys.seal, is_mine=True)

    def now(self) -> datetime:
        return self.clock.now()

    # -- runs and steps

    def action(self, place: str = "home", **fields: Any) -> Action:
        given = {"argv": ["echo", "hello"], "cwd": "/", **fields}
        return actions.make("cmd", place, undo="none", preview={"resolved": "/"}, **given)

    def run(self, tx: Transaction, label: Label = Label.OPEN) -> RunRow:
        values = {"workflow": "w", "version": 1, "args": {}, "label": label, "chat_id": OWNER}
        run_id = journal.insert_run(tx, values, self.now())
        assert run_id is not None
        run = journal.load_run(tx, run_id)
        assert run is not None
        return run

    def step(
        self,
        tx: Transaction,
        run: RunRow,
        position: str = "1",
        *,
        action: Action | None = None,
        kind: Kind = Kind.ONCE,
        **values: Any,
    ) -> StepRow:
        found = action or self.action()
        row = StepRow(
            run_id=run.id,
            position=position,
            name="command.run",
            version=1,
            kind=kind,
            place=values.pop("place", "home"),
            state=values.pop("state", StepState.PENDING),
            inputs=values.pop("inputs", {"argv": ["echo"]}),
            digest="0" * 64,
            gate=Gate.ASK,
            action={
                "canonical": found.canonical,
                "digest": found.digest,
                "preview": found.preview,
            },
            **values,
        )
        return journal.write_row(tx, row, self.now())

    def ask(
        self,
        judgement: Judgement = ASK,
        *,
        place: str = "home",
        kind: Kind = Kind.ONCE,
        **fields: Any,
    ) -> tuple[StepRow, Approval]:
        """A run of its own that asks about its only step and waits."""
        with self.db.write() as tx:
            run = self.run(tx)
            action = self.action(place, **fields)
            step = self.step(tx, run, action=action, place=place, kind=kind)
            self.approvals.ask(tx, run, step, judgement)
            self.park(tx, run)
            approval = store.of_step(tx, run.id, "1")
        assert approval is not None
        return step, approval

    def park(self, tx: Transaction, run: RunRow) -> None:
        journal.move_run(tx, run, RunState.RUNNING, self.now())
        running = journal.load_run(tx, run.id)
        assert running is not None
        journal.move_run(tx, running, RunState.WAITING, self.now(), waiting=Waiting.OWNER)

    def run_of(self, step: StepRow) -> RunRow:
        with self.db.read() as tx:
            found = journal.load_run(tx, step.run_id)
        assert found is not None
        return found

    # -- short words for the calls

    def get(self, approval: Approval) -> Approval:
        with self.db.read() as tx:
            return self.approvals.get(tx, approval.id)

    def approve(self, approval: Approval) -> Approval:
        """The tap, and the mint in its transaction, as the bot does it."""
        with self.db.write() as tx:
            decided = self.approvals.approve(tx, approval.id, BY)
            self.mint.mint(tx, decided)
            return self.approvals.get(tx, approval.id)

    def verdict(self, step: StepRow) -> Any:
        with self.db.write() as tx:
            return self.approvals.verdict(tx, step)

    def expire(self) -> int:
        with self.db.write() as tx:
            return self.approvals.expire(tx, self.now())

    def hello(self, boot: str = "boot1") -> None:
        """The node is there."""
        with self.db.write() as tx:
            peer = self.nodes.peer(tx, "pc")
            self.nodes.heard(tx, peer, boot, int(self.now().timestamp()), {})

    def guard(self, judgement: Judgement = ASK) -> PlaceGuard:
        """Home's guard, with a policy that always says the same."""

        def judge(_fields: dict[str, Any], _facts: Facts) -> Judgement:
            return judgement

        return PlaceGuard(
            self.db,
            self.clock,
            Surroundings("home"),
            judge,
            RuleFake(),
            self.standing(),
            self.audit,
        )

    def standing(self) -> Any:
        return home_standing(self.keys, lambda _tx: self.incarnation, lambda _tx: OWNER)

    def here(self) -> Standing:
        with self.db.read() as tx:
            found: Standing = self.standing()(tx)
            return found
