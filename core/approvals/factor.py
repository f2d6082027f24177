"""The second factor of a node: a time-based code (RFC 6238) whose secret only its own screen shows.

Decides whether a code that the owner typed counts, once. The secret is made at the node, kept in
its encrypted database, and never travels: `shown` is for the terminal of `ops node`, nothing else.
A code counts in its own 30 seconds and the ones before and after; its counter is burnt, so that the
same code and every earlier one never count again. Five wrong tries lock it until somebody unlocks
it at the node itself.

Missing guarantee: who holds home at the very moment may pass on the owner's fresh code with another
action of his; the code is not bound to what is approved (the grant is). The runbook says so.

A wrong try counts only when the caller commits, so the transaction must be committed although
`check` raised; `core.runs` does that around `Guard.admit`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

import sqlalchemy as sa

from core.approvals.tables import second_factor
from core.clock import Clock
from core.db import Transaction, insert_or_ignore
from core.errors import Refused

#: RFC 6238 section 5.2 and RFC 4226 section 4: steps of 30 s, at least 6 digits, 160 bits.
STEP_S, DIGITS, SECRET_BYTES = 30, 6, 20
#: Steps by which clocks may differ (RFC 6238 section 5.2 recommends at most one).
SKEW_STEPS = 1
MOST_TRIES = 5
ISSUER = "The Mask"
_NAME = "totp"


@dataclass(frozen=True)
class Shown:
    """The secret, for the node's own screen: as text to type, and as a URI to scan."""

    text: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True)
class FactorState:
    """How the factor stands, without its secret."""

    tries_left: int
    locked_at: datetime | None
    created_at: datetime


class SecondFactor:
    """The codes of one node. Every method works inside the caller's transaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def ensure(self, tx: Transaction) -> bool:
        """Make the secret unless there is one; True when it was made now."""
        secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
        row = {
            "name": _NAME,
            "secret": secret,
            "burnt": 0,
            "tries_left": MOST_TRIES,
            "created_at": self._clock.now(),
        }
        return insert_or_ignore(tx, second_factor, row)

    def renew(self, tx: Transaction) -> None:
        """A new secret, at the node's own wish: the old codes count no more."""
        tx.execute(sa.delete(second_factor).where(second_factor.c.name == _NAME))
        self.ensure(tx)

    def shown(self, tx: Transaction, place: str) -> Shown:
        """For the node's own screen only: never sent, logged or answered."""
        secret = str(_row(tx)["secret"])
        groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        facts = {"secret": secret, "issuer": ISSUER, "algorithm": "SHA1", "digits": DIGITS}
        values = urlencode({**facts, "period": STEP_S}, quote_via=quote)
        return Shown(groups, f"otpauth://totp/{quote(ISSUER)}:{quote(place)}?{values}")

    def state(self, tx: Transaction) -> FactorState | None:
        """None before `ensure`."""
        found = tx.execute(sa.select(second_factor)).mappings().one_or_none()
        if found is None:
            return None
        return FactorState(found["tries_left"], found["locked_at"], found["created_at"])

    def unlock(self, tx: Transaction) -> None:
        """At the node itself, after somebody has looked who typed wrong codes."""
        _change(tx, tries_left=MOST_TRIES, locked_at=None)

    def check(self, tx: Transaction, code: str, now: datetime | None = None) -> None:
        """Burn a code that counts. Refused(`code-wrong`, left), Refused(`code-locked`)."""
        row = _row(tx)
        now = now or self._clock.now()
        if row["locked_at"] is not None:
            raise Refused("code-locked")
        counter = _matching(str(row["secret"]), _digits(code), int(row["burnt"]), now)
        if counter is not None:
            _change(tx, burnt=counter, tries_left=MOST_TRIES)
            return
        left = int(row["tries_left"]) - 1
        if left > 0:
            _change(tx, tries_left=left)
            raise Refused("code-wrong", left=left)
        _change(tx, tries_left=0, locked_at=now)
        raise Refused("code-locked")


def code_at(secret: str, counter: int) -> str:
    """The code of one counter (RFC 4226 section 5.3), `secret` in base32."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def counter_at(now: datetime) -> int:
    """The number of the 30 seconds that `now` is in."""
    return int(now.timestamp()) // STEP_S


def _matching(secret: str, code: str, burnt: int, now: datetime) -> int | None:
    """The counter of the code, when it is near enough and not burnt; compared in constant time."""
    here = counter_at(now)
    found = None
    for counter in range(here - SKEW_STEPS, here + SKEW_STEPS + 1):
        is_right = hmac.compare_digest(code_at(secret, counter), code)
        if is_right and counter > burnt and found is None:
            found = counter
    return found


def _digits(code: str) -> str:
    """What was typed, as the digits 0-9: phones write Bengali and Arabic ones, and gaps."""
    kept = [letter for letter in code if not letter.isspace() and letter != "-"]
    values = [unicodedata.decimal(letter, -1) for letter in kept]
    return "".join(str(value) for value in values) if min(values, default=-1) >= 0 else ""


def _row(tx: Transaction) -> sa.RowMapping:
    found = tx.execute(sa.select(second_factor)).mappings().one_or_none()
    if found is None:
        raise Refused("code-not-set-up")
    return found


def _change(tx: Transaction, **values: object) -> None:
    tx.execute(sa.update(second_factor).where(second_factor.c.name == _NAME).values(**values))
