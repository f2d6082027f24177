"""The engine's world of home and node with the real approvals in it: cards, decisions, the mint,
signed grants, and a guard at each place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.approvals import store
from core.approvals.audit import Audit
from core.approvals.grants import Standing
from core.approvals.guard import PlaceGuard, Surroundings
from core.approvals.incarnation import Incarnation, Record
from core.approvals.keys import GrantKeys
from core.approvals.minting import Mint
from core.approvals.model import Approval, Facts
from core.approvals.service import Approvals
from core.approvals.standing import home_standing, node_standing
from core.db import Database, Transaction
from core.memory.preferences import Preferences
from core.runs.exchange_epochs import epoch_of
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.ports import Judgement
from core.seal import GrantSigner
from tests.integration.approvals_world import BY, OWNER, Mailbox, RuleFake
from tests.integration.gate_world import GUARDS, NODE, World

SIGNER = GrantSigner(b"g" * 32)


class Guarded(PlaceGuard):
    """A guard that is told its boot, as a new process of a node is."""

    boot = "boot1"


class RealWorld(World):
    """As `World`; `tap` and `say_no` are the owner, `tick` is the bot's and home's clockwork."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mailbox = Mailbox()
        super().__init__(folder)
        self.audits = {HOME: Audit(self.clock), NODE: Audit(self.clock)}
        self.values = Preferences(self.home_db, self.clock)
        self.keys = {place: GrantKeys(self.clock, self.audits[place]) for place in (HOME, NODE)}
        for place in (HOME, NODE):
            with self.db_of(place).write() as tx:
                self.keys[place].trust(tx, SIGNER.public)
        nodes = Nodes(self.home_db, self.clock)
        self.approvals = Approvals(
            self.clock, self.mailbox.put, self.hints, nodes, self.audits[HOME], lambda _tx: OWNER
        )
        self.asking: Any = self.approvals
        self.life = Incarnation(
            self.home_db,
            self.clock,
            self.values,
            self.audits[HOME],
            Record(folder),
            self.hints,
            self.approvals.forget_past,
            self.mailbox.put,
        )
        self.life.settle()
        self.mint = Mint(
            self.home_db,
            self.clock,
            nodes,
            SIGNER,
            self.audits[HOME],
            self.hints,
            self.life.current,
            epoch_of,
        )
        self.home_guard: Any = self._guard(HOME, self.home_db)
        self.node_guard: Any = self._guard(NODE, self.node_db)
        self.restart_home()
        self.restart_node()

    def _guard(self, place: str, db: Database) -> Guarded:
        def judge(fields: dict[str, Any], _facts: Facts) -> Judgement:
            gate = GUARDS[fields["kind"]][place == NODE]
            return Judgement(gate, f"policy:{fields['kind']}")

        keys, at = self.keys[place], Surroundings(place)
        audit = self.audits[place]
        return Guarded(db, self.clock, at, judge, RuleFake(), self._standing(place, keys), audit)

    def _standing(self, place: str, keys: GrantKeys) -> Any:
        if place == HOME:
            return home_standing(keys, self.life.current, lambda _tx: OWNER)

        def standing(tx: Transaction) -> Standing:
            boot = self.node_guard.boot
            return node_standing(keys, NODE, boot, lambda _tx: 1, lambda _tx: BY)(tx)

        return standing

    # -- the owner, and time

    def waiting(self) -> list[Approval]:
        with self.home_db.read() as tx:
            return store.in_states(tx, store.SHOWN)

    def asked(self) -> list[Approval]:
        with self.home_db.read() as tx:
            return store.select(tx)

    def tap(self, approval: Approval | None = None) -> Approval:
        found = approval or self.waiting()[0]
        with self.home_db.write() as tx:
            decided = self.approvals.approve(tx, found.id, BY)
            self.mint.mint(tx, decided)
        return decided

    def say_no(self, approval: Approval | None = None) -> None:
        found = approval or self.waiting()[0]
        with self.home_db.write() as tx:
            self.approvals.deny(tx, found.id, BY, "no")

    def tick(self) -> None:
        self.mint.mint_due()
        with self.home_db.write() as tx:
            self.approvals.expire(tx, self.clock.now())

    def settle(self, turns: int = 6) -> None:
        for _ in range(turns):
            self.beat()
            self.tick()
            self.clock.advance(7)
            self.sweep()

    def close(self) -> None:
        super().close()
        self.node_db.close()
