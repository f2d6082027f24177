"""The public keys that grants may be signed with: who is trusted, for how long, and who follows.

The first key comes with the pairing (at home: with the first start of the bot). A further one is
trusted only because a message signed by a key that is valid now names it; from then on both count
for `BOTH` (`reliability.md` 3.4: two valid keys for 24 h), then the old one never again. The
messages are kept at home, so that a place that was away can follow them one after the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.approvals.audit import Audit
from core.approvals.ports import NamedValues
from core.approvals.tables import grant_keys
from core.clock import Clock
from core.db import Database, Transaction, canonical
from core.errors import Refused
from core.seal import Context, GrantSigner, Master, open_grant_signer, verify

#: How long the old key still counts.
BOTH = timedelta(hours=24)
#: How long a key signs before another takes its place.
KEY_AGE = timedelta(days=90)
KEY = re.compile(r"[0-9a-f]{64}")
SIGNATURE = re.compile(r"[0-9a-f]{128}")
#: Under this name home keeps the messages about its keys, oldest first.
ROTATIONS = "grant-rotations"


@dataclass(frozen=True)
class Rotation:
    """`new` follows `old`; `sig` is by `old` over the rest."""

    v: int
    old: str
    new: str
    sig: str

    @property
    def signed(self) -> bytes:
        return canonical({"v": self.v, "old": self.old, "new": self.new}).encode()


class GrantKeys:
    """The keys as this place trusts them."""

    def __init__(self, clock: Clock, audit: Audit) -> None:
        self.clock = clock
        self._audit = audit

    def valid(self, tx: Transaction) -> frozenset[str]:
        """The keys that count now: one, or two during a rotation; none before the pairing."""
        until = grant_keys.c.until
        query = sa.select(grant_keys.c.key).where(sa.or_(until.is_(None), until > self.clock.now()))
        return frozenset(tx.execute(query).scalars())

    def newest_since(self, tx: Transaction) -> datetime | None:
        """Since when the key that grants are signed with counts; None before there is one."""
        query = sa.select(sa.func.max(grant_keys.c.since)).where(grant_keys.c.until.is_(None))
        since: datetime | None = tx.execute(query).scalar_one()
        return since

    def trust(self, tx: Transaction, key: str) -> None:
        """The first key, carried here by the owner. The same again changes nothing; another is
        Refused(`grant-keys-set`): it can only follow by a rotation, or after `forget`."""
        if not KEY.fullmatch(key):
            raise Refused("public-key-malformed")
        known = set(tx.execute(sa.select(grant_keys.c.key)).scalars())
        if key in known:
            return
        if known:
            raise Refused("grant-keys-set")
        tx.execute(sa.insert(grant_keys).values(key=key, since=self.clock.now()))
        self._audit.record(tx, "grant-key-trusted", "owner", key=key)

    def forget(self, tx: Transaction) -> None:
        """Trust no key any more: before this place is paired anew."""
        tx.execute(sa.delete(grant_keys))
        self._audit.record(tx, "grant-keys-forgotten", "owner")

    def take(self, tx: Transaction, message: Any) -> bool:
        """Follow a rotation; False when it was followed before. Refused(`rotation-shape`,
        `rotation-unknown-key`, `signature-wrong`)."""
        rotation = _read(message)
        untils = {row.key: row.until for row in tx.execute(sa.select(grant_keys))}
        if rotation.new in untils:
            return False
        if untils.get(rotation.old, "unknown") is not None:  # a key that was followed names none
            raise Refused("rotation-unknown-key")
        verify(rotation.old, Context.GRANT_KEYS, rotation.signed, bytes.fromhex(rotation.sig))
        now = self.clock.now()
        tx.execute(
            sa.update(grant_keys)
            .where(grant_keys.c.key == rotation.old, grant_keys.c.until.is_(None))
            .values(until=now + BOTH)
        )
        tx.execute(sa.insert(grant_keys).values(key=rotation.new, since=now))
        self._audit.record(tx, "grant-key-rotated", "home", old=rotation.old, new=rotation.new)
        return True


class KeyKeeper:
    """The bot's side: opens the signing key and changes it. No other process may have one."""

    def __init__(
        self, db: Database, values: NamedValues, keys: GrantKeys, home: Path, master: Master
    ) -> None:
        self._db = db
        self._values = values
        self._keys = keys
        self._home = home
        self._master = master

    def signer(self) -> GrantSigner:
        """The key to sign with now. A rotation that was cut off is finished first.
        Refused(`grant-key-lost`, `grant-keys-set`, `key-damaged`)."""
        with self._db.read() as tx:
            known = self._keys.valid(tx)
        if self._next_file().exists() and self._open(coming=True).public in known:
            self._promote()
        signer = self._open()
        if signer.public not in known:
            if known:  # the key file is not the one that places trust
                raise Refused("grant-key-lost")
            with self._db.write() as tx:
                self._keys.trust(tx, signer.public)
        return signer

    def rotate(self) -> GrantSigner:
        """A new key from now on; the old one counts for `BOTH`. Cut off at any point, either the
        old key goes on or `signer` finishes it."""
        old, new = self.signer(), self._open(coming=True)
        unsigned = Rotation(1, old.public, new.public, "")
        signature = old.sign(Context.GRANT_KEYS, unsigned.signed).hex()
        message = vars(Rotation(1, old.public, new.public, signature))
        with self._db.write() as tx:
            self._keys.take(tx, message)
            self._values.set(tx, ROTATIONS, [*self.rotations(tx), message])
        self._promote()
        return new

    def rotate_when_old(self) -> GrantSigner | None:
        """A new key once the present one has counted for `KEY_AGE`; None until then."""
        with self._db.read() as tx:
            since = self._keys.newest_since(tx)
        if since is None or self._keys.clock.now() - since < KEY_AGE:
            return None
        return self.rotate()

    def rotations(self, tx: Transaction) -> list[dict[str, Any]]:
        """All messages about keys, oldest first: each place takes those it does not know."""
        return list(self._values.get(tx, ROTATIONS, []))

    def _open(self, *, coming: bool = False) -> GrantSigner:
        return open_grant_signer(self._home, self._master, coming=coming)

    def _next_file(self) -> Path:
        return self._home / "keys" / "grant-next"

    def _promote(self) -> None:
        self._next_file().replace(self._home / "keys" / "grant")


def _read(message: Any) -> Rotation:
    if type(message) is not dict or message.keys() != {"v", "old", "new", "sig"}:
        raise Refused("rotation-shape")
    forms = {"old": KEY, "new": KEY, "sig": SIGNATURE}
    is_fine = type(message["v"]) is int and message["v"] == 1
    for name, form in forms.items():
        is_fine = is_fine and type(message[name]) is str and bool(form.fullmatch(message[name]))
    if not is_fine or message["old"] == message["new"]:
        raise Refused("rotation-shape")
    return Rotation(**message)
