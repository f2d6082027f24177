"""The mint: from the owner's decision to a signed permission for one place, one boot, one use.

Decides when a grant is made, and writes nothing into it that the decision did not say. Lives in the
bot's process, which alone has the `GrantSigner`; the home worker and the nodes know public keys
only. A decision whose place is away waits; `mint_due` finds it when the place is back, when it has
booted anew, or when a grant went unused past its 300 seconds, as long as the decision holds.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from core.approvals import grants, store
from core.approvals.audit import Audit
from core.approvals.model import GRANT_S, Approval, Grant, State
from core.approvals.tables import approvals
from core.clock import Clock
from core.db import Database, Transaction
from core.errors import Broken
from core.runs import actions, journal
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.ports import Wake
from core.seal import GrantSigner

#: Seconds of validity below which a grant is made anew rather than sent.
FRESH_S = 30


@dataclass(frozen=True)
class Target:
    """What a grant for a place must name to count there now."""

    boot: str
    epoch: int


class Mint:
    """One per bot. `incarnation` and `epoch` tell home's own, per use."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        nodes: Nodes,
        signer: GrantSigner,
        audit: Audit,
        wake: Wake,
        incarnation: Callable[[Transaction], int],
        epoch: Callable[[Transaction, str], int],
    ) -> None:
        self._db = db
        self._clock = clock
        self._nodes = nodes
        self._signer = signer
        self._audit = audit
        self._wake = wake
        self._incarnation = incarnation
        self._epoch = epoch

    def change_signer(self, signer: GrantSigner) -> None:
        """After a rotation."""
        self._signer = signer

    def mint(self, tx: Transaction, approval: Approval) -> bool:
        """Grants for a decision and for the equal requests on its card, as far as the place is
        there; True when this one has one now. Call it in the transaction of the tap."""
        shared = store.select(tx, approvals.c.merged_into == approval.id)
        is_minted = self._mint_one(tx, store.get(tx, approval.id))
        for each in shared:
            self._mint_one(tx, each)
        return is_minted

    def mint_due(self) -> int:
        """Grants for all decisions that need one now; how many. Call it each second, and when a
        place says hello."""
        with self._db.read() as tx:
            if not any(self._is_due(tx, each) for each in self._decided(tx)):
                return 0
        with self._db.write() as tx:
            return self.mint_in(tx)

    def mint_in(self, tx: Transaction) -> int:
        """As `mint_due`, in the transaction that decides: the permission is there with the yes."""
        due = [each for each in self._decided(tx) if self._is_due(tx, each)]
        return sum(self._mint_one(tx, each) for each in due)

    # -- inside

    @staticmethod
    def _decided(tx: Transaction) -> list[Approval]:
        return store.in_states(tx, {State.APPROVED})

    def _is_due(self, tx: Transaction, approval: Approval) -> bool:
        target, now = self._target(tx, approval.place), self._clock.now()
        if target is None or not _holds(approval, now):
            return False
        body = approval.grant_body
        if body is None:
            return True
        is_current = (body["boot"], body["epoch"], body["key"]) == (
            target.boot,
            target.epoch,
            self._signer.public,
        )
        lasts = float(body["exp"]) - now.timestamp()
        left = (approval.valid_until or now) - now
        return not is_current or lasts < min(FRESH_S, left.total_seconds())

    def _mint_one(self, tx: Transaction, approval: Approval) -> bool:
        now = self._clock.now()
        target = self._target(tx, approval.place)
        if target is None or approval.state is not State.APPROVED or not _holds(approval, now):
            return False
        if actions.digest_of(approval.canonical) != approval.digest:
            raise Broken("approval-mismatch")
        grant = self._grant(tx, approval, target, now)
        body = grants.write(grant, self._signer)
        store.note(tx, approval, grant_body=body)
        journal.make_ready(tx, approval.run_id, now)
        tx.after_commit(partial(self._wake.run, approval.run_id))
        ids = {"approval": approval.id, "grant": grant.grant_id, "digest": approval.digest}
        self._audit.record(tx, "granted", grant.approver, place=approval.place, **ids)
        return True

    def _grant(self, tx: Transaction, approval: Approval, target: Target, now: datetime) -> Grant:
        iat = int(now.timestamp())
        until = approval.valid_until or now
        return Grant(
            v=grants.VERSION,
            grant_id=secrets.token_hex(16),
            approval_id=approval.id,
            node=approval.place,
            boot=target.boot,
            incarnation=self._incarnation(tx),
            epoch=target.epoch,
            action=approval.digest,
            approver=str(approval.decided_by),
            iat=iat,
            exp=min(iat + GRANT_S, max(iat + 1, int(until.timestamp()))),
            policy=approval.judgement.rule,
            key=self._signer.public,
        )

    def _target(self, tx: Transaction, place: str) -> Target | None:
        """None while nobody is there to use a grant."""
        epoch = self._epoch(tx, place)
        if place == HOME:
            return Target(home_boot(self._incarnation(tx)), epoch)
        peer = self._nodes.find(tx, place)
        if peer is None or not peer.boot or not peer.is_fresh(self._clock.now()):
            return None
        return Target(peer.boot, epoch)


def home_boot(incarnation: int) -> str:
    """Home's boot: a restored database is another one, a restarted process is not."""
    return f"incarnation-{incarnation}"


def _holds(approval: Approval, now: datetime) -> bool:
    return approval.valid_until is not None and now < approval.valid_until
