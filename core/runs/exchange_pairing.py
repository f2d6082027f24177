"""Pairing: the string that home gives to a new node, and what each end keeps of the other.

The owner carries the string by hand. It names home by its public keys, says where the broker is,
and holds a secret of 128 random bits that is good once, for ten minutes (`exchange_joining`).
The secret and the broker's password make the string a secret; public keys are none.

    "mask2-" base32( version | secret | sign | seal | grant keys | facts as JSON | checksum )

base32, because no part of it can look like one of the keys that redaction takes out of messages.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from core.db import Transaction, canonical
from core.errors import Refused
from core.runs.exchange_nodes import HOME, KEY, NAME, Nodes
from core.seal import Identity

PREFIX = "mask2-"
VERSION = 2
#: Bytes of the secret, of a key, and of the checksum that finds a bad copy.
SECRET_BYTES, KEY_BYTES, CHECKSUM_BYTES = 16, 32, 4
#: Two keys are valid during a rotation; more never are.
MOST_GRANT_KEYS = 4
PAIRING_FILE = Path("node") / "pairing.json"


@dataclass(frozen=True)
class Pairing:
    """What a node must know of home. `place` says whether home is the owner's own machine;
    `grant_keys` (hex) are what permissions may be signed with, `owner` (`telegram:<id>`) whose
    they are. `secret` (hex) is empty once the node has been let in. `keys` is where this node's own
    keys are, below MASK_HOME: each pairing makes new ones."""

    name: str
    home_sign: str
    home_seal: str
    redis_url: str
    place: Literal["mine", "rented"]
    incarnation: int = 1
    secret: str = ""
    grant_keys: tuple[str, ...] = ()
    owner: str = ""
    keys: str = ""

    def to_text(self) -> str:
        """One line to copy to the node."""
        facts = canonical([self.name, self.redis_url, self.place, self.incarnation, self.owner])
        keys = (self.home_sign, self.home_seal, *self.grant_keys)
        packed = bytes([VERSION, len(self.grant_keys)]) + bytes.fromhex(
            self.secret.rjust(2 * SECRET_BYTES, "0") + "".join(keys)
        )
        packed += facts.encode()
        return PREFIX + base64.b32encode(packed + _checksum(packed)).decode().rstrip("=").lower()


@dataclass(frozen=True)
class Card:
    """What home must know of a node."""

    name: str
    sign: str
    seal: str


def make_pairing(
    name: str,
    home: Identity,
    redis_url: str,
    *,
    place: Literal["mine", "rented"] = "mine",
    incarnation: int = 1,
    secret: str = "",
    grant_keys: tuple[str, ...] = (),
    owner: str = "",
) -> Pairing:
    """Home's part, for a node to be called `name`. Refused(`node-name`)."""
    if not NAME.fullmatch(name) or name == HOME:
        raise Refused("node-name", name=name)
    keys = home.public
    return Pairing(
        name, keys.sign, keys.seal, redis_url, place, incarnation, secret, grant_keys, owner
    )


def parse_pairing(text: str) -> Pairing:
    """A pairing string; spaces and line ends in it are ignored. Refused(`pairing-malformed`)."""
    packed = "".join(text.split()).removeprefix(PREFIX)
    try:
        return _unpack(base64.b32decode(packed.upper() + "=" * (-len(packed) % 8)))
    except (ValueError, TypeError, IndexError):
        raise Refused("pairing-malformed") from None


def accept_pairing(home: Path, pairing: Pairing, node: Identity, keys_in: str = "") -> Card:
    """The node keeps the pairing under MASK_HOME, without its secret; what home knows of it."""
    keys = node.public
    _write(home / PAIRING_FILE, dict(vars(replace(pairing, secret="", keys=keys_in))))
    return Card(pairing.name, keys.sign, keys.seal)


def kept_pairing(home: Path) -> Pairing:
    """The pairing of this node. Refused(`node-not-paired`, `pairing-malformed`)."""
    try:
        return TypeAdapter(Pairing).validate_json((home / PAIRING_FILE).read_bytes())
    except FileNotFoundError:
        raise Refused("node-not-paired") from None
    except ValidationError:
        raise Refused("pairing-malformed") from None


def register_card(tx: Transaction, nodes: Nodes, card: Card, *, is_mine: bool) -> None:
    """Home trusts the node from now on."""
    nodes.register(tx, card.name, card.sign, card.seal, is_mine=is_mine)


def know_home(tx: Transaction, nodes: Nodes, pairing: Pairing) -> None:
    """The node's database learns the pairing; its newest known incarnation never goes down."""
    is_mine = pairing.place == "mine"
    nodes.register(tx, HOME, pairing.home_sign, pairing.home_seal, is_mine=is_mine)
    peer = nodes.peer(tx, HOME)
    if peer.incarnation < pairing.incarnation:
        nodes.note_incarnation(tx, peer, pairing.incarnation)


def is_loopback(redis_url: str) -> bool:
    """Is this broker reachable from its own machine only?"""
    parts = urlsplit(redis_url)
    if parts.scheme.startswith("unix"):
        return True
    host = parts.hostname or "localhost"
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _unpack(raw: bytes) -> Pairing:
    """Refused(`pairing-malformed`), or ValueError, TypeError, IndexError for wild bytes."""
    packed, checksum = raw[:-CHECKSUM_BYTES], raw[-CHECKSUM_BYTES:]
    count, at = packed[1], 2 + SECRET_BYTES
    if packed[0] != VERSION or checksum != _checksum(packed) or count > MOST_GRANT_KEYS:
        raise Refused("pairing-malformed")
    keys = []
    for _ in range(2 + count):
        keys.append(packed[at : at + KEY_BYTES].hex())
        at += KEY_BYTES
    name, redis_url, place, incarnation, owner = json.loads(packed[at:].decode())
    whole = {
        "name": name,
        "home_sign": keys[0],
        "home_seal": keys[1],
        "redis_url": redis_url,
        "place": place,
        "incarnation": incarnation,
        "secret": packed[2 : 2 + SECRET_BYTES].hex() if any(packed[2 : 2 + SECRET_BYTES]) else "",
        "grant_keys": keys[2:],
        "owner": owner,
    }
    if not NAME.fullmatch(name) or not all(KEY.fullmatch(key) for key in keys):
        raise Refused("pairing-malformed")
    return TypeAdapter(Pairing).validate_python(whole)


def _checksum(packed: bytes) -> bytes:
    return hashlib.sha256(b"the-mask/pairing\0" + packed).digest()[:CHECKSUM_BYTES]


def _write(path: Path, fields: dict[str, Any]) -> None:
    """Replace `path` in one move, readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(canonical(fields))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
