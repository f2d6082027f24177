"""What two machines say to each other before they know each other, and the digits for the eye.

The secret of the pairing string authenticates the join: HMAC-SHA256 over everything in it and over
the keys of both sides. The join is also signed with the node's own key and sealed for home's, so
who owns the broker learns neither keys nor name. The eight digits come from the secret and both
key sets: a key swapped in the middle shows as other digits. Searching for keys with the same
digits needs the honest node's keys, which nobody but home can read.

`Applicant` is the node's end; home's is `exchange_joining`.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.db import canonical
from core.errors import Refused
from core.ids import new_id
from core.runs import envelopes
from core.runs import exchange_bodies as bodies
from core.runs.envelopes import Content, Head
from core.runs.exchange_hello import JOIN, JOIN_REFUSED, Join
from core.runs.exchange_nodes import HOME
from core.runs.exchange_pairing import Pairing
from core.seal import Identity, PublicKeys

#: Seconds that a join may lie in the broker.
JOIN_VALID_S = 60
#: Seconds between two joins of a machine that waits to be let in.
JOIN_EVERY_S = 3.0
DIGITS = 8


def invitation_id(secret: str) -> str:
    """How an invitation is called: says nothing about its secret."""
    return hashlib.sha256(b"the-mask/invitation\0" + bytes.fromhex(secret)).hexdigest()[:32]


def mac(secret: str, name: str, home: PublicKeys, join: dict[str, Any]) -> str:
    """The MAC of a join, whose own `mac` is left out, under the invitation's secret."""
    said = {name: value for name, value in join.items() if name != "mac"}
    return _hmac(secret, "join", [name, home.sign, home.seal, said]).hex()


def digits(secret: str, name: str, home: PublicKeys, node: PublicKeys) -> str:
    """Eight digits that are the same on both screens when both see the same keys."""
    keys = [name, home.sign, home.seal, node.sign, node.seal]
    number = int.from_bytes(_hmac(secret, "digits", keys), "big")
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def _hmac(secret: str, purpose: str, about: list[Any]) -> bytes:
    prefix = f"the-mask/pairing-{purpose}/v1\0".encode()
    key = bytes.fromhex(secret)
    return hmac.digest(key, prefix + canonical(about).encode(), "sha256")


@dataclass(frozen=True)
class Welcome:
    """Home has let this machine in."""

    incarnation: int


class Applicant:
    """A machine with a pairing string that wants to be let in. `facts` are shown on home's card:
    `place` (mine, rented), `system`, `machine`."""

    def __init__(
        self, pairing: Pairing, identity: Identity, boot: str, facts: dict[str, str]
    ) -> None:
        if not pairing.secret:
            raise Refused("pairing-malformed")
        self._pairing = pairing
        self._identity = identity
        self._boot = boot
        self._facts = facts
        self._home = PublicKeys(pairing.home_sign, pairing.home_seal)
        self.invitation = invitation_id(pairing.secret)
        self.digits = digits(pairing.secret, pairing.name, self._home, identity.public)

    def ask(self, now: datetime) -> str:
        """The envelope that asks home; a new one each time."""
        pairing, keys = self._pairing, self._identity.public
        said: dict[str, Any] = {
            "invitation": self.invitation,
            "sign": keys.sign,
            "seal": keys.seal,
            "boot": self._boot,
            **self._facts,
        }
        said["mac"] = mac(pairing.secret, pairing.name, self._home, said)
        head = Head(new_id(), pairing.name, HOME, JOIN, self._boot, pairing.incarnation, 0, 0)
        dated = envelopes.issued(head, now, JOIN_VALID_S)
        return envelopes.write(dated, Content(said), self._identity, pairing.home_seal)

    def hear(self, record: str, now: datetime) -> Welcome:
        """Home's answer. Refused with home's reason when it says no; Refused(`signature-wrong`,
        `envelope-...`) when it is not home's answer to this machine, now."""
        envelope = envelopes.parse(record)
        head = envelope.head
        envelopes.check_signature(envelope, self._pairing.home_sign)
        envelopes.check_receiver(head, self._pairing.name)
        if head.sender != HOME or head.boot != self._boot:
            raise Refused("envelope-boot", node=head.sender)
        envelopes.check_time(head, now)
        content = envelopes.open_body(envelope, self._identity)
        if head.kind == JOIN_REFUSED:
            raise Refused(str(content.body.get("code", "pairing-refused")))
        if head.kind != bodies.WELCOME:
            raise Refused("envelope-kind", kind=head.kind)
        return Welcome(head.incarnation)


def read_join(envelope: envelopes.Envelope, home: Identity) -> Join:
    """A join's content, signed by the key that it names. Refused(`seal-unreadable`,
    `message-body`, `signature-wrong`)."""
    join = bodies.read(Join, envelopes.open_body(envelope, home).body)
    envelopes.check_signature(envelope, join.sign)
    if join.boot != envelope.head.boot:
        raise Refused("envelope-boot", node=envelope.head.sender)
    return join
