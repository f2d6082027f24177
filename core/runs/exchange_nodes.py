"""Who may exchange messages with this place, and who is there now.

At home there is one row per node; at a node one row, `home`. A row is made by pairing and by
nothing else: a hello from a name without a row, or signed by another key, is refused. Presence is
a verified hello not older than `FRESH_S`; what a hello claims (steps, models) is stored as data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.db import Database, Transaction, insert_or_ignore
from core.errors import Refused
from core.runs.envelopes import SKEW_S
from core.runs.tables import nodes
from core.seal import PublicKeys

HOME = "home"
#: Seconds between two hellos.
HELLO_EVERY_S = 20
#: Seconds that a hello counts: three may be lost.
FRESH_S = 65
NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
KEY = re.compile(r"[0-9a-f]{64}")
#: Stands in the name of a revoked row that made room for other keys; no node's name has it.
GRAVE = "~"


@dataclass(frozen=True)
class Peer:
    """A paired place. `boot` is the nonce of its current boot, empty before its first hello."""

    name: str
    keys: PublicKeys
    is_mine: bool
    boot: str = ""
    can: dict[str, Any] = field(default_factory=dict)
    load: dict[str, Any] = field(default_factory=dict)
    revoked: bool = False
    last_hello_at: datetime | None = None
    title: str | None = None

    def is_fresh(self, now: datetime) -> bool:
        last = self.last_hello_at
        return not self.revoked and last is not None and now - last < timedelta(seconds=FRESH_S)

    @property
    def incarnation(self) -> int:
        """At a node: the newest incarnation of home's database that it has heard of."""
        return int(self.can.get("incarnation", 0))


class Nodes:
    """The nodes table, and `core.runs.ports.Places`: home is always there."""

    def __init__(self, db: Database, clock: Clock, here: str = HOME) -> None:
        self._db = db
        self._clock = clock
        self._here = here

    # -- pairing ---------------------------------------------------------------------------------

    def register(
        self, tx: Transaction, name: str, sign_key: str, seal_key: str, *, is_mine: bool
    ) -> None:
        """Trust `name` with these public keys (hex). Doing it again replaces the keys and forgets
        its boot. A revoked name may be given to other keys; revoked keys never come back
        (Refused `node-revoked`)."""
        if not NAME.fullmatch(name) or name == self._here:
            raise Refused("node-name", name=name)
        if not KEY.fullmatch(sign_key) or not KEY.fullmatch(seal_key):
            raise Refused("public-key-malformed")
        self._bury(tx, name, PublicKeys(sign_key, seal_key))
        row: dict[str, Any] = {
            "sign_key": sign_key,
            "seal_key": seal_key,
            "is_mine": is_mine,
        }
        new = {**row, "name": name, "revoked": False, "created_at": self._clock.now()}
        if insert_or_ignore(tx, nodes, new):
            return
        known = self.find(tx, name)
        if known is not None and known.keys != PublicKeys(sign_key, seal_key):
            row |= {"boot": None, "can": None, "load": None, "last_hello_at": None}
        self._update(tx, name, **row)

    def revoke(self, tx: Transaction, name: str) -> None:
        """Nothing is sent to or taken from `name` any more, ever."""
        self._update(tx, name, revoked=True)

    def rename(self, tx: Transaction, name: str, title: str | None) -> None:
        """What the owner calls it; the name in messages stays. None: by its name."""
        self._update(tx, name, title=title)

    # -- questions -------------------------------------------------------------------------------

    def find(self, tx: Transaction, name: str) -> Peer | None:
        row = tx.execute(sa.select(nodes).where(nodes.c.name == name)).mappings().one_or_none()
        return None if row is None else _peer(row)

    def peer(self, tx: Transaction, name: str) -> Peer:
        """Refused(`node-unknown`, `node-revoked`)."""
        found = self.find(tx, name)
        if found is None:
            raise Refused("node-unknown", node=name)
        if found.revoked:
            raise Refused("node-revoked", node=name)
        return found

    def all(self, tx: Transaction) -> list[Peer]:
        """Every paired place by name, for /nodes."""
        query = sa.select(nodes).where(nodes.c.name.not_like(f"%{GRAVE}%")).order_by(nodes.c.name)
        return [_peer(row) for row in tx.execute(query).mappings()]

    def is_present(self, place: str) -> bool:
        if place in {self._here, HOME}:
            return True
        with self._db.read() as tx:
            found = self.find(tx, place)
        return found is not None and found.is_fresh(self._clock.now())

    def reachable(self, tx: Transaction) -> list[str]:
        """Places that something may be published to now."""
        if self._here != HOME:
            return [HOME]
        now = self._clock.now()
        return [peer.name for peer in self.all(tx) if peer.is_fresh(now)]

    # -- hearing ---------------------------------------------------------------------------------

    def heard(self, tx: Transaction, peer: Peer, boot: str, iat: int, body: dict[str, Any]) -> bool:
        """Take a verified hello; True when the place was away or has booted since.

        An older hello than the last one changes nothing. Refused(`hello-old`) when it was on its
        way, or its clock is off, by more than the skew that envelopes allow.
        """
        now = self._clock.now()
        offset_s = iat - int(now.timestamp())
        if abs(offset_s) > SKEW_S:
            raise Refused("hello-old", node=peer.name, offset_s=offset_s)
        if iat <= int(peer.load.get("iat", 0)) and boot == peer.boot:
            return False
        if iat < int(peer.load.get("iat", 0)):
            return False
        load = {**_object(body.get("load")), "iat": iat, "offset_s": offset_s}
        can = _object(body.get("can"))
        self._update(tx, peer.name, boot=boot, can=can, load=load, last_hello_at=now)
        return boot != peer.boot or not peer.is_fresh(now)

    def note_incarnation(self, tx: Transaction, peer: Peer, incarnation: int) -> None:
        """At a node: home's database has been restored; older envelopes count no more."""
        self._update(tx, peer.name, can={**peer.can, "incarnation": incarnation})

    def _bury(self, tx: Transaction, name: str, keys: PublicKeys) -> None:
        """Refuse keys that were revoked under any name; keep those of a revoked name whose place
        others take, under a name that nobody can have."""
        known = sa.or_(nodes.c.sign_key == keys.sign, nodes.c.seal_key == keys.seal)
        query = sa.select(nodes.c.name).where(known, nodes.c.revoked.is_(True))
        if tx.execute(query).first() is not None:
            raise Refused("node-revoked", node=name)
        old = self.find(tx, name)
        if old is not None and old.revoked:
            grave = f"{name}{GRAVE}{old.keys.sign[:16]}"
            tx.execute(sa.update(nodes).where(nodes.c.name == name).values(name=grave))

    def _update(self, tx: Transaction, name: str, **values: Any) -> None:
        tx.execute(sa.update(nodes).where(nodes.c.name == name).values(**values))


def _object(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _peer(row: sa.RowMapping) -> Peer:
    return Peer(
        name=row["name"],
        keys=PublicKeys(row["sign_key"], row["seal_key"]),
        is_mine=row["is_mine"],
        boot=row["boot"] or "",
        can=row["can"] or {},
        load=row["load"] or {},
        revoked=row["revoked"],
        last_hello_at=row["last_hello_at"],
        title=row["title"],
    )
