"""What a node's process is made of beside the exchange: its steps, its guard, its audit and keys.

Everything that decides whether something runs here is here: policy's floor and the shipped rules,
the rules that this node stored itself, the keys it learned at its pairing, its own second factor.
Nothing of it can be loosened from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from core import db, seal
from core.approvals.audit import Audit
from core.approvals.factor import SecondFactor
from core.approvals.guard import PlaceGuard, SecondLook, Surroundings
from core.approvals.keys import GrantKeys
from core.approvals.peers import AuditChains, KeyRotations
from core.approvals.policy import Policy, judge
from core.approvals.rules import Rules
from core.approvals.standing import node_standing
from core.approvals.tables import grant_keys
from core.clock import Clock
from core.db import Transaction
from core.monitor import steps as monitor_steps
from core.runs.exchange_nodes import HOME, Nodes
from core.runs.exchange_pairing import Pairing
from core.runs.ports import Guard
from core.runs.steps import BoundStep, bind
from core.seal import Identity
from core.wiring.hands import Hands
from core.wiring.node_models import NodeModels


def bound_steps(clock: Clock, home: Path) -> list[BoundStep]:
    """The steps that every node can run, whatever else it has."""
    return list(bind(monitor_steps, monitor_steps.Room(clock, home)))


@dataclass(frozen=True)
class OwnRooms:
    """What this machine has to offer: its files, commands and rules, and its model server."""

    hands: Hands
    models: NodeModels | None = None

    def bound(self) -> list[BoundStep]:
        """Their steps."""
        return [*self.hands.bound(), *(self.models.bound() if self.models else ())]


@dataclass(frozen=True)
class Keeping:
    """What a node keeps of its own for approvals."""

    audit: Audit
    keys: GrantKeys
    factor: SecondFactor
    rules: Rules
    policy: Policy

    @property
    def chains(self) -> AuditChains:
        return AuditChains(self.audit)

    @property
    def rotations(self) -> KeyRotations:
        return KeyRotations(self.keys)


def keeping(clock: Clock, place: str, policy: Policy | None = None) -> Keeping:
    """The stores over a node's database."""
    audit = Audit(clock)
    return Keeping(
        audit,
        GrantKeys(clock, audit),
        SecondFactor(clock),
        Rules(clock, place),
        policy or Policy.load(),
    )


def learn(tx: Transaction, kept: Keeping, pairing: Pairing) -> bool:
    """Take over what the pairing carried: the key that grants are signed with. True when it is
    another one than was known, as after pairing anew. The second factor is made when absent."""
    kept.factor.ensure(tx)
    if not pairing.grant_keys:
        return False
    known = kept.keys.valid(tx)
    if known and (set(pairing.grant_keys) & _ever(tx)):
        return False
    if known:
        kept.keys.forget(tx)
    kept.keys.trust(tx, pairing.grant_keys[0])
    return True


def place_guard(
    database: db.Database,
    clock: Clock,
    identity: Identity,
    pairing: Pairing,
    boot: str,
    kept: Keeping,
    here: Surroundings | None = None,
) -> Guard:
    """The guard of this node, for this boot."""
    nodes = Nodes(database, clock, pairing.name)

    def incarnation(tx: Transaction) -> int:
        return nodes.peer(tx, HOME).incarnation

    def owner(_tx: Transaction) -> str | None:
        return pairing.owner or None

    return PlaceGuard(
        database,
        clock,
        here or Surroundings(pairing.name),
        lambda fields, facts: judge(kept.policy, fields, facts),
        kept.rules,
        node_standing(kept.keys, pairing.name, boot, incarnation, owner),
        kept.audit,
        SecondLook(identity, kept.factor),
    )


def own_identity(home: Path, master: seal.Master, pairing: Pairing) -> Identity:
    """The keys that this node made for this pairing."""
    return seal.open_identity(home / pairing.keys if pairing.keys else home, master)


def _ever(tx: Transaction) -> set[str]:
    """Every key that counted here since the pairing."""
    return set(tx.execute(sa.select(grant_keys.c.key)).scalars())
